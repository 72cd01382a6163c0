"""What measures say of a class, and what notes add to its log-odds.

* Of a *measure*: what passages say in which it is, and what is lost without it. Each measure by itself, and each two
  that follow one another, is run as a part of its own; the log-odds of a passage are taken for the mean of what its
  measures say, and that is fitted, drawn a little towards the mean of all passages. What the priors say is taken out.
  Then each passage is cut out. So a measure counts by what it adds to nothing, and by what it adds to all the others:
  the two ends of its Shapley value.
* Of a *note*: log-odds of the part less log-odds without the note, by running the network again.

The measures or notes of a long part (more than EXACT, as notes times parts that are run) are left out by groups that
follow one another, and share what their group adds. How far that is from the exact numbers is measured on some notes,
and said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.answers.likelihood import Asked, Measure
from music21_kdic.answers.likeness import weighted_log_odds
from music21_kdic.features.evidence import windows_to_classify
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import bar_of
from music21_kdic.model.session import log_softmax
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence
from music21_kdic.statuses import Status

EXACT = 1_000_000  # notes times parts: about two seconds
DRAWN = 0.3  # how far each measure is drawn to the mean: as by so much of a passage of it that says the mean
CHECKED = 64  # notes by which the error of an approximation is measured
AT_ONCE = 200_000  # notes of parts that are run at a time


@dataclass(frozen=True)
class MeasureEvidence:
    """What a measure says.

    Attributes:
        measure: its number, as the score has it.
        start, end: in quarter lengths from the start of the part.
        evidence: log-odds of the class: the sum of what the passages say in which it is, less what the priors say, and
            of what is lost where it is cut out (the mean of alone and with a neighbour). Above 0 it speaks for the
            class. NaN where none of those passages can be classified.
        left_out: log-odds of the part less log-odds of the part when this measure alone is cut out. NaN where nothing
            can be classified without it.
    """

    measure: Measure
    start: float
    end: float
    evidence: float
    left_out: float


def _log_odds(parts: Iterable[NoteSequence], asked: Asked, weights: FloatArray) -> FloatArray:
    """The log-odds of some parts; NaN where one cannot be classified."""
    found = []
    for some in _batches(parts):
        odds = np.full(len(some), np.nan)
        cut = windows_to_classify(some)
        given = [place for place, (_, status) in enumerate(cut) if status == Status.OK]
        if given:
            numbers = part_numbers([some[place] for place in given], [cut[place][0] for place in given])
            probabilities = np.exp(log_softmax(asked.model.answer(numbers).logs + np.log(asked.priors)))
            odds[given] = [weighted_log_odds(row, weights) for row in probabilities]
        found.append(odds)
    return np.concatenate(found)


def _batches(parts: Iterable[NoteSequence]) -> Iterator[list[NoteSequence]]:
    """The parts, so many at a time that they have AT_ONCE notes or a few more."""
    some: list[NoteSequence] = []
    for part in parts:
        some.append(part)
        if sum(map(len, some)) >= AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def kept(part: NoteSequence, keep: Any) -> NoteSequence:
    """A part with some of its notes: ``keep`` says which."""
    return changed(part, part.onsets[keep], part.ends[keep], part.pitches[keep])


def changed(part: NoteSequence, onsets: FloatArray, ends: FloatArray, pitches: IntArray) -> NoteSequence:
    """A part with other notes in the same bars."""
    return NoteSequence(onsets, ends, pitches, part.bars, part.measure_numbers, part.unpitched)


def joined_measures(part: NoteSequence, bar: IntArray, keep: Any) -> NoteSequence:
    """Some measures of a part, one after the other; ``bar`` is that of each note, ``keep`` which ones are kept."""
    length = np.where(keep, np.diff(part.bars), 0)
    start = np.concatenate([[0.0], np.cumsum(length)])
    kept = keep[bar]
    onsets, ends = ((times - part.bars[bar] + start[bar])[kept] for times in (part.onsets, part.ends))
    numbers = tuple(number for number, wanted in zip(part.measure_numbers, keep.tolist(), strict=True) if wanted)
    ends = np.maximum(np.minimum(ends, start[-1]), onsets + 2.0**-20)
    return NoteSequence(onsets, ends, part.pitches[kept], np.unique(start), numbers)


def measure_evidence(asked: Asked, weights: FloatArray) -> list[MeasureEvidence]:
    """What each measure in which notes begin says of classes of some weights."""
    part = asked.part
    bar = bar_of(part, part.onsets)
    played = np.unique(bar)

    def odds_of(measures: npt.NDArray[np.bool_]) -> FloatArray:
        return _log_odds((joined_measures(part, bar, some) for some in measures), asked, weights)

    def among_all(some: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        measures = np.zeros((len(some), part.bars.size - 1), dtype=bool)
        measures[:, played] = some
        return measures

    passages = _passages(played.size)
    said = _said_by_passages(passages, odds_of(among_all(passages)))
    groups = _groups(played.size, len(part))
    cut = _passages(int(groups.max()) + 1)
    (whole,) = _log_odds([part], asked, weights)
    left_out, lost = (
        (each / np.bincount(groups))[groups] for each in _lost(whole - odds_of(~among_all(cut[:, groups])))
    )
    evidence = said - weighted_log_odds(asked.priors, weights) + np.nan_to_num(lost)
    return [
        MeasureEvidence(part.measure(row), float(part.bars[row]), float(part.bars[row + 1]), *values)
        for row, *values in zip(played.tolist(), evidence.tolist(), left_out.tolist(), strict=True)
    ]


def _passages(size: int) -> npt.NDArray[np.bool_]:
    """Each of some things by itself, and each two that follow one another: shape (2 size - 1, size)."""
    each = np.eye(size, dtype=bool)
    return np.concatenate([each, each[:-1] | each[1:]])


def _groups(things: int, notes: int) -> IntArray:
    """Numbers of groups of things that follow one another: each its own where EXACT allows, else as many as it does.

    Args:
        things: how many are to be left out.
        notes: of the part that is run without each group.
    """
    most = max(1, EXACT // notes)
    return np.arange(things) * min(most, things) // things


def _said_by_passages(passages: npt.NDArray[np.bool_], odds: FloatArray) -> FloatArray:
    """What each measure says, from the log-odds of passages: NaN where none of a measure is known.

    Args:
        passages: which measures each has, shape (passages, measures).
        odds: of each passage.
    """
    known = ~np.isnan(odds)
    if not known.any():
        return np.full(passages.shape[1], np.nan)
    share = passages[known] / passages[known].sum(axis=1, keepdims=True)
    mean = odds[known].mean()
    apart = np.linalg.solve(share.T @ share + DRAWN * np.eye(share.shape[1]), share.T @ (odds[known] - mean))
    said: FloatArray = np.where(passages[known].any(axis=0), mean + apart, np.nan)
    return said


def _lost(without: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What is lost with each group alone; and the mean of that and of what is lost with it and a neighbour.

    Args:
        without: what is lost with each passage of groups (:func:`_passages`); NaN where nothing is left to ask.
    """
    size = (len(without) + 1) // 2
    alone, pairs = np.ma.masked_invalid(without[:size]), np.concatenate([[np.nan], without[size:], [np.nan]])
    with_neighbour = np.ma.masked_invalid([pairs[:-1], pairs[1:]]).mean(axis=0)
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
    some = np.sort(np.random.default_rng(0).choice(size, CHECKED, replace=False))
    parts = [asked.part, *(kept(asked.part, np.arange(size) != row) for row in some)]
    odds = _log_odds(parts, asked, weights)
    return each, float(np.sqrt(np.nanmean((each[some] - (odds[0] - odds[1:])) ** 2)))
