"""Do the notes of a part say anything? Its status, and the windows that are classified.

Some music says nothing about an instrument, by definition: silence, one note, one chord however long it is held, music
that no instrument reaches. It is not classified. Other music says nothing as far as the model can tell: its answers
come out nearly even, and the part is *unclear*. Neither gets a class.
"""

from collections.abc import Sequence

import numpy as np

from music21_kdic.features.windows import Windows, cut_parts
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.statuses import Status

# The piano's keyboard, A0 to C8. Of the instruments of the eight classes only organ stops sound beyond it.
LOWEST, HIGHEST = 21, 108
STROKE = 1.0  # quarter lengths: what begins within a beat is one chord, rolled or not


def windows_to_classify(parts: Sequence[NoteSequence]) -> list[tuple[Windows, Status]]:
    """Cut parts into windows; none where there is nothing to go by.

    Returns:
        For each part its windows, and a status: 'ok' where there are any; else 'empty' (no note), 'drums' (unpitched
        percussion only), 'too-short' (no two bars in which two notes sound, or all notes begin within STROKE) or
        'out-of-range' (most notes lie outside LOWEST to HIGHEST).

    Raises:
        NoteError: see :func:`~music21_kdic.features.windows.cut_windows`.

    >>> chord = NoteSequence(onsets=[0, 0, 0], ends=[400, 400, 400], pitches=[60, 64, 67], bars=[0, 400])
    >>> windows_to_classify([chord])[0][1]
    'too-short'
    """
    found = []
    for notes, windows in zip(parts, cut_parts(parts), strict=True):
        status = _status(notes, windows)
        found.append((windows if status == Status.OK else windows.select(np.zeros(0, dtype=np.int64)), status))
    return found


def _status(notes: NoteSequence, windows: Windows) -> Status:
    if not len(notes):
        return Status.DRUMS if notes.unpitched else Status.EMPTY
    if not len(windows) or notes.onsets[-1] - notes.onsets[0] < STROKE:  # they rise
        return Status.TOO_SHORT
    reached = (notes.pitches >= LOWEST) & (notes.pitches <= HIGHEST)
    return Status.OK if 2 * np.count_nonzero(reached) >= len(notes) else Status.OUT_OF_RANGE
