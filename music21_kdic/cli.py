"""The command ``music21-kdic``: its words and exit statuses. What is slow to import waits until a verb needs it."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic import __version__
from music21_kdic.classes import CLASSES
from music21_kdic.collection.options import AUDIT_THRESHOLD, TAG_THRESHOLD, Options
from music21_kdic.errors import KdicError, OutputError, WriteError

if TYPE_CHECKING:
    from distributed import Client

    from music21_kdic.collection.engine.run import Batch

OK, SOME_FAILED, USAGE, DISAGREEMENT, INTERRUPTED = 0, 1, 2, 3, 130
PATHS = 'files, folders, globs; corpus:NAME for a piece of the music21 corpus; - for a list on standard input'
FORMATS = '.csv, .jsonl or .parquet'


def _label(args: argparse.Namespace) -> int:
    from music21_kdic.collection.label import LabelRow, label

    if args.top and args.output:
        raise OutputError('--top is for the table on the terminal; a file has all classes')
    with _dask(args.scheduler) as client:
        words = {name: getattr(args, name) for name in ('min_confidence', 'sure', 'join_channels')}
        batch = label(args.paths, args.output, client=client, **words, **_common(args))
    if args.top:
        columns = [name for name in LabelRow.columns() if name not in CLASSES]
        _print_table(({**row, 'likeliest': _likeliest(row, args.top)} for row in batch), [*columns, 'likeliest'])
    elif not args.output:
        _print_table(batch, list(LabelRow.columns()))
    return _status(batch)


def _likeliest(row: Mapping[str, Any], top: int) -> str:
    known = sorted(((row[name], name) for name in CLASSES if row[name] is not None), reverse=True)
    return ', '.join(f'{name} {value:.2f}' for value, name in known[:top])


def _rank(args: argparse.Namespace) -> int:
    from music21_kdic.collection.rank import RankRow, rank

    batch = rank(args.paths, args.like, args.output, top=args.top, **_common(args))
    if not args.output:
        _print_table(batch, list(RankRow.columns()))
    return _status(batch)


def _audit(args: argparse.Namespace) -> int:
    from music21_kdic.collection.audit import AuditRow, audit, disagreeing, sentence
    from music21_kdic.collection.engine.tables import read_table

    batch = audit(args.paths, args.output, threshold=args.threshold, top=args.top, **_common(args))
    if args.output:
        found: Iterable[Mapping[str, Any]] = read_table(Path(args.output), AuditRow.columns())
    else:
        found = batch
        columns = ['path', 'track', 'channel', 'finding', 'says', 'disagreement', 'status', 'error']
        _print_table(({**row, 'says': sentence(row)} for row in batch), columns)
    return _status(batch) or (DISAGREEMENT if disagreeing(found) else OK)


def _tag(args: argparse.Namespace) -> int:
    from music21_kdic.collection.tag import tag
    from music21_kdic.collection.tagging import TagRow
    from music21_kdic.statuses import FAILED

    batch = tag(args.path, args.output, threshold=args.threshold, dry_run=args.dry_run, **_common(args))
    news = (row for row in batch if row.new_name or row.new_program is not None or row.status in FAILED)
    _print_table(news, list(TagRow.columns()))
    return _status(batch)


def _common(args: argparse.Namespace) -> dict[str, Any]:
    return {field.name: getattr(args, field.name) for field in fields(Options)} | {'memory': args.memory * 2**20}


def _dask(scheduler: str | None) -> 'AbstractContextManager[Client | None]':
    if scheduler is None:
        return nullcontext()
    try:
        from distributed import Client
    except ImportError as error:
        raise OutputError('--scheduler needs Dask: pip install "music21-kdic[dask]"') from error
    try:
        client: AbstractContextManager[Client] = Client(scheduler, timeout='30s')
    except (OSError, ValueError) as error:
        raise OutputError(f'{scheduler}: no Dask scheduler answers there ({error})') from error
    return client


def _status(batch: 'Batch[Any]') -> int:
    if batch.failed:
        print(f'music21-kdic: {batch.failed} of {batch.files} files could not be read, see their rows', file=sys.stderr)
    return SOME_FAILED if batch.failed else OK


def _print_table(rows: Iterable[Mapping[str, Any]], columns: list[str]) -> None:
    from tabulate import tabulate

    cells = [[_cell(row[column]) for column in columns] for row in rows]
    try:
        # Names are text even where they look like numbers.
        print(tabulate(cells, columns, tablefmt='simple', disable_numparse=True))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise WriteError(f'standard output: cannot be written ({error.strerror})') from error


def _cell(value: Any) -> str:
    """One line of a terminal: names of tracks and files hold anything."""
    if value is None:
        return ''
    text = f'{value:.2f}' if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
    return ''.join(character if character.isprintable() else '?' for character in text)


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def convert(text: str) -> float:
        value = kind(text)
        if not 0 < value < float('inf'):
            raise argparse.ArgumentTypeError(f'{text}: wanted a number above 0')
        return value

    return convert


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f'{text}: wanted a number from 0 to 1')
    return value


def _verb(verbs: Any, name: str, run: Callable[[argparse.Namespace], int], about: str, status: str = '') -> Any:
    verb = verbs.add_parser(
        name,
        help=about,
        description=f'{about[0].upper()}{about[1:]}.',
        epilog=f'Exit status: {OK} all files read, {SOME_FAILED} some could not be, {USAGE} wrong usage{status}.',
    )
    verb.set_defaults(run=run)
    verb.add_argument(
        '--priors',
        choices=['equal', 'training'],
        default='equal',
        help='how frequent the classes are held to be: equally (default), or as in the training collections',
    )
    verb.add_argument('--model', metavar='FILE', help='another ONNX model than the shipped one')
    verb.add_argument('--jobs', type=_positive(int), metavar='N', help='worker processes (default: one a core)')
    verb.add_argument(
        '--timeout',
        type=_positive(float),
        default=Options.timeout,
        metavar='S',
        help='seconds one file may take (default: %(default)g)',
    )
    verb.add_argument(
        '--memory',
        type=_positive(int),
        default=Options.memory // 2**20,
        metavar='MIB',
        help='what one file may cost (default: %(default)d)',
    )
    verb.add_argument('--resume', action='store_true', help='go on where a run that was stopped left off')
    verb.add_argument('--quiet', action='store_true', help='no progress on the terminal')
    return verb


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='music21-kdic', description='Which instrument was this written for? An answer from the notes alone.'
    )
    parser.add_argument('--version', action='version', version=f'music21-kdic {__version__}')
    verbs = parser.add_subparsers(dest='verb', required=True, metavar='VERB')

    verb = _verb(verbs, 'label', _label, 'say which instrument class each part was written for')
    verb.add_argument('paths', nargs='+', metavar='PATH', help=PATHS)
    verb.add_argument('-o', '--output', help=f'write {FORMATS}; with --scheduler a folder of Parquet files')
    verb.add_argument('--top', type=_positive(int), metavar='N', help='on the terminal, only the N likeliest classes')
    verb.add_argument(
        '--min-confidence', type=_share, default=0.0, metavar='P', help='less sure than this is unknown (default: 0)'
    )
    verb.add_argument(
        '--sure',
        action='store_true',
        help='unknown too unless of such answers nine in ten were right on validation data',
    )
    verb.add_argument(
        '--join-channels',
        action='store_true',
        help='parts that differ by nothing but channel (a string each) are one instrument',
    )
    verb.add_argument('--scheduler', metavar='ADDRESS', help='work on a Dask cluster, e.g. tcp://10.0.0.1:8786')

    verb = _verb(verbs, 'rank', _rank, 'sort melodies by how like a class they are')
    verb.add_argument('paths', nargs='+', metavar='PATH', help=PATHS)
    verb.add_argument('--like', default='Guitar', metavar='CLASS', help=f'{", ".join(CLASSES)} (default: Guitar)')
    verb.add_argument('-o', '--output', help=f'write {FORMATS}')
    verb.add_argument('--top', type=_positive(int), metavar='N', help='only the best N')

    verb = _verb(
        verbs,
        'audit',
        _audit,
        'list parts whose name or program disagrees with their notes, or is missing',
        f', {DISAGREEMENT} all read and something disagrees',
    )
    verb.add_argument('paths', nargs='+', metavar='PATH', help=PATHS)
    verb.add_argument('-o', '--output', help=f'write {FORMATS}')
    verb.add_argument('--top', type=_positive(int), metavar='N', help='only the worst N')
    verb.add_argument(
        '--threshold', type=_share, default=AUDIT_THRESHOLD, metavar='P', help='least confidence (default: %(default)g)'
    )

    verb = _verb(verbs, 'tag', _tag, 'copy MIDI files, naming unnamed parts and giving program-less ones a program')
    verb.add_argument('path', metavar='IN', help='a MIDI file, or a folder of them')
    verb.add_argument('-o', '--output', required=True, metavar='OUT', help='the copy, or a folder for the copies')
    verb.add_argument(
        '--threshold', type=_share, default=TAG_THRESHOLD, metavar='P', help='least confidence (default: %(default)g)'
    )
    verb.add_argument('--dry-run', action='store_true', help='write nothing, only say what would be added')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    for name in ('stdin', 'stdout', 'stderr'):
        if getattr(sys, name) is None:  # closed, as for a daemon
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, 'r' if name == 'stdin' else 'w')))
    args = _parser().parse_args(argv)
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors='backslashreplace')  # a terminal that cannot show a name shows its code
    try:
        run: Callable[[argparse.Namespace], int] = args.run
        return run(args)
    except KdicError as error:
        print(f'music21-kdic: {_cell(str(error))}', file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print('music21-kdic: stopped; with an output, --resume goes on from here', file=sys.stderr)
        return INTERRUPTED
