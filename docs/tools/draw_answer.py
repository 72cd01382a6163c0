"""Draw ``docs/images/answer.svg``, the picture of an answer in README: ``make picture``."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from music21 import corpus

import music21_kdic  # noqa: F401 - it adds the method


def draw(path: Path) -> None:
    """Draw what the cello of a string quartet is like, every two bars and as a whole."""
    cello = corpus.parse('haydn/opus74no1/movement3').parts[3].instrumentLikelihood()
    figure = Figure(figsize=(9, 3), layout='constrained')
    windows, part = figure.subplots(1, 2, width_ratios=[3, 1], sharey=True)
    cello.plot(ax=windows)
    windows.set_title('Haydn, Quartet op. 74 no. 1, movement 3: Violoncello, every two bars')
    part.barh(list(cello), list(cello.values()), color='#1f5a96')
    part.set(title='the whole part', xlabel='probability', xlim=(0, 1))
    figure.savefig(path, metadata={'Date': None, 'Creator': None})


if __name__ == '__main__':
    with mpl.rc_context({'svg.hashsalt': 'music21-kdic', 'font.size': 9}):
        draw(Path(__file__).parents[1] / 'images' / 'answer.svg')
