"""How exactly the notes of a window are timed: what a piano-roll's columns are too wide to show.

A strummed chord begins in several places, a struck one in one; a bowed line runs on where a plucked one stops short;
an arranger's brass is cut off a hair before the next note. All of it is measured in quarter lengths, never in seconds,
and says nothing of pitch or velocity.
"""

import numpy as np
import numpy.typing as npt

from music21_kdic.features.windows import PITCHES, WINDOW_QUARTERS, Windows
from music21_kdic.reading.notes import FloatArray

EXACT = 1 / 250  # quarter lengths: no further from a beat or its division is on it; about half a tick of 120
# Quarter lengths, a power of two: times are rounded to it and their differences are exact, so that bars that are played
# alike are numbers that are the same to the bit, wherever in the music they stand.
TICK = 2.0**-20
CHORD = 1 / 10  # quarter lengths: what begins within it belongs together
GRIDS = (1 / 4, 1 / 3, 1 / 6, 1 / 8, 1 / 24)  # of onsets, quarter lengths
LENGTH_GRIDS = (1 / 4, 1 / 2, 1 / 8, 1 / 24)
# Where a duration is no more than the one before and the next note value, with room for being played short.
LENGTHS = (0.06, 0.12, 0.2, 0.27, 0.45, 0.55, 0.9, 1.1, 1.9, 2.1, 3.9)
# Duration as a share of the time until another note begins: staccato, detached, legato, overlapping, held.
LEGATO = (0.3, 0.6, 0.8, 0.95, 0.999, 1.001, 1.05, 1.2, 2.0)
NUMBERS = len(GRIDS) + 1 + 5 + len(LENGTHS) + 2 + len(LENGTH_GRIDS) + len(LEGATO) + 1


def timing(windows: Windows) -> npt.NDArray[np.float32]:
    """Describe how the notes that begin in each window are timed.

    Of the notes that begin in it, in this order: the share that lies on each of GRIDS, the mean distance to the next
    sixteenth; the share that begins with the one before (in order of onset, then pitch), less than 0.03 after it, and
    less than CHORD after it, the mean of that time, and whether such chords run up or down (1 to -1); the share that is
    shorter than each of LENGTHS, mean and deviation of the logarithm of their duration, the share whose duration is a
    multiple of each of LENGTH_GRIDS; of those that others follow later than CHORD, the share whose duration is less
    than each of LEGATO times the time until then; and how long the window is. What there is nothing to say of is 0.

    Returns:
        float32, shape (windows, NUMBERS).

    >>> from music21_kdic.reading.notes import NoteSequence
    >>> from music21_kdic.features.windows import cut_windows
    >>> strum = NoteSequence(onsets=[0, 0.02, 0.04], ends=[1, 1, 1], pitches=[40, 45, 50], bars=[0, 4])
    >>> timing(cut_windows(strum)).astype(float)[0, 6:11].round(2).tolist()
    [0.0, 0.67, 0.67, 0.02, 1.0]
    """
    onsets = np.round(windows.onsets / TICK) * TICK
    begins = np.flatnonzero(onsets >= 0)
    # Windows lie far enough apart on one axis that a search for the next onset ends at the window's own. Window, onset
    # and pitch in one number are exact, and nearly sorted already, which a sort by three numbers makes no use of.
    apart = windows.window * (2 * WINDOW_QUARTERS) + onsets
    order = begins[np.argsort((apart + windows.pitches * (TICK / PITCHES))[begins], kind='stable')]
    window, onset, pitch = windows.window[order], onsets[order], windows.pitches[order]
    duration = np.maximum(np.round(windows.ends_in_window[order] / TICK) * TICK - onset, EXACT)
    follows = np.zeros(onset.size, dtype=np.bool_)
    follows[1:] = window[1:] == window[:-1]
    gap = np.where(follows, np.diff(onset, prepend=0), np.inf)
    chord = (gap > 0) & (gap < CHORD)
    step = np.diff(pitch, prepend=0)
    after = np.searchsorted(apart[order], apart[order] + CHORD)
    found = np.minimum(after, max(0, onset.size - 1))
    followed = (after < onset.size) & (window[found] == window)
    until = np.where(followed, onset[found] - onset, np.inf)
    log_duration = np.log(duration)
    first = np.flatnonzero(~follows)

    def count(*of_notes: npt.NDArray[np.bool_]) -> FloatArray:
        """Of what is so or not of each note, how often it is: (windows, how many of them)."""
        counts = np.zeros((len(windows), len(of_notes)))
        if first.size:
            # One by one: a window may hold millions of notes.
            counts[window[first]] = np.stack([np.add.reduceat(one, first, dtype=np.int64) for one in of_notes], axis=1)
        return counts

    def add(of_notes: FloatArray) -> FloatArray:
        """The sum of a number of each note: (windows, 1)."""
        sums: FloatArray = np.bincount(window, of_notes, len(windows)).astype(np.float64)
        return sums[:, None]

    notes, chords, followed_by = (np.maximum(count(them), 1) for them in (onset >= 0, chord, followed))
    mean = add(log_duration) / notes
    return np.concatenate(
        [
            count(*(_off(onset, grid) < EXACT for grid in GRIDS)) / notes,
            add(_off(onset, 1 / 4)) / notes,
            count(gap == 0, chord & (gap < 0.03), chord) / notes,
            add(np.where(chord, gap, 0)) / chords,
            (count(chord & (step > 0)) - count(chord & (step < 0))) / chords,
            count(*(duration < length for length in LENGTHS)) / notes,
            mean,
            np.sqrt(np.maximum(0, add(log_duration**2) / notes - mean**2)),
            count(*(_off(duration, grid) < EXACT for grid in LENGTH_GRIDS)) / notes,
            count(*(followed & (duration < share * until) for share in LEGATO)) / followed_by,
            (windows.ends - windows.starts)[:, None],
        ],
        axis=1,
    ).astype(np.float32)


def _off(values: FloatArray, grid: float) -> FloatArray:
    """How far each is from the nearest multiple of a grid."""
    distance: FloatArray = np.abs(values / grid - np.round(values / grid)) * grid
    return distance
