"""What a part is told: the eight likelihoods, the windows they come from, and forms to show them in."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from music21_kdic.classes import CLASSES
from music21_kdic.errors import NoteError, needs
from music21_kdic.features.evidence import windows_to_classify
from music21_kdic.features.windows import MAX_SOUNDING, Windows
from music21_kdic.model.session import Model, WindowAnswers, log_softmax
from music21_kdic.priors import Priors, check_priors
from music21_kdic.reading.instruments import joined
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence
from music21_kdic.statuses import CLASSIFIED, Status

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class InstrumentLikelihood(Mapping[str, float]):
    """How likely each class is for one part, given its notes alone.

    A mapping from class to probability: the eight lie in [0, 1], sum to 1, and are posterior probabilities
    under the priors that were asked for (equal ones where none were). A part is judged by all its different windows at
    once, see :mod:`music21_kdic.model.part_head`.

    Attributes:
        probabilities: the eight probabilities in the order of CLASSES, shape (8,). Where there is nothing to go by
            (``status`` is neither 'ok' nor 'unclear') they are the priors.
        matrix: the same for each window by itself, shape (windows, 8).
        offsets: each window's first and last moment, in quarter lengths from the part's start, shape (windows, 2).
        measures: the numbers of each window's first and last measure, as the score has them.
        name: what the part is called, for display; it has no influence.
        notes: how many notes sound in the part.
        status: 'ok'; 'unclear' (judged, but the notes favour no class enough to name it); or why there is nothing to go
            by: 'empty', 'drums', 'too-short', 'out-of-range', see :mod:`music21_kdic.features.evidence`.
        sure: the status is 'ok', and the notes alone make the likeliest class so probable that of such answers nine in
            ten were right on validation data (``sure_confidence`` of the model's :mod:`~music21_kdic.model.contract`).
        joined: where the part is a staff of an instrument of several: the numbers of their Parts, counted from 0; the
            answer, its windows and its notes are those of them all. Empty for an instrument on one staff.
    """

    probabilities: FloatArray
    matrix: FloatArray
    offsets: FloatArray
    measures: tuple[tuple[str, str], ...]
    name: str
    notes: int
    status: Status
    sure: bool
    joined: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for values in (self.probabilities, self.matrix, self.offsets):
            values.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy through the constructor: arrays come back from a pickle writeable."""
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __getitem__(self, name: str) -> float:
        if name not in CLASSES:
            raise KeyError(f'{name!r} is no class, wanted one of {", ".join(CLASSES)}')
        return float(self.probabilities[CLASSES.index(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(CLASSES)

    def __len__(self) -> int:
        return len(CLASSES)

    @property
    def best(self) -> str | None:
        """The most likely class, None where the notes do not say (``status`` is not 'ok')."""
        return self.ranked()[0][0] if self.status == Status.OK else None

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
            'joined': list(self.joined),
            'notes': self.notes,
            'likelihoods': dict(self),
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
        """Draw measures against classes and return the Axes; see :func:`music21_kdic.answers.plots.plot_windows`."""
        from music21_kdic.answers.plots import plot_windows

        return plot_windows(self, ax)

    def __repr__(self) -> str:
        if self.status not in CLASSIFIED:
            return f'<InstrumentLikelihood {self.name!r}: {self.status}>'
        best = ', '.join(f'{name} {value:.2f}' for name, value in self.ranked()[:3])
        unclear = f'{Status.UNCLEAR}, ' if self.status == Status.UNCLEAR else ''
        staves = f', staves {", ".join(map(str, self.joined))}' if self.joined else ''
        return f'<InstrumentLikelihood {self.name!r}: {unclear}{best}; {len(self.matrix)} windows{staves}>'

    def _repr_html_(self) -> str:
        return _html_table([self])


class ScoreLikelihood(Sequence[InstrumentLikelihood]):
    """One :class:`InstrumentLikelihood` per Part, in score order, with the same forms."""

    def __init__(self, parts: Sequence[InstrumentLikelihood]) -> None:
        self._parts = tuple(parts)

    @overload
    def __getitem__(self, index: int) -> InstrumentLikelihood: ...
    @overload
    def __getitem__(self, index: slice) -> 'ScoreLikelihood': ...
    def __getitem__(self, index: int | slice) -> 'InstrumentLikelihood | ScoreLikelihood':
        if isinstance(index, slice):
            return ScoreLikelihood(self._parts[index])
        return self._parts[index]

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def best(self) -> list[str | None]:
        """The most likely class of each part, None where the notes do not say."""
        return [part.best for part in self]

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
        """One row per part: best class, status and the eight values; the index is the part's name.

        Raises:
            MissingExtraError: where pandas is not installed.
        """
        with needs('pandas', 'a table of pandas'):
            import pandas

        table = pandas.DataFrame(
            self.matrix, columns=list(CLASSES), index=pandas.Index([p.name for p in self], name='part')
        )
        table.insert(0, 'best', self.best)
        table.insert(1, 'status', [part.status for part in self])
        return table

    def plot(self, ax: 'Axes | None' = None) -> 'Axes':
        """Draw parts against classes and return the Axes; see :func:`music21_kdic.answers.plots.plot_parts`."""
        from music21_kdic.answers.plots import plot_parts

        return plot_parts(self, ax)

    def __repr__(self) -> str:
        lines = ''.join(f'\n  {part!r}' for part in self)
        return f'<ScoreLikelihood of {len(self)} parts>{lines}'

    def _repr_html_(self) -> str:
        return _html_table(self)


def classify(
    parts: Sequence[NoteSequence], model: Model, priors: Priors = None, names: Sequence[str] | None = None
) -> list[InstrumentLikelihood]:
    """Score some parts together, which is faster than one by one.

    Args:
        parts: what each part sounds.
        model: the student.
        priors: how likely each class is before the notes are seen, as a mapping from every class or as eight
            numbers in the order of CLASSES; positive, scaled to sum 1. ``'training'``: as frequent as in the
            collections that the model learnt from. Equal where left out.
        names: one for each part, for display.

    Returns:
        An answer for each part, in their order.

    Raises:
        PriorError: where the priors are no such thing.
        NoteError: where a part holds more than is read, or all together sound in more than MAX_SOUNDING windows.
    """
    asked = model.contract.priors if isinstance(priors, str) and priors == 'training' else check_priors(priors)
    if not parts:
        return []
    found = [windows_to_classify(part) for part in parts]
    sounding = sum(windows.window.size for windows, _ in found)
    if sounding > MAX_SOUNDING:
        raise NoteError(
            f'{sounding} times a note sounds in a window, in {len(parts)} parts: at most {MAX_SOUNDING} are read'
        )
    answers = model.read(Windows.joined([windows for windows, _ in found]))
    each = np.split(answers.which, np.cumsum([len(windows) for windows, _ in found])[:-1])
    return [
        _answer(part, windows, status, name, model, answers, which, np.log(asked))
        for part, (windows, status), which, name in zip(parts, found, each, names or [''] * len(parts), strict=True)
    ]


def classify_staves(
    parts: Sequence[NoteSequence],
    instruments: Sequence[int],
    model: Model,
    priors: Priors = None,
    names: Sequence[str] | None = None,
) -> list[InstrumentLikelihood]:
    """Score some parts together, those of one instrument as one; they share the answer, each with its own name.

    Args:
        parts, model, priors, names: see :func:`classify`.
        instruments: the number of each part's instrument.

    Returns:
        An answer for each part, in their order.

    Raises:
        PriorError, NoteError: see :func:`classify`.
    """
    together: dict[int, list[int]] = {}
    for i, instrument in enumerate(instruments):
        together.setdefault(instrument, []).append(i)
    answers = classify([joined([parts[i] for i in staves]) for staves in together.values()], model, priors)
    answer_of = {i: answer for staves, answer in zip(together.values(), answers, strict=True) for i in staves}
    return [
        replace(
            answer_of[i],
            name=names[i] if names else '',
            joined=tuple(together[instrument]) if len(together[instrument]) > 1 else (),
        )
        for i, instrument in enumerate(instruments)
    ]


def _answer(
    notes: NoteSequence,
    windows: Windows,
    status: Status,
    name: str,
    model: Model,
    answers: WindowAnswers,
    which: IntArray,
    log_prior: FloatArray,
) -> InstrumentLikelihood:
    evidence = np.zeros(len(CLASSES))
    if status == Status.OK:
        evidence = model.classify_part(answers.embeddings[np.unique(which)])
        # What the notes say by themselves; priors may be as sure as they like.
        if np.exp(evidence.max()) < model.contract.least_confidence:
            status = Status.UNCLEAR
    posterior = log_softmax(evidence + log_prior)
    numbers = notes.measure_numbers
    return InstrumentLikelihood(
        probabilities=np.exp(posterior),
        matrix=np.exp(log_softmax(answers.logs[which] + log_prior)),
        offsets=np.stack([windows.starts, windows.ends], axis=1),
        measures=tuple((numbers[first], numbers[past - 1]) for first, past in windows.bars.tolist()),
        name=name,
        notes=len(notes),
        status=status,
        sure=status == Status.OK and bool(np.exp(evidence[posterior.argmax()]) >= model.contract.sure_confidence),
    )


def _html_table(parts: Sequence[InstrumentLikelihood]) -> str:
    head = ''.join(f'<th>{html.escape(title)}</th>' for title in ('part', 'best', *CLASSES, 'windows'))
    rows = ''.join(
        '<tr>'
        + ''.join(
            f'<td>{html.escape(cell)}</td>'
            for cell in (
                part.name,
                part.best or part.status,
                *(f'{v:.2f}' for v in part.probabilities),
                str(len(part.matrix)),
            )
        )
        + '</tr>'
        for part in parts
    )
    return f'<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
