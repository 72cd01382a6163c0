"""How a part is judged: by all its different windows at once, in no order.

The windows' embeddings are summed up and dense layers read the sums, as in a set network (Zaheer et al. 2017, Deep
Sets). A mean of the windows' own answers does not see a part's range, its variety or its one telling passage.
The layers travel in the model's metadata, see :mod:`music21_kdic.model.contract`.
"""

import base64
import json
import operator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.reading.notes import FloatArray

VARIANCE_FLOOR = 1e-4
MOST_LAYERS, MOST_WIDE, MOST_EMBEDDING = 8, 4096, 512


@dataclass(frozen=True, eq=False)
class PartHead:
    """Dense layers over what the windows of a part have in common, with rectifiers (ReLU) between them.

    Attributes:
        weights: of each layer, shape (numbers in, numbers out); the first takes three times as many as a window is
            embedded as, which are 1 to MOST_EMBEDDING, the last gives eight.
        biases: of each layer, shape (numbers out,).

    Raises:
        ValueError: where they do not fit together, are no numbers, or are more than MOST_LAYERS or MOST_WIDE.

    >>> head = PartHead((np.eye(3, 8),), (np.zeros(8),))
    >>> head.embedding, head(np.array([[1.0], [3.0], [2.0]])).round(2).tolist()
    (1, [2.0, 0.82, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        shapes = [weight.shape for weight in self.weights]
        if not 1 <= len(shapes) <= MOST_LAYERS or any(not 1 <= side <= MOST_WIDE for shape in shapes for side in shape):
            raise ValueError(f'head of layers {shapes}, wanted 1 to {MOST_LAYERS}, none wider than {MOST_WIDE}')
        embedding, rest = divmod(shapes[0][0], 3)
        fit = all(before[1] == after[0] for before, after in pairwise(shapes)) and shapes[-1][1] == len(CLASSES)
        if not fit or rest or not 1 <= embedding <= MOST_EMBEDDING or len(self.biases) != len(shapes):
            wanted = f'from 3 times 1 to {MOST_EMBEDDING} to {len(CLASSES)}'
            raise ValueError(f'head of layers {shapes}, wanted some that fit together, {wanted}')
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if bias.shape != weight.shape[1:] or not (np.isfinite(weight).all() and np.isfinite(bias).all()):
                raise ValueError(
                    f'head with a layer of {weight.shape} and {bias.shape}, wanted finite numbers that fit'
                )
            weight.setflags(write=False)
            bias.setflags(write=False)

    @property
    def embedding(self) -> int:
        """How many numbers a window is embedded as."""
        return len(self.weights[0]) // 3

    @staticmethod
    def pool(embeddings: npt.ArrayLike) -> FloatArray:
        """Sum up windows: mean, deviation and maximum of each number.

        Args:
            embeddings: of the different windows of a part, at least one, in any order, shape (windows, numbers).

        Returns:
            Shape (3 numbers,).

        >>> PartHead.pool([[1.0, 0.0], [3.0, 0.0]]).round(2).tolist()
        [2.0, 0.0, 1.0, 0.01, 3.0, 0.0]
        """
        values = np.asarray(embeddings, dtype=np.float64)
        mean = values.mean(axis=0)
        deviation = np.sqrt(((values - mean) ** 2).mean(axis=0) + VARIANCE_FLOOR)
        pooled: FloatArray = np.concatenate([mean, deviation, values.max(axis=0)])
        return pooled

    def __call__(self, embeddings: npt.ArrayLike) -> FloatArray:
        """Log probability of each class given a part, under equal priors, up to a constant.

        Args:
            embeddings: as for :meth:`pool`.

        Returns:
            Shape (8,); not finite where the numbers outgrow floating point.
        """
        values = self.pool(embeddings)
        with np.errstate(over='ignore', invalid='ignore'):
            for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
                values = np.maximum(values @ weight + bias, 0.0)
            answer: FloatArray = values @ self.weights[-1] + self.biases[-1]
        return answer


def read_head(text: str) -> PartHead:
    """Read a head from JSON: ``{"layers": [{"shape": [in, out], "weights": ..., "bias": ...}, ...]}``.

    Weights, row by row, and biases are base64 of little-endian float32.

    Raises:
        KeyError, TypeError, ValueError, RecursionError: where it is no such thing; see :class:`PartHead`.
    """
    layers = json.loads(text)['layers']
    if not isinstance(layers, list) or not 1 <= len(layers) <= MOST_LAYERS:
        raise ValueError(f'head of {str(layers)[:20]}..., wanted a list of 1 to {MOST_LAYERS} layers')
    weights, biases = [], []
    for layer in layers:
        before, after = map(operator.index, layer['shape'])
        weights.append(_numbers(layer['weights'], (before, after)))
        biases.append(_numbers(layer['bias'], (after,)))
    return PartHead(tuple(weights), tuple(biases))


def _numbers(text: Any, shape: tuple[int, ...]) -> FloatArray:
    if not all(1 <= side <= MOST_WIDE for side in shape):
        raise ValueError(f'head with a layer of {shape}, wanted 1 to {MOST_WIDE} numbers')
    found = np.frombuffer(base64.b64decode(text, validate=True), dtype='<f4')
    if found.size != np.prod(shape):
        raise ValueError(f'head with {found.size} numbers for a layer of {shape}')
    return found.astype(np.float64).reshape(shape)
