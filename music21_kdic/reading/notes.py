"""NoteSequence: what one part sounds, and nothing else.

All readers (:mod:`music21_kdic.reading.streams`, :mod:`music21_kdic.reading.midi`, ...) end here, and every window
begins here. There is no field for a program, a name, a velocity or a tempo, so none of them can leak into an answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from music21_kdic.errors import NoteError, shown

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MAX_NOTES = 2_000_000
MAX_BARS = 100_000
MAX_QUARTERS = 2.0**32  # 68 years at 120 beats a minute; far beyond, eight more quarter lengths are lost in rounding
GRAIN = 2.0**-30  # times are rounded to it: far more than floating point adds to them, far less than is heard
_SAME_LINE = 1e-9  # a hair under a whole bar, or over, is the same barline in floating point, not one bar more
DEFAULT_BAR = 4.0  # quarter lengths; 4/4, as MIDI and music21 assume


@dataclass(frozen=True, eq=False)
class NoteSequence:
    """The notes of one part and the bars they stand in, sorted by onset, pitch and end.

    Times are rounded to GRAIN, so that notes which begin together do so to the bit, whatever floating point has added
    to them. A note lasts at least a grain, and so does a bar.

    Attributes:
        onsets: when each note begins, in quarter lengths from the start of the part, or of its Score, shape (notes,).
        ends: when each note stops sounding, in quarter lengths, shape (notes,), each later than its onset.
        pitches: sounding MIDI pitch of each note, 0-127 (60 is middle C), shape (notes,).
        bars: the barlines in quarter lengths, rising, shape (bars + 1,): bar i is ``bars[i]`` to ``bars[i+1]``.
        measure_numbers: what the score calls each bar (``'0'`` for a pickup, ``'12a'``), one per bar;
            counted from 1 where it is not given.
        unpitched: how many strokes of unpitched percussion were left out.

    Raises:
        NoteError: where the arrays do not fit each other, or hold what is no number, is masked or out of its range.

    >>> notes = NoteSequence(onsets=[0, 1], ends=[1, 2], pitches=[60, 64], bars=[0, 4])
    >>> len(notes), notes.measure_numbers
    (2, ('1',))
    """

    onsets: FloatArray
    ends: FloatArray
    pitches: IntArray
    bars: FloatArray
    measure_numbers: tuple[str, ...] = field(default=())
    unpitched: int = 0

    if TYPE_CHECKING:  # what may be given, of which the fields are made

        def __init__(
            self,
            onsets: npt.ArrayLike,
            ends: npt.ArrayLike,
            pitches: npt.ArrayLike,
            bars: npt.ArrayLike,
            measure_numbers: Iterable[object] = (),
            unpitched: int = 0,
        ) -> None: ...

    def __post_init__(self) -> None:
        onsets, ends, bars = (
            as_floats(getattr(self, name), name, 'numbers, in quarter lengths') for name in ('onsets', 'ends', 'bars')
        )
        pitches = whole_pitches(self.pitches)
        if not onsets.shape == ends.shape == pitches.shape == (onsets.size,):
            raise NoteError(
                f'onsets {onsets.shape}, ends {ends.shape} and pitches {pitches.shape}: '
                'wanted three arrays of one length'
            )
        if onsets.size > MAX_NOTES:
            raise NoteError(f'{onsets.size} notes in one part: at most {MAX_NOTES} are read')
        first, last = (float(onsets.min()), float(ends.max())) if onsets.size else (np.inf, -np.inf)
        if onsets.size and not ((ends > onsets).all() and first > -np.inf and last < np.inf):
            raise NoteError('a note does not end after it begins, or lasts for ever: wanted onset < end < infinity')
        if onsets.size and not 0 <= pitches.min() <= pitches.max() <= 127:
            raise NoteError(f'pitches {pitches.min()} to {pitches.max()}: wanted MIDI pitches, 0 to 127')
        rising = bars.ndim == 1 and bars.size >= 1 and bool((bars[1:] > bars[:-1]).all())
        if not rising or not -np.inf < float(bars[0]) <= float(bars[-1]) < np.inf:
            raise NoteError('bars: wanted a rising sequence of barlines in quarter lengths')
        if bars.size > MAX_BARS + 1:
            raise NoteError(f'{bars.size - 1} bars in one part: at most {MAX_BARS} are read')
        farthest = first if -first > last else last  # without notes infinitely far
        for what, where in (('a note', farthest), ('a barline', float(bars[0])), ('a barline', float(bars[-1]))):
            if MAX_QUARTERS < abs(where) < np.inf:
                raise NoteError(f'{what} at {where:g} quarter lengths: wanted at most {MAX_QUARTERS:.0f}, either way')
        numbers = _as_numbers(self.measure_numbers, bars.size - 1)
        if not (isinstance(self.unpitched, Integral) and self.unpitched >= 0):
            raise NoteError(f'unpitched {shown(self.unpitched)}: wanted a whole number of strokes, at least 0')
        onsets, ends, bars = in_grains(onsets), in_grains(ends), in_grains(bars)
        ends = np.maximum(ends, onsets + GRAIN)
        if not (bars[1:] > bars[:-1]).all():
            later = GRAIN * np.arange(bars.size)
            bars = np.maximum.accumulate(bars - later) + later
        order = np.lexsort((ends, pitches, onsets))
        onsets, ends, pitches = onsets[order], ends[order], pitches[order]
        for name, value in (('onsets', onsets), ('ends', ends), ('pitches', pitches), ('bars', bars)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        object.__setattr__(self, 'measure_numbers', numbers)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy through the constructor: arrays come back from a pickle writeable."""
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __len__(self) -> int:
        return int(self.onsets.size)

    def moved(self, by: float) -> 'NoteSequence':
        """The same notes and bars, later by some quarter lengths."""
        return replace(self, onsets=self.onsets + by, ends=self.ends + by, bars=self.bars + by) if by else self

    def measure(self, bar: int) -> int | str:
        """What the score calls a bar, counted from 0 here: a number where it is one."""
        number = self.measure_numbers[bar]
        return int(number) if number.removeprefix('-').isdecimal() else number


def in_grains(times: FloatArray) -> FloatArray:
    """Times rounded to GRAIN."""
    rounded: FloatArray = np.rint(times * (1 / GRAIN)) * GRAIN + 0.0  # 0, and not -0
    return rounded


def as_floats(given: Any, what: str, wanted: str) -> FloatArray:
    """Numbers as an array of floats, a new one.

    Args:
        given: an array, a list of numbers, or a list of rows of them.
        what: errors call it so.
        wanted: what errors say was wanted.

    Raises:
        NoteError: where it holds anything else: texts, complex numbers, rows of different lengths, masked numbers.
    """
    rows = given if isinstance(given, list | tuple) else ()  # those of an array are masked only where it is
    if any(isinstance(one, np.ma.MaskedArray) and np.ma.is_masked(one) for one in (given, *rows)):
        raise NoteError(
            f'{what} {shown(given)}: some are masked; wanted all of them, or those that are not (compressed)'
        )
    try:
        found = np.asarray(given)
        objects = found.flat if found.dtype.kind == 'O' else ()
        if found.dtype.kind in 'biufO' and not any(isinstance(one, str | bytes) for one in objects):
            with np.errstate(over='ignore', under='ignore'):  # of longer floats
                return found.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise NoteError(f'{what} {shown(given)}: wanted {wanted}')


def whole_pitches(given: Any) -> IntArray:
    """Pitches as whole numbers.

    Raises:
        NoteError: where one is between two, or no number.
    """
    numbers = as_floats(given, 'pitches', 'whole MIDI pitches, 0 to 127')
    if not (whole := (numbers == np.rint(numbers)) & (abs(numbers) < 2**31)).all():
        raise NoteError(f'pitch {numbers[~whole][0]}: wanted whole MIDI pitches, 0 to 127')
    return numbers.astype(np.int64)


def _as_numbers(given: Any, bars: int) -> tuple[str, ...]:
    """Measure numbers as texts, counted from 1 where there are none."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise NoteError(f'measure numbers {shown(given)}: wanted a list, one for each bar')
    numbers = tuple(map(str, given)) or tuple(str(i + 1) for i in range(bars))
    if len(numbers) != bars:
        raise NoteError(f'{len(numbers)} measure numbers for {bars} bars: wanted one each')
    return numbers


def bars_from_meters(
    meters: list[tuple[float, float]], until: float, default_length: float = DEFAULT_BAR, since: float = 0.0
) -> FloatArray:
    """Lay barlines from time signatures, up to and including the bar in which the music ends.

    A meter that comes in mid-bar cuts that bar short, as a notation program draws it.

    Args:
        meters: (offset, bar length) pairs in quarter lengths; of several at one offset the last one holds.
        until: where the music ends, in quarter lengths.
        default_length: length of a bar before the first meter.
        since: where it begins, in quarter lengths. Before offset 0, whole bars are laid down to there: of the meter in
            force there, else of the first one that stands at 0 or before.

    Returns:
        Barlines in quarter lengths, shape (bars + 1,), at least one bar.

    Raises:
        NoteError: for a bar length that is not positive, or more than MAX_BARS bars.

    >>> bars_from_meters([(0.0, 3.0), (6.0, 4.0)], until=9.0)
    array([ 0.,  3.,  6., 10.])
    >>> bars_from_meters([(0.0, 3.0)], until=3.0, since=-4.0)
    array([-6., -3.,  0.,  3.])
    """
    in_order = dict(sorted(meters, key=lambda pair: pair[0]))
    begin, changes = 0.0, {0.0: default_length}
    if since < 0.0:
        early = [pair for place, pair in enumerate(in_order.items()) if pair[0] <= (0.0 if not place else since)]
        at, length = early[-1] if early else (min(0.0, until), default_length)
        begin = at + _checked(length, at) * float(np.floor((since - at) / length + _SAME_LINE))
        changes = {begin: length, max(begin, at): length}
    changes.update(
        {max(begin, offset): length for offset, length in in_order.items() if begin >= 0.0 or offset > begin}
    )
    offsets = sorted(offset for offset in changes if offset < until or offset == begin)
    pieces: list[FloatArray] = []
    total = 0
    for offset, next_offset in zip(offsets, [*offsets[1:], None], strict=True):
        length = _checked(changes[offset], offset)
        stretch = (until if next_offset is None else next_offset) - offset
        count = max(1, int(min(np.ceil(stretch / length - _SAME_LINE), MAX_BARS + 1)))
        total += count
        if total > MAX_BARS:
            raise NoteError(f'more than {MAX_BARS} bars in one part: at most that many are read')
        pieces.append(offset + length * np.arange(count, dtype=np.float64))
    last = offsets[-1]
    return np.concatenate([*pieces, [pieces[-1][-1] + changes[last]]])


def _checked(length: float, offset: float) -> float:
    if not 0 < length < np.inf:
        raise NoteError(f'a bar of {length} quarter lengths at offset {offset}: wanted a positive length')
    return length
