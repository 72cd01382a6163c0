"""Figures of answers to parts: how often they are right, how well they rank, how far confidence can be trusted."""

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax, logsumexp
from scipy.stats import binomtest
from sklearn.metrics import f1_score, roc_auc_score

from music21_kdic.classes import CLASSES

FEWEST = 5  # parts of a class that a ranking can be measured with
BINS = 15  # of equal width, as Guo et al. (2017) have them
DRAWS = 200  # of a bootstrap
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


def interval(logs: Floats, label: Ints, group: npt.NDArray[np.str_]) -> list[list[float]]:
    """95 % intervals of macro-F1 and accuracy, by bootstrap over groups: [[low, high], [low, high]]."""
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(group == each) for each in np.unique(group)]
    figures = []
    for _ in range(DRAWS):
        rows = np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))])
        figures.append(right(logs[rows], label[rows])[:2])
    found: list[list[float]] = np.quantile(figures, [0.025, 0.975], axis=0).round(3).T.tolist()
    return found


def lower_bound(hits: int, of: int) -> float:
    """The lower bound of a share (Wilson 1927, one-sided, 95 %); 0 of nothing.

    >>> round(lower_bound(90, 100), 3)
    0.839
    """
    return float(binomtest(hits, of, alternative='greater').proportion_ci(0.95, 'wilson').low) if of else 0.0


def under_priors(logs: Floats, priors: Floats) -> Floats:
    """Log probabilities under some priors, from such under equal ones."""
    result: Floats = log_softmax(logs + np.log(priors), axis=1)
    return result
