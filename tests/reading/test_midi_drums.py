"""Drums on other channels than 10: the messages are those of the manuals of Roland's SC-55mkII and Yamaha's XG."""

import mido
import pytest

from music21_kdic.reading.midi import read_midi

XG_ON = bytes.fromhex('43 10 4C 00 00 7E 00')


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
    parts = read_midi(path).parts
    assert all((len(part.notes) == 0, part.notes.unpitched > 0) == (part.is_drum, part.is_drum) for part in parts)
    return [part.channel + 1 for part in parts if part.is_drum]


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
