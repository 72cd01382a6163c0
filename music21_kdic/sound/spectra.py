"""A recording as patches of its spectrum, and back. Training makes the same of many at once; a test holds it to this.

A recording is mono, RATE samples a second. A frame is the spectrum of WINDOW samples under a periodic Hann window. The
frame k stands for the HOP samples from k * HOP on and has MARGIN more on each side; beyond the recording is silence. A
patch is FRAMES frames, of which those in the middle are used and CONTEXT on each side are their surroundings. A step is
STEP frames: it is the time of one answer. Bin 0 (the mean) is left out of patches, and is silence in stems.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE, WINDOW, HOP = 8192, 1024, 768
MARGIN = (WINDOW - HOP) // 2
BINS = WINDOW // 2  # of a patch: 1 to 512
FRAMES, CONTEXT, STEP = 128, 16, 8
USED = FRAMES - 2 * CONTEXT
STEP_SECONDS = STEP * HOP / RATE
SILENCE = 0.01  # a magnitude below which there is nothing: a sine of -88 decibels, less than the last of 16 bits

Samples = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]

HANN = np.hanning(WINDOW + 1)[:-1]
# Of each of HOP samples: by how much what is windowed twice, and laid over its neighbours, grows.
_ALONE = HANN[:HOP] ** 2
_SHARED = _ALONE + np.pad(HANN[HOP:] ** 2, (0, 2 * HOP - WINDOW))


@dataclass(frozen=True, eq=False)
class Patch:
    """Some frames with their surroundings.

    Attributes:
        spectrum: shape (FRAMES, BINS + 1); the used frames begin at CONTEXT.
        used: how many are used; fewer than USED only at the end of a recording.
    """

    spectrum: Spectrum
    used: int

    @property
    def steps(self) -> int:
        """How many steps the used frames are; the last one may be cut off by the end of the recording."""
        return -(-self.used // STEP)


def frames(blocks: Iterable[Samples]) -> Iterator[Spectrum]:
    """The frames of a recording that comes in blocks, each piece of shape (frames, BINS + 1).

    >>> [len(piece) for piece in frames([np.zeros(2000, np.float32), np.zeros(1000, np.float32)])]
    [2, 1, 1]
    """
    waiting = np.zeros(MARGIN, np.float32)
    samples = done = 0
    for block in blocks:
        samples += len(block)
        waiting = np.concatenate([waiting, block])
        if count := max(0, (len(waiting) - WINDOW) // HOP + 1):
            yield _transformed(waiting, count)
            waiting = waiting[count * HOP :]
            done += count
    if left := -(-samples // HOP) - done:
        yield _transformed(np.pad(waiting, (0, (left - 1) * HOP + WINDOW - len(waiting))), left)


def _transformed(samples: Samples, count: int) -> Spectrum:
    cut = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[: count * HOP : HOP]
    return np.fft.rfft(cut * HANN.astype(np.float32)).astype(np.complex64)


def patches(blocks: Iterable[Samples]) -> Iterator[Patch]:
    """The patches of a recording that comes in blocks.

    >>> [patch.used for patch in patches([np.zeros(100 * HOP, np.float32)])]
    [96, 4]
    """
    silence = np.zeros((FRAMES, BINS + 1), np.complex64)
    waiting = silence[:CONTEXT]
    for piece in frames(blocks):
        waiting = np.concatenate([waiting, piece])
        while len(waiting) >= FRAMES:
            yield Patch(waiting[:FRAMES], USED)
            waiting = waiting[USED:]
    while (left := len(waiting) - CONTEXT) > 0:
        yield Patch(np.concatenate([waiting, silence])[:FRAMES], min(left, USED))
        waiting = waiting[USED:]


def scaled(spectra: npt.NDArray[np.complex64]) -> npt.NDArray[np.float32]:
    """What the networks read: magnitudes, each patch divided by its own largest; a silent one is zeros.

    Args:
        spectra: shape (patches, FRAMES, BINS + 1).

    Returns:
        Shape (patches, 1, BINS, FRAMES).
    """
    magnitudes = np.abs(spectra[:, :, 1:]).transpose(0, 2, 1)[:, None]
    largest = magnitudes.max(axis=(1, 2, 3), keepdims=True)
    return np.where(largest < SILENCE, 0, magnitudes / np.maximum(largest, SILENCE)).astype(np.float32)


class Resynthesis:
    """Samples from used frames that come piece by piece: the inverse of :func:`frames`, of several stems at once.

    The last frame reaches beyond the end of a recording: what is made of it there is to be cut off.

    >>> noise = np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    >>> back = Resynthesis()
    >>> heard = [back.add(piece[None]) for piece in frames([noise])] + [back.rest(len(noise))]
    >>> bool(np.allclose(np.concatenate(heard, axis=1)[:, :5000], noise, atol=1e-4))
    True
    """

    def __init__(self) -> None:
        self._made = -MARGIN  # samples so far, without the silence before the first
        self._tail: npt.NDArray[np.float64] | None = None  # of the last frame: what lies beyond its HOP samples

    def add(self, spectra: Spectrum) -> Samples:
        """The samples that are settled by some more frames, shape (stems, samples).

        Args:
            spectra: shape (stems, frames, BINS + 1).
        """
        windowed = np.fft.irfft(spectra, WINDOW) * HANN
        cells, tails = windowed[:, :, :HOP], windowed[:, :, HOP:]
        beyond = WINDOW - HOP
        cells[:, 1:, :beyond] += tails[:, :-1]
        first = self._tail is None
        if self._tail is not None:
            cells[:, 0, :beyond] += self._tail
        self._tail = tails[:, -1].copy()
        cells[:, 1:] /= _SHARED
        cells[:, 0] /= np.maximum(_ALONE, 1e-9) if first else _SHARED
        whole: Samples = cells.reshape(len(spectra), -1).astype(np.float32)
        skipped = max(0, -self._made)
        self._made += whole.shape[1]
        return whole[:, skipped:]

    def rest(self, samples: int) -> Samples:
        """What is left of a recording of so many samples, shape (stems, samples)."""
        assert self._tail is not None
        most = samples - self._made
        if most <= 0:
            return np.zeros((len(self._tail), 0), np.float32)
        return (self._tail[:, :most] / HANN[HOP:][:most] ** 2).astype(np.float32)
