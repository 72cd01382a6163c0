"""The MIDI door: a MIDI file becomes parts, each with its :class:`~music21_kdic.notes.NoteSequence`.

Reading is symusic's (Liao et al. 2024), in C++; nothing is quantised. Every stream of notes that shares track,
channel and program is a part of its own, so a program change in mid-track starts another part.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from music21_kdic.errors import UnreadableError
from music21_kdic.notes import FloatArray, NoteSequence, bars_from_meters

MIDI_SUFFIXES = ('.mid', '.midi', '.kar', '.rmi')


@dataclass(frozen=True)
class MidiPart:
    """One part of a MIDI file: its notes, and beside them what the file claims about it.

    Attributes:
        notes: what the part sounds; empty for a drum part, whose strokes are counted in ``notes.unpitched``.
        name: the track's name, '' where it has none.
        program: General MIDI program, 0-127; 0 also where the file sets none.
        is_drum: on MIDI channel 10.
    """

    notes: NoteSequence
    name: str
    program: int
    is_drum: bool


@dataclass(frozen=True)
class MidiFile:
    """The parts of a MIDI file in file order, and its tempo map.

    Attributes:
        parts: one per (track, channel, program) that has notes.
        tempo_offsets: where each tempo begins, in quarter lengths, shape (tempos,), the first one 0.
        tempos: quarter notes per minute, shape (tempos,).
    """

    parts: tuple[MidiPart, ...]
    tempo_offsets: FloatArray
    tempos: FloatArray


def read_midi(path: str | Path) -> MidiFile:
    """Read a MIDI file.

    Notes of no length (as some programs write grace notes) do not sound and are left out.

    Raises:
        UnreadableError: where the file is missing, is not MIDI, or is damaged.
        NoteError: where it holds more notes or bars in a part than are read.
    """
    path = Path(path)
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise UnreadableError(f'{path}: not a file')
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f'{path}: cannot be opened ({error.strerror or error})') from error
    start = content.find(b'MThd', 0, 128)  # an .rmi file wraps it in a RIFF header
    if start < 0:
        raise UnreadableError(f'{path}: begins with {content[:4]!r}, wanted a MIDI file (b"MThd")')
    try:
        score: Any = symusic.Score.from_midi(content[start:])  # its type stubs lack the members used here
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
    tempo_map = {0.0: 120.0, **{tempo.time / quarter: tempo.qpm for tempo in score.tempos if tempo.mspq > 0}}
    offsets = np.array(sorted(tempo_map))
    return MidiFile(
        parts=tuple(_read_part(track, quarter, bars) for track in score.tracks if track.notes),
        tempo_offsets=offsets,
        tempos=np.array([tempo_map[offset] for offset in offsets]),
    )


def _read_part(track: Any, quarter: float, bars: FloatArray) -> MidiPart:
    columns = track.notes.numpy()
    sounding = (columns['duration'] > 0) & (not track.is_drum)
    onsets = columns['time'][sounding]
    notes = NoteSequence(
        onsets=onsets / quarter,
        ends=(onsets + columns['duration'][sounding]) / quarter,
        pitches=columns['pitch'][sounding],
        bars=bars,
        unpitched=len(track.notes) if track.is_drum else 0,
    )
    return MidiPart(notes=notes, name=track.name.strip(), program=track.program, is_drum=track.is_drum)
