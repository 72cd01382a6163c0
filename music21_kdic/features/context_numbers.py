"""How a part stands to the others of its score, and what those are likely to be.

See :data:`~music21_kdic.features.number_names.CONTEXT_NUMBERS`.
"""

from collections.abc import Sequence

import numpy as np

from music21_kdic.features.number_names import MEAN_PITCH, OF_NEIGHBOURS, PLACE_NUMBERS
from music21_kdic.features.rows import Numbers
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

SLOT = 1 / 4  # quarter lengths: onsets in one slot are together
MOST_SLOTS = 8192  # of a score: 512 bars of 4/4; what comes later is as what came before
FAR = 60.0  # semitones: so far below and above is a part where there is none


def place_numbers(parts: Sequence[NoteSequence], numbers: Numbers, drums: bool) -> Numbers:
    """How each part of a score stands to the others, in the order of PLACE_NUMBERS; all 0 where there is one part.

    The order of the parts does not matter.

    Args:
        parts: the parts that have windows.
        numbers: of each part (:func:`part_numbers`), shape (parts, len(PART_NUMBERS)).
        drums: whether the score has a part of unpitched percussion.

    Returns:
        float32, shape (parts, len(PLACE_NUMBERS)).
    """
    size = len(parts)
    if size < 2:
        return np.zeros((size, len(PLACE_NUMBERS)), np.float32)
    height = numbers[:, MEAN_PITCH]
    below, above = _neighbours(height)
    has_below, has_above = (below >= 0)[:, None], (above >= 0)[:, None]
    shared = _shared(parts)
    row = np.arange(size)
    place = np.stack(
        [
            np.argsort(np.argsort(height, kind='stable')) / (size - 1),
            np.full(size, np.log2(size)),
            np.full(size, float(drums)),
            np.where(below >= 0, height - height[below], FAR),
            np.where(above >= 0, height[above] - height, FAR),
            np.ones(size),
            np.where(below >= 0, shared[row, below], 0),
            np.where(above >= 0, shared[row, above], 0),
            np.where(below >= 0, shared[below, row], 0),
            np.where(above >= 0, shared[above, row], 0),
            shared.max(axis=1),
            shared.sum(axis=1) / (size - 1),
            shared.max(axis=0),
        ],
        axis=1,
    )
    near = numbers[:, OF_NEIGHBOURS]
    return np.concatenate([place, near[below] * has_below, near[above] * has_above], axis=1, dtype=np.float32)


def likely_others(likelihoods: FloatArray, height: FloatArray | Numbers) -> Numbers:
    """What the other parts of a score are likely to be: those of CONTEXT_NUMBERS that PLACE_NUMBERS have not.

    All 0 where there is one part; where there is none below or above, 0 for it.

    Args:
        likelihoods: of each part the probabilities of the eight classes, each part classified by itself under equal
            priors, shape (parts, 8).
        height: the mean pitch of each, shape (parts,).

    Returns:
        float32, shape (parts, 32): mean and highest of the other parts, and those of the parts below and above.
    """
    size = len(likelihoods)
    if size < 2:
        return np.zeros((size, 4 * likelihoods.shape[1]), np.float32)
    below, above = _neighbours(height)
    has_below, has_above = (below >= 0)[:, None], (above >= 0)[:, None]
    ordered = np.sort(likelihoods, axis=0)
    return np.concatenate(
        [
            (likelihoods.sum(axis=0) - likelihoods) / (size - 1),
            np.where(likelihoods == ordered[-1], ordered[-2], ordered[-1]),
            likelihoods[below] * has_below,
            likelihoods[above] * has_above,
        ],
        axis=1,
        dtype=np.float32,
    )


def _neighbours(height: FloatArray | Numbers) -> tuple[IntArray, IntArray]:
    """Of each part the next lower and the next higher one, -1 where there is none."""
    order = np.argsort(height, kind='stable')
    below, above = np.full(height.size, -1), np.full(height.size, -1)
    below[order[1:]], above[order[:-1]] = order[:-1], order[1:]
    return below, above


def _shared(parts: Sequence[NoteSequence]) -> FloatArray:
    """Of the slots in which a part begins notes, the share in which another one does, 0 for itself: (parts, parts)."""
    first = min(float(part.onsets[0]) for part in parts)
    slots = [np.round((part.onsets - first) * (1 / SLOT)) for part in parts]
    length = int(min(max(each[-1] for each in slots) + 1, MOST_SLOTS))
    begins = np.zeros((len(parts), length), np.float32)
    for row, each in zip(begins, slots, strict=True):
        row[each[each < length].astype(np.int64)] = 1
    together = begins @ begins.T
    shared: FloatArray = together / np.maximum(together.diagonal()[:, None], 1)
    np.fill_diagonal(shared, 0)
    return shared
