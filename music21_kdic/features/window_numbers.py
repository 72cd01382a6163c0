"""What a window of two bars is summed up by, see :data:`~music21_kdic.features.number_names.WINDOW_NUMBERS`.

A window's numbers say where its notes lie, how many sound at once and how chords are spaced, how the outer voices
move, how long notes last and how exactly they are timed. All of it is arithmetic on arrays of notes; nothing is drawn.
"""

import numpy as np
import numpy.typing as npt

from music21_kdic.features.number_names import (
    CHORD,
    EXACT,
    GRIDS,
    INTERVALS,
    LEGATO,
    LENGTH_GRIDS,
    LENGTHS,
    PACES,
    PERIODS,
    QUANTILES,
    STEP_NAMES,
    STEPS,
    STRUM,
    VOICES,
    WINDOW_NUMBERS,
)
from music21_kdic.features.rows import Numbers, Rows, deviation, in_ticks, late
from music21_kdic.features.windows import TOLERANCE, Windows
from music21_kdic.reading.notes import FloatArray, IntArray


def window_numbers(windows: Windows) -> Numbers:
    """The numbers of each window, in the order of WINDOW_NUMBERS.

    What there is nothing to say of, as the steps of a window in which one chord begins, is 0.

    Returns:
        float32, shape (windows, len(WINDOW_NUMBERS)).
    """
    size = len(windows)
    if not size:
        return np.zeros((0, len(WINDOW_NUMBERS)), np.float32)
    length = windows.ends - windows.starts
    onset = in_ticks(windows.onsets)
    end = in_ticks(windows.ends_in_window)
    begins = onset >= -TOLERANCE
    strokes = np.flatnonzero(begins)
    notes = Rows(windows.window, size)
    return np.concatenate(
        [
            *_sounding(notes, windows.pitches, onset, end, begins, length),
            *_voices(notes, onset, end, length),
            *_chords(Rows(notes.of[strokes], size), onset[strokes], end[strokes], windows.pitches[strokes], length),
            length[:, None],
        ],
        axis=1,
        dtype=np.float32,
    )


def _sounding(
    notes: Rows, pitch: IntArray, onset: FloatArray, end: FloatArray, begins: npt.NDArray[np.bool_], length: FloatArray
) -> list[FloatArray]:
    """Where the notes lie, how many pitches and classes, how much begins and is held: 14 + 3 numbers."""
    here = length[notes.of]
    weight = np.maximum(np.minimum(end, here) - np.maximum(onset, 0), EXACT)
    height = np.sort(notes.of * 128 + pitch)
    first = np.cumsum(notes.counts) - notes.counts
    rank = np.rint(np.multiply.outer(notes.counts - 1, QUANTILES)).astype(np.int64) + first[:, None]
    new = np.empty(height.size)
    new[0] = 1
    np.not_equal(height[1:], height[:-1], out=new[1:], casting='unsafe')
    from_middle = pitch - 64.0  # so that squares lose nothing
    by_length, square = from_middle * weight, from_middle * from_middle
    sums = notes.add(
        from_middle, square, weight, by_length, by_length * from_middle, new, begins, end > here + TOLERANCE
    )
    mean, mean_square, total, different = (
        sums[:, :1] / notes.count,
        sums[:, 1:2] / notes.count,
        sums[:, 2:3],
        sums[:, 5:6],
    )
    mean_by_length, strokes = sums[:, 3:4] / total, sums[:, 6:7]
    classes = notes.kinds(pitch % 12, 12)
    return [
        height[rank] & 127,
        mean + 64,
        mean_by_length + 64,
        deviation(mean, mean_square),
        deviation(mean_by_length, sums[:, 4:5] / total),
        different,
        np.count_nonzero(classes, axis=1)[:, None],
        classes.max(axis=1, keepdims=True) / notes.count,
        strokes / length[:, None],
        (notes.count - strokes) / notes.count,
        sums[:, 7:8] / notes.count,
    ]


def _voices(notes: Rows, onset: FloatArray, end: FloatArray, length: FloatArray) -> list[FloatArray]:
    """For how long nothing, one, two, ... notes sound, and where the rests are: 11 numbers."""
    size = notes.size
    here = length[notes.of]
    apart = 2.0 * max(float(length.max()), 1.0)  # from the beginning of one window to that of the next
    base = np.arange(size) * apart
    offset = notes.of * apart
    # A window's own beginning and end are events without notes.
    times = np.concatenate([np.clip(onset, 0, here) + offset, np.clip(end, 0, here) + offset, base, base + length])
    change = np.zeros(times.size)
    change[: notes.of.size] = 1
    change[notes.of.size : 2 * notes.of.size] = -1
    order = np.argsort(times)
    times = times[order]
    lasts = np.diff(times)
    voices = np.cumsum(change[order])[:-1].astype(np.int64)
    of = (times[:-1] / apart).astype(np.int64)
    inside = np.flatnonzero((lasts > 0) & (times[:-1] < (base + length)[of]))
    voices, lasts, spans = voices[inside], lasts[inside], Rows(of[inside], size)
    shares = spans.kinds(np.minimum(voices, VOICES - 1), VOICES, lasts) / length[:, None]
    at_once = spans.add(voices * lasts) / length[:, None] / np.maximum(1 - shares[:, :1], 1e-9)
    # Stretches of silence and of sound; gaps of articulation, up to TOLERANCE, are no rests.
    silent = (voices == 0) & (lasts > TOLERANCE)
    first = np.flatnonzero(spans.new(silent))
    stretch, quiet = np.add.reduceat(lasts, first), silent[first]
    stretches = Rows(spans.of[first], size)
    longest = stretches.most(stretch * quiet, stretch * ~quiet)
    rests = stretches.add(quiet) / length[:, None]
    return [shares, at_once, longest[:, :1], rests, longest[:, 1:]]


def _chords(notes: Rows, onset: FloatArray, end: FloatArray, pitch: IntArray, length: FloatArray) -> list[FloatArray]:
    """Of what begins in a window, by order of onset and pitch: chords, lines, rhythm, length and timing of notes."""
    gap = np.full(onset.size, np.inf)  # since the note before
    follows = notes.of[1:] == notes.of[:-1]
    gap[1:][follows] = np.diff(onset)[follows]
    opens = gap > CHORD
    first = np.flatnonzero(opens)
    chord = np.cumsum(opens) - 1
    chords = Rows(notes.of[first], notes.size)
    begin, sizes = onset[first], np.diff(first, append=onset.size)
    height = np.sort(chord * 128 + pitch)  # by pitch within each chord
    low, high = height[first] & 127, height[first + sizes - 1] & 127
    followed = np.flatnonzero(chords.of[1:] == chords.of[:-1])  # chords that another one follows
    moves = Rows(chords.of[followed], notes.size)
    pairs = np.flatnonzero(np.diff(followed) == 1)  # of such moves, those that another one follows at once
    turns = Rows(moves.of[pairs], notes.size)
    pace = begin[followed + 1] - begin[followed]
    until = np.full(first.size, np.inf)  # of each chord, to the next one
    until[followed] = pace
    same = (low[followed + 1] == low[followed]) & (high[followed + 1] == high[followed])
    again = moves.add(same & (sizes[followed + 1] == sizes[followed])) / np.maximum(chords.counts - 1, 1)[:, None]
    return [
        *_spacing(chords, first, sizes, low, high, height, again, notes, length),
        _line(moves, turns, pairs, low[followed + 1] - low[followed]),
        _line(moves, turns, pairs, high[followed + 1] - high[followed]),
        *_rhythm(chords, moves, begin, pace),
        *_lengths(notes, end - onset, until[chord]),
        _timing(notes, onset - late(chords, begin)[notes.of], pitch, gap),
    ]


def _spacing(
    chords: Rows,
    first: IntArray,
    sizes: IntArray,
    low: IntArray,
    high: IntArray,
    height: IntArray,
    again: FloatArray,
    notes: Rows,
    length: FloatArray,
) -> list[FloatArray]:
    """How large chords are, how wide, and how spaced: 1 + 8 + 5 + INTERVALS numbers."""
    several = sizes > 1
    second = height[first + several] & 127
    last_but_one = height[first + np.maximum(sizes - 2, 0)] & 127
    sums = chords.add(several, high - low, (second - low) * several, (high - last_but_one) * several)
    largest = chords.most(sizes, high - low)
    many = np.maximum(sums[:, :1], 1)
    pairs, owners = [], []
    chord = height >> 7
    for apart in (1, 2, 3):
        same = np.flatnonzero(chord[apart:] == chord[:-apart])
        interval = height[same + apart] - height[same]
        pairs.append(interval)
        owners.append(notes.of[same])
    interval, owner = np.concatenate(pairs), np.concatenate(owners)
    kind = owner * (INTERVALS + 1) + np.minimum(interval, INTERVALS)
    intervals = np.bincount(kind, minlength=notes.size * (INTERVALS + 1)).reshape(-1, INTERVALS + 1)[:, 1:]
    return [
        chords.counts[:, None] / length[:, None],
        chords.kinds(np.minimum(sizes, 6) - 1, 6) / chords.count,
        notes.counts[:, None] / chords.count,
        largest[:, :1],
        sums[:, 1:2] / many,
        largest[:, 1:],
        sums[:, 2:] / many,
        again,
        intervals / notes.count,
    ]


def _line(moves: Rows, turns: Rows, pairs: IntArray, step: IntArray) -> FloatArray:
    """How a voice moves from one chord to the next: 15 numbers."""
    size = np.abs(step)
    along = step[pairs] * step[pairs + 1]
    large, small = np.maximum(size[pairs], size[pairs + 1]), np.minimum(size[pairs], size[pairs + 1])
    return np.concatenate(
        [
            moves.add(size, step) / moves.count,
            moves.kinds(STEPS[np.minimum(size, 13)], len(STEP_NAMES)) / moves.count,
            turns.share(along < 0, (along > 0) & (large <= 2), (along > 0) & (small >= 3)),
        ],
        axis=1,
    )


def _rhythm(chords: Rows, moves: Rows, begin: FloatArray, pace: FloatArray) -> list[FloatArray]:
    """In what time chords follow one another: len(PACES) + 4 + len(PERIODS) numbers."""
    logs = np.log2(pace)
    steady = np.zeros(pace.size)
    steady[1:] = (np.abs(np.diff(pace)) < 2 * CHORD / 3) & (moves.of[1:] == moves.of[:-1])
    sums = moves.add(logs, logs * logs, steady)
    mean = sums[:, :1] / moves.count
    turn = np.exp(2j * np.pi / PERIODS[0] * begin)
    turns = []
    for _ in PERIODS:
        turns += [turn.real, turn.imag]
        turn = turn * turn
    regular = chords.add(*turns)
    return [
        moves.kinds(np.searchsorted(PACES, pace, side='right'), len(PACES) + 1) / moves.count,
        mean,
        deviation(mean, sums[:, 1:2] / moves.count),
        sums[:, 2:] / np.maximum(moves.count - 1, 1),
        np.hypot(regular[:, ::2], regular[:, 1::2]) / chords.count,
    ]


def _lengths(notes: Rows, duration: FloatArray, until: FloatArray) -> list[FloatArray]:
    """How long notes last, by themselves and beside the time until the next chord: 18 + 11 numbers."""
    duration = np.maximum(duration, EXACT)
    logs = np.log2(duration)
    sums = notes.add(logs, logs * logs) / notes.count
    followed = np.flatnonzero(until < np.inf)
    share, those = duration[followed] / until[followed], Rows(notes.of[followed], notes.size)
    return [
        notes.kinds(np.searchsorted(LENGTHS, duration, side='right'), len(LENGTHS) + 1) / notes.count,
        sums[:, :1],
        deviation(sums[:, :1], sums[:, 1:]),
        notes.share(*(_off(duration, grid) < EXACT for grid in LENGTH_GRIDS)),
        those.kinds(np.searchsorted(LEGATO, share, side='right'), len(LEGATO) + 1) / those.count,
        those.add(np.log2(share)) / those.count,
    ]


def _timing(notes: Rows, onset: FloatArray, pitch: IntArray, gap: FloatArray) -> FloatArray:
    """How exactly notes are timed, and how chords are spread: len(GRIDS) + 6 numbers."""
    spread = (gap > 0) & (gap <= CHORD)
    direction = np.sign(np.diff(pitch, prepend=0)) * spread
    off = [_off(onset, grid) for grid in GRIDS]
    numbers = notes.add(
        *(each < EXACT for each in off),
        off[0],
        gap == 0,
        spread & (gap < STRUM),
        spread,
        np.where(spread, gap, 0),
        direction,
    )
    numbers[:, -2:] /= np.maximum(numbers[:, -3:-2], 1)
    numbers[:, :-2] /= notes.count
    return numbers


def _off(values: FloatArray, grid: float) -> FloatArray:
    """How far each is from the nearest multiple of a grid."""
    inside = values * (1 / grid)
    return np.abs(inside - np.rint(inside)) * grid
