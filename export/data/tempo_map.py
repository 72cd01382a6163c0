"""The tempo map of a MIDI file, by which its parts are rendered; the notes of the package know no tempo."""

from pathlib import Path
from typing import Any

import numpy as np
import symusic

from music21_kdic.reading.midi import midi_start, sound_midi

DEFAULT_TEMPO = 120.0  # quarters a minute, before the first that is set


def tempo_map(content: bytes, path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Return where each tempo of a MIDI file that can be read begins, and the tempo.

    Of several at once the last one holds; a tempo of 0 is none.

    Args:
        content: of the file.
        path: what errors call it.

    Returns:
        Offsets in quarter lengths, shape (tempos,), the first one 0; quarters a minute, shape (tempos,).

    Raises:
        UnreadableError, NoteError: as :func:`music21_kdic.reading.midi.sound_midi`.
    """
    content, _, _ = sound_midi(content[midi_start(content) :], path)
    score: Any = symusic.Score.from_midi(content)
    columns = score.tempos.numpy()
    tempos = {0: DEFAULT_TEMPO}
    for time, microseconds in zip(columns['time'].tolist(), columns['mspq'].tolist(), strict=True):
        if microseconds > 0:
            tempos[time] = 60e6 / microseconds
    times = sorted(tempos)
    return np.array(times) / float(score.ticks_per_quarter), np.array([tempos[time] for time in times])
