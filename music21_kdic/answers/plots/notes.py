"""A piano-roll: measures along x, pitches along y, the notes coloured by what their windows say."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from music21_kdic.answers.plots.canvas import (
    KEY_LETTERS,
    WHITE,
    axes_or_new,
    beside,
    class_color,
    draw_key,
    draw_measures,
    explain_empty,
    say,
    set_title,
)
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from music21_kdic.answers.likelihood import InstrumentLikelihood

OCTAVE = 12
EDGE = '#404040'


def plot_notes(likelihood: 'InstrumentLikelihood', ax: 'Axes | None' = None) -> 'Axes':
    """Draw the notes of a part; see :meth:`.InstrumentLikelihood.plot_notes`."""
    from matplotlib.collections import PolyCollection

    ax = axes_or_new(ax, 9, 3.5)
    (key,) = beside(ax, 0.06, letters=KEY_LETTERS)
    draw_key(key)
    set_title(ax, likelihood)
    draw_measures(ax, [likelihood])
    ax.set_ylabel('pitch')
    if likelihood.asked is None:
        ax.set_yticks([])
        say(ax, 'the answer does not hold the notes')
        return ax
    part = likelihood.asked.part
    explain_empty(ax, likelihood)
    if len(part):
        note, starts, ends, window = pieces(part, likelihood.offsets)
        low, high = part.pitches[note] - 0.4, part.pitches[note] + 0.4
        corners = np.stack([starts, low, ends, low, ends, high, starts, high], axis=1).reshape(-1, 4, 2)
        best = likelihood.matrix.argmax(axis=1)
        colors = [class_color(each, likelihood.matrix[row, each]) for row, each in enumerate(best.tolist())]
        drawn = PolyCollection(list(corners), facecolors=[*colors, WHITE], edgecolors=EDGE, linewidths=0.3)
        drawn.set_facecolor([[*colors, WHITE][row] for row in window.tolist()])
        ax.add_collection(drawn, autolim=False)
    lowest, highest = (part.pitches.min(), part.pitches.max()) if len(part) else (60, 60)
    middle = (lowest + highest) / 2
    reach = max(OCTAVE, highest - lowest + 4) / 2
    ax.set_ylim(middle - reach, middle + reach)
    octaves = [pitch for pitch in range(0, 128, OCTAVE) if abs(pitch - middle) <= reach]
    ax.set_yticks(octaves, [f'C{pitch // OCTAVE - 1}' for pitch in octaves])
    ax.grid(color='lightgrey', linewidth=0.5)
    ax.set_axisbelow(True)
    return ax


def pieces(part: NoteSequence, windows: FloatArray) -> tuple[IntArray, FloatArray, FloatArray, IntArray]:
    """Cut notes where windows begin and end.

    Args:
        part: the notes.
        windows: first and last moment of each, rising, shape (windows, 2).

    Returns:
        Of each piece the index of its note, its first and last moment, and its window, -1 where it lies in none.

    >>> part = NoteSequence(onsets=[0, 6], ends=[2, 10], pitches=[60, 62], bars=[0, 4, 8, 12])
    >>> note, starts, ends, window = pieces(part, np.array([[0.0, 8.0]]))
    >>> note.tolist(), starts.tolist(), ends.tolist(), window.tolist()
    ([0, 1, 1], [0.0, 6.0, 8.0], [2.0, 8.0, 10.0], [0, 0, -1])
    """
    cuts = np.unique(windows)
    first = np.searchsorted(cuts, part.onsets, side='right')
    counts = np.searchsorted(cuts, part.ends, side='left') - first + 1
    note: npt.NDArray[np.int64] = np.repeat(np.arange(len(part)), counts)
    step = np.arange(note.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[note]
    around = np.concatenate([[-np.inf], cuts, [np.inf]])
    starts, ends = np.maximum(part.onsets[note], around[step]), np.minimum(part.ends[note], around[step + 1])
    window = np.searchsorted(windows[:, 0], starts, side='right') - 1
    inside = (window >= 0) & (starts < np.append(windows[:, 1], -np.inf)[window])
    return note, starts, ends, np.where(inside, window, -1)
