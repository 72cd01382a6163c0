"""Drums on other channels than 10, and what is none there: messages of the manuals of Roland's SC-55mkII and Yamaha's
XG, and of General MIDI 2 (RP-024)."""

import mido
import pytest

from music21_kdic.reading.midi import read_midi

XG_ON = bytes.fromhex('43 10 4C 00 00 7E 00')

GM2_ON = bytes.fromhex('7E 7F 09 03')


def gs_rhythm(block, drum_map):
    """GS, "use for rhythm part", with its checksum: address and data add up to a multiple of 128."""
    body = [0x40, 0x10 | block, 0x15, drum_map]
    return bytes([0x41, 0x10, 0x42, 0x12, *body, -sum(body) % 128])


def xg_mode(part, mode):
    """XG, "part mode" of a part, counted from 0."""
    return bytes([0x43, 0x10, 0x4C, 0x08, part, 0x07, mode])


def system(*messages):
    return [(0, mido.Message('sysex', data=data)) for data in messages]


def bank(channel, number, *, program=0, fine=()):
    numbers = [(0, number), *((32, low) for low in fine)]
    events = [mido.Message('control_change', control=each, value=value, channel=channel) for each, value in numbers]
    return [(0, event) for event in [*events, mido.Message('program_change', program=program, channel=channel)]]


def drums(path):
    """The channels of the parts that are drums, from 1 on; none of their strokes is a note."""
    parts = read_midi(path)
    assert all((len(part.notes) == 0, part.notes.unpitched > 0) == (part.is_drum, part.is_drum) for part in parts)
    return [part.channel + 1 for part in parts if part.is_drum]


@pytest.fixture
def on_channel_10(write_midi, midi_note):
    """Whether the only part of a file, on channel 10, is drums after some events."""

    def is_drum(*events):
        (part,) = read_midi(write_midi([[*events, *midi_note(0, 96, 36, 9)]]))
        assert (part.channel, len(part.notes), part.notes.unpitched) == (9, not part.is_drum, part.is_drum)
        return part.is_drum

    return is_drum


@pytest.fixture
def song(write_midi, midi_note):
    """A file of four tracks on channels 1, 9, 11 and 16, before which some events stand."""

    def write(*events, ports=('', '', '', '')):
        tracks = [midi_note(0, 96, 36, channel) for channel in (0, 8, 10, 15)]
        named = [[(0, mido.MetaMessage('device_name', name=port))] * bool(port) for port in ports]
        first, *others = [[*name, *track] for name, track in zip(named, tracks, strict=True)]
        return write_midi([[*named[0], *events, *first[len(named[0]) :]], *others])

    return write


@pytest.mark.parametrize(
    ('block', 'channel'), [(0x1, 1), (0x9, 9), (0xA, 11), (0xF, 16)]
)  # GS counts parts 1 to 9 as they are, part 10 as 0, and parts 11 to 16 from A on
@pytest.mark.parametrize('drum_map', [1, 2])
def test_a_rhythm_part_of_gs_is_drums(song, block, channel, drum_map):
    assert drums(song(*system(gs_rhythm(block, drum_map)))) == [channel]


def test_a_part_of_gs_that_is_no_rhythm_part_is_none(song):
    assert drums(song(*system(gs_rhythm(0xA, 0)))) == []


@pytest.mark.parametrize('mode', [1, 2, 3])
def test_a_part_of_xg_in_a_mode_of_drums_is_drums(song, mode):
    assert drums(song(*system(xg_mode(8, mode), xg_mode(10, 0)))) == [9]


@pytest.mark.parametrize('number', [126, 127])
@pytest.mark.parametrize('fine', [(), (0,)])
def test_the_kits_of_xg_are_in_banks_126_and_127(song, number, fine):
    assert drums(song(*system(XG_ON), *bank(10, number, fine=fine), *bank(0, 0))) == [11]


def test_elsewhere_those_banks_hold_instruments(song):
    """Bank 127 of GS holds the sounds of an MT-32."""
    assert drums(song(*bank(10, 127))) == []


def test_a_message_holds_for_the_port_of_its_track(song):
    """Two tracks of this file play on another port, which has channels of its own."""
    ports = ('', 'second', '', 'second')
    assert drums(song(*system(xg_mode(8, 2), xg_mode(10, 2)), ports=ports)) == [11]


@pytest.mark.parametrize('message', [bytes.fromhex('43 10 4C 02 01 00 01 00'), bytes.fromhex('43 13 4C 08 00 0B 64')])
def test_a_parameter_of_xg_says_that_its_banks_are_meant(song, message):
    """The type of reverb, and the volume of part 1 (device 4)."""
    assert drums(song(*system(message), *bank(8, 127))) == [9]


@pytest.mark.parametrize('fine', [(), (0,)])
def test_a_rhythm_channel_of_general_midi_2(song, fine):
    assert drums(song(*system(GM2_ON), *bank(10, 120, fine=fine), *bank(0, 121, fine=fine))) == [11]


def test_bank_120_is_of_general_midi_2_alone(song):
    assert drums(song(*bank(10, 120))) == drums(song(*system(XG_ON), *bank(10, 120))) == []


def controls(channel, *numbers):
    events = [mido.Message('control_change', control=each, value=value, channel=channel) for each, value in numbers]
    return [(0, event) for event in events]


def kit(channel):
    return [(0, mido.Message('program_change', program=0, channel=channel))]


@pytest.mark.parametrize(
    'chosen',
    [
        controls(10, (32, 0), (0, 127)),
        controls(10, (0, 127), (32, 0), (7, 100), (10, 64)),
        [*controls(10, (0, 127)), *controls(8, (0, 0))],
    ],
    ids=['the fine number first', 'others between', 'those of another channel between'],
)
def test_a_bank_holds_until_another_one_is_chosen(song, chosen):
    """MIDI 1.0: controllers come in any order; the last bank select (CC 0) of a channel holds."""
    assert drums(song(*system(XG_ON), *chosen, *kit(10))) == [11]
    assert drums(song(*system(XG_ON), *chosen, *controls(10, (0, 0)), *kit(10))) == []


def test_a_bank_under_running_status(write_midi, midi_note):
    """Volume and bank are under one status byte, as mido writes them."""
    events = [*controls(10, (7, 100), (0, 127), (32, 0)), *kit(10)]
    path = write_midi([[*system(XG_ON), *events, *midi_note(0, 96, 36, 10)]])
    assert bytes([0, 0xBA, 7, 100, 0, 0, 127, 0, 32, 0, 0, 0xCA, 0]) in path.read_bytes()
    assert drums(path) == [11]


def test_channel_10_is_drums_until_a_message_says_no(on_channel_10):
    assert on_channel_10()
    # GS: block 0 is part 10; block A is part 11, block 9 part 9.
    assert not on_channel_10(*system(gs_rhythm(0, 0)))
    assert on_channel_10(*system(gs_rhythm(0xA, 0), gs_rhythm(9, 0), gs_rhythm(0, 1)))
    # XG counts parts from 0.
    assert not on_channel_10(*system(xg_mode(9, 0)))
    assert on_channel_10(*system(xg_mode(10, 0), xg_mode(8, 0), xg_mode(9, 1)))
    # General MIDI 2: a melody channel.
    assert not on_channel_10(*system(GM2_ON), *bank(9, 121, program=33))
    assert on_channel_10(*system(GM2_ON), *bank(9, 120))
    assert on_channel_10(*bank(9, 121))


def test_the_messages_are_those_of_the_manuals(on_channel_10):
    """With their checksum, as they are printed or used there."""
    assert gs_rhythm(0, 2) == bytes.fromhex('41 10 42 12 40 10 15 02 19')
    assert gs_rhythm(0, 0) == bytes.fromhex('41 10 42 12 40 10 15 00 1B')


def test_what_is_once_drums_is_theirs(on_channel_10):
    assert on_channel_10(*system(gs_rhythm(0, 0), gs_rhythm(0, 1)))
    assert on_channel_10(*system(gs_rhythm(0, 1), gs_rhythm(0, 0)))
