"""What the verbs show on a terminal: tables that fit its width."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from music21_kdic.classes import CLASSES, COLORS
from music21_kdic.collection.audit import AuditRow, OneOfSeveral, sentence
from music21_kdic.collection.columns import DULL, GAP, Cells, fitted, natural, table_of, without_its_begin
from music21_kdic.collection.engine.rows import UNKNOWN, R
from music21_kdic.collection.engine.run import Batch, is_terminal
from music21_kdic.collection.in_words import by_likelihood, neighbours, part_name, printable
from music21_kdic.collection.label import LabelRow
from music21_kdic.collection.remarks import place_of
from music21_kdic.errors import WriteError
from music21_kdic.reading.general_midi import instrument_name
from music21_kdic.statuses import FAILED, Status

if TYPE_CHECKING:
    from music21_kdic.collection.rank import RankRow
    from music21_kdic.collection.tag import TagRow

BAR = 10  # cells of a full bar
ROOM = 60  # cells of a terminal that has room for the likeliest class, too
ENDLESS = 100_000  # cells of what is no terminal: nothing is cut there
STYLES = dict(zip(CLASSES, COLORS, strict=True))


@contextmanager
def output() -> Iterator[None]:
    """Write to standard output within; a reader that stops early is no error.

    Raises:
        WriteError: where it cannot be written, as when the disk is full.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has read enough
        _forget_output()
    except OSError as error:
        _forget_output()
        raise WriteError(f'standard output: cannot be written ({error.strerror})') from error


def _forget_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would end the process


def console() -> Console:
    """Standard output as rich's console, of endless width where it is no terminal."""
    return _Console(highlight=False, markup=False, emoji=False, width=None if is_terminal(sys.stdout) else ENDLESS)


def show_labels(shown: Console, rows: Sequence[LabelRow], top: int | None = None) -> None:
    """Each file once, then a line a part.

    Args:
        shown: where to.
        rows: those of one file one after another.
        top: show so many classes with their probabilities, in place of the confidence and what comes next.
    """
    beside = neighbours(rows)

    def cells(row: LabelRow) -> Cells:
        ranked = by_likelihood(row)
        line = {
            'part': Text(part_name(row, beside)),
            'program': Text('drums' if row.drum else _program(row.program)),
            'label': _label(row),
            'instrument': _instrument(row),
        }
        if top:
            line['likeliest'] = Text(', '.join(f'{name} {value:.2f}' for name, value in ranked[:top]))
        else:
            line['confidence'] = bar(row.confidence, row.label, shown.options.ascii_only)
            if ranked and row.label == UNKNOWN and shown.width >= ROOM:  # the class is not said beside
                line['confidence'].append(f' {ranked[0][0]}', style=DULL)
            line['runner-up'] = Text(''.join(f'{name} {value:.2f}' for name, value in ranked[1:2]), style=DULL)
        return {**line, 'sure': Text('sure' if row.sure else ''), 'why': _why(row), 'remark': _remark(row)}

    show_files(shown, rows, cells)


def show_tags(shown: Console, rows: 'Sequence[TagRow]') -> None:
    """Each file once, then a line for each part that was given a name or a program, or not for its name."""
    beside = neighbours(rows)

    def cells(row: 'TagRow') -> Cells:
        return {
            'part': Text(part_name(row, beside)),
            'new name': Text(printable(row.new_name)),
            'new program': Text(_program(row.new_program)),
            'label': _label(row),
            'confidence': bar(row.confidence, row.label, shown.options.ascii_only),
            'remark': _remark(row),
        }

    told = [row for row in rows if row.new_name or row.new_program is not None or row.remark or row.status in FAILED]
    show_files(shown, told, cells)


def show_ranking(shown: Console, rows: 'Sequence[RankRow]') -> None:
    """A line a melody, the best first; then the files that could not be read."""
    beside = neighbours(rows)

    def cells(row: 'RankRow') -> Cells:
        return {
            'rank': Text(printable(row.rank)),
            'score': Text(printable(row.score)),
            'range': Text('' if row.low is None else f'{printable(row.low)}-{printable(row.high)}', style=DULL),
            'part': Text(part_name(row, beside, left_out=True)),
            'label': _label(row),
            'sure': Text('sure' if row.sure else ''),
            'path': Text(printable(row.path)),
            'why': _why(row),
            'remark': _remark(row),
        }

    lines = [cells(row) for row in rows if row.status not in FAILED]
    columns = fitted(shown.width, lines)
    table = table_of(columns, head=True)
    for line in lines:
        table.add_row(*(without_its_begin(line[name], width) for name, width in columns))
    if lines:
        shown.print(table)
    show_files(shown, [row for row in rows if row.status in FAILED], cells)


def show_findings(shown: Console, rows: Sequence[AuditRow]) -> None:
    """The worst first: each file where its turn comes, then a sentence a part; that nothing was found, if so."""
    if not rows:
        shown.print('nothing disagrees')
    for path, parts in groupby(rows, key=_path):
        shown.print(Text(path, style='bold'), soft_wrap=True)
        for row in parts:
            if row.status in FAILED:
                said = _failure(row)
            else:
                place = place_of(row.track, row.channel, isinstance(row, OneOfSeveral))
                remark = f' ({printable(row.remark)})' if row.remark else ''
                said = Text.assemble(
                    (f'{place}: ' if place else '', DULL), (printable(sentence(row)), ''), (remark, DULL)
                )
            shown.print(Padding(said, (0, 0, 0, 2), expand=False))


def show_everything(shown: Console, batch: Batch[Any]) -> None:
    """A line a row with all columns, whole, however narrow the terminal is."""
    names = list(batch.columns)
    lines = [{name: Text(printable(row[name])) for name in names} for row in batch]
    table = table_of([(name, natural(name, lines)) for name in names], head=True)
    for line in lines:
        table.add_row(*line.values())
    shown.width = ENDLESS
    shown.print(table)


def show_files(shown: Console, rows: Sequence[R], cells: Callable[[R], Cells]) -> None:
    """Each file once, then a line for each of its rows; all lines share their columns."""
    lines = [{} if row.counted_as is None else cells(row) for row in rows]  # None: no part, but a file
    columns = fitted(shown.width - GAP, lines)
    next_line = iter(lines)
    head = True
    for path, parts in groupby(rows, key=_path):
        shown.print(Text(path, style='bold'), soft_wrap=True)
        table = table_of(columns, head)
        for row in parts:
            line = next(next_line)
            if line:
                table.add_row(*(line[name] for name, _ in columns))
            else:
                shown.print(Padding(_failure(row), (0, 0, 0, GAP), expand=False))
        if table.row_count:
            head = False
            shown.print(Padding(table, (0, 0, 0, GAP), expand=False))


def _path(row: Any) -> str:
    return printable(row.path)


def _failure(row: Any) -> Text:
    return Text(f'{row.status}{": " if row.error else ""}{printable(row.error)}', style='red')


def _remark(row: Any) -> Text:
    return Text(printable(row.remark), style=DULL)


def _why(row: Any) -> Text:
    """The reasons, where they were asked for."""
    return Text(printable(getattr(row, 'why', None)), style=DULL)


def _instrument(row: LabelRow) -> Text:
    """The likeliest instrument of the class, where it was asked for."""
    if row.instrument is None:
        return Text('')
    return Text(f'{row.instrument_program} {printable(row.instrument)} {printable(row.instrument_probability)}')


def _program(program: int | None) -> str:
    return '' if program is None else f'{program} {instrument_name(program)}'


def _label(row: Any) -> Text:
    """The label, or the status that says why there is none."""
    label = row.status.value if row.label == UNKNOWN and row.status != Status.OK else row.label
    return Text(label, style=STYLES.get(label, DULL))


def bar(value: float | None, label: str, plain: bool) -> Text:
    """A probability as number and bar, of blocks or (``plain``) of signs that every terminal has."""
    if value is None:
        return Text('')
    full = round(value * BAR)
    sign, rest = ('#', '.') if plain else ('\u2588', '\u2591')
    return Text.assemble(f'{value:.2f} ', (sign * full, STYLES.get(label, DULL)), (rest * (BAR - full), DULL))
