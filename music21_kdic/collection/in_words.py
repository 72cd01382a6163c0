"""What is said of rows in words, on a terminal and on a page alike: values, names of parts, a line that sums up."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from music21_kdic.classes import CLASSES
from music21_kdic.collection.engine.inputs import LINKS
from music21_kdic.collection.engine.run import Batch
from music21_kdic.collection.label import LabelRow
from music21_kdic.collection.remarks import place_of
from music21_kdic.one_line import one_line

Neighbours = Mapping[tuple[Any, ...], int]  # see neighbours()


def printable(value: Any) -> str:
    """A value as one line: names of tracks and files hold anything.

    >>> printable('Lead' + chr(10) + 'Guitar'), printable(0.123), printable(None), printable(True)
    ('Lead?Guitar', '0.12', '', 'yes')
    """
    if value is None or value is False:
        return ''
    text = f'{value:.2f}' if isinstance(value, float) else 'yes' if value is True else str(value)
    return one_line(text, '?')


def by_likelihood(row: LabelRow) -> list[tuple[str, float]]:
    """The classes of a row with their probabilities, the likeliest first; none where nothing was classified.

    >>> by_likelihood(LabelRow(path='a.mid', label='Bass', status='ok', Reed=0.4, Bass=0.4, Pipe=0.2))
    [('Bass', 0.4), ('Reed', 0.4), ('Pipe', 0.2)]
    """
    values = [(name, row[name]) for name in CLASSES if row[name] is not None]
    return sorted(values, key=lambda each: (each[1], each[0] == row.label, each[0]), reverse=True)


def neighbours(rows: Collection[Any]) -> Neighbours:
    """How many parts are on each (path, track), and on how many channels those of each (path, track, name)."""
    named = {(row.path, row.track, row.name, row.channel) for row in rows}
    return Counter([*((row.path, row.track) for row in rows), *(each[:3] for each in named)])


def part_name(row: Any, beside: Neighbours, *, left_out: bool = False) -> str:
    """What a part is called: its name, or else its place; with its channel where that tells it from others.

    Args:
        row: of the part.
        beside: the :func:`neighbours` of the rows that are shown.
        left_out: parts of its file may be missing among them, so that a place always has its channel.
    """
    shared = left_out or beside[row.path, row.track] > 1
    name = printable(row.name)
    if name and row.channel is not None and beside[row.path, row.track, row.name] > 1:
        return f'{name}, channel {row.channel}'
    return name or place_of(row.track, row.channel, shared)


def summary(batch: Batch[Any], one: str = 'part', more: str = 'parts') -> str:
    """What became of a run, in a line: files, parts, labels, what was not read, what was passed over.

    Args:
        batch: of the run.
        one, more: what a part is called, and several.

    >>> from music21_kdic import label
    >>> summary(label('corpus:bwv66.6', priors='training', jobs=1))[:17]
    '1 file, 4 parts: '
    """
    counts = batch.counts
    said = f'{_number(counts.files, "file")}, {counts.parts:,} {one if counts.parts == 1 else more}'
    if counts.labels:
        said += ': ' + ', '.join(f'{label} {number}' for label, number in counts.labels.most_common())
    if counts.failed:
        said += f'; {_number(counts.failed, "file")} not read'
    files = Counter({ending: number for ending, number in counts.skipped.items() if ending != LINKS})
    if files:
        kinds = [f'{number} {printable(ending) or "without one"}' for ending, number in files.most_common()]
        said += f'; passed over for their endings: {", ".join(kinds)}'
    if links := counts.skipped[LINKS]:
        said += f'; not followed: {_number(links, "link")} to {"a folder" if links == 1 else "folders"}'
    return said


def _number(number: int, what: str) -> str:
    return f'{number:,} {what}{"" if number == 1 else "s"}'
