"""Measures that music21 puts late when it parses MIDI, held against the file reader and the ticks of the file."""

import mido
import pytest
from music21 import converter, meter, note, stream

from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.pieces import placed_pieces
from music21_kdic.reading.streams import note_sequence, placed_notes

QUARTER = 96


def rows(notes):
    columns = (notes.onsets, notes.ends, notes.pitches)
    return list(zip(*(column.tolist() for column in columns), strict=True))


# Notes of eight beats in 2/4: onset, length, pitch. music21 10.5 begins the measures of each but the last one late.
EIGHTHS = [(beat / 2, 0.5, 60 + beat % 5) for beat in range(16)]
VOICES = [
    [(0, 8, 40), (0, 2, 60), (2, 2, 62), (2, 1, 64), (3, 1, 70), (4, 4, 60), (4, 3, 70)],
    [(0, 3, 44), (3, 3, 43), (6, 2, 43), (0, 4, 64), (4, 4, 61), (0, 3, 74), (3, 2, 77), (5, 3, 80)],
    [(0, 4, 49), (4, 4, 47), (0, 4, 65), (4, 2, 65), (6, 2, 60), (0, 5, 78), (5, 1, 73), (6, 2, 79)],
    EIGHTHS,
]


@pytest.fixture
def write(write_midi, midi_note):
    def write(*parts):
        in_two_four = (0, mido.MetaMessage('time_signature', numerator=2, denominator=4))
        tracks = [
            [
                event
                for begin, length, pitch in part
                for event in midi_note(round(begin * QUARTER), round((begin + length) * QUARTER), pitch, number)
            ]
            for number, part in enumerate(parts)
        ]
        return write_midi([[in_two_four], *tracks])

    return write


def as_written(part):
    return sorted(((on, on + length, pitch) for on, length, pitch in part), key=lambda row: (row[0], row[2]))


@pytest.mark.parametrize('voices', VOICES)
@pytest.mark.parametrize('beside', [[], [EIGHTHS]])
def test_no_measure_is_late(voices, beside, write):
    path = write(voices, *beside)
    score = converter.parse(path, quantizePost=False)
    fast = [part.notes for part in read_midi(path)]
    (piece,) = placed_pieces(score)
    for slow in (list(map(note_sequence, score.parts)), list(map(placed_notes, piece))):
        assert [rows(each) for each in slow] == [rows(each) for each in fast]
        assert [rows(each) for each in slow] == [as_written(each) for each in (voices, *beside)]
        assert [each.bars.tolist() for each in slow] == [[0, 2, 4, 6, 8]] * len(fast)


@pytest.mark.parametrize('voices', VOICES)
def test_no_measure_is_late_in_measures_that_were_taken_out(voices, write):
    """Bars 2 and 3: what is held over from bar 1 begins with them."""
    part = converter.parse(write(voices), quantizePost=False).parts[0]
    excerpt = part.measures(2, 3)
    played = [(max(on - 2, 0), pitch) for on, end, pitch in as_written(voices) if on < 6 and end > 2]
    for given in (excerpt, excerpt.getElementsByClass('Measure').stream()):
        found = note_sequence(given)
        assert sorted((on, pitch) for on, _, pitch in rows(found)) == sorted(played)
        assert found.bars[:2].tolist() == [0, 2]


@pytest.mark.parametrize('given', [EIGHTHS, [(0, 2, 40), (2, 2, 43), (4, 2, 45), (6, 2, 40)]])
@pytest.mark.parametrize('off', [0, 3])
def test_a_part_at_half_its_tempo_lasts_twice_as_long(given, off, write):
    """Its meters stay as they were; so do the ticks, also where notes are played a little off the grid."""
    played = [(on + off * (number % 3) / QUARTER, length, pitch) for number, (on, length, pitch) in enumerate(given)]
    part = converter.parse(write(played)).parts[0].augmentOrDiminish(2)
    assert [row[0] for row in rows(note_sequence(part))] == [2 * on for on, _, _ in given]
    assert note_sequence(part).bars.tolist() == [0, 4, 8, 12, 16]


def test_a_last_measure_in_which_notes_only_end_is_not_late(write):
    """Its notes have no ticks of their own; music21 10.5 begins it a quarter late."""
    voices = [(0, 4, 46), (0, 5, 43), (2, 2, 49), (2, 4, 40)]
    found = note_sequence(converter.parse(write(voices), quantizePost=False).parts[0])
    assert rows(found) == as_written(voices)
    assert found.bars.tolist() == [0, 2, 4, 6]


def test_a_measure_that_was_taken_out_leaves_its_time(write):
    part = converter.parse(write(EIGHTHS), quantizePost=False).parts[0]
    part.remove(part.measure(2))
    assert rows(note_sequence(part)) == [row for row in as_written(EIGHTHS) if not 2 <= row[0] < 4]


@pytest.mark.parametrize('lengths', [[1, 1, 1], [1, 2]])
def test_a_measure_that_a_person_overfilled_stays_as_long_as_it_is(lengths):
    """Three quarters' worth in 2/4."""
    part = stream.Part()
    for number in (1, 2):
        part.append(stream.Measure([note.Note(quarterLength=length) for length in lengths], number=number))
    part.measure(1).insert(0, meter.TimeSignature('2/4'))
    assert note_sequence(part).bars.tolist() == [0, 3, 6]
