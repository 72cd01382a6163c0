"""Tagging one MIDI file: a copy with names and programs where there were none, and not a byte else changed.

Names and programs are spliced in at the start of their tracks, at time 0, after the system messages and meta events
there (one of them may reset the synthesizer); everything that was there stays as it was, byte for byte, but for the
length of those tracks. So nothing is lost that a MIDI library would not write back: running status, unknown meta
events, system exclusive messages, what stands after the last track.
"""

from collections import defaultdict
from pathlib import Path

from music21_kdic.classes import class_of_program
from music21_kdic.collection.engine.files import UNKNOWN, Settings, part_rows, rows_or_failure
from music21_kdic.collection.engine.publish import publish
from music21_kdic.collection.engine.tables import Row
from music21_kdic.collection.names import class_of_name
from music21_kdic.errors import OutputError, UnreadableError
from music21_kdic.features.evidence import OK
from music21_kdic.reading.content import read_content
from music21_kdic.reading.midi import midi_start, parse_midi
from music21_kdic.reading.midi_events import Chunk, read_chunks

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
COLUMNS: dict[str, type] = {
    'path': str,
    'copy': str,
    'track': int,
    'channel': int,
    'name': str,
    'program': int,
    'label': str,
    'confidence': float,
    'new_name': str,
    'new_program': int,
    'status': str,
    'error': str,
}


def tag_file(name: str, copy: Path, settings: Settings) -> list[Row]:
    """Write a tagged copy of a MIDI file, unless ``settings.dry_run``; return a row for each of its parts.

    ``new_name`` and ``new_program`` of a row are what was added. A file that cannot be read, and a copy that cannot be
    written, is a row with the status 'unreadable'.
    """
    rows = rows_or_failure(name, lambda: _tag(name, copy, settings))
    return [{column: row.get(column) for column in COLUMNS} | {'copy': str(copy)} for row in rows]


def _tag(name: str, copy: Path, settings: Settings) -> list[Row]:
    content = read_content(name)
    if midi_start(content) > 0:
        raise UnreadableError(f'{name}: a MIDI file inside a RIFF file, wanted a plain one')
    rows = part_rows(name, parse_midi(content, name).parts, settings)
    chunks = read_chunks(content)
    insertions = choose_tags(rows, chunks)
    if not settings.dry_run:
        copy.parent.mkdir(parents=True, exist_ok=True)
        tagged = splice(content, chunks, insertions)
        try:
            publish(copy, lambda part: part.write_bytes(tagged))
        except OutputError:
            # A worker that was killed as soon as it had written this very copy is no failure.
            if not copy.is_file() or copy.read_bytes() != tagged:
                raise
    return rows


def choose_tags(rows: list[Row], chunks: list[Chunk]) -> dict[int, bytes]:
    """Decide what is added, note it in the rows, and return it as events for the start of each track.

    What the file says already is never contradicted: a part whose name or program claims another class than its
    notes is left alone, and so are parts that share a track (its name) or a channel (its program) and differ.
    """
    by_track: dict[int, list[Row]] = defaultdict(list)
    by_channel: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row['track'] is not None:
            by_track[row['track']].append(row)
            if not row['drum']:
                by_channel[row['channel']].append(row)
    events: dict[int, bytes] = defaultdict(bytes)
    for track, parts in by_track.items():
        label = _agreed(parts)
        if label is not None and not any(row['name'] for row in parts):
            events[track] += bytes([0, 0xFF, 0x03, len(label)]) + label.encode('ascii')
            for row in parts:
                row['new_name'] = label
    for channel, parts in by_channel.items():
        label = _agreed(parts)
        if label is not None and not any(channel in chunk.programs for chunk in chunks):
            for track in dict.fromkeys(row['track'] for row in parts):
                events[track] += bytes([0, 0xC0 | channel, PROGRAMS[label]])
            for row in parts:
                row['new_program'] = PROGRAMS[label]
    return events


def _agreed(parts: list[Row]) -> str | None:
    """The class that the notes of all these parts suggest and none of their names and programs denies."""
    labels = {row['label'] for row in parts if row['status'] == OK}
    if len(labels) != 1 or UNKNOWN in labels or any(row['status'] != OK for row in parts):
        return None
    label: str = labels.pop()
    for row in parts:
        programmed = label if row['program'] is None else class_of_program(row['program'])
        if programmed != label or class_of_name(row['name']) not in (None, label):
            return None
    return label


def splice(content: bytes, chunks: list[Chunk], events: dict[int, bytes]) -> bytes:
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
