"""Hold what the readers read against independent ones: mido for MIDI files, partitura for scores.

For each file the notes are counted that sound (:mod:`export.evaluation.other_readers`); for each name of a part that
claims a class it is asked whether its program, which somebody set, is of that class. Tables and what differs go into a
page.
"""

import argparse
import random
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from export.data.sources import ManifestFile, manifest_files
from export.evaluation.other_readers import Count, count_all
from music21_kdic.classes import CLASSES, class_of_program
from music21_kdic.errors import KdicError
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.names import class_of_name
from music21_kdic.reading.names_in_a_file import names_of_no_instrument
from music21_kdic.reading.parts import FilePart

COLLECTIONS = ('classical', 'games', 'guitar', 'jazz', 'lakh', 'orchestra', 'pop', 'scores', 'songs')
MUSICXML, HUMDRUM = ('.mxl', '.musicxml', '.xml'), ('.krn',)
SECONDS = 900  # the longest that a reader may take for a file
LOW = 52  # mean pitch of a bass, at most
Counts = Mapping[str, list[Count]]  # of each file: here, and by another reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the files are, how many are read, and where the page goes."""
    parser.add_argument('--data', type=Path, required=True, help='folder of the collections')
    parser.add_argument('--manifest', type=Path, required=True)
    parser.add_argument('--output', type=Path, required=True, help='the page, in Markdown')
    parser.add_argument(
        '--counts', type=Path, required=True, help='where counts are stored: those there are not made again'
    )
    parser.add_argument('--files', type=int, default=300, help='MIDI files (default: %(default)d)')
    for option, default, what in (
        ('scores', 700, 'MusicXML'),
        ('humdrum', 100, 'Humdrum'),
        ('mei', 48, 'MusicXML, which verovio writes as MEI,'),
    ):
        help_text = f"scores of music21's corpus in {what} that are read (default: %(default)d)"
        parser.add_argument(f'--{option}', type=int, default=default, help=help_text)
    parser.add_argument(
        '--named', type=int, default=4000, help='MIDI files whose names are read (default: %(default)d)'
    )


def run(args: argparse.Namespace) -> None:
    """Count, compare, and write the page."""
    files = manifest_files(args.data, args.manifest, COLLECTIONS)
    random.Random(0).shuffle(files)
    warnings.simplefilter('ignore')
    midi = {file.name: Path(file.path) for file in files[: args.files]}
    compared = {
        'MIDI files, by mido': count_all(midi, ('here', 'mido'), args.counts, SECONDS),
        "MusicXML of music21's corpus, by partitura": _scores(MUSICXML, args.scores, 'here', args.counts),
        'MEI that verovio writes of them, by partitura from the MusicXML': _scores(
            MUSICXML, args.mei, 'here, as MEI', args.counts
        ),
        "Humdrum of music21's corpus, by partitura": _scores(HUMDRUM, args.humdrum, 'here', args.counts),
    }
    table, low = claims(_named(files[: args.named]))
    pages = [
        '# Readers held against others\n',
        f'Made by `python -m export readers --files {args.files} --scores {args.scores} --humdrum {args.humdrum} '
        f'--mei {args.mei} --named {args.named}`.\n',
        '## Notes that are read\n',
        _table(compared),
        *_differences(compared),
        '\n## Names that claim a class\n',
        table,
        f'\nOf the basses with a program of another class, {low} have a mean pitch of at most {LOW}, as a bass has.',
    ]
    args.output.write_text('\n'.join(pages) + '\n', encoding='utf-8')


def _scores(endings: tuple[str, ...], number: int, own: str, store: Path) -> Counts:
    from music21 import common

    corpus = Path(common.getCorpusFilePath())
    scores = sorted(path for path in corpus.rglob('*') if path.suffix in endings)
    random.Random(0).shuffle(scores)
    named = {str(path.relative_to(corpus)): path for path in scores[:number]}
    return count_all(named, (own, 'partitura'), store, SECONDS)


def _table(kinds: Mapping[str, Counts]) -> str:
    rows = []
    for kind, files in kinds.items():
        both = [pair for pair in files.values() if not any(isinstance(each, str) for each in pair)]
        rows.append(
            {
                'files': kind,
                'read by both': len(both),
                'refused here': sum(isinstance(own, str) for own, _ in files.values()),
                'refused there': sum(isinstance(other, str) for _, other in files.values()),
                'notes here': sum(int(own) for own, _ in both),
                'notes there': sum(int(other) for _, other in both),
                'files that agree': sum(own == other for own, other in both),
            }
        )
    return str(tabulate(rows, headers='keys', tablefmt='github', intfmt=','))


def _differences(kinds: Mapping[str, Counts]) -> Iterator[str]:
    for kind, files in kinds.items():
        different = [(name, *pair) for name, pair in files.items() if pair[0] != pair[1]]
        if different:
            yield f'\n{kind}: the {len(different)} that differ\n'
            yield tabulate(different, headers=['file', 'here', 'there'], tablefmt='github')


def _named(files: Iterable[ManifestFile]) -> Iterator[list[FilePart]]:
    for file in tqdm(list(files), unit='file', disable=None):
        try:
            yield read_midi(file.path)
        except KdicError:
            continue


def claims(files: Iterable[list[FilePart]]) -> tuple[str, int]:
    """For each class: of the names that claim it, how many are of parts whose program is of it, or of another.

    Each name of a file counts once, with the class of the programs that most of its notes have. Programs count where
    somebody chose them: set, and not 0 in all parts.

    Returns:
        The table, and how many of the basses whose program is of another class have a mean pitch of at most LOW.
    """
    found: Counter[tuple[str, str]] = Counter()
    low = 0
    for parts in files:
        melodic = [part for part in parts if not part.is_drum and part.program is not None and len(part.notes)]
        if not any(part.program for part in melodic):
            continue
        silent = names_of_no_instrument([(part.name, part.program) for part in parts if not part.is_drum])
        notes: dict[str, Counter[str | None]] = defaultdict(Counter)
        for part in melodic:
            notes[part.name][class_of_program(part.program or 0)] += len(part.notes)
        for name, classes in notes.items():
            claimed = None if name in silent else class_of_name(name)
            if claimed is None:
                continue
            most = classes.most_common(1)[0][0]
            found[claimed, 'right' if most == claimed else 'none' if most is None else 'another'] += 1
            if claimed == 'Bass' and most not in ('Bass', None):
                pitches = [pitch for part in melodic if part.name == name for pitch in part.notes.pitches]
                low += sum(pitches) <= LOW * len(pitches)
    rows = []
    for names in [*((name,) for name in CLASSES), CLASSES]:
        right, another, none = (sum(found[name, kind] for name in names) for kind in ('right', 'another', 'none'))
        total = right + another + none
        rows.append((names[0] if len(names) == 1 else 'all', total, right, another, none, right / max(1, total)))
    headers = ['class', 'claims', 'right', 'program of another', 'program of none', 'precision']
    return str(tabulate(rows, headers=headers, tablefmt='github', floatfmt='.3f')), low
