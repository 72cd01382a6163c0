"""Which tracks and channels of a MIDI file are one instrument; what is right is known from how the files are made."""

import mido
import pytest

from music21_kdic.reading import midi_repair
from music21_kdic.reading.instruments import instruments_among
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
    (part,) = read_midi(write_midi([[*zone(members), *notes]]))
    found = sorted(zip(part.notes.onsets, part.notes.ends, part.notes.pitches, strict=True))
    assert found == [(i / 2, i / 2 + 0.5, 40 + i) for i in range(len(channels))]
    assert (part.is_drum, part.notes.unpitched) == (False, 0)


def test_a_zone_in_a_track_of_more_events_than_are_looked_at(write_midi, midi_note, monkeypatch):
    """The file is sound, so it is read; the message stands before the 40 notes that play as the zone says."""
    monkeypatch.setattr(midi_repair, 'MAX_EVENTS', 20)
    notes = [event for i in range(40) for event in midi_note(48 * i, 48 * i + 48, 40 + i, 1 + i % 8)]
    (part,) = read_midi(write_midi([[*zone(8), *notes]]))
    assert (len(part.notes), part.remark) == (40, '')


def test_drums_beside_a_zone_are_drums(write_midi, midi_note):
    """A zone of 8 members ends before channel 10; and a track of drums alone is one whatever the zone."""
    notes = [event for each in range(1, 9) for event in midi_note(48 * each, 48 * each + 48, 40 + each, each)]
    drums = midi_note(0, 48, 36, 9)
    for tracks in ([[*zone(8), *notes, *drums]], [[*zone(15), *notes], drums]):
        parts = read_midi(write_midi(tracks))
        assert [(part.is_drum, len(part.notes)) for part in parts] == [(False, 8), (True, 0)]


@pytest.mark.parametrize('channels', [(0, 1), (0, 0)], ids=str)
@pytest.mark.parametrize(
    ('left', 'right', 'one'),
    [
        ('Gtr L', 'Gtr R', False),  # the loudspeakers of one guitar that was played twice
        ('Left guitar', 'Right guitar', False),
        ('Strings L', 'Strings R', False),
        ('Sax L', 'Sax R', False),
        ('Vox L', 'Vox R', False),
        ('Banjo L', 'Banjo R', False),
        ('Lead L', 'Lead R', False),
        ('Rhythm R', 'Rhythm L', False),  # a guitar that was played twice
        ('Lead Left', 'Lead Right', False),
        ('Kontakt 5 L', 'Kontakt 5 R', False),
        ('Track 1 L', 'Track 1 R', False),
        ('Track 1 LH', 'Track 1 RH', True),
        ('Song left hand', 'Song right hand', True),
        ('Left', 'Right', True),
        ('left:1', 'right:1', True),
        ('upper:one', 'lower:one', True),
        ('Piano L', 'Piano R', True),
        ('Celesta L', 'Celesta R', True),
        ('Keys Left', 'Keys Right', True),
        ('Organ LH', 'Organ RH', True),
        ('Accordion LH', 'Accordion RH', True),
        ('Marimba LH', 'Marimba RH', True),
        ('Harp LH', 'Harp RH', True),
        ('Arpa m.s.', 'Arpa m.d.', True),
        ('Für Elise LH', 'Für Elise RH', True),
        ('LH', 'RH', True),
    ],
)
def test_two_hands_without_a_program(write_midi, midi_note, left, right, one, channels):
    """Keyboards, mallets and harps are played with both hands, and so may be what has the name of nothing.

    What is left and right without a hand may be two loudspeakers.
    """
    tracks = [
        [(0, mido.MetaMessage('track_name', name=name)), *midi_note(0, 96, 60, channel)]
        for name, channel in zip((left, right), channels, strict=True)
    ]
    assert instruments_among(read_midi(write_midi(tracks))) == ([0, 0] if one else [0, 1])


def test_a_letter_alone_may_be_a_loudspeaker(write_midi, midi_note):
    tracks = [[(0, mido.MetaMessage('track_name', name=name)), *midi_note(0, 96, 60, i)] for i, name in enumerate('LR')]
    assert instruments_among(read_midi(write_midi(tracks))) == [0, 1]


@pytest.mark.parametrize(
    ('names', 'one'),
    [
        ('Klavier, Harp, Celesta, Sonata, My Song', True),
        ('Flute, Guitar', False),  # no keyboards
        ('Kontakt 5, Vox, Banjo, Omnisphere', False),  # plug-ins, and what two hands do not play together
        ('untitled, MIDI Region, Track 1, Staff, MIDI', False),  # what programs write where nobody has chosen a name
    ],
)
def test_two_tracks_of_one_name_and_channel(write_midi, midi_note, names, one):
    for name in names.split(', '):
        tracks = [[(0, mido.MetaMessage('track_name', name=name)), *midi_note(0, 96, pitch)] for pitch in (72, 48)]
        assert instruments_among(read_midi(write_midi(tracks))) == ([0, 0] if one else [0, 1])
