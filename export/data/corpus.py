"""Read the corpus that ships with music21, a test set: it is never trained on."""

import re
import signal
import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from export.arguments import add_work
from export.data.files import make_once
from export.data.note_store import (
    CORPUS_STORE,
    NO_PROGRAM,
    REASONS,
    NoteStore,
    StoredFile,
    StoredPart,
    store_path,
    write_files,
)
from export.data.sources import NO_CLASS
from music21_kdic.classes import CLASSES
from music21_kdic.reading.pieces import parts_of
from music21_kdic.reading.streams import note_sequence

# Folk songs and vocal music: hundreds of files, in which no instrument is named.
LEFT_OUT = frozenset((
    'essenFolksong', 'oneills1850', 'ryansMammoth', 'airdsAirs', 'nottingham-dataset', 'miscFolk', 'trecento', 'demos',
    'theoryExercises', 'leadSheet', 'palestrina', 'monteverdi', 'ciconia', 'josquin', 'luca', 'lusitano',
))  # fmt: skip
SECONDS = 60  # for one score
# A part's own name says more than the instrument that a file gives it: chorales have pianos named Soprano.
NAMED = (
    ('Strings', r'violin|viola|violoncello|cello|violone|viol\b|contrabass|double bass|strings'),
    ('Brass', r'horn|trumpet|cornet|trombone|tuba|corno|tromba'),
    ('Reed', r'oboe|klarinet|clarinet|fagott|bassoon|taille|sax'),
    ('Pipe', r'flute|flöte|recorder|piccolo|flauto'),
    ('Organ', r'organ\b|orgel'),
    ('Piano', r'piano|klavier|harpsichord|cembalo'),
    ('Guitar', r'guitar'),
)
NOT_ONE = re.compile(r'soprano|alto|tenor|bass\b|voice|gesang|choir|continuo|timpani|organo', re.I)
PLUCKED = ('Lute', 'Mandolin', 'Banjo', 'Sitar', 'Koto', 'Shamisen', 'Ukulele')
# Classes of music21.instrument, the first that fits.
KINDS = (
    ('Bass', ('ElectricBass', 'FretlessBass', 'AcousticBass')),
    ('Guitar', ('Guitar',)),
    ('Piano', ('Piano', 'Harpsichord', 'Clavichord')),
    ('Organ', ('Organ',)),
    ('Strings', ('StringInstrument',)),
    ('Brass', ('BrassInstrument',)),
    ('Pipe', ('Flute', 'Recorder', 'PanFlute')),
    ('Reed', ('Saxophone', 'Oboe', 'Clarinet', 'Bassoon')),
)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``corpus``."""
    add_work(parser)


def run(args: Namespace) -> None:
    """Run ``corpus``."""
    make_once(store_path(args.work, CORPUS_STORE), lambda: write_corpus(args.work))


def class_of_part(name: str, instrument: Any) -> int:
    """The class of a part by its name, else by its music21 Instrument.

    NO_CLASS for a voice, several instruments, or none.

    >>> from music21 import instrument
    >>> CLASSES[class_of_part('Violino I. Viola', instrument.Piano())], class_of_part('Soprano', instrument.Piano())
    ('Strings', -1)
    >>> CLASSES[class_of_part('', instrument.Tuba())]
    'Brass'
    """
    if NOT_ONE.search(name):
        return NO_CLASS
    for class_name, pattern in NAMED:
        if re.search(pattern, name, re.I):
            return CLASSES.index(class_name)
    classes = set(instrument.classes)
    if classes & {'Vocalist', 'Percussion', *PLUCKED}:
        return NO_CLASS
    return next((CLASSES.index(class_name) for class_name, kinds in KINDS if classes & set(kinds)), NO_CLASS)


def write_corpus(work: Path, sources: list[Path] | None = None) -> Path:
    """Parse the corpus, an hour's work at most, and write a store in which each part is a file and its piece the group.

    Args:
        work: the working folder.
        sources: the files to read; None is the whole corpus but LEFT_OUT.
    """
    from music21 import corpus

    warnings.simplefilter('ignore')
    everything = [Path(source) for source in sorted(corpus.getCorePaths())] if sources is None else sources
    chosen = [source for source in everything if not LEFT_OUT & set(source.parts)]
    files = [file for source in tqdm(chosen, desc='corpus', unit='piece') for file in _parts_of_piece(source)]
    path = store_path(work, CORPUS_STORE)
    write_files(files, path)
    return path


def _parts_of_piece(source: Path) -> list[StoredFile]:
    from music21 import converter

    # In the corpus its composer's folder comes first, whatever folders lie inside.
    folders = source.parts
    inside = folders[-folders[::-1].index('corpus') :] if 'corpus' in folders else folders[-2:]
    piece = '/'.join(inside)
    try:
        with _at_most(SECONDS):
            found: Any = converter.parse(source)
            score: Any = found.scores[0] if 'Opus' in found.classes else found
            named: list[Any] = list(parts_of(score))
            parts = [
                (note_sequence(part), str(part.partName or ''), part.getInstrument(returnDefault=True))
                for part in named
            ]
    except Exception as error:  # music21 raises anything
        tqdm.write(f'{piece}: left out ({error!r})')
        return []
    return [
        StoredFile(
            name,
            piece,
            CORPUS_STORE,
            notes.bars,
            [
                StoredPart(
                    notes.onsets,
                    notes.ends,
                    notes.pitches.astype(np.uint8),
                    number,
                    NO_PROGRAM,
                    class_of_part(name, player),
                    REASONS.index('no program set'),
                    not len(notes),
                )
            ],
        )
        for number, (notes, name, player) in enumerate(parts)
    ]


def pieces(store: NoteStore) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Each piece and the rows of its parts that have notes."""
    for piece in np.unique(store.groups):
        yield str(piece), np.flatnonzero((store.groups[store.file_of] == piece) & ~store.drums)


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f'more than {seconds} seconds')

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
