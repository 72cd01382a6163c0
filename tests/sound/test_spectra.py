"""Patches of spectra, and back, held against scipy's short-time Fourier transform."""

import numpy as np
import pytest
from scipy import signal

from music21_kdic.sound.spectra import (
    BINS,
    CONTEXT,
    FRAMES,
    HOP,
    MARGIN,
    RATE,
    STEP,
    STEP_SECONDS,
    USED,
    WINDOW,
    Resynthesis,
    frames,
    patches,
    scaled,
)

LENGTHS = (1, 767, 768, 769, 5000, USED * HOP, USED * HOP + 5, 200_000)


def noise(samples):
    return np.random.default_rng(samples).standard_normal(samples).astype(np.float32)


def test_the_numbers_are_those_of_the_paper():
    """Jansson et al. 2017: 8192 Hz, windows of 1024, hops of 768, patches of 512 x 128."""
    assert (RATE, WINDOW, HOP, BINS, FRAMES) == (8192, 1024, 768, 512, 128)
    assert (STEP_SECONDS, USED % STEP, CONTEXT % STEP) == (0.75, 0, 0)


@pytest.mark.parametrize('samples', LENGTHS)
@pytest.mark.parametrize('pieces', [1, 7])
def test_frames_are_those_of_scipy(samples, pieces):
    sound = noise(samples)
    found = np.concatenate(list(frames(np.array_split(sound, pieces))))
    count = -(-samples // HOP)
    padded = np.pad(sound, (MARGIN, count * HOP + WINDOW - samples))
    # Its own scale is the sum of the window.
    _, _, wanted = signal.stft(padded, RATE, 'hann', WINDOW, WINDOW - HOP, boundary=None, padded=False)
    wanted = wanted.T[:count] * signal.get_window('hann', WINDOW).sum()
    np.testing.assert_allclose(found, wanted, atol=2e-3)


@pytest.mark.parametrize('samples', LENGTHS)
def test_frames_give_back_the_recording(samples):
    sounds = np.stack([noise(samples), noise(samples)[::-1]])
    back = Resynthesis()
    pieces = [np.stack(both) for both in zip(*(frames(np.array_split(one, 5)) for one in sounds), strict=True)]
    whole = np.concatenate([*(back.add(piece) for piece in pieces), back.rest(samples)], axis=1)
    assert whole.shape[1] >= samples
    np.testing.assert_allclose(whole[:, :samples], sounds, atol=1e-4)


@pytest.mark.parametrize('samples', LENGTHS)
def test_each_frame_is_used_once_with_its_surroundings(samples):
    sound = noise(samples)
    wanted = np.concatenate(list(frames([sound])))
    found = list(patches(np.array_split(sound, 3)))
    used = np.concatenate([patch.spectrum[CONTEXT : CONTEXT + patch.used] for patch in found])
    np.testing.assert_array_equal(used, wanted)
    padded = np.pad(wanted, ((CONTEXT, FRAMES), (0, 0)))
    for place, patch in enumerate(found):
        np.testing.assert_array_equal(patch.spectrum, padded[place * USED : place * USED + FRAMES])
        assert patch.steps == -(-patch.used // STEP)


def test_a_recording_without_samples_has_no_patch():
    assert list(patches([])) == list(patches([np.zeros(0, np.float32)])) == []


def test_a_patch_is_scaled_by_its_own_largest_magnitude():
    (loud,) = patches([noise(5000)])
    (quiet,) = patches([noise(5000) / 1000])
    (silent,) = patches([noise(5000) * 1e-8])
    found = scaled(np.stack([loud.spectrum, quiet.spectrum, silent.spectrum]))
    assert found.shape == (3, 1, BINS, FRAMES)
    assert found.dtype == np.float32
    assert found.max(axis=(1, 2, 3)).tolist() == [1, 1, 0]
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)
    # Without the mean, bin 0.
    np.testing.assert_allclose(found[0, 0].T, np.abs(loud.spectrum[:, 1:]) / np.abs(loud.spectrum[:, 1:]).max(), 1e-5)
