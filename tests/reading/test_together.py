"""Scores whose parts music21 has laid out each by itself: where their measures begin together, worked out by hand."""

import numpy as np
import pytest
from music21 import converter, corpus, layout, meter, note, stream, tie

from music21_kdic import instrument_likelihood
from music21_kdic.reading.files import read_parts
from music21_kdic.reading.pieces import placed_pieces
from music21_kdic.reading.streams import notes_and_elements, placed_notes


def score_of(*parts, time='4/4'):
    """Parts of measures; each measure is a list of quarter lengths, a negative one is a rest."""
    score = stream.Score()
    for number, measures in enumerate(parts):
        part = stream.Part()
        for place, lengths in enumerate(measures):
            measure = stream.Measure(number=place)
            if not place:
                measure.append(meter.TimeSignature(time))
            for length in lengths:
                of = {'quarterLength': abs(length)}
                measure.append(note.Rest(**of) if length < 0 else note.Note(60 + 7 * number, **of))
            part.append(measure)
        score.insert(0, part)
    return score


def onsets_and_bars(score):
    (piece,) = placed_pieces(score)
    return [(read.onsets.tolist(), read.bars.tolist()) for read in map(placed_notes, piece)]


def test_a_rest_that_is_longer_than_a_pickup_moves_nothing():
    """A pickup of a quarter, in which the lower part has a rest of a whole bar."""
    score = score_of([[1], [2, 2], [4]], [[-4], [4], [4]])
    assert onsets_and_bars(score) == [([0, 1, 3, 5], [0, 1, 5, 9]), ([1, 5], [0, 1, 5, 9])]


def test_a_measure_that_one_part_does_not_fill_is_as_long_as_in_most():
    score = score_of([[4], [2, 2], [4]], [[4], [2], [4]], [[4], [4], [4]])
    assert onsets_and_bars(score)[1] == ([0, 4, 8], [0, 4, 8, 12])


def test_no_note_is_cut():
    """Two parts of three are shorter than the third one plays."""
    score = score_of([[4], [3], [4]], [[4], [3], [4]], [[4], [4], [4]])
    assert [bars for _, bars in onsets_and_bars(score)] == [[0, 4, 8, 12]] * 3


def test_a_grace_note_after_the_last_rest_makes_no_measure_longer():
    score = score_of([[4], [2], [4]], [[4], [2], [4]], [[4], [2, -2], [4]])
    score.parts[2].getElementsByClass('Measure')[1].append(note.Note(72).getGrace())
    assert [bars for _, bars in onsets_and_bars(score)] == [[0, 4, 6, 10]] * 3


def test_a_tied_note_goes_on_into_the_moved_measure():
    """A half note, and a quarter that lacks the rest of its measure; the half of the next measure is tied to it."""
    score = score_of([[2, 1], [2, 2]], [[4], [4]], [[4], [4]])
    first, second = score.parts[0].getElementsByClass('Measure')
    first.notes[1].tie, second.notes[0].tie = tie.Tie('start'), tie.Tie('stop')
    ((upper, *_),) = placed_pieces(score)
    notes, elements = notes_and_elements(upper)
    assert notes.onsets.tolist() == [0, 2, 6]
    assert notes.ends.tolist() == [2, 6, 8]
    assert [len(tied) for tied in elements] == [1, 2, 1]


def test_a_tie_over_a_measure_that_drifts_is_a_tie():
    """Of one part a rest of a whole bar stands in a measure of a half, so that all behind comes late in it."""
    score = score_of([[4], [2], [2], [4]], [[4], [2], [2], [4]], [[4], [2], [2], [4]])
    second, third = score.parts[0].getElementsByClass('Measure')[1:3]
    second.insert(0, stream.Voice([note.Rest(quarterLength=4)]))
    score.parts[0].setElementOffset(third, 8)
    score.parts[0].setElementOffset(score.parts[0].getElementsByClass('Measure')[3], 10)
    second.notes[0].tie, third.notes[0].tie = tie.Tie('start'), tie.Tie('stop')
    upper = placed_notes(placed_pieces(score)[0][0])
    assert (upper.onsets.tolist(), upper.ends.tolist()) == ([0, 4, 8], [4, 8, 12])


def test_an_empty_measure_is_a_bar():
    """Three measures with nothing in them take no time in music21; each keeps its number."""
    score = score_of([[4]] * 8, [[4], [], [], [], [4], [4], [4], [4]])
    lower = placed_notes(placed_pieces(score)[0][1])
    assert lower.onsets.tolist() == [0, 16, 20, 24, 28]
    assert lower.bars.tolist() == list(range(0, 33, 4))
    assert lower.measure_numbers == tuple(map(str, range(8)))


def test_of_two_pickups_the_shorter_one_counts():
    """An eighth in both parts, after which one of them rests until the bar of 2/4 would end."""
    score = score_of([[0.5], [2], [2]], [[0.5, -1], [2], [2]], time='2/4')
    assert onsets_and_bars(score) == [([0, 0.5, 2.5], [0, 0.5, 2.5, 4.5])] * 2


def test_no_note_of_a_pickup_is_cut():
    score = score_of([[0.5], [2], [2]], [[1], [2], [2]], time='2/4')
    assert [bars for _, bars in onsets_and_bars(score)] == [[0, 1, 3, 5]] * 2


def test_a_note_that_sticks_out_of_its_measure_is_as_long_as_before():
    score = score_of([[1, 1, 2], [2, 2], [4]], [[4], [3], [4]])
    score.parts[0].getElementsByClass('Measure')[0].notes[2].quarterLength = 4
    upper, lower = map(placed_notes, placed_pieces(score)[0])
    assert list(zip(upper.onsets, upper.ends, strict=True))[2] == (2, 6)
    assert lower.bars.tolist() == upper.bars.tolist() == [0, 4, 8, 12]


def test_parts_in_different_bars_throughout_are_left_alone():
    score = score_of([[3], [3], [3], [3]], [[4], [4], [4], [4]])
    for part in score.parts:
        measure = part.getElementsByClass('Measure')[0]
        measure.remove(measure.getElementsByClass('TimeSignature')[0])
    assert [bars[:-1] for _, bars in onsets_and_bars(score)] == [[0, 3, 6, 9], [0, 4, 8, 12]]


@pytest.mark.parametrize('whole', [False, True])
def test_what_was_moved_is_coloured(whole):
    """Of two parts, and of one piano on two staves, whose lower one has a bar that is not filled."""
    score = score_of([[1] * 4] * 6, [[2, 2], [2], [2, 2], [2, 2], [2, 2], [2, 2]])
    if whole:
        for part in list(score.parts):
            staff = stream.PartStaff(list(part))
            score.replace(part, staff)
        score.insert(0, layout.StaffGroup(list(score.parts), symbol='brace'))
    answers = instrument_likelihood(score)
    for answer, part in zip(answers, score.parts, strict=True):
        painted = answer.colored(part)
        assert len(painted.flatten().notes) == len(part.flatten().notes)
        assert any(each.style.color for each in painted.flatten().notes)
    if whole:
        assert any(each.style.color for each in answers[0].colored(score).flatten().notes)


@pytest.mark.parametrize(
    'score',
    [
        score_of([[4], [4]], [[3], [4], [4]]),  # other numbers of measures
        score_of([[4], [4]], [[4], [4]]),  # nothing is to be moved
        score_of([[3], [4]]),  # alone
    ],
)
def test_what_is_left_as_it_is(score):
    wanted = [[float(part.elementOffset(measure)) for measure in part[stream.Measure]] for part in score.parts]
    assert [bars[:-1] for _, bars in onsets_and_bars(score)] == wanted


def test_meters_that_differ_are_left_alone():
    """For one bar the lower part is in 2/4."""
    score = score_of([[3], [3], [3], [3]], [[3], [2], [3], [3]], time='3/4')
    for place, time in ((1, '2/4'), (2, '3/4')):
        score.parts[1].getElementsByClass('Measure')[place].insert(0, meter.TimeSignature(time))
    assert [bars for _, bars in onsets_and_bars(score)] == [[0, 3, 6, 9, 12], [0, 3, 5, 8, 11]]


@pytest.mark.parametrize(('time', 'length'), [('3/4', 3), (None, 4)])
def test_where_nobody_plays_a_whole_rest_fills_the_bar_of_any_meter(time, length):
    score = score_of([[3], [-4], [3]], [[3], [-4], [3]], [[3], [-3], [3]], time='3/4')
    if time is None:
        for part in score.parts:
            part.getElementsByClass('Measure')[0].removeByClass('TimeSignature')
    assert [bars[1:3] for _, bars in onsets_and_bars(score)] == [[3, 3 + length]] * 3


def test_a_measure_that_lacks_a_rounding_is_as_long_as_its_meter():
    """Twelve triplets that a program wrote as 0.333 quarter lengths."""
    score = score_of([[4], [0.333] * 12, [4], [4]], [[4], [0.333] * 12, [2], [4]], [[4], [0.333] * 12, [4], [4]])
    assert [bars for _, bars in onsets_and_bars(score)] == [[0, 4, 8, 12, 16]] * 3


def test_the_stream_is_not_changed():
    score = score_of([[1], [2, 2]], [[-4], [4]])
    before = score._reprText()
    onsets_and_bars(score)
    assert score._reprText() == before


@pytest.mark.parametrize(
    'name', ['haydn/opus74no1/movement3', 'haydn/opus74no1/movement4', 'beethoven/opus18no1/movement4']
)
def test_a_score_is_read_as_its_file_is(name):
    """Finale writes a ``forward`` here that music21 takes for time in one part; the file is mended before that."""
    path = corpus.getWork(name, fileExtensions=('.mxl',))
    (piece,) = placed_pieces(converter.parse(path))
    from_stream = list(map(placed_notes, piece))
    from_file = [part.notes for part in read_parts(str(path))]
    assert list(map(len, from_stream)) == list(map(len, from_file))
    for one, other in zip(from_stream, from_file, strict=True):
        assert np.allclose(one.bars, other.bars)
        assert np.allclose(one.onsets, other.onsets)
        assert np.array_equal(one.pitches, other.pitches)
