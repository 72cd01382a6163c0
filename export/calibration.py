"""What is fitted on the validation split once a student is trained, and goes into its file beside the weights."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar

from export.shards import WindowTable
from music21_kdic.classes import CLASSES
from music21_kdic.likeness import contributions
from music21_kdic.model import log_softmax

ACCEPTED = 0.1  # share of the validation parts that are no music, to which a class is given all the same


@dataclass(frozen=True)
class Scaling:
    """How a network's logits become log probabilities under equal priors: logits / temperature - log(priors)."""

    temperature: float
    priors: np.ndarray

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Log probabilities under equal priors, shape (windows, 8)."""
        return log_softmax(logits.astype(np.float64) / self.temperature - np.log(self.priors))


def fit_scaling(logits: np.ndarray, table: WindowTable) -> Scaling:
    """Fit the temperature on the validation windows; priors are the training set's frequencies."""
    rows = table.rows('val')
    return Scaling(fit_temperature(logits[rows], table.label[rows]), table.class_frequencies())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which logits, shape (windows, 8), speak the truth about labels (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        logs = log_softmax(logits.astype(np.float64) / np.exp(log_temperature))
        return float(-logs[np.arange(labels.size), labels].mean())

    fitted = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method='bounded')
    return float(np.exp(fitted.x))


def rows_by_part(parts: np.ndarray) -> list[np.ndarray]:
    """The rows of each part, parts in rising order."""
    order = np.argsort(parts, kind='stable')
    return np.split(order, np.flatnonzero(np.diff(parts[order])) + 1)


def fit_spread(logs: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """How much the windows of one part differ in the log-odds of each class: standard deviation, shape (8,).

    Args:
        logs: log probabilities under equal priors of validation windows, shape (windows, 8).
        parts: the part of each, shape (windows,).
    """
    deviations = []
    for rows in rows_by_part(parts):
        mean = log_softmax(logs[rows].mean(axis=0))
        added = np.stack([contributions(logs[rows], mean, index) for index in range(len(CLASSES))], axis=1)
        deviations.append(added - added.mean(axis=0))
    squares = (np.concatenate(deviations) ** 2).sum(axis=0)
    freedom = max(1, parts.size - len(deviations))  # a mean was taken from each part
    return np.maximum(np.sqrt(squares / freedom), 1e-3)


def part_means(logs: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average log probabilities over each part: (means, first row of each part), parts in rising order."""
    _, first, row = np.unique(parts, return_index=True, return_inverse=True)
    sums = np.zeros((first.size, logs.shape[1]))
    np.add.at(sums, row, logs)
    return sums / np.bincount(row)[:, None], first


@dataclass(frozen=True)
class Answers:
    """What a trained network has answered, as ``teach``, ``student``, ``distil`` and ``baseline`` leave it.

    Attributes:
        logits: of every window of the window table, shape (windows, 8).
        trained_on: the rows of the window table that it was trained on.
        nonsense: logits of every window of :mod:`export.nonsense`; none where it was not shown any.
    """

    logits: np.ndarray
    trained_on: np.ndarray
    nonsense: np.ndarray


def read_answers(path: Path, table: WindowTable, verb: str) -> Answers:
    """Read the answers of a network to all windows.

    Raises:
        FileNotFoundError, ValueError: where they are not there, or are about another table; ``verb`` makes them.
    """
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb}` first')
    with np.load(path) as file:
        none = np.zeros((0, len(CLASSES)), dtype=np.float32)
        answers = Answers(file['logits'], file['trained_on'], file.get('nonsense', none))
    if len(answers.logits) != table.label.size:
        raise ValueError(f'{path}: logits of {len(answers.logits)} windows, wanted {table.label.size}: {verb} again')
    return answers


@dataclass(frozen=True)
class Calibration:
    """All that is fitted.

    Attributes:
        scaling: from logits to log probabilities.
        spread: see :func:`fit_spread`, shape (8,).
        least_confidence: see :func:`fit_least_confidence`; 0 where the student has seen no nonsense.
    """

    scaling: Scaling
    spread: np.ndarray
    least_confidence: float


def calibrate(answers: Answers, table: WindowTable, nonsense: WindowTable | None = None) -> Calibration:
    """Fit everything to a network's answers; ``nonsense`` is the table of those to nonsense, if there are any."""
    scaling = fit_scaling(answers.logits, table)
    rows = table.rows('val')
    spread = fit_spread(scaling(answers.logits[rows]), table.part[rows])
    if nonsense is None:
        return Calibration(scaling, spread, 0.0)
    none = nonsense.rows('val')
    return Calibration(scaling, spread, fit_least_confidence(scaling(answers.nonsense[none]), nonsense.part[none]))


def confidence(means: np.ndarray) -> np.ndarray:
    """How probable the likeliest class of each part is, under equal priors, from its mean log probabilities."""
    top: np.ndarray = np.exp(log_softmax(means)).max(axis=1)
    return top


def fit_least_confidence(logs: np.ndarray, parts: np.ndarray) -> float:
    """The confidence that no more than ACCEPTED of the parts that are no music reach.

    Args:
        logs: log probabilities under equal priors of validation windows that are no music, shape (windows, 8).
        parts: the part of each, shape (windows,).
    """
    means, _ = part_means(logs, parts)
    return round(float(np.quantile(confidence(means), 1 - ACCEPTED)), 3)
