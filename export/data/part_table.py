"""The table of parts: what students of parts learn from and are tested on, as numbers, one row per part and view."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export.data.files import write_npz
from export.data.sources import COLLECTIONS, TESTED_SPLITS
from music21_kdic.classes import CLASSES
from music21_kdic.features.context_numbers import likely_others
from music21_kdic.features.number_names import PLACE_NUMBERS

# How much a collection, a class in it, and a file's parts of one class count beside others: their size to these powers.
COLLECTION_POWER, CLASS_POWER, GROUP_POWER = 0.6, 0.5, 0.6
MOST_WEIGHT = 10.0  # as a multiple of the collection's median
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class OtherTableError(ValueError):
    """What is said of the parts of another table."""


@dataclass(frozen=True, eq=False)
class PartTable:
    """Parts of files, file after file.

    Attributes:
        numbers: PART_NUMBERS of each (:mod:`music21_kdic.features.number_names`), float32, shape (parts, F).
        context: CONTEXT_NUMBERS of each, float32, shape (parts, C); what the others are likely to be is 0 until
            the table is :meth:`told`.
        piece: parts that stand together have the same number, the next piece's another one, shape (parts,), as are
            all that follow.
        known: whether it stands in a score of several parts.
        label: its class, NO_CLASS where it has none.
        outside: whether it is of an instrument outside the classes, and not left out for another reason.
        program: General MIDI program, NO_PROGRAM where none is set.
        collection: index into COLLECTIONS.
        group: its cluster of near-duplicate files.
        split: train, val or test; lakh for all of lakh.
        doubled: whether a part of another family plays the same notes.
        near_corpus: whether its file holds a piece of music21's corpus.
        row: its row in the collection's store of notes.
    """

    numbers: Floats
    context: Floats
    piece: Ints
    known: Bools
    label: Ints
    outside: Bools
    program: Ints
    collection: Ints
    group: npt.NDArray[np.str_]
    split: npt.NDArray[np.str_]
    doubled: Bools
    near_corpus: Bools
    row: Ints

    def __len__(self) -> int:
        return int(self.label.size)

    def select(self, rows: npt.NDArray[np.bool_ | np.int64]) -> 'PartTable':
        """Some of the parts."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @staticmethod
    def joined(tables: 'list[PartTable]') -> 'PartTable':
        """Several tables, one after the other."""
        pieces = np.cumsum([0, *(table.piece.max(initial=-1) + 1 for table in tables)])
        tables = [replace(table, piece=table.piece + first) for table, first in zip(tables, pieces[:-1], strict=True)]
        return PartTable(*(np.concatenate([getattr(t, field.name) for t in tables]) for field in fields(PartTable)))

    def told(self, likelihoods: npt.NDArray[np.floating]) -> 'PartTable':
        """The table with what the other parts of each score are likely to be.

        Args:
            likelihoods: of each part by itself the probabilities of the classes under equal priors, shape (parts, 8).

        Raises:
            OtherTableError: where they are of more or fewer parts.
        """
        if len(likelihoods) != len(self):
            raise OtherTableError(
                f'likelihoods of {len(likelihoods):,} parts, wanted {len(self):,}, those of the table: give the '
                '--collections that they were made of, or delete what WORK/RECIPE holds and run '
                '`python -m export train-assistants` again'
            )
        context = self.context.copy()
        begins = np.flatnonzero(np.diff(self.piece, prepend=-1))
        for first, end in zip(begins, [*begins[1:], len(self)], strict=True):
            rows = slice(first, end)
            of_score = likelihoods[rows].astype(np.float64)
            context[rows, len(PLACE_NUMBERS) :] = likely_others(of_score, self.numbers[rows])
        return replace(self, context=context)

    def taught(self, leave_out: tuple[str, ...] = ()) -> 'PartTable':
        """What may be learnt from: the training split without doubled parts, pieces of the corpus and some collections.

        Parts of instruments outside the classes are among them; near-duplicates of what is left out are not.
        """
        left_out = self.of_collections(leave_out)
        left_out |= np.isin(self.group, np.unique(self.group[left_out]))
        keep = (self.split == 'train') & ~self.near_corpus & ~left_out
        return self.select(keep & np.where(self.label >= 0, ~self.doubled, self.outside))

    def near(self, names: Sequence[str]) -> list[str]:
        """Some collections, and those that hold near-duplicates of their files."""
        groups = np.unique(self.group[self.of_collections(names)])
        return [COLLECTIONS[number] for number in np.unique(self.collection[np.isin(self.group, groups)])]

    def of_collections(self, names: Iterable[str]) -> Bools:
        """Which parts are of some collections."""
        found: Bools = np.isin(self.collection, [COLLECTIONS.index(name) for name in names])
        return found

    @property
    def tested(self) -> Bools:
        """Which parts are labelled and tested on: the test split, and all of lakh."""
        return np.isin(self.split, TESTED_SPLITS) & (self.label >= 0)

    @property
    def training(self) -> Bools:
        """Which parts are labelled and of the training split."""
        found: Bools = (self.split == 'train') & (self.label >= 0)
        return found

    @property
    def validation(self) -> Bools:
        """Which parts are labelled and of the validation split."""
        found: Bools = (self.split == 'val') & (self.label >= 0)
        return found

    def identities(self) -> list[tuple[int, int]]:
        """Of each part its collection and its row there, which no other part has."""
        return list(zip(self.collection.tolist(), self.row.tolist(), strict=True))


def balanced_weights(collection: Ints, label: Ints, group: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
    """How much each part counts, so that no collection, class or cluster of files drowns the others; mean 1.

    A collection of n parts counts as n ** COLLECTION_POWER, a class of n parts within it as n ** CLASS_POWER, and a
    cluster's n parts of one class as n ** GROUP_POWER; nothing counts more than MOST_WEIGHT times the collection's
    median.
    """
    of_collection = _occurrences(collection)
    weight = (
        of_collection ** (COLLECTION_POWER - 1)
        * (_occurrences(collection, label) / of_collection) ** (CLASS_POWER - 1)
        * _occurrences(collection, group, label) ** (GROUP_POWER - 1)
    )
    for each in np.unique(collection):
        rows = collection == each
        weight[rows] = np.minimum(weight[rows], MOST_WEIGHT * np.median(weight[rows]))
    result: npt.NDArray[np.float64] = weight / weight.mean()
    return result


def fold_of(table: PartTable, folds: int) -> Ints:
    """Which fold each part belongs to, from 0; a cluster of near-duplicate files is in one."""
    return np.array([zlib.crc32(b'%d' % folds + group.encode()) % folds for group in table.group], np.int64)


def class_priors(label: Ints, weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How frequent the classes are, so weighted: shape (8,)."""
    frequency = np.bincount(label, weight, len(CLASSES))
    priors: npt.NDArray[np.float64] = frequency / frequency.sum()
    return priors


def write_table(table: PartTable, path: Path) -> None:
    """Write a table, for :func:`read_tables`."""
    write_npz(path, {field.name: getattr(table, field.name) for field in fields(table)})


def read_tables(paths: Iterable[Path]) -> PartTable:
    """Read the tables of several collections as one.

    Raises:
        FileNotFoundError: where one is not there.
    """
    tables = []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f'{path}: not there; run `python -m export views` first')
        with np.load(path) as file:
            tables.append(PartTable(**{field.name: file[field.name] for field in fields(PartTable)}))
    return PartTable.joined(tables)


def _occurrences(*keys: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """How many parts have the same keys as each."""
    codes = np.stack([np.unique(key, return_inverse=True)[1] for key in keys])
    same = np.unique(codes, axis=1, return_inverse=True)[1].ravel()
    return np.bincount(same)[same].astype(np.float64)
