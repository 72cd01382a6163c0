"""What measures say of a class, and what notes add to its log-odds.

* Of a *measure*: what passages say in which it is, and what is lost without it. Each measure by itself, and each two
  that follow one another, is run as a part of its own; the log-odds of a passage are taken for the mean of what its
  measures say, and that is fitted, drawn a little towards the mean of all passages. Priors do not count. Noise is of
  any class alike here, so the less a passage is music, the less it says.
  Then each passage is cut out. So a measure counts by what it adds to nothing, and by what it adds to all the others:
  the two ends of its Shapley value.
* Of a *note*: log-odds of the part less log-odds without the note, by running the network again.

The measures or notes of a long part (more than EXACT, as notes times parts that are run) are left out by groups that
follow one another, and share what their group adds. How far that is from the exact numbers is measured on some of
them, and said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from music21_kdic.answers.batches import batches, sounding
from music21_kdic.answers.likelihood import Asked, Measure
from music21_kdic.answers.likeness import owed_to_noise, weighted_log_odds
from music21_kdic.classes import CLASSES
from music21_kdic.features.classifiable import windows_to_classify
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import bar_of
from music21_kdic.model.session import log_softmax
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence
from music21_kdic.statuses import Status

EXACT = 1_000_000  # notes times parts: about two seconds
DRAWN = 0.3  # how far each measure is drawn to the mean: as by so much of a passage of it that says the mean
CHECKED = 64  # notes or measures by which the error of an approximation is measured


@dataclass(frozen=True)
class MeasureEvidence:
    """What a measure says.

    Attributes:
        measure: its number, as the score has it.
        start, end: in quarter lengths from the start of the part, or of the Score that was classified.
        evidence: log-odds of the class, the sum of two numbers. The first is what the passages with this measure say
            of the class. The second is what is lost when it is cut out: the mean of two, it alone, and it with the
            neighbour without which the class is the likelier. Above 0 it speaks for the class. NaN where none of those
            passages can be classified.
        left_out: log-odds of the part less log-odds of the part when this measure alone is cut out; of a long part its
            share of what is lost with its group. NaN where nothing can be classified without it.
    """

    measure: Measure
    start: float
    end: float
    evidence: float
    left_out: float


def _log_odds(parts: Iterable[NoteSequence], asked: Asked, weights: FloatArray) -> FloatArray:
    """The log-odds of the score of some parts, under the priors asked for; NaN where one cannot be classified."""
    logs, music = _answers(parts, asked)
    probabilities = np.exp(log_softmax(logs + np.log(asked.priors)))
    noise = owed_to_noise(probabilities, music[:, None], asked.priors)
    return _weighted(probabilities, noise, weights)


def _said(parts: Iterable[NoteSequence], asked: Asked, weights: FloatArray) -> FloatArray:
    """How much more likely than no notes at all some parts make the classes; NaN where one cannot be classified.

    A single measure is seldom sure to be music. So noise does not stand beside the classes here, but is an eighth of
    each: what may be noise says less, not that no class is likely.
    """
    logs, _ = _answers(parts, asked)
    nothing = np.full((1, len(CLASSES)), 1 / len(CLASSES))
    odds, odds_of_nothing = (_weighted(each, np.zeros_like(each), weights) for each in (np.exp(logs), nothing))
    return odds - odds_of_nothing


def _weighted(probabilities: FloatArray, noise: FloatArray, weights: FloatArray) -> FloatArray:
    rows = zip(probabilities, noise, strict=True)
    return np.array([np.nan if np.isnan(row).any() else weighted_log_odds(row, owed, weights) for row, owed in rows])


def _answers(parts: Iterable[NoteSequence], asked: Asked) -> tuple[FloatArray, FloatArray]:
    """Log probabilities of the classes under equal priors, (parts, 8), and of music; NaN where it is not classified."""
    logs, music = [np.zeros((0, len(CLASSES)))], [np.zeros(0)]
    for some in batches(parts, sounding):
        logs.append(np.full((len(some), len(CLASSES)), np.nan))
        music.append(np.full(len(some), np.nan))
        cut = windows_to_classify(some)
        given = [place for place, (_, status) in enumerate(cut) if status == Status.OK]
        if given:
            numbers = part_numbers([some[place] for place in given], [cut[place][0] for place in given])
            answers = asked.model.answer(numbers)
            logs[-1][given], music[-1][given] = answers.logs, answers.music
    return np.concatenate(logs), np.concatenate(music)


def kept(part: NoteSequence, keep: Any) -> NoteSequence:
    """A part with some of its notes: ``keep`` says which."""
    return changed(part, part.onsets[keep], part.ends[keep], part.pitches[keep])


def changed(part: NoteSequence, onsets: FloatArray, ends: FloatArray, pitches: IntArray) -> NoteSequence:
    """A part with other notes in the same bars."""
    return NoteSequence(onsets, ends, pitches, part.bars, part.measure_numbers, part.unpitched)


def joined_measures(part: NoteSequence, bar: IntArray, measures: IntArray) -> NoteSequence:
    """Some measures of a part, one after the other; ``bar`` is that of each note, ``measures`` are numbers of bars."""
    first, past = np.searchsorted(bar, measures, side='left'), np.searchsorted(bar, measures, side='right')
    notes = np.concatenate([np.zeros(0, np.int64), *map(np.arange, first, past)])
    start = np.concatenate([[0.0], np.cumsum(part.bars[measures + 1] - part.bars[measures])])
    moved = np.repeat(start[:-1] - part.bars[measures], past - first)
    onsets, ends = part.onsets[notes] + moved, part.ends[notes] + moved
    ends = np.maximum(np.minimum(ends, start[-1]), onsets + 2.0**-20)
    numbers = tuple(part.measure_numbers[measure] for measure in measures.tolist())
    return NoteSequence(onsets, ends, part.pitches[notes], start, numbers)


def measure_evidence(asked: Asked, weights: FloatArray) -> tuple[list[MeasureEvidence], float]:
    """What each measure in which notes begin says of classes of some weights, and how far off ``left_out`` is."""
    part = asked.part
    bar = bar_of(part, part.onsets)
    played, every = np.unique(bar), np.arange(part.bars.size - 1)

    def joined(passages: Iterable[IntArray]) -> Iterator[NoteSequence]:
        return (joined_measures(part, bar, measures) for measures in passages)

    passages = _said(joined(_passages(list(played[:, None]))), asked, weights)
    said = _said_by_passages(*np.split(passages, [played.size]))
    groups = _groups(played.size, len(part))
    in_groups = np.split(played, np.flatnonzero(np.diff(groups)) + 1)
    (whole,) = _log_odds([part], asked, weights)
    without = _log_odds(joined(np.setdiff1d(every, measures) for measures in _passages(in_groups)), asked, weights)
    left_out, lost = ((each / np.bincount(groups))[groups] for each in _lost(whole - without))
    evidence = said + np.nan_to_num(lost)
    found = [
        MeasureEvidence(part.measure(row), float(part.bars[row]), float(part.bars[row + 1]), *values)
        for row, *values in zip(played.tolist(), evidence.tolist(), left_out.tolist(), strict=True)
    ]
    if len(in_groups) == played.size:
        return found, 0.0
    some = _checked(played.size)
    exact = whole - _log_odds(joined(np.setdiff1d(every, measure) for measure in played[some]), asked, weights)
    return found, _apart(left_out[some], exact)


def _passages(groups: Sequence[IntArray]) -> Iterator[IntArray]:
    """The measures of each group, and then of each two groups that follow one another."""
    yield from groups
    yield from map(np.concatenate, pairwise(groups))


def _groups(things: int, notes: int) -> IntArray:
    """Numbers of groups of things that follow one another: each its own where EXACT allows, else as many as it does.

    Args:
        things: how many are to be left out.
        notes: of the part that is run without each group.
    """
    most = max(1, EXACT // notes)
    return np.arange(things) * min(most, things) // things


def _said_by_passages(alone: FloatArray, pairs: FloatArray) -> FloatArray:
    """What each measure says, by least squares; NaN where no passage that it is in is known.

    Args:
        alone: log-odds of each measure, NaN where they are not known.
        pairs: of each two that follow one another.
    """
    known = np.concatenate([alone, pairs])
    if np.isnan(known).all():
        return np.full(alone.size, np.nan)
    mean = np.nanmean(known)
    one, two = ~np.isnan(alone), ~np.isnan(pairs)
    # A pair says the mean of two, so it has a half of each. The normal equations of such passages have three diagonals.
    halves = np.where(two, 0.5 * (pairs - mean), 0)
    wanted = np.where(one, alone - mean, 0) + np.append(halves, 0) + np.insert(halves, 0, 0)
    diagonal = DRAWN + one + 0.25 * (np.append(two, 0) + np.insert(two.astype(float), 0, 0))
    apart = _solved(diagonal, 0.25 * two, wanted)
    there = one | np.append(two, False) | np.insert(two, 0, False)
    said: FloatArray = np.where(there, mean + apart, np.nan)
    return said


def _solved(diagonal: FloatArray, beside: FloatArray, wanted: FloatArray) -> FloatArray:
    """The solution of equations with three diagonals, those beside the middle one alike (Thomas's algorithm).

    ``scipy.linalg.solveh_banded`` does the same; users need not have SciPy.
    """
    diagonal, wanted = diagonal.copy(), wanted.copy()
    for row in range(1, wanted.size):
        factor = beside[row - 1] / diagonal[row - 1]
        diagonal[row] -= factor * beside[row - 1]
        wanted[row] -= factor * wanted[row - 1]
    for row in range(wanted.size - 2, -1, -1):
        wanted[row] -= beside[row] * wanted[row + 1] / diagonal[row + 1]
    return wanted / diagonal


def _lost(without: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What is lost with each group alone; and the mean of that and of the less that is lost with it and a neighbour.

    What does not belong to a part is seldom one measure long.

    Args:
        without: what is lost with each passage (:func:`_passages`); NaN where nothing is left to ask.
    """
    size = (len(without) + 1) // 2
    alone, pairs = np.ma.masked_invalid(without[:size]), np.concatenate([[np.nan], without[size:], [np.nan]])
    with_neighbour = np.ma.masked_invalid([pairs[:-1], pairs[1:]]).min(axis=0)
    return alone.filled(np.nan), np.ma.stack([alone, with_neighbour]).mean(axis=0).filled(np.nan)


def _without(asked: Asked, weights: FloatArray, groups: IntArray) -> FloatArray:
    """Log-odds of the part less log-odds without each group of notes, numbered from 0 on, shape (groups,)."""
    parts = [asked.part, *(kept(asked.part, groups != group) for group in range(int(groups.max()) + 1))]
    odds = _log_odds(parts, asked, weights)
    added: FloatArray = odds[0] - odds[1:]
    return added


def note_evidence(asked: Asked, weights: FloatArray) -> tuple[FloatArray, float]:
    """Of each note, and how far that is from the exact numbers."""
    size = len(asked.part)
    groups = _groups(size, size)
    added = _without(asked, weights, groups)
    if added.size == size:
        return added, 0.0
    each = (added / np.bincount(groups))[groups]
    some = _checked(size)
    parts = [asked.part, *(kept(asked.part, np.arange(size) != row) for row in some)]
    odds = _log_odds(parts, asked, weights)
    return each, _apart(each[some], odds[0] - odds[1:])


def _checked(things: int) -> IntArray:
    """Which of so many things an approximation is held against the exact numbers of."""
    return np.sort(np.random.default_rng(0).choice(things, min(CHECKED, things), replace=False))


def _apart(shares: FloatArray, exact: FloatArray) -> float:
    """Root mean square of the differences; NaN where nothing can be classified without any of them."""
    squares = np.ma.masked_invalid((shares - exact) ** 2)
    return float(np.sqrt(squares.mean())) if squares.count() else float('nan')
