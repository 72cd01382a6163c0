"""Comparisons counted by hand, and a model whose answer is known."""

import json

import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')

from export.cli import main
from export.data.sources import manifest_files
from export.evaluation import sanity as verb
from export.evaluation.sanity import compare, draw_parts, mean_interval
from export.evaluation.transforms import (
    TRANSFORMS,
)

RNG = np.random.default_rng(0)


class Answer(dict):
    """An answer of a certain likeness to Guitar."""

    def __init__(self, likeness, best='Guitar', windows=1):
        super().__init__(Guitar=likeness)
        self.best, self.matrix = best, np.zeros((windows, 8))


def test_comparison_counted_by_hand():
    """Of three parts one falls from 0.8 to 0.2, one rises from 0.4 to 0.5, one is not classified any more."""
    before = [Answer(0.8), Answer(0.4, 'Piano'), Answer(0.6)]
    after = [Answer(0.2, 'Bass'), Answer(0.5), Answer(0.125, None, windows=0)]
    found = compare(before, after, 'Guitar', np.array(['a', 'a', 'b']), seed=0)
    assert (found['parts'], found['songs']) == (3, 2)
    assert (found['before'], found['after']) == (0.6, 0.275)
    assert found['change'] == pytest.approx(-0.325)
    assert (found['fell'], found['unclassified']) == (pytest.approx(2 / 3, abs=1e-4), pytest.approx(1 / 3, abs=1e-4))
    assert (found['named_before'], found['named_after']) == (
        pytest.approx(2 / 3, abs=1e-4),
        pytest.approx(1 / 3, abs=1e-4),
    )
    assert found['fell_of_named'] == 1.0


def test_the_interval_is_that_of_songs_and_not_of_parts():
    """A hundred songs of ten equal parts: as sure as a hundred numbers are, 1.96 * 1 / sqrt(100) to either side."""
    values = np.random.default_rng(0).normal(size=100)
    values = (values - values.mean()) / values.std()
    low, high = mean_interval(np.repeat(values, 10), np.repeat(np.arange(100), 10), np.random.default_rng(1))
    assert (low, high) == (pytest.approx(-0.196, abs=0.03), pytest.approx(0.196, abs=0.03))


def test_parts_are_drawn_by_class_and_no_more_than_asked_for(collection):
    folder, manifest = collection
    files = manifest_files(folder, manifest, ('pop',))
    found = draw_parts(files, 5, seed=1)
    assert {name: len(parts) for name, parts in found.items()} == dict.fromkeys(
        ('Guitar', 'Piano', 'Bass', 'Strings', 'Organ', 'Brass', 'Pipe', 'Reed'), 5
    )
    assert len({song for song, _ in found['Guitar']}) == 5
    again = draw_parts(files[::-1], 5, seed=1)
    assert [song for song, _ in again['Guitar']] == [song for song, _ in found['Guitar']]


def test_the_verb_writes_a_table(collection, tmp_path, monkeypatch, sure_of_guitar):
    monkeypatch.setattr(verb, 'RESAMPLES', 20)
    model = sure_of_guitar(0.4)
    main(['sanity', '--data', str(collection[0]), '--work', str(tmp_path), '--model', str(model), '--most', '2'])
    found = json.loads((tmp_path / 'whole' / 'sanity.json').read_text())
    assert found['model']['name'] == 'guitar'
    assert set(found['classes']['Pipe']) == {'an octave down', 'an octave up'}
    # The songs here have no chords.
    assert set(found['classes']['Guitar']) == set(TRANSFORMS) - {'chords opened', 'chords spread', 'chords thickened'}
    up = found['classes']['Guitar']['an octave up']
    assert (up['parts'], up['before'], up['after'], up['fell'], up['named_after']) == (2, 0.5, 0.5, 0.0, 1.0)
    # All parts of the two songs of the test split, not only those of many windows.
    assert found['whole_parts']['parts'] == 16
