"""Music that is there twice: parts that double another's notes, and files that hold a piece of the test corpus."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from export.data.note_store import NoteStore
from music21_kdic.classes import CLASSES, class_of_program
from music21_kdic.reading.notes import NoteSequence

DOUBLED = 0.7  # share of 8-grams of pitch classes in common
LEAST_SIZE = 0.4  # of the smaller set of 8-grams beside the larger
GRAM, LONG_GRAM = 8, 16
LEAST_GRAMS, LEAST_SHARE = 8, 0.1  # in common with a piece of the corpus
TICKS = 24  # of a quarter length, that onsets are rounded to for their order
LONGEST = 63  # twelfths of a quarter length between two notes of a long gram
Ints = npt.NDArray[np.int64]


def doubled_parts(store: NoteStore) -> npt.NDArray[np.bool_]:
    """Which labelled parts are doubled (:func:`doubled`) by any part of their file: (parts,)."""
    found = np.zeros(store.count.size, np.bool_)
    for _, rows in store.files():
        found[rows] = doubled([store.notes(int(row)) for row in rows], [_family(store, int(row)) for row in rows])
    return found & (store.label >= 0)


def doubled(parts: Sequence[NoteSequence], families: Sequence[object]) -> list[bool]:
    """Of each part of a file, whether one of another family plays the same notes: most 8-grams of pitch classes."""
    grams = [_grams(part) for part in parts]
    return [
        any(family != own and _same(mine, others) for family, others in zip(families, grams, strict=True))
        for own, mine in zip(families, grams, strict=True)
    ]


def files_near(store: NoteStore, corpus: NoteStore) -> npt.NDArray[np.bool_]:
    """Which files hold a piece of the corpus: rhythm and pitches of 16 notes, eight times and in a tenth of it."""
    pieces: dict[int, set[str]] = defaultdict(set)
    sizes: Counter[str] = Counter()
    for file, rows in corpus.files():
        piece = str(corpus.groups[file])
        for gram in set[int]().union(*(_long_grams(corpus.notes(int(row))) for row in rows)):
            sizes[piece] += piece not in pieces[gram]
            pieces[gram].add(piece)
    found = np.zeros(store.names.size, np.bool_)
    for file, rows in store.files():
        grams = set[int]().union(*(_long_grams(store.notes(int(row))) for row in rows))
        hits = Counter(piece for gram in grams if gram in pieces for piece in pieces[gram])
        found[file] = any(
            count >= max(LEAST_GRAMS, LEAST_SHARE * min(len(grams), sizes[piece])) for piece, count in hits.items()
        )
    return found


def _family(store: NoteStore, row: int) -> str:
    """The class of a part, or the group of eight General MIDI programs that its own is in."""
    if store.label[row] >= 0:
        return CLASSES[int(store.label[row])]
    program = int(store.program[row])
    family: str | None = class_of_program(program) if program >= 0 else None
    return family or f'other {program // 8}'


def _in_order(part: NoteSequence) -> tuple[npt.NDArray[np.float64], Ints]:
    """Onsets and pitches of a part, those of one chord from the lowest."""
    order = np.lexsort((part.pitches, np.round(part.onsets * TICKS)))
    return part.onsets[order], part.pitches[order].astype(np.int64)


def _grams(part: NoteSequence) -> Ints:
    """The different sequences of GRAM pitch classes."""
    _, pitches = _in_order(part)
    if pitches.size < GRAM:
        return np.zeros(0, np.int64)
    return np.unique(np.lib.stride_tricks.sliding_window_view(pitches % 12, GRAM) @ (12 ** np.arange(GRAM)))


def _long_grams(part: NoteSequence) -> set[int]:
    """Hashes of the different sequences of LONG_GRAM pitches, each with the time since the note before."""
    onsets, pitches = _in_order(part)
    if pitches.size < LONG_GRAM:
        return set()
    since = np.minimum(np.round(np.diff(onsets, prepend=onsets[:1]) * 12).astype(np.int64), LONGEST)
    windows = np.lib.stride_tricks.sliding_window_view(pitches * (LONGEST + 1) + since, LONG_GRAM).copy()
    windows[:, 0] = pitches[: len(windows)] * (LONGEST + 1)  # what came before the first note is not in it
    factors = np.random.default_rng(0).integers(1, 2**62, LONG_GRAM, dtype=np.int64) | 1
    return set(np.unique((windows * factors).sum(axis=1)).tolist())


def _same(one: Ints, other: Ints) -> bool:
    small, large = sorted((one.size, other.size))
    if not small or small < LEAST_SIZE * large:
        return False
    return np.intersect1d(one, other, assume_unique=True).size >= DOUBLED * small
