"""The figures of the results page: each is drawn from stored results alone, the same bytes every time."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import dendrogram, linkage
from scipy.spatial.distance import pdist

from export.data.files import write_atomically
from export.evaluation.measures import Estimate
from export.studies.statistics import Answered

# Letters are left to whoever shows the file, which keeps it small; ids and dates would differ from run to run.
STYLE: Any = {'svg.fonttype': 'none', 'svg.hashsalt': 'music21-kdic', 'font.size': 9.0}
BLUE = '#1f5a96'


@mpl.rc_context(STYLE)
def draw_similarity(path: Path, similarity: dict[str, dict[str, list[float]]]) -> None:
    """Draw how alike the instruments are to each network, as dendrograms side by side.

    Args:
        path: an SVG.
        similarity: by network the mean probabilities that it gives to the parts of each class or instrument. The
            distance of two is the Jensen-Shannon distance of theirs, from 0 to 1 (Endres and Schindelin 2003), that of
            two groups the mean over their pairs (average linkage).
    """
    most = max(map(len, similarity.values()))
    figure, axes = _figure(len(similarity), width=4.0, height=0.9 + 0.2 * most)
    for ax, (name, means) in zip(axes, similarity.items(), strict=True):
        distances = pdist(np.array(list(means.values())), 'jensenshannon') / np.sqrt(np.log(2))
        dendrogram(
            linkage(distances, 'average'),
            labels=list(means),
            leaf_font_size=8,
            orientation='left',
            ax=ax,
            color_threshold=0,
            above_threshold_color=BLUE,
        )
        ax.set(title=name, xlabel='Jensen-Shannon distance', xlim=(1, 0))
    _write(path, figure)


@mpl.rc_context(STYLE)
def draw_forest(path: Path, answered: Answered) -> None:
    """Draw the macro-F1 of a study's rows with their intervals, and each seed's, at every level."""
    rows = [row for row in answered.study.rows if answered.seeds(row.name)]
    figure, panels = _levels(answered, [row.title for row in rows])
    for level, ax in panels.items():
        for height, row in enumerate(rows):
            found = answered.sample(row.name, answered.places[0], level, 'trained')
            if found:
                _interval(ax, height, found.estimate('macro'))
                ax.plot(found.values[:, 0], np.full(len(found.values), height), '|', color='black', markersize=6)
        ax.set(xlabel='macro-F1')
    _write(path, figure)


@mpl.rc_context(STYLE)
def draw_differences(path: Path, answered: Answered) -> None:
    """Draw the differences in macro-F1 that a study asks for, with their intervals, at every level."""
    titles = {row.name: row.title for row in answered.study.rows}
    pairs = answered.differences_run
    figure, panels = _levels(answered, [f'{titles[first]}\nminus {titles[second]}' for first, second in pairs])
    for level, ax in panels.items():
        for height, pair in enumerate(pairs):
            one, other = (answered.sample(name, answered.places[0], level, 'trained') for name in pair)
            if one and other:
                _interval(ax, height, one.minus(other, 'macro'))
        ax.axvline(0, color='black', linewidth=0.8)
        ax.set(xlabel='difference in macro-F1')
    _write(path, figure)


def _levels(answered: Answered, labels: list[str]) -> tuple[Figure, dict[str, Axes]]:
    lines = sum(label.count('\n') + 1.5 for label in labels)
    figure, axes = _figure(len(answered.levels), width=4.4, height=0.9 + 0.17 * lines, sharey=True)
    panels = dict(zip(answered.levels, axes, strict=True))
    for level, ax in panels.items():
        ax.set(title=f'{level} of {answered.places[0]}')
        ax.grid(axis='x', color='#dddddd', linewidth=0.6)
        ax.set_axisbelow(True)
    axes[0].set_yticks(range(len(labels)), labels)
    axes[0].set_ylim(len(labels) - 0.4, -0.6)
    return figure, panels


def _interval(ax: Axes, height: float, estimate: Estimate) -> None:
    ax.plot([estimate.low, estimate.high], [height, height], color=BLUE, linewidth=1.5)
    ax.plot(estimate.value, height, 'o', color=BLUE, markersize=5)


def _figure(panels: int, width: float, height: float, sharey: bool = False) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width * panels, height), layout='constrained')
    axes = figure.subplots(1, panels, squeeze=False, sharey=sharey)
    return figure, list(axes[0])


def _write(path: Path, figure: Figure) -> None:
    write_atomically(path, lambda part: figure.savefig(part, metadata={'Date': None, 'Creator': None}))
