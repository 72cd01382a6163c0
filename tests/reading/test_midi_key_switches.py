"""Key switches of a MIDI file do not sound; which notes they are is known, since they are added here."""

import mido
import numpy as np
import pytest

from music21_kdic import tag
from music21_kdic.reading.midi import parse_midi, read_midi

QUARTER = 96
TUNE = [(2 * i, 2 * i + 2, 55 + (5 * i) % 17) for i in range(40)]  # onset and end in quarter notes, pitch
SWITCHES = {
    'one': [(0, 0.25, 24)],
    'two octaves below one note': [(0, 0.25, TUNE[0][2] - 24)],
    'held throughout': [(0, 80, 24)],
    'every bar': [(4 * i, 4 * i + 0.25, 24 + i % 3) for i in range(13)],
    'a hair before': [(max(0, 8 * i - 0.05), 8 * i + 0.1, 26 + i % 2) for i in range(10)],
    'until the next': [(8 * i, 8 * i + 8, 12 + 2 * (i % 3)) for i in range(10)],
    'for some notes': [(8 * i + 4, 8 * i + 8, 24 + i % 2) for i in range(1, 9)],
}
MUSIC = {
    'a last low note': [(80, 84, 24)],
    'octaves': [(4 * i, 4 * i + 2, TUNE[2 * i][2] - 24) for i in range(13) if TUNE[2 * i][2] < 60],
    'chords': [(8 * i, 8 * i + 2, pitch) for i in range(5) for pitch in (24, 31)],
    'alone': [(80 + i, 81 + i, 24 + i % 2) for i in range(10)],
    'few, later': [(20, 21, 24), (40, 41, 26), (60, 61, 24)],
    'on one pitch, later': [(2 + 8 * i, 3 + 8 * i, 24) for i in range(9)],
    'a third of all': [(4 * i, 4 * i + 1, 24 + i % 2) for i in range(20)],
    'near': [(8 * i, 8 * i + 1, 35) for i in range(9)] + [(2, 3, 43)],
    'not low': [(0, 1, 36)],
}


def rows(part):
    columns = (part.notes.onsets, part.notes.ends, part.notes.pitches)
    return [(round(onset, 2), round(end, 2), pitch) for onset, end, pitch in zip(*columns, strict=True)]


@pytest.fixture
def write(write_midi, midi_note):
    def write(notes, name='Violin', program=None, channel=0):
        track = [(0, mido.MetaMessage('track_name', name=name))]
        if program is not None:
            track.append((0, mido.Message('program_change', program=program, channel=channel)))
        for onset, end, pitch in notes:
            track += midi_note(round(onset * QUARTER), round(end * QUARTER), pitch, channel)
        return write_midi([track])

    return write


@pytest.mark.parametrize('kind', SWITCHES)
def test_key_switches_do_not_sound(write, kind):
    (part,) = read_midi(write([*TUNE, *SWITCHES[kind]]))
    assert rows(part) == TUNE
    count = len(SWITCHES[kind])
    one = '1 note far below the others, taken for a key switch, does not sound'
    many = f'{count} notes far below the others, taken for key switches, do not sound'
    assert (part.remark, part.key_switches) == (one if count == 1 else many, count)


@pytest.mark.parametrize('kind', MUSIC)
def test_low_notes_that_are_music_sound(write, kind):
    (part,) = read_midi(write([*TUNE, *MUSIC[kind]]))
    assert (sorted(rows(part)), part.remark) == (sorted([*TUNE, *MUSIC[kind]]), '')


def test_a_first_note_in_octaves_sounds(write):
    low = [(onset, end, pitch - 12) for onset, end, pitch in TUNE]
    (part,) = read_midi(write([*low, (0, 2, low[0][2] - 12)]))
    assert len(part.notes) == len(low) + 1


@pytest.mark.parametrize(
    ('name', 'program'),
    [('Piano', None), ('Organ', None), ('Harp', None), ('Celesta', None), ('Violin', 40), ('Violin', 0)],
)
def test_keyboards_and_general_midi_have_none(write, name, program):
    (part,) = read_midi(write([*TUNE, *SWITCHES['every bar']], name, program))
    assert (len(part.notes), part.remark) == (len(TUNE) + 13, '')


def test_few_notes_keep_theirs(write):
    few = [(0, 1, 24), *TUNE[:7]]
    assert len(read_midi(write(few))[0].notes) == len(few)
    assert len(read_midi(write([*few, TUNE[7]]))[0].notes) == 8


def test_drums_are_counted_as_they_are(write):
    (part,) = read_midi(write([*TUNE, *SWITCHES['one']], channel=9))
    assert (part.is_drum, part.notes.unpitched, part.remark) == (True, len(TUNE) + 1, '')


def test_what_is_written_of_notes_has_none(write):
    content = write([*TUNE, *SWITCHES['one']]).read_bytes()
    (part,) = parse_midi(content, 'written', switches=False)
    assert len(part.notes) == len(TUNE) + 1


def test_a_tagged_copy_keeps_them(write, tmp_path):
    path = write([*TUNE, *SWITCHES['every bar']], name='')
    (row,) = tag(path, tmp_path / 'out', threshold=0.0, quiet=True)
    assert row.new_name or row.new_program is not None

    def notes(file):
        (track,) = mido.MidiFile(file).tracks
        times = np.cumsum([event.time for event in track]).tolist()
        return [(at, str(event)) for at, event in zip(times, track, strict=True) if event.type.startswith('note')]

    assert notes(tmp_path / 'out' / path.name) == notes(path)
