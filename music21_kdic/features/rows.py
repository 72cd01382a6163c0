"""Sums over what belongs to windows or parts: notes, chords, steps; all windows of a file at once, without a loop."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.features.number_names import MORE, SIXTEENTH, TICK
from music21_kdic.reading.notes import FloatArray, IntArray

Numbers = npt.NDArray[np.float32]


class Rows:
    """Things that belong to windows (notes, chords, steps), window after window, and their sums.

    Attributes:
        of: the window of each, rising, shape (things,).
        count: how many each window has, at least 1, to divide by, shape (windows, 1).
    """

    def __init__(self, of: IntArray, size: int) -> None:
        self.of, self.size = of, size
        counts = np.bincount(of, minlength=size)
        self.some = np.flatnonzero(counts)
        self.first = (np.cumsum(counts) - counts)[self.some]
        self.counts = counts
        self.count = np.maximum(counts, 1)[:, None].astype(np.float64)

    def add(self, *values: npt.NDArray[np.generic]) -> FloatArray:
        """The sum of each of some numbers of the things, (windows, how many numbers)."""
        return self._reduced(np.add, values, np.float64)

    def share(self, *true: npt.NDArray[np.bool_]) -> FloatArray:
        """Of what is true or not of each thing, how many of them it is true of, 0 to 1: (windows, how many)."""
        return self._reduced(np.add, true, np.float32) / self.count

    def most(self, *values: npt.NDArray[np.generic]) -> FloatArray:
        """The largest of each of some numbers, none of which is negative, (windows, how many numbers)."""
        return self._reduced(np.maximum, values, np.float64)

    def kinds(self, kind: IntArray, kinds: int, weight: FloatArray | None = None) -> FloatArray:
        """How many things are of each kind, (windows, kinds)."""
        counts: npt.NDArray[Any] = np.bincount(self.of * kinds + kind, weight, self.size * kinds)
        return counts.reshape(-1, kinds)

    def rising(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The values of the things, those of each window in rising order, (things,)."""
        result = values.copy()
        for here in laid_out(self.counts[self.some].tolist()):  # much faster than to sort all by window and value
            result[here].sort()
        return result

    def new(self, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Which things are the first of their window, or of another value than the one before, (things,)."""
        new = np.ones(self.of.size, np.bool_)
        new[1:] = (values[1:] != values[:-1]) | (self.of[1:] != self.of[:-1])
        return new

    def _reduced(self, how: np.ufunc, values: Sequence[npt.NDArray[np.generic]], kind: type) -> FloatArray:
        result = np.zeros((self.size, len(values)))
        if self.of.size:
            table: npt.NDArray[Any] = np.empty((len(values), self.of.size), kind)
            for row, column in zip(table, values, strict=True):
                row[:] = column
            result[self.some] = how.reduceat(table, self.first, axis=1).T
        return result


def in_ticks(times: FloatArray) -> FloatArray:
    """Times rounded to TICK."""
    return np.round(times * (1 / TICK)) * TICK


def deviation(mean: FloatArray, square: FloatArray) -> FloatArray:
    """The deviation, from a mean and the mean of squares."""
    return np.sqrt(np.maximum(square - mean * mean, 0))


def late(chords: Rows, place: FloatArray) -> FloatArray:
    """Which windows or parts play a sixteenth late: most of their chords begin on sixteenths between two eighths.

    Their barlines are taken for a sixteenth later, so a part that is moved by a sixteenth is what it was.

    Args:
        chords: their chords.
        place: where each chord begins, in quarter lengths from a barline.

    Returns:
        0 or a sixteenth, in quarter lengths, shape (windows or parts,).
    """
    sixteenths = place * (1 / SIXTEENTH)
    nearest = np.rint(sixteenths)
    near, odd = np.abs(sixteenths - nearest) < SIXTEENTH, nearest % 2 == 1
    between, on_eighths = chords.add(near & odd, near & ~odd).T
    return np.where(between > MORE * on_eighths, SIXTEENTH, 0.0)


def laid_out(sizes: Sequence[int]) -> list[slice]:
    """Where things of so many rows lie that are laid end to end.

    >>> laid_out([2, 1])
    [slice(0, 2, None), slice(2, 3, None)]
    """
    return [slice(*both) for both in pairwise(accumulate(sizes, initial=0))]
