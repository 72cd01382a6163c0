"""The page of the likeness holds what the verbs wrote."""

import json

import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')

from export.evaluation.corruption import CORRUPTIONS, MOVES, SHARES
from export.studies.report import likeness
from music21_kdic.classes import CLASSES


def climbed(start, edits, above):
    """A table of ``climb``: two climbs a class, and ``above`` of those of Guitar above the median."""
    row = {'climbs': 2, 'to': 0.25, 'typicality': 0.5, 'named': 1, 'sure': 0, 'above_lower_quarter': 2}
    real = {'parts': 4, 'lower_quarter': 0.1, 'median': 0.2, 'sure': 0.0}
    classes = {name: {'real': real, start: row | {'above_median': above * (name == 'Guitar')}} for name in CLASSES}
    return {'settings': {'edits': edits, 'starts': [start], 'evaluations': 900}, 'classes': classes}


RATES = {'parts': 1500, 'first': 0.875, 'both': 0.75}
FEWER = {'parts': 500, 'first': 0.375, 'both': 0.25}
STORED = {
    'climb-b': climbed('corrupted', ['notes'], 2),
    'climb-a': climbed('random', ['notes', 'passages'], 1),
    'corruption': {
        'parts': 1033,
        'shares': list(SHARES),
        **{
            name: {
                'mean': [0.5] * 6 + [0.25],
                'correlation': -0.875,
                'by_class': {'Guitar': {'correlation': -0.75}, 'Reed': {'correlation': -place / 8}},
            }
            for place, name in enumerate(CORRUPTIONS)
        },
        'moves': dict.fromkeys(MOVES, 0.0125),
    },
    'intervals': {'rows': [{'bars': 2, 'parts': 1066, 'held': 0.894}]},
    'typicality': {'rows': [{'way': 'odds', 'noise': 1.0, 'corrupted': 0.5, 'others': 0.25}]},
    'planted-0': {'seed': 0, 'found': dict.fromkeys(('Guitar', 'Bass', 'Pipe', 'all', 'lowered'), RATES)},
    'planted-1': {'seed': 1, 'found': dict.fromkeys(('Guitar', 'Bass', 'Pipe', 'all', 'lowered'), FEWER)},
}


def rows_of(section):
    """The cells of the rows of a section's tables, without their heads."""
    lines = [line for line in section.splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines]


@pytest.fixture
def sections(tmp_path):
    for name, content in STORED.items():
        (tmp_path / f'{name}.json').write_text(json.dumps(content), encoding='utf-8')
    text = likeness.page(likeness.read_likeness(tmp_path))
    return dict(section.split('\n\n', 1) for section in text.split('\n## ')[1:])


def test_climbs_are_summed_over_the_classes_those_from_random_notes_first(sections):
    rows = rows_of(sections['Climbs'])
    assert rows[2] == ['random', '`notes` `passages`', '900', '16', '0.25', '0.50', '8', '0', '16', '1']
    assert rows[3] == ['corrupted', '`notes`', '900', '16', '0.25', '0.50', '8', '0', '16', '2']
    assert rows[6] == ['random', '`notes` `passages`', '900', '1', *['0'] * 7]
    assert ['Guitar', '0.10', '0.20'] in rows


def test_the_other_tables_say_what_was_stored(sections):
    assert rows_of(sections['Corrupted parts'])[2] == ['replaced', *['0.50'] * 6, '0.25', '-0.88']
    assert 'of 1,033 parts of 16 bars' in sections['Corrupted parts']
    assert rows_of(sections['What should not matter'])[2] == ['a sixteenth later', '0.013']
    assert rows_of(sections['Planted measures'])[5] == ['0', 'all', '1500', '0.875', '0.750']
    # (1500 * 0.875 + 500 * 0.375) / 2000, and the same of 0.75 and 0.25
    assert rows_of(sections['Planted measures'])[-1] == ['each', 'all', '2,000', '0.750', '0.625']
    assert rows_of(sections['Intervals of the first bars'])[2] == ['2', '1,066', '0.894']
    assert rows_of(sections['Typicality'])[2] == ['odds', '1.000', '0.500', '0.250']


def test_corruption_has_a_row_by_class_too_and_names_the_goal(sections):
    section = sections['Corrupted parts']
    assert 'The correlation by class (the goal is -0.8 or below in each)' in section
    (_, *heads), _, *rows = rows_of(section)[2 + len(CORRUPTIONS) :]
    assert heads == list(CLASSES)
    assert [row[0] for row in rows] == list(CORRUPTIONS)
    assert rows[1] == ['permuted', '-0.75', *[''] * 6, '-0.12']


def test_what_was_stored_with_its_arguments_says_how_it_is_made_again(sections):
    """The others say that theirs are not known."""
    assert 'Made by `python -m export climb --data DATA --each 2`.' in sections['Climbs']
    for title in ('Corrupted parts', 'Planted measures', 'Intervals of the first bars', 'Typicality'):
        assert sections[title].count('With which arguments it was made was not stored.') == 1
    settings = {'collections': ['pop', 'guitar jazz'], 'most': 30, 'seed': 0}
    text = likeness.page({name: STORED[name] | {'settings': settings} for name in ('intervals', 'corruption')})
    for verb in ('intervals', 'corruption'):
        assert f"`python -m export {verb} --data DATA --collections pop 'guitar jazz' --most 30 --seed 0`" in text
    assert 'was not stored' not in text


def test_what_was_not_measured_says_so(tmp_path):
    assert likeness.read_likeness(tmp_path / 'nothing') == {}
    text = likeness.page({'intervals': STORED['intervals']})
    assert text.count('Not measured.') == 5
