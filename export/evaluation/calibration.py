"""Temperatures and thresholds of a trained student, fitted on the validation split; they go into the model's file.

Windows and parts have a temperature each. The parts' is fitted where it is to hold, at parts whose classes are as
frequent as their collection has them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import binomtest

from export.data.window_table import WindowTable, frequencies_of
from export.training.stored_logits import StoredLogits, part_means
from music21_kdic.answers.likeness import NINETY
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import log_softmax

ACCEPTED = 0.1  # share of the validation parts that are no music, to which a class is given all the same
RIGHT = 0.9  # of the answers that are as sure as `sure_confidence`


@dataclass(frozen=True)
class Scaling:
    """From a network's logits to log probabilities under equal priors: logits / temperature - log(priors)."""

    temperature: float
    priors: np.ndarray

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Log probabilities under equal priors, shape (windows, 8)."""
        return log_softmax(logits.astype(np.float64) / self.temperature - np.log(self.priors))


def fit_temperature(logits: np.ndarray, labels: np.ndarray, log_priors: np.ndarray | float = 0.0) -> float:
    """The temperature under which the labels are likeliest (Guo et al. 2017), between a fifth and five.

    Args:
        logits: of windows or parts, shape (n, 8).
        labels: shape (n,).
        log_priors: added to the logits once they are divided, of each or of all, shape (n, 8) or (8,).
    """
    values = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        logs = log_softmax(values / np.exp(log_temperature) + log_priors)
        return float(-logs[np.arange(labels.size), labels].mean())

    fitted = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method='bounded')
    return float(np.exp(fitted.x))


def fit_scaling(logits: np.ndarray, table: WindowTable) -> Scaling:
    """Fit the temperature on the validation windows; priors are the training set's frequencies."""
    rows = table.rows('val')
    return Scaling(fit_temperature(logits[rows], table.label[rows]), table.class_frequencies())


def fit_part_scaling(logits: np.ndarray, labels: np.ndarray, collection: np.ndarray, priors: np.ndarray) -> Scaling:
    """Fit the temperature of parts, whose classes are as frequent as they are in their collection.

    Args:
        logits: of validation parts, shape (parts, 8).
        labels: shape (parts,).
        collection: what each is from, shape (parts,).
        priors: how frequent each class was to those logits, shape (8,).
    """
    log_priors = np.zeros(logits.shape)
    for name in np.unique(collection):
        log_priors[collection == name] = np.log(frequencies_of(labels[collection == name]))
    return Scaling(fit_temperature(logits, labels, log_priors - np.log(priors)), priors)


def fit_spread(first: np.ndarray, others: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How much the log-odds of each class differ from one window of a part to the next: standard deviation, shape (8,).

    It is chosen so that nine in ten parts, classified from one window, are as its interval says
    (:mod:`music21_kdic.answers.likeness`), when they are classified from all their other windows.

    Args:
        first: log probabilities of validation parts, classified from one window, shape (parts, 8).
        others: the same from their other windows.
        counts: how many those are, shape (parts,).
    """
    apart = np.stack([_odds(first, i) - _odds(others, i) for i in range(len(CLASSES))], axis=1)
    # The others vary, too: they are a sample of so many.
    alone = np.abs(apart) / np.sqrt(1 + 1 / counts[:, None])
    spread: np.ndarray = np.maximum(np.quantile(alone, 0.9, axis=0) / NINETY, 1e-3)
    return spread


def _odds(logs: np.ndarray, index: int) -> np.ndarray:
    """Log-odds of a class, of log probabilities (n, 8)."""
    odds: np.ndarray = logs[:, index] - logsumexp(np.delete(logs, index, axis=1), axis=1)
    return odds


@dataclass(frozen=True)
class Calibration:
    """All that is fitted to a trained student, and goes into its file.

    Attributes:
        scaling: from a window's logits to log probabilities.
        part_scaling: the same of a part's: its head's logits, or the mean of its windows' log probabilities where there
            is no head.
        spread: see :func:`fit_spread`, shape (8,); 1 where there is no head for parts.
        least_confidence: see :func:`fit_least_confidence`; 0 where the student was trained without noise.
        sure_confidence: see :func:`fit_sure_confidence`.
    """

    scaling: Scaling
    part_scaling: Scaling
    spread: np.ndarray
    least_confidence: float
    sure_confidence: float

    def of_parts(self, stored: StoredLogits, table: WindowTable, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log probabilities of the parts of some rows under equal priors, (parts, 8), and the first row of each."""
        logits, first = part_logits(stored, self.scaling, table, rows)
        return self.part_scaling(logits), first


def part_logits(
    stored: StoredLogits, scaling: Scaling, table: WindowTable, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Logits of the parts of some rows, (parts, 8), and the first row of each part; parts are in rising order.

    Without a head for parts they are the mean log probabilities of its windows.
    """
    if not len(stored.parts):
        return part_means(scaling(stored.logits[rows]), table.part[rows])
    parts, first = np.unique(table.part[rows], return_index=True)
    return stored.parts[parts], first


def calibrate(stored: StoredLogits, table: WindowTable, noise: WindowTable | None = None) -> Calibration:
    """The calibration that fits a network's logits; ``noise`` is the window table of noise, if it was given any."""
    rows = stored.known(table.rows('val'))
    scaling = Scaling(fit_temperature(stored.logits[rows], table.label[rows]), table.class_frequencies())
    logits, first = part_logits(stored, scaling, table, rows)
    labels = table.label[rows][first]
    has_head = len(stored.parts) > 0
    priors = table.part_frequencies() if has_head else np.full(len(CLASSES), 1 / len(CLASSES))
    part_scaling = fit_part_scaling(logits, labels, table.collection[rows][first], priors)
    least = 0.0
    if noise is not None:
        rows_of_noise = noise.rows('val')
        least = fit_least_confidence(part_scaling(part_logits(stored.of_noise, scaling, noise, rows_of_noise)[0]))
    return Calibration(
        scaling,
        part_scaling,
        fit_spread(part_scaling(stored.first), part_scaling(stored.others), stored.other_windows)
        if len(stored.first)
        else np.ones(len(CLASSES)),
        least,
        fit_sure_confidence(part_scaling(logits), labels),
    )


def confidence(means: np.ndarray) -> np.ndarray:
    """The probability of the likeliest class of each part, shape (parts,), from log probabilities, shape (parts, 8)."""
    top: np.ndarray = np.exp(log_softmax(means)).max(axis=1)
    return top


def fit_least_confidence(logs: np.ndarray) -> float:
    """The confidence that no more than ACCEPTED of the parts that are no music reach.

    Args:
        logs: log probabilities under equal priors of validation parts that are no music, shape (parts, 8).
    """
    return round(float(np.quantile(confidence(logs), 1 - ACCEPTED)), 3)


def fit_sure_confidence(logs: np.ndarray, labels: np.ndarray) -> float:
    """The least confidence at which RIGHT of the answers are right; 1 where none will do.

    Found on some parts, it is to hold for others: so the lower bound of the share that is right (Wilson 1927,
    one-sided, 95 %) must reach RIGHT, not the share itself.

    Args:
        logs: what is answered to validation parts under equal priors, shape (parts, 8).
        labels: shape (parts,).
    """
    sure = confidence(logs)
    order = np.argsort(-sure, kind='stable')
    right = np.cumsum((logs.argmax(axis=1) == labels)[order])
    # The last of those that are equally sure: a threshold lets all of them in.
    for count in np.flatnonzero(np.diff(sure[order], append=-1.0))[::-1] + 1:
        bound = binomtest(int(right[count - 1]), int(count), alternative='greater').proportion_ci(0.95, 'wilson').low
        if bound >= RIGHT:
            return round(float(sure[order][count - 1]), 3)
    return 1.0
