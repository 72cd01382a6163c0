"""``rank``: melodies sorted by how like a class they are."""

import heapq
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from music21_kdic.answers.batches import batches, sounding
from music21_kdic.answers.classify import classify_scores
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import class_named, likeness
from music21_kdic.answers.unusual import why as reason
from music21_kdic.collection.engine.query import PartsQuery
from music21_kdic.collection.engine.rows import DIGITS, UNKNOWN, Row
from music21_kdic.collection.engine.run import Arranged, Batch, Run, check_top, common
from music21_kdic.collection.options import Options
from music21_kdic.collection.remarks import remarks_of
from music21_kdic.errors import NoteError, shown
from music21_kdic.model.session import Model, load_model
from music21_kdic.one_line import one_line
from music21_kdic.priors import Priors
from music21_kdic.reading.generated import WANTED, WANTED_VALUES, is_one, parts_in
from music21_kdic.reading.instruments import instruments_among
from music21_kdic.reading.note_rows import Assumed
from music21_kdic.reading.other_libraries import kind_of
from music21_kdic.reading.parts import FilePart, GeneratedPart
from music21_kdic.statuses import FAILED, Status


@dataclass(frozen=True, eq=False, kw_only=True)
class RankRow(Row):
    """A melody and its place.

    Attributes:
        rank: counted from 1; missing where there is no score.
        score, low, high, log_odds, typicality: see :class:`~music21_kdic.answers.likeness.Likeness`.
        path, track, channel, name, windows, label, confidence, sure, plausible, remark: as in
            :class:`~music21_kdic.collection.label.LabelRow`.
        why: what is unusual about it among real parts of the class; a column of the table where it was asked for.
    """

    rank: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    log_odds: float | None = None
    typicality: float | None = None
    path: str | None = None
    track: int | None = None
    channel: int | None = None
    name: str | None = None
    windows: int | None = None
    label: str = UNKNOWN
    confidence: float | None = None
    sure: bool | None = None
    plausible: str | None = None
    status: Status
    error: str = ''
    remark: str = ''
    why: str | None = None

    @property
    def stream(self) -> Any:
        """The melody itself where it was no file, see :class:`StreamRow`; else None."""
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class StreamRow(RankRow):
    """The row of a melody that was no file.

    Attributes:
        stream: the melody itself, as it was given (the Part of a Score, the Instrument of a PrettyMIDI).
    """

    stream: Any = None


@dataclass(frozen=True, kw_only=True)
class RankQuery(PartsQuery[RankRow]):
    """How like a class each part of a file is.

    Attributes:
        like: the class.
        why: also say what is unusual about it.
    """

    optional_columns: ClassVar[Mapping[str, Sequence[str]]] = {'why': ('why',)}

    like: str
    why: bool = False

    @property
    def row(self) -> type[RankRow]:
        """The dataclass of its rows."""
        return RankRow

    def of_files(self, files: Mapping[str, Sequence[FilePart]]) -> list[list[RankRow]]:
        """The rows of the parts of each file, their ranks left open; one that says so where it has none."""
        model = load_model(self.model)
        instruments = [instruments_among(parts) for parts in files.values()]
        scores = [
            ([part.notes for part in parts], numbers)
            for parts, numbers in zip(files.values(), instruments, strict=True)
        ]
        all_answers = classify_scores(scores, model, self.priors)
        found = []
        for (name, parts), numbers, answers in zip(files.items(), instruments, all_answers, strict=True):
            remarks = remarks_of(parts, numbers, numbers)
            rows = [
                replace(
                    _answered(answer, self.like, model, self.why),
                    path=name,
                    track=part.track,
                    channel=part.channel,
                    name=one_line(part.name),
                    remark=one_line(remark),
                )
                for part, answer, remark in zip(parts, answers, remarks, strict=True)
            ]
            found.append(rows or [RankRow.without_answer(name, Status.EMPTY)])
        return found


@dataclass(frozen=True, eq=False)
class _Candidate:
    """Something that was no file: what was given, its parts, and what is wrong with its notes."""

    given: Any
    parts: Sequence[GeneratedPart] = ()
    error: str = ''

    def sounding(self) -> float:
        """See :func:`~music21_kdic.answers.batches.sounding`."""
        return sum(sounding(part.notes) for part in self.parts)


def _of_candidates(
    candidates: Sequence[_Candidate], like: str, model: Model, priors: Priors, reasons: bool
) -> list[StreamRow]:
    """The rows of the parts of candidates, their ranks left open; one that says so where a candidate has none."""
    scores = [([part.notes for part in one.parts], instruments_among(one.parts)) for one in candidates]
    try:
        found = classify_scores(scores, model, priors)
    except NoteError as error:
        if len(candidates) > 1:  # one of them alone may be too much
            return [row for one in candidates for row in _of_candidates([one], like, model, priors, reasons)]
        return [StreamRow(status=Status.UNREADABLE, error=str(error), name='', stream=candidates[0].given)]
    rows: list[StreamRow] = []
    for one, answers in zip(candidates, found, strict=True):
        if not one.parts:
            status = Status.UNREADABLE if one.error else Status.EMPTY
            rows.append(StreamRow(status=status, error=one.error, name='', stream=one.given))
        rows += [
            StreamRow(**{**_answered(answer, like, model, reasons), 'name': one_line(part.name), 'stream': part.given})
            for part, answer in zip(one.parts, answers, strict=True)
        ]
    return rows


def _answered(answer: InstrumentLikelihood, like: str, model: Model, reasons: bool) -> RankRow:
    row = RankRow(windows=answer.windows, label=answer.best or UNKNOWN, status=answer.status)
    found = likeness(answer, like, model.contract)
    if found.score is None:
        return row
    return RankRow(
        **{
            **row,
            **{name: _rounded(getattr(found, name)) for name in ('score', 'low', 'high', 'log_odds', 'typicality')},
            'confidence': _rounded(answer.ranked()[0][1]),
            'sure': answer.sure,
            'plausible': ' '.join(answer.plausible),
            'why': reason(answer, like) if reasons else None,
        }
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def rank(
    streams_or_paths: Any,
    like: str = 'Guitar',
    output: str | Path | None = None,
    *,
    top: int | None = None,
    why: bool = False,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
    meter: str = Assumed.meter,
    tempo: float = Assumed.tempo,
    ticks: int | None = Assumed.ticks,
) -> Batch[RankRow]:
    """Sort melodies by how guitar-like (piano-like, ...) they are, the most so first.

    Each part is a melody. The score is the probability that its notes are music of the class, under equal priors unless
    others are given; ``low`` and ``high`` say how sure it is (:mod:`music21_kdic.answers.likeness`). A longer melody
    says more, also where it repeats itself: rank melodies of about one length.

    Args:
        streams_or_paths: things with notes, see :mod:`music21_kdic.reading.generated` (straight from a generator, if
            need be), or files as for :func:`music21_kdic.label`, or some of each.
        like: a class, as people write it.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file.
        top: keep the best so many (and the files that could not be read).
        why: also say what is unusual about each melody among real parts of the class.
        priors, model, jobs, timeout, memory, resume, quiet, force: see :class:`.options.Options`.
        meter, tempo, ticks: what is assumed of notes that do not say and are no file, see
            :class:`~music21_kdic.reading.note_rows.Assumed`. A track by itself whose times are seconds is read at 120
            quarter notes a minute unless ``tempo`` says otherwise.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`RankRow`, of :class:`StreamRow` for streams.
        What has nothing to go by, or could not be read, comes last, without a score.

    Raises:
        TypeError: where something is neither read nor a path; of several candidates it says which, counted from 0.
        NoteError: where ``meter``, ``tempo`` or ``ticks`` is none; what is wrong with a candidate's notes is its row.
        ClassNameError, LimitError, OutputError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> high = converter.parse("tinynotation: 4/4 c''8 d'' e'' f'' g'' a'' b'' c''' b''1")
    >>> low = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> [row['stream'] is low for row in rank(iter([high, low]), like='Bass')]
    [True, False]
    """
    top = check_top(top)
    options = Options(priors, model, jobs, timeout, memory, resume, quiet, force)
    assumed = Assumed(meter, tempo, ticks)
    like = class_named(like)
    run = Run(RankQuery(**common(options), like=like, why=bool(why)), options)
    paths: list[str | os.PathLike[str]] = []
    streams: list[RankRow] = []
    for some in batches(_candidates_among(streams_or_paths, assumed, paths), _Candidate.sounding):
        # The model is loaded when the first ones come: files are scored by the workers.
        streams += _of_candidates(some, like, load_model(run.query.model), run.query.priors, why)
        if top and len(streams) >= 2 * top + 100:  # no more of a generator's are kept than are wanted
            streams = _ranked(streams, top)

    def arrange(rows: Iterator[RankRow]) -> list[RankRow]:
        return _ranked(chain(streams, rows), top)

    return run.over(paths, output, Arranged(run.query.columns, arrange, {'top': top, 'streams': len(streams)}))


def _candidates_among(given: Any, assumed: Assumed, paths: list[str | os.PathLike[str]]) -> Iterator[_Candidate]:
    """What has notes, as it comes; paths are added to ``paths``."""
    if isinstance(given, str | os.PathLike):
        paths.append(given)
        return
    if isinstance(given, Mapping):
        raise TypeError(f'{type(given).__name__} {shown(given)}: wanted {WANTED_VALUES}')
    # No melodies, and not one without notes; a MidiTrack of mido is a list.
    nothing = isinstance(given, list | tuple) and not given and not kind_of(given)
    alone = is_one(given) and not nothing
    try:
        candidates = iter([given] if alone else given)
    except TypeError as error:
        what = f'{type(given).__name__} {shown(given)}'
        raise TypeError(f'{what}: wanted {WANTED}, or several of them, or paths') from error
    for place, item in enumerate(candidates):
        if isinstance(item, str | os.PathLike):
            paths.append(item)
            continue
        try:
            yield _Candidate(item, parts_in(item, assumed))
        except NoteError as error:
            yield _Candidate(item, error=str(error))
        except TypeError as error:
            if alone:
                raise
            raise TypeError(f'candidate {place}: {error}') from error


def _ranked(rows: Iterable[RankRow], top: int | None) -> list[RankRow]:
    """The best so many, or all; then what has none, of which a ``top`` leaves only what failed."""
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
    # By log-odds, as Likeness orders: they still differ where scores are 1 in so many digits.
    return -(row.log_odds or 0.0)
