"""Edits of one note, of two, or of all alike. Climbs are made of them (:mod:`export.evaluation.climb_edits`).

Each makes notes of others (rows of onset, length and pitch, of which there is at least one), and leaves those as they
are. What they make may lie outside the bars.
"""

import numpy as np

from export.data.climb_ends import BAR, Notes
from export.data.composition import Rng
from music21_kdic.features.number_names import SIXTEENTH


def _one(notes: Notes, rng: Rng) -> int:
    return int(rng.integers(len(notes)))


def _with(notes: Notes, row: int, column: int, value: float) -> Notes:
    changed = notes.copy()
    changed[row, column] = value
    return changed


def add(notes: Notes, rng: Rng) -> Notes:
    """One note more, near another."""
    near = notes[_one(notes, rng)]
    onset = near[0] + SIXTEENTH * rng.integers(-4, 5)
    return np.vstack([notes, [onset, near[1], near[2] + rng.integers(-12, 13)]])


def all_longer(notes: Notes, rng: Rng) -> Notes:
    """All notes twice or half as long, a 32nd at least and two bars at most."""
    changed = notes.copy()
    changed[:, 1] = np.clip(notes[:, 1] * rng.choice([0.5, 2.0]), 0.125, 2 * BAR)
    return changed


def approach(notes: Notes, rng: Rng) -> Notes:
    """A note's pitch as that of the one before, or a step or third from it."""
    row = _one(notes, rng)
    before = notes[notes[:, 0] < notes[row, 0]]
    pitch = before[before[:, 0].argmax(), 2] if len(before) else notes[row, 2]
    return _with(notes, row, 2, pitch + rng.integers(-4, 5))


def double(notes: Notes, rng: Rng) -> Notes:
    """One note with another an octave away."""
    return np.vstack([notes, notes[_one(notes, rng)] + [0, 0, rng.choice([-12, 12])]])


def echo(notes: Notes, rng: Rng) -> Notes:
    """One note again, a beat, half a bar or a bar later."""
    return np.vstack([notes, notes[_one(notes, rng)] + [rng.choice([1.0, 2.0, 4.0]), 0, 0]])


def exchange_times(notes: Notes, rng: Rng) -> Notes:
    """Two notes exchange their onsets and lengths."""
    one, other = _one(notes, rng), _one(notes, rng)
    changed = notes.copy()
    changed[[one, other], :2] = notes[[other, one], :2]
    return changed


def hold_on(notes: Notes, rng: Rng) -> Notes:
    """One note until the next begins."""
    row = _one(notes, rng)
    later = notes[notes[:, 0] > notes[row, 0], 0]
    return _with(notes, row, 1, later.min() - notes[row, 0]) if len(later) else notes


def into_scale(notes: Notes, rng: Rng) -> Notes:
    """Every note that is not of a major scale a semitone down."""
    changed = notes.copy()
    outside = ~np.isin((notes[:, 2] - rng.integers(12)) % 12, [0, 2, 4, 5, 7, 9, 11])
    changed[outside, 2] -= 1
    return changed


def leave_out(notes: Notes, rng: Rng) -> Notes:
    """One note less."""
    return np.delete(notes, _one(notes, rng), axis=0)


def length(notes: Notes, rng: Rng) -> Notes:
    """A note of another length."""
    return _with(notes, _one(notes, rng), 1, rng.choice([0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0]))


def move(notes: Notes, rng: Rng) -> Notes:
    """A note earlier or later by as much as a quarter length."""
    row = _one(notes, rng)
    return _with(notes, row, 0, notes[row, 0] + SIXTEENTH * rng.integers(-4, 5))


def onto_beat(notes: Notes, rng: Rng) -> Notes:
    """One note at the nearest beat."""
    row = _one(notes, rng)
    return _with(notes, row, 0, np.round(notes[row, 0]))


def repeat(notes: Notes, rng: Rng) -> Notes:
    """One note in two, each half as long."""
    row = _one(notes, rng)
    half = notes[row] * [1, 0.5, 1]
    return np.vstack([np.delete(notes, row, axis=0), half, half + np.array([half[1], 0, 0])])


def step(notes: Notes, rng: Rng) -> Notes:
    """A note up or down by as much as an octave."""
    row = _one(notes, rng)
    return _with(notes, row, 2, notes[row, 2] + rng.choice([-12, -7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7, 12]))


def swap(notes: Notes, rng: Rng) -> Notes:
    """Two notes exchange their pitches."""
    one, other = _one(notes, rng), _one(notes, rng)
    return _with(_with(notes, one, 2, notes[other, 2]), other, 2, notes[one, 2])


def transpose_all(notes: Notes, rng: Rng) -> Notes:
    """Everything up or down."""
    changed = notes.copy()
    changed[:, 2] += rng.choice([-12, -5, -1, 1, 5, 12])
    return changed
