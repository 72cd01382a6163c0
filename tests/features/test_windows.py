"""Expected windows are worked out by hand from the rules in the module's docstring."""

import numpy as np
import pytest

from music21_kdic.errors import NoteError
from music21_kdic.features.windows import TOLERANCE, WindowGrid, cut_windows, piano_roll
from music21_kdic.reading.notes import NoteSequence


def part(notes, bars):
    onsets, ends, pitches = zip(*notes, strict=True) if notes else ((), (), ())
    return NoteSequence(onsets=onsets, ends=ends, pitches=pitches, bars=bars)


def columns(notes, bars, pitch=60, grid=None):
    """Which columns of each window sound a pitch."""
    rolls = piano_roll(cut_windows(part(notes, bars)), grid or WindowGrid())
    return [np.flatnonzero(roll[0, pitch]).tolist() for roll in rolls]


PAD = (0.0, 0.5, 20)  # a second note, so that a window of one note is kept


def test_the_papers_window_is_two_bars_of_eighths():
    windows = cut_windows(part([(0, 1, 60), (4, 8, 62)], [0, 4, 8]))
    roll = piano_roll(windows)
    assert roll.shape == (1, 1, 128, 16)
    assert roll.dtype == np.uint8
    assert np.flatnonzero(roll[0, 0, 60]).tolist() == [0, 1]
    assert np.flatnonzero(roll[0, 0, 62]).tolist() == list(range(8, 16))
    assert roll.sum() == 10


@pytest.mark.parametrize(
    ('bar', 'count', 'wanted'),
    [
        (3.0, 4, [(0, 6), (6, 12)]),  # 3/4 and 6/8: two bars, 12 columns
        (2.0, 4, [(0, 4), (4, 8)]),  # 2/4: two bars, 8 columns
        (3.5, 4, [(0, 7), (7, 14)]),  # 7/8: two bars, 14 columns
        (5.0, 2, [(0, 5), (5, 10)]),  # 5/4: two do not fit into eight quarter lengths, so one
        (6.0, 2, [(0, 6), (6, 12)]),  # 12/8: one
        (10.0, 1, [(0, 8), (8, 10)]),  # 20/8: one bar, cut after eight quarter lengths
    ],
)
def test_as_many_bars_as_fit(bar, count, wanted):
    ends = [bar * (i + 1) for i in range(count)]
    notes = [(onset, onset + 0.5, pitch) for onset in np.arange(0, ends[-1], 0.5) for pitch in (60, 64)]
    windows = cut_windows(part(notes, [0.0, *ends]))
    assert list(zip(windows.starts.tolist(), windows.ends.tolist(), strict=True)) == wanted
    lengths = [int(2 * (end - start)) for start, end in wanted]
    assert columns(notes, [0.0, *ends]) == [list(range(length)) for length in lengths]


def test_changing_meters_keep_the_scores_barlines():
    # 4/4, 3/4, 5/4, 2/4, 2/4: 7 quarters fit, 5/4 and 2/4 too, then the last bar alone.
    windows = cut_windows(part([(i, i + 1, p) for i in range(16) for p in (60, 64)], [0, 4, 7, 12, 14, 16]))
    assert windows.bars.tolist() == [[0, 2], [2, 4], [4, 5]]


def test_a_pickup_is_a_short_bar():
    assert columns([PAD, (0, 1, 60), (1, 2, 60)], [0, 1, 5]) == [[0, 1, 2, 3]]
    assert cut_windows(part([PAD, (0, 2, 60)], [0, 1, 5])).bars.tolist() == [[0, 2]]


def test_what_asks_for_too_much_is_refused_at_once():
    with pytest.raises(NoteError, match='more than 100000 windows'):
        cut_windows(part([(0, 1, 60), (0, 1, 64)], [0, 4, 4e9]))
    with pytest.raises(NoteError, match='times a note sounds'):
        cut_windows(part([(0, 4e5, 60)] * 500, np.arange(0, 4e5 + 1, 4.0)))


def test_any_number_of_notes_at_once():
    roll = piano_roll(cut_windows(part([(0, 1, 60)] * 40_000, [0, 4])))
    assert np.flatnonzero(roll[0, 0, 60]).tolist() == [0, 1]


@pytest.mark.parametrize('upbeat', [1 / 3, 2 / 3, 1 / 5, 1 / 6, 3 / 7, 1 / 12])
def test_an_upbeat_of_any_length_leaves_the_bars_in_pairs(upbeat):
    bars = [0.0, *(upbeat + 4.0 * i for i in range(200))]
    notes = [(bar, bar + 1, pitch) for bar in bars[:-1] for pitch in (60, 64)]
    wanted = [[0, 2], *([i, i + 2] for i in range(2, 200, 2))]
    assert cut_windows(part(notes, bars)).bars.tolist() == wanted


def test_a_note_held_over_the_barline_sounds_in_both_windows_and_begins_in_one():
    notes = [(0, 1, 60), (7, 9, 60), (7, 9, 64)]
    assert columns(notes, [0, 4, 8, 12]) == [[0, 1, 14, 15], [0, 1]]
    rolls = piano_roll(cut_windows(part(notes, [0, 4, 8, 12])), WindowGrid(16, ('onset',)))
    assert [int(roll.sum()) for roll in rolls] == [3, 0]


@pytest.mark.parametrize('rest', [0, 1, 2, 3, 7])
def test_bars_of_rest_before_a_part_change_no_window(rest):
    tune = [(i, i + 1, 60 + i % 5) for i in range(20)]
    later = cut_windows(part([(on + 4 * rest, end + 4 * rest, p) for on, end, p in tune], np.arange(0, 61, 4.0)))
    at_once = cut_windows(part(tune, np.arange(0, 61, 4.0)))
    assert (later.bars - rest).tolist() == at_once.bars.tolist() == [[0, 2], [2, 4], [4, 5]]
    assert (later.starts - 4 * rest).tolist() == at_once.starts.tolist()
    assert np.array_equal(later.onsets, at_once.onsets)


@pytest.mark.parametrize('beats', [2, 12, 20])
@pytest.mark.parametrize('over', [0, 0.05])
def test_bars_of_rest_after_a_part_change_no_window(beats, over):
    """One, three and five bars; a last note does not sound where it reaches less than TOLERANCE into a bar."""
    tune = [(i, i + 1, 60 + i % 5) for i in range(beats)]
    tune[-1] = (beats - 1, beats + over, 60)
    bars = -(-beats // 4)
    wanted = [[first, min(first + 2, bars)] for first in range(0, bars, 2)]
    for rests in (0, 1, 2, 7):
        windows = cut_windows(part(tune, np.arange(0, 4.0 * (bars + rests) + 1, 4)))
        assert windows.bars.tolist() == wanted
        assert (windows.ends[-1], len(windows.onsets)) == (4 * bars, beats)


def test_triplets_and_swing_fall_into_the_columns_they_touch():
    assert columns([PAD, (0, 1 / 3, 60)], [0, 4]) == [[0]]
    assert columns([PAD, (1 / 3, 2 / 3, 60)], [0, 4]) == [[0, 1]]
    assert columns([PAD, (2 / 3, 1, 60)], [0, 4]) == [[1]]


def test_a_hair_early_or_late_does_not_smear():
    early, late = 1 - TOLERANCE, 2 + TOLERANCE
    assert columns([PAD, (early, late, 60)], [0, 4]) == [[2, 3]]
    assert columns([PAD, (early - 0.001, late + 0.001, 60)], [0, 4]) == [[1, 2, 3, 4]]


def test_a_note_too_short_to_count_still_sounds_where_it_begins():
    assert columns([PAD, (1.0, 1.01, 60)], [0, 4]) == [[2]]
    assert columns([PAD, (0.0, 0.01, 60), (3.99, 4.02, 60)], [0, 4, 8]) == [[0, 8]]


def test_a_note_just_before_a_window_belongs_to_it():
    assert columns([(8 - TOLERANCE, 8.5, 60), (8, 9, 20)], [0, 4, 8, 12]) == [[0]]


def test_a_window_of_fewer_than_two_notes_is_left_out():
    windows = cut_windows(part([(0, 1, 60), (8, 9, 60), (8, 9, 64)], [0, 4, 8, 12, 16]))
    assert windows.starts.tolist() == [8]
    assert len(cut_windows(part([(0, 16, 60)], [0, 4, 8, 12, 16]))) == 0


@pytest.mark.parametrize('bars', [[0.0], [0.0, 4.0]])
def test_an_empty_part_has_no_window(bars):
    windows = cut_windows(part([], bars))
    assert len(windows) == 0
    assert piano_roll(windows).shape == (0, 1, 128, 16)


def test_notes_outside_the_bars_belong_to_no_window():
    windows = cut_windows(part([(0, 1, 60), (2, 3, 60), (5, 6, 60), (9, 10, 60), (6, 7, 62)], [4, 8]))
    assert windows.onsets.tolist() == [1, 2]


def test_sounding_stops_with_a_short_last_bar():
    assert columns([PAD, (0, 100, 60)], [0, 3]) == [list(range(6))]


def test_a_finer_grid_and_an_onset_plane():
    grid = WindowGrid(columns=32, planes=('sounding', 'onset'))
    roll = piano_roll(cut_windows(part([(0, 0.5, 60), (0.5, 1, 60)], [0, 4])), grid)
    assert roll.shape == (1, 2, 128, 32)
    assert np.flatnonzero(roll[0, 0, 60]).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(roll[0, 1, 60]).tolist() == [0, 2]


def test_against_a_slow_drawing_of_random_notes():
    """Note by note, column by column: the rule of the docstring, written plainly."""
    rng = np.random.default_rng(5)
    onsets, lengths = rng.random(300) * 32, rng.random(300) * 3 + 0.07
    notes = list(zip(onsets, onsets + lengths, rng.integers(40, 90, 300), strict=True))
    rolls = piano_roll(cut_windows(part(notes, np.arange(0, 37, 4.0))))
    slow = np.zeros((5, 128, 16), dtype=np.uint8)
    for onset, end, pitch in notes:
        for column in range(80):
            left, right = column / 2, column / 2 + 0.5
            begins_here = left <= onset + TOLERANCE < right
            sounds_on = onset + TOLERANCE < left < end - TOLERANCE
            if begins_here or sounds_on:
                slow[column // 16, pitch, column % 16] = 1
    assert (rolls[:, 0] == slow[: len(rolls)]).all()
    assert len(rolls) >= 4


@pytest.mark.parametrize('planes', [(), ('velocity',), ('onset', 'onset')])
def test_a_grid_knows_its_planes(planes):
    with pytest.raises(ValueError, match='wanted some of'):
        WindowGrid(planes=planes)


@pytest.mark.parametrize('count', [0, -1, 5000])
def test_a_grid_has_columns(count):
    with pytest.raises(ValueError, match='1 to 1024'):
        WindowGrid(columns=count)


def test_selected_windows_keep_their_own_notes():
    windows = cut_windows(part([(i, i + 1, 60 + i) for i in range(32)], np.arange(0, 33, 4.0)))
    chosen = windows.select(np.array([3, 1]))
    assert (piano_roll(chosen) == piano_roll(windows)[[3, 1]]).all()
