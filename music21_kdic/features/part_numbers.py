"""What a part is summed up by: named numbers of its notes, and how they differ from window to window.

A window's numbers say where its notes lie, how many sound at once and how chords are spaced, how the outer voices move,
how long notes last and how exactly they are timed. A part's are their mean and deviation over at most MOST_WINDOWS of
its windows, evenly spread, and some of the part as a whole. A score's parts also have numbers of how they stand to one
another (:func:`context_numbers`). All of it is arithmetic on arrays of notes, for all parts of a file at once; nothing is
drawn. Times are in quarter lengths, pitches are MIDI's, and shares lie between 0 and 1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from music21_kdic.features.windows import TOLERANCE, Windows
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

Numbers = npt.NDArray[np.float32]

MOST_WINDOWS = 16
CHORD = 1 / 10  # what begins no later than this after the note before belongs to one chord
STRUM = 0.03  # a chord's notes that begin no further apart are hardly heard apart
EXACT = 1 / 250  # no further from a multiple of a note value is on it; about half a tick of 120
TICK = 2.0**-20  # times are rounded to it: bars played alike are then numbers that are the same to the bit
GRIDS = (1 / 4, 1 / 3, 1 / 6, 1 / 8, 1 / 24)
LENGTH_GRIDS = (1 / 4, 1 / 2, 1 / 8, 1 / 24)
# Between these lie the note values, from a grace note to more than a whole one, with room for being played short.
LENGTHS = (0.06, 0.12, 0.2, 0.27, 0.45, 0.55, 0.9, 1.1, 1.9, 2.1, 3.9)
PACES = (0.2, 0.27, 0.45, 0.55, 0.9, 1.1, 1.9, 2.1)
# Duration as a share of the time until the next chord: staccato, detached, legato, overlapping, held.
LEGATO = (0.3, 0.6, 0.8, 0.95, 0.999, 1.001, 1.05, 1.2, 2.0)
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
VOICES = 7  # counts of 0, 1, ... 5, and 6 or more
STEPS = np.array([0, 1, 2, 3, 4, 5, 9, 6, 9, 9, 9, 9, 7, 8])  # which count a step of so many semitones goes to
STEP_NAMES = (
    'repeated',
    '1 semitone',
    '2 semitones',
    '3 semitones',
    '4 semitones',
    '5 semitones',
    'a fifth',
    'an octave',
    'more than an octave',
    'a sixth, seventh or tritone',
)
INTERVALS = 25  # semitones between notes of a chord; the last counts all that are wider
PERIODS = (4, 2, 1, 0.5)  # quarter lengths


def _between(edges: Sequence[float], what: str) -> list[tuple[str, str]]:
    names = [f'{what} below {edges[0]:g}', *(f'{what} {a:g} to {b:g}' for a, b in zip(edges, edges[1:], strict=False))]
    return [(name, 'share') for name in [*names, f'{what} {edges[-1]:g} and more']]


WINDOW_NUMBERS: tuple[tuple[str, str], ...] = (
    *(
        (f'pitch, {name}', 'MIDI pitch')
        for name in ('lowest', '10 %', '25 %', 'median', '75 %', '90 %', 'highest', 'mean', 'mean by length')
    ),
    ('pitch, deviation', 'semitones'),
    ('pitch, deviation by length', 'semitones'),
    ('different pitches', 'count'),
    ('different pitch classes', 'count'),
    ('commonest pitch class', 'share'),
    ('notes a quarter', 'count'),
    ('chords a quarter', 'count'),
    ('held from before', 'share'),
    ('held beyond', 'share'),
    *((f'time with {n} sounding', 'share') for n in ('nothing', '1', '2', '3', '4', '5', '6 or more')),
    ('sounding at once, mean', 'count'),
    ('longest silence', 'quarter lengths'),
    ('rests', 'count a quarter'),
    ('longest without a rest', 'quarter lengths'),
    *((f'chords of {n}', 'share') for n in ('1', '2', '3', '4', '5', '6 or more')),
    ('notes a chord, mean', 'count'),
    ('notes a chord, most', 'count'),
    ('span of chords, mean', 'semitones'),
    ('span of chords, widest', 'semitones'),
    ('lowest gap of chords', 'semitones'),
    ('highest gap of chords', 'semitones'),
    ('repeated chords', 'share'),
    *((f'intervals of {n} semitones in chords', 'count a note') for n in range(1, INTERVALS)),
    ('intervals of more than two octaves in chords', 'count a note'),
    *(
        (f'{voice} voice, {name}', unit)
        for voice in ('lowest', 'highest')
        for name, unit in (
            ('size of steps', 'semitones'),
            ('direction', 'semitones'),
            *((f'{s}', 'share') for s in STEP_NAMES),
            ('turns', 'share'),
            ('runs by step', 'share'),
            ('runs by leap', 'share'),
        )
    ),
    *_between(PACES, 'next chord after'),
    ('next chord after, mean', 'log2 quarter lengths'),
    ('next chord after, deviation', 'octaves of time'),
    ('steady pulse', 'share'),
    *((f'regular every {p:g}', 'share') for p in PERIODS),
    *_between(LENGTHS, 'length'),
    ('length, mean', 'log2 quarter lengths'),
    ('length, deviation', 'octaves of time'),
    *((f'length a multiple of 1/{1 / g:.0f}', 'share') for g in LENGTH_GRIDS),
    *_between(LEGATO, 'length to next chord'),
    ('length to next chord, mean', 'octaves of time'),
    *((f'begins on a multiple of 1/{1 / g:.0f}', 'share') for g in GRIDS),
    ('off the sixteenth', 'quarter lengths'),
    ('begins exactly with the one before', 'share'),
    ('begins a hair after the one before', 'share'),
    ('begins in a spread chord', 'share'),
    ('spread of chords', 'quarter lengths'),
    ('strummed upwards', '-1 to 1'),
    ('length of the window', 'quarter lengths'),
)

WHOLE_NUMBERS: tuple[tuple[str, str], ...] = (
    *(
        (f'part, pitch, {name}', 'MIDI pitch')
        for name in ('lowest', '5 %', '25 %', 'median', '75 %', '95 %', 'highest', 'mean')
    ),
    ('part, range from 5 % to 95 %', 'semitones'),
    ('part, range', 'semitones'),
    ('part, deviation of pitch', 'semitones'),
    ('part, different pitches', 'count'),
    ('part, notes a bar that is played', 'count'),
    ('part, bars that are played', 'share'),
    ('part, notes', 'log2 count'),
    ('part, windows', 'log2 count'),
)

PART_NUMBERS: tuple[tuple[str, str], ...] = (
    *WINDOW_NUMBERS,
    *((f'{name} (deviation over windows)', unit) for name, unit in WINDOW_NUMBERS),
    *WHOLE_NUMBERS,
)


def evenly(count: int, most: int = MOST_WINDOWS) -> IntArray:
    """At most ``most`` of ``count`` windows, spread evenly, rising."""
    if count <= most:
        return np.arange(count)
    return (np.arange(most) * count + count // 2) // most


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
    onset = np.round(windows.onsets * (1 / TICK)) * TICK
    end = np.round(windows.ends_in_window * (1 / TICK)) * TICK
    begins = onset >= -TOLERANCE
    strokes = np.flatnonzero(begins)
    notes = _Rows(windows.window, size)
    return np.concatenate(
        [
            *_sounding(notes, windows.pitches, onset, end, begins, length),
            *_voices(notes, onset, end, length),
            *_chords(_Rows(notes.of[strokes], size), onset[strokes], end[strokes], windows.pitches[strokes], length),
            length[:, None],
        ],
        axis=1,
        dtype=np.float32,
    )


class _Rows:
    """Things that belong to windows (notes, chords, steps), window after window, and their sums.

    Attributes:
        of: the window of each, rising, shape (things,).
        count: how many each window has, at least 1, to divide by, shape (windows, 1).
    """

    def __init__(self, of: IntArray, size: int) -> None:
        self.of, self.size = of, size
        counts = np.bincount(of, minlength=size)
        self.some = np.flatnonzero(counts)
        self.first = (np.cumsum(counts) - counts)[self.some]
        self.counts = counts
        self.count = np.maximum(counts, 1)[:, None].astype(np.float64)

    def add(self, *values: npt.NDArray[np.generic]) -> FloatArray:
        """The sum of each of some numbers of the things, (windows, how many numbers)."""
        return self._reduced(np.add, values, np.float64)

    def share(self, *true: npt.NDArray[np.bool_]) -> FloatArray:
        """Of what is true or not of each thing, how many of them it is true of, 0 to 1: (windows, how many)."""
        return self._reduced(np.add, true, np.float32) / self.count

    def most(self, *values: npt.NDArray[np.generic]) -> FloatArray:
        """The largest of each of some numbers, none of which is negative, (windows, how many numbers)."""
        return self._reduced(np.maximum, values, np.float64)

    def kinds(self, kind: IntArray, kinds: int, weight: FloatArray | None = None) -> FloatArray:
        """How many things are of each kind, (windows, kinds)."""
        return np.bincount(self.of * kinds + kind, weight, self.size * kinds).reshape(-1, kinds)

    def _reduced(self, how: np.ufunc, values: Sequence[npt.NDArray[np.generic]], kind: type) -> FloatArray:
        result = np.zeros((self.size, len(values)))
        if self.of.size:
            table = np.empty((len(values), self.of.size), kind)
            for row, column in zip(table, values, strict=True):
                row[:] = column
            result[self.some] = how.reduceat(table, self.first, axis=1).T
        return result


def _spread(mean: FloatArray, square: FloatArray) -> FloatArray:
    """The deviation, from a mean and the mean of squares."""
    return np.sqrt(np.maximum(square - mean * mean, 0))


def _sounding(
    notes: _Rows, pitch: IntArray, onset: FloatArray, end: FloatArray, begins: npt.NDArray[np.bool_], length: FloatArray
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
        _spread(mean, mean_square),
        _spread(mean_by_length, sums[:, 4:5] / total),
        different,
        np.count_nonzero(classes, axis=1)[:, None],
        classes.max(axis=1, keepdims=True) / notes.count,
        strokes / length[:, None],
        (notes.count - strokes) / notes.count,
        sums[:, 7:8] / notes.count,
    ]


def _voices(notes: _Rows, onset: FloatArray, end: FloatArray, length: FloatArray) -> list[FloatArray]:
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
    voices, lasts, spans = voices[inside], lasts[inside], _Rows(of[inside], size)
    shares = spans.kinds(np.minimum(voices, VOICES - 1), VOICES, lasts) / length[:, None]
    at_once = spans.add(voices * lasts) / length[:, None] / np.maximum(1 - shares[:, :1], 1e-9)
    # Stretches of silence and of sound; gaps of articulation, up to TOLERANCE, are no rests.
    silent = (voices == 0) & (lasts > TOLERANCE)
    new = np.empty(silent.size, np.bool_)
    new[0] = True
    new[1:] = (silent[1:] != silent[:-1]) | (spans.of[1:] != spans.of[:-1])
    first = np.flatnonzero(new)
    stretch, quiet = np.add.reduceat(lasts, first), silent[first]
    stretches = _Rows(spans.of[first], size)
    longest = stretches.most(stretch * quiet, stretch * ~quiet)
    rests = stretches.add(quiet) / length[:, None]
    return [shares, at_once, longest[:, :1], rests, longest[:, 1:]]


def _chords(notes: _Rows, onset: FloatArray, end: FloatArray, pitch: IntArray, length: FloatArray) -> list[FloatArray]:
    """Of what begins in a window, by order of onset and pitch: chords, lines, rhythm, length and timing of notes."""
    if not onset.size:
        return [np.zeros((notes.size, len(WINDOW_NUMBERS) - 14 - 3 - 11 - 1))]
    gap = np.full(onset.size, np.inf)  # since the note before
    follows = notes.of[1:] == notes.of[:-1]
    gap[1:][follows] = np.diff(onset)[follows]
    opens = gap > CHORD
    first = np.flatnonzero(opens)
    chord = np.cumsum(opens) - 1
    chords = _Rows(notes.of[first], notes.size)
    begin, sizes = onset[first], np.diff(first, append=onset.size)
    height = np.sort(chord * 128 + pitch)  # by pitch within each chord
    low, high = height[first] & 127, height[first + sizes - 1] & 127
    followed = np.flatnonzero(chords.of[1:] == chords.of[:-1])  # chords that another one follows
    moves = _Rows(chords.of[followed], notes.size)
    pairs = np.flatnonzero(np.diff(followed) == 1)  # of such moves, those that another one follows at once
    pairs = pairs[moves.of[pairs + 1] == moves.of[pairs]]
    turns = _Rows(moves.of[pairs], notes.size)
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
        _timing(notes, onset, pitch, gap),
    ]


def _spacing(
    chords: _Rows,
    first: IntArray,
    sizes: IntArray,
    low: IntArray,
    high: IntArray,
    height: IntArray,
    again: FloatArray,
    notes: _Rows,
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


def _line(moves: _Rows, turns: _Rows, pairs: IntArray, step: IntArray) -> FloatArray:
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


def _rhythm(chords: _Rows, moves: _Rows, begin: FloatArray, pace: FloatArray) -> list[FloatArray]:
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
        _spread(mean, sums[:, 1:2] / moves.count),
        sums[:, 2:] / np.maximum(moves.count - 1, 1),
        np.hypot(regular[:, ::2], regular[:, 1::2]) / chords.count,
    ]


def _lengths(notes: _Rows, duration: FloatArray, until: FloatArray) -> list[FloatArray]:
    """How long notes last, by themselves and beside the time until the next chord: 18 + 11 numbers."""
    duration = np.maximum(duration, EXACT)
    logs = np.log2(duration)
    sums = notes.add(logs, logs * logs) / notes.count
    followed = np.flatnonzero(until < np.inf)
    share, those = duration[followed] / until[followed], _Rows(notes.of[followed], notes.size)
    return [
        notes.kinds(np.searchsorted(LENGTHS, duration, side='right'), len(LENGTHS) + 1) / notes.count,
        sums[:, :1],
        _spread(sums[:, :1], sums[:, 1:]),
        notes.share(*(_off(duration, grid) < EXACT for grid in LENGTH_GRIDS)),
        those.kinds(np.searchsorted(LEGATO, share, side='right'), len(LEGATO) + 1) / those.count,
        those.add(np.log2(share)) / those.count,
    ]


def _timing(notes: _Rows, onset: FloatArray, pitch: IntArray, gap: FloatArray) -> FloatArray:
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


def part_numbers(parts: Sequence[NoteSequence], cut: Sequence[Windows]) -> Numbers:
    """The numbers of parts, each of which has at least one window, in the order of PART_NUMBERS.

    Args:
        parts: their notes.
        cut: all windows of each (:func:`~music21_kdic.windows.cut_windows`).

    Returns:
        float32, shape (parts, len(PART_NUMBERS)).
    """
    windows, counts = shown_windows(cut)
    return summed_up(window_numbers(windows), counts, whole_numbers(parts, [len(each) for each in cut]))


def part_and_window_numbers(parts: Sequence[NoteSequence], cut: Sequence[Windows]) -> tuple[Numbers, Numbers, IntArray]:
    """Both :func:`part_numbers` and, of the windows that those are made from, :func:`each_window_numbers`, at one cost.

    Returns:
        Of the parts, of their windows, and how many windows of each part those are, shape (parts,).
    """
    windows, counts = shown_windows(cut)
    of_windows = window_numbers(windows)
    whole = whole_numbers(parts, [len(each) for each in cut])
    return summed_up(of_windows, counts, whole), _as_parts(windows, of_windows), counts


def each_window_numbers(cut: Sequence[Windows]) -> Numbers:
    """The numbers of every window as if it were a part: its deviations are 0.

    Returns:
        float32, shape (windows of all parts, len(PART_NUMBERS)).
    """
    windows = Windows.joined(cut)
    return _as_parts(windows, window_numbers(windows))


def shown_windows(cut: Sequence[Windows]) -> tuple[Windows, IntArray]:
    """At most MOST_WINDOWS windows of each part, evenly spread, end to end, and how many of each there are."""
    chosen = [each.select(evenly(len(each))) if len(each) > MOST_WINDOWS else each for each in cut]
    return Windows.joined(chosen), np.array([len(each) for each in chosen])


def summed_up(of_windows: Numbers, counts: IntArray, whole: Numbers) -> Numbers:
    """Mean and deviation over each part's windows, and the numbers of the part: (parts, len(PART_NUMBERS))."""
    first = np.cumsum(counts) - counts
    each = counts[:, None]
    mean = np.add.reduceat(of_windows.astype(np.float64), first) / each
    apart = of_windows - np.repeat(mean, counts, axis=0)
    deviation = np.sqrt(np.add.reduceat(apart * apart, first) / each)
    return np.concatenate([mean, deviation, whole], axis=1).astype(np.float32)


def whole_numbers(parts: Sequence[NoteSequence], windows: Sequence[int]) -> Numbers:
    """The numbers of each part as a whole, in the order of WHOLE_NUMBERS, shape (parts, len(WHOLE_NUMBERS))."""
    bars = [np.searchsorted(each.bars, each.onsets + TOLERANCE, side='right') for each in parts]
    played = np.array([1 + np.count_nonzero(bar[1:] != bar[:-1]) for bar in bars])
    # From the first bar that is played to the last: what a cut leaves of a part says nothing of the rest.
    there = np.array([bar[-1] - bar[0] + 1 for bar in bars])
    notes = _Rows(np.repeat(np.arange(len(parts)), [len(part) for part in parts]), len(parts))
    return _whole(notes, np.concatenate([part.pitches for part in parts]), played, there, np.array(windows))


def _as_parts(windows: Windows, of_windows: Numbers) -> Numbers:
    """What :func:`each_window_numbers` returns, of windows and their numbers."""
    bars = windows.bars[:, 1] - windows.bars[:, 0]
    notes = _Rows(windows.window, len(windows))
    # The bars of a window are taken for equally long.
    bar = (np.maximum(windows.onsets + TOLERANCE, 0) * (bars / (windows.ends - windows.starts))[notes.of]).astype(
        np.int64
    )
    bar = np.minimum(bar, (bars - 1)[notes.of])
    new = np.empty(bar.size, np.bool_)
    new[0] = True
    new[1:] = (bar[1:] != bar[:-1]) | (notes.of[1:] != notes.of[:-1])
    played = notes.add(new)[:, 0]
    there = notes.most(bar)[:, 0] + 1 - bar[notes.first]
    whole = _whole(notes, windows.pitches, played, there, np.ones(len(windows)))
    return np.concatenate([of_windows, np.zeros_like(of_windows), whole], axis=1)


def _whole(notes: _Rows, pitch: IntArray, played: npt.NDArray, there: npt.NDArray, windows: npt.NDArray) -> Numbers:
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
            _spread(moments[:, :1], moments[:, 1:]),
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


SLOT = 1 / 4  # quarter lengths: onsets in one slot are together
MOST_SLOTS = 8192  # of a score: 512 bars of 4/4; what comes later is as what came before
FAR = 60.0  # semitones: so far below and above is a part where there is none
_MEANS = np.r_[0 : len(WINDOW_NUMBERS), 2 * len(WINDOW_NUMBERS) : len(PART_NUMBERS)]  # not the deviations
_NAMES = [name for name, _ in PART_NUMBERS]
_MEAN_PITCH = _NAMES.index('part, pitch, mean')
_OF_NEIGHBOURS = [
    _NAMES.index(name)
    for name in (
        'pitch, deviation',
        'notes a quarter',
        'chords a quarter',
        'held from before',
        'time with nothing sounding',
        'time with 1 sounding',
        'sounding at once, mean',
        'notes a chord, mean',
        'span of chords, mean',
        'highest voice, size of steps',
        'highest voice, repeated',
        'length, mean',
        'length to next chord, mean',
        'begins exactly with the one before',
        'longest without a rest',
        'next chord after, mean',
        'repeated chords',
        'part, pitch, mean',
        'part, range from 5 % to 95 %',
        'part, range',
    )
]

CONTEXT_NUMBERS: tuple[tuple[str, str], ...] = (
    ('other parts that are lower', 'share'),
    ('parts', 'log2 count'),
    ('drums', '0 or 1'),
    ('down to the part below', 'semitones'),
    ('up to the part above', 'semitones'),
    ('other parts', '0 or 1'),
    ('begins with the part below', 'share'),
    ('begins with the part above', 'share'),
    ('the part below begins with it', 'share'),
    ('the part above begins with it', 'share'),
    ('begins with another part, most', 'share'),
    ('begins with another part, mean', 'share'),
    ('another part begins with it, most', 'share'),
    *(
        (f'{which}: {PART_NUMBERS[row][0]}', PART_NUMBERS[row][1])
        for which in ('the part below', 'the part above')
        for row in _OF_NEIGHBOURS
    ),
    *(
        (f'other parts, {which}: {PART_NUMBERS[row][0]}', PART_NUMBERS[row][1])
        for which in ('mean', 'most', 'least')
        for row in _MEANS
    ),
)


def context_numbers(parts: Sequence[NoteSequence], numbers: Numbers, drums: bool) -> Numbers:
    """How each part of a score stands to the others, in the order of CONTEXT_NUMBERS; all 0 where there is one part.

    The order of the parts does not matter.

    Args:
        parts: the parts that have windows.
        numbers: of each part (:func:`part_numbers`), shape (parts, len(PART_NUMBERS)).
        drums: whether the score has a part of unpitched percussion.

    Returns:
        float32, shape (parts, len(CONTEXT_NUMBERS)).
    """
    size = len(parts)
    if size < 2:
        return np.zeros((size, len(CONTEXT_NUMBERS)), np.float32)
    height = numbers[:, _MEAN_PITCH]
    order = np.argsort(height, kind='stable')
    rank = np.empty(size)
    rank[order] = np.arange(size) / (size - 1)
    below, above = np.full(size, -1), np.full(size, -1)
    below[order[1:]], above[order[:-1]] = order[:-1], order[1:]
    has_below, has_above = (below >= 0)[:, None], (above >= 0)[:, None]
    shared = _shared(parts)
    row = np.arange(size)
    place = np.stack(
        [
            rank,
            np.full(size, np.log2(size)),
            np.full(size, float(drums)),
            np.where(below >= 0, height - height[below], FAR),
            np.where(above >= 0, height[above] - height, FAR),
            np.ones(size),
            np.where(below >= 0, shared[row, below], 0),
            np.where(above >= 0, shared[row, above], 0),
            np.where(below >= 0, shared[below, row], 0),
            np.where(above >= 0, shared[above, row], 0),
            shared.max(axis=1),
            shared.sum(axis=1) / (size - 1),
            shared.max(axis=0),
        ],
        axis=1,
    )
    near, means = numbers[:, _OF_NEIGHBOURS], numbers[:, _MEANS].astype(np.float64)
    ordered = np.sort(means, axis=0)
    return np.concatenate(
        [
            place,
            near[below] * has_below,
            near[above] * has_above,
            (means.sum(axis=0) - means) / (size - 1),
            np.where(means == ordered[-1], ordered[-2], ordered[-1]),
            np.where(means == ordered[0], ordered[1], ordered[0]),
        ],
        axis=1,
        dtype=np.float32,
    )


def _shared(parts: Sequence[NoteSequence]) -> FloatArray:
    """Of the slots in which a part begins notes, the share in which another one does, 0 for itself: (parts, parts)."""
    first = min(float(part.onsets[0]) for part in parts)
    slots = [np.round((part.onsets - first) * (1 / SLOT)) for part in parts]
    length = int(min(max(each[-1] for each in slots) + 1, MOST_SLOTS))
    begins = np.zeros((len(parts), length), np.float32)
    for row, each in zip(begins, slots, strict=True):
        row[each[each < length].astype(np.int64)] = 1
    together = begins @ begins.T
    shared = together / np.maximum(together.diagonal()[:, None], 1)
    np.fill_diagonal(shared, 0)
    return shared
