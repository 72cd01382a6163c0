"""The temperature of a network of windows, fitted on the validation split (the studies' networks)."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from export.data.window_table import WindowTable
from music21_kdic.model.session import log_softmax


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
