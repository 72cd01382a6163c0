"""The logits of trained networks, stored in the working folder: what is distilled, calibrated and evaluated."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.data.window_table import WindowTable


@dataclass(frozen=True)
class StoredLogits:
    """The logits of a trained network of windows, as the verbs that train leave them.

    Attributes:
        logits: of every window of the window table, NaN for those that it was not given, shape (windows, 8).
        trained_on: the rows of the window table that it was trained on.
    """

    logits: np.ndarray
    trained_on: np.ndarray


def read_logits(path: Path, table: WindowTable, verb: str) -> StoredLogits:
    """Read the logits of a network of windows.

    Raises:
        FileNotFoundError, ValueError: where they are not there, or are about another table; ``verb`` makes them.
    """
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb}` first')
    with np.load(path) as file:
        stored = StoredLogits(file['logits'], file['trained_on'])
    if len(stored.logits) != table.label.size:
        raise ValueError(f'{path}: logits of {len(stored.logits)} windows, wanted {table.label.size}: {verb} again')
    return stored


def part_means(logs: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average log probabilities over each part: (means, first row of each part), parts in rising order."""
    _, first, row = np.unique(parts, return_index=True, return_inverse=True)
    sums = np.zeros((first.size, logs.shape[1]))
    np.add.at(sums, row, logs)
    return sums / np.bincount(row)[:, None], first
