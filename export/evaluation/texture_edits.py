"""Edits of a passage, which give it another texture: onsets from the passage's first bar, in bars of 4/4.

Each makes a passage of another (rows of onset, length and pitch, of which there is at least one), and may change the
rows that it is given. Climbs are made of them (:mod:`export.evaluation.climb_edits`).
"""

from collections.abc import Sequence

import numpy as np

from export.data.climb_ends import BAR, Notes

SIXTEENTH = 0.25
CHORDS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10))

Rng = np.random.Generator


def _some(notes: Notes, rng: Rng) -> Notes:
    """One of the notes."""
    row: Notes = notes[int(rng.integers(len(notes)))]
    return row


def _bars_of(passage: Notes) -> int:
    """How many bars the notes of a passage begin in, from its first."""
    return int(passage[:, 0].max() // BAR) + 1


def _split_into(passage: Notes, steps: Sequence[int]) -> Notes:
    """Each note in as many as there are steps, one after the other, each a step from it."""
    short = passage * [1, 1 / len(steps), 1]
    return np.vstack([short + np.outer(short[:, 1], [n, 0, 0]) + [0, 0, step] for n, step in enumerate(steps)])


def arpeggiate(passage: Notes, rng: Rng) -> Notes:
    """Notes that begin together begin one after the other, a sixteenth or a 32nd apart, from the lowest."""
    passage = passage[np.lexsort((passage[:, 2], passage[:, 0]))]
    earlier = passage[:, 0, None] == passage[None, :, 0]
    passage[:, 0] += rng.choice([SIXTEENTH / 2, SIXTEENTH]) * np.tril(earlier, -1).sum(axis=1)
    return passage


def double_octave(passage: Notes, rng: Rng) -> Notes:
    """Each note with another an octave above or below it."""
    return np.vstack([passage, passage + np.array([0, 0, rng.choice([-12, 12])])])


def double_time(passage: Notes, rng: Rng) -> Notes:
    """In half the time, twice."""
    half = passage * [0.5, 0.5, 1]
    return np.vstack([half, half + np.array([_bars_of(passage) * BAR / 2, 0, 0])])


def even(passage: Notes, rng: Rng) -> Notes:
    """Notes at equal distances, each as long as they are apart."""
    passage = passage[np.argsort(passage[:, 0], kind='stable')]
    apart = _bars_of(passage) * BAR / len(passage)
    passage[:, 0], passage[:, 1] = apart * np.arange(len(passage)), apart
    return passage


def fold(passage: Notes, rng: Rng) -> Notes:
    """All notes within an octave, or two."""
    width, low = rng.choice([12, 24]), _some(passage, rng)[2] - rng.integers(12)
    passage[:, 2] = low + (passage[:, 2] - low) % width
    return passage


def gather(passage: Notes, rng: Rng) -> Notes:
    """Notes of a beat, or of half a bar, begin together."""
    apart = rng.choice([1.0, 2.0])
    passage[:, 0] = apart * (passage[:, 0] // apart)
    return passage


def hold(passage: Notes, rng: Rng) -> Notes:
    """A long note below or above, in each bar."""
    pitch = rng.choice([passage[:, 2].min() - rng.integers(1, 13), passage[:, 2].max() + rng.integers(1, 13)])
    bars = np.arange(_bars_of(passage))
    return np.vstack([passage, np.column_stack([BAR * bars, np.full(bars.size, BAR), np.full(bars.size, pitch)])])


def into_chord(passage: Notes, rng: Rng) -> Notes:
    """Each pitch to the nearest of a triad, or of a chord of the seventh."""
    chord = CHORDS[int(rng.integers(len(CHORDS)))]
    near = np.arange(-6, 7)
    apart = np.isin((passage[:, 2, None] + near - rng.integers(12)) % 12, chord)
    passage[:, 2] += near[np.where(apart, np.abs(near), 12).argmin(axis=1)]
    return passage


def join(passage: Notes, rng: Rng) -> Notes:
    """A note that follows one of its pitch within a quarter length becomes part of it."""
    passage = passage[np.lexsort((passage[:, 0], passage[:, 2]))]
    same = (np.diff(passage[:, 2]) == 0) & (np.diff(passage[:, 0]) <= passage[:-1, 1] + 1)
    first = np.append(True, ~same)
    ends = np.maximum.reduceat(passage[:, 0] + passage[:, 1], np.flatnonzero(first))
    return np.column_stack([passage[first, 0], ends - passage[first, 0], passage[first, 2]])


def legato(passage: Notes, rng: Rng) -> Notes:
    """Each note lasts until the next begins."""
    onsets = np.append(np.unique(passage[:, 0]), BAR * _bars_of(passage))
    passage[:, 1] = onsets[np.searchsorted(onsets, passage[:, 0], side='right')] - passage[:, 0]
    return passage


def ostinato(passage: Notes, rng: Rng) -> Notes:
    """The notes of a beat, two or four in place of all others."""
    apart = rng.choice([1.0, 2.0, 4.0])
    start = apart * (_some(passage, rng)[0] // apart)
    chosen = passage[(passage[:, 0] >= start) & (passage[:, 0] < start + apart)] - [start, 0, 0]
    return np.vstack([chosen + np.array([time, 0, 0]) for time in np.arange(0, BAR * _bars_of(passage), apart)])


def randomise(passage: Notes, rng: Rng) -> Notes:
    """Other pitches of the same register, drawn at random."""
    passage[:, 2] = rng.integers(passage[:, 2].min(), passage[:, 2].max() + 1, len(passage))
    return passage


def round_onsets(passage: Notes, rng: Rng) -> Notes:
    """Onsets at the nearest eighth, quarter or half."""
    apart = rng.choice([0.5, 1.0, 2.0])
    passage[:, 0] = apart * np.round(passage[:, 0] / apart)
    return passage


def shift(passage: Notes, rng: Rng) -> Notes:
    """Everything earlier or later, by a 32nd or more."""
    passage[:, 0] += rng.choice([-1.0, -0.5, -0.25, -0.125, 0.125, 0.25, 0.5, 1.0])
    return passage


def silence(passage: Notes, rng: Rng) -> Notes:
    """Without the notes of a bar, or of some beats."""
    apart = rng.choice([1.0, 2.0, 4.0])
    return passage[passage[:, 0] // apart % 4 != _some(passage, rng)[0] // apart % 4]


def skyline(passage: Notes, rng: Rng) -> Notes:
    """Of notes that begin together only the highest, or only the lowest."""
    passage = passage[np.lexsort((rng.choice([-1, 1]) * passage[:, 2], passage[:, 0]))]
    return passage[np.append(True, np.diff(passage[:, 0]) > 0)]


def split(passage: Notes, rng: Rng) -> Notes:
    """Each note in two, three or four, one after the other."""
    return _split_into(passage, [0] * int(rng.choice([2, 3, 4])))


def spread(passage: Notes, rng: Rng) -> Notes:
    """Twice or half as far from the median pitch."""
    middle = np.median(passage[:, 2])
    passage[:, 2] = np.round(middle + (passage[:, 2] - middle) * rng.choice([0.5, 2.0]))
    return passage


def trill(passage: Notes, rng: Rng) -> Notes:
    """Each note in four, of which the second and fourth are a semitone to a fifth away."""
    return _split_into(passage, [0, rng.integers(-7, 8)] * 2)
