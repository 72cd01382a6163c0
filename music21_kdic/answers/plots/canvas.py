"""What the pictures share: Axes and what stands beside them, the axis of measures, colours, words.

Whoever imports a module of this folder without matplotlib gets a MissingExtraError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES, COLORS
from music21_kdic.errors import needs
from music21_kdic.one_line import one_line
from music21_kdic.reading.notes import FloatArray
from music21_kdic.statuses import CLASSIFIED, MEANINGS, Status

with needs('plot', 'a plot'):
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize, to_rgb
    from matplotlib.gridspec import SubplotSpec
    from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from music21_kdic.answers.likelihood import InstrumentLikelihood

# Perceptually even, and nearly the same to readers of all kinds of colour vision (Nuñez et al. 2018).
SCALE = mpl.colormaps['cividis']
NORM = Normalize(0.0, 1.0)
WHITE = (1.0, 1.0, 1.0)
PAPER = {'facecolor': 'white', 'edgecolor': 'none', 'alpha': 0.8}  # behind words
SMALL = 7.0  # points, of letters in cells
PALEST = 0.15  # how full the colour of a class is at least, so that it is none of a gap
LONGEST = 40  # characters of a name
BAR_LETTERS, KEY_LETTERS = 45.0, 35.0  # points
GAP = 0.02  # between two Axes beside each other, as a share of their box


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """The Axes, those of a new figure of so many inches where there are none."""
    return plt.subplots(figsize=(width, height), layout='constrained')[1] if ax is None else ax


def beside(ax: Axes, *widths: float, letters: float) -> list[Axes]:
    """Make Axes to the right of some, within the box that these had: no other Axes of the figure lose room to them.

    Args:
        ax: gets narrower, to a third of its width at least.
        widths: of each, as a share of the box.
        letters: the room for what is written to the right of the last, in points.
    """
    share = max(1 / 3, 1 - sum(widths) - GAP * len(widths) - letters / size_in_points(ax)[0])
    place = _Left(ax, share)
    ax.set_axes_locator(place)
    ax.apply_aspect(place(ax, None))
    made, left = [], share
    for width in widths:
        left += GAP
        made.append(ax.inset_axes((left / share, 0.0, width / share, 1.0)))
        left += width
    return made


@dataclass(frozen=True)
class _Left:
    """The left of the box that a figure's layout gives to some Axes."""

    ax: Axes
    share: float

    def __call__(self, ax: Any, _: Any) -> Bbox:
        box = ax.get_position(original=True)
        return Bbox.from_bounds(box.x0, box.y0, box.width * self.share, box.height)

    def get_subplotspec(self) -> SubplotSpec | None:
        """Where the layout's grid has them; ``tight_layout`` asks."""
        return self.ax.get_subplotspec()


def size_in_points(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes in points (1/72 inch); a layout that is still to come may change them a little."""
    box = ax.get_window_extent()
    return 72 * box.width / ax.figure.dpi, 72 * box.height / ax.figure.dpi


def draw_bar(ax: Axes, label: str = 'probability') -> None:
    """Draw what the colours of the scale mean; it takes BAR_LETTERS."""
    ax.figure.colorbar(ScalarMappable(NORM, SCALE), cax=ax, label=label)


def draw_key(ax: Axes) -> None:
    """Draw what the colours of the classes mean, fuller where they are more probable; it takes KEY_LETTERS."""
    steps = np.linspace(0.0, 1.0, 17)
    draw_cells(ax, np.array([[class_color(row, step) for step in steps] for row in range(len(CLASSES))]))
    ax.set_xticks([0, steps.size - 1], ['0', '1'], fontsize=SMALL)
    ax.set_xlabel('probability', fontsize=SMALL)
    ax.yaxis.tick_right()
    ax.set_yticks(range(len(CLASSES)), CLASSES, fontsize=SMALL)
    ax.tick_params(length=0)


def draw_cells(ax: Axes, values: FloatArray, edges: FloatArray | None = None) -> None:
    """Draw a table from top to bottom: probabilities on the scale, shape (rows, columns), nothing where they are NaN.

    Args:
        ax: where to.
        values: or colours, shape (rows, columns, 3).
        edges: of the columns along x; around 0, 1, 2, ... where they are left out.
    """
    rows, columns = values.shape[:2]
    x = np.arange(columns + 1) - 0.5 if edges is None else edges
    y, shown = np.arange(rows + 1) - 0.5, np.ma.masked_invalid(values)
    # Without edges viewers of SVG show hairlines between the cells.
    ax.pcolormesh(x, y, shown, cmap=SCALE, norm=NORM, edgecolors='face', linewidth=0.3)
    ax.set_ylim(rows - 0.5, -0.5)


def class_color(row: int, probability: float) -> tuple[float, ...]:
    """The colour of a class (index into CLASSES): the more probable, the fuller."""
    full = to_rgb(COLORS[row])
    strength = PALEST + (1 - PALEST) * probability
    return tuple(1 - strength * (1 - part) for part in full)


def ink(color: npt.ArrayLike) -> str:
    """The colour of letters that can be read on a colour."""
    return 'black' if np.dot(np.asarray(color)[:3], (0.299, 0.587, 0.114)) > 0.5 else 'white'


def in_cell(value: float) -> str:
    """A probability as a cell has room for it.

    >>> in_cell(0.834), in_cell(1.0), in_cell(0.001)
    ('.83', '1.0', '.00')
    """
    return '1.0' if value >= 0.995 else f'{value:.2f}'[1:]


def short(name: str, most: int = LONGEST) -> str:
    """A name on one line, of so many characters at most.

    >>> short('Flute' + chr(10) + '1'), short('Violoncello', 6)
    ('Flute 1', 'Violo…')
    """
    line = one_line(name, ' ')
    return line if len(line) <= most else line[: most - 1] + '…'


def verdict(likelihood: 'InstrumentLikelihood') -> str:
    """What is answered to the part as a whole, and how sure it is."""
    name, probability = likelihood.ranked()[0]
    if likelihood.status == Status.UNCLEAR:
        return f'unclear (likeliest {name} {probability:.2f})'
    if likelihood.status not in CLASSIFIED:
        return str(likelihood.status)
    return f'{name} {probability:.2f}, {"sure" if likelihood.sure else "not sure"}'


def staves_of_instruments(parts: 'Sequence[InstrumentLikelihood]') -> 'list[list[InstrumentLikelihood]]':
    """The parts by instrument: those that are staves of one share an answer, and are drawn and counted once."""
    found: dict[tuple[Any, ...], list[InstrumentLikelihood]] = {}
    for place, part in enumerate(parts):
        found.setdefault((part.joined, id(part.asked)) if part.joined else (place,), []).append(part)
    return list(found.values())


def set_title(ax: Axes, likelihood: 'InstrumentLikelihood') -> None:
    """Set the part's name and the verdict on it as a title."""
    title = f'{short(likelihood.name) or "Part"}: {verdict(likelihood)}'
    ax.set_title(title, loc='left', parse_math=False)


def explain_empty(ax: Axes, likelihood: 'InstrumentLikelihood') -> bool:
    """Where there are no windows to draw, say why in the middle of the Axes; and return whether there are none."""
    if not len(likelihood.matrix):
        say(ax, why_empty(likelihood))
    return not len(likelihood.matrix)


def why_empty(likelihood: 'InstrumentLikelihood') -> str:
    """Why an answer holds no windows."""
    if likelihood.status in CLASSIFIED:
        return 'single windows were not asked for'
    return f'{likelihood.status}: {MEANINGS[likelihood.status]}'


def say(ax: Axes, words: str) -> None:
    """Write some words in the middle of the Axes."""
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha='center', va='center', color='dimgrey', wrap=True, bbox=PAPER)


def draw_measures(ax: Axes, likelihoods: 'Sequence[InstrumentLikelihood]') -> None:
    """Lay the time axis from the first to the last barline of all, in quarter lengths, and name measures on it.

    So Axes of the parts of a score have the same axis, whatever rests. Names are those of the part with most measures.
    """
    bars = [_bars(each) for each in likelihoods]
    lines, names = max(bars, key=lambda each: each[0].size, default=(np.zeros(0), ()))
    ax.set_xlabel('measure')
    if not names:
        ax.set_xticks([])
        return
    ax.update_datalim([(line, 0.0) for each, _ in bars for line in each])
    ax.margins(x=0.0)
    ax.autoscale_view(scaley=False)
    shown = [short(name, 8) for name in names]
    room = size_in_points(ax)[0] / (0.7 * plt.rcParams['font.size'] * (max(map(len, shown)) + 1))
    step = next(2**power for power in range(64) if len(names) <= room * 2**power)
    ax.set_xticks(lines[:-1:step], shown[::step], parse_math=False)


def _bars(likelihood: 'InstrumentLikelihood') -> tuple[FloatArray, tuple[str, ...]]:
    """The barlines of a part and the names of its measures; where the part is not known, those of its windows."""
    if likelihood.asked is not None:
        return likelihood.asked.part.bars, likelihood.asked.part.measure_numbers
    lines = np.append(likelihood.offsets[:, 0], likelihood.offsets[-1:, 1])
    return lines, tuple(str(first) for first, _ in likelihood.measures)
