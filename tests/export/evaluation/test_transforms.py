"""What is done to a few notes by hand."""

import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from export.evaluation.transforms import (
    HARMLESS,
    TRANSFORMS,
    all_shuffled,
    chords,
    into_range,
    later,
    onsets_shuffled,
    opened,
    pitches_shuffled,
    repeated,
    spread,
    thickened,
    tones,
    transposed,
)
from music21_kdic.features.windows import cut_windows, piano_roll
from music21_kdic.reading.notes import NoteSequence

RNG = np.random.default_rng(0)


# An E major chord on a guitar, strummed within a 64th note, a G and a C together, and a B alone; then an empty bar.
STRUM = NoteSequence(
    onsets=[0, 0.01, 0.02, 0.03, 0.04, 0.05, 1, 1, 2.5],
    ends=[1, 1, 1, 1, 1, 1, 2, 2, 4],
    pitches=[40, 47, 52, 56, 59, 64, 55, 60, 59],
    bars=[0, 4, 8],
)


def notes_of(part):
    return list(zip(part.onsets.tolist(), part.ends.tolist(), part.pitches.tolist(), strict=True))


def chord_of(part, onset=0.0):
    return sorted(part.pitches[(part.onsets >= onset) & (part.onsets < onset + 0.1)].tolist())


def test_tones_that_are_struck_together_are_a_chord():
    rank, sizes = tones(STRUM)
    assert rank.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 0]
    assert sizes.tolist() == [6] * 6 + [2, 2, 1]
    assert chords(STRUM) == pytest.approx(1 / 3)


def test_a_strum_downwards_is_ranked_by_pitch():
    upstroke = NoteSequence([0, 0.02, 0.04], [1, 1, 1], [64, 59, 40], [0, 4])
    assert tones(upstroke)[0].tolist() == [2, 1, 0]


def test_transposition_leaves_the_rhythm():
    up = transposed(STRUM, RNG, 12)
    assert up.pitches.tolist() == (STRUM.pitches + 12).tolist()
    assert up.onsets.tolist() == STRUM.onsets.tolist()


def test_what_midi_cannot_hold_comes_in_by_octaves():
    assert into_range(np.array([-1, -13, 0, 127, 128, 140])).tolist() == [11, 11, 0, 127, 116, 116]


def test_opened_chords_have_a_hole_of_two_octaves():
    part = opened(STRUM, RNG)
    assert chord_of(part) == [28, 35, 40, 68, 71, 76]
    assert chord_of(part, 1.0) == [43, 72]
    assert chord_of(part, 2.5) == [59]  # no chord
    triad = opened(NoteSequence([0, 0, 0], [1, 1, 1], [60, 64, 67], [0, 4]), RNG)
    assert triad.pitches.tolist() == [48, 64, 79]


def test_spread_chords_have_more_than_an_octave_between_any_two_tones():
    part = spread(STRUM, RNG)
    assert chord_of(part) == [16, 35, 52, 68, 83, 100]
    assert np.diff(chord_of(part)).min() > 12
    assert chord_of(part, 2.5) == [59]


def test_thickened_chords_are_doubled_two_octaves_away():
    part = thickened(STRUM, RNG)
    six = [40, 47, 52, 56, 59, 64]
    assert chord_of(part) == sorted([*six, *(p - 24 for p in six), *(p + 24 for p in six)])
    assert chord_of(part, 1.0) == [55, 60]  # two tones are no chord
    assert notes_of(part)[-1] == (2.5, 4.0, 59)


def test_shuffled_pitches_keep_the_rhythm_and_all_pitches():
    part = pitches_shuffled(STRUM, np.random.default_rng(1))
    assert sorted(part.pitches.tolist()) == sorted(STRUM.pitches.tolist())
    assert part.onsets.tolist() == STRUM.onsets.tolist()
    assert part.pitches.tolist() != STRUM.pitches.tolist()


def test_shuffled_onsets_stay_in_their_bar_with_their_lengths_and_pitches():
    two = NoteSequence([0, 1, 2, 5, 6], [1, 1.5, 4, 6, 8], [60, 62, 64, 65, 67], [0, 4, 7, 10])
    for seed in range(20):
        part = onsets_shuffled(two, np.random.default_rng(seed))
        of_pitch = {pitch: (onset, end) for onset, end, pitch in notes_of(part)}
        assert {pitch: end - onset for pitch, (onset, end) in of_pitch.items()} == {60: 1, 62: 0.5, 64: 2, 65: 1, 67: 2}
        assert all(0 <= of_pitch[p][0] < 4 and of_pitch[p][0] % 0.25 == 0 for p in (60, 62, 64))
        assert all(4 <= of_pitch[p][0] < 7 for p in (65, 67))


def test_all_shuffled_keeps_pitches_and_number():
    part = all_shuffled(STRUM, np.random.default_rng(2))
    assert sorted(part.pitches.tolist()) == sorted(STRUM.pitches.tolist())


def test_later_is_the_same_music_after_empty_bars():
    part = later(STRUM, RNG, 1)
    assert part.bars.tolist() == [0, 4, 8, 12]
    assert part.onsets - STRUM.onsets == pytest.approx(np.full(9, 4.0))
    waltz = later(NoteSequence([0], [1], [60], [0, 3, 6]), RNG, 2)
    assert waltz.bars.tolist() == [0, 3, 6, 9, 12]


def test_played_twice_has_twice_the_bars():
    part = repeated(STRUM, RNG)
    assert part.bars.tolist() == [0, 4, 8, 12, 16]
    assert notes_of(part)[9:] == [(on + 8, end + 8, pitch) for on, end, pitch in notes_of(STRUM)]


def test_two_bars_later_and_twice_are_the_same_windows():
    song = NoteSequence(np.arange(32.0), np.arange(32.0) + 1, 40 + np.arange(32) % 13, 4.0 * np.arange(9))
    rolls = piano_roll(cut_windows(song))
    assert len(rolls) == 4
    assert np.array_equal(piano_roll(cut_windows(HARMLESS['two bars later'](song, RNG))), rolls)
    assert np.array_equal(piano_roll(cut_windows(HARMLESS['played twice'](song, RNG))), np.tile(rolls, (2, 1, 1, 1)))
    assert not np.array_equal(piano_roll(cut_windows(HARMLESS['a bar later'](song, RNG)))[1:], rolls)


def test_every_transformation_gives_a_part():
    for transform in TRANSFORMS.values():
        assert len(transform(STRUM, np.random.default_rng(0))) >= len(STRUM)
