"""The logits of trained networks, stored in the working folder: what is distilled, calibrated and evaluated."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from export.data.window_table import WindowTable
from music21_kdic.classes import CLASSES


def _none() -> np.ndarray:
    return np.zeros((0, len(CLASSES)), dtype=np.float32)


@dataclass(frozen=True)
class StoredLogits:
    """The logits of a trained network, as the verbs that train leave them.

    Attributes:
        logits: of every window of the window table, NaN for those that it was not given, shape (windows, 8).
        trained_on: the rows of the window table that it was trained on.
        parts: of a part student, the logits of every part, shape (parts, 8); none of others.
        noise: logits of every window of :mod:`export.data.noise`; none where it was not given any.
        noise_parts: the same of its parts.
        first, others: logits of the validation parts that have at least three windows, classified from the first and
            from the others, shape (parts, 8); none where there is no head for parts.
        other_windows: how many the others are, shape (parts,).
    """

    logits: np.ndarray
    trained_on: np.ndarray
    parts: np.ndarray
    noise: np.ndarray
    noise_parts: np.ndarray
    first: np.ndarray = field(default_factory=_none)
    others: np.ndarray = field(default_factory=_none)
    other_windows: np.ndarray = field(default_factory=_none)

    @property
    def of_noise(self) -> 'StoredLogits':
        """The logits of noise, as those of a table of its own."""
        none = np.zeros(0, dtype=np.int64)
        return replace(self, logits=self.noise, parts=self.noise_parts, trained_on=none)

    def known(self, rows: np.ndarray) -> np.ndarray:
        """Those of some rows of the window table that have logits."""
        known: np.ndarray = rows[~np.isnan(self.logits[rows, 0])]
        return known


def read_logits(path: Path, table: WindowTable, verb: str) -> StoredLogits:
    """Read the logits of a network of windows or of parts.

    Raises:
        FileNotFoundError, ValueError: where they are not there, or are about another table; ``verb`` makes them.
    """
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb}` first')
    with np.load(path) as file:
        named = ('parts', 'noise', 'noise_parts', 'first', 'others', 'other_windows')
        stored = StoredLogits(file['logits'], file['trained_on'], *(file.get(name, _none()) for name in named))
    if len(stored.logits) != table.label.size:
        raise ValueError(f'{path}: logits of {len(stored.logits)} windows, wanted {table.label.size}: {verb} again')
    return stored


def part_means(logs: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average log probabilities over each part: (means, first row of each part), parts in rising order."""
    _, first, row = np.unique(parts, return_index=True, return_inverse=True)
    sums = np.zeros((first.size, logs.shape[1]))
    np.add.at(sums, row, logs)
    return sums / np.bincount(row)[:, None], first
