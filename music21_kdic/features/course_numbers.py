"""What a part is like beyond two bars: what comes again, what is held, where phrases end, where in the bar it plays.

See :data:`~music21_kdic.features.number_names.COURSE_NUMBERS`. As in
:mod:`~music21_kdic.features.window_numbers`, all of it is arithmetic on arrays of notes, of all parts at once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from music21_kdic.features.number_names import (
    BEATS,
    CHORD,
    COURSE_NUMBERS,
    FAST,
    HELD,
    LONGEST,
    MORE,
    MOST_BEATS,
    NEAR,
    PAUSE,
    SLOTS,
    TICK,
)
from music21_kdic.features.rows import Numbers, Rows, in_ticks, late
from music21_kdic.reading.notes import FloatArray, IntArray

_MAJOR = np.array([[(step - tonic) % 12 in (0, 2, 4, 5, 7, 9, 11) for tonic in range(12)] for step in range(12)], float)
_FIFTHS = np.exp(2j * np.pi * 7 * np.arange(12) / 12)  # pitch classes on the circle of fifths
_SHORTEST = 0.02  # quarter lengths, for logarithms
_SPREAD = 1e-3  # of heights times logarithms of lengths: below it lies what times in 32 bits make of equal lengths
# Of a 64-bit hash: odd numbers whose bits are as good as random (Steele et al. 2014, splitmix64).
_MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)


@dataclass(frozen=True, eq=False)
class Course:
    """The notes that begin in some parts, part after part, each part's by onset and pitch.

    Attributes:
        of: the part of each, rising, shape (notes,).
        parts: how many parts there are.
        onsets, ends: in quarter lengths, shape (notes,).
        pitches: MIDI pitch, shape (notes,).
        bars: in which bar each begins, from any number on, shape (notes,).
        places: where in its bar, in quarter lengths, shape (notes,).
        lengths: of that bar, in quarter lengths, shape (notes,).
    """

    of: IntArray
    parts: int
    onsets: FloatArray
    ends: FloatArray
    pitches: IntArray
    bars: IntArray
    places: FloatArray
    lengths: FloatArray


def course_numbers(course: Course) -> Numbers:
    """The numbers of each part, in the order of COURSE_NUMBERS; 0 where there is nothing to say.

    Returns:
        float32, shape (parts, len(COURSE_NUMBERS)).
    """
    size, of, pitch = course.parts, course.of, course.pitches
    if not of.size:
        return np.zeros((size, len(COURSE_NUMBERS)), np.float32)
    onset = in_ticks(course.onsets)
    end = np.minimum(in_ticks(course.ends), onset + LONGEST)
    notes = Rows(of, size)
    opens = np.ones(of.size, np.bool_)
    opens[1:] = (np.diff(onset) > CHORD) | (of[1:] != of[:-1])
    first, chord = np.flatnonzero(opens), np.cumsum(opens) - 1
    chords = Rows(of[first], size)
    begin, low, high = onset[first], np.minimum.reduceat(pitch, first), np.maximum.reduceat(pitch, first)
    followed = np.flatnonzero(chords.of[1:] == chords.of[:-1])  # chords that another one follows
    # The last end of what began before, so far; a part's times begin far above those of the part before it.
    apart = np.ceil(end.max() - onset.min()) + 1
    so_far = np.maximum.accumulate(end + of * apart) - of * apart
    silence = begin[followed + 1] - so_far[first[followed + 1] - 1]  # before each chord but the first; below 0: none
    longest = np.maximum.reduceat(end - onset, first)
    return np.concatenate(
        [
            _again(notes, course, opens),
            *_held(notes, chords, chord, followed, end, pitch, begin, low, high, silence),
            *_phrases(chords, followed, begin, so_far[np.append(first[1:], of.size) - 1], silence),
            *_returns(chords, followed, begin, low, high),
            *_beats(
                chords,
                _from_first_beat(chords, course.places[first], course.lengths[first]),
                low,
                high,
                np.diff(first, append=of.size),
                longest,
            ),
            *_gaps(chord, chords, pitch),
            *_tones(notes, pitch, end - onset),
        ],
        axis=1,
        dtype=np.float32,
    )


def _again(notes: Rows, course: Course, opens: npt.NDArray[np.bool_]) -> FloatArray:
    """How much of its bars comes again, with its pitches, in rhythm and transposed: 5 numbers."""
    of, pitch = course.of, course.pitches
    begins = notes.new(course.bars)
    first = np.flatnonzero(begins)
    bars = Rows(of[first], notes.size)
    lowest = np.minimum.reduceat(pitch, first)[np.cumsum(begins) - 1]
    slot = np.round(in_ticks(course.places) * SLOTS).astype(np.int64)
    # A bar is known by the sum of the hashes of its notes.
    played, rhythm, moved = (
        np.add.reduceat(_hash(each) * counted, first)
        for each, counted in (
            (slot * 128 + pitch, np.uint64(1)),
            (slot, opens.astype(np.uint64)),
            (slot * 128 + pitch - lowest, np.uint64(1)),
        )
    )
    others = np.maximum(bars.counts - 1, 1)[:, None]
    seen = [(bars.counts - _kinds(bars, each))[:, None] / others for each in (played, rhythm, moved)]
    next_to = np.flatnonzero(bars.of[1:] == bars.of[:-1])
    pairs = Rows(bars.of[next_to], notes.size)
    repeated = pairs.add(*(each[next_to] == each[next_to + 1] for each in (played, rhythm))) / others
    return np.concatenate([*seen, repeated], axis=1)


def _kinds(bars: Rows, key: npt.NDArray[np.uint64]) -> IntArray:
    """How many different keys each part's bars have."""
    return np.bincount(bars.of[bars.new(bars.rising(key))], minlength=bars.size)


def _hash(values: IntArray) -> npt.NDArray[np.uint64]:
    mixed = (values.astype(np.uint64) + _MIX[0]) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
    result: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return result


def _held(
    notes: Rows,
    chords: Rows,
    chord: IntArray,
    followed: IntArray,
    end: FloatArray,
    pitch: IntArray,
    begin: FloatArray,
    low: IntArray,
    high: IntArray,
    silence: FloatArray,
) -> list[FloatArray]:
    """What sounds on while other notes begin, and whether that lies below or above them: 9 numbers."""
    until, second = np.full(begin.size, np.inf), np.full(begin.size, np.inf)
    until[followed] = begin[followed + 1]
    pairs = followed[:-1][np.diff(followed) == 1]  # those that two more follow
    second[pairs] = begin[pairs + 2]
    while_held = Rows(chords.of[followed], chords.size).add(silence < -HELD) / chords.count
    held = end - until[chord] > HELD
    far = end - second[chord] > HELD
    those = np.flatnonzero(held)
    after = chord[those] + 1
    apart = np.abs(low[after] - pitch[those])
    among = Rows(notes.of[those], notes.size)
    return [
        while_held,
        notes.share(held, far),
        among.share(pitch[those] < low[after], pitch[those] > high[after], pitch[those] == low[after]),
        among.add(apart) / among.count,
        among.share(apart <= 2, apart >= 12),
    ]


def _phrases(
    chords: Rows, followed: IntArray, begin: FloatArray, ends: FloatArray, silence: FloatArray
) -> list[FloatArray]:
    """How long phrases are: what lies between silences of PAUSE: 5 numbers."""
    opens = np.ones(begin.size, np.bool_)
    opens[followed + 1] = silence > PAUSE
    first = np.flatnonzero(opens)
    last = np.append(first[1:], begin.size) - 1
    phrases = Rows(chords.of[first], chords.size)
    sizes, lengths = (last - first + 1).astype(np.float64), np.maximum(ends[last] - begin[first], TICK)
    most = phrases.most(sizes, lengths)
    mean = phrases.add(sizes, lengths) / phrases.count
    there = phrases.counts[:, None] > 0
    logs = [np.log2(np.where(there, each, 1)) for each in (mean, most)]
    return [*logs, phrases.counts[:, None] / chords.count]


def _returns(chords: Rows, followed: IntArray, begin: FloatArray, low: IntArray, high: IntArray) -> list[FloatArray]:
    """Fast repetitions and runs, notes that return after another one, shortest and longest paces: 7 numbers."""
    moves = Rows(chords.of[followed], chords.size)
    pace = begin[followed + 1] - begin[followed]
    same = (low[followed + 1] == low[followed]) & (high[followed + 1] == high[followed])
    pairs = followed[:-1][np.diff(followed) == 1]  # those that two more follow
    turns = Rows(chords.of[pairs], chords.size)
    back, low_back = high[pairs + 2] == high[pairs], low[pairs + 2] == low[pairs]
    rank = np.rint(np.multiply.outer(moves.counts[moves.some] - 1, (0.05, 0.95))).astype(np.int64)
    extremes = np.zeros((chords.size, 2))
    if pace.size:
        extremes[moves.some] = np.minimum(moves.rising(pace)[moves.first[:, None] + rank], LONGEST)
    return [
        moves.share(same & (pace < FAST), ~same & (pace < FAST)),
        turns.share(back, back & (high[pairs + 1] != high[pairs]), low_back & (low[pairs + 1] != low[pairs])),
        extremes,
    ]


def _from_first_beat(chords: Rows, place: FloatArray, length: FloatArray) -> FloatArray:
    """Where chords begin, counted from the first beat of their bar, in quarter lengths.

    Mostly that is the barline. A part that plays a sixteenth late is taken for moved (:func:`~.rows.late`), and so is
    one in which much more begins on another beat: that one counts as the first. So where a part is begun a beat or a
    sixteenth later, this hardly changes.
    """
    place = place - late(chords, place)[chords.of]
    nearest = np.rint(place)
    beat = (nearest % np.maximum(np.rint(length), 1)).astype(np.int64)
    on_beat = (np.abs(place - nearest) < NEAR) & (beat < MOST_BEATS)
    counts = Rows(chords.of[on_beat], chords.size).kinds(beat[on_beat], MOST_BEATS)
    most = counts.argmax(axis=1)
    first = np.where(counts.max(axis=1) > MORE * counts[:, 0], most, 0)[chords.of]
    moved = (place - first + NEAR) % np.maximum(length, 1) - NEAR
    return np.where(first > 0, moved, place)


def _beats(
    chords: Rows, place: FloatArray, low: IntArray, high: IntArray, sizes: IntArray, longest: FloatArray
) -> list[FloatArray]:
    """How much begins on which kind of beat, and how high, how full and how long that is: 4 len(BEATS) + 2 numbers."""
    beat = np.round(place)
    off = np.abs(place - beat)
    on_beat = off < NEAR
    kind = np.where(on_beat, np.where(beat == 0, 0, 1), np.where(np.abs(off - 0.5) < NEAR, 2, 3))
    counts = chords.kinds(kind, len(BEATS))
    there, divisor = counts > 0, np.maximum(counts, 1)

    def beside_mean(values: FloatArray) -> FloatArray:
        mean = chords.add(values) / chords.count
        return (chords.kinds(kind, len(BEATS), values) / divisor - mean) * there

    beats = Rows(chords.of[on_beat], chords.size)
    return [
        counts / chords.count,
        *(beside_mean(each.astype(np.float64)) for each in ((low + high) / 2, low, sizes)),
        beside_mean(longest)[:, :1],
        beats.share(beat[on_beat] % 2 == 1),
    ]


def _gaps(chord: IntArray, chords: Rows, pitch: IntArray) -> list[FloatArray]:
    """The widest and the narrowest gap between neighbours in a chord, means over chords of two pitches: 2 numbers."""
    height = np.sort(chord * 128 + pitch)
    pairs = np.flatnonzero((height[1:] >> 7 == height[:-1] >> 7) & (height[1:] > height[:-1]))
    if not pairs.size:
        return [np.zeros((chords.size, 2))]
    gap, of = height[pairs + 1] - height[pairs], height[pairs] >> 7
    first = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
    several = Rows(chords.of[of[first]], chords.size)
    return [several.add(np.maximum.reduceat(gap, first), np.minimum.reduceat(gap, first)) / several.count]


def _tones(notes: Rows, pitch: IntArray, length: FloatArray) -> list[FloatArray]:
    """Whether low notes are long, and of which keys the notes are: 6 numbers."""
    logs, height = np.log2(np.maximum(length, _SHORTEST)), pitch - 64.0
    sums = notes.add(height, logs, height * height, logs * logs, height * logs) / notes.count
    spread = np.sqrt(np.maximum(sums[:, 2:4] - sums[:, :2] ** 2, 0)).prod(axis=1)
    together = sums[:, 4] - sums[:, 0] * sums[:, 1]
    classes = notes.kinds(pitch % 12, 12) / notes.count
    on_circle = classes @ _FIFTHS
    return [
        np.where(spread > _SPREAD, together / np.maximum(spread, _SPREAD), 0)[:, None],
        (classes @ _MAJOR).max(axis=1, keepdims=True),
        -(classes * np.log2(np.maximum(classes, TICK))).sum(axis=1, keepdims=True),
        np.stack([on_circle.real, on_circle.imag, np.abs(on_circle)], axis=1),
    ]
