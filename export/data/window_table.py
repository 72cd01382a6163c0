"""The window table: all windows of a working folder as arrays, read from shards that are each written once.

    WORK/shards/0000.npz       windows and their notes                     (prepare)
    WORK/mel/0000.npz          their log-mel spectrograms                  (render)
    WORK/RECIPE/...            weights and logits of a recipe's networks   (train-aic, controls, ...)

A shard holds whole files, drawn at random over all collections, so that any first few shards are a fair sample.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.data.sources import TESTED_SPLITS
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import WindowGrid, Windows, piano_roll

SPLITS = ('train', 'val', *TESTED_SPLITS)


def shard_paths(work: Path) -> list[Path]:
    """The shards that ``prepare`` has written, in order."""
    return sorted((work / 'shards').glob('[0-9]*.npz'))


def frequencies_of(labels: np.ndarray) -> np.ndarray:
    """How frequent each class is among some labels: shape (8,), none is 0, the sum is 1."""
    counts = np.bincount(labels, minlength=len(CLASSES)) + 1.0
    frequencies: np.ndarray = counts / counts.sum()
    return frequencies


@dataclass(frozen=True)
class WindowTable:
    """All windows of a working folder, as arrays.

    Attributes:
        windows: the windows and their notes, see :class:`music21_kdic.features.windows.Windows`.
        label: class of each window, index into CLASSES, or NO_CLASS, shape (windows,).
        part: number of its part, counted over all shards, shape (windows,).
        split: index into SPLITS, shape (windows,).
        source: where its file comes from, shape (windows,), strings.
        group: the near-duplicates it belongs to, shape (windows,), strings.
    """

    windows: Windows
    label: np.ndarray
    part: np.ndarray
    split: np.ndarray
    source: np.ndarray
    group: np.ndarray

    def rows(self, split: str) -> np.ndarray:
        """The row numbers of a split."""
        return np.flatnonzero(self.split == SPLITS.index(split))

    def class_frequencies(self) -> np.ndarray:
        """How frequent each class is in the training windows: shape (8,), none is 0, the sum is 1."""
        return frequencies_of(self.label[self.rows('train')])

    def select(self, rows: np.ndarray) -> 'WindowTable':
        """A table of some of the windows, in the order of ``rows``; parts keep their numbers."""
        columns = {name: getattr(self, name)[rows] for name in ('label', 'part', 'split', 'source', 'group')}
        return WindowTable(self.windows.select(rows), **columns)

    def rolls(self, grid: WindowGrid, rows: np.ndarray) -> np.ndarray:
        """Piano-rolls of some windows: uint8, shape (rows, planes, 128, columns), in the order of ``rows``."""
        return piano_roll(self.windows.select(rows), grid)


def load_windows(work: Path, shards: int = 0) -> WindowTable:
    """Read the shards (the first few of them, or all) into one table."""
    paths = shard_paths(work)[: shards or None]
    if not paths:
        raise FileNotFoundError(f'{work}/shards: no shard there; run `python -m export prepare` first')
    columns: dict[str, list[np.ndarray]] = {}
    windows_before = parts_before = 0
    for path in paths:
        with np.load(path) as shard:
            part = shard['part']
            here = {name: shard[name] for name in ('starts', 'ends', 'bars', 'onsets', 'ends_in_window', 'pitches')}
            here['window'] = shard['window'] + windows_before
            here['part'] = part + parts_before
            for name in ('label', 'split', 'source', 'group'):
                here[name] = shard[f'part_{name}'][part]
            windows_before += part.size
            parts_before += shard['part_label'].size
        for name, column in here.items():
            columns.setdefault(name, []).append(column)
    joined = {name: np.concatenate(column) for name, column in columns.items()}
    windows = Windows(*(joined.pop(name) for name in Windows.__dataclass_fields__))
    return WindowTable(windows=windows, **joined)
