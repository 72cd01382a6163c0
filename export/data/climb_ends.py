"""Where climbs end (:mod:`export.evaluation.climb`): notes in BARS bars of 4/4, and how they are kept in a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from export.data.files import write_npz
from music21_kdic.reading.notes import FloatArray, NoteSequence, bars_from_meters

BAR, BARS = 4.0, 8
RANDOM = 'random'  # what a climb began with: random notes
Notes = FloatArray  # rows of onset, length and pitch


def sequence(notes: Notes) -> NoteSequence:
    """The notes as a part."""
    bars = bars_from_meters([], BAR * BARS)
    return NoteSequence(notes[:, 0], notes[:, 0] + notes[:, 1], notes[:, 2].astype(np.int64), bars)


class ClimbEnd(NamedTuple):
    """Where a climb ends.

    Attributes:
        notes: there.
        label: the class that it climbed towards, an index into CLASSES.
        start: what it began with, RANDOM or what was made of a part.
        split: of the part that it began with; empty for random notes.
    """

    notes: Notes
    label: int
    start: str
    split: str


def write_climb_ends(path: Path, ends: list[ClimbEnd]) -> None:
    """Write some ends, for :func:`read_climb_ends`."""
    columns = {name: np.array([getattr(end, name) for end in ends]) for name in ('label', 'start', 'split')}
    columns['of'] = np.repeat(np.arange(len(ends), dtype=np.int32), [len(end.notes) for end in ends])
    columns['notes'] = np.concatenate([np.zeros((0, 3)), *(end.notes for end in ends)])
    write_npz(path, columns, compressed=True)


def read_climb_ends(path: Path) -> Iterator[ClimbEnd]:
    """The ends in a file; those of one that does not tell splits, as the first did not, have empty ones."""
    with np.load(path) as file:
        columns = dict(file)
    splits = columns.get('split', np.full(columns['start'].size, ''))
    told = zip(columns['label'].tolist(), columns['start'].tolist(), splits.tolist(), strict=True)
    for number, (label, start, split) in enumerate(told):
        yield ClimbEnd(columns['notes'][columns['of'] == number], label, start, split)
