"""`sure` and `plausible`, fitted once a student of parts is trained.

They are to hold for music from elsewhere. So they are fitted on the worst of several sets of
parts: the validation parts of each large collection, and each collection that a student of the same kind was not shown.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from export.evaluation.measures import lower_bound
from music21_kdic.answers.conformal import before_each
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import Plausible

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RIGHT = 0.9  # of the answers that are marked sure
COVERED = 0.9  # of the parts whose class is in the plausible set
NEVER = 1.01  # a confidence that no answer reaches
FEW, ENOUGH, MANY = 10, 60, 30  # answers of a set that say something; that say it with certainty; of all sets together
STEP = 0.01
PENALTIES, FREE = (0.0, 0.01, 0.03, 0.1), (1, 2, 3)


@dataclass(frozen=True, eq=False)
class Classified:
    """What is answered to parts, and their classes.

    Attributes:
        logs: log probabilities under equal priors, shape (parts, 8).
        label: shape (parts,).
    """

    logs: Floats
    label: Ints


def fit_sure(sets: list[Classified]) -> list[float]:
    """For each class the least probability from which answers are marked sure, so that RIGHT of them are right.

    Of each class RIGHT must be right in every set that has FEW answers or more, and of all its answers so many that the
    lower bound of the share reaches RIGHT. Then, as long as RIGHT of what is marked in some set are not, the class of
    which most are wrong there is marked less; where a set has ENOUGH answers, the lower bound must reach RIGHT. NEVER
    where nothing will do.
    """
    thresholds = np.array([_least_sure(sets, each) for each in range(len(CLASSES))])
    while True:
        counts = [marked(classified, thresholds) for classified in sets]
        trusts = [(_trust(*count), row) for row, count in enumerate(counts) if count[1] >= FEW]
        short = [(trust, row) for trust, row in trusts if trust < RIGHT]
        if not short:
            found: list[float] = thresholds.round(3).tolist()
            return found
        classified = sets[min(short)[1]]
        answer = classified.logs.argmax(axis=1)
        wrong = (np.exp(classified.logs.max(axis=1)) >= thresholds[answer]) & (answer != classified.label)
        worst = int(np.bincount(answer[wrong], minlength=len(CLASSES)).argmax())
        thresholds[worst] = thresholds[worst] + STEP if thresholds[worst] < 1 - STEP else NEVER


def marked(classified: Classified, thresholds: Floats) -> tuple[int, int]:
    """How many of the answers that are marked sure are right, and how many are marked."""
    hits, of = marked_by_class(classified, thresholds).sum(axis=1)
    return int(hits), int(of)


def marked_by_class(classified: Classified, thresholds: Floats) -> Ints:
    """The same of the answers that name each class: shape (2, 8)."""
    answer = classified.logs.argmax(axis=1)
    sure = np.exp(classified.logs.max(axis=1)) >= thresholds[answer]
    right = sure & (answer == classified.label)
    return np.stack([np.bincount(answer[rows], minlength=len(CLASSES)) for rows in (right, sure)])


def _trust(hits: int, of: int) -> float:
    """What can be said of a share: its lower bound where there is enough to say so, else the share."""
    return lower_bound(hits, of) if of >= ENOUGH else hits / of


def _least_sure(sets: list[Classified], each: int) -> float:
    only = np.full(len(CLASSES), NEVER)
    best = NEVER
    for threshold in np.arange(0.99, 0.29, -STEP):
        only[each] = threshold
        counts = [marked(classified, only) for classified in sets]
        if any(hits < RIGHT * of for hits, of in counts if of >= FEW):
            break
        hits, of = np.sum(counts, axis=0)
        if of >= MANY and lower_bound(int(hits), int(of)) >= RIGHT:
            best = float(threshold)
    return best


def set_scores(probabilities: Floats, penalty: float, free: int) -> Floats:
    """What lies before each class (:func:`~music21_kdic.answers.conformal.before_each`), in their order: (parts, 8)."""
    order, before = before_each(probabilities, penalty, free)
    scores = np.empty_like(probabilities)
    np.put_along_axis(scores, order, before, axis=1)
    return scores


def plausible_sets(probabilities: Floats, fitted: Plausible) -> npt.NDArray[np.bool_]:
    """Which classes are plausible for each part, see :mod:`music21_kdic.answers.conformal`: shape (parts, 8)."""
    inside = set_scores(probabilities, fitted.penalty, fitted.free) <= fitted.threshold
    inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
    return inside


def fit_plausible(sets: list[Classified]) -> Plausible:
    """The threshold that covers COVERED of the parts of every set, with the penalty that makes the sets smallest."""
    found: list[tuple[float, float, float, int]] = []
    for penalty in PENALTIES:
        for free in FREE:
            threshold = round(max(_covering(classified, penalty, free) for classified in sets), 4)
            fitted = Plausible(threshold, penalty, free)
            size = np.mean([plausible_sets(np.exp(each.logs), fitted).sum(axis=1).mean() for each in sets])
            found.append((float(size), threshold, penalty, free))
    _, threshold, penalty, free = min(found)
    return Plausible(threshold, penalty, free)


def _covering(classified: Classified, penalty: float, free: int) -> float:
    size = classified.label.size
    scores = set_scores(np.exp(classified.logs), penalty, free)[np.arange(size), classified.label]
    return float(np.quantile(scores, min(1.0, COVERED * (1 + 1 / size)), method='higher'))
