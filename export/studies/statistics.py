"""F1 of trained rows, with intervals that hold for other songs and other seeds.

The parts of a song, and its near-duplicates, are not independent of one another, nor are the windows of a part: what is
drawn again is the song (a cluster bootstrap: Field and Welsh 2007). A row's figure is the mean over its seeds; they are
drawn again too, n - 1 of n with replacement, so that the noise of training is in the interval at its unbiased size
(Rao and Wu 1988). Every row of a study sees the same draws of songs, so that differences are paired.

A draw of songs is how often it has each of them, and a confusion matrix is a sum over songs: all draws are one product
of matrices. `scipy.stats.bootstrap` would hold each draw's songs instead, several gigabytes at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from export.studies.store import PLACES, STUDY_LEVELS, Decided, Study, TestSet, read_runs, read_study, read_test_set
from music21_kdic.classes import CLASSES

METRICS = ('macro', 'weighted', 'micro')
REPLICATES = 2000
CONFIDENCE = 0.95
N = len(CLASSES)


@dataclass(frozen=True)
class Estimate:
    """A figure: its value, the standard deviation over seeds (none where there is one seed), and its interval."""

    value: float
    deviation: float | None
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """'better' or 'worse', if it is a difference whose interval leaves out 0; else ''."""
        return 'better' if self.low > 0 else 'worse' if self.high < 0 else ''


@dataclass(frozen=True)
class Sample:
    """F1 of a row on some test songs.

    Attributes:
        values: by seed and metric, shape (seeds, 3).
        replicates: the mean over seeds, drawn again, by draw and metric, shape (REPLICATES, 3).
    """

    values: np.ndarray
    replicates: np.ndarray

    def estimate(self, metric: str) -> Estimate:
        """The figure of one metric, one of METRICS."""
        column = METRICS.index(metric)
        values = self.values[:, column]
        deviation = float(values.std(ddof=1)) if values.size > 1 else None
        return Estimate(float(values.mean()), deviation, *_interval(self.replicates[:, column]))

    def minus(self, other: 'Sample', metric: str) -> Estimate:
        """The difference of two rows; it is paired where both saw the same draws of songs."""
        column = METRICS.index(metric)
        value = self.values[:, column].mean() - other.values[:, column].mean()
        return Estimate(float(value), None, *_interval(self.replicates[:, column] - other.replicates[:, column]))


def f1(confusion: np.ndarray) -> np.ndarray:
    """Macro-, weighted- and micro-F1 of confusion counts, shape (..., 8, 8), true by guessed: shape (..., 3).

    Macro-F1 is over the classes that occur. Each window or part has one class and gets one, so micro-F1 is accuracy.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, guessed = confusion.sum(axis=-1), confusion.sum(axis=-2)
    of_class = f1_by_class(confusion)
    occurs = true > 0
    total = true.sum(axis=-1)
    return np.stack(
        [
            np.where(occurs, of_class, 0).sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1),
            (true * of_class).sum(axis=-1) / np.maximum(total, 1),
            right.sum(axis=-1) / np.maximum(guessed.sum(axis=-1), 1),
        ],
        axis=-1,
    )


def f1_by_class(confusion: np.ndarray) -> np.ndarray:
    """F1 of each class, 0 where it neither occurs nor is guessed: shape (..., 8) of confusion counts (..., 8, 8)."""
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    either = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    scores: np.ndarray = 2 * right / np.maximum(either, 1)
    return scores


def song_confusions(song: np.ndarray, label: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """Count (true, guessed) by song: float64, shape (songs, 8, 8), songs in rising order; all three shape (items,)."""
    songs, number = np.unique(song, return_inverse=True)
    cell = (number * N + label) * N + guess
    return np.bincount(cell, minlength=songs.size * N * N).reshape(songs.size, N, N).astype(np.float64)


def draw_songs(songs: int, rng: np.random.Generator) -> np.ndarray:
    """How often each song is in each draw of as many songs, with replacement: float64, shape (REPLICATES, songs)."""
    return rng.multinomial(songs, np.full(songs, 1 / songs), size=REPLICATES).astype(np.float64)


def sample(confusions: Sequence[np.ndarray], draws: np.ndarray, rng: np.random.Generator) -> Sample:
    """The F1 of a row.

    Args:
        confusions: :func:`song_confusions` of each seed.
        draws: :func:`draw_songs` of those songs.
        rng: draws the seeds.
    """
    seeds = len(confusions)
    values = np.stack([f1(counts.sum(axis=0)) for counts in confusions])
    drawn = np.stack([f1((draws @ counts.reshape(-1, N * N)).reshape(-1, N, N)) for counts in confusions], axis=1)
    again = max(1, seeds - 1)
    share = rng.multinomial(again, np.full(seeds, 1 / seeds), size=len(draws)) / again
    return Sample(values, np.einsum('rs,rsm->rm', share, drawn))


def _interval(replicates: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(replicates, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _rng(*words: str) -> np.random.Generator:
    """Draws that are the same in every run, and others for other words."""
    return np.random.default_rng(list('/'.join(words).encode()))


class Answered:
    """A study with the answers of its rows.

    Raises:
        FileNotFoundError, ValueError: where it is not there, or a row's answers are not those of its test set.
    """

    def __init__(self, folder: Path) -> None:
        self.study: Study = read_study(folder)
        self._test_set: TestSet = read_test_set(folder)
        self.runs: dict[str, dict[int, Decided]] = {row.name: read_runs(folder, row.name) for row in self.study.rows}
        sizes = {'windows': self._test_set.part.size, 'parts': self._test_set.label.size}
        for name, runs in self.runs.items():
            for seed, decided in runs.items():
                for levels in decided.values():
                    for level, guess in levels.items():
                        if guess.shape != (sizes[level],):
                            raise ValueError(
                                f'{folder}: row {name!r}, seed {seed}, answers to {len(guess):,} {level}, '
                                f'wanted {sizes[level]:,}, those of test_set.npz'
                            )
        self._draws: dict[str, np.ndarray] = {}
        self._samples: dict[tuple[str, str, str, str], Sample] = {}

    @cached_property
    def sources(self) -> list[str]:
        """Where the test parts come from."""
        return sorted(map(str, np.unique(self._test_set.source)))

    @cached_property
    def places(self) -> list[str]:
        """The collections that were tested on."""
        return [place for place in PLACES if (self._test_set.place == place).any()]

    @cached_property
    def levels(self) -> list[str]:
        """The levels that any row has answers for."""
        return [level for level in STUDY_LEVELS if any(self.seeds(row.name, level) for row in self.study.rows)]

    @cached_property
    def differences_run(self) -> list[tuple[str, str]]:
        """The differences that the study asks for, of rows that both have answers."""
        return [pair for pair in self.study.differences if all(self.seeds(name) for name in pair)]

    def seeds(self, row: str, level: str = 'windows') -> list[int]:
        """The seeds that a row was trained with, and has answers for."""
        return [seed for seed, decided in self.runs.get(row, {}).items() if level in decided['trained']]

    def counts(self, where: str) -> tuple[int, int, int]:
        """The windows, parts and songs of a place or source."""
        chosen = self._parts_of(where)
        windows = int(chosen[self._test_set.part].sum())
        return windows, int(chosen.sum()), np.unique(self._test_set.song[chosen]).size

    def confusions(self, row: str, where: str, level: str, decision: str) -> list[np.ndarray]:
        """By seed the confusion counts of each song of a place or source, shape (songs, 8, 8)."""
        test_set, chosen = self._test_set, self._parts_of(where)
        part = test_set.part if level == 'windows' else np.arange(test_set.label.size)
        item = chosen[part]
        song, label = test_set.song[part[item]], test_set.label[part[item]]
        return [
            song_confusions(song, label, self.runs[row][seed][decision][level][item]) for seed in self.seeds(row, level)
        ]

    def sample(self, row: str, where: str, level: str, decision: str) -> Sample | None:
        """The F1 of a row on a place or source; none where it was not trained or has no answers at the level."""
        if not self.seeds(row, level):
            return None
        key = (row, where, level, decision)
        if key not in self._samples:
            study = self.study.drawn_as or self.study.name
            drawn_as = next((each.drawn_as for each in self.study.rows if each.name == row), '') or row
            if where not in self._draws:
                self._draws[where] = draw_songs(self.counts(where)[2], _rng(study, where))
            self._samples[key] = sample(self.confusions(*key), self._draws[where], _rng(study, drawn_as, 'seeds'))
        return self._samples[key]

    def _parts_of(self, where: str) -> np.ndarray:
        chosen: np.ndarray = (self._test_set.place == where) | (self._test_set.source == where)
        return chosen
