"""Figures of answers to parts: how often they are right, how well they rank, how far confidence can be trusted.

Intervals hold for other songs and other seeds. The parts of a song, and its near-duplicates, are not independent of one
another: what is drawn again is the song (a cluster bootstrap: Field and Welsh 2007). A figure is the mean over seeds;
they are drawn again too, n - 1 of n with replacement, so that the noise of training is in the interval at its unbiased
size (Rao and Wu 1988).

A draw of songs is how often it has each of them, and a confusion matrix is a sum over songs: all draws are one product
of matrices. `scipy.stats.bootstrap` would hold each draw's songs instead, several gigabytes at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax, logsumexp
from scipy.stats import binomtest
from sklearn.metrics import f1_score, roc_auc_score

from music21_kdic.classes import CLASSES

FEWEST = 5  # parts of a class that a ranking can be measured with
BINS = 15  # of equal width, as Guo et al. (2017) have them
METRICS = ('macro', 'weighted', 'micro')
REPLICATES = 2000  # of a bootstrap
CONFIDENCE = 0.95
N = len(CLASSES)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def right(logs: Floats, label: Ints) -> tuple[float, float, float]:
    """Macro-F1 over the classes that occur, accuracy, and F1 weighted by class, of the likeliest classes.

    Args:
        logs: log probabilities, shape (parts, 8).
        label: shape (parts,), at least one.
    """
    answer = logs.argmax(axis=1)
    macro = f1_score(label, answer, labels=np.unique(label), average='macro', zero_division=0)
    weighted = f1_score(label, answer, average='weighted', zero_division=0)
    return float(macro), float((answer == label).mean()), float(weighted)


def ranking(logs: Floats, label: Ints) -> float:
    """Area under the ROC curve of each class's log-odds, the mean over classes of FEWEST parts or more; 0 for none."""
    odds = log_odds(logs)
    of_class = [
        roc_auc_score(label == each, odds[:, each])
        for each in range(len(CLASSES))
        if FEWEST <= (label == each).sum() < label.size
    ]
    return float(np.mean(of_class or [0.0]))


def log_odds(logs: Floats) -> Floats:
    """How much likelier each class is than the others together: natural logarithm, shape (parts, 8)."""
    others = [logsumexp(np.delete(logs, each, axis=1), axis=1) for each in range(len(CLASSES))]
    odds: Floats = logs - np.stack(others, axis=1)
    return odds


def calibration_error(probabilities: Floats, label: Ints) -> float:
    """Expected calibration error of the likeliest class (Guo et al. 2017)."""
    confidence, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == label
    bin_of = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    apart = [abs(float((confidence - is_right)[bin_of == each].sum())) for each in np.unique(bin_of)]
    return float(sum(apart) / label.size)


def lower_bound(hits: int, of: int) -> float:
    """The lower bound of a share (Wilson 1927, one-sided, 95 %); 0 of nothing.

    >>> round(lower_bound(90, 100), 3)
    0.84
    """
    return float(binomtest(hits, of, alternative='greater').proportion_ci(0.95, 'wilson').low) if of else 0.0


def deviation(values: npt.ArrayLike) -> Floats:
    """The unbiased standard deviation over seeds, the first axis of what is given; 0 where there is one seed."""
    of_seeds = np.asarray(values, dtype=np.float64)
    found: Floats = of_seeds.std(axis=0, ddof=1) if len(of_seeds) > 1 else np.zeros(of_seeds.shape[1:])
    return found


def under_priors(logs: Floats, priors: Floats) -> Floats:
    """Log probabilities under some priors, from such under equal ones."""
    result: Floats = log_softmax(logs + np.log(priors), axis=1)
    return result


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


def intervals(logs: Sequence[Floats], label: Ints, group: npt.NDArray[np.str_]) -> list[list[float]]:
    """Intervals of the means over seeds of macro-F1 and accuracy: [[low, high], [low, high]].

    Args:
        logs: log probabilities that the student of each seed gave, each of shape (parts, 8).
        label: shape (parts,).
        group: what is drawn again, shape (parts,): the songs with their near-duplicates.
    """
    rng = np.random.default_rng(0)
    draws = draw_songs(np.unique(group).size, rng)
    found = sample([song_confusions(group, label, each.argmax(axis=1)) for each in logs], draws, rng)
    return [[round(each.low, 3), round(each.high, 3)] for each in map(found.estimate, ('macro', 'micro'))]
