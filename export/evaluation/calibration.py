"""What is fitted on the validation split once a student is trained, and goes into its file beside the weights.

Windows and parts have a temperature each. The parts' is fitted where it is to hold, at parts whose classes are as
frequent as their collection has them.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import binomtest

from export.data.window_table import WindowTable, frequencies_of
from music21_kdic.answers.likeness import NINETY
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import log_softmax

ACCEPTED = 0.1  # share of the validation parts that are no music, to which a class is given all the same
RIGHT = 0.9  # of the answers that are as sure as `sure_confidence`


@dataclass(frozen=True)
class Scaling:
    """How a network's logits become log probabilities under equal priors: logits / temperature - log(priors)."""

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

    It is chosen so that nine in ten parts, judged from one window, are as its interval says
    (:mod:`music21_kdic.answers.likeness`), when they are judged from all their other windows.

    Args:
        first: log probabilities of validation parts, judged from one window, shape (parts, 8).
        others: the same from their other windows.
        counts: how many those are, shape (parts,).
    """
    apart = np.stack([_odds(first, i) - _odds(others, i) for i in range(len(CLASSES))], axis=1)
    # The others vary, too: they are a sample of so many.
    alone = np.abs(apart) / np.sqrt(1 + 1 / counts[:, None])
    return np.maximum(np.quantile(alone, 0.9, axis=0) / NINETY, 1e-3)


def _odds(logs: np.ndarray, index: int) -> np.ndarray:
    """Log-odds of a class, of log probabilities (n, 8)."""
    odds: np.ndarray = logs[:, index] - logsumexp(np.delete(logs, index, axis=1), axis=1)
    return odds


def part_means(logs: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average log probabilities over each part: (means, first row of each part), parts in rising order."""
    _, first, row = np.unique(parts, return_index=True, return_inverse=True)
    sums = np.zeros((first.size, logs.shape[1]))
    np.add.at(sums, row, logs)
    return sums / np.bincount(row)[:, None], first


def _none() -> np.ndarray:
    return np.zeros((0, len(CLASSES)), dtype=np.float32)


@dataclass(frozen=True)
class Answers:
    """What a trained network has answered, as ``teach``, ``student`` and ``distil`` leave it.

    Attributes:
        logits: of every window of the window table, NaN for those that it was not shown, shape (windows, 8).
        trained_on: the rows of the window table that it was trained on.
        parts: of a part student, the logits of every part, shape (parts, 8); none of others.
        nonsense: logits of every window of :mod:`export.data.noise`; none where it was not shown any.
        nonsense_parts: the same of its parts.
        first, others: logits of the validation parts that have at least three windows, judged from the first and from
            the others, shape (parts, 8); none where there is no head for parts.
        other_windows: how many the others are, shape (parts,).
    """

    logits: np.ndarray
    trained_on: np.ndarray
    parts: np.ndarray
    nonsense: np.ndarray
    nonsense_parts: np.ndarray
    first: np.ndarray = field(default_factory=_none)
    others: np.ndarray = field(default_factory=_none)
    other_windows: np.ndarray = field(default_factory=_none)

    @property
    def of_nonsense(self) -> 'Answers':
        """The answers to nonsense, as those to a table of their own."""
        none = np.zeros(0, dtype=np.int64)
        return replace(self, logits=self.nonsense, parts=self.nonsense_parts, trained_on=none)

    def shown(self, rows: np.ndarray) -> np.ndarray:
        """Those of some rows of the window table that have logits."""
        shown: np.ndarray = rows[~np.isnan(self.logits[rows, 0])]
        return shown


def read_answers(path: Path, table: WindowTable, verb: str) -> Answers:
    """Read the answers of a network to all windows.

    Raises:
        FileNotFoundError, ValueError: where they are not there, or are about another table; ``verb`` makes them.
    """
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb}` first')
    with np.load(path) as file:
        named = ('parts', 'nonsense', 'nonsense_parts', 'first', 'others', 'other_windows')
        answers = Answers(file['logits'], file['trained_on'], *(file.get(name, _none()) for name in named))
    if len(answers.logits) != table.label.size:
        raise ValueError(f'{path}: logits of {len(answers.logits)} windows, wanted {table.label.size}: {verb} again')
    return answers


@dataclass(frozen=True)
class Calibration:
    """All that is fitted to a trained student, and goes into its file.

    Attributes:
        scaling: from a window's logits to log probabilities.
        part_scaling: the same of a part's: its head's logits, or the mean of its windows' log probabilities where there
            is no head.
        spread: see :func:`fit_spread`, shape (8,); 1 where there is no head for parts.
        least_confidence: see :func:`fit_least_confidence`; 0 where the student has seen no nonsense.
        sure_confidence: see :func:`fit_sure_confidence`.
    """

    scaling: Scaling
    part_scaling: Scaling
    spread: np.ndarray
    least_confidence: float
    sure_confidence: float

    def of_parts(self, answers: Answers, table: WindowTable, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log probabilities of the parts of some rows under equal priors, (parts, 8), and the first row of each."""
        logits, first = part_logits(answers, self.scaling, table, rows)
        return self.part_scaling(logits), first


def part_logits(
    answers: Answers, scaling: Scaling, table: WindowTable, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is answered to the parts of some rows: logits, (parts, 8), and the first row of each, parts in rising order.

    Without a head for parts they are the mean log probabilities of its windows.
    """
    if not len(answers.parts):
        return part_means(scaling(answers.logits[rows]), table.part[rows])
    parts, first = np.unique(table.part[rows], return_index=True)
    return answers.parts[parts], first


def calibrate(answers: Answers, table: WindowTable, nonsense: WindowTable | None = None) -> Calibration:
    """Fit everything to a network's answers; ``nonsense`` is the table of those to nonsense, if there are any."""
    rows = answers.shown(table.rows('val'))
    scaling = Scaling(fit_temperature(answers.logits[rows], table.label[rows]), table.class_frequencies())
    logits, first = part_logits(answers, scaling, table, rows)
    labels = table.label[rows][first]
    has_head = len(answers.parts) > 0
    priors = table.part_frequencies() if has_head else np.full(len(CLASSES), 1 / len(CLASSES))
    part_scaling = fit_part_scaling(logits, labels, table.collection[rows][first], priors)
    least = 0.0
    if nonsense is not None:
        none = nonsense.rows('val')
        least = fit_least_confidence(part_scaling(part_logits(answers.of_nonsense, scaling, nonsense, none)[0]))
    return Calibration(
        scaling,
        part_scaling,
        fit_spread(part_scaling(answers.first), part_scaling(answers.others), answers.other_windows)
        if len(answers.first)
        else np.ones(len(CLASSES)),
        least,
        fit_sure_confidence(part_scaling(logits), labels),
    )


def confidence(means: np.ndarray) -> np.ndarray:
    """How probable the likeliest class of each part is, under equal priors, from its mean log probabilities."""
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
