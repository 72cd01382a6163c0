"""Tagging one MIDI file: a copy with names and programs where there were none, and not a byte else changed.

Names and programs are spliced in at the start of their tracks, at time 0, after the system messages and meta events
there (one of them may reset the synthesizer); everything that was there stays as it was, byte for byte, but for the
length of those tracks. So nothing is lost that a MIDI library would not write back: running status, unknown meta
events, system exclusive messages, what stands after the last track.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from music21_kdic.classes import class_of_program
from music21_kdic.collection.engine.publish import publish
from music21_kdic.collection.engine.query import Query
from music21_kdic.collection.engine.rows import UNKNOWN, Row
from music21_kdic.collection.label import LabelQuery, LabelRow
from music21_kdic.collection.names import class_of_name
from music21_kdic.errors import OutputError, UnreadableError
from music21_kdic.reading.content import read_content
from music21_kdic.reading.midi import midi_start, parse_midi, sound_midi
from music21_kdic.reading.midi_events import Chunk, read_chunks
from music21_kdic.statuses import Status

# One General MIDI program that stands for each family, counted from 0: nylon guitar, grand piano, fingered bass,
# string ensemble, drawbar organ, brass section, flute, alto sax.
PROGRAMS = {
    'Guitar': 24,
    'Piano': 0,
    'Bass': 33,
    'Strings': 48,
    'Organ': 16,
    'Brass': 61,
    'Pipe': 73,
    'Reed': 65,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class TagRow(Row):
    """A part of a file that was copied.

    Attributes:
        path, track, channel, name, program, label, confidence: as in :class:`~.label.LabelRow`.
        copy: where the copy lies.
        new_name, new_program: what was added; missing where nothing was.
    """

    path: str
    copy: str | None = None
    track: int | None = None
    channel: int | None = None
    name: str | None = None
    program: int | None = None
    label: str = UNKNOWN
    confidence: float | None = None
    new_name: str | None = None
    new_program: int | None = None
    status: Status
    error: str = ''


@dataclass(frozen=True, kw_only=True)
class TagQuery(Query[TagRow]):
    """A copy of a MIDI file with names and programs where there were none.

    Attributes:
        threshold: a part is tagged only where the answer is at least this sure.
        dry_run: write nothing, only say what would be added.
    """

    threshold: float
    dry_run: bool = False

    @property
    def row(self) -> type[TagRow]:
        """The dataclass of its rows."""
        return TagRow

    def read(self, name: str, copy: str | None) -> list[TagRow]:
        """Write the tagged copy, unless this is a dry run; return a row for each part."""
        content = read_content(name)
        if midi_start(content) > 0:
            raise UnreadableError(f'{name}: a MIDI file inside a RIFF file, wanted a plain one')
        label = LabelQuery(model=self.model, priors=self.priors, min_confidence=self.threshold)
        rows = label.of_parts(name, parse_midi(content, name).parts)
        tags = choose_tags(rows, sound_midi(content, name)[1])
        if copy is not None and not self.dry_run:
            _write(Path(copy), splice(content, read_chunks(content), tags.events()))
        return [
            TagRow(
                path=name,
                track=row.track,
                channel=row.channel,
                name=row.name,
                program=row.program,
                label=row.label,
                confidence=row.confidence,
                new_name=None if row.track is None else tags.names.get(row.track),
                new_program=None if row.track is None else tags.programs.get((row.track, row.channel)),
                status=row.status,
                error=row.error,
            )
            for row in rows
        ]


def _write(copy: Path, content: bytes) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        publish(copy, lambda part: part.write_bytes(content))
    except OutputError:
        # A worker that was killed as soon as it had written this very copy is no failure.
        if not copy.is_file() or copy.read_bytes() != content:
            raise


@dataclass(frozen=True)
class Tags:
    """What is added to a file.

    Attributes:
        names: the name of each track that gets one.
        programs: the program for each track and channel that get one.
    """

    names: Mapping[int, str]
    programs: Mapping[tuple[int, int | None], int]

    def events(self) -> dict[int, bytes]:
        """For the number of each track, the MIDI events for its start: the name first."""
        events: dict[int, bytes] = defaultdict(bytes)
        for track, name in self.names.items():
            events[track] += bytes([0, 0xFF, 0x03, len(name)]) + name.encode('ascii')
        for (track, channel), program in self.programs.items():
            events[track] += bytes([0, 0xC0 | (channel or 0), program])
        return events


def choose_tags(rows: Sequence[LabelRow], chunks: Sequence[Chunk]) -> Tags:
    """Decide what is added to a file with these parts and tracks.

    What the file says already is never contradicted: a part whose name or program claims another class than its
    notes is left alone, and so are parts that share a track (its name) or a channel (its program) and differ.
    """
    by_track: dict[int, list[LabelRow]] = defaultdict(list)
    by_channel: dict[int | None, list[LabelRow]] = defaultdict(list)
    for row in rows:
        if row.track is not None:
            by_track[row.track].append(row)
            if not row.drum and row.channel is not None:
                by_channel[row.channel].append(row)
    names: dict[int, str] = {}
    for track, parts in by_track.items():
        label = _agreed(parts)
        if label is not None and not any(row.name for row in parts):
            names[track] = label
    programs: dict[tuple[int, int | None], int] = {}
    for channel, parts in by_channel.items():
        label = _agreed(parts)
        if label is not None and not any(channel in chunk.programs for chunk in chunks):
            programs |= {(row.track, channel): PROGRAMS[label] for row in parts if row.track is not None}
    return Tags(names, programs)


def _agreed(parts: Sequence[LabelRow]) -> str | None:
    """The class that the notes of all these parts suggest and none of their names and programs denies."""
    labels = {row.label for row in parts if row.status == Status.OK}
    if len(labels) != 1 or UNKNOWN in labels or any(row.status != Status.OK for row in parts):
        return None
    label = labels.pop()
    for row in parts:
        programmed = label if row.program is None else class_of_program(row.program)
        named = class_of_name(row.name) if row.name else None
        if programmed != label or named not in (None, label):
            return None
    return label


def splice(content: bytes, chunks: Sequence[Chunk], events: Mapping[int, bytes]) -> bytes:
    """Put events at the start of some tracks.

    Args:
        content: a MIDI file.
        chunks: its tracks.
        events: for the number of a track, whole events with their delta times (0).
    """
    pieces = []
    done = 0
    for track, chunk in enumerate(chunks):
        if track in events:
            length = int.from_bytes(content[chunk.start - 4 : chunk.start], 'big') + len(events[track])
            pieces += [content[done : chunk.start - 4], length.to_bytes(4, 'big'), content[chunk.start : chunk.head]]
            pieces.append(events[track])
            done = chunk.head
    return b''.join([*pieces, content[done:]])
