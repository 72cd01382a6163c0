"""Sound that is no music, made in code: noises, tones without notes, and music whose order in time is lost."""

from collections.abc import Callable

import numpy as np
from scipy.signal import chirp, lfilter

KINDS = ('white noise', 'pink noise', 'hum', 'sweep', 'clicks', 'speech-like', 'shuffled music', 'reversed spectrum')
SHUFFLED = 1024  # samples that stay together


def no_music(kind: str, samples: int, rate: int, music: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Samples, float32, of one of KINDS, at most 1 in size.

    Args:
        kind: of the sound.
        samples: how many.
        rate: Hz.
        music: as many samples of music, which some kinds are made from.
        rng: draws what is drawn.

    Raises:
        KeyError: where there is no such kind.
    """
    time = np.arange(samples) / rate
    white = rng.standard_normal(samples)
    kinds: dict[str, Callable[[], np.ndarray]] = {
        'white noise': lambda: white,
        'pink noise': lambda: _pink(white),
        'hum': lambda: np.sum(
            [np.sin(2 * np.pi * 50 * n * time + rng.uniform(0, 6)) / n for n in range(1, 12)], axis=0
        ),
        'sweep': lambda: chirp(time, rng.uniform(50, 200), time[-1] / 2, rng.uniform(1000, rate / 2.2)),
        'clicks': lambda: (rng.random(samples) < 8 / rate) * white,
        'speech-like': lambda: _speech_like(white, time, rate, rng),
        'shuffled music': lambda: _shuffled(music, rng),
        'reversed spectrum': lambda: music * np.cos(np.pi * np.arange(samples)),
    }
    made = kinds[kind]()
    audio: np.ndarray = (made / max(float(np.abs(made).max()), 1e-9)).astype(np.float32)
    return audio


def _pink(white: np.ndarray) -> np.ndarray:
    """Noise whose power falls with frequency, as 1 / f."""
    spectrum = np.fft.rfft(white)
    return np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), white.size)


def _speech_like(white: np.ndarray, time: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """A gliding buzz through two resonances that wander, in syllables with pauses between."""
    syllable = np.repeat(rng.random(time.size // (rate // 5) + 1) < 0.7, rate // 5)[: time.size]
    pitch = 120 + 30 * np.sin(2 * np.pi * rng.uniform(0.2, 0.6) * time) + 10 * np.sin(2 * np.pi * 3.1 * time)
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / rate)) + 0.1 * white
    out = np.zeros_like(buzz)
    for first in range(0, time.size, rate // 5):
        piece = buzz[first : first + rate // 5]
        for formant in (rng.uniform(300, 800), rng.uniform(900, 2500)):
            radius = 0.97
            angle = 2 * np.pi * formant / rate
            piece = lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], piece)
        out[first : first + rate // 5] = piece
    return out * syllable


def _shuffled(music: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    whole = music[: music.size // SHUFFLED * SHUFFLED].reshape(-1, SHUFFLED)
    return np.concatenate([rng.permutation(whole).ravel(), music[whole.size :]])
