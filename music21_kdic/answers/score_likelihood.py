"""The answers to the parts of a score, and forms to show them in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from music21_kdic.answers.html_table import html_table
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.errors import needs, shown
from music21_kdic.reading.notes import FloatArray

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

    from music21_kdic.answers.confusion import Stated
    from music21_kdic.reading.nested import AnyStream


class ScoreLikelihood(Sequence[InstrumentLikelihood]):
    """One :class:`InstrumentLikelihood` per Part, in score order, with the same forms."""

    def __init__(self, parts: Sequence[InstrumentLikelihood]) -> None:
        self._parts = tuple(parts)

    @overload
    def __getitem__(self, index: int | str) -> InstrumentLikelihood: ...
    @overload
    def __getitem__(self, index: slice) -> 'ScoreLikelihood': ...
    def __getitem__(self, index: int | str | slice) -> 'InstrumentLikelihood | ScoreLikelihood':
        """A part by its place or its name (the first of that name), or some parts."""
        if isinstance(index, slice):
            return ScoreLikelihood(self._parts[index])
        if isinstance(index, str):
            for part in self._parts:
                if part.name == index:
                    return part
            raise KeyError(
                f'no part is named {shown(index)}, wanted one of {", ".join(part.name for part in self._parts)}'
            )
        return self._parts[index]

    def __contains__(self, part: object) -> bool:
        """Is it one of the parts, or the name of one?"""
        return part in (each.name for each in self._parts) if isinstance(part, str) else part in self._parts

    def __eq__(self, other: object) -> bool:
        """Is it a score of parts that each have the same eight probabilities?"""
        return self._parts == other._parts if isinstance(other, ScoreLikelihood) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(tuple(part.values()) for part in self._parts))

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def best(self) -> list[str | None]:
        """The most likely class of each part, None where the notes do not say."""
        return [part.best for part in self]

    @property
    def sure(self) -> list[bool]:
        """Of each part, whether its answer is sure."""
        return [part.sure for part in self]

    def ranked(self) -> list[list[tuple[str, float]]]:
        """For each part, (class, probability) pairs, the most likely first."""
        return [part.ranked() for part in self]

    @property
    def matrix(self) -> FloatArray:
        """The parts' values, shape (parts, 8)."""
        return np.array([part.probabilities for part in self]).reshape(-1, len(CLASSES))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        return {'parts': [part.to_dict() for part in self]}

    def to_pandas(self) -> 'pandas.DataFrame':
        """One row per part, by its name: best class, sure, plausible classes in one text, status, the eight values.

        Where there were several pieces, a first column ``piece`` has the number of each part's, from 0.

        Raises:
            MissingExtraError: where pandas is not installed.
        """
        with needs('pandas', 'a table of pandas'):
            import pandas

        table = pandas.DataFrame(
            self.matrix, columns=list(CLASSES), index=pandas.Index([p.name for p in self], name='part')
        )
        table.insert(0, 'best', self.best)
        table.insert(1, 'sure', self.sure)
        table.insert(2, 'plausible', [' '.join(part.plausible) for part in self])
        table.insert(3, 'status', [part.status for part in self])
        if any(part.piece is not None for part in self):
            table.insert(0, 'piece', [part.piece for part in self])
        return table

    def plot(self, ax: 'Axes | None' = None) -> 'Axes':
        """Draw measures against parts, coloured by class, and beside them the whole parts; return matplotlib's Axes.

        Each cell is a window by itself, in the colour of its likeliest class: the more probable, the fuller. There is
        a gap where in two bars fewer than two notes sound. The staves of one instrument are one row.

        Args:
            ax: where to draw; what stands beside it is drawn in its room. A new figure where it is left out.

        Raises:
            MissingExtraError: where matplotlib is not installed.
        """
        from music21_kdic.answers.plots.score import plot_parts

        return plot_parts(self, ax)

    def plot_confusion(self, stated: 'AnyStream | Sequence[Stated]', ax: 'Axes | None' = None) -> 'Axes':
        """Draw stated classes against answers, as counts of parts; return matplotlib's Axes.

        The staves of one instrument count once.

        Args:
            stated: the score, whose parts have their instruments; or what is stated of each part, see
                :func:`music21_kdic.plot_confusion`.
            ax: where to draw; a new figure where it is left out.

        Raises:
            ClassNameError: where a name is known as that of no class and no instrument.
            StatementError: where there is not one statement a part, or a program is none.
            MissingExtraError: where matplotlib is not installed.
        """
        from music21_kdic.answers.confusion import plot_confusion_of

        return plot_confusion_of(self, stated, ax)

    def __repr__(self) -> str:
        lines = ''.join(f'\n  {part!r}' for part in self)
        return f'<ScoreLikelihood of {len(self)} parts>{lines}'

    def _repr_html_(self) -> str:
        return html_table(self)
