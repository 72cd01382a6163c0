"""One part: measures along x, classes along y, and beside them the verdict on the whole part."""

from typing import TYPE_CHECKING

import numpy as np

from music21_kdic.answers.plots.canvas import (
    BAR_LETTERS,
    SCALE,
    SMALL,
    axes_or_new,
    beside,
    draw_bar,
    draw_cells,
    draw_measures,
    explain_empty,
    in_cell,
    ink,
    set_title,
    size_in_points,
)
from music21_kdic.classes import CLASSES
from music21_kdic.reading.notes import FloatArray
from music21_kdic.statuses import CLASSIFIED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from music21_kdic.answers.likelihood import InstrumentLikelihood


def plot_windows(likelihood: 'InstrumentLikelihood', ax: 'Axes | None' = None) -> 'Axes':
    """Draw what each window of a part says, and the part as a whole; see :meth:`.InstrumentLikelihood.plot`."""
    ax = axes_or_new(ax, 9, 3)
    whole, bar = beside(ax, 0.06, 0.02, letters=BAR_LETTERS)
    set_title(ax, likelihood)
    draw_measures(ax, [likelihood])
    if not explain_empty(ax, likelihood):
        edges, columns = with_gaps(likelihood.offsets)
        _draw_values(ax, edges, np.vstack([likelihood.matrix, np.full(len(CLASSES), np.nan)])[columns].T)
    if likelihood.status in CLASSIFIED:
        _draw_values(whole, np.array([0.0, 1.0]), likelihood.probabilities[:, None])
    for each in (ax, whole):
        each.set_ylim(len(CLASSES) - 0.5, -0.5)
    ax.set_yticks(range(len(CLASSES)), CLASSES)
    if likelihood.best:
        ax.get_yticklabels()[CLASSES.index(likelihood.best)].set_fontweight('bold')
    whole.set_yticks([])
    whole.set_xticks([0.5], ['whole\npart'], fontsize=SMALL)
    whole.set_xlim(0.0, 1.0)
    draw_bar(bar)
    return ax


def with_gaps(offsets: FloatArray) -> tuple[FloatArray, list[int]]:
    """The edges of columns that are windows and the gaps between them, and the window of each column, -1 for a gap.

    >>> edges, columns = with_gaps(np.array([[0.0, 8.0], [8.0, 16.0], [24.0, 32.0]]))
    >>> edges.tolist(), columns
    ([0.0, 8.0, 16.0, 24.0, 32.0], [0, 1, -1, 2])
    """
    edges: list[float] = [float(offsets[0, 0])]
    columns: list[int] = []
    for window, (start, end) in enumerate(offsets.tolist()):
        if start > edges[-1]:
            edges.append(start)
            columns.append(-1)
        edges.append(end)
        columns.append(window)
    return np.array(edges), columns


def _draw_values(ax: 'Axes', edges: FloatArray, values: FloatArray) -> None:
    """Draw probabilities, shape (classes, columns), as colours; and as numbers where a cell has room for them."""
    draw_cells(ax, values, edges)
    width, height = size_in_points(ax)
    room = width * np.diff(edges) / (edges[-1] - edges[0])
    for row, column in np.argwhere(~np.isnan(values)).tolist():
        if room[column] >= 2.2 * SMALL and height / len(CLASSES) >= 1.3 * SMALL:
            middle, value = edges[column : column + 2].mean(), float(values[row, column])
            color = ink(SCALE(value))
            ax.text(middle, row, in_cell(value), ha='center', va='center', color=color, fontsize=SMALL)
