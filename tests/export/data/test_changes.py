import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from export.data.changes import PartOf, begun, changed, excerpt, some_bars
from music21_kdic.reading.notes import NoteSequence


def scale(bars=16, first=0.0):
    """Four quarters a bar, C D E F, from bar 0 on or later."""
    onsets = first + np.arange(4.0 * bars)
    pitches = np.tile([60, 62, 64, 65], bars)
    return NoteSequence(onsets, onsets + 1, pitches, 4.0 * np.arange(bars + first / 4 + 1))


def views(parts, count=200):
    return [changed(parts, None, f'{seed}.mid', 1) for seed in range(count)]


def test_labels_and_rows_stay_with_their_parts():
    parts = [PartOf(scale(), 4, 0), PartOf(scale(), 7, 3)]
    for view in views(parts, 40):
        assert [(part.row, part.label) for part in view] == [(4, 0), (7, 3)]


def test_parts_are_moved_by_two_semitones_at_most_and_all_alike():
    lowest = scale().pitches.min()
    moves = set()
    for one, other in views([PartOf(scale(), 0, 3), PartOf(scale(), 1, 3)]):
        by = {int(part.notes.pitches.min() - lowest) for part in (one, other)}
        assert len(by) == 1
        moves |= by
    assert moves == {-2, -1, 0, 1, 2}


def test_a_name_and_a_view_give_the_same_change_again():
    one, other = (changed([PartOf(scale(), 0, 3)], None, 'a.mid', 2)[0].notes for _ in range(2))
    assert one.onsets.tolist() == other.onsets.tolist()
    assert one.bars.tolist() == other.bars.tolist()


def test_one_hand_is_the_upper_or_the_lower_half_of_a_keyboard_part_and_never_of_another():
    """Of four pitches a bar each hand has two."""
    pitches = {label: {np.unique(part.notes.pitches).size for (part,) in views([PartOf(scale(), 0, label)])}
               for label in (1, 3)}  # fmt: skip
    assert pitches == {1: {2, 4}, 3: {4}}


def test_the_first_bars_begin_with_the_bar_of_the_first_note():
    cut = begun(scale(16, first=8.0), 4)
    assert cut.bars.tolist() == [8, 12, 16, 20, 24]
    assert cut.onsets.tolist() == list(range(8, 24))
    assert begun(scale(4), 4) is None


def test_some_bars_are_of_anywhere_in_the_part_and_hold_what_begins_there():
    starts = set()
    for seed in range(100):
        cut = some_bars(scale(16, first=8.0), 4, np.random.default_rng(seed))
        first = cut.bars[0]
        assert cut.bars.tolist() == [first, first + 4, first + 8, first + 12, first + 16]
        assert cut.onsets.tolist() == [first + beat for beat in range(16)]
        starts.add(first)
    assert starts == {4.0 * bar for bar in range(2, 15)}


def test_a_part_that_is_shorter_is_left_whole():
    assert some_bars(scale(3), 8, np.random.default_rng(0)).onsets.tolist() == list(range(12))


def test_an_excerpt_begins_with_the_first_note():
    whole = scale(bars=8)
    later = NoteSequence(whole.onsets + 8, whole.ends + 8, whole.pitches, 4.0 * np.arange(11))
    found = excerpt(later, 4)
    assert found.bars.tolist() == [0, 4, 8, 12, 16]
    assert found.pitches.tolist() == whole.pitches[:16].tolist()
    assert excerpt(whole, 9) is None
