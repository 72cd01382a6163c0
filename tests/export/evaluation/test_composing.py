"""The measurements behind the likeness: corruption, climbs, planted measures, and what real parts are like."""

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')

from export.data.real_parts import RealPart, real_parts
from export.data.sources import Labelled, LabelledPart
from export.evaluation import climb, corruption, intervals, planted, typicality
from export.release.reference import answers_to, make_reference
from music21_kdic.answers.classify import classify
from music21_kdic.classes import CLASSES
from music21_kdic.features.musical import MUSICAL_FEATURES
from music21_kdic.model.session import load_model
from music21_kdic.reading.notes import NoteSequence


def part(seed, bars=8, low=40):
    rng = np.random.default_rng(seed)
    onsets = 0.5 * np.arange(8 * bars)
    pitches = low + rng.choice([0, 2, 4, 5, 7, 9, 12], onsets.size)
    return NoteSequence(onsets, onsets + 0.5, pitches, 4.0 * np.arange(bars + 1))


class File:
    """A file of a collection, for which only its parts matter."""

    def __init__(self, name, parts, split='test'):
        self.name, self.source, self.group, self.split = name, 'songs', name, split
        self._parts = [LabelledPart(notes, label, 0, np.zeros(1), np.ones(1)) for notes, label in parts]

    def read(self):
        return Labelled(parts=list(self._parts))


def test_real_parts_are_no_more_than_were_asked_for_and_none_is_doubled():
    files = [File(f'{n}', [(part(n), 0), (part(100 + n, low=52), 3)]) for n in range(5)]
    files.append(File('doubled', [(part(7), 1), (part(7, low=52), 2)]))  # the same an octave higher
    files.append(File('other split', [(part(9), 5)], split='train'))
    found = real_parts(files, ['test'], 3, seed=0)
    assert sorted(one.label for one in found) == [0, 0, 0, 3, 3, 3]


@pytest.mark.parametrize('name', corruption.CORRUPTIONS)
def test_corruption_changes_only_the_notes_it_is_given(name):
    whole = part(1)
    some = np.arange(8)
    found = corruption.CORRUPTIONS[name](whole, some, np.random.default_rng(0))
    assert len(found) == len(whole)
    notes = lambda one: {(o, round(e - o, 9), p) for o, e, p in zip(one.onsets, one.ends, one.pitches, strict=True)}  # noqa: E731
    untouched = {(o, 0.5, p) for o, p in zip(whole.onsets[8:], whole.pitches[8:], strict=True)}
    assert untouched <= notes(found)
    nothing = corruption.CORRUPTIONS[name](whole, some[:0], np.random.default_rng(0))
    assert notes(nothing) == notes(whole)


def test_corruption_keeps_what_it_says():
    whole, everything = part(2), np.arange(64)
    rng = np.random.default_rng(0)
    assert sorted(corruption.CORRUPTIONS['permuted'](whole, everything, rng).pitches) == sorted(whole.pitches)
    assert (corruption.octave_down(whole, everything, rng).pitches == whole.pitches - 12).all()
    replaced = corruption.CORRUPTIONS['replaced'](whole, everything, rng).pitches
    assert replaced.min() >= whole.pitches.min()
    assert replaced.max() <= whole.pitches.max()
    assert corruption.moved_to_sixteenths(whole, everything, rng).onsets.min() >= 0


def test_a_part_is_moved_by_its_own_bar_and_by_a_quarter_note():
    waltz = NoteSequence([0, 1, 4], [1, 2, 5], [60, 64, 67], 3.0 * np.arange(3))
    moved = {name: move(waltz) for name, move in corruption.MOVES.items()}
    by = {name: moved[f'a {name} later'].onsets - waltz.onsets for name in ('sixteenth', 'beat', 'bar')}
    assert {name: set(each) for name, each in by.items()} == {'sixteenth': {0.25}, 'beat': {1.0}, 'bar': {3.0}}
    assert moved['a bar later'].bars.tolist() == [0, 3, 6, 9]


def test_curves_have_a_point_for_each_share():
    parts = [RealPart(part(seed, bars=16), seed % 8, 'songs', 'test') for seed in range(8)]
    table = corruption.corruption_curves(load_model(), parts, seed=0)
    assert table['parts'] == 8
    assert all(len(table[name]['mean']) == len(corruption.SHARES) for name in corruption.CORRUPTIONS)
    assert set(table['moves']) == set(corruption.MOVES)
    (first,) = classify([parts[0].notes], load_model(), each_window=False)
    alone = corruption.scores(load_model(), [parts[0].notes], [0])
    assert alone == pytest.approx([first['Guitar'] - (1 - first.music) / 8])  # what is no music has an eighth of each


def test_a_climb_never_falls_and_ends_where_its_notes_say():
    rng = np.random.default_rng(0)
    end, trace = climb.climb(
        load_model(), climb.random_start(rng), CLASSES.index('Bass'), 150, ['notes', 'passages'], rng
    )
    assert (np.diff(trace) >= 0).all()
    assert trace[-1] > trace[0]
    (answer,) = classify([climb.sequence(end)], load_model())
    score = answer['Bass'] - (1 - answer.music) / 8  # what is no music has an eighth of each class
    assert np.log(score / (1 - score)) == pytest.approx(trace[-1], abs=1e-3)


def test_climbs_from_random_notes_need_no_parts_and_others_keep_the_split_that_they_began_in(monkeypatch):
    monkeypatch.setattr(climb, 'CLASSES', CLASSES[:1])
    table, ends = climb.climbs(load_model(), [], 1, 30, ['notes'], 0, ['random'])
    assert table['Guitar']['real'] == {'parts': 0}
    assert [(end.label, end.start, end.split) for end in ends] == [(0, 'random', '')]
    parts = [RealPart(part(seed, bars=16), seed % 2, 'songs', split) for seed, split in enumerate(('train', 'val'))]
    table, ends = climb.climbs(load_model(), parts, 1, 30, ['notes'], 0)
    assert [(end.start, end.split) for end in ends] == [('random', ''), ('other class', 'val'), ('corrupted', 'train')]
    assert table['Guitar']['random']['above_median'] in (0, 1)


def test_climbs_from_a_class_of_which_there_is_no_part_are_refused_before_any_is_begun():
    guitars = [RealPart(part(seed, bars=16), 0, 'songs', 'train') for seed in range(2)]
    with pytest.raises(ValueError, match='Guitar, start other class: 0 parts of other classes, wanted at least one'):
        climb.climbs(None, guitars, 1, 30, ['notes'], 0)
    with pytest.raises(ValueError, match='Piano, start corrupted: 0 parts of the class, wanted at least one'):
        climb.climbs(None, guitars, 1, 30, ['notes'], 0, ['corrupted'])


def test_measures_are_not_planted_where_there_is_no_part_of_another_class():
    guitars = [RealPart(part(seed, bars=16), 0, 'songs', 'train') for seed in range(2)]
    with pytest.raises(ValueError, match='Guitar: 0 parts of other classes to take measures of, wanted at least one'):
        planted.planted_measures(None, guitars, 3, 0)


def test_planted_measures_are_the_other_part_s():
    host, other = part(1, bars=16), part(2, bars=16, low=80)
    planting = planted.with_measures_of(host, other, np.random.default_rng(0))
    assert planting is not None
    found, first = planting
    inside = (found.onsets >= 4 * first) & (found.onsets < 4 * (first + planted.MEASURES))
    assert found.pitches[inside].min() >= 80
    assert found.pitches[~inside].max() < 80
    assert (~inside).sum() == 64 * 2 - 8 * planted.MEASURES


def test_a_tenth_of_the_parts_held_back_are_below_a_tenth():
    fitted, held_back = (
        [
            RealPart(part(seed + 1000 * split, low=30 + 5 * (seed % 8)), seed % 8, 'songs', 'train')
            for seed in range(480)
        ]
        for split in (0, 1)
    )
    model = load_model()
    found = make_reference(model, fitted, held_back)
    assert found.quantiles.shape == (8, len(MUSICAL_FEATURES), 101)

    network = answers_to(model, held_back)
    typical = found.typicality(network.embedding, network.music)
    own = typical[np.arange(480), [one.label for one in held_back]]
    assert np.mean(own <= 0.1) == pytest.approx(0.1, abs=0.05)
    assert np.mean(own <= 0.5) == pytest.approx(0.5, abs=0.05)


def test_the_table_of_ways_has_a_row_for_each():
    fitted, tested = (
        [RealPart(part(seed, low=30 + 5 * (seed % 8)), seed % 8, 'songs', 'train') for seed in range(first, first + 96)]
        for first in (0, 1000)
    )
    rows = typicality.compare(load_model(), fitted, tested, seed=0)
    assert [row.pop('way') for row in rows] == list(typicality.ways(load_model(), fitted))
    assert all(0 <= area <= 1 for row in rows for area in row.values())


def test_an_interval_holds_what_goes_on_as_it_began_and_not_what_becomes_another_part():
    """A line that goes on; one that goes five octaves up, and sixteen times as fast; and one of two bars."""
    bass = CLASSES.index('Bass')
    low = 33 + np.tile([0, 0, 7, 5, 3, 3, 5, 7], 2)
    onsets, quick = 0.5 * np.arange(16), 8 + 0.03125 * np.arange(2048)
    begins = NoteSequence(onsets, onsets + 0.5, low, [0.0, 4, 8])
    times = np.concatenate([onsets + 8 * turn for turn in range(10)])
    goes_on = NoteSequence(times, times + 0.5, np.tile(low, 10), 4.0 * np.arange(21))
    turns = NoteSequence(
        np.concatenate([onsets, quick]),
        np.concatenate([onsets + 0.5, quick + 0.03125]),
        np.concatenate([low, 90 + np.arange(2048) % 13]),
        4.0 * np.arange(19),
    )
    parts = [RealPart(notes, bass, 'songs', 'test') for notes in (goes_on, turns, begins)]
    assert intervals.held(load_model(), parts, 2) == (1, 2)
