"""Draw what ``label`` shows on a terminal, 80 and 160 columns wide: ``make pictures``."""

import io
import re
from pathlib import Path

from rich.console import CONSOLE_SVG_FORMAT, Console

from music21_kdic import label
from music21_kdic.collection.in_words import summary
from music21_kdic.collection.terminal import show_labels

IMAGES = Path(__file__).parent.parent / 'images'
SCORES = ('corpus:schumann_clara/opus17/movement3', 'corpus:bach/bwv66.6')
WIDTHS = (80, 160)
# Without fonts from the web: a picture asks nobody for anything.
FORMAT = re.sub(r' *@font-face \{\{.*?\}\}\n', '', CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def main() -> None:
    """Write a picture for each width."""
    batch = label(list(SCORES), jobs=1, quiet=True)
    for width in WIDTHS:
        shown = Console(record=True, width=width, file=io.StringIO(), highlight=False, markup=False, emoji=False)
        show_labels(shown, batch.rows)
        shown.print(summary(batch))
        path = IMAGES / f'label-{width}.svg'
        shown.save_svg(str(path), title='music21-kdic label', code_format=FORMAT)


if __name__ == '__main__':
    main()
