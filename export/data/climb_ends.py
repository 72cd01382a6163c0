"""Where climbs end (:mod:`export.evaluation.climb`): notes in BARS bars of 4/4, and how they are kept in a file."""

from collections.abc import Iterator
from pathlib import Path

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


def write_climb_ends(path: Path, ends: list[tuple[Notes, int, str]]) -> None:
    """Write the notes of some ends, the class that each climbed towards, and what it began with."""
    notes, labels, starts = zip(*ends, strict=True)
    of = np.repeat(np.arange(len(ends), dtype=np.int32), [len(each) for each in notes])
    columns = {'notes': np.concatenate(notes), 'of': of, 'label': np.array(labels), 'start': np.array(starts)}
    write_npz(path, columns, compressed=True)


def read_climb_ends(path: Path) -> Iterator[tuple[NoteSequence, str]]:
    """Of each end the notes, and what the climb began with."""
    with np.load(path) as file:
        notes, of, starts = file['notes'], file['of'], file['start'].tolist()
    for number, start in enumerate(starts):
        yield sequence(notes[of == number]), start
