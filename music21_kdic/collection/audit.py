"""``audit``: parts whose name or program disagrees with what their notes say, and parts that have neither."""

import math
import os
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from music21_kdic.classes import class_of_program
from music21_kdic.collection.engine.rows import UNKNOWN, Row
from music21_kdic.collection.engine.run import Arranged, Batch, Paths, Run, check_share, check_top, common
from music21_kdic.collection.label import LabelQuery, LabelRow
from music21_kdic.collection.options import AUDIT_THRESHOLD, Options
from music21_kdic.priors import Priors
from music21_kdic.reading.names import class_of_name
from music21_kdic.reading.names_in_a_file import names_of_no_instrument
from music21_kdic.reading.placeholders import is_unnamed
from music21_kdic.statuses import CLASSIFIED, FAILED, Status

if TYPE_CHECKING:
    from music21_kdic.answers.likelihood import InstrumentLikelihood
    from music21_kdic.reading.parts import FilePart

# The least probability that a claimed class is held to have, so that no disagreement is endless.
_LEAST = 1e-6

NAME, PROGRAM, BOTH, MISSING = 'name', 'program', 'name and program', 'missing'
DISAGREEMENTS = (NAME, PROGRAM, BOTH)


@dataclass(frozen=True, eq=False, kw_only=True)
class AuditRow(Row):
    """A finding: a part whose name or program disagrees with its notes, or is missing; or a file that was not read.

    Attributes:
        path, track, channel, name, program: as in :class:`~music21_kdic.collection.label.LabelRow`.
        confidence, sure, plausible: as there, of the answer with the other parts of its piece in view; where only that
            to the part by itself disagrees, or is sure enough to suggest anything, of that.
        by_itself: whether that is the answer to the part by itself, where there are two.
        finding: 'name', 'program' or 'name and program' for what disagrees with the notes; 'missing' for a part that
            has no name, or none that somebody chose (:func:`.is_unnamed`), or in a MIDI file no program.
        named, programmed: the classes that the name and the program claim.
        label: what the notes say; where something is missing the suggestion, or 'unknown'.
        disagreement: natural log of how much likelier the notes' class is than the claimed one.
        remark: as in :class:`~music21_kdic.collection.label.LabelRow`.
    """

    path: str
    track: int | None = None
    channel: int | None = None
    name: str | None = None
    program: int | None = None
    finding: str | None = None
    named: str | None = None
    programmed: str | None = None
    label: str = UNKNOWN
    confidence: float | None = None
    sure: bool | None = None
    plausible: str | None = None
    by_itself: bool = False
    disagreement: float | None = None
    status: Status
    error: str = ''
    remark: str = ''


@dataclass(frozen=True, eq=False, kw_only=True)
class HeardRow(LabelRow):
    """As in ``label``, what the notes of a part say; ``by_itself``: without the other parts of its piece in view."""

    by_itself: bool = False

    @property
    def counted_as(self) -> str | None:
        """None for the second row of a part, so that each part is counted once."""
        return None if self.by_itself else super().counted_as


@dataclass(frozen=True, kw_only=True)
class AuditQuery(LabelQuery):
    """What the notes of each part say, with the other parts of its piece in view, and by itself: a row each."""

    @property
    def row(self) -> type[HeardRow]:
        """The dataclass of its rows."""
        return HeardRow

    def rows_of(self, name: str, part: 'FilePart', answer: 'InstrumentLikelihood', remark: str) -> list[LabelRow]:
        """The two rows of a part; one where there are no other parts in view."""
        rows = super().rows_of(name, part, answer, remark)
        if answer.by_itself is not None:
            rows.append(HeardRow(**{**self.row_of(name, part, answer.by_itself, remark), 'by_itself': True}))
        return rows


class OneOfSeveral(AuditRow):
    """A finding about one of several parts that are on one track: its channel says which it is."""


def audit(
    paths: Paths,
    output: str | Path | None = None,
    *,
    threshold: float = AUDIT_THRESHOLD,
    missing: bool = False,
    top: int | None = None,
    alone: bool = False,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
) -> Batch[AuditRow]:
    """List the parts whose name or program disagrees with what the notes say, the worst first.

    Either answer accuses a part: that with the other parts of its piece in view, or that to the part by itself.

    A name claims a class where it is the name of an instrument (:func:`.class_of_name`), and neither the title of the
    song, borne by parts of three classes or more, nor "Bass" in a choir or an orchestra; a program where it is of one
    of the eight classes. A program of no class (a choir, a synthesizer) is held against a part only where its name
    bears the notes out: named "Bass", program 53, and the notes say Bass.

    Args:
        paths: as for :func:`music21_kdic.label`.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file.
        threshold: only answers of at least this confidence accuse anybody, or suggest anything.
        missing: list parts without a name that somebody chose, or of MIDI files without a program, too.
        top: keep the worst so many (and the files that could not be read).
        alone: classify each part only by itself, and not with the other parts of its piece in view.
        priors, model, jobs, timeout, memory, resume, quiet, force: see :class:`.options.Options`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`AuditRow`: what disagrees, then (where
        ``missing`` is set) what has no name or program, then the files that could not be read.

    Raises:
        LimitError, OutputError, ModelError, PriorError: see :mod:`music21_kdic.errors`.

    >>> from music21_kdic import audit
    >>> audit('corpus:bwv66.6', threshold=1.0, jobs=1).rows
    []
    """

    def arrange(rows: Iterator[LabelRow]) -> list[AuditRow]:
        of_files = groupby(cast('Iterator[HeardRow]', rows), key=attrgetter('path'))
        found = [finding for _, parts in of_files for finding in findings_in(list(parts), threshold)]
        if not missing:
            found = [finding for finding in found if finding.finding != MISSING]
        found.sort(key=lambda row: (row.status in FAILED, row.finding == MISSING, -(row.disagreement or 0)))
        return found if top is None else [*found[:top], *(row for row in found[top:] if row.status in FAILED)]

    threshold, top = check_share('threshold', threshold), check_top(top)
    options = Options(priors, model, jobs, timeout, memory, resume, quiet, force)
    arranged = Arranged(
        AuditRow.columns(), arrange, {'verb': 'audit', 'threshold': threshold, 'missing': bool(missing), 'top': top}
    )
    return Run(AuditQuery(**common(options), alone=bool(alone)), options).over(paths, output, arranged)


def findings_in(rows: Sequence[HeardRow], threshold: float) -> list[AuditRow]:
    """What is found in the parts of one file, in their order."""
    silent, found = silent_names(rows), []
    on_track = Counter(row.track for row in rows if not row.by_itself)
    for row, by_itself in _by_part(rows):
        if (finding := _accusation([_heard(one, threshold, silent) for one in (row, *by_itself)])) is not None:
            found.append(OneOfSeveral(**finding) if on_track[row.track] > 1 else finding)
    return found


def _by_part(rows: Sequence[HeardRow]) -> Iterator[tuple[HeardRow, list[HeardRow]]]:
    """Of each part of a file its row, and that by itself where there is one."""
    for place, row in enumerate(rows):
        if not row.by_itself:
            yield row, [one for one in rows[place + 1 : place + 2] if one.by_itself]


def _heard(row: HeardRow, threshold: float, silent: Container[str | None]) -> AuditRow | None:
    """What is found in a row, and whether it is of the part by itself."""
    found = examine(row, threshold, silent)
    return found and replace(found, by_itself=row.by_itself)


def _accusation(findings: Sequence[AuditRow | None]) -> AuditRow | None:
    """Of what was found in the rows of a part, the first that contradicts it; else the first that suggests a class,
    else the first.

    Either row may accuse, or suggest: what stands in a score by mistake is taken for what its neighbours are, and a
    part that says little by itself is known by them.
    """
    found = [one for one in findings if one is not None]
    accusing = [one for one in found if one.finding in DISAGREEMENTS]
    suggesting = [one for one in found if one.finding == MISSING and one.label != UNKNOWN]
    return next(iter([*accusing, *suggesting]), findings[0])


def silent_names(rows: Sequence[LabelRow]) -> set[str]:
    """The names of one file's parts that claim no class, see :func:`.names_of_no_instrument`."""
    return names_of_no_instrument([(row.name or '', row.program) for row in rows if not row.drum])


def examine(row: LabelRow, threshold: float = AUDIT_THRESHOLD, silent: Container[str | None] = ()) -> AuditRow | None:
    """Hold one row of :func:`music21_kdic.label` against its own name and program; None where all is well.

    ``silent`` are names that claim no class, see :func:`silent_names`.
    """
    named = class_of_name(row.name) if row.name and row.name not in silent else None
    programmed = None if row.program is None else class_of_program(row.program)
    found = AuditRow(
        path=row.path,
        track=row.track,
        channel=row.channel,
        name=row.name,
        program=row.program,
        named=named,
        programmed=programmed,
        label=row.label,
        confidence=row.confidence,
        sure=row.sure,
        plausible=row.plausible,
        status=row.status,
        error=row.error,
        remark=row.remark,
    )
    if row.status in FAILED:
        return found
    if row.status not in CLASSIFIED or row.confidence is None:
        return None
    sure = accuses(row.status, row.confidence, threshold)
    name_wrong = sure and disagrees(named, row.label)
    of_no_class = row.program is not None and programmed is None and named == row.label
    program_wrong = sure and (disagrees(programmed, row.label) or of_no_class)
    if name_wrong or program_wrong:
        claimed = [row[one] for one in (named, programmed) if one not in (None, row.label)]
        # Against a program of no class stands all the rest of the probability.
        beside = max(_LEAST, min(claimed) if claimed else 1 - row.confidence)
        finding = BOTH if name_wrong and program_wrong else NAME if name_wrong else PROGRAM
        return replace(found, finding=finding, disagreement=round(math.log(row.confidence / beside), 3))
    if is_unnamed(row.name) or (row.program is None and row.channel is not None):
        return replace(found, finding=MISSING, label=row.label if sure else UNKNOWN)
    return None


def accuses(status: Status, confidence: float, threshold: float = AUDIT_THRESHOLD) -> bool:
    """Whether an answer is sure enough to accuse anybody: of a class that can be named, as probable as that."""
    return status == Status.OK and confidence >= threshold


def disagrees(claimed: str | None, label: str) -> bool:
    """Whether a claim is of another class than the notes say; None claims nothing."""
    return claimed not in (None, label)


def sentence(found: AuditRow) -> str:
    """Say a finding in words; nothing about a file that could not be read.

    >>> sentence(AuditRow(path='a.mid', name='Bass', program=53, label='Bass', confidence=0.93, status=Status.OK))
    'named "Bass", program 53; the notes say Bass 0.93'

    An accusation is weak where what is claimed is plausible, too.
    """
    if found.confidence is None:
        return ''
    notes = 'the notes by themselves' if found.by_itself else 'the notes'
    said = 'are not sure' if found.label == UNKNOWN else f'say {found.label} {found.confidence:.2f}'
    name = f'named "{found.name}"' if found.name else 'no name'
    program = 'no program' if found.program is None else f'program {found.program}'
    plausible = (found.plausible or '').split()
    too = [one for one in dict.fromkeys((found.named, found.programmed)) if one != found.label and one in plausible]
    weak = f' ({" and ".join(too)} would be plausible, too)' if too and found.finding in DISAGREEMENTS else ''
    return f'{name}, {program}; {notes} {said}{weak}'


def disagreeing(findings: Iterable[Mapping[str, Any]]) -> bool:
    """Is there any part among them whose name or program disagrees with its notes?"""
    return any(row['finding'] in DISAGREEMENTS for row in findings)
