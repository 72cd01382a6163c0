"""Figures of trust in the answers to parts: calibration, sure answers, ranking, intervals."""

from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from export.data.window_table import frequencies_of
from export.evaluation.calibration import confidence
from music21_kdic.answers.likeness import NINETY, error_of_log_odds, weighted_log_odds
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import log_softmax

CONFIDENCES = (0.5, 0.8, 0.9)
BINS = 15  # of equal width, as Guo et al. (2017) have them
CLASS_INDICES = list(range(len(CLASSES)))


def reliability(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """The expected calibration error, and what a reliability diagram shows: is as much right as the answers claim?

    Args:
        probabilities: of each class, shape (n, 8).
        labels: shape (n,).

    Returns:
        ``ece``: the mean of |accuracy - confidence| over the BINS of the likeliest class's probability, weighted by
        how many answers lie in each; ``bins``: of each that holds any ``low``, ``high``, ``count``, ``confidence``
        (the mean) and ``accuracy``.
    """
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    bin_of = np.clip(np.searchsorted(edges, top, side='left') - 1, 0, BINS - 1)  # a bin holds its upper edge
    bins = [
        {
            'low': round(float(edges[index]), 4),
            'high': round(float(edges[index + 1]), 4),
            'count': int((bin_of == index).sum()),
            'confidence': float(top[bin_of == index].mean()),
            'accuracy': float(right[bin_of == index].mean()),
        }
        for index in np.unique(bin_of).tolist()
    ]
    error = sum(found['count'] * abs(found['accuracy'] - found['confidence']) for found in bins) / labels.size
    rounded = [{key: round(value, 4) for key, value in found.items()} for found in bins]
    return {'ece': round(error, 4), 'bins': rounded}


def calibration_of_parts(means: np.ndarray, labels: np.ndarray, frequencies: np.ndarray) -> dict[str, Any]:
    """The reliability of parts where classes are as frequent as in their collection.

    Args:
        means: log probabilities of each part under equal priors, shape (parts, 8).
        labels: shape (parts,).
        frequencies: of the classes, which are the priors, shape (8,).

    Returns:
        As :func:`reliability`, the priors, and ``ece_of_own``: the error if one knew how frequent the classes are among
        these very parts.
    """
    found = reliability(np.exp(log_softmax(means + np.log(frequencies))), labels)
    own = reliability(np.exp(log_softmax(means + np.log(frequencies_of(labels)))), labels)
    priors = dict(zip(CLASSES, frequencies.round(4).tolist(), strict=True))
    return {**found, 'ece_of_own': own['ece'], 'priors': priors}


def sure_answers(logs: np.ndarray, labels: np.ndarray, least: float | None = None) -> dict[str, Any]:
    """Of the answers at least so sure: how many there are (a share of all), and how many of them are right.

    For each of CONFIDENCES, shape of both ``{'share', 'right'}``; for ``least`` alone where it is given.
    """
    sure, right = confidence(logs), logs.argmax(axis=1) == labels

    def counted(least: float) -> dict[str, float]:
        answered = sure >= least
        return {
            'share': round(float(answered.mean()), 4),
            'right': round(float(right[answered].mean()), 4) if answered.any() else 0.0,
        }

    return {str(each): counted(each) for each in CONFIDENCES} if least is None else counted(least)


def unclear_answers(logs: np.ndarray, labels: np.ndarray, least: float) -> dict[str, float]:
    """The share of answers that are less sure than ``least``, and how many of them would have been right."""
    unclear = confidence(logs) < least
    right = logs.argmax(axis=1) == labels
    return {
        'share': round(float(unclear.mean()), 4),
        'right': round(float(right[unclear].mean()), 4) if unclear.any() else 0.0,
    }


def ranking(logs: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The area under the ROC curve of each class's likeness: has a part of the class more of it than one that is not?

    Args:
        logs: log probabilities of parts under equal priors, shape (parts, 8).
        labels: shape (parts,).

    Returns:
        By class, for those that occur and are not all there is; ``mean`` over them.
    """
    likenesses = np.exp(log_softmax(logs))
    found = {
        CLASSES[index]: float(roc_auc_score(labels == index, likenesses[:, index]))
        for index in CLASS_INDICES
        if 0 < (labels == index).sum() < labels.size
    }
    if found:
        found['mean'] = float(np.mean(list(found.values())))
    return {name: round(value, 4) for name, value in found.items()}


def interval_coverage(
    windows: np.ndarray, first: np.ndarray, others: np.ndarray, counts: np.ndarray, spread: np.ndarray
) -> dict[str, float]:
    """How often the likeness from a few windows of a part holds for its other windows, as its interval promises.

    Args:
        windows: log probabilities of the first windows under equal priors, shape (parts, count, 8).
        first: those of the part, from these windows, shape (parts, 8).
        others: the same from its other windows.
        counts: how many those are, shape (parts,).
        spread: of :func:`export.evaluation.calibration.fit_spread`.

    Returns:
        The number of parts; the share of (part, class) pairs in which the log-odds of the other windows lie in the
        interval; and the share to be expected if it is right: nine tenths, less what the others vary themselves.
    """
    count = windows.shape[1]
    inside = []
    for of_windows, part, of_others in zip(windows, first, others, strict=True):
        for index in CLASS_INDICES:
            wished = np.eye(len(CLASSES))[index]
            odds, again = (weighted_log_odds(np.exp(logs), wished) for logs in (part, of_others))
            error, _ = error_of_log_odds(of_windows, wished, spread)
            inside.append(abs(odds - again) <= NINETY * error)
    expected = 2 * norm.cdf(NINETY / np.sqrt(1 + count / counts)) - 1
    return {
        'windows': count,
        'parts': len(windows),
        'inside': round(float(np.mean(inside)), 4),
        'expected': round(float(np.mean(expected)), 4),
    }
