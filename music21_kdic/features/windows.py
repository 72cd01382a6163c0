"""A part is cut into windows here, and nowhere else, for training and for answers alike.

The window is that of Sawada's paper: two bars. Its piano-roll, which the networks of the studies read, has eighth-note
columns: 128 pitches x 16 columns, 1 where a pitch sounds. What the paper leaves open is settled so:

* A window is as many whole bars, at most two, as fit into eight quarter lengths: two bars of 4/4, 3/4, 6/8, 2/4
  or 7/8; one bar of 5/4, 6/4, 9/8 or 12/8. A single bar longer than that is cut every eight quarter lengths.
  Bars follow one another without a gap; columns after the last bar stay 0. A pickup is a short bar.
* Barlines are those of the score, so a change of meter starts the next bar where it stands. The first window begins
  with the bar in which the part does, and the last one ends with it: bars of rest before and after it change nothing.
* A note sounds in every column that it reaches into by more than TOLERANCE, in the next window too where it is
  held or tied over. A note shorter than that still sounds in the column of its onset. So hands that are a little
  early or late do not smear a column, and triplets and swing fall into the columns they really touch.
* A window in which fewer than MIN_NOTES notes sound says nothing about an instrument and is left out.

A study may ask for more than the paper's piano-roll (finer columns, a plane of onsets beside the plane of sounding
notes): :class:`WindowGrid` says which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from music21_kdic.errors import NoteError
from music21_kdic.features.rows import laid_out
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

PITCHES = 128
BARS_PER_WINDOW = 2
WINDOW_QUARTERS = 8.0
_MOST_QUARTERS = WINDOW_QUARTERS + 1e-6  # two bars of 4/4 that begin on a triplet are a hair more in floating point
MIN_NOTES = 2
# A 64th note in quarter lengths, 31 ms at 120 beats a minute: about the asynchrony of a human ensemble.
TOLERANCE = 1 / 16
# Bounds for what a file may ask for: 100,000 windows are 4.6 days of 4/4 at 120 beats a minute.
MAX_WINDOWS = 100_000
MAX_SOUNDING = 5_000_000
_AT_ONCE = 1_000_000  # notes drawn at a time: bounds the memory for a file of nothing but long notes
_MOST_SPANS = 1_000_000  # windows of parts that are cut at a time: bounds it for long files of many parts
_Spans = tuple[FloatArray, FloatArray, IntArray]  # starts, ends, and first and one-past-last bar of windows

PLANES = ('sounding', 'onset')


@dataclass(frozen=True)
class WindowGrid:
    """How the notes of a window are drawn as a piano-roll, which the networks of the studies read.

    Attributes:
        columns: columns in eight quarter lengths; 16 are the paper's eighth notes.
        planes: which of PLANES are drawn: 'sounding' (1 where a pitch sounds), 'onset' (1 where a note begins).

    Raises:
        ValueError: for a column count below 1 or a plane that is not in PLANES.

    >>> WindowGrid().shape
    (1, 128, 16)
    """

    columns: int = 16
    planes: tuple[str, ...] = ('sounding',)

    def __post_init__(self) -> None:
        if not 1 <= self.columns <= 1024:
            raise ValueError(f'{self.columns} columns a window: wanted 1 to 1024')
        unknown = [plane for plane in self.planes if plane not in PLANES]
        if unknown or not self.planes or len(set(self.planes)) != len(self.planes):
            raise ValueError(f'planes {self.planes}: wanted some of {PLANES}, each once')

    @property
    def shape(self) -> tuple[int, int, int]:
        """(planes, 128 pitches, columns)."""
        return len(self.planes), PITCHES, self.columns

    @property
    def column_quarters(self) -> float:
        """Length of a column in quarter lengths."""
        return WINDOW_QUARTERS / self.columns


PAPER_GRID = WindowGrid()


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of a part that have something to say, and the notes that sound in each.

    Attributes:
        starts, ends: each window in quarter lengths from the start of the part, shape (windows,).
        bars: index of its first bar and of the one after its last, shape (windows, 2).
        window: for every sounding note, the row of its window, rising, shape (notes,).
        onsets, ends_in_window: in quarter lengths from the start of that window; a note held over from before
            has an onset below 0, one held beyond has an end past the window's. Shape (notes,).
        pitches: MIDI pitch, shape (notes,).
    """

    starts: FloatArray
    ends: FloatArray
    bars: IntArray
    window: IntArray
    onsets: FloatArray
    ends_in_window: FloatArray
    pitches: IntArray

    def __len__(self) -> int:
        return int(self.starts.size)

    @staticmethod
    def joined(parts: 'Sequence[Windows]') -> 'Windows':
        """Lay the windows of several parts end to end."""
        before = np.cumsum([0, *(len(part) for part in parts)])
        columns = {name: [getattr(part, name) for part in parts] for name in Windows.__dataclass_fields__}
        columns['window'] = [part.window + first for part, first in zip(parts, before, strict=False)]
        return Windows(**{name: np.concatenate(column) for name, column in columns.items()})

    def select(self, rows: IntArray) -> 'Windows':
        """Return some of the windows with their notes, in the order of ``rows``, shape (selected,)."""
        first = np.searchsorted(self.window, rows, side='left')
        counts = np.searchsorted(self.window, rows, side='right') - first
        note = _ranges(first, counts)
        return Windows(
            self.starts[rows],
            self.ends[rows],
            self.bars[rows],
            np.repeat(np.arange(rows.size), counts),
            self.onsets[note],
            self.ends_in_window[note],
            self.pitches[note],
        )


@lru_cache(maxsize=16)  # the parts of a piece share their barlines, and many begin in the same bar
def _window_spans(barlines: bytes, first_bar: int) -> _Spans:
    """Group the bars from one on into windows; ``barlines`` are the bytes of NoteSequence.bars."""
    lines = np.frombuffer(barlines)
    past = np.arange(1, lines.size)
    two = lines[BARS_PER_WINDOW:] - lines[:-BARS_PER_WINDOW] <= _MOST_QUARTERS
    past[: two.size][two] += BARS_PER_WINDOW - 1
    if two[first_bar:].all():  # as almost always, and much faster
        first = np.arange(first_bar, past.size, BARS_PER_WINDOW)
    else:
        next_window, bar, begins = past.tolist(), first_bar, []
        while bar < past.size:
            begins.append(bar)
            bar = next_window[bar]
        first = np.array(begins, np.int64)
    bars = np.stack([first, past[first]], axis=1)
    starts, ends = lines[bars].T
    if (ends - starts <= _MOST_QUARTERS).all():
        return starts, ends, bars
    # A single bar that is longer than a window is cut.
    pieces = 1 + np.ceil(np.maximum(ends - starts - _MOST_QUARTERS, 0) / WINDOW_QUARTERS)
    if pieces.sum() > MAX_WINDOWS:
        raise NoteError(f'more than {MAX_WINDOWS} windows in one part: at most that many are read')
    counts = pieces.astype(np.int64)
    piece = _ranges(np.zeros_like(counts), counts)
    last = piece == np.repeat(counts - 1, counts)
    starts, ends, bars = (np.repeat(each, counts, axis=0) for each in (starts, ends, bars))
    starts = starts + piece * WINDOW_QUARTERS
    return starts, np.where(last, ends, starts + WINDOW_QUARTERS), bars


def cut_windows(notes: NoteSequence) -> Windows:
    """Cut a part into windows of two bars, and keep those in which at least MIN_NOTES notes sound.

    Raises:
        NoteError: for more than MAX_WINDOWS windows, or notes that sound in more than MAX_SOUNDING in all.

    >>> scale = NoteSequence(onsets=[0, 1, 2, 8], ends=[1, 2, 9, 9], pitches=[60, 62, 64, 65], bars=[0, 4, 8, 12])
    >>> windows = cut_windows(scale)
    >>> windows.window.tolist(), windows.onsets.tolist()
    ([0, 0, 0, 1, 1], [0.0, 1.0, 2.0, -6.0, 0.0])
    """
    (windows,) = cut_parts([notes])
    return windows


def cut_parts(parts: Sequence[NoteSequence]) -> list[Windows]:
    """Cut some parts, as many at once as memory allows; see :func:`cut_windows` for a part and for errors."""
    spans = [_without_rests(part, _window_spans(part.bars.tobytes(), _first_bar(part))) for part in parts]
    cut: list[Windows] = []
    first = count = 0
    for place, (starts, *_) in enumerate(spans):
        if count + starts.size > _MOST_SPANS:  # never at the first: a part has at most MAX_WINDOWS
            cut += _cut(parts[first:place], spans[first:place])
            first, count = place, 0
        count += starts.size
    return cut + _cut(parts[first:], spans[first:]) if parts else []


def bar_of(part: NoteSequence, onsets: FloatArray) -> IntArray:
    """The bar of a part in which each of some onsets lies, or the nearest; TOLERANCE before a barline is on it."""
    bar: IntArray = part.bars.searchsorted(onsets + TOLERANCE, side='right') - 1
    return np.minimum(np.maximum(bar, 0), max(part.bars.size - 2, 0))  # much faster than clip, of a few


def _first_bar(part: NoteSequence) -> int:
    """The bar in which a part begins to play."""
    return int(bar_of(part, part.onsets[:1])[0]) if len(part) else 0


def _without_rests(part: NoteSequence, spans: _Spans) -> _Spans:
    """The windows of a part as if its bars ended with the last one in which it sounds."""
    if not len(part):
        return spans
    bars = part.bars
    past = max(bars.searchsorted(part.onsets[-1] + TOLERANCE, 'right'), bars.searchsorted(part.ends.max() - TOLERANCE))
    if not 0 < past < bars.size - 1:
        return spans
    starts, ends, bars_of = spans
    return starts, np.minimum(ends, bars[past]), np.minimum(bars_of, past)


def _cut(parts: Sequence[NoteSequence], spans: Sequence[_Spans]) -> list[Windows]:
    """Cut parts into windows that span so much of each."""
    onset = np.concatenate([part.onsets for part in parts])
    end = np.concatenate([part.ends for part in parts])
    pitch = np.concatenate([part.pitches for part in parts])
    counts = [len(part) for part in parts]
    part_of = np.repeat(np.arange(len(parts)), counts)
    notes_of = laid_out(counts)
    own_starts = [starts for starts, *_ in spans]
    starts, ends, bars = (np.concatenate(column) for column in zip(*spans, strict=True))
    row_of = np.cumsum([0, *(own.size for own in own_starts)])  # of each part's first window among those of all

    def found(times: FloatArray, side: Literal['left', 'right']) -> IntArray:
        """The window of its part that each note's time is in; -1 before the first."""
        each = [own.searchsorted(times[of], side) for own, of in zip(own_starts, notes_of, strict=True)]
        return np.concatenate(each) - 1

    first, last = found(onset + TOLERANCE, 'right'), found(end - TOLERANCE, 'left')
    music_ends = np.array([own_ends[-1] if own_ends.size else -np.inf for _, own_ends, _ in spans])
    # Notes before the first barline or after the last belong to no bar.
    inside = np.flatnonzero((first >= 0) & (onset + TOLERANCE < music_ends[part_of]))
    first, last = first[inside], np.maximum(first, last)[inside]
    repeats = last - first + 1
    if repeats.sum() > MAX_SOUNDING:
        where = f', in {len(parts)} parts' if len(parts) > 1 else ''
        raise NoteError(f'{repeats.sum()} times a note sounds in a window{where}: at most {MAX_SOUNDING} are read')
    note = np.repeat(inside, repeats)
    row = _ranges(first + row_of[part_of[inside]], repeats)
    order = np.argsort(row, kind='stable')
    enough = np.bincount(row, minlength=starts.size) >= MIN_NOTES
    order = order[enough[row[order]]]
    note, row = note[order], row[order]
    onset, end, pitch = onset[note] - starts[row], end[note] - starts[row], pitch[note]
    kept_before = np.concatenate([[0], np.cumsum(enough)])
    window = kept_before[row]
    starts, ends, bars = starts[enough], ends[enough], bars[enough]
    windows_of, notes_of_kept = kept_before[row_of].tolist(), np.searchsorted(row, row_of).tolist()
    cut = []
    for (begin, past), (first_note, past_note) in zip(pairwise(windows_of), pairwise(notes_of_kept), strict=True):
        mine, sounding = slice(begin, past), slice(first_note, past_note)
        cut.append(
            Windows(
                starts[mine], ends[mine], bars[mine],
                window[sounding] - begin, onset[sounding], end[sounding], pitch[sounding],
            )
        )  # fmt: skip
    return cut


def piano_roll(windows: Windows, grid: WindowGrid = PAPER_GRID) -> npt.NDArray[np.uint8]:
    """Draw windows as binary piano-rolls.

    Returns:
        uint8 array of shape (windows, planes, 128, columns), row 60 being middle C and column 0 the downbeat.

    >>> part = NoteSequence(onsets=[0, 1], ends=[1, 2], pitches=[60, 64], bars=[0, 4])
    >>> roll = piano_roll(cut_windows(part))
    >>> roll.shape, roll[0, 0, 60, :4].tolist(), roll[0, 0, 64, :4].tolist()
    ((1, 1, 128, 16), [1, 1, 0, 0], [0, 0, 1, 1])
    """
    width = grid.column_quarters
    begin = np.floor((windows.onsets + TOLERANCE) / width).astype(np.int64)
    # Of the note, what lies inside its own window: a short last bar does not sound on into the padding.
    stop = np.minimum(windows.ends_in_window, (windows.ends - windows.starts)[windows.window])
    past = np.maximum(np.ceil((stop - TOLERANCE) / width).astype(np.int64), begin + 1)
    begin, past = np.clip(begin, -1, grid.columns), np.clip(past, 0, grid.columns)
    rolls = np.zeros((len(windows), *grid.shape), dtype=np.uint8)
    cells = rolls.reshape(-1)
    for plane, name in enumerate(grid.planes):
        row = ((windows.window * len(grid.planes) + plane) * PITCHES + windows.pitches) * grid.columns
        if name == 'onset':
            cells[(row + begin)[(begin >= 0) & (begin < grid.columns)]] = 1
        else:
            first = np.maximum(begin, 0)
            for some in range(0, row.size, _AT_ONCE):
                here = slice(some, some + _AT_ONCE)
                cells[_ranges(row[here] + first[here], past[here] - first[here])] = 1
    return rolls


def _ranges(starts: IntArray, lengths: IntArray) -> IntArray:
    """Lay ``range(start, start + length)`` of each pair end to end."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if ends.size else 0)
