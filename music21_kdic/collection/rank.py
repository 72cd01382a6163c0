"""``rank``: melodies sorted by how like a class they are."""

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic.answers.likelihood import InstrumentLikelihood, classify
from music21_kdic.answers.likeness import Likeness, class_named, likeness
from music21_kdic.collection.engine.files import DIGITS, FAILED, UNKNOWN, UNREADABLE, likeness_cells, one_line
from music21_kdic.collection.engine.run import Batch, Paths, check_top, run_for
from music21_kdic.collection.engine.tables import Row
from music21_kdic.collection.options import MEMORY_BYTES, TIMEOUT_SECONDS
from music21_kdic.errors import NoteError
from music21_kdic.features.evidence import CLASSIFIED
from music21_kdic.model.session import load_model
from music21_kdic.priors import Priors, plain_priors
from music21_kdic.reading.notes import NoteSequence

if TYPE_CHECKING:
    from music21_kdic.reading.streams import AnyStream

COLUMNS: dict[str, type] = {
    'rank': int,
    'score': float,
    'low': float,
    'high': float,
    'path': str,
    'track': int,
    'name': str,
    'windows': int,
    'label': str,
    'confidence': float,
    'status': str,
    'error': str,
}


class Scorer:
    """Scores one melody after another: made once, called in a loop that generates them.

    Args:
        like: a class, in whatever case.
        model: path of another ONNX model than the shipped one.
        prior: see :func:`music21_kdic.instrument_likelihood`.

    Raises:
        ClassNameError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> scorer = Scorer(like='bass')
    >>> line = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> found = scorer(line)
    >>> found.low < found.score < found.high
    True
    """

    def __init__(self, like: str = 'Guitar', model: str | Path | None = None, prior: Priors = None) -> None:
        self.like = class_named(like)
        self._model = load_model(model)
        self._prior = plain_priors(prior)

    def __call__(self, melody: 'AnyStream | NoteSequence') -> Likeness:
        """Score a melody (a Part, Measure, Voice or flat Stream, or notes without music21).

        Returns:
            :class:`~music21_kdic.answers.likeness.Likeness`. Where there is nothing to go by, the score is the prior,
            anywhere between 0 and 1 (low, high), from 0 windows.

        Raises:
            TypeError: where it is neither.
            NoteError: where it holds more notes or bars than are read.
        """
        return self._likeness(self._judge(melody, ''))

    def _judge(self, melody: 'AnyStream | NoteSequence', name: str) -> InstrumentLikelihood:
        if not isinstance(melody, NoteSequence):
            from music21_kdic.reading.streams import note_sequence

            melody = note_sequence(melody)
        (answer,) = classify([melody], self._model, self._prior, [name])
        return answer

    def _likeness(self, answer: InstrumentLikelihood) -> Likeness:
        if answer.status not in CLASSIFIED:
            return Likeness(answer[self.like], 0.0, 1.0, 0)
        return likeness(answer, self.like, self._model.contract)

    def row(self, melody: 'AnyStream | NoteSequence', name: str) -> Row:
        """A row as :func:`rank` returns it, its rank left open."""
        row: Row = dict.fromkeys(COLUMNS)
        row.update(name=one_line(name), label=UNKNOWN, status=UNREADABLE, stream=melody)
        try:
            answer = self._judge(melody, name)
        except NoteError as error:
            return row | {'error': str(error)}
        found = self._likeness(answer) if answer.status in CLASSIFIED else None
        row.update(
            windows=len(answer.matrix),
            label=answer.best or UNKNOWN,
            confidence=round(answer.ranked()[0][1], DIGITS) if found else None,
            status=answer.status,
            error='',
        )
        return row | (likeness_cells(found) if found else {})


def rank(
    streams_or_paths: 'Paths | AnyStream | Iterable[AnyStream | NoteSequence | str | os.PathLike[str]]',
    like: str = 'Guitar',
    output: str | Path | None = None,
    *,
    top: int | None = None,
    prior: Priors = None,
    model: str | Path | None = None,
    jobs: int | None = None,
    timeout: float = TIMEOUT_SECONDS,
    memory: int = MEMORY_BYTES,
    resume: bool = False,
    quiet: bool = False,
) -> Batch:
    """Sort melodies by how guitar-like (piano-like, ...) they are, the most so first.

    Each part is a melody. The score is the probability of the class given the notes, under equal priors unless
    others are given, judged from two-bar windows in a way that does not grow with the length; ``low`` and ``high`` say
    how sure it is (:mod:`music21_kdic.answers.likeness`), which does.

    Args:
        streams_or_paths: music21 streams (straight from a generator, if need be), or files as for
            :func:`music21_kdic.label`, or some of each.
        like: a class, in whatever case.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file.
        top: keep the best so many (and the files that could not be read).
        prior, model, jobs, timeout, memory, resume, quiet: as for :func:`music21_kdic.label`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch`; its rows have the columns of
        :data:`music21_kdic.collection.rank.COLUMNS` and, for a stream, ``stream``. What has nothing to go by, or
        could not be read, comes last, without a score.

    Raises:
        ClassNameError, LimitError, OutputError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> high = converter.parse("tinynotation: 4/4 c''8 d'' e'' f'' g'' a'' b'' c''' b''1")
    >>> low = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> [row['stream'] is low for row in rank(iter([high, low]), like='Bass')]
    [True, False]
    """
    check_top(top)
    run = run_for(prior, model, 0.0, jobs, timeout, memory, quiet, class_named(like))
    streams: list[Row] = []
    # Made when the first stream comes: files are scored by the workers.
    scorer = cache(lambda: Scorer(like, model, prior))
    paths = list(_paths_among(streams_or_paths, scorer, streams, top))

    def arrange(rows: Iterator[Row]) -> list[Row]:
        of_files = ({key: row.get(key) for key in COLUMNS} for row in rows)
        return _ranked(chain(streams, of_files), top)

    return run.over(paths, output, resume, arrange, COLUMNS, {'verb': 'rank', 'top': top, 'streams': len(streams)})


def _paths_among(
    given: Any, scorer: Callable[[], Scorer], streams: list[Row], top: int | None
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


def _ranked(rows: Iterable[Row], top: int | None) -> list[Row]:
    """The best so many, or all, by their scores; then what has none, of which a ``top`` leaves only what failed."""
    best: list[Row] = []
    rest: list[Row] = []
    for row in rows:
        if row['score'] is not None:
            best.append(row)
        elif not top or row['status'] in FAILED:
            rest.append(row | {'rank': None})
        if top and len(best) >= 2 * top + 100:
            best = heapq.nsmallest(top, best, key=_place)
    best = heapq.nsmallest(top or len(best), best, key=_place)
    return [*(row | {'rank': number} for number, row in enumerate(best, start=1)), *rest]


def _place(row: Row) -> float:
    return -float(row['score'])
