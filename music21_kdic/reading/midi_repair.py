"""MIDI files that are not as the standard has them, written anew as players read them.

symusic refuses a file for one data byte above 127, and drops notes without a word where running status goes on after a
system exclusive message. Players, and mido with ``clip=True``, read such files. So the events are walked here one by
one, and what symusic is given is the same music in the standard's own form. What was wrong is said. A file that is
sound never comes here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading.midi_events import (
    DELTA,
    END_OF_TRACK,
    MAX_TRACKS,
    Chunk,
    chunk_spans,
    is_laid_out,
    past_system,
    quantity,
)

MAX_EVENTS = 2_000_000  # as many take seconds
HEADER_LENGTH = 6  # as the standard has it
_DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}  # of each kind of channel message
_COMMON_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # of system common messages; of others none
_SYSTEM, _OF_A_FILE = 0xF0, (0xF0, 0xF7, 0xFF)  # system messages, and which of them have a length in a file
_delta = re.compile(DELTA)
CLIPPED, RUNNING, COMMON, LENGTH, BEYOND = 'clipped', 'running', 'common', 'length', 'beyond'
_SAID = {
    CLIPPED: '{} data byte{} above 127 read as 127',
    RUNNING: 'running status goes on after {} system message{}',
    COMMON: '{} message{} left out that belong in no file',
    LENGTH: 'the length of {} track{} is not that of the events',
    BEYOND: 'what follows the end of {} track{} inside it is left out',
}


@dataclass(frozen=True)
class Event:
    """One event of a track: ticks since the one before, and its bytes, with their status and no byte above 127."""

    delta: int
    message: bytes


def repaired(content: bytes, path: object) -> tuple[bytes, list[str]]:
    """Write a MIDI file anew: a header of 6 bytes, every track, every event with its status, no data byte above 127.

    Args:
        content: a file that begins with ``MThd``.
        path: what errors call it.

    Returns:
        The file, and what was wrong with the one that was given, a few words each.

    Raises:
        UnreadableError: where a track breaks off, or its bytes are no events.
        NoteError: for more than MAX_EVENTS events.
    """
    wrong: Counter[str] = Counter()
    tracks = []
    for number, (start, end) in enumerate(islice(chunk_spans(content), MAX_TRACKS)):
        wrong[LENGTH] += not fits(content, start, end)
        events = read_events(content, start, end, wrong, f'{path}: damaged MIDI file, track {number}')
        track = b''.join(_variable_length(event.delta) + event.message for event in events)
        tracks.append(b'MTrk' + len(track).to_bytes(4, 'big') + track)
    announced = int.from_bytes(content[10:12], 'big')
    header = (
        b'MThd' + HEADER_LENGTH.to_bytes(4, 'big') + content[8:10] + len(tracks).to_bytes(2, 'big') + content[12:14]
    )
    length = int.from_bytes(content[4:8], 'big')
    said = [
        _SAID[what].format(count, '' if count == 1 else 's') for what, count in wrong.items() if count and what in _SAID
    ]
    if not wrong[LENGTH] and not is_laid_out(content):
        said.append('bytes between its tracks are left out')
    if len(tracks) > announced:
        said.insert(0, f'{len(tracks)} tracks, where its header announces {announced}')
    if length != HEADER_LENGTH:
        said.insert(0, f'a header of {length} bytes, of which {HEADER_LENGTH} are read')
    return header + b''.join(tracks), said


def fits(content: bytes, start: int, end: int) -> bool:
    """Does a track end where its length says?"""
    return start + int.from_bytes(content[start - 4 : start], 'big') == end


def events_of(content: bytes, chunk: Chunk) -> Iterator[Event]:
    """The events of a track that is whole, the first MAX_EVENTS at most."""
    return islice(read_events(content, chunk.start, chunk.end, Counter(), ''), MAX_EVENTS)


def may_have_more(chunk: Chunk) -> bool:
    """May a track have more events than :func:`events_of` gives? An event has two bytes at least."""
    return chunk.end - chunk.start > 2 * MAX_EVENTS


def read_events(content: bytes, start: int, end: int, wrong: Counter[str], where: str) -> Iterator[Event]:
    """Read a track event by event, up to and with its end.

    Args:
        content: of the file.
        start: where the events of the track begin.
        end: where they end, by the track's length.
        wrong: counts what is not as it should be, over all tracks.
        where: how errors begin.

    Raises:
        UnreadableError, NoteError: see :func:`repaired`.
    """
    position, status, system, waited = start, 0, False, 0
    while position < end:
        wrong['events'] += 1
        if wrong['events'] > MAX_EVENTS:
            raise NoteError(f'more than {MAX_EVENTS} events in a damaged MIDI file: at most that many are read')
        delta = _delta.match(content, position, end)
        if delta is None or delta.end() == end:
            break
        waited += quantity(delta.group())
        position = delta.end()
        byte = content[position]
        if byte >= _SYSTEM:
            system = status != 0
            past = _past_message(content, position, end)
            if past is None:
                break
            if byte in _OF_A_FILE:
                yield Event(waited, content[position:past])
                waited = 0
            else:
                wrong[COMMON] += 1
            if content[position : position + 2] == END_OF_TRACK[:2]:
                wrong[BEYOND] += bool(content[past:end].strip(b'\0'))
                return
            position = past
            continue
        if byte >= 0x80:
            status = byte
            position += 1
        elif not status:
            raise UnreadableError(f'{where}: begins with the data byte {byte}, wanted a status')
        wrong[RUNNING] += byte < 0x80 and system
        system = False
        data = content[position : min(position + _DATA_BYTES[status >> 4], end)]
        if len(data) < _DATA_BYTES[status >> 4]:
            break
        position += len(data)
        wrong[CLIPPED] += sum(each > 0x7F for each in data)
        yield Event(waited, bytes([status, *(min(each, 0x7F) for each in data)]))
        waited = 0
    if position != end or not fits(content, start, end):
        raise UnreadableError(f'{where}: breaks off before its end')
    yield Event(waited, END_OF_TRACK)


def _past_message(content: bytes, position: int, end: int) -> int | None:
    """Where a meta event or system message ends; None where it goes beyond ``end``."""
    past: int | None = position + 1 + _COMMON_BYTES.get(content[position], 0)
    if content[position] in _OF_A_FILE:
        data = past_system(content, position, end)
        past = None if data is None else data.stop
    return None if past is None or past > end else past


def _variable_length(number: int) -> bytes:
    """A number as a variable-length quantity, at most four bytes."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.insert(0, number & 0x7F | 0x80)
    return bytes(groups)
