"""The MIDI door: a MIDI file becomes parts, each with its :class:`~music21_kdic.notes.NoteSequence`.

Reading is symusic's (Liao et al. 2024), in C++; nothing is quantised. Every stream of notes that shares track,
channel and program is a part of its own, so a program change in mid-track starts another part.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from music21_kdic.channels import match_streams, read_chunks
from music21_kdic.errors import UnreadableError
from music21_kdic.notes import FloatArray, NoteSequence, bars_from_meters

MAX_BYTES = 64 * 2**20
HEAD_BYTES = 128  # room for the RIFF header of an .rmi file


@dataclass(frozen=True)
class FilePart:
    """One part of a file, MIDI or other: its notes, and beside them what the file claims about it.

    Attributes:
        notes: what the part sounds; empty for a drum part, whose strokes are counted in ``notes.unpitched``.
        name: the track's name, '' where it has none.
        track: number of its track (of its Part in a score), counted from 0; None where it cannot be told.
        channel: MIDI channel, counted from 0; None where it cannot be told, or there is none.
        program: General MIDI program, 0-127; None where the file sets none, or it cannot be told which one holds.
        is_drum: on MIDI channel 10 (9, counted from 0).
    """

    notes: NoteSequence
    name: str
    track: int | None
    channel: int | None
    program: int | None
    is_drum: bool


@dataclass(frozen=True)
class MidiFile:
    """The parts of a MIDI file in file order, and its tempo map.

    Attributes:
        parts: one per (track, channel, program) that has notes.
        tempo_offsets: where each tempo begins, in quarter lengths, shape (tempos,), the first one 0.
        tempos: quarter notes per minute, shape (tempos,).
    """

    parts: tuple[FilePart, ...]
    tempo_offsets: FloatArray
    tempos: FloatArray


def midi_start(content: bytes) -> int:
    """Where in a file's first HEAD_BYTES the MIDI file begins, -1 where there is none."""
    return content.find(b'MThd', 0, HEAD_BYTES)


def midi_bytes(path: str | Path) -> tuple[bytes, int]:
    """Read a file and say where in it the MIDI file begins: 0, or later in an .rmi file, which wraps it in RIFF.

    Raises:
        UnreadableError: where the file is missing, is larger than MAX_BYTES, or is not MIDI.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise UnreadableError(f'{path}: not a file')
        with path.open('rb') as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UnreadableError(f'{path}: cannot be opened ({getattr(error, "strerror", None) or error})') from error
    if len(content) > MAX_BYTES:
        raise UnreadableError(f'{path}: more than {MAX_BYTES} bytes, the most that are read')
    start = midi_start(content)
    if start < 0:
        raise UnreadableError(f'{path}: begins with {content[:4]!r}, wanted a MIDI file (b"MThd")')
    return content, start


def read_midi(path: str | Path) -> MidiFile:
    """Read a MIDI file.

    Notes of no length (as some programs write grace notes) do not sound and are left out.

    Raises:
        UnreadableError: where the file is missing, is not MIDI, is damaged, or is larger than MAX_BYTES.
        NoteError: where it holds more notes or bars in a part than are read.
    """
    content, start = midi_bytes(path)
    return parse_midi(content[start:], path)


def parse_midi(content: bytes, path: str | Path) -> MidiFile:
    """Read the bytes of a MIDI file; ``path`` is what errors call it, which are those of :func:`read_midi`."""
    try:
        score: Any = symusic.Score.from_midi(content)  # its type stubs lack the members used here
    except (RuntimeError, ValueError, IndexError) as error:
        raise UnreadableError(f'{path}: damaged MIDI file ({error})') from error
    if score.ticks_per_quarter <= 0:
        raise UnreadableError(f'{path}: {score.ticks_per_quarter} ticks a quarter note, wanted at least 1')
    quarter = float(score.ticks_per_quarter)
    meters = []
    for meter in score.time_signatures:
        if meter.numerator < 1 or meter.denominator < 1:
            raise UnreadableError(f'{path}: a meter of {meter.numerator}/{meter.denominator}')
        meters.append((meter.time / quarter, 4.0 * meter.numerator / meter.denominator))
    bars = bars_from_meters(meters, until=score.end() / quarter)
    numbers = tuple(str(number) for number in range(1, bars.size))
    tempo_map = {0.0: 120.0, **{tempo.time / quarter: tempo.qpm for tempo in score.tempos if tempo.mspq > 0}}
    offsets = np.array(sorted(tempo_map))
    tracks = [track for track in score.tracks if track.notes]
    streams = match_streams(read_chunks(content), [(track.program, track.is_drum) for track in tracks])
    return MidiFile(
        parts=tuple(
            _read_part(track, stream, quarter, bars, numbers) for track, stream in zip(tracks, streams, strict=True)
        ),
        tempo_offsets=offsets,
        tempos=np.array([tempo_map[offset] for offset in offsets]),
    )


def _read_part(
    track: Any,
    stream: tuple[int, int, int | None] | None,
    quarter: float,
    bars: FloatArray,
    measure_numbers: tuple[str, ...],
) -> FilePart:
    columns = track.notes.numpy()
    sounding = (columns['duration'] > 0) & (not track.is_drum)
    onsets = columns['time'][sounding]
    notes = NoteSequence(
        onsets=onsets / quarter,
        ends=(onsets + columns['duration'][sounding]) / quarter,
        pitches=columns['pitch'][sounding],
        bars=bars,
        measure_numbers=measure_numbers,
        unpitched=len(track.notes) if track.is_drum else 0,
    )
    # A program other than 0 was set, whether or not its channel can be told.
    number, channel, program = stream or (None, None, track.program or None)
    return FilePart(notes, track.name.strip(), number, channel, program, track.is_drum)
