"""Edits of a bar of 4/4. Climbs are made of them (:mod:`export.evaluation.climb_edits`).

Each makes a bar of another: rows of onset (from the barline), length and pitch, of which there is at least one. It may
change the rows that it is given.
"""

from collections.abc import Sequence

import numpy as np

from export.data.climb_ends import BAR, Notes
from export.data.composition import Rng
from music21_kdic.features.number_names import SIXTEENTH

CHORDS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10))


def _some(notes: Notes, rng: Rng) -> Notes:
    """One of the notes."""
    row: Notes = notes[int(rng.integers(len(notes)))]
    return row


def _split_into(bar: Notes, steps: Sequence[int]) -> Notes:
    """Each note in as many as there are steps, one after the other, each a step from it."""
    short = bar * [1, 1 / len(steps), 1]
    return np.vstack([short + np.outer(short[:, 1], [n, 0, 0]) + [0, 0, step] for n, step in enumerate(steps)])


def arpeggiate(bar: Notes, rng: Rng) -> Notes:
    """Notes that begin together begin one after the other, a sixteenth or a 32nd apart, from the lowest."""
    bar = bar[np.lexsort((bar[:, 2], bar[:, 0]))]
    earlier = bar[:, 0, None] == bar[None, :, 0]
    bar[:, 0] += rng.choice([SIXTEENTH / 2, SIXTEENTH]) * np.tril(earlier, -1).sum(axis=1)
    return bar


def double_octave(bar: Notes, rng: Rng) -> Notes:
    """Each note with another an octave above or below it."""
    return np.vstack([bar, bar + np.array([0, 0, rng.choice([-12, 12])])])


def double_time(bar: Notes, rng: Rng) -> Notes:
    """In half the time, twice."""
    half = bar * [0.5, 0.5, 1]
    return np.vstack([half, half + np.array([BAR / 2, 0, 0])])


def even(bar: Notes, rng: Rng) -> Notes:
    """Notes at equal distances, each as long as they are apart."""
    bar = bar[np.argsort(bar[:, 0], kind='stable')]
    apart = BAR / len(bar)
    bar[:, 0], bar[:, 1] = apart * np.arange(len(bar)), apart
    return bar


def even_lengths(bar: Notes, rng: Rng) -> Notes:
    """All notes of one length."""
    bar[:, 1] = rng.choice([0.25, 0.5, 1.0, 2.0])
    return bar


def fold(bar: Notes, rng: Rng) -> Notes:
    """All notes within an octave, or two."""
    width, low = rng.choice([12, 24]), _some(bar, rng)[2] - rng.integers(12)
    bar[:, 2] = low + (bar[:, 2] - low) % width
    return bar


def gather(bar: Notes, rng: Rng) -> Notes:
    """Notes of a beat, or of half a bar, begin together."""
    apart = rng.choice([1.0, 2.0])
    bar[:, 0] = apart * (bar[:, 0] // apart)
    return bar


def hold(bar: Notes, rng: Rng) -> Notes:
    """Another note below or above, as long as the bar."""
    pitch = rng.choice([bar[:, 2].min() - rng.integers(1, 13), bar[:, 2].max() + rng.integers(1, 13)])
    return np.vstack([bar, [0, BAR, pitch]])


def into_chord(bar: Notes, rng: Rng) -> Notes:
    """Each pitch to the nearest of a triad, or of a chord of the seventh."""
    chord = CHORDS[int(rng.integers(len(CHORDS)))]
    near = np.arange(-6, 7)
    apart = np.isin((bar[:, 2, None] + near - rng.integers(12)) % 12, chord)
    bar[:, 2] += near[np.where(apart, np.abs(near), 12).argmin(axis=1)]
    return bar


def join(bar: Notes, rng: Rng) -> Notes:
    """A note that follows one of its pitch within a quarter length becomes part of it."""
    bar = bar[np.lexsort((bar[:, 0], bar[:, 2]))]
    same = (np.diff(bar[:, 2]) == 0) & (np.diff(bar[:, 0]) <= bar[:-1, 1] + 1)
    first = np.append(True, ~same)
    ends = np.maximum.reduceat(bar[:, 0] + bar[:, 1], np.flatnonzero(first))
    return np.column_stack([bar[first, 0], ends - bar[first, 0], bar[first, 2]])


def legato(bar: Notes, rng: Rng) -> Notes:
    """Each note lasts until the next begins."""
    onsets = np.append(np.unique(bar[:, 0]), BAR)
    bar[:, 1] = onsets[np.searchsorted(onsets, bar[:, 0], side='right')] - bar[:, 0]
    return bar


def mirror(bar: Notes, rng: Rng) -> Notes:
    """What rises falls, and what falls rises."""
    bar[:, 2] = bar[:, 2].min() + bar[:, 2].max() - bar[:, 2]
    return bar


def ostinato(bar: Notes, rng: Rng) -> Notes:
    """The notes of a beat, two or four in place of all others."""
    apart = rng.choice([1.0, 2.0, 4.0])
    start = apart * (_some(bar, rng)[0] // apart)
    chosen = bar[(bar[:, 0] >= start) & (bar[:, 0] < start + apart)] - [start, 0, 0]
    return np.vstack([chosen + np.array([time, 0, 0]) for time in np.arange(0, BAR, apart)])


def randomise(bar: Notes, rng: Rng) -> Notes:
    """Other pitches of the same register, drawn at random."""
    bar[:, 2] = rng.integers(bar[:, 2].min(), bar[:, 2].max() + 1, len(bar))
    return bar


def reverse(bar: Notes, rng: Rng) -> Notes:
    """Backwards."""
    bar[:, 0] = np.maximum(0, BAR - bar[:, 0] - bar[:, 1])
    return bar


def round_onsets(bar: Notes, rng: Rng) -> Notes:
    """Onsets at the nearest eighth, quarter or half."""
    apart = rng.choice([0.5, 1.0, 2.0])
    bar[:, 0] = apart * np.round(bar[:, 0] / apart)
    return bar


def shift(bar: Notes, rng: Rng) -> Notes:
    """Everything earlier or later, by a 32nd or more."""
    bar[:, 0] += rng.choice([-1.0, -0.5, -0.25, -0.125, 0.125, 0.25, 0.5, 1.0])
    return bar


def silence(bar: Notes, rng: Rng) -> Notes:
    """Without the notes of a bar, or of some beats."""
    apart = rng.choice([1.0, 2.0, 4.0])
    kept: Notes = bar[bar[:, 0] // apart != _some(bar, rng)[0] // apart]
    return kept


def skyline(bar: Notes, rng: Rng) -> Notes:
    """Of notes that begin together only the highest, or only the lowest."""
    bar = bar[np.lexsort((rng.choice([-1, 1]) * bar[:, 2], bar[:, 0]))]
    kept: Notes = bar[np.append(True, np.diff(bar[:, 0]) > 0)]
    return kept


def sort_pitches(bar: Notes, rng: Rng) -> Notes:
    """The same pitches, but they rise, or fall."""
    bar = bar[np.argsort(bar[:, 0], kind='stable')]
    bar[:, 2] = np.sort(bar[:, 2])[:: rng.choice([-1, 1])]
    return bar


def split(bar: Notes, rng: Rng) -> Notes:
    """Each note in two, three or four, one after the other."""
    return _split_into(bar, [0] * int(rng.choice([2, 3, 4])))


def spread(bar: Notes, rng: Rng) -> Notes:
    """Twice or half as far from the median pitch."""
    middle = np.median(bar[:, 2])
    bar[:, 2] = np.round(middle + (bar[:, 2] - middle) * rng.choice([0.5, 2.0]))
    return bar


def thicken(bar: Notes, rng: Rng) -> Notes:
    """Another note with each, a third, a fifth or an octave away."""
    return np.vstack([bar, bar + np.array([0, 0, rng.choice([-12, -7, -4, -3, 3, 4, 7, 12])])])


def transpose(bar: Notes, rng: Rng) -> Notes:
    """Up or down."""
    bar[:, 2] += rng.choice([-12, -7, -5, -2, -1, 1, 2, 5, 7, 12])
    return bar


def trill(bar: Notes, rng: Rng) -> Notes:
    """Each note in four, of which the second and fourth are a semitone to a fifth away."""
    return _split_into(bar, [0, int(rng.integers(-7, 8))] * 2)
