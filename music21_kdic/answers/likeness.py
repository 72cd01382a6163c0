"""How like a class a part is, and how sure that is: one number for melodies of any length, with its interval.

The score is the probability that the part is music, and of the class, under the priors asked for (equal ones, unless
others are). The eight probabilities of an answer sum to 1, so what is no music has an eighth of each; its score is near
0. It is made from the mean and the deviation of what the windows are summed up by, so two bars and two hundred compare;
what differs is how far to trust it. Its log-odds have no bounds, so there is something to climb where probabilities are
flat. Several classes may be wished for at once, with weights, which may be negative: the log-odds are then the weighted
sum.

How far the whole of a part lies from its first bars was measured on parts that the model has not seen, after one, two,
four and eight windows (``spread`` in the model's contract). The interval is as wide as that, and in between as a line
says; with more than eight windows it gets no narrower. A window that repeats another is no further evidence. How often
the intervals hold: ``python -m export intervals``.
"""

import difflib
import inspect
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES, class_of_program
from music21_kdic.errors import ClassNameError, WishError, shown
from music21_kdic.features.number_names import SLOTS
from music21_kdic.features.windows import TOLERANCE
from music21_kdic.model.contract import Contract
from music21_kdic.model.session import load_model
from music21_kdic.reading.general_midi import program_named
from music21_kdic.reading.notes import FloatArray
from music21_kdic.statuses import CLASSIFIED

Like = str | Mapping[str, float]  # a class, or several with their weights

DIGITS = 6  # to which the answers to windows are the same
LEAST = float(np.finfo(np.float64).tiny)  # as a probability
LARGEST = 1e6  # weight of a wish
_SLOT_BEGINS = 0.43  # so that no usual note value lies where one slot ends and the next begins
NINETY = 1.645  # standard errors to either side that hold nine tenths of a normal distribution


@dataclass(frozen=True)
class Likeness:
    """A likeness score and how sure it is. It orders, and converts to float, by its score.

    What could not be classified has a status and nothing else: it comes after all that was, and as a float it is minus
    infinity.

    Attributes:
        score: probability, given the notes, that they are music of the class, 0 to 1; of several wishes ``1 / (1 +
            exp(-log_odds))``. Of what is surely music it is the answer's probability of the class.
        log_odds: natural log of how much likelier that is than the other seven classes and noise together, ``log(score
            / (1 - score))``; of several wishes their weighted sum, see :func:`weighted_log_odds`. Unbounded.
        low, high: nine times in ten the score of a whole part of which these are the first bars lies between these.
        status: 'ok', 'unclear', or why there is nothing to go by, see :mod:`music21_kdic.features.classifiable`.
        best: the likeliest class, None where the notes do not say.
        windows: how many different windows it comes from; those answered alike count once, and those in which the same
            is played, to a twelfth of a quarter length, whatever 32-bit times add to it.
        typicality: which share of real parts of the class are at most as typical of it, 0 to 1: small for what no
            real part resembles. Of several wishes the mean over those with a positive weight, weighted; None where
            there are none.

    >>> one, other = Likeness(0.9, 2.2, 0.8, 0.95, 'ok', 'Bass', 4, 0.5), Likeness(status='empty')
    >>> other < one, float(one), float(other)
    (True, 0.9, -inf)
    """

    score: float | None = None
    log_odds: float | None = None
    low: float | None = None
    high: float | None = None
    status: str = ''
    best: str | None = None
    windows: int = 0
    typicality: float | None = None

    def __float__(self) -> float:
        return -math.inf if self.score is None else self.score

    def __lt__(self, other: 'Likeness') -> bool:
        return self._place < other._place if isinstance(other, Likeness) else NotImplemented

    def __le__(self, other: 'Likeness') -> bool:
        return self._place <= other._place if isinstance(other, Likeness) else NotImplemented

    def __gt__(self, other: 'Likeness') -> bool:
        return self._place > other._place if isinstance(other, Likeness) else NotImplemented

    def __ge__(self, other: 'Likeness') -> bool:
        return self._place >= other._place if isinstance(other, Likeness) else NotImplemented

    @property
    def _place(self) -> float:
        # By log-odds, which still differ where scores have all become 1 in floating point.
        return -math.inf if self.log_odds is None else self.log_odds


def class_named(like: str) -> str:
    """Return the class of that name: as it is called here, in whatever case, or as people write its instruments.

    The name of an instrument is taken for its class, with a warning that says so unless it has that of the class in it
    (``e-guitar``); a name in General MIDI's list is that program.

    Raises:
        ClassNameError: where there is none.

    >>> class_named('guitar')
    'Guitar'
    """
    if not isinstance(like, str):
        raise ClassNameError(
            f'{type(like).__name__} {shown(like)}: wanted the name of a class, one of {", ".join(CLASSES)}'
        )
    written = like.strip()
    for name in CLASSES:
        if name.lower() == written.lower():
            return name
    found = class_of_instrument(written)
    if found is None:
        program = program_named(written)
        what = f'no class{_nearest(written)}' if program is None else f'program {program}, of no class'
        raise ClassNameError(f'{shown(like)} is {what}; wanted one of {", ".join(CLASSES)}, or an instrument of one')
    if found.lower() not in written.lower():
        _warn_user(f'{shown(like)} is taken for its class, {found}')
    return found


def _warn_user(message: str) -> None:
    """Warn of the line that called this package, from however deep inside it."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals.get('__name__', '').partition('.')[0] == __name__.partition('.')[0]:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)


def class_of_instrument(name: str) -> str | None:
    """Return the class of the program that General MIDI calls so; of other names, the class that they claim.

    >>> [class_of_instrument(name) for name in ('Synth Strings 1', 'Guitar Fret Noise', 'Violin 2')]
    ['Strings', None, 'Strings']
    """
    from music21_kdic.reading.names import class_of_name

    program = program_named(name)
    return class_of_name(name) if program is None else class_of_program(program)


def _nearest(written: str) -> str:
    known = [*CLASSES, *(kind.name for kind in load_model().contract.instruments)]
    by_name = {name.lower(): name for name in known}
    nearest = difflib.get_close_matches(written.lower(), by_name, n=3, cutoff=0.6)
    return f' (nearest: {", ".join(by_name[name] for name in nearest)})' if nearest else ''


def weights_of(like: Like) -> FloatArray:
    """Return how much each class is wished for, shape (8,).

    Raises:
        ClassNameError: where a name is no class.
        WishError: where a weight is no number up to LARGEST, or nothing is wished for.

    >>> weights_of({'Guitar': 1.0, 'piano': -0.5}).tolist()
    [1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    weights = np.zeros(len(CLASSES))
    for name, weight in like.items() if isinstance(like, Mapping) else [(like, 1.0)]:
        try:
            value = float(weight)
        except (TypeError, ValueError) as error:
            raise WishError(f'{shown(name)} with the weight {shown(weight)}: wanted a number') from error
        if not abs(value) <= LARGEST:  # nor NaN
            raise WishError(
                f'{shown(name)} with the weight {shown(weight)}: wanted a number, at most {LARGEST:,.0f} either way'
            )
        weights[CLASSES.index(class_named(name))] += value
    if not weights.any():
        raise WishError(f'{shown(like)} wishes for nothing: wanted a class with a weight other than 0')
    return weights


def owed_to_noise(
    probabilities: FloatArray, music: 'FloatArray | float', priors: FloatArray | None = None
) -> FloatArray:
    """Which part of each class's probability it has only because the notes may be no music, and so of any class alike.

    See :func:`~music21_kdic.model.session.class_logs`.

    Args:
        probabilities: of the classes, shape (8,) or (parts, 8).
        music: the probability of being music, a number or of shape (parts, 1).
        priors: those that the probabilities are under, shape (8,); equal ones where left out.

    >>> owed_to_noise(np.array([0.3125, 0.09375, 0.09375, 0.09375, 0.09375, 0.09375, 0.09375, 0.125]), 0.5).tolist()
    [0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625, 0.0625]
    """
    evidence = probabilities if priors is None else probabilities / priors
    evidence = evidence / evidence.sum(axis=-1, keepdims=True)
    share: FloatArray = np.minimum(1, (1 - music) / len(CLASSES) / np.maximum(evidence, LEAST))
    return probabilities * share


def weighted_log_odds(probabilities: FloatArray, noise: FloatArray, weights: FloatArray) -> float:
    """The weighted sum of log-odds: of music of what is wished for, less those of what is wished against.

    A wish against a class is one for music of the others: so noise is no way out of it.

    Args:
        probabilities: of the classes, shape (8,).
        noise: which part of each is owed to noise, see :func:`owed_to_noise`.
        weights: how much each class is wished for, shape (8,).
    """
    each = probabilities.tolist()
    owed = noise.tolist()
    odds = 0.0
    for index, weight in enumerate(weights.tolist()):
        if weight:
            others, owed_by_others = (math.fsum(of[:index] + of[index + 1 :]) for of in (each, owed))
            moved = -owed[index] if weight > 0 else owed_by_others
            odds += weight * _log_ratio(each[index] + moved, others - moved)
    return odds


def _log_ratio(one: float, other: float) -> float:
    return math.log(max(one, LEAST)) - math.log(max(other, LEAST))


def error_of_log_odds(windows: int, weights: FloatArray, spread: FloatArray) -> float:
    """The standard error of the weighted log-odds of notes that have so many different windows.

    Args:
        windows: at least 1.
        weights: of the classes, shape (8,).
        spread: shape (windows, 8), see :mod:`music21_kdic.model.contract`. Those of several classes are taken for
            independent.

    >>> spread = np.outer([4.0, 3.0, 2.0, 1.0], np.ones(8))
    >>> [error_of_log_odds(windows, np.eye(8)[0], spread) for windows in (1, 2, 4, 8, 100)]
    [4.0, 3.0, 2.0, 1.0, 1.0]
    """
    # SPREAD_WINDOWS double from row to row.
    row, past = divmod(min(math.log2(windows), len(spread) - 1), 1)
    usual = (1 - past) * spread[int(row)] + past * spread[math.ceil(row + past)]
    return float(np.linalg.norm(weights * usual))


def likeness(answer: InstrumentLikelihood, like: Like, contract: Contract) -> Likeness:
    """Score the answer that a model of this contract gave to a part.

    Raises:
        ClassNameError, WishError: see :func:`weights_of`.
    """
    return likeness_by(answer, weights_of(like), contract)


def likeness_by(answer: InstrumentLikelihood, weights: FloatArray, contract: Contract) -> Likeness:
    """Score an answer by weights, shape (8,), see :func:`weights_of`."""
    if answer.status not in CLASSIFIED:
        return Likeness(status=answer.status)
    priors = None if answer.asked is None else answer.asked.priors
    windows = _different_windows(answer)
    wished = np.maximum(weights, 0)
    with np.errstate(under='ignore'):  # as in classify
        noise = owed_to_noise(answer.probabilities, answer.music, priors)
        odds = weighted_log_odds(answer.probabilities, noise, weights)
        error = error_of_log_odds(windows, weights, contract.spread)
        typicality = float(wished @ answer.typical / wished.sum()) if wished.any() and answer.typical.size else None
    score, low, high = (_logistic(odds + side * NINETY * error) for side in (0, -1, 1))
    return Likeness(score, odds, low, high, answer.status, answer.best, windows, typicality)


def _different_windows(answer: InstrumentLikelihood) -> int:
    """How many windows of an answer differ, in what is answered and in what is played."""
    if len(answer.matrix) <= 1:  # of a single window its own answer need not be given
        return 1
    answered = len({row.tobytes() for row in answer.matrix.round(DIGITS)})
    if answered == 1 or answer.asked is None:
        return answered
    part, (starts, ends) = answer.asked.part, answer.offsets.T
    window = starts.searchsorted(part.onsets + TOLERANCE, 'right') - 1
    inside = np.flatnonzero((window >= 0) & (part.onsets + TOLERANCE < ends[window]))
    window = window[inside]
    onset, length = part.onsets[inside] - starts[window], part.ends[inside] - part.onsets[inside]
    slot, lasts = (np.floor(times * SLOTS + _SLOT_BEGINS).astype(np.int64) for times in (onset, length))
    pitch = part.pitches[inside]
    played = np.stack([slot, pitch, lasts], axis=1)[np.lexsort((lasts, pitch, slot, window))]
    each = np.split(played, np.searchsorted(window, np.arange(1, len(starts))))
    return min(answered, len({notes.tobytes() for notes in each}))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0
