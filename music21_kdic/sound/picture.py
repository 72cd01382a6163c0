"""What is heard in a recording, as a picture: time along x, classes along y."""

import os
from typing import TYPE_CHECKING

import numpy as np

from music21_kdic.answers.plots.canvas import BAR_LETTERS, axes_or_new, beside, draw_bar, draw_cells, say, short
from music21_kdic.classes import CLASSES
from music21_kdic.sound.activity import clock
from music21_kdic.statuses import HEARD_MEANINGS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from music21_kdic.sound.activity import InstrumentActivity


def plot_activity(activity: 'InstrumentActivity', ax: 'Axes | None' = None) -> 'Axes':
    """Draw how probable each class is in each step; see :meth:`.InstrumentActivity.plot`."""
    ax = axes_or_new(ax, 9, 3)
    (bar,) = beside(ax, 0.02, letters=BAR_LETTERS)
    longest = activity.sounding
    title = f'{short(os.path.basename(activity.path))}: {", ".join(longest) or activity.status}'
    ax.set_title(title, loc='left', parse_math=False)
    if len(activity.probabilities):
        draw_cells(ax, activity.probabilities.T, np.append(activity.times[:, 0], activity.times[-1, 1]))
        ax.set_xlim(0.0, activity.seconds)
    else:
        say(ax, f'{activity.status}: {HEARD_MEANINGS[activity.status]}')
    ax.set_ylim(len(CLASSES) - 0.5, -0.5)
    ax.set_yticks(range(len(CLASSES)), CLASSES)
    for name in longest:
        ax.get_yticklabels()[CLASSES.index(name)].set_fontweight('bold')
    ax.set_xlabel('time')
    ax.xaxis.set_major_formatter(lambda seconds, _: clock(seconds))
    draw_bar(bar)
    return ax
