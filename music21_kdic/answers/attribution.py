"""What measures say of a class, and what notes add to its log-odds.

* Of a *measure*: what passages say in which it is, and what is lost without it. Each measure by itself, and each two
  that follow one another, is run as a part of its own; the log-odds of a passage are taken for the mean of what its
  measures say, and that is fitted, drawn a little towards the mean of all passages. Then each passage is cut out. So a
  measure counts by what it adds to nothing, and by what it adds to all the others: the two ends of its Shapley value.
* Of a *note*: log-odds of the part less log-odds without the note, by running the network again. The notes of
  a long part (more than EXACT, as notes times parts that are run) are left out by groups that follow one another, and
  share what their group adds; how far that is from the exact numbers is measured on some notes, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.answers.likelihood import Asked, Measure
from music21_kdic.answers.likeness import weighted_log_odds
from music21_kdic.features.evidence import windows_to_classify
from music21_kdic.features.number_names import CHORD
from music21_kdic.features.part_numbers import part_numbers
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
        evidence: the log-odds of the class that the passages say in which it is, and what is lost where it is cut out,
            alone and with a neighbour: above 0 it speaks for the class. NaN where none of those passages can be
            classified.
        left_out: log-odds of the part less log-odds of the part when this measure is cut out. NaN where nothing can
            be classified without it.
    """

    measure: Measure
    start: float
    end: float
    evidence: float
    left_out: float


def _log_odds(parts: Sequence[NoteSequence], asked: Asked, weights: FloatArray) -> FloatArray:
    """The log-odds of some parts; NaN where one cannot be classified."""
    found = np.full(len(parts), np.nan)
    first = 0
    while first < len(parts):
        past, notes = first, 0
        while past < len(parts) and (notes < AT_ONCE or past == first):
            notes += len(parts[past])
            past += 1
        cut = windows_to_classify(parts[first:past])
        given = [place for place, (_, status) in enumerate(cut) if status == Status.OK]
        if given:
            numbers = part_numbers([parts[first + place] for place in given], [cut[place][0] for place in given])
            probabilities = np.exp(log_softmax(asked.model.answer(numbers).logs + np.log(asked.priors)))
            for place, row in zip(given, probabilities, strict=True):
                found[first + place] = weighted_log_odds(row, weights)
        first = past
    return found


def kept(part: NoteSequence, keep: Any) -> NoteSequence:
    """A part with some of its notes: ``keep`` says which."""
    return changed(part, part.onsets[keep], part.ends[keep], part.pitches[keep])


def changed(part: NoteSequence, onsets: FloatArray, ends: FloatArray, pitches: IntArray) -> NoteSequence:
    """A part with other notes in the same bars."""
    return NoteSequence(onsets, ends, pitches, part.bars, part.measure_numbers, part.unpitched)


def bar_of(part: NoteSequence) -> IntArray:
    """The bar in which each note begins, or the nearest."""
    bar = np.searchsorted(part.bars, part.onsets + CHORD / 2, side='right') - 1
    inside: IntArray = np.clip(bar, 0, part.bars.size - 2)
    return inside


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
    bar = bar_of(part)
    played = np.unique(bar)
    each = np.eye(played.size, dtype=bool)
    passages = np.concatenate([each, each[:-1] | each[1:]])
    inside = np.zeros((len(passages), part.bars.size - 1), dtype=bool)
    inside[:, played] = passages
    runs = np.concatenate([inside, ~inside])
    whole, *odds = _log_odds([part, *(joined_measures(part, bar, one) for one in runs)], asked, weights)
    said, without = np.split(np.array(odds), 2)
    lost = whole - without
    evidence = _said_by_passages(passages, said) + _lost_with_passages(lost, played.size)
    found = []
    for place, row in enumerate(played.tolist()):
        number = part.measure_numbers[row]
        name = int(number) if number.isdecimal() else number
        start, end = float(part.bars[row]), float(part.bars[row + 1])
        found.append(MeasureEvidence(name, start, end, float(evidence[place]), float(lost[place])))
    return found


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


def _lost_with_passages(lost: FloatArray, measures: int) -> FloatArray:
    """The mean of what is lost with each measure alone, and with it and a neighbour; 0 where nothing is left to ask.

    Args:
        lost: with each measure, and then with each two that follow one another.
        measures: how many there are.
    """
    pairs = np.concatenate([[np.nan], lost[measures:], [np.nan]])
    with_neighbour = np.ma.masked_invalid([pairs[:-1], pairs[1:]]).mean(axis=0)
    mean: FloatArray = np.ma.stack([np.ma.masked_invalid(lost[:measures]), with_neighbour]).mean(axis=0).filled(0)
    return mean


def _without(asked: Asked, weights: FloatArray, groups: IntArray) -> FloatArray:
    """Log-odds of the part less log-odds without each group of notes, numbered from 0 on, shape (groups,)."""
    parts = [asked.part, *(kept(asked.part, groups != group) for group in range(int(groups.max()) + 1))]
    odds = _log_odds(parts, asked, weights)
    added: FloatArray = odds[0] - odds[1:]
    return added


def note_evidence(asked: Asked, weights: FloatArray) -> tuple[FloatArray, float]:
    """Of each note, and how far that is from the exact numbers."""
    size = len(asked.part)
    most = max(1, EXACT // size)
    if most >= size:
        return _without(asked, weights, np.arange(size)), 0.0
    groups = np.arange(size) * most // size
    added = _without(asked, weights, groups)
    each = (added / np.bincount(groups))[groups]
    some = np.sort(np.random.default_rng(0).choice(size, CHECKED, replace=False))
    parts = [asked.part, *(kept(asked.part, np.arange(size) != row) for row in some)]
    odds = _log_odds(parts, asked, weights)
    return each, float(np.sqrt(np.nanmean((each[some] - (odds[0] - odds[1:])) ** 2)))
