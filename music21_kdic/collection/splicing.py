"""Changing a MIDI file byte by byte: what is not changed stays as it was.

So nothing is lost that a MIDI library would not write back: running status, unknown meta events, system exclusive
messages, what stands after the last track.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from music21_kdic.reading.midi_events import DELTA, Chunk, chunk_spans, read_chunks

CHANNELS = 16  # of a port
_EVENT_WITH_STATUS = re.compile(DELTA + rb'[\x80-\xff]')


@dataclass(frozen=True, order=True)
class Edit:
    """A change to a file: other bytes in place of some.

    Attributes:
        begin, end: of the bytes that go, counted from the start of the file; equal where none do.
        content: what comes in their place.
    """

    begin: int
    end: int
    content: bytes


def splice(content: bytes, chunks: Sequence[Chunk], edits: Sequence[Edit]) -> bytes:
    """Return a MIDI file with changes to its tracks, whose lengths follow.

    Args:
        content: the file.
        chunks: its tracks.
        edits: none across the border of a track; of several at one place, the first comes first.
    """
    ordered = sorted(edits, key=attrgetter('begin'))
    pieces: list[bytes] = []
    done = 0
    for chunk in chunks:
        inside = [edit for edit in ordered if chunk.start <= edit.begin < chunk.start + length_of(content, chunk)]
        if inside:
            length = length_of(content, chunk) + sum(len(edit.content) - (edit.end - edit.begin) for edit in inside)
            pieces += [content[done : chunk.start - 4], length.to_bytes(4, 'big')]
            done = chunk.start
        for edit in inside:
            pieces += [content[done : edit.begin], edit.content]
            done = edit.end
    return b''.join([*pieces, content[done:]])


def might_be_copy(copy: bytes, original: bytes) -> bool:
    """Whether a MIDI file holds all that another does from the heads of its tracks on, programs aside.

    So it does where :func:`splice` made it from the other with edits at the heads, and of programs.
    """
    chunks, spans = read_chunks(original), list(chunk_spans(copy))
    if not chunks or len(chunks) != len(spans):
        return copy == original
    before = chunks[0].start - 4  # where the length of the first track stands
    if copy[:before] != original[:before]:
        return False
    for chunk, (start, end) in zip(chunks, spans, strict=True):
        rest = original[chunk.head : chunk.end]
        same = copy[max(start, end - len(rest)) : end]
        if len(same) != len(rest):
            return False
        if same != rest:
            of_port = [each for each in chunks if each.port == chunk.port]  # each port has channels of its own
            programs = {only_program(original, of_port, channel) for channel in range(CHANNELS)}
            pairs = enumerate(zip(same, rest, strict=True), chunk.head)
            if not programs.issuperset(place for place, (new, old) in pairs if new != old):
                return False
    return copy[spans[-1][1] :] == original[chunks[-1].end :]


def length_of(content: bytes, chunk: Chunk) -> int:
    """How many bytes of events a track says that it has."""
    return int.from_bytes(content[chunk.start - 4 : chunk.start], 'big')


def only_program(content: bytes, chunks: Sequence[Chunk], channel: int) -> int | None:
    """Where the only program change on a channel of these tracks has its program; None where there may be others."""
    status = bytes([0xC0 | channel])
    places = [
        chunk.start + match.start()
        for chunk in chunks
        for match in re.finditer(re.escape(status), content[chunk.start : chunk.start + length_of(content, chunk)])
    ]
    # Under running status further programs could follow without a status byte of their own.
    if len(places) != 1 or not _EVENT_WITH_STATUS.match(content, places[0] + 2):
        return None
    return places[0] + 1
