"""The timing of windows, block by block, worked by hand from notes that a few lines describe."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music21_kdic.features.timing import NUMBERS, timing
from music21_kdic.features.windows import cut_windows
from music21_kdic.reading.notes import NoteSequence
from tests.drawn import bar_lines, notes, sequence

ON_GRIDS, OFF, TOGETHER, LENGTHS, LOGARITHM, LENGTH_GRIDS, LEGATO, WINDOW = (
    slice(0, 5), 5, slice(6, 11), slice(11, 22), slice(22, 24), slice(24, 28), slice(28, 37), 37,
)  # fmt: skip


def numbers(onsets, ends, pitches=None, bars=(0, 4, 8)):
    """Of the one window that there is."""
    (found,) = timing(cut_windows(NoteSequence(onsets, ends, pitches or range(60, 60 + len(onsets)), bars)))
    return found


def test_the_blocks_are_all_of_it():
    found = numbers([0, 1], [1, 2])
    assert found.shape == (NUMBERS,) == (38,)
    assert found.dtype == np.float32


def test_where_notes_begin():
    """On the beat (on every grid), on a sixteenth, on a triplet eighth, on a 32nd, and a 50th early."""
    onsets = [1, 2.25, 3 + 1 / 3, 4.125, 4.98]
    found = numbers(onsets, np.array(onsets) + 0.1)
    # Of 1/4: 1, 2.25; of 1/3: 1, 3 1/3; of 1/6: the same; of 1/8: 1, 2.25, 4.125; of 1/24: all but the last.
    assert found[ON_GRIDS] == pytest.approx([0.4, 0.4, 0.4, 0.6, 0.8])
    assert found[OFF] == pytest.approx((0 + 0 + 1 / 12 + 1 / 8 + 0.02) / 5, abs=1e-6)


def test_chords_struck_and_strummed():
    """Two notes together; three a 50th apart, up; two a 16th of a quarter apart, down: of seven."""
    onsets = [0, 0, 2, 2.02, 2.04, 4, 4.0625]
    found = numbers(onsets, np.array(onsets) + 1, [60, 64, 40, 45, 50, 67, 62])
    struck, close, chord, apart, upwards = found[TOGETHER]
    assert struck == pytest.approx(1 / 7)
    assert close == pytest.approx(2 / 7)
    assert chord == pytest.approx(3 / 7)
    assert apart == pytest.approx((0.02 + 0.02 + 0.0625) / 3, abs=1e-6)
    assert upwards == pytest.approx((1 + 1 - 1) / 3)


def test_a_tenth_of_a_quarter_apart_is_no_chord():
    assert numbers([0, 0.125], [1, 1])[TOGETHER].tolist() == [0, 0, 0, 0, 0]


def test_how_long_notes_last():
    """A 16th, an eighth, a quarter and a half: the limits are 0.06 0.12 0.2 0.27 0.45 0.55 0.9 1.1 1.9 2.1 3.9."""
    found = numbers([0, 1, 2, 4], [0.25, 1.5, 3, 6])
    assert found[LENGTHS] == pytest.approx([0, 0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1, 1])
    # Logarithms of 1/4, 1/2, 1, 2: mean -1/2 and variance 5/4, in units of log 2.
    assert found[LOGARITHM] == pytest.approx([-math.log(2) / 2, math.sqrt(5 / 4) * math.log(2)])


def test_durations_that_are_note_values():
    """3/4, 1/2, 5/8, 1/24 more than a quarter, and a 50th short of one; of multiples of 1/4, 1/2, 1/8, 1/24."""
    found = numbers([0, 1, 2, 3, 5], [0.75, 1.5, 2.625, 4 + 1 / 24, 5.98])
    assert found[LENGTH_GRIDS] == pytest.approx([0.4, 0.2, 0.6, 0.8])


def test_staccato_legato_and_held():
    """A quarter each until the next: a half of it, all of it, one and a half; the last has none that follows."""
    found = numbers([0, 1, 2, 3], [0.5, 2, 3.5, 4])
    # Less than 0.3, 0.6, 0.8, 0.95, 0.999, 1.001, 1.05, 1.2, 2 of it.
    assert found[LEGATO] == pytest.approx(np.array([0, 1, 1, 1, 1, 2, 2, 2, 3]) / 3)


def test_the_notes_of_one_chord_are_followed_by_the_next():
    """Two chords of two, a quarter apart, strummed: each of the first two is held until the second chord."""
    found = numbers([0, 0.05, 1, 1.05], [1, 1, 2, 2])
    # Of 1: 1 of a quarter and 0.95 of 0.95; none follows the second chord.
    assert found[LEGATO] == pytest.approx([0, 0, 0, 0, 0, 1, 1, 1, 1])


def test_how_long_the_window_is():
    assert numbers([0, 1], [1, 2], bars=[0, 3, 6])[WINDOW] == 6


def test_what_is_held_over_from_before_does_not_begin_here():
    """A window in which nothing begins: all that there is to say is its length."""
    windows = cut_windows(NoteSequence([0, 0], [16, 16], [60, 64], bars=[0, 4, 8, 12, 16]))
    assert timing(windows)[1].tolist() == [0.0] * 37 + [8.0]


def test_no_windows_no_numbers():
    assert timing(cut_windows(NoteSequence([], [], [], [0, 4]))).shape == (0, 38)


@given(notes(lowest=30, highest=90), bar_lines(), st.integers(-30, 37))
def test_transposing_changes_nothing(found, bars, steps):
    before = timing(cut_windows(sequence(found, bars)))
    after = timing(cut_windows(sequence([(on, end, p + steps) for on, end, p in found], bars)))
    assert np.array_equal(before, after)


@given(notes(), bar_lines())
def test_upside_down_only_strums_run_the_other_way(found, bars):
    """Offsets of a 32nd of a quarter, so that there are strums; a tie would be sorted the other way too."""
    onsets = [on + 0.03125 * (p % 3) for on, _, p in found]
    parts = [
        sequence([(on, on + end - o, q) for on, (o, end, _), q in zip(onsets, found, pitches, strict=True)], bars)
        for pitches in ([p for *_, p in found], [127 - p for *_, p in found])
    ]
    before, after = (timing(cut_windows(part)) for part in parts)
    rest = [number for number in range(NUMBERS) if number != 10]
    assert before[:, rest] == pytest.approx(after[:, rest], abs=1e-6)
    alone = len(set(onsets)) == len(onsets)
    assert not alone or before[:, 10] == pytest.approx(-after[:, 10])


@given(notes(), bar_lines(), st.sampled_from([1 / 3, 0.1, 1 / 7]))
def test_each_window_is_described_by_itself_and_alike_wherever_it_stands(found, bars, unit):
    """Lengths that no floating-point number is, and a thousand quarter lengths of silence before; to the bit."""
    scaled = [(on * unit * 8, end * unit * 8, p) for on, end, p in found]
    windows = cut_windows(sequence(scaled, bars))
    later = dataclasses.replace(
        windows,
        onsets=(windows.onsets + 1000.0) - 1000.0,
        ends_in_window=(windows.ends_in_window + 1000.0) - 1000.0,
    )
    together = timing(windows)
    assert np.array_equal(together, timing(later))
    alone = [timing(windows.select(np.array([row]))) for row in range(len(windows))]
    assert np.array_equal(together, np.concatenate([np.zeros((0, NUMBERS)), *alone]))


def slow_timing(windows, row):
    """Note by note, as the docstring says it: the shares of what follows, which is where the clever search is."""
    here = (windows.window == row) & (windows.onsets >= 0)
    starts, lengths = windows.onsets[here], (windows.ends_in_window - windows.onsets)[here]
    found = []
    for start, length in zip(starts, lengths, strict=True):
        after = [other - start for other in starts if other - start >= 0.1]
        if after:
            found.append([length < share * min(after) for share in (0.3, 0.6, 0.8, 0.95, 0.999, 1.001, 1.05, 1.2, 2)])
    return np.mean(found, axis=0) if found else np.zeros(9)


@given(notes(), bar_lines())
def test_what_follows_against_a_slow_search(found, bars):
    windows = cut_windows(sequence(found, bars))
    for row, numbers_of_window in enumerate(timing(windows)):
        assert numbers_of_window[LEGATO] == pytest.approx(slow_timing(windows, row))
