"""What ``listen`` shows on a terminal: each recording once, then a line for each class that sounds in it."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from rich.console import Console
from rich.text import Text

from music21_kdic.collection.columns import DULL, Cells
from music21_kdic.collection.engine.run import Batch
from music21_kdic.collection.in_words import summary
from music21_kdic.collection.terminal import STYLES, bar, show_files
from music21_kdic.sound.activity import clock
from music21_kdic.sound.recordings import HeardRow


def show_heard(shown: Console, rows: Sequence[HeardRow]) -> None:
    """Each recording once, then a line a class, the one that sounds longest first.

    Args:
        shown: where to.
        rows: those of one recording one after another.
    """

    def cells(row: HeardRow) -> Cells:
        label = row.label or ''
        return {
            'class': Text(label, style=STYLES.get(label, DULL)),
            'probability': bar(row.probability, label, shown.options.ascii_only),
            'of the time': _percent(row.share or 0.0),
            'sure': _percent((row.sure_for or 0.0) / (row.seconds or 1.0)),
            'by its notes': _by_notes(row),
            'when': Text(', '.join(map(_written, (row.spans or '').split())), style=DULL),
        }

    lines: list[HeardRow] = []
    for _, of_one in groupby(rows, key=attrgetter('path')):
        heard = list(of_one)
        sounding = sorted((row for row in heard if row.sounds_for), key=lambda row: -(row.sounds_for or 0.0))
        lines += sounding or heard[:1]
    show_files(shown, lines, cells)


def _by_notes(row: HeardRow) -> Text:
    """The second opinion, where it was asked for: what its notes say of a class that sounds."""
    if row.notes_label is None:
        return Text('')
    value = '' if row.notes_confidence is None else f' {row.notes_confidence:.2f}'
    if row.agree is None:
        return Text(row.notes_label, style=DULL)
    said = f'{row.notes_label}{value}'
    return Text(said if row.agree else f'no: {said}', style=STYLES[row.notes_label])


def heard_summary(batch: Batch[HeardRow]) -> str:
    """What became of a run, in a line."""
    return summary(batch, 'class heard', 'classes heard')


def _percent(share: float) -> Text:
    return Text(f'{100 * share:.0f} %')


def _written(span: str) -> str:
    """A span as people write it.

    >>> _written('59.25-125.00')
    '0:59-2:05'
    """
    begin, end = span.split('-')
    return f'{clock(float(begin))}-{clock(float(end))}'
