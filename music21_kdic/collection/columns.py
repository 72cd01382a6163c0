"""The columns of a table on a terminal: how wide they are, and which go where it is narrow."""

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

GAP = 2  # spaces between two columns
LEAST = 6  # cells that a column of text keeps, however narrow the terminal
PLACE = 19  # cells of 'track 10 channel 15': the end tells parts apart, so other columns go first
DULL = 'dim'
# Columns that may be cut; and those that go, one after another, where that is not enough.
SHRINK = ('part', 'program', 'instrument', 'likeliest', 'new name', 'new program', 'path', 'why', 'when', 'remark')
DROP = ('remark', 'sure', 'runner-up', 'range', 'program', 'instrument', 'confidence')

Cells = Mapping[str, Text]  # of a line: the texts of its columns


def natural(name: str, lines: Iterable[Cells]) -> int:
    """How wide a column is that shows all of its texts, in cells."""
    return max([cell_len(name), *(cell_len(line[name].plain) for line in lines if name in line)])


def fitted(width: int, lines: Sequence[Cells]) -> list[tuple[str, int]]:
    """The columns that hold anything, each as wide as it needs to be, or less where they would not fit."""
    names = dict.fromkeys(name for line in lines for name in line if line[name])
    order = next((list(line) for line in lines if line), [])
    wanted = {name: natural(name, lines) for name in order if name in names}
    drop = [name for name in DROP if name in wanted]
    while True:
        widths = _cut(width, wanted, {'part': PLACE})
        if drop and _over(width, widths) > 0:
            del wanted[drop.pop(0)]
        else:
            return list(_cut(width, widths, {}).items())


def _over(width: int, widths: Mapping[str, int]) -> int:
    """How many cells some columns are too wide."""
    return sum(widths.values()) + GAP * (len(widths) - 1) - width


def _cut(width: int, widths: Mapping[str, int], least: Mapping[str, int]) -> dict[str, int]:
    """The columns no wider than they need to be; ``least``: what some of them keep, where it is more than LEAST."""
    widths = dict(widths)
    for _ in range(_over(width, widths)):
        left = [name for name in SHRINK if widths.get(name, 0) > least.get(name, LEAST)]
        if left:
            widths[max(left, key=lambda name: widths[name])] -= 1  # cell by cell: they end about as wide as one another
    return widths


def without_its_begin(text: Text, width: int) -> Text:
    """A text whose end is what tells it from others: paths of one folder begin alike."""
    if '/' not in text.plain or cell_len(text.plain) <= width:
        return text
    plain = text.plain
    while cell_len(plain) > width - 1:
        plain = plain[1:]
    return Text(f'\u2026{plain}', style=text.style)


def table_of(columns: Sequence[tuple[str, int]], head: bool) -> Table:
    """A table of such columns, without lines yet."""
    table = Table(box=None, show_header=head, pad_edge=False, padding=(0, GAP, 0, 0), header_style=DULL)
    for name, width in columns:
        table.add_column(name, width=width, no_wrap=True, overflow='ellipsis')
    return table
