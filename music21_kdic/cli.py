"""The command ``music21-kdic``: its verbs and exit statuses. What is slow to import waits until a verb needs it."""

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic.arguments import parser
from music21_kdic.collection.options import Options
from music21_kdic.errors import KdicError, OutputError, needs
from music21_kdic.help import DISAGREEMENT, DONE, INTERRUPTED, SOME_FAILED
from music21_kdic.one_line import one_line

if TYPE_CHECKING:
    from distributed import Client
    from rich.console import Console

    from music21_kdic.collection.engine.run import Batch

STANDARD_OUTPUT = '-'


def _label(args: argparse.Namespace) -> int:
    from music21_kdic.collection.label import label
    from music21_kdic.collection.terminal import show_labels

    if args.top and (args.output or args.format):
        raise OutputError('--top is for the table on the terminal; a file has all classes')
    if args.top and args.wide:
        raise OutputError('--top shows the likeliest classes, --wide all columns with all classes; wanted one of them')
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
    _show(args, batch, lambda shown: show_tags(shown, batch), _tag_summary)
    return _status(batch)


def _tag_summary(batch: 'Batch[Any]') -> str:
    from music21_kdic.collection.in_words import summary

    there = batch.counts.there
    return summary(batch) + (f'; {there:,} copied before' if there else '')


def _listen(args: argparse.Namespace) -> int:
    from music21_kdic.sound.recordings import listen_to
    from music21_kdic.sound.terminal import heard_summary, show_heard

    words = {name: getattr(args, name) for name in ('stems', 'picture', 'notes', 'steps')}
    options = _options(args)
    del options['priors']
    batch = listen_to(args.paths, _file(args), **words, **options)
    _show(args, batch, lambda shown: show_heard(shown, batch), heard_summary)
    return _status(batch)


def _report(args: argparse.Namespace) -> int:
    from music21_kdic.pages.report import report

    words = {name: getattr(args, name) for name in ('explain', 'alone', 'join_channels')}
    batch = report(args.paths, args.output, **words, **_options(args))
    _sum_up(args, batch)
    return _status(batch)


def _serve(args: argparse.Namespace) -> int:
    from music21_kdic.pages.serve import serve

    options = _options(args)
    words = {name: options[name] for name in ('priors', 'model', 'jobs', 'timeout', 'memory')}
    serve(args.port, alone=args.alone, join_channels=args.join_channels, **words)
    return DONE


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


def _show(
    args: argparse.Namespace,
    batch: 'Batch[Any]',
    show: Callable[['Console'], None],
    sum_up: 'Callable[[Batch[Any]], str] | None' = None,
) -> None:
    """Write the rows to standard output, as a table for the eye or for a machine, unless they went to a file."""
    from music21_kdic.collection.engine.tables import write_text
    from music21_kdic.collection.in_words import summary
    from music21_kdic.collection.terminal import console, output, show_everything

    sum_up = sum_up or summary
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
                print(sum_up(batch))
    else:
        _sum_up(args, batch, sum_up)


def _sum_up(args: argparse.Namespace, batch: 'Batch[Any]', sum_up: 'Callable[[Batch[Any]], str] | None' = None) -> None:
    """Say in a line what became of a run whose rows went to a file, where somebody looks on."""
    from music21_kdic.collection.engine.run import is_terminal

    if not args.quiet and is_terminal(sys.stderr):
        from music21_kdic.collection.in_words import summary

        print((sum_up or summary)(batch), file=sys.stderr)


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
    if gone := batch.counts.gone:
        print(f'music21-kdic: left out, since no longer there: {gone} that the unfinished run read', file=sys.stderr)
    return SOME_FAILED if batch.failed else DONE


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    'label': _label,
    'rank': _rank,
    'audit': _audit,
    'tag': _tag,
    'listen': _listen,
    'report': _report,
    'serve': _serve,
}


def _tell(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f'music21-kdic: {one_line(str(message), "?")}', file=sys.stderr)


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    for name in ('stdin', 'stdout', 'stderr'):
        if getattr(sys, name) is None:  # closed, as for a daemon
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, 'r' if name == 'stdin' else 'w')))
    args = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')  # a terminal that cannot show a name shows its code
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _tell
            return VERBS[args.verb](args)
    except KdicError as error:
        message = one_line(str(error), '?')
        print(f'music21-kdic: {message}', file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print('music21-kdic: stopped; with an output, --resume goes on from here', file=sys.stderr)
        return INTERRUPTED
