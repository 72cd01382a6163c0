"""``label``: one row for each part of a collection."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from music21_kdic.classes import CLASSES
from music21_kdic.collection.engine.query import PartsQuery
from music21_kdic.collection.engine.rows import DIGITS, UNKNOWN, Row
from music21_kdic.collection.engine.run import Batch, Paths, Run, check_share, common, inputs_of
from music21_kdic.collection.options import Options
from music21_kdic.collection.remarks import remarks_of
from music21_kdic.one_line import one_line
from music21_kdic.priors import Priors
from music21_kdic.reading.general_midi import family_name, instrument_name, program_of
from music21_kdic.statuses import CLASSIFIED, Status

if TYPE_CHECKING:
    from distributed import Client

    from music21_kdic.answers.likelihood import InstrumentLikelihood
    from music21_kdic.reading.parts import FilePart


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelRow(Row):
    """What a part is told; a file without parts, or one that could not be read, is one row, too.

    Attributes:
        track, channel, program: counted from 0; of a score the number of the Part, nothing, its program in a MusicXML
            file, or that of its Instrument.
        name: of the track or Part; what is not printable is replaced.
        gm_instrument, gm_family: General MIDI's names for the program; missing where none is set, and for drums.
        drum: on MIDI channel 10 or another one that GS or XG gives to drums, or all unpitched percussion.
        notes: how many this track or Part has, with strokes of drums.
        windows: how many windows of two bars could be classified, of which the answer is made from 16 at most; of an
            instrument on several staves those of all.
        label: the likeliest class, or 'unknown'.
        confidence: its probability.
        plausible: the classes that are plausible, the likeliest first, in one text: 'Guitar Piano'; see
            :attr:`~music21_kdic.answers.likelihood.InstrumentLikelihood.plausible`; missing like the eight.
        remark: how a file that is not as its standard says was read, and with which tracks a part was answered as one.
        sure: see :attr:`~music21_kdic.answers.likelihood.InstrumentLikelihood.sure`; missing like the eight.
        Guitar to Reed: the eight probabilities; missing unless the status is 'ok' or 'unclear'.
        instrument: the likeliest instrument of the class ``label``, as the model names it.
        instrument_program: a General MIDI program for it, counted from 0.
        instrument_probability: its probability; those of all instruments of a class sum to the class's.
        why: what is unusual about the part among real parts of the likeliest class.

    ``why``, and what is told of the instrument, are columns of a table only where they were asked for; otherwise they
    are missing. So they are where nothing is classified, and of the instrument where the label is 'unknown'.
    """

    path: str
    track: int | None = None
    channel: int | None = None
    name: str | None = None
    program: int | None = None
    gm_instrument: str | None = None
    gm_family: str | None = None
    drum: bool | None = None
    notes: int | None = None
    windows: int | None = None
    label: str = UNKNOWN
    confidence: float | None = None
    sure: bool | None = None
    plausible: str | None = None
    status: Status
    error: str = ''
    remark: str = ''
    Guitar: float | None = None
    Piano: float | None = None
    Bass: float | None = None
    Strings: float | None = None
    Organ: float | None = None
    Brass: float | None = None
    Pipe: float | None = None
    Reed: float | None = None
    instrument: str | None = None
    instrument_program: int | None = None
    instrument_probability: float | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class LabelQuery(PartsQuery[LabelRow]):
    """Which class each part of a file was written for.

    Attributes:
        min_confidence: an answer of less confidence than this is ``unknown``.
        sure: so is one that is not :attr:`~music21_kdic.answers.likelihood.InstrumentLikelihood.sure`.
        alone: each part is classified by itself, and not with the other parts of its piece in view.
        join_channels: parts that differ by nothing but channel (and track) are one instrument.
        why: also say what is unusual about each part.
        instruments: also name the likeliest instrument of its class.
    """

    optional_columns: ClassVar[Mapping[str, Sequence[str]]] = {
        'instruments': ('instrument', 'instrument_program', 'instrument_probability'),
        'why': ('why',),
    }
    each_window: ClassVar[bool] = False  # whether each window is classified, too

    min_confidence: float = 0.0
    sure: bool = False
    alone: bool = False
    join_channels: bool = False
    why: bool = False
    instruments: bool = False

    @property
    def row(self) -> type[LabelRow]:
        """The dataclass of its rows."""
        return LabelRow

    def of_files(self, files: 'Mapping[str, Sequence[FilePart]]') -> list[list[LabelRow]]:
        """The rows of the parts of each file, by its name; one that says so where it has none."""
        # Workers need these, and not the process that starts them.
        from music21_kdic.answers.classify import classify_scores
        from music21_kdic.model.session import load_model
        from music21_kdic.reading.instruments import instruments_among, over_tracks

        alike = [over_tracks(parts) for parts in files.values()]
        instruments = alike if self.join_channels else [instruments_among(parts) for parts in files.values()]
        # Only the parts of one piece are classified together: an ABC file may hold hundreds of tunes.
        pieces = [
            ([part.notes for part in parts[here]], numbers[here])
            for parts, numbers in zip(files.values(), instruments, strict=True)
            for here in _pieces(parts)
        ]
        of_pieces = classify_scores(
            pieces, load_model(self.model), self.priors, together=not self.alone, each_window=self.each_window
        )
        answers = chain.from_iterable(of_pieces)
        found = []
        for place, (name, parts) in enumerate(files.items()):
            remarks = remarks_of(parts, instruments[place], alike[place])
            told = zip(parts, islice(answers, len(parts)), remarks, strict=True)
            rows = [row for each in told for row in self.rows_of(name, *each)]
            found.append(rows or [self.row.without_answer(name, Status.EMPTY)])
        return found

    def rows_of(self, name: str, part: 'FilePart', answer: 'InstrumentLikelihood', remark: str) -> list[LabelRow]:
        """The rows of a part of a file, from its answer and what is remarked upon."""
        return [self.row_of(name, part, answer, remark)]

    def row_of(self, name: str, part: 'FilePart', answer: 'InstrumentLikelihood', remark: str) -> LabelRow:
        """The row of an answer."""
        classified = answer.status in CLASSIFIED
        best, confidence = answer.ranked()[0]
        enough = confidence >= self.min_confidence and (answer.sure or not self.sure)
        program = None if part.is_drum else part.program
        label = best if answer.status == Status.OK and enough else UNKNOWN
        eight = [round(value, DIGITS) for value in answer.probabilities.tolist()]
        told: dict[str, Any] = dict(zip(CLASSES, eight, strict=True)) if classified else {}
        if self.instruments and label != UNKNOWN:
            told |= _likeliest_instrument(answer, label)
        if self.why and classified:
            from music21_kdic.answers.unusual import why as reason

            told['why'] = reason(answer)
        return self.row(
            path=name,
            track=part.track,
            channel=part.channel,
            name=one_line(part.name),
            program=part.program,
            gm_instrument=None if program is None else instrument_name(program),
            gm_family=None if program is None else family_name(program),
            drum=part.is_drum,
            notes=len(part.notes) + part.notes.unpitched,
            windows=answer.windows,
            label=label,
            confidence=round(confidence, DIGITS) if classified else None,
            sure=answer.sure if classified else None,
            plausible=' '.join(answer.plausible) if classified else None,
            status=answer.status,
            remark=one_line(remark),
            **told,
        )


def _likeliest_instrument(answer: 'InstrumentLikelihood', label: str) -> dict[str, Any]:
    """What is told of the likeliest instrument of a class."""
    kind = max(
        (kind for kind in answer.kinds if kind.class_name == label), key=lambda kind: answer.instruments[kind.name]
    )
    return {
        'instrument': kind.name,
        'instrument_program': program_of(kind.name, kind.programs),
        'instrument_probability': round(answer.instruments[kind.name], DIGITS),
    }


def _pieces(parts: 'Sequence[FilePart]') -> list[slice]:
    """Where the parts of each piece of a file lie, which follow one another."""
    from music21_kdic.features.rows import laid_out

    return laid_out([len(list(piece)) for _, piece in groupby(parts, key=attrgetter('piece'))])


def label(
    paths: Paths,
    output: str | Path | None = None,
    *,
    min_confidence: float = 0.0,
    sure: bool = False,
    alone: bool = False,
    join_channels: bool = False,
    why: bool = False,
    instruments: bool = False,
    client: 'Client | None' = None,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
) -> Batch[LabelRow]:
    """Say, for each part of some files, which instrument class it was written for, from its notes alone.

    A file that cannot be read, or not in time, is a row with a status, never an exception.

    Args:
        paths: files, folders, globs, see :func:`music21_kdic.collection.engine.inputs.find_inputs`.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file; with ``client`` a folder for Parquet files.
            It appears when it is whole. What is there already is left alone, unless ``force`` is set.
        min_confidence: an answer of less confidence than this is ``unknown``.
        sure: so is one that is not :attr:`~music21_kdic.answers.likelihood.InstrumentLikelihood.sure`.
        alone: classify each part by itself, and not with the other parts of its piece in view.
        join_channels: parts that differ by nothing but channel (and track) are the strings of one instrument. They
            may be two flutes, too, so without it they are only remarked upon.
        why: also say what is unusual about each part among real parts of its likeliest class, see
            :mod:`music21_kdic.answers.unusual`.
        instruments: also name the likeliest instrument of each part's class, with its program and its probability.
        client: a Dask client: the work is done on its cluster, see :mod:`music21_kdic.collection.engine.on_dask`.
        priors, model, jobs, timeout, memory, resume, quiet, force: see :class:`.options.Options`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`LabelRow`, without rows where there is an
        ``output``.

    Raises:
        OutputError: where the output is there already, or cannot be written.
        LimitError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21_kdic import label
    >>> batch = label('corpus:bwv66.6', jobs=1)
    >>> batch.files, batch.failed, [row.name for row in batch]
    (1, 0, ['Soprano', 'Alto', 'Tenor', 'Bass'])
    >>> (violin, *_) = label('corpus:haydn/opus74no1/movement3', instruments=True, jobs=1)
    >>> violin.label, violin.instrument, violin.instrument_program
    ('Strings', 'violin', 40)
    """
    min_confidence = check_share('min_confidence', min_confidence)
    options = Options(priors, model, jobs, timeout, memory, resume, quiet, force)
    query = LabelQuery(
        **common(options),
        min_confidence=min_confidence,
        sure=bool(sure),
        alone=bool(alone),
        join_channels=bool(join_channels),
        why=bool(why),
        instruments=bool(instruments),
    )
    run = Run(query, options)
    if client is not None:
        from music21_kdic.collection.engine.on_dask import run_on_dask

        skipped: Counter[str] = Counter()
        return run_on_dask(inputs_of(paths, skipped), skipped, output, client, run)
    return run.over(paths, output)
