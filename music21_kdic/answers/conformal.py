"""Which classes are plausible: the smallest set that holds the right class in nine of ten parts.

A conformal set with a penalty for its size (RAPS: Angelopoulos et al. 2021, Uncertainty Sets for Image Classifiers
using Conformal Prediction). The classes are taken in the order of their probability. A class belongs to the set while
the probability before it, and a penalty for every class beyond the first few, stay at most a threshold, which was
fitted to parts that the model has not seen.
"""

import numpy as np

from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import Plausible
from music21_kdic.reading.notes import FloatArray, IntArray


def plausible_classes(probabilities: FloatArray, parameters: Plausible) -> list[tuple[str, ...]]:
    """The plausible classes of some parts, the likeliest first; at least one of each.

    Args:
        probabilities: of the classes under equal priors, shape (parts, 8).
        parameters: of the model, see :mod:`music21_kdic.model.contract`.

    >>> parameters = Plausible(threshold=0.6, penalty=0.1, free=2)
    >>> plausible_classes(np.array([[0.5, 0.3, 0.1, 0.1, 0.0, 0.0, 0.0, 0.0]]), parameters)
    [('Guitar', 'Piano')]
    """
    order, before = before_each(probabilities, parameters.penalty, parameters.free)
    sizes = np.maximum(1, (before <= parameters.threshold).sum(axis=1))
    return [tuple(CLASSES[i] for i in row[:size]) for row, size in zip(order.tolist(), sizes.tolist(), strict=True)]


def before_each(probabilities: FloatArray, penalty: float, free: int) -> tuple[IntArray, FloatArray]:
    """The classes from the likeliest on, and what lies before each: probability, and a penalty a rank beyond ``free``.

    Args:
        probabilities: of the classes, shape (parts, 8).
        penalty, free: see :class:`~music21_kdic.model.contract.Plausible`.

    Returns:
        Numbers of the classes, and what lies before them, both of shape (parts, 8).
    """
    order = np.argsort(-probabilities, axis=1, kind='stable')
    falling = np.take_along_axis(probabilities, order, axis=1)
    before = np.cumsum(falling, axis=1) - falling
    return order, before + penalty * np.maximum(0, np.arange(1, len(CLASSES) + 1) - free)
