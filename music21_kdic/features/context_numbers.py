"""How a part stands to the others of its score, see :data:`~music21_kdic.features.number_names.CONTEXT_NUMBERS`."""

from collections.abc import Sequence

import numpy as np

from music21_kdic.features.number_names import CONTEXT_NUMBERS, MEAN_PITCH, MEANS, OF_NEIGHBOURS
from music21_kdic.features.rows import Numbers
from music21_kdic.reading.notes import FloatArray, NoteSequence

SLOT = 1 / 4  # quarter lengths: onsets in one slot are together
MOST_SLOTS = 8192  # of a score: 512 bars of 4/4; what comes later is as what came before
FAR = 60.0  # semitones: so far below and above is a part where there is none


def context_numbers(parts: Sequence[NoteSequence], numbers: Numbers, drums: bool) -> Numbers:
    """How each part of a score stands to the others, in the order of CONTEXT_NUMBERS; all 0 where there is one part.

    The order of the parts does not matter.

    Args:
        parts: the parts that have windows.
        numbers: of each part (:func:`part_numbers`), shape (parts, len(PART_NUMBERS)).
        drums: whether the score has a part of unpitched percussion.

    Returns:
        float32, shape (parts, len(CONTEXT_NUMBERS)).
    """
    size = len(parts)
    if size < 2:
        return np.zeros((size, len(CONTEXT_NUMBERS)), np.float32)
    height = numbers[:, MEAN_PITCH]
    order = np.argsort(height, kind='stable')
    rank = np.empty(size)
    rank[order] = np.arange(size) / (size - 1)
    below, above = np.full(size, -1), np.full(size, -1)
    below[order[1:]], above[order[:-1]] = order[:-1], order[1:]
    has_below, has_above = (below >= 0)[:, None], (above >= 0)[:, None]
    shared = _shared(parts)
    row = np.arange(size)
    place = np.stack(
        [
            rank,
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
    near, means = numbers[:, OF_NEIGHBOURS], numbers[:, MEANS].astype(np.float64)
    ordered = np.sort(means, axis=0)
    return np.concatenate(
        [
            place,
            near[below] * has_below,
            near[above] * has_above,
            (means.sum(axis=0) - means) / (size - 1),
            np.where(means == ordered[-1], ordered[-2], ordered[-1]),
            np.where(means == ordered[0], ordered[1], ordered[0]),
        ],
        axis=1,
        dtype=np.float32,
    )


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
