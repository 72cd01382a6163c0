"""Make what is taught and tested beside real parts: noise, plain music, climbs; corrupted real parts, and excerpts."""

import zlib
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from export.arguments import add_collections, add_work
from export.data.changes import begun, some_bars
from export.data.climb_ends import RANDOM, ClimbEnd, read_climb_ends, sequence
from export.data.files import make_once, write_npz
from export.data.generators import TAUGHT, TESTED
from export.data.noise import CORRUPTIONS, DRAWN, MADE_FROM, ONLY_MEASURED, drum_parts
from export.data.note_store import NoteStore, store_path
from export.data.sources import COLLECTIONS, NO_CLASS, TESTED_SPLITS
from export.data.views import AS_IT_IS, numbers_of, read_view
from music21_kdic.classes import CLASSES
from music21_kdic.errors import KdicError
from music21_kdic.features.number_names import PART_NUMBERS
from music21_kdic.reading.notes import NoteSequence

# How many of each kind of noise are drawn, and of the noise made from real parts how many a collection.
DRAWN_COUNTS = {
    'train': {'random': 3000, 'walk': 1500, 'cluster': 300, 'low lines': 400, 'drum patterns': 900},
    'val': {'random': 300, 'walk': 200, 'cluster': 50, 'low lines': 100, 'drum patterns': 100},
    'test': {
        'random': 300,
        'walk': 200,
        'cluster': 50,
        'low lines': 100,
        'drum patterns': 150,
        'hiss': 200,
        'rows': 200,
    },
}
FROM_PARTS = {'pop': 2000, 'scores': 600, 'orchestra': 600, 'classical': 800}
WITH_DRUMS = 'pop'  # the collection whose drum tracks are read as pitches
DRUM_FILES = {'train': 700, 'val': 80, 'test': 100}
FEWER = 8  # times as few for val and test
CORRUPTED = {'pop': 12000, 'scores': 3000, 'orchestra': 3600, 'classical': 3900, 'guitar': 900}
EXCERPTS = {'pop': 9000, 'scores': 2500, 'orchestra': 2500, 'classical': 3000, 'guitar': 800, 'jazz': 200}
SHARES = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
PLAIN = {'train': 150, 'test': 40}
LENGTHS = (4, 8, 16, 32)  # bars
EXCERPT_LENGTHS = (2, 4, 8, 8, 16)
LEAST_NOTES, MOST_NOTES, MOST_LINES = 8, 4000, 3000
LONG = 20  # notes of a part that noise is made from
CLASS_POWER = 0.7  # 1: of all classes as many parts are corrupted
NOISE, PLAIN_MUSIC, CORRUPTED_PARTS, CLIMBED = 'noise', 'plain', 'corrupted', 'climbed'
CLIMBED_FROM_NOISE, EXCERPT = 'climbed_from_noise', 'excerpts'
ANY_COLLECTION = 'any'


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``made-up``."""
    add_work(parser)
    parser.add_argument('--data', type=Path, required=True, help='folder of the MIDI collection')
    add_collections(parser, COLLECTIONS)
    for name, what in (('--climbs', 'climbs'), ('--climbs-from-noise', 'climbs from random notes')):
        parser.add_argument(name, type=Path, nargs='*', default=[], help=f'where {what} ended (.npz of `climb`)')


def run(args: Namespace) -> None:
    """Run ``made-up``."""
    what = args.work, args.data, args.collections, args.climbs, args.climbs_from_noise
    make_once(made_up_path(args.work), lambda: write_made_up(*what))


@dataclass(frozen=True, eq=False)
class MadeUp:
    """Parts that are drawn or made, as numbers.

    Attributes:
        numbers: float32, shape (parts, F).
        what: NOISE, PLAIN_MUSIC, CORRUPTED_PARTS, CLIMBED, CLIMBED_FROM_NOISE or EXCERPT, shape (parts,), as are all
            that follow.
        kind: how it is made.
        collection: that the part is of from which it is made; empty where it is made from none, ANY_COLLECTION where
            nobody knows.
        split: train, val or test.
        label: the class, NO_CLASS for noise.
        share: how much of it is corrupted, 0 to 1: 1 for noise, 0 for plain music.
    """

    numbers: npt.NDArray[np.float32]
    what: npt.NDArray[np.str_]
    kind: npt.NDArray[np.str_]
    collection: npt.NDArray[np.str_]
    split: npt.NDArray[np.str_]
    label: npt.NDArray[np.int64]
    share: npt.NDArray[np.float32]

    def select(self, what: str, split: str, kind: str | None = None) -> 'MadeUp':
        """Those of a split; of one kind or of all."""
        rows = (self.what == what) & (self.split == split)
        if kind is not None:
            rows &= self.kind == kind
        return self._rows(rows)

    def without(self, collections: Sequence[str]) -> 'MadeUp':
        """Those that are certainly not made from parts of some collections; all where there are none of these."""
        return self._rows(~np.isin(self.collection, [*collections, ANY_COLLECTION])) if collections else self

    def _rows(self, rows: npt.NDArray[np.bool_]) -> 'MadeUp':
        return MadeUp(*(getattr(self, field.name)[rows] for field in fields(self)))

    def kinds(self, what: str, split: str) -> list[str]:
        """Which kinds there are, in their order."""
        return list(dict.fromkeys(self.kind[(self.what == what) & (self.split == split)].tolist()))

    def __len__(self) -> int:
        return int(self.label.size)


@dataclass(frozen=True, eq=False)
class Made:
    """One such part, before its numbers are known."""

    notes: NoteSequence
    what: str
    kind: str
    collection: str
    split: str
    label: int
    share: float


def made_up_path(work: Path) -> Path:
    """Where they lie."""
    return work / 'parts/made_up.npz'


def write_made_up(
    work: Path,
    data: Path,
    collections: tuple[str, ...],
    climbs: Sequence[Path] = (),
    climbs_from_noise: Sequence[Path] = (),
) -> Path:
    """Make all that there are stores for, and write their numbers.

    Args:
        work: the working folder, with the tables of parts (:mod:`export.data.views`).
        data: the folder of the collections, for drum tracks, which stores do not hold.
        collections: their names.
        climbs: what ``climb`` wrote: where climbs against an earlier student ended.
        climbs_from_noise: the same of climbs that all began with random notes.

    Raises:
        ValueError: where a climb began with a part that is tested on.
    """
    ends = {CLIMBED: _taught_ends(climbs), CLIMBED_FROM_NOISE: _taught_ends(climbs_from_noise)}
    wanted = [name for name in collections if name in {*FROM_PARTS, *CORRUPTED, *EXCERPTS}]
    stores = {name: NoteStore(store_path(work, name)) for name in wanted}
    made = [*draw_noise(stores), *drum_tracks(stores, data), *write_plain_music()]
    made += [*corrupt(work, stores), *excerpts(work, stores)]
    for what, of_kind in ends.items():
        made += [
            Made(sequence(notes), what, start, '' if start == RANDOM else ANY_COLLECTION, 'train', NO_CLASS, 1.0)
            for notes, _, start, _ in of_kind
        ]
    with_numbers = [(each, numbers_of([each.notes], False)[0]) for each in tqdm(made, desc='made up', unit='part')]
    kept = [(each, numbers) for each, numbers in with_numbers if len(numbers)]
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.array([getattr(each, name) for each, _ in kept], kind)
        for name, kind in (
            ('what', str),
            ('kind', str),
            ('collection', str),
            ('split', str),
            ('label', np.int64),
            ('share', np.float32),
        )
    }
    empty = np.zeros((0, len(PART_NUMBERS)), np.float32)
    columns['numbers'] = np.concatenate([empty, *(numbers for _, numbers in kept)])
    path = made_up_path(work)
    write_npz(path, columns)
    return path


def _taught_ends(paths: Sequence[Path]) -> list[ClimbEnd]:
    """Where climbs ended, to be learnt from."""
    ends: list[ClimbEnd] = []
    for path in paths:
        found = list(read_climb_ends(path))
        tested = Counter(end.split for end in found if end.split in TESTED_SPLITS)
        if tested:
            counts = ', '.join(f'{count} of split {split}' for split, count in tested.items())
            raise ValueError(
                f'{path}: climbs that began with parts that are tested on ({counts}): wanted those of '
                '`climb --splits train` or `climb --starts random`'
            )
        ends += found
    return ends


def read_made_up(work: Path) -> MadeUp:
    """Read what :func:`write_made_up` wrote."""
    path = made_up_path(work)
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export made-up` first')
    with np.load(path) as file:
        return MadeUp(**{field.name: file[field.name] for field in fields(MadeUp)})


def draw_noise(stores: dict[str, NoteStore]) -> Iterable[Made]:
    """Noise of all kinds, for every split."""
    for split, counts in DRAWN_COUNTS.items():
        for kind, count in counts.items():
            write = {**DRAWN, **ONLY_MEASURED}[kind]
            for number in range(count):
                yield Made(write(_rng(7, f'{kind} {split}', number)), NOISE, kind, '', split, NO_CLASS, 1.0)
    for collection, store in stores.items():
        most = FROM_PARTS.get(collection, 0)
        for split, count in (('train', most), ('val', most // FEWER), ('test', most // FEWER)):
            rng = np.random.default_rng([9, count])
            rows = np.flatnonzero((store.label >= 0) & store.in_split(split) & (store.count > LONG))
            for row in _drawn(rng, rows, count):
                part = _short(store.notes(row), rng)
                if part is not None:
                    kind = str(rng.choice(list(MADE_FROM)))
                    yield Made(MADE_FROM[kind](part, rng), NOISE, kind, collection, split, NO_CLASS, 1.0)


def drum_tracks(stores: dict[str, NoteStore], data: Path) -> Iterable[Made]:
    """Drum tracks of some files, read as if they were on a melodic channel."""
    rng = np.random.default_rng(3)
    if WITH_DRUMS not in stores:
        return
    store = stores[WITH_DRUMS]
    for split, count in DRUM_FILES.items():
        names = store.names[store.splits == split]
        for number in rng.choice(names.size, min(count, names.size), replace=False):
            try:
                parts = drum_parts(data / str(names[number]))[:1]
            except (KdicError, RuntimeError):  # RuntimeError: symusic's, for a file that cannot be read
                continue
            for part in parts:
                if len(part) >= LEAST_NOTES:
                    shown = begun(part, int(rng.choice((2, *LENGTHS)))) or part
                    yield Made(shown, NOISE, 'drums', WITH_DRUMS, split, NO_CLASS, 1.0)


def write_plain_music() -> Iterable[Made]:
    """Plain music by rule: that which is taught, for training and tests, and that which is only tested."""
    for kinds, split in ((TAUGHT, 'train'), (TAUGHT, 'test'), (TESTED, 'test')):
        for kind, (write, class_name) in kinds.items():
            for number in range(PLAIN[split]):
                notes = write(_rng(11, f'{kind} {split}', number))
                yield Made(notes, PLAIN_MUSIC, kind, '', split, CLASSES.index(class_name), 0.0)


def corrupt(work: Path, stores: dict[str, NoteStore]) -> Iterable[Made]:
    """Parts that may be learnt from, of which a share is corrupted."""
    for collection, store in stores.items():
        rng = np.random.default_rng(len(collection))
        for row in _taught_rows(work, collection, store, CORRUPTED.get(collection, 0), rng):
            part = _short(store.notes(row), rng)
            if part is not None:
                share, how = float(rng.choice(SHARES)), str(rng.choice(list(CORRUPTIONS)))
                some = rng.permutation(len(part))[: round(share * len(part))]
                made = CORRUPTIONS[how](part, some, rng)
                yield Made(made, CORRUPTED_PARTS, how, collection, 'train', int(store.label[row]), share)


def excerpts(work: Path, stores: dict[str, NoteStore]) -> Iterable[Made]:
    """A few bars of parts that may be learnt from: music as short as most of the noise."""
    for collection, store in stores.items():
        rng = np.random.default_rng([13, len(collection)])
        for row in _taught_rows(work, collection, store, EXCERPTS.get(collection, 0), rng):
            bars = int(rng.choice(EXCERPT_LENGTHS))
            part = some_bars(store.notes(row), bars, rng)
            if len(part) >= LEAST_NOTES and part.bars.size <= MOST_LINES:
                yield Made(part, EXCERPT, f'{bars} bars', collection, 'train', int(store.label[row]), 0.0)


def _rng(seed: int, what: str, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(what.encode()), number])


def _taught_rows(work: Path, collection: str, store: NoteStore, count: int, rng: np.random.Generator) -> Sequence[int]:
    """So many rows of parts that may be learnt from, those of small classes more often than they are there."""
    taught = read_view(work, (collection,), AS_IT_IS).taught()
    rows = taught.row[(taught.label >= 0) & (store.count[taught.row] > LONG)]
    weight = np.bincount(store.label[rows], minlength=len(CLASSES))[store.label[rows]] ** -CLASS_POWER
    return _drawn(rng, rows, count, weight / weight.sum())


def _drawn(
    rng: np.random.Generator, rows: npt.NDArray[np.int64], count: int, weight: npt.NDArray[np.float64] | None = None
) -> Sequence[int]:
    """So many of some rows, any of them more than once; none of none."""
    return rng.choice(rows, count, p=weight).tolist() if rows.size else []


def _short(part: NoteSequence, rng: np.random.Generator) -> NoteSequence | None:
    """A part's first bars; None where there is too little or too much of it."""
    part = begun(part, int(rng.choice(LENGTHS))) or part
    return part if LEAST_NOTES <= len(part) <= MOST_NOTES and part.bars.size <= MOST_LINES else None
