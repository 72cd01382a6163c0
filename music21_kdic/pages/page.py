"""The page itself: rows become one HTML file that needs nothing beside it.

A page shows the table of all parts, and for each file the picture of its parts and what can be played. It has an end:
what is beyond MOST_ROWS and MOST_DRAWN is left out, and the page says so. Texts of files are escaped by Jinja; only the
style sheet and the script beside this module may run (a Content-Security-Policy with their hashes).
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from music21_kdic.classes import CLASSES, COLORS
from music21_kdic.collection.engine.rows import UNKNOWN
from music21_kdic.collection.engine.run import Batch, Counts
from music21_kdic.collection.in_words import Neighbours, by_likelihood, neighbours, printable, summary
from music21_kdic.errors import needs
from music21_kdic.pages.drawing import TICKS, DrawnRow
from music21_kdic.pages.pictures import FilePicture, axis_of, name_of, strip_of
from music21_kdic.reading.endings import is_recording
from music21_kdic.reading.general_midi import instrument_name
from music21_kdic.sound.spectra import STEP_SECONDS
from music21_kdic.statuses import Status

if TYPE_CHECKING:
    import jinja2

MOST_ROWS = 5000  # of the table
MOST_FILES = 100  # with a picture
MOST_DRAWN = 200_000  # windows and notes of all pictures
OPEN_FILES = 5  # so many files are shown unfolded


@dataclass
class Contents:
    """What goes onto a page, gathered row by row.

    Attributes:
        counts: what was counted in all files, shown or not.
        rows: of the table.
        files: their pictures.
        tunes: what can be played, by the keys of strips.
        number: of the last file.
        room: how many windows and notes may still be drawn.
        left_rows, left_parts: how many are not in the table, and not in the pictures.
    """

    counts: Counts
    rows: list[dict[str, Any]] = field(default_factory=list)
    files: list[FilePicture] = field(default_factory=list)
    tunes: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    room: int = field(default_factory=lambda: MOST_DRAWN)
    left_rows: int = 0
    left_parts: int = 0

    @property
    def title(self) -> str:
        """What the page is called."""
        if self.counts.files == 1 and self.rows:
            return str(self.rows[0]['file'])
        return f'{self.counts.files:,} files' if self.counts.files else 'Which instruments?'

    @property
    def several(self) -> bool:
        """Is there more than one file?"""
        return self.counts.files > 1

    @property
    def pictured(self) -> set[int]:
        """The numbers of the files that have a picture."""
        return {file.number for file in self.files}

    def add_file(self, rows: Sequence[DrawnRow]) -> None:
        """Add the rows of a file, at least one."""
        self.number += 1
        self.counts.add(rows)
        room = max(0, MOST_ROWS - len(self.rows))
        beside = neighbours(rows)
        self.rows += [_cells(row, self.number, beside) for row in rows[:room]]
        self.left_rows += len(rows) - len(rows[:room])
        parts = [row for row in rows if row.name is not None]
        if parts:
            self._add_picture(parts, beside)

    def _add_picture(self, rows: Sequence[DrawnRow], beside: Neighbours) -> None:
        taken = list(takewhile(self._has_room, rows if self.number <= MOST_FILES else ()))
        self.left_parts += len(rows) - len(taken)
        if not taken:
            return
        quarters = max([1.0, *(row.quarters or 0.0 for row in taken)])
        strips = [strip_of(f'{self.number}-{place}', row, quarters, beside) for place, row in enumerate(taken, start=1)]
        self.tunes |= {strip.key: json.loads(strip.row.tune) for strip in strips if strip.row.tune}
        axis = axis_of(taken, quarters)
        self.files.append(FilePicture(self.number, printable(taken[0].path), quarters, strips, axis))

    def _has_room(self, row: DrawnRow) -> bool:
        """Take the room that a part needs, or all, so that nothing smaller slips in after it."""
        wanted = (row.picture or '').count('[') + (row.tune or '').count(',') // 3
        fits = wanted <= self.room
        self.room -= min(wanted, self.room)
        return fits

    def left_out(self) -> list[str]:
        """What the page does not show, in sentences."""
        said = []
        if self.left_rows:
            said.append(
                f'The table ends after {MOST_ROWS:,} rows. {self.left_rows:,} are left out; label writes them all.'
            )
        if self.left_parts:
            said.append(
                f'{self.left_parts:,} parts have no picture and cannot be played: '
                f'a page draws at most {MOST_FILES} files, and {MOST_DRAWN:,} windows and notes in all.'
            )
        return said


def render(contents: Contents, *, drop: 'Drop | None' = None) -> str:
    """The page, as HTML.

    Args:
        contents: what it shows.
        drop: where files can be dropped, for ``serve``.

    Raises:
        MissingExtraError: where Jinja is not installed.
    """
    from music21_kdic import __version__

    return (
        _environment()
        .get_template('page.html')
        .render(
            contents=contents,
            summary=summary(Batch(contents.counts, DrawnRow.columns())) if contents.counts.files else '',
            drop=drop,
            style=_style(),
            script=_text('page.js'),
            policy=policy(form=drop is not None),
            version=__version__,
            classes=CLASSES,
            ticks=TICKS,
            step_seconds=STEP_SECONDS,
            open_files=OPEN_FILES,
        )
    )


@dataclass(frozen=True)
class Drop:
    """Where files can be dropped onto a page.

    Attributes:
        accept: the endings of what is read.
        most_bytes: in one go.
        most_files: in one go.
        message: what went wrong with the last files, '' where nothing did.
    """

    accept: tuple[str, ...]
    most_bytes: int
    most_files: int
    message: str = ''


def policy(form: bool) -> str:
    """The Content-Security-Policy of a page: nothing from anywhere, and only the style and the script of ours."""
    target = "'self'" if form else "'none'"
    return (
        f"default-src 'none'; script-src {_hash(_text('page.js'))}; style-src {_hash(_style())}; img-src data:; "
        f"base-uri 'none'; form-action {target}"
    )


def check_pages() -> None:
    """Make sure, before hours of work, that a page can be made.

    Raises:
        MissingExtraError: where Jinja is not installed.
    """
    _environment()


@cache
def _environment() -> 'jinja2.Environment':
    with needs('report', 'a page'):
        import jinja2
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies['json.dumps_kwargs'] = {'separators': (',', ':')}
    return environment


@cache
def _text(name: str) -> str:
    return resources.files(__package__).joinpath('templates', name).read_text(encoding='utf-8')


@cache
def _style() -> str:
    colours = ''.join(f'.{name} {{ --class: {color} }}\n' for name, color in zip(CLASSES, COLORS, strict=True))
    return _text('page.css') + colours


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _cells(row: DrawnRow, number: int, beside: Neighbours) -> dict[str, Any]:
    """A row of the table; ``beside``: see :func:`name_of`."""
    failed = row.name is None  # a file without parts, or one that was not read
    ranked = by_likelihood(row)
    program = None if row.drum else row.program
    return {
        'file': printable(row.path),
        'number': number,
        'recording': row.recording or is_recording(row.path),  # also one without an answer
        'part': '' if failed else name_of(row, beside),
        'program': '' if program is None else f'{program} {instrument_name(program)}',
        'label': row.label if row.status == Status.OK else row.status.value,
        'known': row.label in CLASSES,
        'confidence': row.confidence,
        'likeliest': ranked[0][0] if ranked and row.label == UNKNOWN else '',  # where it is not the label
        'runner_up': ''.join(f'{name} {value:.2f}' for name, value in ranked[1:2]),
        'sure': 'sure' if row.sure else '',
        'notes': row.notes,
        'remarks': [printable(text) for text in (row.error, row.why, row.remark) if text],
    }
