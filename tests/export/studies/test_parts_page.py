"""The page of the shipped model says what was stored of it, figure by figure."""

import json

import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.arguments import RESULTS
from export.studies.report import as_asked, parts, similarity, trust
from tests.export.studies.test_report import cells


@pytest.fixture(scope='module')
def results():
    return parts.read_part_results(RESULTS)


def test_the_first_table_has_each_collection_alone_and_together(results):
    found = json.loads(RESULTS.read_text(encoding='utf-8'))
    for level in ('alone', 'together'):
        row = cells(parts.in_short(results.evaluated), ['pop', level])
        of_pop = found[level]['pop']
        assert row[2] == f'{of_pop["parts"]:,}'
        assert row[3].startswith(f'{of_pop["macro_f1"]:.3f} [')
        assert row[5] == f'{of_pop["accuracy"]:.3f}'


def test_macro_f1_of_the_first_table_lies_in_its_interval(results):
    for each in results.evaluated['alone'].values():
        (low, high), _ = each['interval']
        assert low - 0.05 <= each['macro_f1'] <= high + 0.05


def test_what_was_not_measured_says_so():
    nothing = parts.PartResults({'similarity': {}}, {}, {}, {}, {})
    assert parts.corpus(nothing.corpus) == parts.exchanged(nothing.exchanged) == 'Not measured.'
    assert similarity.similarity(nothing.evaluated) == parts.ablation(nothing.ablation) == 'Not measured.'


def test_made_up_figures_stand_where_they_belong():
    corpus = {'class': {'Strings': {'parts': 12, 'alone': 0.5, 'together': 0.75}}}
    assert cells(parts.corpus(corpus), ['class', 'Strings']) == ['class', 'Strings', '12', '0.500', '0.750']
    keys = ('first', 'first_by_chance', 'among', 'among_by_chance', 'named', 'accused', 'accused_wrongly')
    exchanged = {'pop': {'together': {'scores': 9, **{key: n / 10 for n, key in enumerate(keys, 1)}}}}
    assert cells(parts.exchanged(exchanged), ['pop'])[2:] == ['9', *(f'0.{n}00' for n in range(1, 8))]


def test_sure_answers_are_told_by_class_too():
    sets = {'sure': {'pop, test': [0.25, 0.9, 0.8]}, 'sure_by_class': {'pop, test': [[9, 10], *[[0, 0]] * 7]}}
    found = {key: {'alone': each, 'together': {}} for key, each in sets.items()}
    text = trust.sure(found)
    assert cells(text, ['pop, test']) == ['pop, test', 'alone', '0.250', '0.900', '0.800']
    assert cells(text[text.index('By the class') :], ['pop, test'])[2:] == ['9 of 10', *[''] * 7]


def test_what_each_thing_is_worth_has_the_collections_in_their_order():
    found = {'rows': [{'row': 'means', 'test': {'lakh': [0.25, 0.3], 'pop': [0.5, 0.6]}}]}
    assert cells(parts.ablation(found), ['means']) == ['means', '0.500 / 0.600', '0.250 / 0.300']


def test_what_the_folder_that_ships_says_has_no_figure_of_no_answers():
    figures = {'macro-F1': 0.5, 'accuracy': 0.625, 'AUC': 0.0, 'calibration error': 0.125, 'sure': 0.0, 'right': None}
    found = {
        'collections': [{'test set': 'guitar', 'classified': 'alone', 'parts': 1070, **figures}],
        'ensembles': [{'test set': 'scores', 'ensemble': 'winds', 'parts': 5, 'alone': 0.5, 'together': 0.75}],
    }
    row = cells(as_asked.collections(found), ['guitar'])
    assert row == ['guitar', 'alone', '1,070', '0.500', '0.625', '-', '0.125', '0.000', '-']
    assert cells(as_asked.ensembles(found), ['scores', 'winds'])[2:] == ['5', '0.500', '0.750']
    assert as_asked.collections({}) == as_asked.ensembles({}) == 'Not measured.'


def test_results_that_are_not_there_name_the_verb_that_makes_them(tmp_path):
    with pytest.raises(FileNotFoundError, match='export evaluate'):
        parts.read_part_results(tmp_path / 'none.json')
