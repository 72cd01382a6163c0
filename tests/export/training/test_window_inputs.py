import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.training.window_inputs import PackedRolls
from music21_kdic.features.windows import WindowGrid, cut_windows, piano_roll
from music21_kdic.reading.notes import NoteSequence


class OnePart:
    """As much of a WindowTable as PackedRolls needs."""

    def __init__(self, windows):
        self.windows, self.label = windows, np.zeros(len(windows))

    def rolls(self, grid, rows):
        return piano_roll(self.windows.select(rows), grid)


@pytest.fixture
def table():
    onsets = np.arange(64) / 2
    pitches = 40 + np.arange(64) % 30
    return OnePart(cut_windows(NoteSequence(onsets, onsets + 0.5, pitches, np.arange(0, 33, 4.0))))


def test_rolls_survive_their_packing(table):
    grid = WindowGrid(32, ('sounding', 'onset'))
    rows = np.array([2, 0, 3])
    (rolls,) = PackedRolls(table, grid).inputs(rows, None)
    assert np.array_equal(rolls.numpy(), table.rolls(grid, rows))
