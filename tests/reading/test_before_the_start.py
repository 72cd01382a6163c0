"""Notes at negative offsets: a part that is moved by whole bars is answered as before."""

import copy

import numpy as np
import pytest
from music21 import meter, note, stream

from music21_kdic import Scorer, instrument_likelihood
from music21_kdic.reading.nested import AnyStream
from music21_kdic.reading.notes import bars_from_meters
from music21_kdic.reading.streams import note_sequence

PITCHES = [60, 62, 64, 65, 67, 69, 71, 72] * 6


def flat(*signatures: tuple[float, str]) -> stream.Part:
    part = stream.Part([note.Note(pitch) for pitch in PITCHES])
    for offset, signature in signatures:
        part.insert(offset, meter.TimeSignature(signature))
    return part


def moved(s: AnyStream, by: float) -> AnyStream:
    """A copy of which each element stands later by so many quarter lengths."""
    found = copy.deepcopy(s)
    found.shiftElements(by)
    return found


def late_measures(meter_at_the_start: bool) -> stream.Part:
    """Eight bars of three quarter notes beside Measures that begin with the third of them."""
    part = stream.Part()
    for place in range(2):
        part.insert(3 * place, note.Note(60 + place, quarterLength=3))
    for number, pitches in enumerate(zip(PITCHES[::3], PITCHES[1::3], PITCHES[2::3], strict=True)):
        part.insert(6 + 3 * number, stream.Measure([note.Note(pitch) for pitch in pitches], number=number + 3))
    part.insert(0 if meter_at_the_start else 6, meter.TimeSignature('3/4'))
    return part


PARTS = {
    'no meter': (flat(), 4),
    'three quarters': (flat((0, '3/4')), 3),
    'five quarters': (flat((0, '5/4')), 5),
    'a change': (flat((0, '3/4'), (9, '4/4'), (25, '2/4')), 3),
    'in Measures': (flat((0, '3/4')).makeMeasures(), 3),
    'with notes before the first Measure': (late_measures(True), 3),
}


@pytest.mark.parametrize('bars', [-1, -2, -4, -11, -100])
@pytest.mark.parametrize(('part', 'length'), PARTS.values(), ids=PARTS)
def test_a_part_moved_by_whole_bars_has_the_same_bars(part, length, bars):
    before, after = note_sequence(part), note_sequence(moved(part, bars * length))
    assert (after.onsets - bars * length).tolist() == before.onsets.tolist()
    assert set(before.bars.tolist()) <= set((after.bars - bars * length).tolist())
    answers = [instrument_likelihood(each) for each in (before, after)]
    assert answers[0].probabilities.tolist() == answers[1].probabilities.tolist()
    assert answers[0].matrix.tolist() == answers[1].matrix.tolist()


def test_a_scorer_and_a_likelihood_hear_notes_before_the_start():
    part = flat()
    scorer = Scorer(like='Brass')
    assert [each.score for each in scorer([moved(part, -4 * bars) for bars in (0, 1, 3, 40)])] == pytest.approx(
        [scorer(part).score] * 4
    )
    assert moved(part, -400).instrumentLikelihood().best == part.instrumentLikelihood().best


def test_a_pickup_before_the_start_is_bar_0():
    part = stream.Part([meter.TimeSignature('3/4'), *(note.Note() for _ in range(9))])
    part.insert(-1, note.Note('G3'))
    read = note_sequence(part)
    assert (read.bars.tolist(), read.measure_numbers) == ([-3, 0, 3, 6, 9], ('0', '1', '2', '3'))


def test_measures_before_the_start_keep_their_numbers():
    part = stream.Part()
    part.insert(-4, stream.Measure([note.Note(quarterLength=4)], number=7))
    part.insert(0, stream.Measure([note.Note(quarterLength=4)], number=8))
    part.insert(-6, note.Note('G3'))
    read = note_sequence(part)
    assert (read.bars.tolist(), read.measure_numbers) == ([-8, -4, 0, 4], ('6', '7', '8'))


@pytest.mark.parametrize('early', [1e-12, 1e-10])
@pytest.mark.parametrize('in_measures', [False, True])
def test_a_hair_before_the_start_is_no_bar_more(early, in_measures):
    part = stream.Part([stream.Measure([note.Note(quarterLength=4)])] if in_measures else [note.Note(quarterLength=4)])
    part.insert(-early, note.Note('G3'))
    assert note_sequence(part).bars.tolist() == [0, 4]


@pytest.mark.parametrize('meters', [[], [(0.0, 3.0)], [(-7.0, 3.0), (-2.0, 4.0)], [(5.0, 2.0)], [(-40.0, 1.5)]])
@pytest.mark.parametrize('since', [-1.0, -3.0, -20.5])
def test_the_first_bar_is_that_in_which_the_music_begins(meters, since):
    lines = bars_from_meters(meters, until=12.0, since=since)
    assert lines[0] <= since < lines[1]
    assert (np.diff(lines) > 0).all()
    assert {offset for offset, _ in meters if lines[0] < offset < 12} <= set(lines.tolist())
