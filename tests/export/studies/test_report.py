import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.arguments import RESULTS
from export.cli import main
from export.studies import store
from export.studies.report import kdic4
from export.studies.report.numbers import numbers_page
from export.studies.report.page import NOTICE, STUDIES, Results, pages_of, report
from export.studies.report.tables import details, differences, main_table, protocols
from export.studies.statistics import Answered
from export.studies.store import Study, StudyRow, TestSet

DOCS = Path(__file__).parents[3] / 'docs'
ROWS = (
    StudyRow('range', 'Pitch range', 60000, 1, 'boosting'),
    StudyRow('nic', 'NIC', 224273, 4, 'fast'),
    StudyRow('kdic', 'KDIC', 224273, 4, 'fast'),
    StudyRow('teacher-free', 'Teacher-free', 224273, 4, 'fast'),
)


def write_study(folder, name, right, seeds=(20, 21), levels=store.STUDY_LEVELS):
    """40 songs of two parts of two windows; each row is right on a share of all, the same on windows and parts.

    The first twenty songs are of pop, then ten each of mutopia and lakh. A wrong answer is Reed. A row without a share
    was not run.
    """
    parts = np.arange(80)
    source = np.repeat(['pop', 'mutopia', 'lakh'], [40, 20, 20])
    test_set = TestSet(np.repeat(parts, 2), parts % 7, parts // 2, source)
    store.write_test_set(folder / name, test_set)
    study = Study(name, f'What of {name}?', ROWS, (('kdic', 'nic'), ('nic', 'kdic'), ('kdic', 'teacher-free')))
    store.write_study(folder / name, study)
    for row, share in right.items():
        for seed in seeds:
            wrong = np.random.default_rng(seed).permutation(80) >= round(share * 80)
            answers = np.where(wrong, 7, test_set.label).astype(np.uint8)
            found = {'windows': answers[test_set.part], 'parts': answers}
            of_level = {level: found[level] for level in levels}
            store.write_run(folder / name, row, seed, dict.fromkeys(store.DECISIONS, of_level))
    return folder / name


@pytest.fixture(scope='module')
def experiment(tmp_path_factory):
    folder = tmp_path_factory.mktemp('experiment')
    write_study(folder, 'songs', {'range': 0.25, 'nic': 0.5, 'kdic': 1.0})
    write_study(folder, 'windows', {'nic': 0.75, 'kdic': 1.0}, levels=('windows',))
    return folder


def cells(table, row):
    """By heading the cells of the first row of a table that begins so."""
    lines = [[cell.strip() for cell in line.split('|')[1:-1]] for line in table.splitlines() if '|' in line]
    (found, *_) = (line for line in lines if line[: len(row)] == list(row))
    return found


def blocks(text):
    """Captions and tables, which take turns."""
    found = text.split('\n\n')
    return found[::2], found[1::2]


def test_the_main_table_says_what_each_row_is_and_its_figures(experiment):
    table = main_table(Answered(experiment / 'songs'))
    assert "On pop, decided under the training set's priors: 80 windows of 40 parts of 20 songs." in table
    assert cells(table, ['KDIC']) == ['KDIC', 'fast', '224,273', '4', '2', *['1.000 [1.000, 1.000]'] * 2]
    assert cells(table, ['Teacher-free']) == ['Teacher-free', 'fast', '224,273', '4', '', 'not run', 'not run']
    # Half of each class is found and all that bears its name is right: F1 is 2/3, but for the chance of the draw.
    assert float(cells(table, ['NIC'])[5].split()[0]) == pytest.approx(2 / 3, abs=0.15)


def test_details_are_given_by_place_decision_class_and_source(experiment):
    found = details(Answered(experiment / 'songs'))
    captions, by_table = blocks(found)
    assert len(captions) == len(by_table) == 3 * 2 + 2
    assert [caption.split(',')[0] for caption in captions[:6]] == [
        'On pop', 'On pop', 'On scores', 'On scores', 'On lakh', 'On lakh',
    ]  # fmt: skip
    assert 'KDIC         | 1.000 ± 0.000 [1.000, 1.000]' in found
    by_class, by_source = by_table[-2:]
    assert cells(by_class, ['KDIC'])[1:] == ['1.000'] * 7 + ['0.000']
    assert cells(by_source, ['songs']) == ['songs', '10', '10', '20']


def test_a_source_of_few_songs_gets_no_interval(tmp_path):
    folder = write_study(tmp_path, 'songs', {'kdic': 1.0})
    whole = store.read_test_set(folder)
    source = np.where(np.arange(80) < 2, 'blasphemer', whole.source)
    store.write_test_set(folder, replace(whole, source=source))
    found = cells(blocks(details(Answered(folder)))[1][-1], ['KDIC'])
    assert found == ['KDIC', '1.000', *['1.000 [1.000, 1.000]'] * 3]


def test_a_difference_has_a_verdict_only_where_its_interval_excludes_zero(experiment):
    table = differences(Answered(experiment / 'songs'))
    better, worse = cells(table, ['KDIC', 'NIC', 'pop']), cells(table, ['NIC', 'KDIC', 'pop'])
    assert set(better[4::2]) == {'better'}
    assert set(worse[4::2]) == {'worse'}
    assert better[3][0] == '+'
    assert worse[3][0] == '-'
    assert cells(table, ['KDIC', 'Teacher-free', 'pop'])[3:] == ['not run', ''] * 4


def test_a_difference_of_an_unknown_row_is_an_error(experiment):
    answered = Answered(experiment / 'songs')
    answered.study = replace(answered.study, differences=(('kdic', 'nobody'),))
    with pytest.raises(ValueError, match='nobody'):
        differences(answered)


def test_protocols_are_compared_where_a_row_was_run_under_both(experiment):
    table = protocols(*(Answered(experiment / name) for name in ('songs', 'windows')))
    nic = cells(table, ['NIC', 'weighted'])
    windows, songs, difference = (float(cell.split()[0]) for cell in nic[2:5])
    assert difference == pytest.approx(windows - songs, abs=2e-3)
    assert difference > 0
    assert 'Pitch range' not in table


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    """The stored results of the shipped model, with calibration and similarity."""
    content = json.loads((DOCS / 'experiment' / 'kdic-4.json').read_text(encoding='utf-8'))
    two = {'low': 0.4, 'high': 0.6, 'count': 3, 'confidence': 0.5, 'accuracy': 0.6}
    alike = np.full((8, 8), 0.02) + 0.84 * np.eye(8)
    for name in ('teacher', 'kdic'):
        content['results'][name]['calibration'] = {'pop': {'ece': 0.1, 'bins': [two, two | {'low': 0.6, 'high': 0.8}]}}
        of_class = dict(zip('ABCDEFGH', alike.tolist(), strict=True))
        content['results'][name]['similarity'] = {'pop': of_class}
    told = {'parts': 1200, 'classed': 0.5, 'sure': 0.25, 'confidence': 0.375}
    apart = told | {'auroc': {'confidence': 0.75, 'energy': 0.625, 'autoencoder': 0.5}}
    content['results']['kdic'] |= {
        'answered': {'pop': {'share': 0.125, 'right': 0.9375}, 'scores/x': {'share': 0, 'right': 0}},
        'sure_confidence': 0.8125,
        'ranking': {'pop': {'Guitar': 0.875, 'mean': 0.875}},
        'novelty': {'test': {'music': told, 'noise': {'walk': apart}, 'outside_classes': {'mallets': apart}}},
        'sanity': {
            'classes': {
                'Guitar': {
                    'an octave up': {
                        'parts': 300,
                        'before': 0.5,
                        'after': 0.25,
                        'change': -0.25,
                        'interval': [-0.375, -0.125],
                        'fell': 0.75,
                        'unclassified': 0.0,
                    }
                }
            }
        },
    }
    path = tmp_path_factory.mktemp('results') / 'results.json'
    path.write_text(json.dumps(content), encoding='utf-8')
    return path


def test_the_verb_writes_page_and_figures_the_same_every_time(experiment, results, tmp_path):
    pytest.importorskip('matplotlib')
    for out in ('one', 'two'):
        arguments = ['--experiment', experiment, '--earlier', results, '--out', tmp_path / out]
        main(['report', *map(str, arguments)])
    names = sorted(path.relative_to(tmp_path / 'one').as_posix() for path in (tmp_path / 'one').rglob('*.*'))
    assert names == [
        'figures/confusion.svg', 'figures/differences-songs.svg', 'figures/differences-windows.svg',
        'figures/forest-songs.svg', 'figures/forest-windows.svg', 'figures/reliability.svg',
        'figures/similarity-instruments.svg', 'figures/similarity.svg', 'numbers.md', 'results/kdic-4.md',
        'results/kdic-5.md', 'results/songs.md', 'results/windows.md',
    ]  # fmt: skip
    for name in names:
        assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()
    pages = {path.stem: path.read_text(encoding='utf-8') for path in (tmp_path / 'one' / 'results').iterdir()}
    linked = {name for page in pages.values() for name in re.findall(r'\]\(\.\./(figures/.*?)\)', page)}
    assert linked == {name for name in names if name.endswith('svg')}
    assert '\n# What of songs?\n' in pages['songs']
    assert '\n## Held against whole songs\n' in pages['windows']


def test_the_figures_show_what_was_stored(experiment, results, tmp_path):
    pytest.importorskip('matplotlib')
    report(experiment, results, RESULTS, tmp_path)
    text = {path.stem: path.read_text(encoding='utf-8') for path in (tmp_path / 'figures').iterdir()}
    counts = json.loads(results.read_text())['results']['kdic']['scores']['pop']['parts']['equal priors']['confusion']
    share = f'{counts[0][0] / sum(counts[0]):.2f}'.lstrip('0')
    assert f'>{share}<' in text['confusion']
    assert 'pop: expected calibration error 0.100' in text['reliability']
    assert all(f'>{name}<' in text['similarity'] for name in 'ABCDEFGH')
    assert 'KDIC' in text['forest-songs']
    assert 'Teacher-free' not in text['forest-songs'] + text['differences-songs']
    assert '>minus NIC<' in text['differences-songs']


def test_what_was_measured_of_the_shipped_model_is_in_its_tables(results):
    model = json.loads(results.read_text(encoding='utf-8'))['results']['kdic']
    answered = kdic4.answered(model)
    assert 'a confidence of 0.812' in answered
    assert cells(answered, ['pop']) == ['pop', '0.125', '0.938']
    assert 'scores/x' not in answered
    assert cells(kdic4.ranking(model), ['Guitar']) == ['Guitar', '0.875']
    assert cells(kdic4.ranking(model), ['Piano']) == ['Piano', '']
    novelty = kdic4.novelty(model)
    shares = ['1,200', '0.500', '0.250', '0.375']
    assert cells(novelty, ['test', 'music of the eight'])[2:] == [*shares, '', '', '']
    assert cells(novelty, ['test', 'outside the classes: mallets'])[2:] == [*shares, '0.750', '0.625', '0.500']
    assert cells(kdic4.sanity(model), ['Guitar'])[1:] == [
        'an octave up', '300', '0.500', '0.250', '-0.250 [-0.375, -0.125]', '0.750', '0.000',
    ]  # fmt: skip


def test_all_models_are_in_the_table_in_short(results):
    content = json.loads(results.read_text(encoding='utf-8'))
    content['results'] = {'nic': content['results']['nic']}
    content['results']['nic']['scores']['lakh']['parts'] = {
        'equal priors': {'count': 1500, 'macro_f1': 0.125, 'weighted_f1': 0.25, 'accuracy': 0.375},
        'training priors': {'count': 1500, 'macro_f1': 0.5, 'weighted_f1': 0.625, 'accuracy': 0.75},
    }
    figures = ['0.125', '0.250', '0.375', '0.500', '0.625', '0.750']
    assert cells(kdic4.in_short(content), ['lakh']) == ['lakh', 'NIC (labels alone)', '1,500', *figures]


def test_what_was_not_measured_says_so(tmp_path):
    content = json.loads((DOCS / 'experiment' / 'kdic-4.json').read_text(encoding='utf-8'))
    del content['results']['kdic']
    (tmp_path / 'results.json').write_text(json.dumps(content), encoding='utf-8')
    pages = pages_of(Results(tmp_path / 'results.json', tmp_path))
    sections = dict(section.split('\n\n', 1) for section in pages['kdic-4.md'].split('\n## ')[1:])
    without = {title for title, text in sections.items() if text.rstrip().endswith('Not measured.')}
    of_all_models = {'In short', 'Test set pop', 'Test set scores', 'Test set lakh', 'Models and recipe'}
    assert set(sections) - without == of_all_models | {'Confusion', 'What resembles what'}  # the teacher's are shown


def test_a_study_that_the_page_has_no_place_for_is_an_error(tmp_path):
    write_study(tmp_path, 'misspelt', {})
    with pytest.raises(ValueError, match='misspelt'):
        Results(DOCS / 'experiment' / 'kdic-4.json', tmp_path)


def test_a_study_of_which_no_row_was_run_yet_has_no_page(tmp_path):
    write_study(tmp_path, 'songs', {})
    assert set(pages_of(Results(DOCS / 'experiment' / 'kdic-4.json', tmp_path))) == {'kdic-4.md'}


def test_results_that_are_not_there_are_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(['report', '--earlier', str(tmp_path / 'results.json'), '--out', str(tmp_path)])
    assert 'report: [Errno 2] No such file' in capsys.readouterr().err


@pytest.fixture(scope='module')
def stored():
    """The generated pages, by file name, as `report` would write them now."""
    return pages_of(Results(DOCS / 'experiment' / 'kdic-4.json', DOCS / 'experiment', RESULTS))


def test_the_generated_pages_in_docs_are_what_report_would_write(stored):
    """After a change to what is stored, or to the tables: `python -m export report`."""
    pages = {path.name: path.read_text(encoding='utf-8') for path in (DOCS / 'results').iterdir()}
    assert pages.pop('readers.md')  # of the verb `readers`
    assert pages == stored


def test_the_page_of_numbers_in_docs_is_what_report_would_write():
    """After a change to the numbers: `python -m export report`."""
    assert (DOCS / 'numbers.md').read_text(encoding='utf-8') == f'{NOTICE}\n\n{numbers_page()}\n'


def test_the_page_of_numbers_has_a_row_for_each_with_its_unit():
    rows = [line for line in numbers_page().splitlines() if re.match(r'\| \d', line)]
    assert len(rows) == 154 + 16 + 52 + 151
    assert [cell.strip() for cell in rows[9].split('|')[1:-1]] == ['10', 'pitch, deviation', 'semitones']
    assert 'reads 222 numbers of a part' in numbers_page()


def test_every_figure_in_docs_is_shown(stored):
    shown = {name for page in stored.values() for name in re.findall(r'\]\(\.\./figures/(.*?)\)', page)}
    assert shown == {path.name for path in (DOCS / 'figures').iterdir()}


@pytest.mark.parametrize('name', ['results.md', 'sound.md'])
def test_tables_in_written_pages_are_copies_of_generated_ones(stored, name):
    lines = (DOCS / name).read_text(encoding='utf-8').splitlines()
    rows = [line for line in lines if line.startswith('|')]
    generated = {line for page in stored.values() for line in page.splitlines()}
    assert rows
    assert [row for row in rows if row not in generated] == []


def test_the_results_page_can_be_read_in_one_sitting():
    page = (DOCS / 'results.md').read_text(encoding='utf-8')
    assert len(page.encode()) <= 15_000
    assert len(re.findall(r'^\|-', page, re.MULTILINE)) <= 6


def test_every_study_has_its_place_and_holds_rows_against_rows_of_its_own():
    pytest.importorskip('torch', reason='export needs torch (extra `train`)')
    from export.studies.catalogue import CONTROL_STUDIES

    assert set(CONTROL_STUDIES) <= set(STUDIES)
    for study in CONTROL_STUDIES.values():
        assert study.differences
        assert {name for pair in study.differences for name in pair} <= set(study.rows)
