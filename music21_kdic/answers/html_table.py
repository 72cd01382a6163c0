"""Answers as a table in HTML, which notebooks show."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from music21_kdic.classes import CLASSES

if TYPE_CHECKING:
    from music21_kdic.answers.likelihood import InstrumentLikelihood


def html_table(parts: 'Sequence[InstrumentLikelihood]') -> str:
    """One row a part: its best class or why it has none, whether that is sure, the eight values, how many windows."""
    head = ('part', 'best', 'sure', *CLASSES, 'windows')
    rows = [
        (
            part.name,
            part.best or part.status,
            'yes' if part.sure else 'no',
            *(f'{value:.2f}' for value in part.probabilities),
            str(part.windows),
        )
        for part in parts
    ]
    body = ''.join(_row(row, 'td') for row in rows)
    return f'<table><thead>{_row(head, "th")}</thead><tbody>{body}</tbody></table>'


def _row(cells: Sequence[str], tag: str) -> str:
    return '<tr>' + ''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells) + '</tr>'
