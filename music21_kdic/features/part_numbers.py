"""What a part is summed up by, see :data:`~music21_kdic.features.number_names.PART_NUMBERS`.

A part's numbers are the mean and the deviation of its windows' numbers, over at most MOST_WINDOWS windows that are
evenly spread, and some of the part as a whole. A window can be asked about as if it were a part: its deviations are
then 0.
"""

from collections.abc import Sequence

import numpy as np

from music21_kdic.features.course_numbers import Course, course_numbers
from music21_kdic.features.number_names import SIXTEENTH
from music21_kdic.features.rows import Numbers, Rows, deviation, laid_out
from music21_kdic.features.window_numbers import window_numbers
from music21_kdic.features.windows import TOLERANCE, Windows
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

MOST_WINDOWS = 16
BAR = 4.0  # quarter lengths of a bar that has no end
_ALIKE = 1e-9  # a deviation below it is what floating point makes of windows that are the same


def part_numbers(parts: Sequence[NoteSequence], cut: Sequence[Windows]) -> Numbers:
    """The numbers of parts, each of which has at least one window, in the order of PART_NUMBERS.

    Args:
        parts: their notes.
        cut: all windows of each (:func:`~music21_kdic.features.windows.cut_windows`).

    Returns:
        float32, shape (parts, len(PART_NUMBERS)).
    """
    windows, counts = shown_windows(cut)
    whole = whole_numbers(parts, [len(each) for each in cut])
    return summed_up(window_numbers(windows), time_played(windows), counts, whole)


def each_window_numbers(cut: Sequence[Windows]) -> Numbers:
    """The numbers of every window as if it were a part: its deviations are 0.

    Returns:
        float32, shape (windows of all parts, len(PART_NUMBERS)).
    """
    windows = Windows.joined(cut)
    return _as_parts(windows, window_numbers(windows))


def shown_windows(cut: Sequence[Windows]) -> tuple[Windows, IntArray]:
    """At most MOST_WINDOWS windows of each part, evenly spread, end to end, and how many of each there are."""
    windows, counts = Windows.joined(cut), np.array([len(each) for each in cut])
    if counts.max(initial=0) <= MOST_WINDOWS:
        return windows, counts
    first = np.cumsum(counts) - counts
    shown = [before + _evenly(count) for before, count in zip(first.tolist(), counts.tolist(), strict=True)]
    return windows.select(np.concatenate(shown)), np.minimum(counts, MOST_WINDOWS)


def _evenly(count: int) -> IntArray:
    """At most MOST_WINDOWS of ``count`` windows, spread evenly, rising."""
    if count <= MOST_WINDOWS:
        return np.arange(count)
    return (np.arange(MOST_WINDOWS) * count + count // 2) // MOST_WINDOWS


def time_played(windows: Windows) -> FloatArray:
    """From each window's first note to the end of its last, in quarter lengths, at least a sixteenth: (windows,)."""
    first = np.searchsorted(windows.window, np.arange(len(windows)))
    begin = np.maximum(np.minimum.reduceat(windows.onsets, first), 0)
    end = np.minimum(np.maximum.reduceat(windows.ends_in_window, first), windows.ends - windows.starts)
    played: FloatArray = np.maximum(end - begin, SIXTEENTH)
    return played


def summed_up(of_windows: Numbers, weight: FloatArray, counts: IntArray, whole: Numbers) -> Numbers:
    """Mean and deviation over each part's windows, and the numbers of the part: (parts, len(PART_NUMBERS)).

    A window counts by its weight: one in which the part ends early, or is cut, tells less.
    """
    first = np.cumsum(counts) - counts
    each, weights = np.add.reduceat(weight, first)[:, None], weight[:, None]
    mean = np.add.reduceat(of_windows * weights, first) / each
    apart = np.repeat(mean, counts, axis=0)  # in place from here on: they are many
    np.subtract(of_windows, apart, out=apart)
    apart *= apart
    apart *= weights
    deviation = np.sqrt(np.add.reduceat(apart, first) / each)
    deviation[deviation < _ALIKE] = 0
    return np.concatenate([mean, deviation, whole], axis=1).astype(np.float32)


def whole_numbers(parts: Sequence[NoteSequence], windows: Sequence[int]) -> Numbers:
    """The numbers of each part as a whole, in the order of WHOLE_NUMBERS and COURSE_NUMBERS."""
    counts = [len(part) for part in parts]
    notes = Rows(np.repeat(np.arange(len(parts)), counts), len(parts))
    onsets, ends, pitches, bars = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ('onsets', 'ends', 'pitches', 'bars')
    )
    # Of each note the number of its bar, 0 before the first barline.
    late_onsets = onsets + TOLERANCE
    bar = np.concatenate(
        [part.bars.searchsorted(late_onsets[here], 'right') for part, here in zip(parts, laid_out(counts), strict=True)]
    )
    sizes = np.array([part.bars.size for part in parts])
    first = np.cumsum(sizes) - sizes  # of each part's barlines among those of all
    last = first + sizes - 1
    lengths = np.diff(bars, append=0)
    lengths[last] = bars[last] + BAR - bars[last]
    line = first[notes.of] + np.maximum(bar - 1, 0)
    course = Course(notes.of, len(parts), onsets, ends, pitches, bar, onsets - bars[line], lengths[line])
    played = notes.add(notes.new(bar))[:, 0]
    # From the first bar that is played to the last: what a cut leaves of a part says nothing of the rest.
    there = notes.most(bar)[:, 0] + 1 - bar[notes.first]
    whole = _whole(notes, pitches, played, there, np.array(windows, np.float64))
    return np.concatenate([whole, course_numbers(course)], axis=1)


def _as_parts(windows: Windows, of_windows: Numbers) -> Numbers:
    """What :func:`each_window_numbers` returns, of windows and their numbers."""
    bars = windows.bars[:, 1] - windows.bars[:, 0]
    notes = Rows(windows.window, len(windows))
    # The bars of a window are taken for equally long.
    length = ((windows.ends - windows.starts) / bars)[notes.of]
    bar = (np.maximum(windows.onsets + TOLERANCE, 0) / length).astype(np.int64)
    bar = np.minimum(bar, (bars - 1)[notes.of])
    played = notes.add(notes.new(bar))[:, 0]
    there = notes.most(bar)[:, 0] + 1 - bar[notes.first]
    whole = _whole(notes, windows.pitches, played, there, np.ones(len(windows)))
    begins = np.flatnonzero(windows.onsets >= -TOLERANCE)
    course = Course(
        notes.of[begins],
        len(windows),
        windows.onsets[begins],
        windows.ends_in_window[begins],
        windows.pitches[begins],
        bar[begins],
        (windows.onsets - bar * length)[begins],
        length[begins],
    )
    return np.concatenate([of_windows, np.zeros_like(of_windows), whole, course_numbers(course)], axis=1)


def _whole(notes: Rows, pitch: IntArray, played: FloatArray, there: FloatArray, windows: FloatArray) -> Numbers:
    """The numbers of WHOLE_NUMBERS, from the notes of each part and how many bars are played and there."""
    histogram = notes.kinds(pitch, 128)
    share = np.cumsum(histogram, axis=1) / notes.count
    quantiles = [np.count_nonzero(share < q, axis=1)[:, None] for q in (1e-9, 0.05, 0.25, 0.5, 0.75, 0.95, 1 - 1e-9)]
    moments = histogram @ _HEIGHTS / notes.count
    return np.concatenate(
        [
            *quantiles,
            moments[:, :1] + 64,
            quantiles[5] - quantiles[1],
            quantiles[6] - quantiles[0],
            deviation(moments[:, :1], moments[:, 1:]),
            np.count_nonzero(histogram, axis=1)[:, None],
            notes.count / played[:, None],
            (played / there)[:, None],
            np.log2(notes.count),
            np.log2(windows)[:, None],
        ],
        axis=1,
        dtype=np.float32,
    )


_HEIGHTS = np.stack([np.arange(128) - 64.0, (np.arange(128) - 64.0) ** 2], axis=1)
