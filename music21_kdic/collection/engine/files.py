"""One file: its parts, whichever format it is in, and the row of the table that each becomes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from music21_kdic.answers.likelihood import InstrumentLikelihood, classify
from music21_kdic.answers.likeness import Likeness, likeness
from music21_kdic.classes import CLASSES
from music21_kdic.collection.engine.inputs import MIDI_SUFFIXES
from music21_kdic.collection.engine.tables import Row
from music21_kdic.errors import KdicError, UnreadableError
from music21_kdic.features.evidence import CLASSIFIED, EMPTY
from music21_kdic.model.session import load_model
from music21_kdic.priors import Priors
from music21_kdic.reading.content import read_content
from music21_kdic.reading.midi import FilePart, midi_start, parse_midi
from music21_kdic.reading.scores import CORPUS, read_corpus, read_score

UNKNOWN = 'unknown'
UNREADABLE, TIMEOUT = 'unreadable', 'timeout'
FAILED = (UNREADABLE, TIMEOUT)

# The columns of a table of parts, and the type of each; any but path, label and status may be missing.
COLUMNS: dict[str, type] = {
    'path': str,
    'track': int,
    'channel': int,
    'name': str,
    'program': int,
    'drum': bool,
    'notes': int,
    'windows': int,
    'label': str,
    'confidence': float,
    'status': str,
    'error': str,
    **dict.fromkeys(CLASSES, float),
}
LIKENESS_COLUMNS: dict[str, type] = {'score': float, 'low': float, 'high': float}
DIGITS = 6


@dataclass(frozen=True)
class Settings:
    """What the answers depend on, besides the files.

    Attributes:
        model: path of another ONNX model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.
        like: a class whose likeness is wanted too (score, low, high).
        min_confidence: an answer less sure than this is ``unknown``.
        sure: so is one that is not :attr:`~music21_kdic.answers.likelihood.InstrumentLikelihood.sure`.
        dry_run: where files are to be tagged, only say what would be added.
    """

    model: str | None = None
    priors: Priors = None
    like: str | None = None
    min_confidence: float = 0.0
    dry_run: bool = False
    sure: bool = False


def read_parts(name: str) -> list[FilePart]:
    """Read a MIDI file, a score that music21 reads, or ``corpus:`` and a name in music21's corpus.

    Raises:
        UnreadableError: where the file is missing or cannot be read.
        NoteError: where it holds more than is read.
    """
    if name.startswith(CORPUS):
        return read_corpus(name)
    if os.path.isdir(name):
        raise UnreadableError(f'{name}: a folder without MIDI or score files, or one that cannot be opened')
    content = read_content(name)
    if Path(name).suffix.lower() in MIDI_SUFFIXES or midi_start(content) >= 0:
        return list(parse_midi(content, name).parts)
    return read_score(content, name)


def label_file(name: str, settings: Settings) -> list[Row]:
    """Answer for each part of a file: a row a part, or one row that says why there is none.

    Any failure to read is a row: a collection holds whatever people upload.
    """
    return rows_or_failure(name, lambda: part_rows(name, read_parts(name), settings))


def rows_or_failure(name: str, answer: Callable[[], list[Row]]) -> list[Row]:
    """What ``answer`` returns, or a row that says what was wrong with the file; only a lack of memory is raised."""
    try:
        return answer()
    except MemoryError:
        raise
    except KdicError as error:
        return [blank_row(name, UNREADABLE, str(error).removeprefix(f'{name}: '))]
    except Exception as error:  # nothing that a file holds may end the run
        return [blank_row(name, UNREADABLE, f'{type(error).__name__}: {error}')]


def part_rows(name: str, parts: Sequence[FilePart], settings: Settings) -> list[Row]:
    """A row for each part of a file; one that says so where there is none."""
    answers = classify([part.notes for part in parts], load_model(settings.model), settings.priors)
    rows = [_row(name, part, answer, settings) for part, answer in zip(parts, answers, strict=True)]
    return rows or [blank_row(name, EMPTY)]


def blank_row(name: str, status: str, error: str = '') -> Row:
    """A row for a file without an answer."""
    row: Row = dict.fromkeys(COLUMNS)
    row.update(path=name, label=UNKNOWN, status=status, error=' '.join(error.split())[:300])
    return row


def _row(name: str, part: FilePart, answer: InstrumentLikelihood, settings: Settings) -> Row:
    row = blank_row(name, answer.status)
    row.update(
        track=part.track,
        channel=part.channel,
        name=one_line(part.name),
        program=part.program,
        drum=part.is_drum,
        notes=answer.notes + part.notes.unpitched,
        windows=len(answer.matrix),
    )
    if answer.status in CLASSIFIED:
        confidence = answer.ranked()[0][1]
        enough = confidence >= settings.min_confidence and (answer.sure or not settings.sure)
        row.update(
            label=answer.best if answer.best and enough else UNKNOWN,
            confidence=round(confidence, DIGITS),
            **{key: round(value, DIGITS) for key, value in answer.items()},
        )
    if settings.like is not None:
        row.update(dict.fromkeys(LIKENESS_COLUMNS))
        if answer.status in CLASSIFIED:
            row.update(likeness_cells(likeness(answer, settings.like, load_model(settings.model).contract)))
    return row


def likeness_cells(found: Likeness) -> Row:
    """The LIKENESS_COLUMNS of a row."""
    return {name: round(getattr(found, name), DIGITS) for name in LIKENESS_COLUMNS}


def one_line(text: str) -> str:
    """Replace what is not printable, line breaks too: names in files hold anything.

    >>> one_line('Lead' + chr(10) + 'Guitar')
    'Lead\ufffdGuitar'
    """
    return ''.join(character if character.isprintable() else '\ufffd' for character in text)
