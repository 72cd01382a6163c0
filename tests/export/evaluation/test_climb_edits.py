"""What edits make of notes written by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from export.data.climb_ends import Notes
from export.evaluation import bar_edits, climb, climb_edits, note_edits
from music21_kdic.features.classifiable import HIGHEST, LOWEST

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
        (bar_edits.arpeggiate, CHORD, [[[t * n, 1, p] for n, (_, _, p) in enumerate(CHORD)] for t in (0.125, 0.25)]),
        (bar_edits.double_octave, [[0, 1, 60]], [[[0, 1, 48], [0, 1, 60]], [[0, 1, 60], [0, 1, 72]]]),
        (bar_edits.double_time, [[0, 2, 60]], [[[0, 1, 60], [2, 1, 60]]]),
        (bar_edits.even, [[0, 3, 60], [3, 0.5, 62]], [[[0, 2, 60], [2, 2, 62]]]),
        (bar_edits.gather, TUNE, [TUNE, [[0, 1, 60], [0, 1, 62], [2, 1, 64], [2, 1, 65]]]),
        (bar_edits.join, [[0, 1, 60], [1.5, 1, 60], [4, 1, 60], [0, 1, 62]], [[[0, 2.5, 60], [0, 1, 62], [4, 1, 60]]]),
        (bar_edits.legato, [[0, 0.5, 60], [0, 2, 64], [1, 0.5, 62]], [[[0, 1, 60], [0, 1, 64], [1, 3, 62]]]),
        (
            bar_edits.round_onsets,
            [[0.6, 1, 60]],
            [[[0.5, 1, 60]], [[1, 1, 60]], [[0, 1, 60]]],
        ),
        (bar_edits.skyline, CHORD, [[CHORD[0]], [CHORD[2]]]),
        (bar_edits.split, [[0, 3, 60]], [[[3 * n / of, 3 / of, 60] for n in range(of)] for of in (2, 3, 4)]),
        (
            bar_edits.spread,
            [[0, 1, 58], [1, 1, 60], [2, 1, 70]],
            [[[0, 1, 59], [1, 1, 60], [2, 1, 65]], [[0, 1, 56], [1, 1, 60], [2, 1, 80]]],
        ),
        (bar_edits.silence, TUNE, [*([row for row in TUNE if row != left] for left in TUNE), TUNE[2:], TUNE[:2], []]),
        (note_edits.double, [[0, 1, 60]], [[[0, 1, 48], [0, 1, 60]], [[0, 1, 60], [0, 1, 72]]]),
        (note_edits.echo, [[0, 1, 60]], [[[0, 1, 60], [later, 1, 60]] for later in (1, 2, 4)]),
        (note_edits.exchange_times, [[0, 1, 60], [2, 2, 64]], [[[0, 1, 60], [2, 2, 64]], [[0, 1, 64], [2, 2, 60]]]),
        (note_edits.hold_on, [[0, 1, 60], [2, 1, 64]], [[[0, 2, 60], [2, 1, 64]], [[0, 1, 60], [2, 1, 64]]]),
        (note_edits.onto_beat, [[0.75, 1, 60]], [[[1, 1, 60]]]),
        (note_edits.repeat, [[0, 1, 60]], [[[0, 0.5, 60], [0.5, 0.5, 60]]]),
        (note_edits.swap, [[0, 1, 60], [1, 1, 64]], [[[0, 1, 60], [1, 1, 64]], [[0, 1, 64], [1, 1, 60]]]),
        (note_edits.all_longer, [[0, 1, 60], [1, 8, 62]], [[[0, 0.5, 60], [1, 4, 62]], [[0, 2, 60], [1, 8, 62]]]),
        (bar_edits.reverse, [[0, 1, 60], [1, 1, 64], [2, 2, 62]], [[[0, 2, 62], [2, 1, 64], [3, 1, 60]]]),
        (bar_edits.mirror, [[0, 1, 60], [1, 1, 64], [2, 1, 67]], [[[0, 1, 67], [1, 1, 63], [2, 1, 60]]]),
        (bar_edits.sort_pitches, [[0, 1, 64], [1, 2, 60]], [[[0, 1, 60], [1, 2, 64]], [[0, 1, 64], [1, 2, 60]]]),
        (
            bar_edits.thicken,
            [[0, 1, 60]],
            [sorted([[0, 1, 60], [0, 1, 60 + apart]]) for apart in (-12, -7, -4, -3, 3, 4, 7, 12)],
        ),
        (bar_edits.even_lengths, [[0, 3, 60]], [[[0, length, 60]] for length in (0.25, 0.5, 1, 2)]),
    ],
)
def test_each_outcome_was_written_by_hand_and_comes_up(edit, notes, expected):
    found = outcomes(edit, notes)
    assert all(any(rows == wanted for wanted in expected) for rows in found)
    assert all(any(rows == wanted for rows in found) for wanted in expected)


def test_an_ostinato_repeats_a_beat_two_or_four():
    for rows in outcomes(bar_edits.ostinato, TUNE):
        apart = next(
            time
            for time in (1, 2, 4)
            if [[p for t, _, p in rows if t == at % time] for at in range(4)]
            == [[p for t, _, p in rows if t == at] for at in range(4)]
        )
        assert len(rows) == 4
        chosen = [pitch for time, _, pitch in rows if time < apart]
        assert chosen in [[60, 62, 64, 65][at : at + apart] for at in range(0, 4, apart)]


def test_a_note_held_is_as_long_as_the_bar_and_outside_its_pitches():
    for rows in outcomes(bar_edits.hold, TUNE):
        ((onset, _, pitch),) = [row for row in rows if row[1] == 4]
        assert onset == 0
        assert pitch in {*range(48, 60), *range(66, 78)}


def test_a_note_approaches_the_one_before():
    for rows in outcomes(note_edits.approach, [[0, 1, 40], [2, 1, 80]]):
        (_, _, first), (_, _, second) = rows
        assert (abs(first - 40) <= 4 and second == 80) or (first == 40 and abs(second - 40) <= 4)


def test_folded_notes_keep_their_names_within_two_octaves():
    for rows in outcomes(bar_edits.fold, [[0, 1, 36], [1, 1, 65], [2, 1, 103]]):
        pitches = [pitch for _, _, pitch in rows]
        assert [pitch % 12 for pitch in pitches] == [0, 5, 7]
        assert max(pitches) - min(pitches) < 24


def test_notes_of_a_chord_are_the_nearest_of_four_kinds():
    chromatic = [[time, 1, 60 + time] for time in range(12)]
    kinds = {(0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10)}
    for rows in outcomes(bar_edits.into_chord, chromatic):
        found = {pitch % 12 for _, _, pitch in rows}
        assert any({(root + step) % 12 for step in kind} == found for root in range(12) for kind in kinds)
        assert all(abs(pitch - 60 - time) <= 2 for time, _, pitch in rows)  # at most five semitones lie between two


def test_random_pitches_stay_in_the_register_and_shifted_notes_in_their_order():
    for rows in outcomes(bar_edits.randomise, TUNE):
        assert [row[:2] for row in rows] == [row[:2] for row in TUNE]
        assert all(60 <= pitch <= 65 for _, _, pitch in rows)
    for rows in outcomes(bar_edits.shift, TUNE):
        assert len({time - at for (time, _, _), (at, _, _) in zip(rows, TUNE, strict=True)}) == 1


def test_a_trill_alternates_with_one_other_pitch():
    for rows in outcomes(bar_edits.trill, [[0, 1, 60]]):
        assert [row[:2] for row in rows] == [[0, 0.25], [0.25, 0.25], [0.5, 0.25], [0.75, 0.25]]
        first, other, third, fourth = (row[2] for row in rows)
        assert (first, third, fourth) == (60, 60, other)
        assert abs(other - 60) <= 7


@pytest.mark.parametrize('kind', climb_edits.EDITS)
def test_edits_stay_in_the_bars_and_on_the_keyboard(kind):
    rng = np.random.default_rng(3)
    notes = climb.random_start(rng)
    for _ in range(300):
        notes = climb_edits.edited(notes, climb_edits.EDITS[kind], rng)
        assert len(notes) >= 2
        assert (notes[:, 0] >= 0).all()
        assert (notes[:, 0] < climb.BAR * climb.BARS).all()
        assert (notes[:, 2] >= LOWEST).all()
        assert (notes[:, 2] <= HIGHEST).all()
        assert (notes[:, 1] > 0).all()


def test_into_a_scale_moves_notes_down_by_a_semitone_into_one_major_scale():
    chromatic = np.column_stack([np.arange(12.0), np.ones(12), np.arange(60.0, 72)])
    for seed in range(5):
        found = note_edits.into_scale(chromatic, np.random.default_rng(seed))[:, 2]
        assert set(chromatic[:, 2] - found) == {0, 1}
        assert any(set(found % 12) == {(tonic + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)} for tonic in range(12))


def test_every_edit_is_of_one_set():
    sets = [edit for name in climb_edits.EDITS for edit in climb_edits.EDITS[name]]
    written = [
        name
        for module in (bar_edits, note_edits)
        for name, thing in vars(module).items()
        if not name.startswith('_') and getattr(thing, '__module__', '') == module.__name__
    ]
    assert len(sets) == len(set(sets)) == len(written) + 1  # copy_bar is of neither module
