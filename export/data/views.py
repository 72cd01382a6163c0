"""Make the tables of parts from the stores of notes: parts as they are, changed, and cut to their first bars."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from export.arguments import add_collections, add_jobs, add_work
from export.data.changes import PartOf, begun, changed
from export.data.near_duplicates import doubled_parts, files_near
from export.data.note_store import CORPUS_STORE, REASONS, NoteStore, store_path
from export.data.part_table import PartTable, read_tables, write_table
from export.data.sources import COLLECTIONS, NEVER_LEARNT, NO_CLASS_PROGRAM
from music21_kdic.errors import NoteError
from music21_kdic.features.context_numbers import place_numbers
from music21_kdic.features.number_names import CONTEXT_NUMBERS, PART_NUMBERS, PLACE_NUMBERS
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import Windows, cut_windows
from music21_kdic.reading.notes import NoteSequence

AS_IT_IS = 0
VIEWS = (AS_IT_IS, 1, 2, 3)  # the others are changed, each in another way
BARS = (2, 4, 8, 16)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``views``."""
    add_work(parser)
    add_jobs(parser)
    add_collections(parser, COLLECTIONS)


def run(args: Namespace) -> None:
    """Run ``views``."""
    write_views(args.work, args.collections, args.jobs)
    print(f'wrote {args.work}/parts')


def view_path(work: Path, collection: str, view: int) -> Path:
    """Where a view of a collection lies."""
    return work / f'parts/view{view}_{collection}.npz'


def begun_path(work: Path, collection: str, bars: int) -> Path:
    """Where the parts of a collection lie that are cut to so many bars."""
    return work / f'parts/bars{bars}_{collection}.npz'


def read_view(work: Path, collections: tuple[str, ...], view: int) -> PartTable:
    """A view of some collections; of changed ones those that have any training files."""
    paths = [
        view_path(work, collection, view)
        for collection in collections
        if view == AS_IT_IS or collection != NEVER_LEARNT
    ]
    return read_tables(paths)


def read_begun(work: Path, collections: tuple[str, ...], bars: int) -> PartTable:
    """The parts of some collections that are cut to so many bars."""
    return read_tables([begun_path(work, collection, bars) for collection in collections])


def write_views(work: Path, collections: tuple[str, ...], jobs: int) -> None:
    """Make the tables that are not there yet, of all views and lengths."""
    with ProcessPoolExecutor(jobs) as pool:
        for _ in tqdm(pool.map(partial(_write, work), collections), total=len(collections), desc='views'):
            pass


def _write(work: Path, collection: str) -> None:
    todo: dict[Path, Callable[[MarkedStore], PartTable]] = {}
    for view in VIEWS if collection != NEVER_LEARNT else (AS_IT_IS,):
        todo[view_path(work, collection, view)] = partial(view_of, view=view)
    for bars in BARS:
        todo[begun_path(work, collection, bars)] = partial(begun_view, bars=bars)
    todo = {path: make for path, make in todo.items() if not path.exists()}
    if todo:
        store = NoteStore(store_path(work, collection))
        near = files_near(store, NoteStore(store_path(work, CORPUS_STORE)))
        marked = MarkedStore(store, collection, doubled_parts(store), near)
        for path, make in todo.items():
            write_table(make(marked), path)


@dataclass(frozen=True, eq=False)
class MarkedStore:
    """A collection's notes, and what of them is there twice.

    Attributes:
        store: the notes.
        collection: its name.
        doubled: of each part, see :func:`export.data.near_duplicates.doubled_parts`.
        near_corpus: of each file, see :func:`export.data.near_duplicates.files_near`.
    """

    store: NoteStore
    collection: str
    doubled: npt.NDArray[np.bool_]
    near_corpus: npt.NDArray[np.bool_]


def numbers_of(parts: list[NoteSequence], drums: bool) -> tuple[Floats, Floats, Ints]:
    """The numbers of the parts of a score, how they stand to one another, and which parts have windows at all."""
    cut: list[Windows] = []
    with_windows = []
    for row, part in enumerate(parts):
        try:
            windows = cut_windows(part)
        except NoteError:  # more windows than are read
            continue
        if len(windows):
            cut.append(windows)
            with_windows.append(row)
    if not cut:
        return np.zeros((0, len(PART_NUMBERS)), np.float32), np.zeros((0, len(PLACE_NUMBERS)), np.float32), _none()
    classified = [parts[row] for row in with_windows]
    numbers = part_numbers(classified, cut)
    return numbers, place_numbers(classified, numbers, drums), np.array(with_windows)


def view_of(marked: MarkedStore, view: int) -> PartTable:
    """A view of a collection: AS_IT_IS, or the training files changed (:mod:`export.data.changes`)."""
    store = marked.store
    before: list[PartOf] = []

    def parts_of(file: int, rows: Ints) -> list[PartOf]:
        nonlocal before
        parts = [PartOf(store.notes(int(row)), int(row), int(store.label[row])) for row in rows]
        if view == AS_IT_IS:
            return parts
        if store.splits[file] != 'train':
            return []
        # The first changed view keeps every part, and puts in none.
        result = changed(parts, before if view > 1 else None, str(store.names[file]), view)
        before = parts
        return result

    return _table(marked, parts_of)


def begun_view(marked: MarkedStore, bars: int) -> PartTable:
    """The labelled parts that are not trained on, and are longer than so many bars, cut to those."""
    store = marked.store

    def parts_of(file: int, rows: Ints) -> list[PartOf]:
        if store.splits[file] == 'train':
            return []
        labelled = [int(row) for row in rows if store.label[row] >= 0 and store.count[row]]
        parts = [(begun(store.notes(row), bars), row) for row in labelled]
        return [PartOf(notes, row, int(store.label[row])) for notes, row in parts if notes is not None]

    return _table(marked, parts_of)


def _table(marked: MarkedStore, parts_of: Callable[[int, Ints], list[PartOf]]) -> PartTable:
    store = marked.store
    with_drums = set(store.file_of[store.drums].tolist())
    numbers = [np.zeros((0, len(PART_NUMBERS)), np.float32)]
    context = [np.zeros((0, len(CONTEXT_NUMBERS)), np.float32)]
    known, rows, piece = [np.zeros(0, np.bool_)], [_none()], [_none()]
    for file, here in store.files():
        parts = parts_of(file, here)
        own, around, with_windows = numbers_of([part.notes for part in parts], file in with_drums)
        numbers.append(own)
        context.append(np.pad(around, ((0, 0), (0, len(CONTEXT_NUMBERS) - len(PLACE_NUMBERS)))))
        piece.append(np.full(len(own), file))
        known.append(np.full(len(own), len(own) > 1))
        rows.append(np.array([parts[i].row for i in with_windows], np.int64))
    row = np.concatenate(rows)
    file_of = store.file_of[row]
    return PartTable(
        numbers=np.concatenate(numbers),
        context=np.concatenate(context),
        piece=np.concatenate(piece),
        known=np.concatenate(known),
        label=store.label[row],
        outside=store.reason[row] == REASONS.index(NO_CLASS_PROGRAM),
        program=store.program[row],
        collection=np.full(row.size, COLLECTIONS.index(marked.collection)),
        group=store.groups[file_of],
        split=store.splits[file_of],
        doubled=marked.doubled[row],
        near_corpus=marked.near_corpus[file_of],
        row=row,
    )


def _none() -> Ints:
    return np.zeros(0, np.int64)
