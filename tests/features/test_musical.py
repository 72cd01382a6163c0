"""Named features, worked out by hand for small parts."""

import numpy as np
import pytest

from music21_kdic.features.musical import MUSICAL_FEATURES, musical_features
from music21_kdic.features.windows import cut_windows
from music21_kdic.reading.notes import NoteSequence


def features(onsets, lengths, pitches, bars=(0, 4, 8)):
    onsets = np.array(onsets, dtype=float)
    part = NoteSequence(onsets, onsets + np.array(lengths, dtype=float), pitches, bars)
    values = musical_features(part, cut_windows(part))
    return dict(zip((one.name for one in MUSICAL_FEATURES), values.tolist(), strict=True))


def test_a_line():
    """C4 D4 E4 G4 G4 C5 in quarters, two quarters of rest: two steps, a third, a repeat and a fourth."""
    found = features(range(6), [1] * 6, [60, 62, 64, 67, 67, 72])
    assert (found['lowest pitch'], found['median pitch'], found['highest pitch']) == (60, 65.5, 72)
    assert found['steps'] == pytest.approx(2 / 5)
    assert found['thirds'] == pytest.approx(1 / 5)
    assert found['repeated top notes'] == pytest.approx(1 / 5)
    assert found['leaps'] == pytest.approx(1 / 5)
    assert found['notes at once'] == pytest.approx(1)
    assert found['notes a quarter'] == pytest.approx(6 / 8)
    assert found['silence'] == pytest.approx(2 / 8)
    assert found['notes on the sixteenth grid'] == 1
    assert found['notes in the largest chord'] == 1
    assert found['widest chord'] == 0


def test_chords():
    """Chords of 19 and 31 semitones; the widest is the widest of all windows, not the mean."""
    onsets = [0, 0, 4, 4, 4, 8, 8, 12, 12]
    found = features(onsets, [4] * 9, [40, 59, 40, 47, 71, 40, 52, 40, 52], (0, 4, 8, 12, 16))
    assert found['widest chord'] == 31
    assert found['notes in the largest chord'] == 3
    assert found['notes of a half and longer'] == 1
    assert found['notes at once'] == pytest.approx((2.5 + 2) / 2)


def test_lengths_and_overlap():
    """Eighths of which half are short, and half are held beyond the next; the last has no next."""
    found = features(0.5 * np.arange(16), [0.125, 0.625] * 8, [60, 62] * 8)
    assert found['detached notes'] == pytest.approx(8 / 15)
    assert found['notes that overlap the next'] == pytest.approx(7 / 15)
    assert found['notes shorter than an eighth'] == pytest.approx(0.5)


def test_silence_is_of_the_whole_part():
    """Eight quarters, six bars of rest, eight quarters: 24 of 40 quarters are silent, and one of four in a last bar."""
    quarters = [*range(8), *range(32, 40)]
    assert features(quarters, [1] * 16, [60, 62] * 8, range(0, 44, 4))['silence'] == pytest.approx(24 / 40)
    found = features([*quarters, 40, 41, 42], [1] * 19, [60, 62] * 9 + [60], range(0, 48, 4))
    assert found['silence'] == pytest.approx(25 / 44)


def test_shares_are_of_all_notes():
    """Sixteen eighths in two bars, then two halves in a third: 2 of 18 notes are long; no window counts twice."""
    onsets, lengths = [*0.5 * np.arange(16), 8, 10], [0.5] * 16 + [2] * 2
    found = features(onsets, lengths, [60, 62] * 8 + [60, 72], (0, 4, 8, 12))
    assert found['notes of a half and longer'] == pytest.approx(2 / 18)
    assert found['notes a quarter'] == pytest.approx(18 / 12)
    # In two bars 15 steps of 15 moves and 16 notes; in the third a leap, of 2 notes.
    assert found['steps'] == pytest.approx(16 / 18)
    assert found['leaps'] == pytest.approx(2 / 18)


def test_a_fast_run_is_no_chord():
    """A scale in 64ths for two bars: of those no more than two begin within a tenth of a quarter of each other."""
    found = features(np.arange(128) / 16, [1 / 16] * 128, [48 + k % 24 for k in range(128)])
    assert found['notes in the largest chord'] == 2
    assert found['widest chord'] == 1
    assert found['spread of chords'] == pytest.approx(1 / 16)
    found = features(np.arange(64) / 8, [1 / 8] * 64, [48 + k % 24 for k in range(64)])  # in 32nds: none
    assert (found['notes in the largest chord'], found['widest chord'], found['spread of chords']) == (1, 0, 0)
    assert (found['detached notes'], found['notes that overlap the next']) == (0, 0)


def test_a_rolled_chord_is_one():
    """Three notes within 0.08 of a quarter; two at once a beat later, an eighth long; a last one with nothing after."""
    found = features([0, 0.03, 0.08, 1, 1, 6], [0.5, 1, 1, 0.5, 0.5, 2], [40, 47, 59, 45, 52, 40])
    assert found['notes in the largest chord'] == 3
    assert found['widest chord'] == 19
    assert found['spread of chords'] == pytest.approx((0.03 + 0.05) / 2, abs=1e-5)
    assert found['detached notes'] == pytest.approx(3 / 5)  # half of one beat; a tenth of five, twice
    assert found['notes that overlap the next'] == 0


def test_a_chord_across_the_barline_of_two_windows_is_one():
    found = features([0, 4, 7.96, 8, 8.02, 12], [4] * 6, [40, 41, 40, 47, 64, 40], (0, 4, 8, 12, 16))
    assert (found['notes in the largest chord'], found['widest chord']) == (3, 24)
