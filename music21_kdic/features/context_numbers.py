"""How a part stands to the others of its score, and what those are likely to be.

See :data:`~music21_kdic.features.number_names.CONTEXT_NUMBERS`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.features.number_names import MEAN_PITCH, OF_NEIGHBOURS, PLACE_NUMBERS
from music21_kdic.features.rows import Numbers
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

SLOT = 1 / 4  # quarter lengths: onsets in one slot are together
MOST_SLOTS = 8192  # of a score: 512 bars of 4/4; what comes later is as what came before
FAR = 60.0  # semitones: so far below and above is a part where there is none
CLOSE = 7.0  # semitones: parts whose mean pitches are no further apart share a register
_COLUMNS = 8192  # of a table at a time: bounds its memory
_SMALL = 2**16  # numbers of a table that is made at once


def place_numbers(parts: Sequence[NoteSequence], numbers: Numbers, drums: bool) -> Numbers:
    """How each part of a score stands to the others, in the order of PLACE_NUMBERS; all 0 where there is one part.

    The order of the parts does not matter. Of parts of the same mean pitch none is lower than another.

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
    height = numbers[:, MEAN_PITCH].astype(np.float64)
    below, above = _neighbours(numbers)
    has_below, has_above = (below >= 0)[:, None], (above >= 0)[:, None]
    shared, in_octaves, in_unison = _shared(parts)
    row = np.arange(size)
    place = np.stack(
        [
            np.searchsorted(np.sort(height), height) / (size - 1),
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
            in_unison.max(axis=1),
            in_unison.sum(axis=1) / (size - 1),
            in_unison.max(axis=0),
            in_octaves.max(axis=1),
            in_octaves.sum(axis=1) / (size - 1),
            np.count_nonzero(np.abs(np.subtract.outer(height, height)) <= CLOSE, axis=1) - 1,
        ],
        axis=1,
    )
    told = numbers[:, OF_NEIGHBOURS]
    ordered = np.sort(told, axis=0)
    others = [
        np.where(told == ordered[0], ordered[1], ordered[0]),
        (told.sum(axis=0) - told) / (size - 1),
        np.where(told == ordered[-1], ordered[-2], ordered[-1]),
    ]
    return np.concatenate([place, told[below] * has_below, told[above] * has_above, *others], axis=1, dtype=np.float32)


def likely_others(likelihoods: FloatArray, numbers: Numbers) -> Numbers:
    """What the other parts of a score are likely to be: those of CONTEXT_NUMBERS that PLACE_NUMBERS have not.

    All 0 where there is one part; where there is none below or above, 0 for it.

    Args:
        likelihoods: of each part the probabilities of the eight classes, each part classified by itself under equal
            priors, shape (parts, 8).
        numbers: of each part, as for :func:`place_numbers`.

    Returns:
        float32, shape (parts, 32): mean and highest of the other parts, and those of the parts below and above.
    """
    size = len(likelihoods)
    if size < 2:
        return np.zeros((size, 4 * likelihoods.shape[1]), np.float32)
    below, above = _neighbours(numbers)
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


def _neighbours(numbers: Numbers) -> tuple[IntArray, IntArray]:
    """Of each part the next lower and the next higher one by mean pitch, -1 where there is none.

    Of several parts with that mean pitch, it is the one with the smallest sum of its numbers.
    """
    height = numbers[:, MEAN_PITCH]
    order = np.lexsort((numbers.sum(axis=1), height))
    _, first, rank = np.unique(height[order], return_index=True, return_inverse=True)
    of_rank = np.concatenate([[-1], order[first], [-1]])
    below, above = np.empty_like(order), np.empty_like(order)
    below[order], above[order] = of_rank[rank], of_rank[rank + 2]
    return below, above


def _shared(parts: Sequence[NoteSequence]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of what a part does, the share that another one does, too, 0 for itself: each of shape (parts, parts).

    Returns:
        Of the slots in which it begins notes; of the pitch classes that it begins there; of the pitches.
    """
    first = min(float(part.onsets[0]) for part in parts)
    slots = [np.round((part.onsets - first) * (1 / SLOT)) for part in parts]
    within = [int(np.searchsorted(each, MOST_SLOTS)) for each in slots]
    of = np.repeat(np.arange(len(parts)), within)
    slot = np.concatenate([each[:count] for each, count in zip(slots, within, strict=True)]).astype(np.int64)
    pitch = np.concatenate([part.pitches[:count] for part, count in zip(parts, within, strict=True)])
    slot_alone, pitch_class, exactly = (
        _in_common(thing, of, len(parts)) for thing in (slot, slot * 12 + pitch % 12, slot * 128 + pitch)
    )
    return slot_alone, pitch_class, exactly


def _in_common(thing: IntArray, of: IntArray, size: int) -> FloatArray:
    """Of the different things of each part, the share that another part has, too, 0 for itself: (parts, parts)."""
    different = int(thing.max(initial=-1)) + 1
    if size * different <= _SMALL:  # a table of all of them: faster than to find those that are there
        table = np.zeros((size, different), np.float32)
        table[of, thing] = 1
        common = table @ table.T
        return _shares(common, common.diagonal())
    key = np.sort(thing * size + of)
    key = key[np.append(True, key[1:] != key[:-1])]
    thing = key // size
    part = key - thing * size
    own = np.bincount(part, minlength=size)
    begins = np.flatnonzero(np.append(True, thing[1:] != thing[:-1]))
    counts = np.diff(begins, append=thing.size)
    several = np.repeat(counts > 1, counts)  # what one part alone has is in common with none
    part = part[several]
    column = np.repeat(np.arange(np.count_nonzero(counts > 1)), counts[counts > 1])
    common = np.zeros((size, size))
    for start in range(0, int(column[-1]) + 1 if column.size else 0, _COLUMNS):
        some = slice(*np.searchsorted(column, (start, start + _COLUMNS)))
        table = np.zeros((size, min(_COLUMNS, int(column[-1]) + 1 - start)), np.float32)
        table[part[some], column[some] - start] = 1
        common += table @ table.T
    return _shares(common, own)


def _shares(common: npt.NDArray[np.floating], own: npt.NDArray[Any]) -> FloatArray:
    """How many things parts have in common, as a share of each part's own; 0 for itself."""
    shares: FloatArray = common / np.maximum(own, 1.0, dtype=np.float64)[:, None]
    np.fill_diagonal(shares, 0)
    return shares
