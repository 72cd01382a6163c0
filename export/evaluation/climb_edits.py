"""Edits of notes, of which climbs are made (:mod:`export.evaluation.climb`)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from export.data.climb_ends import BAR, BARS, Notes
from export.evaluation import texture_edits as texture
from export.evaluation.texture_edits import SIXTEENTH, Rng
from music21_kdic.features.evidence import HIGHEST, LOWEST

EDITS_AT_ONCE = 3  # at most
MOST_NOTES = 400
SHORTEST = 0.0625
WHOLE = 0.25  # of the edits of a passage change all bars

Edit = Callable[[Notes, Rng], Notes]


def _one(notes: Notes, rng: Rng) -> int:
    return int(rng.integers(len(notes)))


def _with(notes: Notes, row: int, column: int, value: float) -> Notes:
    changed = notes.copy()
    changed[row, column] = value
    return changed


def _bar(notes: Notes, rng: Rng) -> tuple[Any, float]:
    """The notes of a bar that has some, and where it begins."""
    start = BAR * (notes[_one(notes, rng), 0] // BAR)
    return (notes[:, 0] >= start) & (notes[:, 0] < start + BAR), start


def step(notes: Notes, rng: Rng) -> Notes:
    """A note up or down by as much as an octave."""
    row = _one(notes, rng)
    return _with(notes, row, 2, notes[row, 2] + rng.choice([-12, -7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7, 12]))


def move(notes: Notes, rng: Rng) -> Notes:
    """A note earlier or later by as much as a quarter length."""
    row = _one(notes, rng)
    return _with(notes, row, 0, notes[row, 0] + SIXTEENTH * rng.integers(-4, 5))


def length(notes: Notes, rng: Rng) -> Notes:
    """A note of another length."""
    return _with(notes, _one(notes, rng), 1, rng.choice([0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0]))


def leave_out(notes: Notes, rng: Rng) -> Notes:
    """One note less."""
    return np.delete(notes, _one(notes, rng), axis=0)


def add(notes: Notes, rng: Rng) -> Notes:
    """One note more, near another."""
    near = notes[_one(notes, rng)]
    onset = near[0] + SIXTEENTH * rng.integers(-4, 5)
    return np.vstack([notes, [onset, near[1], near[2] + rng.integers(-12, 13)]])


def swap(notes: Notes, rng: Rng) -> Notes:
    """Two notes exchange their pitches."""
    one, other = _one(notes, rng), _one(notes, rng)
    return _with(_with(notes, one, 2, notes[other, 2]), other, 2, notes[one, 2])


def transpose_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar up or down."""
    rows, _ = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 2] += rng.choice([-12, -7, -5, -2, -1, 1, 2, 5, 7, 12])
    return changed


def copy_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar in place of another."""
    rows, start = _bar(notes, rng)
    to = BAR * rng.integers(BARS)
    kept = notes[(notes[:, 0] < to) | (notes[:, 0] >= to + BAR)]
    return np.vstack([kept, notes[rows] + [to - start, 0, 0]])


def even_bar(notes: Notes, rng: Rng) -> Notes:
    """All notes of a bar of one length."""
    rows, _ = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 1] = rng.choice([0.25, 0.5, 1.0, 2.0])
    return changed


def transpose_all(notes: Notes, rng: Rng) -> Notes:
    """Everything up or down."""
    changed = notes.copy()
    changed[:, 2] += rng.choice([-12, -5, -1, 1, 5, 12])
    return changed


def reverse_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar backwards."""
    rows, start = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 0] = np.maximum(start, 2 * start + BAR - notes[rows, 0] - notes[rows, 1])
    return changed


def mirror_bar(notes: Notes, rng: Rng) -> Notes:
    """What rises in a bar falls, and what falls rises."""
    rows, _ = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 2] = notes[rows, 2].min() + notes[rows, 2].max() - notes[rows, 2]
    return changed


def sort_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar whose pitches rise, or fall."""
    rows, _ = _bar(notes, rng)
    some, up = np.flatnonzero(rows), rng.choice([-1, 1])
    changed = notes.copy()
    changed[some[np.argsort(notes[some, 0], kind='stable')], 2] = np.sort(notes[some, 2])[::up]
    return changed


def thicken_bar(notes: Notes, rng: Rng) -> Notes:
    """Another note with each of a bar, a third, a fifth or an octave away, unless they become more than MOST_NOTES."""
    rows, _ = _bar(notes, rng)
    if len(notes) + rows.sum() > MOST_NOTES:
        return notes
    return np.vstack([notes, notes[rows] + [0, 0, rng.choice([-12, -7, -4, -3, 3, 4, 7, 12])]])


def into_scale(notes: Notes, rng: Rng) -> Notes:
    """Every note that is not of a major scale a semitone down."""
    changed = notes.copy()
    outside = ~np.isin((notes[:, 2] - rng.integers(12)) % 12, [0, 2, 4, 5, 7, 9, 11])
    changed[outside, 2] -= 1
    return changed


def all_longer(notes: Notes, rng: Rng) -> Notes:
    """All notes twice or half as long, a 32nd at least and two bars at most."""
    changed = notes.copy()
    changed[:, 1] = np.clip(notes[:, 1] * rng.choice([0.5, 2.0]), 0.125, 2 * BAR)
    return changed


def _in_a_passage(edit: Edit) -> Edit:
    """The edit of one bar, or of all; of none where notes would become more than MOST_NOTES."""

    def changed(notes: Notes, rng: Rng) -> Notes:
        rows, start = _bar(notes, rng)
        if rng.random() < WHOLE:
            rows, start = np.ones(len(notes), bool), 0.0
        begins = np.array([start, 0, 0])
        passage = edit(notes[rows] - begins, rng) + begins
        return np.vstack([notes[~rows], passage]) if len(notes) - rows.sum() + len(passage) <= MOST_NOTES else notes

    return changed


EDITS: dict[str, tuple[Edit, ...]] = {
    'notes': (step, move, length, leave_out, add),
    'passages': (swap, transpose_bar, copy_bar, even_bar, transpose_all),
    'shapes': (reverse_bar, mirror_bar, thicken_bar, all_longer),
    'textures': tuple(
        map(
            _in_a_passage,
            (
                texture.arpeggiate,
                texture.double_time,
                texture.fold,
                texture.hold,
                texture.join,
                texture.ostinato,
                texture.round_onsets,
                texture.silence,
                texture.split,
                texture.trill,
            ),
        )
    ),
}
EDITS['learnt'] = EDITS['notes'] + EDITS['passages'] + EDITS['shapes'] + EDITS['textures']
# No climb that the shipped model has learnt from used these. In alphabetical order, they and the textures alternate.
EDITS['unseen'] = (
    sort_bar,
    into_scale,
    *map(
        _in_a_passage,
        (
            texture.double_octave,
            texture.even,
            texture.gather,
            texture.into_chord,
            texture.legato,
            texture.randomise,
            texture.shift,
            texture.skyline,
            texture.spread,
        ),
    ),
)
EDITS['all'] = EDITS['learnt'] + EDITS['unseen']


def edited(notes: Notes, edits: Sequence[Edit], rng: Rng) -> Notes:
    """The notes after one to EDITS_AT_ONCE edits, within the bars and the piano's keyboard; never fewer than two."""
    for _ in range(rng.integers(1, EDITS_AT_ONCE + 1)):
        changed = edits[int(rng.integers(len(edits)))](notes, rng)
        inside = (changed[:, 0] >= 0) & (changed[:, 0] < BAR * BARS)
        inside &= (changed[:, 2] >= LOWEST) & (changed[:, 2] <= HIGHEST)
        if inside.sum() >= 2:
            notes = changed[inside]
            notes[:, 1] = np.maximum(notes[:, 1], SHORTEST)
    return notes
