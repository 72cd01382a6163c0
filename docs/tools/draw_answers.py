"""Draw the pictures of answers in ``docs/images/``: ``make pictures``."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from music21 import corpus

import music21_kdic

PIECES = ('haydn/opus74no1/movement3', 'schumann_clara/opus17/movement3', 'weber/concertino_clarinet')
FOLDER = Path(__file__).parents[1] / 'images'


def axes(width: float, height: float) -> Axes:
    """The Axes of a figure of so many inches."""
    return Figure(figsize=(width, height), layout='constrained').subplots()


def save(drawn: Axes, name: str) -> None:
    """Write a picture, the same bytes every time."""
    drawn.figure.savefig(FOLDER / name, metadata={'Date': None, 'Creator': None})


def draw() -> None:
    """Draw a part, its notes, a score, and what a few pieces state against what is answered."""
    quartet = corpus.parse(PIECES[0])
    cello = quartet.parts[3].instrumentLikelihood()
    save(cello.plot(axes(9, 3)), 'answer.svg')
    save(cello.plot_notes(axes(9, 3)), 'notes.svg')
    save(corpus.parse(PIECES[1]).instrumentLikelihood().plot(axes(9, 2.5)), 'score.svg')
    batch = music21_kdic.label([f'corpus:{piece}' for piece in PIECES], quiet=True)
    stated, answered = [row.program for row in batch], [row.label for row in batch]
    save(music21_kdic.plot_confusion(stated, answered, axes(6.5, 5)), 'confusion.svg')


if __name__ == '__main__':
    with mpl.rc_context({'svg.hashsalt': 'music21-kdic', 'font.size': 9}):
        draw()
