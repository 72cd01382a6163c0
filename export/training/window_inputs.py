"""What a student of windows is given: piano-rolls."""

import numpy as np
import torch
from torch import Tensor

from export.data.window_table import WindowTable
from music21_kdic.features.windows import WindowGrid

CHUNK = 4096  # windows that are drawn at a time


class PackedRolls:
    """The piano-rolls of all windows, kept in memory as bits."""

    def __init__(self, table: WindowTable, grid: WindowGrid) -> None:
        self._grid = grid
        self._packed = np.concatenate(
            [
                np.packbits(table.rolls(grid, rows).reshape(rows.size, -1), axis=1)
                for rows in np.array_split(np.arange(table.label.size), max(1, table.label.size // CHUNK))
            ]
        )

    def inputs(self, rows: np.ndarray, rng: np.random.Generator | None) -> tuple[Tensor]:
        """Piano-rolls of some windows, float32, shape (rows, planes, 128, columns)."""
        return (torch.from_numpy(self.draw(rows).astype(np.float32)),)

    def draw(self, rows: np.ndarray) -> np.ndarray:
        """The same as uint8."""
        drawn: np.ndarray = np.unpackbits(self._packed[rows], axis=1).reshape(rows.size, *self._grid.shape)
        return drawn
