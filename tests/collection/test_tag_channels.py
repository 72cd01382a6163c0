"""``tag`` on files in which it matters where the bytes lie, and which tracks share a channel; by what mido reads."""

import io
from itertools import accumulate

import mido
import pytest

from music21_kdic import tag
from music21_kdic.collection.splicing import might_be_copy
from music21_kdic.collection.tagging import PROGRAMS

BASS_LINE = [28, 28, 35, 28, 33, 33, 40, 33, 26, 26, 33, 26, 31, 31, 38, 31] * 4
TUNE = [72, 74, 76, 77, 79, 77, 76, 74, 72, 76, 79, 84, 83, 79, 77, 74] * 4


def port(number):
    return mido.MetaMessage('midi_port', port=number)


def line(pitches, channel=0):
    """Notes of an eighth each, one after another, of 96 ticks a quarter."""
    return [
        mido.Message(kind, note=pitch, channel=channel, velocity=64, time=time)
        for pitch in pitches
        for kind, time in (('note_on', 0), ('note_off', 48))
    ]


def midi(*tracks):
    """A MIDI file of tracks of messages, whose times are those since the message before."""
    file = io.BytesIO()
    mido.MidiFile(ticks_per_beat=96, tracks=[mido.MidiTrack(track) for track in tracks]).save(file=file)
    return file.getvalue()


def tagged(tmp_path, content, **options):
    """Tag a file: the rows, and where the copy would lie."""
    (tmp_path / 'song.mid').write_bytes(content)
    rows = tag(tmp_path / 'song.mid', tmp_path / 'tagged.mid', threshold=0.0, jobs=1, **options)
    return list(rows), tmp_path / 'tagged.mid'


@pytest.mark.parametrize('between', [b'\0', bytes(13), b'\r\n'], ids=lambda between: between.hex())
def test_a_file_with_bytes_between_its_tracks_is_not_tagged(between, tmp_path):
    content = midi([mido.MetaMessage('set_tempo')], line(BASS_LINE))
    second = content.rindex(b'MTrk')
    (row,), copy = tagged(tmp_path, content[:second] + between + content[second:])
    assert (row.status, row.new_name, row.new_program) == ('unreadable', None, None)
    assert row.error == 'bytes between its tracks are left out; a damaged file can be read, but is not tagged'
    assert not copy.exists()
    (row,), copy = tagged(tmp_path, content)
    assert (row.label, row.new_name, row.new_program) == ('Bass', 'Bass', 33)
    assert len(mido.MidiFile(copy).tracks[1]) == len(mido.MidiFile(file=io.BytesIO(content)).tracks[1]) + 2


def keys(channels, mpe):
    """Chords of which each note has the next of some channels, after the message that makes them a zone (RP-053)."""
    message = [
        mido.Message('control_change', control=control, value=value)
        for control, value in ((101, 0), (100, 6), (6, len(channels)))
    ]
    notes = []
    for i in range(24):
        chord = [
            (channels[(4 * i + k) % len(channels)], pitch - 3 * (i % 2)) for k, pitch in enumerate((60, 64, 67, 72))
        ]
        notes += [mido.Message('note_on', note=pitch, channel=channel) for channel, pitch in chord]
        for k, (channel, pitch) in enumerate(chord):
            notes.append(mido.Message('note_off', note=pitch, channel=channel, time=0 if k else 192))
    return [*(message if mpe else []), *notes]


def programs(content):
    """The programs under which notes begin: track, channel and program (None before one is set), as mido reads them."""
    found, current = set(), {}
    messages = sorted(
        (
            (now, message.type != 'program_change', number, message)
            for number, track in enumerate(mido.MidiFile(file=io.BytesIO(content)).tracks)
            for now, message in zip(accumulate(message.time for message in track), track, strict=True)
        ),
        key=lambda event: event[:3],
    )
    for _, _, number, message in messages:
        if message.type == 'program_change':
            current[message.channel] = message.program
        elif message.type == 'note_on':
            found.add((number, message.channel, current.get(message.channel)))
    return found


@pytest.mark.parametrize('mpe', [True, False])
def test_a_channel_that_a_part_on_many_channels_shares_gets_no_program(mpe, tmp_path):
    content = midi([mido.MetaMessage('set_tempo')], keys(range(1, 16), mpe), line(BASS_LINE, channel=1))
    rows, copy = tagged(tmp_path, content)
    assert [(row.track, row.channel, row.new_program) for row in rows] == [(1, None, None), (2, 1, None)]
    assert (rows[1].label, rows[1].new_name) == ('Bass', 'Bass')
    assert programs(copy.read_bytes()) == programs(content)


def test_a_channel_that_it_does_not_share_gets_one(tmp_path):
    """Another channel, or the same one of another port, whose tracks play by themselves."""
    rows, _ = tagged(tmp_path, midi(keys(range(1, 6), True), line(BASS_LINE, channel=8)))
    assert [row.new_program for row in rows] == [None, 33]
    rows, copy = tagged(tmp_path, midi(keys(range(1, 6), True), [port(1), *line(BASS_LINE, channel=1)]), force=True)
    assert [row.new_program for row in rows] == [None, 33]
    assert not any(message.type == 'program_change' for message in mido.MidiFile(copy).tracks[0])


@pytest.mark.parametrize('prefixes', [[0], [1], [0, 1]], ids=str)
def test_a_new_name_is_that_of_the_whole_track(prefixes, tmp_path):
    """The standard (1.1): what follows a channel prefix (FF 20) is for that channel, up to the next channel message."""
    head = [
        mido.MetaMessage('text', text='a'),
        *(mido.MetaMessage('channel_prefix', channel=each) for each in prefixes),
    ]
    placeholder = mido.MetaMessage('track_name', name='Track 1')
    content = midi([*head, placeholder, *line(BASS_LINE, channel=3)])
    (row,), copy = tagged(tmp_path, content)
    assert (row.new_name, row.new_program) == ('Bass', 33)
    kinds = [message.type for message in mido.MidiFile(copy).tracks[0][: len(head) + 3]]
    prefix = ['channel_prefix'] * len(prefixes)
    assert kinds == ['text', 'track_name', *prefix, 'program_change', 'note_on']
    copy.rename(tmp_path / 'song.mid')
    (row,), _ = tagged(tmp_path, (tmp_path / 'song.mid').read_bytes())
    assert (row.name, row.program, row.new_name, row.new_program) == ('Bass', 33, None, None)


@pytest.mark.parametrize('name', ['', '\0', 'Track 1\0', 'Fretless\0', ' \0'], ids=ascii)
def test_a_nul_is_no_name(name, tmp_path):
    (row,), copy = tagged(tmp_path, midi([mido.MetaMessage('track_name', name=name), *line(BASS_LINE)]))
    wanted = None if name == 'Fretless\0' else 'Bass'
    assert (row.label, row.new_name, row.new_program) == ('Bass', wanted, 33)
    assert [each.name for each in mido.MidiFile(copy).tracks[0] if each.type == 'track_name'] == [wanted or name]


def test_each_port_has_channels_of_its_own(tmp_path):
    """One channel of two ports: a bass line and a tune, of which each gets a program."""
    rows, copy = tagged(tmp_path, midi([port(0), *line(BASS_LINE)], [port(1), *line(TUNE)]))
    assert rows[0].label == 'Bass' != rows[1].label
    assert [(row.channel, row.new_program) for row in rows] == [(0, PROGRAMS[row.label]) for row in rows]
    written = [[m.program for m in track if m.type == 'program_change'] for track in mido.MidiFile(copy).tracks]
    assert written == [[PROGRAMS[row.label]] for row in rows]


def test_what_another_port_sets_says_nothing(tmp_path):
    """Its program 73, and its bank."""
    setup = [mido.Message('control_change', control=0, value=8), mido.Message('program_change', program=73)]
    flute = [mido.MetaMessage('track_name', name='Flute'), port(1), *setup, *line(TUNE)]
    rows, _ = tagged(tmp_path, midi([port(0), *line(BASS_LINE)], flute))
    assert [row.new_program for row in rows] == [33, None]


GM_ON, GM2_ON = (0x7E, 0x7F, 9, 1), (0x7E, 0x7F, 9, 3)
GS_RESET = (0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41)
XG_ON, XG_RESET = ((0x43, 0x10, 0x4C, 0, 0, which, 0) for which in (0x7E, 0x7F))
TAKEN_BACK = 'no program is added: a reset later in the file would take it back'


def reset(data=GM_ON, time=0):
    return mido.Message('sysex', data=data, time=time)


@pytest.mark.parametrize('data', [GM_ON, GM2_ON, GS_RESET, XG_ON, XG_RESET], ids=lambda data: bytes(data).hex())
def test_a_program_that_a_later_reset_takes_back_is_not_added(data, tmp_path):
    """Each sets the programs of all channels to 0: at a later time, or in a later track; before, it does nothing."""
    rest = [mido.Message('note_off', time=192), *line(BASS_LINE)]
    for content in (
        midi([reset(data, 96)], rest),
        midi(rest, [reset(data)]),
        midi([*rest[:1], reset(data), *rest[1:]]),
    ):
        (row,), copy = tagged(tmp_path, content, force=True)
        assert (row.label, row.new_name, row.new_program, row.remark) == ('Bass', 'Bass', None, TAKEN_BACK)
        assert programs(copy.read_bytes()) == programs(content)
    for content in (midi([reset(data)], rest), midi([reset(data), *rest])):
        (row,), _ = tagged(tmp_path, content, force=True)
        assert (row.new_program, row.remark) == (33, '')


def test_a_reset_that_takes_nothing_back(tmp_path):
    """Behind all notes, on another port, or what is no reset: the master volume."""
    tracks = (
        [[*line(BASS_LINE), reset()]],
        [line(BASS_LINE), [port(1), reset(time=96)]],
        [[reset((0x7F, 0x7F, 4, 1, 0, 0x7F), time=96)], line(BASS_LINE)],
    )
    for some in tracks:
        (row,), _ = tagged(tmp_path, midi(*some), force=True)
        assert (row.new_program, row.remark) == (33, '')


@pytest.mark.parametrize('before', [True, False])
def test_a_program_0_that_a_reset_stands_behind_stays(before, tmp_path):
    """In a file in which another part has another program; a reset before it does nothing."""
    zero = mido.Message('program_change', time=96)
    events = [reset(time=10), zero] if before else [zero, reset(time=10)]
    other = [mido.Message('program_change', program=73, channel=5), *line(TUNE, channel=5)]
    content = midi([*events, *line(BASS_LINE)], other)
    (row, _), copy = tagged(tmp_path, content)
    assert (row.new_program, row.remark) == ((33, '') if before else (None, TAKEN_BACK))
    assert ((0, 0, 0) in programs(copy.read_bytes())) is not before


def test_a_program_0_of_each_port_is_replaced(tmp_path):
    """And the copy is known as one."""
    zero = mido.Message('program_change', program=0)
    other = [mido.Message('program_change', program=73, channel=5), *line(TUNE, channel=5)]
    content = midi([port(0), zero, *line(BASS_LINE)], [port(1), zero, *line(BASS_LINE)], other)
    rows, copy = tagged(tmp_path, content)
    assert [row.new_program for row in rows] == [33, 33, None]
    assert might_be_copy(copy.read_bytes(), content)
