"""The picture of a file on a page: a strip for each part, in which windows of one class stand together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from music21_kdic.collection.in_words import Neighbours, part_name
from music21_kdic.pages.drawing import MOST_NOTES, MOST_WINDOWS, DrawnRow, Window, read_picture
from music21_kdic.sound.activity import clock

FAINT, FULL = 0.1, 0.85  # opacity of a window of probability 0 and of 1: text on it can be read
MOST_TICKS = 8  # measure numbers below a picture
NAMED = 12.0  # percent of a strip that a class takes up before its name is written into it


@dataclass(frozen=True)
class Stretch:
    """Windows after one another that say the same class; ``begin`` and ``width`` are percent of the file.

    Attributes:
        label: the class.
        first, last: measures.
        cells: for each window where it begins, how wide it is, its opacity and what it says.
        mean: the mean probability of the class.
    """

    label: str
    first: int | str
    last: int | str
    begin: float
    width: float
    cells: list[tuple[str, str, str, str]]
    mean: float

    @property
    def named(self) -> bool:
        """Is it wide enough for the name of its class?"""
        return self.width >= NAMED


@dataclass(frozen=True)
class Strip:
    """A part in the picture of its file."""

    key: str
    row: DrawnRow
    name: str
    stretches: list[Stretch]
    said: list[str]


@dataclass(frozen=True)
class FilePicture:
    """The picture of a file.

    Attributes:
        number: of the file on the page, counted from 1.
        quarters: where it ends, in quarter lengths; a recording in seconds.
        axis: (percent, measure or moment) below the strips.
    """

    number: int
    path: str
    quarters: float
    strips: list[Strip]
    axis: list[tuple[float, int | str]]

    @property
    def recording(self) -> bool:
        """Is it one?"""
        return any(strip.row.recording for strip in self.strips)

    @property
    def drawn(self) -> bool:
        """Is there anything to see?"""
        return any(strip.stretches for strip in self.strips)

    @property
    def playable(self) -> bool:
        """Is there anything to hear?"""
        return any(strip.row.tune for strip in self.strips)


def name_of(row: DrawnRow, beside: Neighbours) -> str:
    """What a part is called on a page; ``beside``: see :func:`part_name`."""
    return part_name(row, beside) or 'a part'


def strip_of(key: str, row: DrawnRow, quarters: float, beside: Neighbours) -> Strip:
    """The strip of a part, see :func:`name_of`, in a file that ends after so many quarter lengths."""
    said = []
    windows, notes = row.windows or 0, row.notes or 0
    stretches = _stretches(row, quarters)
    if stretches and windows > MOST_WINDOWS:
        said.append(f'The first {MOST_WINDOWS:,} of {windows:,} windows are drawn.')
    if not stretches:
        said.append(f'Nothing is drawn: {row.status}.')
    if row.drum:
        said.append('Drums are not played.')
    elif row.tune and notes > MOST_NOTES:
        said.append(f'The first {MOST_NOTES:,} of {notes:,} notes are played.')
    return Strip(key, row, name_of(row, beside), stretches, said)


def _stretches(row: DrawnRow, quarters: float) -> list[Stretch]:
    """The windows of a part, those of one class after one another together; of a recording those without a gap."""
    found = []
    scale = 100 / quarters
    for together in _together(read_picture(row), row.recording):
        label = together[0][4]
        cells = [
            (
                f'{scale * start:.2f}',
                f'{scale * (end - start):.2f}',
                f'{FAINT + (FULL - FAINT) * value:.2f}',
                f'{f"{first} to {last}" if row.recording else measures(first, last)}: {label} {value:.2f}',
            )
            for start, end, first, last, _, value in together
        ]
        begin, end = together[0][0], together[-1][1]
        mean = sum(window[5] for window in together) / len(together)
        found.append(Stretch(label, together[0][2], together[-1][3], scale * begin, scale * (end - begin), cells, mean))
    return found


def _together(windows: list[Window], gaps: bool) -> Iterator[list[Window]]:
    some: list[Window] = []
    for window in windows:
        if some and (window[4] != some[-1][4] or (gaps and window[0] > some[-1][1])):
            yield some
            some = []
        some.append(window)
    if some:
        yield some


def measures(first: int | str, last: int | str) -> str:
    """Name some measures.

    >>> measures(3, 4), measures('12a', '12a')
    ('measures 3 to 4', 'measure 12a')
    """
    return f'measure {first}' if first == last else f'measures {first} to {last}'


def axis_of(rows: Sequence[DrawnRow], quarters: float) -> list[tuple[float, int | str]]:
    """A few of the measures in which windows begin, about as far from one another; of a recording a few moments."""
    if any(row.recording for row in rows):
        moments = [(100 * tick / MOST_TICKS, clock(quarters * tick / MOST_TICKS)) for tick in range(MOST_TICKS)]
        # A short one has less than a second between two.
        return [moment for before, moment in zip([(0, ''), *moments], moments, strict=False) if moment[1] != before[1]]
    begins = sorted({window[0]: window[2] for row in rows for window in read_picture(row)}.items())
    axis: list[tuple[float, int | str]] = []
    for start, measure in begins:
        where = 100 * start / quarters
        if not axis or where - axis[-1][0] >= 100 / MOST_TICKS:
            axis.append((round(where, 2), measure))
    return axis
