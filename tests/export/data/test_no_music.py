import numpy as np
import pytest

pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')

from export.data.no_music import KINDS, SHUFFLED, no_music

RATE = 8192


@pytest.fixture(scope='module')
def music():
    """Four seconds of a tone that becomes louder."""
    time = np.arange(4 * RATE) / RATE
    return (time / 4 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


@pytest.mark.parametrize('kind', KINDS)
def test_each_kind_is_sound_of_the_length_asked_for(kind, music):
    audio = no_music(kind, music.size, RATE, music, np.random.default_rng(0))
    assert audio.shape == music.shape
    assert np.abs(audio).max() == pytest.approx(1)


def test_pink_noise_has_as_much_energy_in_each_octave(music):
    audio = no_music('pink noise', music.size, RATE, music, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(audio)) ** 2
    hertz = np.fft.rfftfreq(audio.size, 1 / RATE)
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].sum() for low in (128, 256, 512, 1024, 2048)]
    assert max(octaves) / min(octaves) < 1.5


def test_shuffled_music_has_the_same_samples_in_another_order(music):
    audio = no_music('shuffled music', music.size, RATE, music, np.random.default_rng(0))
    peak = np.abs(music).max()
    assert np.sort(audio) == pytest.approx(np.sort(music / peak), abs=1e-6)
    ours = {piece.tobytes() for piece in np.round(audio * peak, 4).reshape(-1, SHUFFLED)}
    assert ours == {piece.tobytes() for piece in np.round(music, 4).reshape(-1, SHUFFLED)} or audio.size % SHUFFLED
    assert not np.allclose(audio, music / peak)


def test_a_reversed_spectrum_turns_low_into_high(music):
    audio = no_music('reversed spectrum', music.size, RATE, music, np.random.default_rng(0))
    assert np.abs(np.fft.rfft(audio)).argmax() * RATE / audio.size == pytest.approx(RATE / 2 - 440, abs=1)


def test_an_unknown_kind_is_refused(music):
    with pytest.raises(KeyError):
        no_music('silence', music.size, RATE, music, np.random.default_rng(0))
