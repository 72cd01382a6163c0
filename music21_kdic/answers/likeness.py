"""How like a class a part is, and how sure that is: one number for melodies of any length, with its interval.

The score is the class's probability under the priors asked for (equal ones, unless others are), as the model's
:mod:`~music21_kdic.model.part_head` gives it. It reads mean, deviation and maximum of the windows and not their count,
so two bars and two hundred compare; what differs is how far to trust it.

The windows of a melody are a sample of the music that it stands for. How far another sample would lead elsewhere is
taken from the windows' own answers: the log-odds of their mean is, to first order, a mean of one number a window, so
its standard error follows from how much those numbers differ (the delta method). Few windows say little about how much
they differ, so that is drawn towards what is usual, which counts as much as PRIOR_WINDOWS windows: the variance of the
head's answers within the parts of the model's validation set. How often the intervals hold is checked, see
``export/evaluation/evaluate.py``. A window that repeats another is no further evidence.
"""

from dataclasses import dataclass

import numpy as np

from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.errors import ClassNameError
from music21_kdic.model.contract import Contract
from music21_kdic.model.session import log_softmax
from music21_kdic.reading.notes import FloatArray

PRIOR_WINDOWS = 4.0
NINETY = 1.645  # standard errors to either side that hold nine tenths of a normal distribution


@dataclass(frozen=True)
class Likeness:
    """A likeness score and how sure it is.

    Attributes:
        score: probability of the class given the notes, 0 to 1.
        low, high: nine times in ten the score of more such music lies between these.
        windows: how many different windows it comes from.
    """

    score: float
    low: float
    high: float
    windows: int


def class_named(like: str) -> str:
    """Return the class of that name, in whatever case it is written.

    Raises:
        ClassNameError: where there is none.

    >>> class_named('guitar')
    'Guitar'
    """
    for name in CLASSES:
        if name.lower() == str(like).strip().lower():
            return name
    raise ClassNameError(f'{like!r} is no class, wanted one of {", ".join(CLASSES)}')


def contributions(logs: FloatArray, mean: FloatArray, index: int) -> FloatArray:
    """What each window adds to a part's log-odds of a class, to first order.

    Args:
        logs: log probabilities of the windows, shape (windows, 8).
        mean: those of the part, shape (8,).
        index: of the class in CLASSES.

    Returns:
        One number a window, shape (windows,).
    """
    others = np.delete(np.exp(mean), index)
    weights = np.insert(-others / others.sum(), index, 1.0)
    added: FloatArray = logs @ weights
    return added


def log_odds(logs: FloatArray, index: int, spread: float, part: FloatArray | None = None) -> tuple[float, float, int]:
    """The log-odds of a class, the standard error of that, and the number of different windows behind it.

    Args:
        logs: log probabilities of a part's windows, shape (windows, 8), at least one.
        index: of the class in CLASSES.
        spread: how much windows of one part usually differ in the log-odds of that class, see
            :mod:`music21_kdic.model.contract`.
        part: log probabilities of the part, shape (8,); the mean of its windows' where they are left out.
    """
    mean = log_softmax(logs.mean(axis=0))
    added = contributions(np.unique(logs, axis=0), mean, index)
    deviations = float(((added - added.mean()) ** 2).sum())
    variance = (PRIOR_WINDOWS * spread**2 + deviations) / (PRIOR_WINDOWS + len(added) - 1)
    answer = mean if part is None else part
    odds = answer[index] - np.log(np.exp(np.delete(answer, index)).sum())
    return float(odds), float(np.sqrt(variance / len(added))), len(added)


def likeness(answer: InstrumentLikelihood, like: str, contract: Contract) -> Likeness:
    """Score a part that has been judged (status 'ok' or 'unclear') by a model of this contract.

    Raises:
        ClassNameError: where ``like`` is no class.
    """
    index = CLASSES.index(class_named(like))
    part, logs = (np.log(np.maximum(p, np.finfo(np.float64).tiny)) for p in (answer.probabilities, answer.matrix))
    odds, error, windows = log_odds(logs, index, contract.spread[index], part)
    low, high = 1 / (1 + np.exp(-(odds + NINETY * error * np.array([-1.0, 1.0]))))
    return Likeness(float(answer.probabilities[index]), float(low), float(high), windows)
