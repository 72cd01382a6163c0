"""``rank``: melodies sorted by how like a class they are."""

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic.answers.classify import classify, classify_staves
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import Likeness, class_named, likeness
from music21_kdic.collection.engine.files import one_line, read_parts
from music21_kdic.collection.engine.query import Query
from music21_kdic.collection.engine.rows import DIGITS, UNKNOWN, Row
from music21_kdic.collection.engine.run import Arranged, Batch, Paths, Run, check_top, common
from music21_kdic.collection.options import Options
from music21_kdic.errors import NoteError
from music21_kdic.model.session import Model, load_model
from music21_kdic.priors import Priors, plain_priors
from music21_kdic.reading.instruments import instruments_among
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.statuses import CLASSIFIED, FAILED, Status

if TYPE_CHECKING:
    from music21_kdic.reading.streams import AnyStream


@dataclass(frozen=True, eq=False, kw_only=True)
class RankRow(Row):
    """A melody and its place.

    Attributes:
        rank: counted from 1; missing where there is no score.
        score, low, high: see :class:`~music21_kdic.answers.likeness.Likeness`.
        path, track, name, windows, label, confidence, sure: as in :class:`~music21_kdic.collection.label.LabelRow`.
    """

    rank: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    path: str | None = None
    track: int | None = None
    name: str | None = None
    windows: int | None = None
    label: str = UNKNOWN
    confidence: float | None = None
    sure: bool | None = None
    status: Status
    error: str = ''


@dataclass(frozen=True, eq=False, kw_only=True)
class StreamRow(RankRow):
    """The row of a melody that was no file.

    Attributes:
        stream: the melody itself, a music21 Stream or a :class:`~music21_kdic.reading.notes.NoteSequence`.
    """

    stream: Any = None


@dataclass(frozen=True, kw_only=True)
class RankQuery(Query[RankRow]):
    """How like a class each part of a file is.

    Attributes:
        like: the class.
    """

    like: str

    @property
    def row(self) -> type[RankRow]:
        """The dataclass of its rows."""
        return RankRow

    def read(self, name: str, copy: str | None = None) -> list[RankRow]:
        """The rows of a file's parts, their ranks left open."""
        model = load_model(self.model)
        parts = read_parts(name)
        answers = classify_staves([part.notes for part in parts], instruments_among(parts), model, self.priors)
        rows = [
            replace(_answered(answer, self.like, model), path=name, track=part.track, name=one_line(part.name))
            for part, answer in zip(parts, answers, strict=True)
        ]
        return rows or [RankRow.without_answer(name, Status.EMPTY)]


class Scorer:
    """Scores one melody after another: made once, called in a loop that generates them.

    Args:
        like: a class, in whatever case.
        model: path of another ONNX model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.

    Raises:
        ClassNameError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> scorer = Scorer(like='bass')
    >>> line = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> found = scorer(line)
    >>> found.low < found.score < found.high
    True
    """

    def __init__(
        self, like: str = 'Guitar', model: str | os.PathLike[str] | None = None, priors: Priors = None
    ) -> None:
        self.like = class_named(like)
        self._model = load_model(None if model is None else Path(model))
        self._priors = plain_priors(priors)

    def __call__(self, melody: 'AnyStream | NoteSequence') -> Likeness:
        """Score a melody (a Part, Measure, Voice or flat Stream, or notes without music21).

        Returns:
            :class:`~music21_kdic.answers.likeness.Likeness`. Where there is nothing to go by, the score is the prior,
            anywhere between 0 and 1 (low, high), from 0 windows.

        Raises:
            TypeError: where it is neither.
            NoteError: where it holds more notes or bars than are read.
        """
        answer = self._classify(melody)
        if answer.status not in CLASSIFIED:
            return Likeness(answer[self.like], 0.0, 1.0, 0)
        return likeness(answer, self.like, self._model.contract)

    def _classify(self, melody: 'AnyStream | NoteSequence') -> InstrumentLikelihood:
        if not isinstance(melody, NoteSequence):
            from music21_kdic.reading.streams import note_sequence

            melody = note_sequence(melody)
        (answer,) = classify([melody], self._model, self._priors)
        return answer

    def row(self, melody: 'AnyStream | NoteSequence', name: str) -> StreamRow:
        """The row of a melody as :func:`rank` returns it, its rank left open."""
        try:
            found = _answered(self._classify(melody), self.like, self._model)
        except NoteError as error:
            found = RankRow(status=Status.UNREADABLE, error=str(error))
        return StreamRow(**{**found, 'name': one_line(name), 'stream': melody})


def _answered(answer: InstrumentLikelihood, like: str, model: Model) -> RankRow:
    row = RankRow(windows=answer.windows, label=answer.best or UNKNOWN, status=answer.status)
    if answer.status not in CLASSIFIED:
        return row
    found = likeness(answer, like, model.contract)
    return replace(
        row,
        score=round(found.score, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        confidence=round(answer.ranked()[0][1], DIGITS),
        sure=answer.sure,
    )


def rank(
    streams_or_paths: 'Paths | AnyStream | Iterable[AnyStream | NoteSequence | str | os.PathLike[str]]',
    like: str = 'Guitar',
    output: str | Path | None = None,
    *,
    top: int | None = None,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
) -> Batch[RankRow]:
    """Sort melodies by how guitar-like (piano-like, ...) they are, the most so first.

    Each part is a melody. The score is the probability of the class given the notes, under equal priors unless
    others are given, from two-bar windows in a way that does not grow with the length; ``low`` and ``high`` say
    how sure it is (:mod:`music21_kdic.answers.likeness`), which does.

    Args:
        streams_or_paths: music21 streams (straight from a generator, if need be), or files as for
            :func:`music21_kdic.label`, or some of each.
        like: a class, in whatever case.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file.
        top: keep the best so many (and the files that could not be read).
        priors, model, jobs, timeout, memory, resume, quiet, force: see :class:`.options.Options`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`RankRow`, of :class:`StreamRow` for streams.
        What has nothing to go by, or could not be read, comes last, without a score.

    Raises:
        ClassNameError, LimitError, OutputError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> high = converter.parse("tinynotation: 4/4 c''8 d'' e'' f'' g'' a'' b'' c''' b''1")
    >>> low = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> [row['stream'] is low for row in rank(iter([high, low]), like='Bass')]
    [True, False]
    """
    check_top(top)
    options = Options(priors, model, jobs, timeout, memory, resume, quiet, force)
    run = Run(RankQuery(**common(options), like=class_named(like)), options)
    streams: list[RankRow] = []
    # Made when the first stream comes: files are scored by the workers.
    scorer = cache(lambda: Scorer(like, model, priors))
    paths = list(_paths_among(streams_or_paths, scorer, streams, top))

    def arrange(rows: Iterator[RankRow]) -> list[RankRow]:
        return _ranked(chain(streams, rows), top)

    return run.over(paths, output, Arranged(RankRow, arrange, {'top': top, 'streams': len(streams)}))


def _paths_among(
    given: Any, scorer: Callable[[], Scorer], streams: list[RankRow], top: int | None
) -> Iterator[str | os.PathLike[str]]:
    """Pass on the paths; score what is a stream at once, and keep no more of a generator's than are wanted."""
    if isinstance(given, str | os.PathLike):
        yield given
        return
    for item in [given] if _is_melody(given) else given:
        if isinstance(item, str | os.PathLike):
            yield item
        elif isinstance(item, NoteSequence):
            streams.append(scorer().row(item, ''))
        elif not _is_melody(item):
            raise TypeError(f'{type(item).__name__} {item!r}: wanted a music21 Stream or a path')
        else:
            from music21_kdic.plugin.method import part_name
            from music21_kdic.reading.streams import parts_of

            streams += [scorer().row(part, part_name(part)) for part in parts_of(item)]
        if top and len(streams) >= 2 * top + 100:
            streams[:] = _ranked(streams, top)


def _is_melody(given: Any) -> bool:
    # A music21 Stream is iterable too: one Score is some melodies, not a list of notes and barlines.
    return hasattr(given, 'isStream') or isinstance(given, NoteSequence)


def _ranked(rows: Iterable[RankRow], top: int | None) -> list[RankRow]:
    """The best so many, or all, by their scores; then what has none, of which a ``top`` leaves only what failed."""
    best: list[RankRow] = []
    rest: list[RankRow] = []
    for row in rows:
        if row.score is not None:
            best.append(row)
        elif not top or row.status in FAILED:
            rest.append(row)
        if top and len(best) >= 2 * top + 100:
            best = heapq.nsmallest(top, best, key=_place)
    best = heapq.nsmallest(top or len(best), best, key=_place)
    return [*(replace(row, rank=number) for number, row in enumerate(best, start=1)), *rest]


def _place(row: RankRow) -> float:
    return -(row.score or 0.0)
