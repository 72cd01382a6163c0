"""Pictures of the answers, drawn with matplotlib (the extra ``plot``)."""

from typing import TYPE_CHECKING

from music21_kdic.classes import CLASSES
from music21_kdic.errors import needs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from music21_kdic.answers.likelihood import InstrumentLikelihood, ScoreLikelihood
    from music21_kdic.reading.notes import FloatArray


def plot_windows(likelihood: 'InstrumentLikelihood', ax: 'Axes | None' = None) -> 'Axes':
    """Draw one part: measures along x, classes along y, darker is likelier.

    Raises:
        MissingExtraError: where matplotlib is not installed.
    """
    ticks = [str(first) if first == last else f'{first}-{last}' for first, last in likelihood.measures]
    ax = _heat_map(likelihood.matrix.T, ax)
    ax.set_title(likelihood.name or 'Instrument likelihood')
    ax.set_yticks(range(len(CLASSES)), CLASSES)
    step = max(1, len(ticks) // 16)
    ax.set_xticks(range(0, len(ticks), step), ticks[::step], rotation=90 if len(ticks) > 8 else 0)
    ax.set_xlabel('measures')
    return ax


def plot_parts(score: 'ScoreLikelihood', ax: 'Axes | None' = None) -> 'Axes':
    """Draw a score: classes along x, parts along y, darker is likelier.

    Raises:
        MissingExtraError: where matplotlib is not installed.
    """
    ax = _heat_map(score.matrix, ax)
    ax.set_xticks(range(len(CLASSES)), CLASSES, rotation=45)
    ax.set_yticks(range(len(score)), [part.name for part in score])
    return ax


def _heat_map(values: 'FloatArray', ax: 'Axes | None') -> 'Axes':
    with needs('plot', 'a plot'):
        import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(layout='constrained')
    if values.size:
        ax.imshow(values, aspect='auto', cmap='Greys', vmin=0.0, vmax=1.0, interpolation='nearest')
    return ax
