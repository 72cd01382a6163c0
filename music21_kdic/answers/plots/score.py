"""A score: measures along x, one row a part, coloured by class; and beside them the verdict on each part."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.answers.plots.canvas import (
    KEY_LETTERS,
    SMALL,
    WHITE,
    axes_or_new,
    beside,
    class_color,
    draw_key,
    draw_measures,
    ink,
    say,
    short,
    size_in_points,
    staves_of_instruments,
    why_empty,
)
from music21_kdic.classes import CLASSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from music21_kdic.answers.likelihood import InstrumentLikelihood
    from music21_kdic.answers.score_likelihood import ScoreLikelihood

ROW = 0.3  # inches, of a part


def plot_parts(score: 'ScoreLikelihood', ax: 'Axes | None' = None) -> 'Axes':
    """Draw what each window of each part says, and each part as a whole; see :meth:`.ScoreLikelihood.plot`."""
    instruments = staves_of_instruments(score)
    parts = [staves[0] for staves in instruments]
    ax = axes_or_new(ax, 9, max(2.5, 1.0 + ROW * len(parts)))
    whole, key = beside(ax, 0.15, 0.06, letters=KEY_LETTERS)
    draw_key(key)
    draw_measures(ax, parts)
    ax.set_title(_summary(parts), loc='left')
    if not parts:
        say(ax, 'no parts')
    for row, part in enumerate(parts):
        _draw_windows(ax, row, part)
        _draw_verdict(whole, row, part)
    for each in (ax, whole):
        each.set_ylim(max(len(parts), 1) - 0.5, -0.5)
    size = min(10.0, max(4.0, 0.8 * size_in_points(ax)[1] / max(len(parts), 1)))
    ax.set_yticks(range(len(parts)), [_name(staves) for staves in instruments], parse_math=False, fontsize=size)
    whole.set_yticks([])
    whole.set_xticks([0.5], ['whole part'], fontsize=SMALL)
    whole.set_xlim(0.0, 1.0)
    return ax


def _summary(parts: 'list[InstrumentLikelihood]') -> str:
    """How many parts have each verdict, and how many of them are sure."""
    verdicts = Counter(part.best or str(part.status) for part in parts)
    told = ', '.join(f'{name} {count}' for name, count in verdicts.most_common())
    sure = sum(part.sure for part in parts)
    return f'{len(parts)} part{"" if len(parts) == 1 else "s"}' + (f': {told}; {sure} sure' if parts else '')


def _name(staves: 'list[InstrumentLikelihood]') -> str:
    name = short(staves[0].name, 24)
    return name if len(staves) == 1 else f'{name}, {len(staves)} staves'


def _draw_windows(ax: 'Axes', row: int, part: 'InstrumentLikelihood') -> None:
    """Draw a row: a cell for each window, coloured by its likeliest class, the more probable the fuller."""
    if not len(part.matrix):
        where: dict[str, Any] = {'transform': ax.get_yaxis_transform(), 'va': 'center', 'clip_on': True}
        ax.text(0.01, row, why_empty(part), color='dimgrey', fontsize=SMALL, **where)
        return
    best = part.matrix.argmax(axis=1)
    colors = [class_color(each, part.matrix[window, each]) for window, each in enumerate(best.tolist())]
    spans = np.column_stack([part.offsets[:, 0], np.diff(part.offsets, axis=1)[:, 0]])
    ax.broken_barh(spans.tolist(), (row - 0.4, 0.8), facecolors=colors, linewidth=0)


def _draw_verdict(ax: 'Axes', row: int, part: 'InstrumentLikelihood') -> None:
    color: tuple[float, ...] = WHITE
    words = str(part.status)
    if part.best:
        color = class_color(CLASSES.index(part.best), part[part.best])
        words = f'{part.best} {part[part.best]:.2f}' + (' sure' if part.sure else '')
    ax.broken_barh([(0.0, 1.0)], (row - 0.4, 0.8), facecolors=[color], linewidth=0)
    size = min(SMALL, 1.5 * size_in_points(ax)[0] / len(words))
    ax.text(0.5, row, words, ha='center', va='center', color=ink(color), fontsize=size)
