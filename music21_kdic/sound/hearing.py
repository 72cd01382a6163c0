"""From a recording to what is heard in it, patch by patch: stems, and the log-odds of each class in each step."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from music21_kdic.reading.notes import FloatArray
from music21_kdic.sound.networks import BATCH, TARGETS, Numbers, SoundModel
from music21_kdic.sound.spectra import BINS, CONTEXT, SILENCE, STEP, Patch, Samples, Spectrum, patches, scaled


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard in some steps one after another.

    Attributes:
        log_odds: that each class sounds, shape (steps, 8).
        silent: whether nothing at all does, shape (steps,).
    """

    log_odds: FloatArray
    silent: npt.NDArray[np.bool_]

    @property
    def probabilities(self) -> FloatArray:
        """That each class sounds, shape (steps, 8); 0 in silence, whatever the network says of it."""
        result: FloatArray = np.where(self.silent[:, None], 0.0, np.exp(-np.logaddexp(0.0, -self.log_odds)))
        return result


def hear(
    blocks: Iterable[Samples], model: SoundModel, take_stems: Callable[[Spectrum], None] | None = None
) -> Iterator[Heard]:
    """Hear a recording that comes in blocks.

    Args:
        blocks: its samples, see :meth:`music21_kdic.sound.audio.Recording.blocks`.
        model: the sound model.
        take_stems: is given the spectra of the stems, piece by piece, each of shape (targets, frames, BINS + 1), in the
            order of TARGETS.

    Raises:
        ModelError: where a network fails.
    """
    coming = patches(blocks)
    while batch := list(islice(coming, BATCH)):
        mixture = scaled(np.stack([patch.spectrum for patch in batch]))
        masks = model.masks(mixture)
        log_odds = model.log_odds(masks * mixture)
        for patch, mask, odds in zip(batch, masks, log_odds, strict=True):
            if take_stems is not None:
                take_stems(_stems(patch, mask))
            first = CONTEXT // STEP
            yield Heard(odds[:, first : first + patch.steps].T.astype(np.float64), _silent(patch))


def _stems(patch: Patch, masks: Numbers) -> Spectrum:
    """The spectra of the stems of the used frames, with the phase of the mixture."""
    used = slice(CONTEXT, CONTEXT + patch.used)
    spectra = np.zeros((len(TARGETS), patch.used, BINS + 1), np.complex64)
    spectra[:, :, 1:] = masks[:, :, used].transpose(0, 2, 1) * patch.spectrum[used, 1:]
    return spectra


def _silent(patch: Patch) -> npt.NDArray[np.bool_]:
    used = np.abs(patch.spectrum[CONTEXT : CONTEXT + patch.steps * STEP, 1:])
    silent: npt.NDArray[np.bool_] = used.reshape(patch.steps, -1).max(axis=1) < SILENCE
    return silent
