"""The answer to a part: its eight likelihoods, the windows they come from, and forms to show them in."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.answers.html_table import html_table
from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError, needs, shown
from music21_kdic.model.contract import Instrument
from music21_kdic.reading.general_midi import program_of
from music21_kdic.reading.notes import FloatArray, NoteSequence
from music21_kdic.statuses import CLASSIFIED, Status

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from music21 import instrument

    from music21_kdic.answers.explain import Explanation
    from music21_kdic.model.session import Model
    from music21_kdic.reading.nested import AnyStream

Measure = int | str  # an integer, or what else the score calls a measure: '12a'


@dataclass(frozen=True, eq=False)
class Asked:
    """What was classified: a part, by a model, under priors of shape (8,)."""

    part: NoteSequence
    model: 'Model'
    priors: FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class InstrumentLikelihood(Mapping[str, float]):
    """How likely each class is for one part, given its notes alone.

    A mapping from class to probability: the eight lie in [0, 1], sum to 1, and are posterior probabilities
    under the priors that were asked for (equal ones where none were).

    Attributes:
        probabilities: the eight probabilities in the order of CLASSES, shape (8,). Where there is nothing to go by
            (``status`` is neither 'ok' nor 'unclear') they are the priors.
        kinds: the instruments that the model knows, shape (instruments,).
        within: the probability of each instrument within its class, shape (instruments,); see :attr:`instruments`.
        plausible: the smallest set of classes that holds the right one in nine of ten parts, the likeliest first; see
            :mod:`music21_kdic.answers.conformal`. Empty where there is nothing to go by.
        matrix: the eight probabilities of each window by itself, shape (windows, 8).
        offsets: each window's first and last moment, in quarter lengths from the start of the part, or of the Score
            that was classified, shape (windows, 2).
        measures: the numbers of each window's first and last measure, as the score has them.
        windows: how many windows the part has; ``matrix``, ``offsets`` and ``measures`` hold all of them, or none where
            they were not asked for.
        name: what the part is called, for display; it has no influence.
        notes: how many notes sound in the part.
        status: 'ok'; 'unclear' (classified, but the notes favour no class enough to name it, or are hardly music); or
            why there is nothing to go by: 'empty', 'drums', 'too-short', 'out-of-range', see
            :mod:`music21_kdic.features.classifiable`.
        sure: the status is 'ok', and the notes make the likeliest class so probable that of such answers nine in ten
            were right on the worst of the collections that were left out of training; and at least a quarter of
            the class's real parts are no more typical than it.
        music: probability that it is music and not noise, 0 to 1.
        other: probability that it is an instrument outside the classes (mallets, voices, synthesizers, ...), 0 to 1.
        by_itself: the answer to the part by itself, where it was classified together with others; see :attr:`alone`.
        joined: where the part is a staff of an instrument of several: the numbers of their Parts, counted from 0; the
            answer, its windows and its notes are those of them all. Empty for an instrument on one staff.
        piece: number of its piece, from 0, where several were classified: the scores of an Opus, the tunes of an ABC
            file. None where it was one.
        typical: for each class which share of its real parts are at most as typical of it, 0 to 1, shape (8,), see
            :mod:`music21_kdic.model.reference`; empty where there is nothing to go by, or the model does not say.
        asked: what was classified, for :meth:`explain`.
    """

    probabilities: FloatArray
    kinds: tuple[Instrument, ...]
    within: FloatArray
    plausible: tuple[str, ...]
    matrix: FloatArray
    offsets: FloatArray
    measures: tuple[tuple[Measure, Measure], ...]
    windows: int
    name: str
    notes: int
    status: Status
    sure: bool
    music: float
    other: float
    by_itself: 'InstrumentLikelihood | None' = None
    joined: tuple[int, ...] = ()
    piece: int | None = None
    typical: FloatArray = field(default_factory=lambda: np.zeros(0))
    asked: 'Asked | None' = None

    def __post_init__(self) -> None:
        for values in (self.probabilities, self.within, self.matrix, self.offsets, self.typical):
            values.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy through the constructor: arrays come back from a pickle writeable."""
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __getitem__(self, name: str) -> float:
        if name not in CLASSES:
            raise KeyError(f'{shown(name)} is no class, wanted one of {", ".join(CLASSES)}')
        return float(self.probabilities[CLASSES.index(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(CLASSES)

    def __len__(self) -> int:
        return len(CLASSES)

    @property
    def best(self) -> str | None:
        """The most likely class, None where the notes do not say (``status`` is not 'ok')."""
        return self.ranked()[0][0] if self.status == Status.OK else None

    @property
    def alone(self) -> 'InstrumentLikelihood':
        """The answer to the part by itself: this one, unless it was classified together with the parts of its score."""
        return self.by_itself or self

    @property
    def instruments(self) -> dict[str, float]:
        """The probability of each instrument, by name; those of a class sum to the class's."""
        return {
            kind.name: self[kind.class_name] * share
            for kind, share in zip(self.kinds, self.within.tolist(), strict=True)
        }

    def suggest(self) -> 'list[instrument.Instrument]':
        """music21 Instruments, those of the likeliest class first, and of a class the likeliest.

        There are none where nothing is classified.

        Where two have the same type in music21 (nylon and steel guitar), their ``instrumentName`` and ``midiProgram``
        tell them apart. Some transpose: in a part of sounding pitches (``atSoundingPitch``) music21 then writes what is
        played, in one that does not say it takes them for written.

        Raises:
            ModelError: where the model names a type that music21 does not have.

        >>> from music21 import corpus
        >>> violin = corpus.parse('haydn/opus74no1/movement3').parts[0]
        >>> violin.instrumentLikelihood().suggest()[0]
        <music21.instrument.Violin 'Violin'>
        """
        from music21 import instrument

        if self.status not in CLASSIFIED:
            return []
        likely = self.instruments
        order = sorted(
            self.kinds, key=lambda kind: (-self[kind.class_name], CLASSES.index(kind.class_name), -likely[kind.name])
        )
        types = Counter(kind.music21 for kind in self.kinds)
        found = []
        for kind in order:
            of_music21 = getattr(instrument, kind.music21, None)
            if not (isinstance(of_music21, type) and issubclass(of_music21, instrument.Instrument)):
                raise ModelError(f'{kind.music21} for {kind.name}, says the model: wanted an Instrument of music21')
            suggested = of_music21()
            suggested.midiProgram = program_of(kind.name, kind.programs)
            if types[kind.music21] > 1:
                suggested.instrumentName = kind.name.capitalize()
            found.append(suggested)
        return found

    def explain(self, like: str | None = None, player: 'instrument.Instrument | str | None' = None) -> 'Explanation':
        """Why the part is, or is not, like a class, the likeliest where it is left out; see :mod:`.explain`.

        Args:
            like: the class.
            player: an instrument whose range is told beside: a music21 Instrument or its name.

        Raises:
            ClassNameError: where ``like`` is no class, or music21 knows no instrument of the name ``player``.
            NoteError: where there was nothing to go by.

        >>> from music21 import corpus
        >>> violin = corpus.parse('haydn/opus74no1/movement3').parts[0]
        >>> print(violin.instrumentLikelihood().explain('Strings', player='Violin').range)
        Violin: lowest note G3, strings G3 D4 A4 E5; 0 of ... notes are lower.
        """
        from music21_kdic.answers.explain import explain

        return explain(self, like, player)

    def colored(self, s: 'AnyStream', like: str | None = None) -> 'AnyStream':
        """A copy of the stream that was classified, its notes coloured: blue for the class, vermilion against it.

        Args:
            s: the stream; of an instrument of several staves (``joined``) one of them, or a Score of them all.
            like: the class, the likeliest where it is left out.

        Raises:
            ClassNameError: where ``like`` is no class.
            NoteError: where there was nothing to go by, or the stream is another.
        """
        from music21_kdic.answers.coloring import colored
        from music21_kdic.answers.explain import explain

        explanation, asked = explain(self, like), self.alone.asked
        assert asked is not None  # it has been explained
        return colored(explanation, asked, s, len(self.joined))

    def ranked(self) -> list[tuple[str, float]]:
        """(class, probability) pairs, the most likely first."""
        return [(CLASSES[i], float(self.probabilities[i])) for i in np.argsort(-self.probabilities, kind='stable')]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        return {
            'name': self.name,
            'status': self.status,
            'best': self.best,
            'sure': self.sure,
            'plausible': list(self.plausible),
            'music': self.music,
            'other': self.other,
            'joined': list(self.joined),
            'piece': self.piece,
            'notes': self.notes,
            'likelihoods': dict(self),
            'instruments': self.instruments,
            'windows': [
                {
                    'measures': list(measures),
                    'offsets': offsets,
                    'likelihoods': dict(zip(CLASSES, row, strict=True)),
                }
                for measures, offsets, row in zip(
                    self.measures, self.offsets.tolist(), self.matrix.tolist(), strict=True
                )
            ],
        }

    def to_pandas(self) -> 'pandas.DataFrame':
        """One row per window, one column per class; the index is each window's (first, last) measure.

        Raises:
            MissingExtraError: where pandas is not installed.
        """
        with needs('pandas', 'a table of pandas'):
            import pandas

        columns = list(zip(*self.measures, strict=True)) or [(), ()]
        index = pandas.MultiIndex.from_arrays(columns, names=['first measure', 'last measure'])
        return pandas.DataFrame(self.matrix.copy(), columns=list(CLASSES), index=index)

    def plot(self, ax: 'Axes | None' = None) -> 'Axes':
        """Draw measures against classes, and beside them the whole part; return matplotlib's Axes.

        Each column is a window by itself. There is a gap where in two bars fewer than two notes sound. Windows can say
        otherwise than the whole part, whose answer is in the title, too, and whether it is sure. The time axis goes
        from the first barline to the last, so the pictures of the parts of a score can be laid one below the other.

        Args:
            ax: where to draw; what stands beside it is drawn in its room. A new figure where it is left out.

        Raises:
            MissingExtraError: where matplotlib is not installed.
        """
        from music21_kdic.answers.plots.part import plot_windows

        return plot_windows(self, ax)

    def plot_notes(self, ax: 'Axes | None' = None) -> 'Axes':
        """Draw the notes as a piano-roll, coloured by the likeliest class of their window; return matplotlib's Axes.

        The more probable the class, the fuller the colour. White notes lie in no window.

        Args:
            ax: where to draw; a new figure where it is left out.

        Raises:
            MissingExtraError: where matplotlib is not installed.
        """
        from music21_kdic.answers.plots.notes import plot_notes

        return plot_notes(self, ax)

    def __repr__(self) -> str:
        if self.status not in CLASSIFIED:
            return f'<InstrumentLikelihood {self.name!r}: {self.status}>'
        best = ', '.join(f'{name} {value:.2f}' for name, value in self.ranked()[:3])
        unclear = f'{Status.UNCLEAR}, ' if self.status == Status.UNCLEAR else ''
        staves = f', staves {", ".join(map(str, self.joined))}' if self.joined else ''
        return f'<InstrumentLikelihood {self.name!r}: {unclear}{best}; {self.windows} windows{staves}>'

    def _repr_html_(self) -> str:
        return html_table([self])
