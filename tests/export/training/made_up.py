"""Made-up windows of which it is known what can be learnt from them."""

import numpy as np

from export.data.window_table import SPLITS, WindowTable
from export.recipe import PartSettings, Recipe, TrainSettings
from music21_kdic.features.windows import Windows, cut_windows
from music21_kdic.reading.notes import NoteSequence

RECIPE = Recipe(
    'tiny',
    columns=32,
    planes=('sounding', 'onset'),
    student=TrainSettings(network='fast', epochs=25, batch_size=8, learning_rate=3e-3),
    parts=PartSettings(embedding=16, folds=2, label_epochs=25, windows_per_step=3),
)


def windows_of(lowest, bars, rng):
    """Random quarters from an octave's register, one window for every two bars."""
    onsets = np.arange(4.0 * bars)
    return cut_windows(
        NoteSequence(onsets, onsets + 0.9, lowest + rng.integers(0, 12, onsets.size), np.arange(0, 4 * bars + 1, 4.0))
    )


def a_table(parts, label, split, group):
    sizes = [len(windows) for windows in parts]
    return WindowTable(
        Windows.joined(parts),
        *(np.repeat(column, sizes) for column in (label, np.arange(len(parts)), [SPLITS.index(s) for s in split])),
        source=np.repeat(['pop'] * len(parts), sizes),
        group=np.repeat(group, sizes),
    )
