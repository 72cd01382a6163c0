"""What a part student is given: the windows of some parts, their piano-rolls and how they are timed."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from music21_kdic.features.timing import NUMBERS, timing
from torch import Tensor

from export.data.window_table import NO_CLASS, WindowTable
from export.training.window_inputs import CHUNK, PackedRolls
from music21_kdic.features.windows import WindowGrid, Windows

SIXTEENTH = 1 / 4  # quarter lengths
ENGRAVED = 0.3  # of the parts are timed as a score would have them, each time they are drawn
BORROWED = 0.5  # of the parts that are noise are timed as some music is


def engraved(windows: Windows) -> Windows:
    """The notes as a score would have them: from sixteenth to sixteenth, filling up what they begin to fill."""
    onsets = np.round(windows.onsets / SIXTEENTH) * SIXTEENTH
    sixteenths = np.ceil((windows.ends_in_window - windows.onsets) / SIXTEENTH - 0.3)
    return replace(windows, onsets=onsets, ends_in_window=onsets + SIXTEENTH * np.maximum(sixteenths, 1))


class PartInputs:
    """The parts of a window table, ready to be given to a part student.

    While training, how notes are timed is at times that of a score, since much that is asked about is engraved or made
    by a program; and noise, all of which is, borrows the timing of music, lest exact timing be taken for noise.

    Attributes:
        rows: the first row of each part in the table, whose columns say what the part is, shape (parts,).
        count: how many windows each has, shape (parts,).
    """

    def __init__(self, table: WindowTable, grid: WindowGrid) -> None:
        self._rolls = PackedRolls(table, grid)
        self._windows = table.windows
        self._timing = self._timed(lambda windows: windows)
        self._shape = grid.shape
        self._is_music = table.label != NO_CLASS
        self._music = np.flatnonzero(self._is_music)
        _, self.rows, self.count = np.unique(table.part, return_index=True, return_counts=True)

    def _timed(self, played: Callable[[Windows], Windows]) -> np.ndarray:
        """The timing of every window as it is played, float32, shape (windows, NUMBERS)."""
        size = len(self._windows)
        chunks = np.array_split(np.arange(size), max(1, size // CHUNK))
        return np.concatenate([timing(played(self._windows.select(rows))) for rows in chunks])

    @cached_property
    def _engraved(self) -> np.ndarray:
        """The timing as a score would have it, which only training asks for."""
        return self._timed(engraved)

    def inputs(self, most: int, parts: np.ndarray, rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
        """Some windows of some parts: rolls, (parts, most, planes, 128, columns), timing, (parts, most, NUMBERS).

        While training they are drawn at random, of every other part only some of them, so that how much there is of a
        part (and of noise there is less) says nothing of what it is. Otherwise the first ones are taken.
        """
        counts = np.minimum(self.count[parts], most)
        if rng is not None:
            counts = np.where(rng.random(parts.size) < 0.5, counts, rng.integers(1, counts + 1))
        drawn = [
            first + (np.arange(count) if rng is None else rng.permutation(there)[:count])
            for first, there, count in zip(self.rows[parts], self.count[parts], counts, strict=True)
        ]
        rows = np.concatenate(drawn)
        place = np.repeat(np.arange(parts.size), counts), np.concatenate([np.arange(count) for count in counts])
        rolls = torch.zeros((parts.size, most, *self._shape))
        rolls[place] = torch.from_numpy(self._rolls.draw(rows).astype(np.float32))
        numbers = torch.zeros((parts.size, most, NUMBERS))
        numbers[place] = torch.from_numpy(self._timing[rows] if rng is None else self._retimed(rows, counts, rng))
        return rolls, numbers

    def _retimed(self, rows: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The timing of some windows while training, of so many a part, see the class."""
        drawn = np.repeat(rng.random(counts.size), counts)
        numbers: np.ndarray = np.where((drawn < ENGRAVED)[:, None], self._engraved[rows], self._timing[rows])
        borrowing = ~self._is_music[rows] & (drawn > 1 - BORROWED)
        numbers[borrowing] = self._timing[rng.choice(self._music, borrowing.sum())]
        return numbers
