"""Damaged MIDI files, held against mido, which reads them with ``clip=True``."""

import io

import mido
import pytest

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading import midi_repair
from music21_kdic.reading.midi import parse_midi

NOTE = bytes([0, 0xC0, 24, 0, 0x90, 60, 64, 96, 60, 0])
END = b'\0\xff\x2f\0'
SYSEX = b'\0\xf0\1\xf7'
WRONG_LENGTH = 'the length of 1 track is not that of the events'
BETWEEN = 'bytes between its tracks are left out'


def midi(*tracks, announced=None, header=b''):
    head = (6 + len(header)).to_bytes(4, 'big') + bytes(
        [0, 1, 0, len(tracks) if announced is None else announced, 0, 96]
    )
    return b'MThd' + head + header + b''.join(b'MTrk' + len(track).to_bytes(4, 'big') + track for track in tracks)


def by_mido(content):
    notes = []
    for track in mido.MidiFile(file=io.BytesIO(content), clip=True).tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == 'note_on' and message.velocity:
                notes.append((now / 96, message.note))
    return sorted(notes)


def notes_of(parts):
    return sorted(
        (onset, pitch) for part in parts for onset, pitch in zip(part.notes.onsets, part.notes.pitches, strict=True)
    )


@pytest.mark.parametrize(
    'event',
    [b'\xb0\x07\xff', b'\xb0\x07\x80', b'\xc0\xff', b'\xe0\xc8\x40', b'\xe0\x00\xff', b'\xd0\xff', b'\xa0\x3c\xff'],
    ids=lambda event: event.hex(),
)
def test_a_data_byte_above_127_costs_no_note(event):
    content = midi(b'\0' + event + NOTE + END)
    (part,) = parse_midi(content, 'a.mid')
    assert notes_of([part]) == by_mido(content) == [(0, 60)]
    assert part.program == 24
    assert part.remark == '1 data byte above 127 read as 127'


def test_velocities_and_pitches_above_127():
    content = midi(bytes([0, 0x90, 60, 128, 96, 60, 0, 0, 0x90, 200, 64, 96, 0x80, 200, 255]) + END)
    (part,) = parse_midi(content, 'a.mid')
    assert notes_of([part]) == by_mido(content) == [(0, 60), (1, 127)]
    assert part.remark == '4 data bytes above 127 read as 127'


def test_running_status_goes_on_after_a_system_message():
    """mido takes the note for a system exclusive message; players go on."""
    for between in (SYSEX, b'\0\xff\x01\1a'):
        content = midi(bytes([0, 0x93, 60, 64, 96, 60, 0]) + between + bytes([0, 62, 64, 96, 62, 0]) + END)
        (part,) = parse_midi(content, 'a.mid')
        assert notes_of([part]) == [(0, 60), (1, 62)]
        assert part.channel == 3
        assert part.remark == 'running status goes on after 1 system message'


def test_messages_that_belong_in_no_file_take_no_time_away():
    (part,) = parse_midi(midi(b'\x60\xf8' + b'\0\xf2\1\2' + NOTE + END), 'a.mid')
    assert notes_of([part]) == [(1, 60)]
    assert part.remark == '2 messages left out that belong in no file'


def test_a_longer_header_and_more_tracks():
    content = midi(NOTE + END, NOTE + END, announced=1, header=b'abcd')
    parts = parse_midi(content, 'a.mid')
    assert len(parts) == 2
    assert parts[0].remark == ('a header of 10 bytes, of which 6 are read; 2 tracks, where its header announces 1')


def test_a_length_beyond_the_end_of_the_file():
    content = midi(NOTE + END).replace(b'\0\0\0\x0e', b'\0\0\0\x1e')
    (part,) = parse_midi(content, 'a.mid')
    assert notes_of([part]) == [(0, 60)]
    assert part.remark == WRONG_LENGTH
    with pytest.raises(UnreadableError, match=r'a.mid: damaged MIDI file, track 0: breaks off before its end'):
        parse_midi(content[:-4], 'a.mid')


@pytest.mark.parametrize('length', [0, 4, 22, 2**31])
def test_a_wrong_length_is_not_believed(length):
    """The events tell where a track ends."""
    first, second = midi(NOTE + END), b'MTrk' + len(NOTE + END).to_bytes(4, 'big') + NOTE + END
    wrong = first.replace(b'\0\0\0\x0e', length.to_bytes(4, 'big'))
    assert [part.remark for part in parse_midi(wrong, 'a.mid')] == [WRONG_LENGTH]
    two = wrong.replace(b'\0\1\0\1', b'\0\1\0\2', 1) + second
    assert [(part.track, len(part.notes), part.remark) for part in parse_midi(two, 'a.mid')] == [
        (0, 1, WRONG_LENGTH),
        (1, 1, WRONG_LENGTH),
    ]


@pytest.mark.parametrize('between', [b'\0', b'\0\0\0', bytes(13), b'\r\n'], ids=lambda between: between.hex())
def test_bytes_between_two_tracks(between):
    content = midi(NOTE + END, NOTE + END)
    second = content.rindex(b'MTrk')
    parts = parse_midi(content[:second] + between + content[second:], 'a.mid')
    assert [(notes_of([part]), part.remark) for part in parts] == [([(0, 60)], BETWEEN)] * 2


def test_bytes_between_two_tracks_are_told_beside_other_damage():
    content = midi(b'\0\xb0\x07\xff' + NOTE + END, NOTE + END)
    second = content.rindex(b'MTrk')
    parts = parse_midi(content[:second] + b'\0' + content[second:], 'a.mid')
    assert [part.remark for part in parts] == [f'1 data byte above 127 read as 127; {BETWEEN}'] * 2


def test_a_chunk_of_another_kind_is_no_damage():
    """The standard: chunks of kinds that a program does not know are to be passed over."""
    content = midi(NOTE + END, NOTE + END)
    second = content.rindex(b'MTrk')
    parts = parse_midi(content[:second] + b'XFIH\0\0\0\2ab' + content[second:], 'a.mid')
    assert [(len(part.notes), part.remark) for part in parts] == [(1, '')] * 2


def test_what_follows_the_end_of_a_track_is_told():
    (part,) = parse_midi(midi(NOTE + END + NOTE + END), 'a.mid')
    assert (len(part.notes), part.remark) == (1, 'what follows the end of 1 track inside it is left out')
    (part,) = parse_midi(midi(NOTE + END + bytes(20)), 'a.mid')
    assert (len(part.notes), part.remark) == (1, '')


@pytest.mark.parametrize(
    ('track', 'error'),
    [
        (b'\0\x3c\x40' + END, 'track 0: begins with the data byte 60, wanted a status'),
        (NOTE + b'\0\xb0\x07', 'track 0: breaks off before its end'),
        (NOTE + b'\xff\xff\xff\xff\x00\xb0\x07\x00' + END, 'track 0: breaks off before its end'),
    ],
)
def test_what_is_no_track_is_refused(track, error):
    with pytest.raises(UnreadableError, match=error):
        parse_midi(midi(track), 'a.mid')


def test_a_sound_file_is_not_written_anew(monkeypatch):
    def no(*_):
        raise AssertionError

    monkeypatch.setattr('music21_kdic.reading.midi.repaired', no)
    (part,) = parse_midi(midi(NOTE + SYSEX + NOTE + END), 'a.mid')
    assert (len(part.notes), part.remark) == (2, '')


def test_no_more_events_are_mended_than_take_seconds(monkeypatch):
    monkeypatch.setattr(midi_repair, 'MAX_EVENTS', 3)
    with pytest.raises(NoteError, match='more than 3 events in a damaged MIDI file'):
        parse_midi(midi(NOTE + END, announced=0), 'a.mid')
