"""Hold what the readers read against independent ones: mido for MIDI files, partitura for scores.

For each file the notes are counted that sound (a tied note once, no grace notes); for each name of a part that claims a
class it is asked whether its program, which somebody set, is of that class. Tables and what differs go into a page.
"""

import argparse
import io
import random
import sys
import warnings
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import mido
from tabulate import tabulate
from tqdm import tqdm

from export.data.sources import ManifestFile, manifest_files
from music21_kdic.classes import CLASSES, class_of_program
from music21_kdic.collection.audit import FAMILIES_OF_A_TITLE
from music21_kdic.collection.engine.files import read_parts
from music21_kdic.errors import KdicError
from music21_kdic.reading.midi import FilePart, read_midi
from music21_kdic.reading.names import class_of_name

COLLECTIONS = ('classical', 'games', 'guitar', 'jazz', 'lakh', 'orchestra', 'pop', 'scores', 'songs')
SCORES = ('.mxl', '.musicxml', '.xml')
SHOWN = 20  # differences in the page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the files are, how many are read, and where the page goes."""
    parser.add_argument('--data', type=Path, required=True, help='folder of the collections')
    parser.add_argument('--manifest', type=Path, required=True)
    parser.add_argument('--output', type=Path, required=True, help='the page, in Markdown')
    parser.add_argument('--files', type=int, default=400, help='MIDI files (default: %(default)d)')
    parser.add_argument('--scores', type=int, default=700, help="scores of music21's corpus (default: %(default)d)")
    parser.add_argument(
        '--named', type=int, default=3000, help='MIDI files whose names are read (default: %(default)d)'
    )


def run(args: argparse.Namespace) -> None:
    """Count, compare, and write the page."""
    files = manifest_files(args.data, args.manifest, COLLECTIONS)
    random.Random(0).shuffle(files)
    scores = sorted(path for path in _corpus().rglob('*') if path.suffix in SCORES)
    random.Random(0).shuffle(scores)
    warnings.simplefilter('ignore')
    midi = {file.name: _both(file.path, _by_mido) for file in tqdm(files[: args.files], unit='file', disable=None)}
    scored = {
        str(path.relative_to(_corpus())): _both(str(path), _by_partitura)
        for path in tqdm(scores[: args.scores], unit='score', disable=None)
    }
    pages = [
        '# Readers held against others\n',
        f'Made by `python -m export readers --files {len(midi)} --scores {len(scored)} --named {args.named}`.\n',
        '## Notes that are read\n',
        _table({'MIDI files, by mido': midi, "scores of music21's corpus, by partitura": scored}),
        *_differences(midi | scored),
        '\n## Names that claim a class\n',
        claims_table(_named(files[: args.named])),
    ]
    args.output.write_text('\n'.join(pages) + '\n', encoding='utf-8')


def _corpus() -> Path:
    from music21 import common

    return Path(common.getCorpusFilePath())


def _both(path: str, other: object) -> tuple[int | str, int | str]:
    """How many notes the own reader and another one find in a file, or the errors instead."""
    found: list[int | str] = []
    for count in (_own, other):
        try:
            found.append(count(path))  # type: ignore[operator]
        except Exception as error:  # other readers raise what they like
            found.append(f'{type(error).__name__}: {error}'.replace(path, Path(path).name)[:100])
    return found[0], found[1]


def _own(path: str) -> int:
    return sum(len(part.notes) for part in read_parts(path))


def _by_mido(path: str) -> int:
    """Notes that begin and end later, drums left out."""
    notes = 0
    for track in mido.MidiFile(path, clip=True).tracks:
        now = 0
        sounding: dict[tuple[int, int], deque[int]] = defaultdict(deque)
        for message in track:
            now += message.time
            if message.type == 'note_on' and message.velocity and message.channel != 9:
                sounding[message.channel, message.note].append(now)
            elif message.type in ('note_on', 'note_off') and sounding[message.channel, message.note]:
                notes += now > sounding[message.channel, message.note].popleft()
    return notes


def _by_partitura(path: str) -> int:
    sys.modules['fluidsynth'] = None  # type: ignore[assignment]  # with it, partitura downloads a soundfont
    import partitura

    output, sys.stdout = sys.stdout, io.StringIO()
    try:
        parts = partitura.load_musicxml(path).parts
    finally:
        sys.stdout = output
    return int(sum((part.note_array()['duration_div'] > 0).sum() for part in parts if len(part.notes)))


def _table(kinds: dict[str, dict[str, tuple[int | str, int | str]]]) -> str:
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


def _differences(files: dict[str, tuple[int | str, int | str]]) -> Iterator[str]:
    different = [(name, *pair) for name, pair in files.items() if pair[0] != pair[1]]
    if different:
        yield f'\nThe first {min(SHOWN, len(different))} of {len(different)} that differ:\n'
        yield tabulate(different[:SHOWN], headers=['file', 'here', 'there'], tablefmt='github')


def _named(files: Iterable[ManifestFile]) -> Iterator[list[FilePart]]:
    for file in tqdm(list(files), unit='file', disable=None):
        try:
            yield list(read_midi(file.path).parts)
        except KdicError:
            continue


def claims_table(files: Iterable[list[FilePart]]) -> str:
    """For each class: of the names that claim it, how many are of parts whose program is of it.

    Each name of a file counts once, with the family of the programs that most of its notes have. Programs count where
    somebody chose them: set, and not 0 in all parts. Names of parts of three families are the song's.
    """
    right: Counter[str] = Counter()
    claims: Counter[str] = Counter()
    for parts in files:
        melodic = [part for part in parts if not part.is_drum and part.program is not None]
        if not any(part.program for part in melodic):
            continue
        notes: dict[str, Counter[str | None]] = defaultdict(Counter)
        for part in melodic:
            notes[part.name][class_of_program(part.program or 0)] += len(part.notes)
        for name, families in notes.items():
            claimed = class_of_name(name) if len(families) < FAMILIES_OF_A_TITLE else None
            if claimed is not None:
                claims[claimed] += 1
                right[claimed] += families.most_common(1)[0][0] == claimed
    rows = [(name, claims[name], right[name], right[name] / max(1, claims[name])) for name in CLASSES]
    rows.append(('all', claims.total(), right.total(), right.total() / max(1, claims.total())))
    return str(tabulate(rows, headers=['class', 'claims', 'right', 'precision'], tablefmt='github', floatfmt='.3f'))
