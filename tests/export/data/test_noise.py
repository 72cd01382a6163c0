import mido
import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')

from export.data.noise import (
    CORRUPTIONS,
    cluster_part,
    drum_parts,
    drum_pattern_part,
    hiss_part,
    random_part,
    rows_part,
    scattered,
    shuffled,
    walk_part,
    with_random_pitches,
)
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.notes import NoteSequence

SEEDS = range(60)


def drawn(draw):
    return [draw(np.random.default_rng(seed)) for seed in SEEDS]


@pytest.fixture
def beat(tmp_path):
    """A file with a drum track (kick and hi-hat in turn, sixteen bars) and a bass."""
    rng = np.random.default_rng(5)
    file = mido.MidiFile(ticks_per_beat=96)
    for channel, pitches in ((9, [36, 42] * 32), (1, rng.integers(30, 50, 64).tolist())):
        track = mido.MidiTrack()
        for pitch in pitches:
            track.append(mido.Message('note_on', note=pitch, channel=channel, time=0))
            track.append(mido.Message('note_off', note=pitch, channel=channel, time=96))
        file.tracks.append(track)
    path = tmp_path / 'beat.mid'
    file.save(path)
    return path


@pytest.mark.parametrize('draw', [random_part, hiss_part, rows_part])
def test_registers_narrow_and_wide_all_over_the_keyboard_and_never_beyond(draw):
    pitches = [part.pitches for part in drawn(draw)]
    assert min(one.min() for one in pitches) >= 21
    assert max(one.max() for one in pitches) <= 108
    widths = [np.ptp(one) for one in pitches]
    assert min(widths) < 15
    assert max(widths) > 33
    means = [one.mean() for one in pitches]
    assert min(means) < 45
    assert max(means) > 80


def test_random_notes_spread_evenly_over_their_register():
    """An even spread over so many semitones deviates by their number / sqrt(12)."""
    for part in drawn(random_part):
        if len(part) > 150:
            width = np.ptp(part.pitches) + 1
            assert part.pitches.std() == pytest.approx(width / np.sqrt(12), rel=0.2)


def test_a_row_has_each_of_the_twelve_tones_once():
    for part in drawn(rows_part):
        assert sorted((part.pitches[:12] % 12).tolist()) == list(range(12))


def test_a_cluster_has_no_gap():
    for part in drawn(cluster_part):
        first = part.pitches[part.onsets == 0]
        assert np.diff(first).tolist() == [1] * (first.size - 1)
        assert first.size >= 24


def test_a_walk_is_one_voice_that_steps_by_an_octave_at_most():
    for part in drawn(walk_part):
        assert np.abs(np.diff(part.pitches)).max() <= 12
        assert (part.ends[:-1] == part.onsets[1:]).all()


def test_a_drum_pattern_repeats_its_bar_on_the_keys_of_a_drum_kit():
    for part in drawn(drum_pattern_part):
        bar = sorted(zip(part.onsets[part.onsets < 4], part.pitches[part.onsets < 4], strict=True))
        second = (part.onsets >= 4) & (part.onsets < 8)
        assert sorted(zip(part.onsets[second] - 4, part.pitches[second], strict=True)) == bar
        assert 35 <= part.pitches.min() <= part.pitches.max() <= 51


def test_drum_tracks_become_pitches_and_melodic_ones_are_left_out(beat):
    (notes,) = drum_parts(beat)
    assert notes.pitches.tolist() == [36, 42] * 32
    assert notes.onsets.tolist() == list(range(64))
    drums, bass = read_midi(beat)
    assert (len(drums.notes), drums.notes.unpitched, len(bass.notes)) == (0, 64, 64)


@pytest.fixture
def scale():
    onsets = np.arange(40.0)
    return NoteSequence(onsets, onsets + 1, 50 + np.arange(40) % 12, 4.0 * np.arange(11))


def test_what_is_made_from_a_part_keeps_what_it_says(scale):
    rng = np.random.default_rng(3)
    assert with_random_pitches(scale, rng).onsets.tolist() == scale.onsets.tolist()
    moved = shuffled(scale, rng)
    assert moved.onsets.tolist() == scale.onsets.tolist()
    assert sorted(moved.pitches % 12) == sorted(scale.pitches % 12)
    assert sorted(scattered(scale, rng).pitches) == sorted(scale.pitches)


@pytest.mark.parametrize('how', CORRUPTIONS)
def test_no_more_notes_are_corrupted_than_is_said(scale, how):
    """Of 40 notes none at a share of 0, at most 10 at a quarter."""
    kept = set(zip(scale.onsets, scale.pitches, strict=True))
    for share, most in ((0.0, 0), (0.25, 10)):
        rng = np.random.default_rng(1)
        part = CORRUPTIONS[how](scale, rng.permutation(40)[: round(share * 40)], rng)
        assert len(set(zip(part.onsets, part.pitches, strict=True)) - kept) <= most
        assert len(part) == 40
