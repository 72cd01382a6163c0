"""Stated classes against answers."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from music21_kdic.answers.plots.canvas import (
    BAR_LETTERS,
    SCALE,
    axes_or_new,
    beside,
    draw_bar,
    draw_cells,
    ink,
    say,
    short,
)
from music21_kdic.classes import CLASSES
from music21_kdic.reading.notes import IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMED = 6  # instruments that are left out
LINE = 60  # characters


def draw_confusion(counts: IntArray, left_out: Mapping[str, int], ax: 'Axes | None' = None) -> 'Axes':
    """Draw counts of parts, stated class by answer, shape (8, 9); see :func:`music21_kdic.plot_confusion`.

    Args:
        counts: the last column is of answers without a class.
        left_out: how many parts were not counted, by the name of their instrument.
        ax: where to draw; a new figure where it is left out.
    """
    ax = axes_or_new(ax, 6.5, 5)
    (bar,) = beside(ax, 0.03, letters=BAR_LETTERS)
    total = counts.sum(axis=1)
    shares = counts / np.maximum(total, 1)[:, None]
    right = int(np.trace(counts))
    ax.set_title(f'{right} of {total.sum()} parts are answered as stated', loc='left')
    draw_cells(ax, np.where(total[:, None] > 0, shares, np.nan))
    for row, column in np.argwhere(counts).tolist():
        color = ink(SCALE(float(shares[row, column])))
        ax.text(column, row, str(counts[row, column]), ha='center', va='center', color=color)
    if not total.any():
        say(ax, 'no part states an instrument of the eight classes')
    ax.set_xticks(range(len(CLASSES) + 1), [*CLASSES, 'no class'], rotation=45, ha='right', rotation_mode='anchor')
    ax.set_yticks(range(len(CLASSES)), [f'{name} ({of})' for name, of in zip(CLASSES, total.tolist(), strict=True)])
    ax.set_ylabel('stated')
    ax.set_xlabel('\n'.join(['answer', *_told(left_out)]), parse_math=False)
    draw_bar(bar, 'share of the parts stated')
    return ax


def _told(left_out: Mapping[str, int]) -> list[str]:
    """Which parts are left out, as lines."""
    if not left_out:
        return []
    most = sorted(left_out.items(), key=lambda each: -each[1])
    named = [short(name) + (f' ({number})' if number > 1 else '') for name, number in most[:MOST_NAMED]]
    named += [f'{len(most) - MOST_NAMED} others'] if len(most) > MOST_NAMED else []
    words = f'Parts that state none of the eight are left out, {sum(left_out.values())} in all: {", ".join(named)}'
    return textwrap.wrap(words, LINE)
