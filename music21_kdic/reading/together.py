"""Measures that begin together in all parts of a Score, as they do on paper.

music21 lays out each part of a file by itself: where a measure is not filled in one part, or a rest is longer than the
others' measure, that part is early or late from there on. Files are mended before music21 sees them
(:mod:`~music21_kdic.reading.musicxml_measures`). Streams are not changed: here is found where their measures begin.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from music21 import meter, note, stream

from music21_kdic.reading.late import measures_begin
from music21_kdic.reading.musicxml_measures import is_rounding
from music21_kdic.reading.nested import AnyStream, inside, quarters
from music21_kdic.reading.notes import FloatArray
from music21_kdic.reading.walk import TOUCHING, is_played

MOST = 0.5  # of the measures may be of different lengths, else the parts are meant to be so


@dataclass(frozen=True, eq=False)
class Moved:
    """Where the Measures of a part begin, in quarter lengths from its start.

    Attributes:
        own: as the part has them, rising.
        together: as they begin in all parts of the piece, rising.
    """

    own: FloatArray
    together: FloatArray

    def at(self, time: float) -> float:
        """A time of the part, moved with the measure that it lies in.

        >>> moved = Moved(np.array([0.0, 4.0]), np.array([0.0, 1.0]))
        >>> moved.at(0.5), moved.at(4.0)
        (0.5, 1.0)
        """
        row = max(0, bisect_right(self.own, time) - 1)
        return time + float(self.together[row] - self.own[row])

    def note(self, onset: float, end: float, is_tied_on: bool) -> tuple[float, float]:
        """Where a note begins and ends: it is as long as it was, but that one which is tied over a barline ends there.

        >>> moved = Moved(np.array([0.0, 3.0]), np.array([0.0, 4.0]))
        >>> moved.note(2.0, 3.0, is_tied_on=False), moved.note(2.0, 3.0, is_tied_on=True)
        ((2.0, 3.0), (2.0, 4.0))
        """
        begin = self.at(onset)
        row = bisect_left(self.own, end - TOUCHING)
        if is_tied_on and row < len(self.own) and self.own[row] <= end + TOUCHING and self.together[row] > begin:
            return begin, float(self.together[row])
        return begin, begin + (end - onset)


def moved_together(parts: Sequence[AnyStream]) -> list[Moved] | None:
    """Where the measures of the parts of a piece begin together.

    A measure is as long as it is in most of the parts that play in it, but no note is cut.

    Returns:
        For each part; None where nothing is to be moved, or no such place can be told: parts without Measures or with
        different numbers of them, meters that are not equally long at a time, or most measures of different lengths.
    """
    columns = [[each for each in part.elements if isinstance(each, stream.Measure)] for part in parts]
    if len(parts) < 2 or len(set(map(len, columns))) > 1 or not columns[0]:
        return None
    own = np.array([list(measures_begin(part).values()) for part in parts])
    if (own == own[0]).all() or (own[:, 0] != own[0, 0]).any() or (np.diff(own) < 0).any():
        return None
    differ = np.ptp(np.diff(own), axis=0) > 0
    if np.count_nonzero(differ) > max(1, MOST * differ.size):
        return None
    meters = [0.0] * len(parts)  # 0: not known
    lengths = []
    for row in range(own.shape[1] - 1):
        measures = [column[row] for column in columns]
        meters = [_meter(each) or before for each, before in zip(measures, meters, strict=True)]
        if len(set(meters) - {0.0}) > 1:
            return None
        beside = own[:, row + 1] - own[:, row]
        played = [min(_last_note(each), length) for each, length in zip(measures, beside.tolist(), strict=True)]
        lengths.append(_length(beside, played, max(meters), is_first=not row))
    together = own[0, 0] + np.concatenate([[0.0], np.cumsum(lengths)])
    return [Moved(each, together) for each in own]


def _meter(measure: stream.Measure) -> float:
    """The length of a bar by the meter that a measure sets, 0 where it sets none."""
    found = next((each for each in measure.elements if isinstance(each, meter.TimeSignature)), None)
    return 0.0 if found is None else quarters(found.barDuration.quarterLength)


def _last_note(measure: stream.Measure) -> float:
    """Where the last note ends, in quarter lengths from the barline; 0 where none takes time."""
    return max(
        (
            offset + quarters(element.quarterLength)
            for offset, element, _ in inside(measure)
            if isinstance(element, note.NotRest) and is_played(element) and element.quarterLength > 0
        ),
        default=0.0,
    )


def _length(own: FloatArray, last_notes: Sequence[float], meter: float, *, is_first: bool) -> float:
    """How long a measure is, by its length and its last note in each part, and by its meter, 0 where none is known."""
    played = max(last_notes)
    playing = [length for length, last in zip(own.tolist(), last_notes, strict=True) if last] or own.tolist()
    most, _ = max(Counter(playing).items(), key=lambda each: (each[1], each[0] == meter, each[0]))
    if not played:
        return float(min(most, meter or most))
    if is_first and meter not in playing:  # a pickup, which what some parts rest after it makes longer
        return float(max(played, min(playing)))
    length = max(most, played)
    return float(meter if meter and is_rounding(Fraction(length - meter)) else length)
