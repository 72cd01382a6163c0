"""A note-on without its note-off in a MIDI file, held against pretty_midi, which ends all notes of a pitch at once."""

import mido
import numpy as np
import pretty_midi
import pytest

from music21_kdic.reading.midi import read_midi

QUARTER = 96
SHORT = [(0, 1), (4, 5), (8, 9), (20, 21)]  # onset and end in quarter notes
MISSING = 'a note-off is missing: notes of {} end at the next one'


def stray(onset, pitch, channel=0):
    return (round(onset * QUARTER), mido.Message('note_on', note=pitch, velocity=64, channel=channel))


def by_pretty_midi(path):
    """Onset, end and pitch of the notes of each part, in quarter notes: two a second where no tempo is set."""
    return [
        sorted((round(2 * each.start, 6), round(2 * each.end, 6), each.pitch) for each in part.notes)
        for part in pretty_midi.PrettyMIDI(str(path)).instruments
    ]


def rows(part):
    columns = (part.notes.onsets, part.notes.ends, part.notes.pitches)
    return [(round(onset, 6), round(end, 6), pitch) for onset, end, pitch in zip(*columns, strict=True)]


@pytest.fixture
def write(write_midi, midi_note):
    def write(notes, *more, pitch=60, channel=0):
        events = [
            event
            for onset, end in notes
            for event in midi_note(round(onset * QUARTER), round(end * QUARTER), pitch, channel)
        ]
        return write_midi([sorted([*events, *more], key=lambda event: event[0])])

    return write


def test_later_notes_of_the_pitch_end_at_the_next_note_off(write):
    path = write(SHORT, stray(0.5, 60))
    (part,) = read_midi(path)
    (expected,) = by_pretty_midi(path)
    assert expected[-1] == (20, 21, 60)
    # symusic leaves the last note out: it has no note-off left.
    assert rows(part) == expected[:-1] == [(0, 1, 60), (0.5, 1, 60), (4, 5, 60), (8, 9, 60)]
    assert part.remark == MISSING.format('1 pitch')


def test_a_note_is_late_by_the_bars_that_it_lies_in(write):
    """Nine eighths and more in 2/4, before bars of 4/4, of which two are longer."""
    meters = [
        (at * QUARTER, mido.MetaMessage('time_signature', numerator=beats, denominator=4))
        for at, beats in ((0, 2), (16, 4))
    ]
    notes = [(0, 1), (4, 5), (8, 9), (12, 13)]
    path = write(notes, *meters, stray(0.5, 60), stray(20, 72), (21 * QUARTER, mido.Message('note_off', note=72)))
    (part,) = read_midi(path)
    (expected,) = by_pretty_midi(path)
    assert rows(part) == [each for each in expected if each != (12, 13, 60)]
    assert part.remark == MISSING.format('1 pitch')


def test_many_notes_of_several_pitches(write, midi_note):
    rng = np.random.default_rng(0)
    begins = np.cumsum(rng.integers(1, 5, 60)).tolist()
    scale = [
        event
        for i, at in enumerate(begins)
        for event in midi_note(at * QUARTER, at * QUARTER + QUARTER // 2, 60 + i % 3)
    ]
    path = write([], *scale, stray(begins[6] + 0.25, 60), stray(begins[10] + 0.75, 61), stray(begins[10] + 0.8, 61))
    (part,) = read_midi(path)
    (expected,) = by_pretty_midi(path)
    assert set(rows(part)) < set(expected)
    assert len(expected) - len(part.notes) == 3
    assert part.remark == MISSING.format('2 pitches')


@pytest.mark.parametrize(
    'notes',
    [
        [(0, 9), (7, 16), (14, 23), (21, 30), (28, 37)],  # each sounds beyond the next, and has a note-off
        [(0, 16), (0, 16), (16, 32), (16, 32), (32, 48), (32, 48)],  # two voices in unison
        [(0, 32), *((4 * i, 4 * i + 4) for i in range(8))],  # repeated notes over an organ point
    ],
)
def test_notes_that_are_ended_in_pairs_stay(write, notes):
    clean = rows(read_midi(write(notes))[0])
    assert len(clean) == len(notes)
    (part,) = read_midi(write(notes, stray(0.5, 72)))
    assert (rows(part), part.remark) == (clean, '')


@pytest.mark.parametrize('notes', [SHORT[1:], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]], ids=['few', 'short'])
def test_few_notes_and_short_ones_stay(write, notes):
    (part,) = read_midi(write(notes, stray(notes[0][0] + 0.5, 60)))
    assert part.remark == ''


def test_each_channel_by_itself(write, midi_note):
    other = [event for onset, end in SHORT for event in midi_note(onset * QUARTER, end * QUARTER, 60, 1)]
    first, second = read_midi(write(SHORT, stray(0.5, 60, 1), *other))
    assert rows(first) == [(onset, end, 60) for onset, end in SHORT]
    assert (first.remark, second.remark) == ('', MISSING.format('1 pitch'))


def test_drums_have_no_lengths(write):
    (part,) = read_midi(write(SHORT, stray(0.5, 60, 9), channel=9))
    assert (part.is_drum, part.notes.unpitched, part.remark) == (True, 4, '')
