"""Which tracks and channels of a MIDI file are one instrument; what is right is known from how the files are made."""

import mido
import pytest

from music21_kdic.reading.midi import read_midi


def zone(members, master=0):
    """An MPE configuration message (RP-053): registered parameter 6 on a master channel."""
    return [
        (0, mido.Message('control_change', control=control, value=value, channel=master))
        for control, value in ((101, 0), (100, 6), (6, members))
    ]


@pytest.mark.parametrize(
    ('members', 'channels'),
    [(12, range(1, 13)), (15, range(1, 13)), (9, range(1, 10)), (15, range(1, 16))],
    ids=str,
)
def test_no_note_of_a_zone_is_a_drum(write_midi, midi_note, members, channels):
    """A lower zone of so many members is on the channels 2 to members + 1, channel 10 among them."""
    notes = [event for i, each in enumerate(channels) for event in midi_note(48 * i, 48 * i + 48, 40 + i, each)]
    (part,) = read_midi(write_midi([[*zone(members), *notes]])).parts
    found = sorted(zip(part.notes.onsets, part.notes.ends, part.notes.pitches, strict=True))
    assert found == [(i / 2, i / 2 + 0.5, 40 + i) for i in range(len(channels))]
    assert (part.is_drum, part.notes.unpitched) == (False, 0)


def test_drums_beside_a_zone_are_drums(write_midi, midi_note):
    """A zone of 8 members ends before channel 10; and a track of drums alone is one whatever the zone."""
    notes = [event for each in range(1, 9) for event in midi_note(48 * each, 48 * each + 48, 40 + each, each)]
    drums = midi_note(0, 48, 36, 9)
    for tracks in ([[*zone(8), *notes, *drums]], [[*zone(15), *notes], drums]):
        parts = read_midi(write_midi(tracks)).parts
        assert [(part.is_drum, len(part.notes)) for part in parts] == [(False, 8), (True, 0)]
