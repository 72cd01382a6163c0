"""What edits of a passage make of notes written by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from export.data.climb_ends import Notes
from export.evaluation import texture_edits as texture

CHORD = [[0, 1, 60], [0, 1, 64], [0, 1, 67]]
TUNE = [[0, 1, 60], [1, 1, 62], [2, 1, 64], [3, 1, 65]]


def outcomes(edit: Callable[[Notes, np.random.Generator], Notes], notes: list[list[float]]) -> list[list[list[float]]]:
    """What an edit makes of the notes, with each of 60 seeds: sorted by onset and pitch."""
    found = []
    for seed in range(60):
        rows = edit(np.array(notes, dtype=float), np.random.default_rng(seed))
        found.append(rows[np.lexsort((rows[:, 2], rows[:, 0]))].tolist())
    return found


@pytest.mark.parametrize(
    ('edit', 'notes', 'expected'),
    [
        (texture.arpeggiate, CHORD, [[[t * n, 1, p] for n, (_, _, p) in enumerate(CHORD)] for t in (0.125, 0.25)]),
        (texture.double_octave, [[0, 1, 60]], [[[0, 1, 48], [0, 1, 60]], [[0, 1, 60], [0, 1, 72]]]),
        (texture.double_time, [[0, 2, 60]], [[[0, 1, 60], [2, 1, 60]]]),
        (texture.double_time, [[0, 2, 60], [4, 4, 62]], [[[0, 1, 60], [2, 2, 62], [4, 1, 60], [6, 2, 62]]]),
        (texture.even, [[0, 3, 60], [3, 0.5, 62]], [[[0, 2, 60], [2, 2, 62]]]),
        (texture.gather, TUNE, [TUNE, [[0, 1, 60], [0, 1, 62], [2, 1, 64], [2, 1, 65]]]),
        (texture.join, [[0, 1, 60], [1.5, 1, 60], [4, 1, 60], [0, 1, 62]], [[[0, 2.5, 60], [0, 1, 62], [4, 1, 60]]]),
        (texture.legato, [[0, 0.5, 60], [0, 2, 64], [1, 0.5, 62]], [[[0, 1, 60], [0, 1, 64], [1, 3, 62]]]),
        (
            texture.round_onsets,
            [[0.6, 1, 60]],
            [[[0.5, 1, 60]], [[1, 1, 60]], [[0, 1, 60]]],
        ),
        (texture.skyline, CHORD, [[CHORD[0]], [CHORD[2]]]),
        (texture.split, [[0, 3, 60]], [[[3 * n / of, 3 / of, 60] for n in range(of)] for of in (2, 3, 4)]),
        (
            texture.spread,
            [[0, 1, 58], [1, 1, 60], [2, 1, 70]],
            [[[0, 1, 59], [1, 1, 60], [2, 1, 65]], [[0, 1, 56], [1, 1, 60], [2, 1, 80]]],
        ),
        (texture.silence, TUNE, [*([row for row in TUNE if row != left] for left in TUNE), TUNE[2:], TUNE[:2], []]),
    ],
)
def test_each_outcome_was_written_by_hand_and_comes_up(edit, notes, expected):
    found = outcomes(edit, notes)
    assert all(any(rows == wanted for wanted in expected) for rows in found)
    assert all(any(rows == wanted for rows in found) for wanted in expected)


def test_an_ostinato_repeats_a_beat_two_or_four():
    for rows in outcomes(texture.ostinato, TUNE):
        apart = next(
            time
            for time in (1, 2, 4)
            if [[p for t, _, p in rows if t == at % time] for at in range(4)]
            == [[p for t, _, p in rows if t == at] for at in range(4)]
        )
        assert len(rows) == 4
        chosen = [pitch for time, _, pitch in rows if time < apart]
        assert chosen in [[60, 62, 64, 65][at : at + apart] for at in range(0, 4, apart)]


def test_notes_held_are_as_long_as_a_bar_and_outside_the_passage():
    for rows in outcomes(texture.hold, [*TUNE, [4, 1, 64]]):
        held = [row for row in rows if row[1] == 4]
        assert [time for time, _, _ in held] == [0, 4]
        assert {pitch for _, _, pitch in held} <= {*range(48, 60), *range(66, 78)}


def test_folded_notes_keep_their_names_within_two_octaves():
    for rows in outcomes(texture.fold, [[0, 1, 36], [1, 1, 65], [2, 1, 103]]):
        pitches = [pitch for _, _, pitch in rows]
        assert [pitch % 12 for pitch in pitches] == [0, 5, 7]
        assert max(pitches) - min(pitches) < 24


def test_notes_of_a_chord_are_the_nearest_of_four_kinds():
    chromatic = [[time, 1, 60 + time] for time in range(12)]
    kinds = {(0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10)}
    for rows in outcomes(texture.into_chord, chromatic):
        found = {pitch % 12 for _, _, pitch in rows}
        assert any({(root + step) % 12 for step in kind} == found for root in range(12) for kind in kinds)
        assert all(abs(pitch - 60 - time) <= 2 for time, _, pitch in rows)  # at most five semitones lie between two


def test_random_pitches_stay_in_the_register_and_shifted_notes_in_their_order():
    for rows in outcomes(texture.randomise, TUNE):
        assert [row[:2] for row in rows] == [row[:2] for row in TUNE]
        assert all(60 <= pitch <= 65 for _, _, pitch in rows)
    for rows in outcomes(texture.shift, TUNE):
        assert len({time - at for (time, _, _), (at, _, _) in zip(rows, TUNE, strict=True)}) == 1


def test_a_trill_alternates_with_one_other_pitch():
    for rows in outcomes(texture.trill, [[0, 1, 60]]):
        assert [row[:2] for row in rows] == [[0, 0.25], [0.25, 0.25], [0.5, 0.25], [0.75, 0.25]]
        first, other, third, fourth = (row[2] for row in rows)
        assert (first, third, fourth) == (60, 60, other)
        assert abs(other - 60) <= 7
