"""What a page shows of a part, beside its row of ``label``: each window's class, notes to play, reasons.

Of a recording, each class that sounds is a part: what is drawn is when.

Lists are JSON in a text, since cells of a row are plain values.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np

from music21_kdic.answers.explain import explain
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.collection.engine.query import Query
from music21_kdic.collection.engine.rows import DIGITS
from music21_kdic.collection.engine.run import common
from music21_kdic.collection.label import LabelQuery, LabelRow
from music21_kdic.collection.options import Options
from music21_kdic.errors import UnreadableError
from music21_kdic.model.checks import SOUND_SHA256
from music21_kdic.reading.endings import ALL_ENDINGS, WrongEndingError, is_recording
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.reading.parts import FilePart
from music21_kdic.sound.activity import SOUNDS, InstrumentActivity, clock, listen
from music21_kdic.statuses import CLASSIFIED, Status

MOST_WINDOWS = 400  # of a part, that are drawn
MOST_NOTES = 2000  # of a part, that can be played
TICKS = 96  # a quarter note
LONGEST_PART = 2**31  # ticks: more is not played

Window = tuple[float, float, int | str, int | str, str, float]  # start, end, first and last measure, class, probability


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawnRow(LabelRow):
    """What a part is told, and what a page draws and plays of it.

    Attributes:
        quarters: where the part ends, in quarter lengths; a recording in seconds.
        recording: whether the file is one.
        picture: the first MOST_WINDOWS windows, as JSON: [start, end, first measure, last measure, class, probability],
            moments in quarter lengths, the class by its place in CLASSES; missing where nothing is classified. Of a
            recording at most MOST_WINDOWS stretches in which the class sounds, with moments in place of measures.
        tune: the first MOST_NOTES notes, as JSON: three numbers for each in one list, ticks since the note before it
            began, length in ticks, pitch. TICKS are a quarter note.
        explanation: why, measure by measure, in lines; missing unless it was asked for.
    """

    quarters: float | None = None
    recording: bool = False
    picture: str | None = None
    tune: str | None = None
    explanation: str | None = None


@dataclass(frozen=True, kw_only=True)
class DrawnQuery(LabelQuery):
    """Which class each part of a file was written for, with what a page shows of it.

    Attributes:
        explain: also explain each answer measure by measure, which takes seconds a part.
    """

    at_once: ClassVar[int] = 1  # to explain a file takes long
    each_window: ClassVar[bool] = True

    why: bool = True
    explain: bool = False

    @property
    def row(self) -> type[LabelRow]:
        """The dataclass of its rows."""
        return DrawnRow

    def digest(self) -> str:
        """SHA-256 of the files of the models that answer: the student, and the shipped one that hears."""
        return hashlib.sha256(''.join([super().digest(), *SOUND_SHA256.values()]).encode()).hexdigest()

    def read(self, name: str, copy: str | None = None) -> list[LabelRow]:
        """The rows of a file's parts, or of the classes that sound in a recording."""
        if is_recording(name):
            return _of_recording(listen(name))
        try:
            return super().read(name, copy)
        except WrongEndingError as error:
            ending = Path(name).suffix.lower()
            raise UnreadableError(f'{name}: ends in {ending!r}, wanted one of {", ".join(ALL_ENDINGS)}') from error

    def row_of(self, name: str, part: FilePart, answer: InstrumentLikelihood, remark: str) -> LabelRow:
        """The row of an answer, with its picture."""
        classified = answer.status in CLASSIFIED
        more: dict[str, Any] = {'quarters': float(part.notes.bars[-1]), 'tune': _tune(part.notes)}
        if classified:
            more['picture'] = _picture(answer)
        if classified and self.explain:
            more['explanation'] = str(explain(answer))
        return replace(super().row_of(name, part, answer, remark), **more)


def _of_recording(activity: InstrumentActivity) -> list[LabelRow]:
    """A row for each class that sounds, the one that sounds longest first; one that says so where none does."""
    return [
        DrawnRow(
            path=activity.path,
            name=label,
            label=label,
            confidence=round(activity[label], DIGITS),
            sure=activity.sure_for(label) > 0,
            status=activity.status,
            remark=f'sounds for {100 * activity.share(label):.0f} % of {clock(activity.seconds)}',
            quarters=activity.seconds,
            recording=True,
            picture=_drawn_steps(activity, CLASSES.index(label)),
        )
        for label in activity.sounding
    ] or [DrawnRow.without_answer(activity.path, Status(activity.status))]


def _drawn_steps(activity: InstrumentActivity, place: int) -> str:
    """See DrawnRow: steps, so many at a time that they are few enough, of which the class sounds in one at least."""
    values = activity.probabilities[:, place]
    together = -(-len(values) // MOST_WINDOWS)
    found = []
    for first in range(0, len(values), together):
        begin, end = activity.times[first, 0], activity.times[first : first + together][-1, 1]
        if (value := values[first : first + together].max()) >= SOUNDS:
            cell = [round(begin, 3), round(end, 3), clock(begin), clock(end), place, round(float(value), 2)]
            found.append(cell)
    return _compact(found)


def drawn_query(options: Options, *, alone: bool, join_channels: bool, explain: bool = False) -> Query[DrawnRow]:
    """What is asked of each file for a page; see :class:`DrawnQuery`.

    Raises:
        PriorError: where the priors are no such thing.
    """
    query = DrawnQuery(**common(options), alone=alone, join_channels=join_channels, explain=explain)
    return cast(Query[DrawnRow], query)  # its rows are, though those of label need not be


def _picture(answer: InstrumentLikelihood) -> str:
    """See DrawnRow.

    >>> from music21_kdic.answers.classify import classify
    >>> from music21_kdic.model.session import load_model
    >>> part = NoteSequence(range(8), range(1, 9), [40, 43, 45, 47] * 2, [0, 4, 8])
    >>> json.loads(_picture(*classify([part], load_model())))[0][:4]
    [0.0, 8.0, 1, 2]
    """
    drawn = slice(MOST_WINDOWS)
    matrix = answer.matrix[drawn]
    return _compact(
        [
            [round(start, 3), round(end, 3), first, last, best, round(float(row[best]), 2)]
            for (start, end), (first, last), best, row in zip(
                answer.offsets[drawn].tolist(),
                answer.measures[drawn],
                matrix.argmax(axis=1).tolist(),
                matrix,
                strict=True,
            )
        ]
    )


def _tune(part: NoteSequence) -> str | None:
    """See DrawnRow; None where there is nothing to play.

    >>> _tune(NoteSequence([0, 1], [1, 1.5], [60, 64], [0, 4]))
    '[0,96,60,96,48,64]'
    """
    heard = slice(MOST_NOTES)
    onsets = np.rint(part.onsets[heard] * TICKS)
    if not onsets.size or not 0 <= onsets.min() <= onsets.max() < LONGEST_PART:
        return None
    lengths = np.maximum(1, np.rint((part.ends[heard] - part.onsets[heard]) * TICKS))
    columns = [np.diff(onsets, prepend=0), lengths.clip(max=LONGEST_PART), part.pitches[heard]]
    return _compact(np.stack(columns, axis=1).astype(np.int64).ravel().tolist())


def _compact(values: list[Any]) -> str:
    return json.dumps(values, separators=(',', ':'))


def read_picture(row: DrawnRow) -> list[Window]:
    """The windows of a row: start, end, first and last measure, class, probability; none where there are none."""
    return [
        (start, end, first, last, CLASSES[best], value)
        for start, end, first, last, best, value in json.loads(row.picture or '[]')
    ]
