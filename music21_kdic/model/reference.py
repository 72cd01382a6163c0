"""What real parts of each class are like: ``reference.npz`` in a model's folder. `python -m export reference` makes it.

It says where a part lies among real parts of a class: for each of MUSICAL_FEATURES (:meth:`Reference.place`), and as a
whole (:meth:`Reference.typicality`). For the whole there are two measures: the density of what the network embeds parts
as, which is taken for a normal distribution (its covariance after Ledoit and Wolf 2004), and the odds that it is music
at all. Each is ranked among real parts of the class that were held back, and the lesser of both ranks is ranked among
them again. So typicality is a conformal p-value: of real parts of a class a tenth are below 0.1.

Arrays, float32: ``quantiles``, (8, features, 101), the percentiles of real parts; ``mean``, (8, numbers), and
``whiten``, (8, numbers, numbers), of the embeddings of each class; and of held-back parts of each class, rising, (8,
parts): ``distances`` from the mean, squared; ``music``, log-odds of being music; ``least``, the lesser of both ranks.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError, raised_as
from music21_kdic.features.musical import MUSICAL_FEATURES
from music21_kdic.reading.notes import FloatArray

Float32Array = npt.NDArray[np.float32]
PERCENTILES = 101


@dataclass(frozen=True, eq=False)
class Reference:
    """What real parts of each class are like; the attributes are the arrays of the module's list."""

    quantiles: Float32Array
    mean: Float32Array
    whiten: Float32Array
    distances: Float32Array
    music: Float32Array
    least: Float32Array

    def typicality(self, embedding: FloatArray, music: FloatArray) -> FloatArray:
        """For each class which share of its real parts are at most as typical of it.

        Args:
            embedding: of some parts, shape (parts, numbers).
            music: probability that each is music, shape (parts,).

        Returns:
            0 to 1, shape (parts, 8).
        """
        return _share_of_at_most(self.least, self.least_place(embedding, music))

    def least_place(self, embedding: FloatArray, music: FloatArray) -> FloatArray:
        """The lesser of the places by density and by odds of being music, among parts of each class: (parts, 8)."""
        dense = _share_of_at_most(-self.distances[:, ::-1], -self.distances_of(embedding))
        likely = _share_of_at_most(self.music, np.repeat(log_odds(music)[:, None], len(CLASSES), axis=1))
        least: FloatArray = np.minimum(dense, likely)
        return least

    def distances_of(self, embedding: FloatArray) -> FloatArray:
        """The squared Mahalanobis distance from each class, shape (parts, 8)."""
        points = embedding.astype(np.float32)
        away = np.stack([(points - mean) @ whiten for mean, whiten in zip(self.mean, self.whiten, strict=True)], axis=1)
        distances: FloatArray = np.einsum('pce,pce->pc', away, away).astype(np.float64)
        return distances

    def place(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Which share of the real parts of each class have less of each feature, and which have more.

        Args:
            values: of MUSICAL_FEATURES, shape (features,).

        Returns:
            Two arrays of shape (8, features), 0 to 1, to a hundredth.
        """
        value = values.astype(np.float32)[None, :, None]
        return (self.quantiles < value).mean(axis=2), (self.quantiles > value).mean(axis=2)


def _share_of_at_most(rising: Float32Array, values: FloatArray) -> FloatArray:
    """Which share of a class's values, and of this one, are at most as large as it: (parts, 8)."""
    found = np.empty(values.shape)
    for column, (known, asked) in enumerate(zip(rising, values.astype(np.float32).T, strict=True)):
        found[:, column] = (np.searchsorted(known, asked, side='right') + 1) / (known.size + 1)
    return found


def log_odds(probability: FloatArray) -> FloatArray:
    """The log-odds of probabilities, finite for those of 0 and 1."""
    kept = np.clip(probability, 1e-12, 1 - 1e-12)
    odds: FloatArray = np.log(kept) - np.log1p(-kept)
    return odds


def read_reference(content: bytes, embedding: int, path: Path) -> Reference:
    """Read and check ``reference.npz`` of a model that embeds parts as so many numbers; errors call it ``path``.

    Raises:
        ModelError: where it is no such file.
    """
    classes = len(CLASSES)
    shapes = {
        'quantiles': (classes, len(MUSICAL_FEATURES), PERCENTILES),
        'mean': (classes, embedding),
        'whiten': (classes, embedding, embedding),
        'distances': (classes, None),
        'music': (classes, None),
        'least': (classes, None),
    }
    # zipfile's and numpy's errors share no base class of their own
    with (
        raised_as(lambda error: ModelError(f'{path}: cannot be read ({type(error).__name__}: {error})')),
        np.load(io.BytesIO(content), allow_pickle=False) as file,
    ):
        arrays = {name: file[name] for name in shapes}
    for name, shape in shapes.items():
        array = arrays[name]
        fits = array.ndim == len(shape) and all(
            want in (None, got) for want, got in zip(shape, array.shape, strict=True)
        )
        if not fits or array.dtype != np.float32 or not array.size or not np.isfinite(array).all():
            raise ModelError(
                f'{path}: {name} {array.dtype} of shape {array.shape}, wanted finite float32 of shape {shape}'
            )
    for name in ('quantiles', 'distances', 'music', 'least'):
        if (np.diff(arrays[name], axis=-1) < 0).any():
            raise ModelError(f'{path}: {name} that fall, wanted rising ones')
    return Reference(**arrays)
