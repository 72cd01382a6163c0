"""Temperatures, fitted to validation parts and windows: of students of parts, and of the networks of windows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from export.data.window_table import WindowTable
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import class_logs, log_softmax

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scaling:
    """From a network's logits to log probabilities under equal priors: logits / temperature - log(priors)."""

    temperature: float
    priors: np.ndarray

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Log probabilities under equal priors, shape (windows, 8)."""
        return log_softmax(logits.astype(np.float64) / self.temperature - np.log(self.priors))


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature under which the labels are likeliest (Guo et al. 2017), between a fifth and five.

    Args:
        logits: of windows or parts, shape (n, 8).
        labels: shape (n,).
    """
    values = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        logs = log_softmax(values / np.exp(log_temperature))
        return float(-logs[np.arange(labels.size), labels].mean())

    fitted = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method='bounded')
    return float(np.exp(fitted.x))


def fit_scaling(logits: np.ndarray, table: WindowTable) -> Scaling:
    """Fit the temperature on the validation windows; priors are the training set's frequencies."""
    rows = table.rows('val')
    return Scaling(fit_temperature(logits[rows], table.label[rows]), table.class_frequencies())


def fit_part_temperature(
    logits: npt.NDArray[np.floating], music: npt.NDArray[np.floating], label: Ints, collection: Ints, priors: Floats
) -> float:
    """The temperature under which the labels are likeliest, classes being as frequent as each collection has them.

    Args:
        logits: of a student, shape (parts, 8).
        music: log-odds of being music, shape (parts,).
        label: shape (parts,).
        collection: of each; a collection of n parts counts as the square root of n.
        priors: the class frequencies that it learnt, shape (8,).
    """
    frequencies, weight = np.zeros(logits.shape), np.zeros(label.size)
    for each in np.unique(collection):
        rows = collection == each
        counts = np.bincount(label[rows], minlength=len(CLASSES)) + 1.0
        frequencies[rows] = np.log(counts / counts.sum())
        weight[rows] = rows.sum() ** -0.5

    def loss(log_temperature: float) -> float:
        logs = equal_priors(logits, music, priors, float(np.exp(log_temperature)))
        logs = log_softmax(logs + frequencies)
        return -float(np.average(logs[np.arange(label.size), label], weights=weight))

    return float(np.exp(minimize_scalar(loss, bounds=(-1, 1.5), method='bounded').x))


def equal_priors(
    logits: npt.NDArray[np.floating], music: npt.NDArray[np.floating], priors: Floats, temperature: float
) -> Floats:
    """Log probabilities under equal priors, from a student's logits; what is no music is of any class alike.

    Args:
        logits: shape (parts, 8).
        music: log-odds of being music, shape (parts,).
        priors: the class frequencies that the student learnt, shape (8,).
        temperature: of the logits.
    """
    return class_logs((logits.astype(np.float64) - np.log(priors)) / temperature, music.astype(np.float64))
