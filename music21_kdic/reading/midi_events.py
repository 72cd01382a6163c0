"""Track, channel and program of each stream of notes in a MIDI file: what symusic does not tell.

symusic (which reads the notes) knows neither a part's track nor its channel, and reports program 0 where none was
set; its authors keep it so (Yikai-Liao/symusic, issue 120). mido tells all of it, in a hundred times the time.
So the events are walked here once more, without their notes: regular expressions swallow whole runs of events on one
channel, and Python sees only what comes between, which costs about as much as symusic does.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from music21_kdic.reading.general_midi import DRUM_CHANNEL

DELTA = rb'[\x80-\xff]{0,3}+[\x00-\x7f]'
_DATA = rb'[\x00-\x7f]'
_quantity = re.compile(DELTA)
_program_data = re.compile(DELTA + b'(' + _DATA + b')')
NOTE_OFF, NOTE_ON, PROGRAM, SYSTEM = 0x8, 0x9, 0xC, 0xF  # kinds of event
_PORT, _DEVICE = 0x21, 0x09
_TRACK, END_OF_TRACK = b'MTrk', b'\xff\x2f\x00'
_END_BEFORE_A_TRACK = END_OF_TRACK + _TRACK
_FIRST_PORT = bytes([_PORT, 1, 0])  # what a track that names no port plays on
# Bounds: to walk a file of nothing but program changes would take minutes. Of 1,760 real files none takes 25,000 steps.
MAX_TRACKS = 0xFFFF  # what a header can announce
MAX_STEPS = 1_000_000
MAX_PORT_NAME = 1000  # bytes of the name of a port or device


def _events(status: bytes, data: bytes = _DATA * 2) -> bytes:
    """A pattern: one event with its status byte, and those after it that run on under the same status."""
    return b'[' + status + b']' + data + b'(?:' + DELTA + data + b')*+'


def _run_of(*events: bytes) -> re.Pattern[bytes]:
    """A pattern for the longest run of some events, each with the time before it."""
    return re.compile(b'(?:' + DELTA + b'(?:' + b'|'.join(events) + b'))++')


# A meta event of less than 128 bytes (a lyric, say), but none that names a port or device, or ends the track.
_SHORT_DATA = b'|'.join(b'\\x%02x[\\x00-\\xff]{%d}' % (size, size) for size in range(128))
_META = rb'\xff[\x00-\x08\x0a-\x20\x22-\x2e\x30-\x7f](?:' + _SHORT_DATA + b')'
# Of any channel, but no programs.
_NO_NOTES = (_events(rb'\xa0-\xbf\xe0-\xef'), _events(rb'\xd0-\xdf', _DATA), _META)
_RUN_WITHOUT_NOTES = _run_of(*_NO_NOTES)
_PROGRAMS = re.compile(_events(rb'\xc0-\xcf', _DATA))


# Each of the following patterns takes 10 ms to compile, so it is compiled when a file first needs it.
@cache
def _run_of_channel(channel: int) -> re.Pattern[bytes]:
    return _run_of(_events(b'\\x%02x\\x%02x' % (0x80 | channel, 0x90 | channel)), *_NO_NOTES)


@cache
def _run_of_channels() -> re.Pattern[bytes]:
    return _run_of(_events(rb'\x80-\x9f'), *_NO_NOTES)


@cache
def _note_status() -> re.Pattern[bytes]:
    """Each event of such a run, with those under the same status byte; that is the group where it is a note's."""
    return re.compile(DELTA + b'(?:(?=([\x80-\x9f]))' + _events(rb'\x80-\x9f') + b'|' + b'|'.join(_NO_NOTES) + b')')


@dataclass(frozen=True)
class Chunk:
    """An MTrk chunk: where its events lie in the file (bytes), and what is set and played on its channels.

    Attributes:
        start: where the chunk's events begin.
        end: where it ends, by its length.
        head: where the system messages and meta events end that it begins with, at time 0.
        programs: for each channel the programs that are set on it; no entry where none is.
        playing: (channel, program) of each stream of notes, program None before one is set; in symusic's order.
        port: the first meta event that names its MIDI port (FF 21) or device (FF 09); b'' where none does, or it is
            port 0.
        whole: its events make sense to their end, without running status after a system message, and nothing but
            zeros follows there.
    """

    start: int
    end: int
    head: int
    programs: dict[int, set[int]]
    playing: list[tuple[int, int | None]]
    port: bytes
    whole: bool


def count_tracks(content: bytes) -> tuple[int, int]:
    """How many tracks a MIDI file's header announces, and how many MTrk chunks begin in it, MAX_TRACKS at most."""
    return int.from_bytes(content[10:12], 'big'), sum(1 for _ in islice(chunk_spans(content), MAX_TRACKS))


def read_chunks(content: bytes) -> list[Chunk]:
    """Walk the tracks of a MIDI file that begins with ``MThd``; each as far as its events make sense.

    Returns:
        One for each MTrk chunk; none at all where that would take more than MAX_STEPS steps.

    >>> header = b'MThd' + bytes([0, 0, 0, 6, 0, 1, 0, 1, 0, 96])
    >>> track = bytes([0, 0xC2, 24, 0, 0x92, 60, 64, 96, 60, 0, 0, 0xFF, 0x2F, 0])
    >>> [chunk.playing for chunk in read_chunks(header + b'MTrk' + len(track).to_bytes(4, 'big') + track)]
    [[(2, 24)]]
    """
    chunks = []
    steps = MAX_STEPS
    for start, end in islice(chunk_spans(content), MAX_TRACKS):
        chunk, steps = _walk(content, start, end, steps)
        if steps <= 0:
            return []
        chunks.append(chunk)
    return chunks


def chunk_spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Where the events of each MTrk chunk begin and end in a MIDI file.

    That is what the chunk's length says, unless a track begins before, or nothing known after it: then the chunk ends
    with its last end of track before the next one.
    """
    position = 8 + int.from_bytes(content[4:8], 'big')
    following = 0  # where the end of a track stands before another track; -1: nowhere
    while 0 <= position <= len(content) - 8:
        start = position + 8
        kind, end = content[position : position + 4], start + int.from_bytes(content[position + 4 : start], 'big')
        if kind == _TRACK:
            if 0 <= following < start:
                following = content.find(_END_BEFORE_A_TRACK, start)
            ended = following + len(END_OF_TRACK)
            if following >= 0 and ended < end:
                end = ended
            elif end < len(content) and content[end - 3 : end] != END_OF_TRACK and content[end : end + 4] != _TRACK:
                end = ended if following >= 0 else content.rfind(END_OF_TRACK, start) + len(END_OF_TRACK)
                end = end if end > start else len(content)
            yield start, min(end, len(content))
        position = end if kind.isalnum() else content.find(_TRACK, position)


def is_laid_out(content: bytes) -> bool:
    """Are the chunks of a MIDI file as long as they say, with nothing between them?"""
    position = 8 + int.from_bytes(content[4:8], 'big')
    by_length = []
    while position <= len(content) - 8:
        start = position + 8
        position = start + int.from_bytes(content[position + 4 : start], 'big')
        if content[start - 8 : start - 4] == _TRACK:
            by_length.append((start, position))
    return by_length == list(islice(chunk_spans(content), MAX_TRACKS + 1))


def _walk(content: bytes, start: int, end: int, steps: int) -> tuple[Chunk, int]:
    """A chunk, and how many of the steps are left: none where they did not suffice."""
    programs: dict[int, set[int]] = {}
    current: dict[int, int] = {}
    playing: set[tuple[int, int | None]] = set()
    position = head = start
    port, whole = b'', False
    only, many = None, False  # the channel of the notes so far; whether they are on several
    while (delta := _quantity.match(content, position, end)) and delta.end() < end:
        steps -= 1
        if steps <= 0:
            break
        before, position = position, delta.end()
        kind, channel = content[position] >> 4, content[position] & 15
        if kind == SYSTEM:
            data = past_system(content, position, end)
            ended = data is not None and data.stop <= end and content[position : position + 2] == END_OF_TRACK[:2]
            if data is None or ended:
                whole = data is not None and not content[data.stop : end].strip(b'\0')
                break
            if not port and content[position] == 0xFF and content[position + 1] in (_PORT, _DEVICE):
                named = content[position + 1 : min(data.stop, position + MAX_PORT_NAME)]
                port = b'' if named == _FIRST_PORT else named
            at_head = before == head and delta.group() == b'\0' and data.stop <= end
            position = data.stop if at_head else _past_run(content, data.stop, end)
            head = position if at_head else head
            continue
        is_note = kind in (NOTE_OFF, NOTE_ON)
        if kind == PROGRAM:
            run = _PROGRAMS.match(content, position, end)
        elif is_note:
            many = many or only not in (None, channel)
            only = channel
            run = (_run_of_channels() if many else _run_of_channel(channel)).match(content, before, end)
        else:
            run = _RUN_WITHOUT_NOTES.match(content, before, end)
        if run is None:
            break
        if kind == PROGRAM:
            steps -= len(run.group())
            if steps <= 0:
                break
            numbers = _program_data.sub(rb'\1', b'\0' + run.group()[1:])
            programs.setdefault(channel, set()).update(numbers)
            current[channel] = numbers[-1]
        elif is_note:
            statuses = set(_note_status().findall(content, before, run.end())) if many else [bytes([channel])]
            playing |= {(status[0] & 15, current.get(status[0] & 15)) for status in statuses if status}
        position = run.end()
    # Notes before and after an explicit program 0 are one stream to symusic.
    playing -= {(channel, None) for channel, program in playing if program == 0}
    return Chunk(
        start=start,
        end=end,
        head=head,
        programs=programs,
        playing=sorted(playing, key=lambda stream: (stream[0], stream[1] or 0)),
        port=port,
        whole=whole or position == end,
    ), steps


def _past_run(content: bytes, position: int, end: int) -> int:
    """Where a run of events without notes ends; the same place where none begins there."""
    run = _RUN_WITHOUT_NOTES.match(content, position, end)
    return run.end() if run else position


def past_system(content: bytes, position: int, end: int) -> range | None:
    """Where the data of a meta event or system-exclusive message lie; None where it is neither, or has no length."""
    meta = content[position] == 0xFF
    if content[position] not in (0xF0, 0xF7, 0xFF):
        return None
    length = _quantity.match(content, position + 1 + meta, end)
    if length is None:
        return None
    return range(length.end(), length.end() + quantity(length.group()))


def quantity(variable_length: bytes) -> int:
    """The number that a variable-length quantity stands for.

    >>> quantity(bytes([0x81, 0x00]))
    128
    """
    size = 0
    for byte in variable_length:
        size = size << 7 | byte & 0x7F
    return size


def match_streams(chunks: list[Chunk], heard: list[tuple[int, bool]]) -> list[tuple[int, int, int | None] | None]:
    """Find the track, channel and program of each stream that symusic reports.

    Args:
        chunks: the file's tracks.
        heard: (program, is drum) of each stream in symusic's order, which is that of the tracks and, within a
            track, of channel and program.

    Returns:
        For each stream (track, channel, program), program None where no track sets one on that channel; None in
        place of all three where the streams cannot be told apart with certainty.
    """
    there = [(track, channel, program) for track, chunk in enumerate(chunks) for channel, program in chunk.playing]
    first = _subsequence(there, heard)
    last = _subsequence(there[::-1], heard[::-1])[::-1]
    if first != last:
        # A program that was set, but under which no note ended, leaves two ways to lay the lists side by side.
        first = [one if one == other else None for one, other in zip(first, last, strict=True)]
    elsewhere: dict[tuple[bytes, int], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for track, chunk in enumerate(chunks):
        for channel, programs in chunk.programs.items():
            for program in programs:
                there_too = elsewhere[chunk.port, channel][program]  # each port has channels of its own
                if len(there_too) < 2:  # two tracks: one of them is not the one that asks
                    there_too.add(track)
    return [None if found is None else _borrowed(found, elsewhere[chunks[found[0]].port, found[1]]) for found in first]


def _subsequence(
    there: list[tuple[int, int, int | None]], heard: list[tuple[int, bool]]
) -> list[tuple[int, int, int | None] | None]:
    candidates = iter(there)
    found: list[tuple[int, int, int | None] | None] = []
    for wanted in heard:
        found.append(next((c for c in candidates if (c[2] or 0, c[1] == DRUM_CHANNEL) == wanted), None))
    return found if None not in found else [None] * len(heard)


def _borrowed(found: tuple[int, int, int | None], programs: dict[int, set[int]]) -> tuple[int, int, int | None]:
    """Where its own track sets no program, another one's holds, if it is the only one: tracks share their channels."""
    track, channel, program = found
    if program is None:
        others = [there for there, tracks in programs.items() if tracks - {track}]
        program = others[0] if len(others) == 1 else None
    return track, channel, program
