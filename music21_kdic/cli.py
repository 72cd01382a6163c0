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
from music21_kdic.collection.help import (
    ABOUT,
    DISAGREEMENT,
    DONE,
    EXAMPLES,
    INTERRUPTED,
    OUTPUT,
    PATHS,
    SOME_FAILED,
)
from music21_kdic.collection.options import AUDIT_THRESHOLD, TAG_THRESHOLD, Options
from music21_kdic.errors import KdicError, OutputError, needs

if TYPE_CHECKING:
    from distributed import Client
    from rich.console import Console

    from music21_kdic.collection.engine.run import Batch

STANDARD_OUTPUT = '-'
INSTRUMENTS = 'also name the likeliest instrument within the class, its program and its probability'
WHY = 'also say what is unusual about each part among real parts of the class'
ALONE = 'classify each part by itself, not with the rest of its file in view'
JOIN_CHANNELS = 'parts that differ by nothing but channel (a string each) are one instrument'
EXPLAIN = 'also say which measures speak against each answer, and what changes would do (seconds a part)'
WIDE = 'on the terminal, all columns, however narrow it is'


def _label(args: argparse.Namespace) -> int:
    from music21_kdic.collection.label import label
    from music21_kdic.collection.terminal import show_labels

    if args.top and (args.output or args.format):
        raise OutputError('--top is for the table on the terminal; a file has all classes')
    with _dask(args.scheduler) as client:
        names = ('min_confidence', 'sure', 'alone', 'join_channels', 'why', 'instruments')
        words = {name: getattr(args, name) for name in names}
        batch = label(args.paths, _file(args), client=client, **words, **_options(args))
    _show(args, batch, lambda shown: show_labels(shown, batch, args.top))
    return _status(batch)


def _rank(args: argparse.Namespace) -> int:
    from music21_kdic.collection.rank import rank
    from music21_kdic.collection.terminal import show_ranking

    batch = rank(args.paths, args.like, _file(args), top=args.top, why=args.why, **_options(args))
    _show(args, batch, lambda shown: show_ranking(shown, batch))
    return _status(batch)


def _audit(args: argparse.Namespace) -> int:
    from music21_kdic.collection.audit import AuditRow, audit, disagreeing
    from music21_kdic.collection.engine.tables import read_table
    from music21_kdic.collection.terminal import show_findings

    words = {'threshold': args.threshold, 'missing': args.missing, 'top': args.top, 'alone': args.alone}
    batch = audit(args.paths, _file(args), **words, **_options(args))
    found: Iterable[Mapping[str, Any]] = batch
    if file := _file(args):
        found = read_table(Path(file), AuditRow.columns())
    _show(args, batch, lambda shown: show_findings(shown, batch))
    return _status(batch) or (DISAGREEMENT if disagreeing(found) else DONE)


def _tag(args: argparse.Namespace) -> int:
    from music21_kdic.collection.tag import tag
    from music21_kdic.collection.terminal import show_tags

    batch = tag(args.paths, args.output, threshold=args.threshold, dry_run=args.dry_run, **_options(args))
    args.output = args.format = None  # the copies; the rows are for the terminal
    _show(args, batch, lambda shown: show_tags(shown, batch))
    return _status(batch)


def _report(args: argparse.Namespace) -> int:
    from music21_kdic.pages.report import report

    words = {name: getattr(args, name) for name in ('explain', 'alone', 'join_channels')}
    batch = report(args.paths, args.output, **words, **_options(args))
    _sum_up(args, batch)
    return _status(batch)


def _options(args: argparse.Namespace) -> dict[str, Any]:
    return {field.name: getattr(args, field.name) for field in fields(Options)} | {'memory': args.memory * 2**20}


def _file(args: argparse.Namespace) -> str | None:
    """The file that the rows go to; None for standard output."""
    if args.format and args.output not in (None, STANDARD_OUTPUT):
        raise OutputError(f'--format is for -o -; the format of {args.output} follows from its ending')
    if args.format and not args.output:
        args.output = STANDARD_OUTPUT
    output: str | None = args.output
    return None if output == STANDARD_OUTPUT else output


def _show(args: argparse.Namespace, batch: 'Batch[Any]', show: Callable[['Console'], None]) -> None:
    """Write the rows to standard output, as a table for the eye or for a machine, unless they went to a file."""
    from music21_kdic.collection.engine.tables import write_text
    from music21_kdic.collection.terminal import console, output, show_everything, summary

    if args.output == STANDARD_OUTPUT:
        with output():
            write_text(sys.stdout.buffer, f'.{args.format or "csv"}', batch.columns, batch)
    elif not args.output:
        with output():
            if args.wide:
                show_everything(console(), batch)
            else:
                show(console())
            if not args.quiet:
                print(summary(batch))
    else:
        _sum_up(args, batch)


def _sum_up(args: argparse.Namespace, batch: 'Batch[Any]') -> None:
    """Say in a line what became of a run whose rows went to a file, where somebody looks on."""
    if not args.quiet and sys.stderr.isatty():
        from music21_kdic.collection.terminal import summary

        print(summary(batch), file=sys.stderr)


def _dask(scheduler: str | None) -> 'AbstractContextManager[Client | None]':
    if scheduler is None:
        return nullcontext()
    with needs('dask', '--scheduler'):
        from distributed import Client
    try:
        client: AbstractContextManager[Client] = Client(scheduler, timeout='30s')
    except (OSError, ValueError) as error:
        raise OutputError(f'{scheduler}: no Dask scheduler answers there ({error})') from error
    return client


def _status(batch: 'Batch[Any]') -> int:
    if batch.failed:
        print(f'music21-kdic: {batch.failed} of {batch.files} files could not be read, see their rows', file=sys.stderr)
    return SOME_FAILED if batch.failed else DONE


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
        epilog=f'examples:\n{EXAMPLES[name]}\n\n{ABOUT}{status}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=run, format=None)
    verb.add_argument('paths', nargs='+', metavar='PATH', help=PATHS)
    verb.add_argument(
        '--priors',
        choices=['equal', 'training'],
        default='equal',
        help='how frequent the classes are held to be (see below)',
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
    verb.add_argument('--force', action='store_true', help='replace what is there, as soon as the new one is whole')
    verb.add_argument('--quiet', action='store_true', help='no progress on the terminal, and no line that sums up')
    return verb


def _table_verb(verbs: Any, name: str, run: Callable[[argparse.Namespace], int], about: str, status: str = '') -> Any:
    """A verb whose rows are what it is for."""
    verb = _verb(verbs, name, run, about, status)
    verb.add_argument('-o', '--output', help=OUTPUT)
    verb.add_argument('--format', choices=['csv', 'jsonl'], help='of standard output (default with -o -: csv)')
    verb.add_argument('--wide', action='store_true', help=WIDE)
    return verb


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='music21-kdic', description='Which instrument was this written for? An answer from the notes alone.'
    )
    parser.add_argument('--version', action='version', version=f'music21-kdic {__version__}')
    verbs = parser.add_subparsers(dest='verb', required=True, metavar='VERB')

    verb = _table_verb(verbs, 'label', _label, 'say which instrument class each part was written for')
    verb.add_argument('--top', type=_positive(int), metavar='N', help='on the terminal, the N likeliest classes')
    verb.add_argument(
        '--min-confidence', type=_share, default=0.0, metavar='P', help='less sure than this is unknown (default: 0)'
    )
    verb.add_argument(
        '--sure',
        action='store_true',
        help='unknown too unless of such answers nine in ten were right on validation data',
    )
    verb.add_argument('--alone', action='store_true', help=ALONE)
    verb.add_argument('--why', action='store_true', help=WHY)
    verb.add_argument('--instruments', action='store_true', help=INSTRUMENTS)
    verb.add_argument('--join-channels', action='store_true', help=JOIN_CHANNELS)
    verb.add_argument(
        '--scheduler',
        metavar='ADDRESS',
        help='work on a Dask cluster, e.g. tcp://10.0.0.1:8786; the output is a folder of Parquet files',
    )

    verb = _table_verb(verbs, 'rank', _rank, 'sort melodies by how like a class they are')
    verb.add_argument('--like', default='Guitar', metavar='CLASS', help='a class (default: Guitar)')
    verb.add_argument('--top', type=_positive(int), metavar='N', help='only the best N')
    verb.add_argument('--why', action='store_true', help=WHY)

    verb = _table_verb(
        verbs,
        'audit',
        _audit,
        'list parts whose name or program disagrees with their notes',
        f', {DISAGREEMENT} (all read) something disagrees',
    )
    verb.add_argument('--missing', action='store_true', help='list parts without a name or a program, too')
    verb.add_argument('--top', type=_positive(int), metavar='N', help='only the worst N')
    verb.add_argument(
        '--threshold', type=_share, default=AUDIT_THRESHOLD, metavar='P', help='least confidence (default: %(default)g)'
    )
    verb.add_argument('--alone', action='store_true', help=ALONE)

    verb = _verb(verbs, 'tag', _tag, 'copy MIDI files, naming unnamed parts and giving program-less ones a program')
    verb.add_argument(
        '-o', '--output', required=True, metavar='OUT', help='the copy of one file, or a folder for the copies'
    )
    verb.add_argument(
        '--threshold', type=_share, default=TAG_THRESHOLD, metavar='P', help='least confidence (default: %(default)g)'
    )
    verb.add_argument('--dry-run', action='store_true', help='write nothing, only say what would be added')
    verb.add_argument('--wide', action='store_true', help=WIDE)

    verb = _verb(verbs, 'report', _report, 'write one page for a browser: table, picture, notes to play')
    verb.add_argument('-o', '--output', required=True, metavar='PAGE', help='the page, an .html file')
    verb.add_argument('--explain', action='store_true', help=EXPLAIN)
    verb.add_argument('--alone', action='store_true', help=ALONE)
    verb.add_argument('--join-channels', action='store_true', help=JOIN_CHANNELS)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    for name in ('stdin', 'stdout', 'stderr'):
        if getattr(sys, name) is None:  # closed, as for a daemon
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, 'r' if name == 'stdin' else 'w')))
    args = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')  # a terminal that cannot show a name shows its code
    try:
        run: Callable[[argparse.Namespace], int] = args.run
        return run(args)
    except KdicError as error:
        message = ''.join(character if character.isprintable() else '?' for character in str(error))
        print(f'music21-kdic: {message}', file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print('music21-kdic: stopped; with an output, --resume goes on from here', file=sys.stderr)
        return INTERRUPTED
