"""Read the notes of collections into one file each, so that the numbers of all parts can be made again in minutes."""

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from export.arguments import add_collection, add_jobs, add_work
from export.data.files import write_npz
from export.data.sources import COLLECTIONS, FILES_AT_ONCE, NO_CLASS, NO_CLASS_PROGRAM, ManifestFile, manifest_files
from music21_kdic.classes import CLASSES
from music21_kdic.errors import KdicError
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.notes import NoteSequence

NO_PROGRAM = -1
CORPUS_STORE = 'corpus'  # the store of export.data.corpus
# Why a part has no class, see :meth:`export.data.sources.ManifestFile.labels_of`.
REASONS = (
    '',
    'drums',
    'stands in for the singer',
    'program not certain',
    'no program set',
    'every program of the file is 0',
    NO_CLASS_PROGRAM,
)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``note-store``."""
    add_work(parser)
    add_jobs(parser)
    add_collection(parser, collections=COLLECTIONS)


def run(args: Namespace) -> None:
    """Run ``note-store``."""
    for path in write_stores(args.data, args.manifest, args.collections, args.work, args.jobs):
        print(f'wrote {path}')


def store_path(work: Path, collection: str) -> Path:
    """Where the notes of a collection lie."""
    return work / f'notes/{collection}.npz'


class NoteStore:
    """The parts of a collection's files, file after file, drums too.

    Raises:
        FileNotFoundError: where the file is not there.

    Attributes:
        onsets, ends, pitches: of all notes, part after part; quarter lengths and MIDI pitches.
        bars: barlines of all files, file after file.
        count: how many notes each part has, shape (parts,), as are the next six.
        file_of: index of its file.
        part: its index in the file.
        program: General MIDI program, NO_PROGRAM where none was set.
        label: its class, NO_CLASS where it has none.
        reason: why it has none, index into REASONS.
        drums: whether it is unpitched percussion.
        names, groups, splits, file_bars: of each file; file_bars: how many barlines.
    """

    onsets: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]
    pitches: npt.NDArray[np.uint8]
    bars: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]
    file_of: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]
    program: npt.NDArray[np.int64]
    label: npt.NDArray[np.int64]
    reason: npt.NDArray[np.int64]
    drums: npt.NDArray[np.bool_]
    names: npt.NDArray[np.str_]
    groups: npt.NDArray[np.str_]
    splits: npt.NDArray[np.str_]
    file_bars: npt.NDArray[np.int64]

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise FileNotFoundError(f'{path}: not there; run `python -m export note-store` first')
        with np.load(path) as file:
            for name in file.files:
                setattr(self, name, file[name])
        self._first = np.concatenate([[0], np.cumsum(self.count)])
        self._first_bar = np.concatenate([[0], np.cumsum(self.file_bars)])

    def notes(self, row: int) -> NoteSequence:
        """The notes of one part."""
        here = slice(self._first[row], self._first[row + 1])
        file = self.file_of[row]
        bars = self.bars[self._first_bar[file] : self._first_bar[file + 1]]
        return NoteSequence(self.onsets[here], self.ends[here], self.pitches[here].astype(np.int64), bars)

    def files(self) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """Each file that has pitched parts: its index and the rows of those."""
        rows = np.flatnonzero(~self.drums)
        for some in np.split(rows, np.flatnonzero(np.diff(self.file_of[rows])) + 1):
            if some.size:
                yield int(self.file_of[some[0]]), some

    def in_split(self, *splits: str) -> npt.NDArray[np.bool_]:
        """Which parts are of some splits."""
        return np.isin(self.splits[self.file_of], splits)


class StoredPart(NamedTuple):
    """A part as it is stored; the fields are the columns of :class:`NoteStore`."""

    onsets: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]
    pitches: npt.NDArray[np.uint8]
    part: int
    program: int
    label: int
    reason: int
    drums: bool


class StoredFile(NamedTuple):
    """A file as it is stored: name, group, split, barlines and parts."""

    name: str
    group: str
    split: str
    bars: npt.NDArray[np.float64]
    parts: list[StoredPart]


def write_stores(data: Path, manifest: Path | None, collections: tuple[str, ...], work: Path, jobs: int) -> list[Path]:
    """Read the collections that have no store yet; the paths of all."""
    paths = {collection: store_path(work, collection) for collection in collections}
    todo = {name: manifest_files(data, manifest, (name,)) for name, path in paths.items() if not path.exists()}
    for name, files in todo.items():
        with ProcessPoolExecutor(jobs) as pool:
            read = pool.map(_read, files, chunksize=FILES_AT_ONCE)
            write_files(list(tqdm(read, total=len(files), desc=f'notes of {name}', unit='file')), paths[name])
    return list(paths.values())


def write_files(files: list[StoredFile], path: Path) -> None:
    """Write files, for :class:`NoteStore`."""
    parts = [(number, part) for number, file in enumerate(files) for part in file.parts]
    columns: dict[str, list[Any]] = defaultdict(list)
    for _, part in parts:
        for name, value in part._asdict().items():
            columns[name].append(value)
    joined = {name: columns.pop(name, []) for name in ('onsets', 'ends', 'pitches')}
    kinds = {'onsets': np.float64, 'ends': np.float64, 'pitches': np.uint8}
    write_npz(
        path,
        {name: np.concatenate([np.zeros(0, kinds[name]), *values]) for name, values in joined.items()}
        | {name: np.array(columns.get(name, []), np.int64) for name in ('part', 'program', 'label', 'reason')}
        | {
            'drums': np.array(columns.get('drums', []), np.bool_),
            'count': np.array([part.onsets.size for _, part in parts], np.int64),
            'file_of': np.array([number for number, _ in parts], np.int64),
            'bars': np.concatenate([np.zeros(0), *(file.bars for file in files)]),
            'names': np.array([file.name for file in files], np.str_),
            'groups': np.array([file.group for file in files], np.str_),
            'splits': np.array([file.split for file in files], np.str_),
            'file_bars': np.array([file.bars.size for file in files], np.int64),
        },
    )


def _read(file: ManifestFile) -> StoredFile:
    """A file; one that cannot be read has no parts."""
    try:
        read = read_midi(file.path)
    except KdicError:
        return StoredFile(file.name, file.group, file.split, np.zeros(0), [])
    parts = []
    for number, (part, (label, reason)) in enumerate(zip(read, file.labels_of(read), strict=True)):
        parts.append(
            StoredPart(
                part.notes.onsets,
                part.notes.ends,
                part.notes.pitches.astype(np.uint8),
                number,
                NO_PROGRAM if part.program is None else part.program,
                CLASSES.index(label) if label else NO_CLASS,
                0 if label else REASONS.index(reason),
                part.is_drum,
            )
        )
    return StoredFile(file.name, file.group, file.split, read[0].notes.bars if read else np.zeros(0), parts)
