"""Notes as plain numbers: rows of onset, duration and pitch, and what is assumed of those that do not say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from numbers import Real
from typing import Any

import numpy as np

from music21_kdic.errors import NoteError, shown
from music21_kdic.reading.notes import MAX_BARS, FloatArray, NoteSequence, as_floats, bars_from_meters, whole_pitches

MOST_BEATS = 1000  # of a meter
Rows = Sequence[Sequence[float]]  # of onset, duration and pitch
UNITS = ('1', '2', '4', '8', '16', '32', '64', '128')  # that a meter counts in


@dataclass(frozen=True)
class Assumed:
    """What is assumed where an object does not say.

    Attributes:
        meter: of notes without time signatures; a music21 TimeSignature will do.
        tempo: quarter notes a minute, of a track by itself whose times are seconds (pretty_midi, symusic).
        ticks: ticks a quarter note, of a track by itself whose times are ticks (mido, symusic, miditoolkit); those
            are refused where it is left out.

    >>> Assumed(meter='6/8').bar
    3.0
    """

    meter: str = '4/4'
    tempo: float = 120.0
    ticks: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.bar < math.inf:
            raise NoteError(f'meter {shown(self.meter)}: wanted one such as 3/4')
        if not (isinstance(self.tempo, Real) and 0 < self.tempo < math.inf):
            raise NoteError(f'tempo {shown(self.tempo)}: wanted quarter notes a minute, more than 0')
        if self.ticks is not None and not (isinstance(self.ticks, Real) and 1 <= self.ticks < math.inf):
            raise NoteError(f'ticks {shown(self.ticks)}: wanted ticks a quarter note, at least 1')

    @cached_property
    def bar(self) -> float:
        """Length of a bar in quarter lengths; 0 where the meter is none."""
        of_music21 = getattr(getattr(self.meter, 'barDuration', None), 'quarterLength', None)
        if of_music21 is not None:  # which adds 3/8+2/8 up
            return float(of_music21)
        beats, _, unit = str(self.meter).partition('/')
        if not (beats.isdecimal() and 0 < int(beats) <= MOST_BEATS and unit in UNITS):
            return 0.0
        return 4.0 * int(beats) / int(unit)


USUAL = Assumed()


def sequence(notes: FloatArray, bars: FloatArray, drum: bool = False) -> NoteSequence:
    """The notes of rows of onset, end and pitch; those of a drum track are counted and left out."""
    sounding = notes[:0] if drum else notes[notes[:, 1] > notes[:, 0]]
    return NoteSequence(
        onsets=sounding[:, 0],
        ends=sounding[:, 1],
        pitches=whole_pitches(sounding[:, 2]),
        bars=bars,
        unpitched=len(notes) if drum else 0,
    )


def of_numbers(given: Any, assumed: Assumed) -> NoteSequence:
    """The notes of a list or an array of (onset, duration, pitch).

    Raises:
        NoteError: where those are no notes, or some are masked.
    """
    notes = as_rows(given)
    if not notes.size:
        notes = notes.reshape(0, 3)
    if notes.ndim != 2 or notes.shape[1] != 3:
        raise NoteError(f'notes of shape {notes.shape}: wanted (notes, 3): onset, duration and pitch of each')
    check_rows(notes)
    with np.errstate(over='ignore'):  # what never ends has too many bars
        notes[:, 1] += notes[:, 0]
    # A hair more than whole bars is whole bars, as in bars_from_meters.
    count = math.ceil(min(float(notes[:, 1].max(initial=0.0)) / assumed.bar - 1e-9, MAX_BARS + 1))
    return sequence(notes, _even_bars(max(count, 1), assumed.bar))


def as_rows(given: Any) -> FloatArray:
    """Rows of notes as an array of floats; see :func:`~music21_kdic.reading.notes.as_floats`."""
    return as_floats(given, 'notes', 'rows of three numbers, (onset, duration, pitch)')


def check_rows(notes: FloatArray) -> None:
    """Make sure that rows of onset, duration and pitch are notes; of a pitch only that it is a finite number.

    Raises:
        NoteError: where one is none.
    """
    finite = np.isfinite(notes).all(axis=1)
    if not finite.all():
        raise NoteError(f'a note {notes[~finite][0].tolist()}: wanted finite numbers')
    early = (notes[:, :2] < 0).any(axis=1)
    if early.any():
        raise NoteError(f'a note {notes[early][0].tolist()}: wanted an onset and a duration of at least 0')


@lru_cache(maxsize=64)
def _even_bars(count: int, length: float) -> FloatArray:
    return bars_from_meters([], count * length, length)
