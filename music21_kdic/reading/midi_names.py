"""What the tracks of a MIDI file are called.

symusic tells one name of a track: its last one (FF 03), in which bytes that are no UTF-8 are lost. Here those that a
track begins with are read once more: each of them, of whichever encoding, and to which channel it belongs. So is the
last one, where it stands later and has lost bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from music21_kdic.reading.midi_events import Chunk, past_system
from music21_kdic.reading.midi_repair import events_of
from music21_kdic.reading.placeholders import is_placeholder

_NAME, _INSTRUMENT, _CHANNEL = b'\xff\x03', b'\xff\x04', b'\xff\x20'
_LOST = '\ufffd'


@dataclass(frozen=True)
class NameEvent:
    """A name among the system messages and meta events that a track begins with.

    Attributes:
        begin, end: of the event with its delta time, counted from the start of the file.
        text: the name.
        channel: of which it is the name, counted from 0, as the channel prefix (FF 20) before it says; None for all.
        of_instrument: it is the name of an instrument (FF 04), and not of the track (FF 03).
    """

    begin: int
    end: int
    text: bytes
    channel: int | None
    of_instrument: bool


def names_of(content: bytes, chunk: Chunk) -> Iterator[NameEvent]:
    """The names among the system messages and meta events that a track begins with."""
    channel = None
    for begin, kind, data in _beginning(content, chunk):
        text = content[data.start : data.stop]
        if kind == _CHANNEL and text:
            channel = text[0]
        elif kind in (_NAME, _INSTRUMENT):
            yield NameEvent(begin, data.stop, text, channel, kind == _INSTRUMENT)


def place_of_name(content: bytes, chunk: Chunk) -> int:
    """Where in the file a name for all channels of a track can stand: before the first channel prefix there."""
    return next((begin for begin, kind, _ in _beginning(content, chunk) if kind == _CHANNEL), chunk.head)


def _beginning(content: bytes, chunk: Chunk) -> Iterator[tuple[int, bytes, range]]:
    """Of the system messages and meta events that a track begins with: where each begins, its kind, and its data."""
    begin = chunk.start
    while begin < chunk.head:
        data = past_system(content, begin + 1, chunk.head)  # after a delta time of one byte, 0
        if data is None:
            return
        yield begin, content[begin + 1 : begin + 3], data
        begin = data.stop


def names_in(content: bytes, chunk: Chunk, heard: str) -> tuple[list[NameEvent], str]:
    """The names that a track begins with, and the last one in all of it, of whichever encoding.

    Args:
        content: the file.
        chunk: the track.
        heard: the last name as symusic tells it.
    """
    names, heard = list(names_of(content, chunk)), stripped(heard)
    if _LOST in heard and heard not in {_misread(name.text) for name in names}:
        for event in events_of(content, chunk):
            if event.message.startswith(_NAME) and (data := past_system(event.message, 0, len(event.message))):
                heard = _decoded(event.message[data.start : data.stop])
    return names, heard


def called(names: list[NameEvent], channel: int | None, heard: str) -> str:
    """What a part on a channel of a track is called, '' where nothing says.

    The track's name for that channel, or else the one for all, of which the last holds. Where there is none at the
    track's beginning, or a placeholder, what stands later holds; and where that is one too, the instrument's name.

    Args:
        names: those that the track begins with.
        channel: counted from 0; None where it cannot be told.
        heard: the last name in all of the track.

    >>> late = NameEvent(0, 0, bytes([72, 0xF6, 114, 110]), None, False), NameEvent(0, 0, b'Flute', 1, False)
    >>> called(list(late), 0, 'Flute'), called(list(late), 1, 'Flute'), called([], 1, 'Bass')
    ('Hörn', 'Flute', 'Bass')
    """
    own = [name for name in names if name.channel in (None, channel)]
    own.sort(key=lambda name: name.channel is not None)  # what is for one channel alone comes last, and holds
    of_track = [text for name in own if not name.of_instrument if (text := _decoded(name.text))]
    of_instrument = [text for name in own if name.of_instrument if (text := _decoded(name.text))]
    there = {text for name in names for text in (_decoded(name.text), _misread(name.text))}
    later = [] if heard in there else [heard]
    candidates = [*of_track[-1:], *later, *of_instrument[-1:]]
    return next((name for name in candidates if name and not is_placeholder(name)), (candidates or [''])[0])


def stripped(name: str) -> str:
    """A name without the blanks and NULs around it: some programs end a name with NUL, as C does."""
    blank = name.replace('\0', ' ')
    return name[len(blank) - len(blank.lstrip()) : len(blank.rstrip())]


def _misread(text: bytes) -> str:
    """The text of a meta event as symusic tells it."""
    return stripped(text.decode('utf-8', 'replace'))


def _decoded(text: bytes) -> str:
    """The text of a meta event, which has no encoding of its own: UTF-8, or else Western European."""
    try:
        return stripped(text.decode('utf-8'))
    except UnicodeDecodeError:
        return stripped(text.decode('cp1252', errors='replace'))
