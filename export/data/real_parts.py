"""Some real parts of each class of each source, for measurements that need notes and not windows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from export.data.near_duplicates import doubled
from export.data.sources import SourceFile
from music21_kdic.classes import CLASSES
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import cut_windows
from music21_kdic.model.session import Model, NetworkAnswers
from music21_kdic.reading.notes import NoteSequence

AT_ONCE = 256  # parts that are asked about in one call


@dataclass(frozen=True)
class RealPart:
    """A part of a collection.

    Attributes:
        notes: what it sounds.
        label: its class, an index into CLASSES.
        source: of its file, as the manifest has it: a collection has one or several.
        split: of its file.
    """

    notes: NoteSequence
    label: int
    source: str
    split: str


def real_parts(
    files: Sequence[SourceFile], splits: Sequence[str], most: int, seed: int, windows: int = 1
) -> list[RealPart]:
    """Draw parts from some splits: of each class of each source and split at most ``most``.

    Files are read in an order that ``seed`` draws, until there are enough. A part that has fewer than so many
    ``windows`` is passed over, and so is one that is doubled (:func:`export.data.near_duplicates.doubled`).
    """
    rng = np.random.default_rng(seed)
    counts: Counter[tuple[str, str, int]] = Counter()
    found: list[RealPart] = []
    wanted = [file for file in files if file.split in splits]
    for place in rng.permutation(len(wanted)).tolist():
        file = wanted[place]
        if all(counts[file.source, file.split, label] >= most for label in range(len(CLASSES))):
            continue
        parts = file.read().parts
        twice = doubled([part.notes for part in parts], [part.label for part in parts])
        for part, is_doubled in zip(parts, twice, strict=True):
            key = file.source, file.split, part.label
            if is_doubled or counts[key] >= most or len(cut_windows(part.notes)) < windows:
                continue
            counts[key] += 1
            found.append(RealPart(part.notes, part.label, file.source, file.split))
    return found


def answers_to(model: Model, parts: Sequence[RealPart]) -> NetworkAnswers:
    """What the network makes of some parts by themselves."""
    numbers = [
        part_numbers([part.notes for part in some], [cut_windows(part.notes) for part in some])
        for some in (parts[first : first + AT_ONCE] for first in range(0, len(parts), AT_ONCE))
    ]
    return model.answer(np.concatenate(numbers))
