"""What is asked of each file. Each verb has its own query; the engine knows none of them."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from music21_kdic.collection.engine.rows import R
from music21_kdic.errors import KdicError
from music21_kdic.model.checks import SHIPPED, digest, read_model
from music21_kdic.priors import Priors
from music21_kdic.reading.endings import is_for_music21
from music21_kdic.statuses import Status

if TYPE_CHECKING:
    from music21_kdic.reading.parts import FilePart

# A file's name, and where its tagged copy goes, if one is wanted.
Task = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Query(ABC, Generic[R]):
    """What is asked of each file, and all that the answer depends on.

    A worker process makes it again from its class and its fields, which are therefore plain values.

    Attributes:
        model: folder of another model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.
    """

    # Fields that ask for more, each with the columns that hold it: a table has these only where they were asked for.
    optional_columns: ClassVar[Mapping[str, Sequence[str]]] = {}
    at_once: ClassVar[int] = 1  # how many files are asked about at once, where they are small

    model: str | None = None
    priors: Priors = None

    @property
    @abstractmethod
    def row(self) -> type[R]:
        """The dataclass of its rows."""

    @property
    def columns(self) -> dict[str, type]:
        """The columns of a table of its rows, each with its type."""
        optional = self.optional_columns.items()
        left_out = {name for asked, names in optional if not getattr(self, asked) for name in names}
        return {name: kind for name, kind in self.row.columns().items() if name not in left_out}

    def depends_on(self) -> dict[str, Any]:
        """What the answers depend on, as plain values.

        Raises:
            ModelError: where a model cannot be opened.
        """
        return {'model': self.digest(), 'query': {'asked': type(self).__name__, **asdict(self), 'model': None}}

    def digest(self) -> str:
        """SHA-256 of the files of the model that answers, the shipped one where no other is named.

        Raises:
            ModelError: where they cannot be opened.
        """
        return digest(read_model(Path(self.model) if self.model else SHIPPED))

    def prepare(self) -> None:
        """Have a first answer from the model, so that what it takes for itself is not counted against a file."""
        have_first_answer(self.model)

    def needs_music21(self, name: str) -> bool:
        """Will music21 read a file of this name?"""
        return is_for_music21(name)

    def clear(self, name: str) -> None:
        """Remove what a worker that was ended while it answered for a file has left beside other files."""

    @abstractmethod
    def read(self, name: str, copy: str | None) -> list[R]:
        """The rows of one file, at least one; may raise anything.

        Args:
            name: of the file.
            copy: where a changed copy goes, if one is wanted.
        """

    def answer(self, name: str, copy: str | None = None) -> list[R]:
        """The rows of one file, or one row that says why there are none; only a lack of memory is raised.

        A collection holds whatever people upload, so any failure to read is a row.
        """
        try:
            return self.read(name, copy)
        except MemoryError:
            raise
        except KdicError as error:
            reason = str(error).removeprefix(f'{name}: ')
        except Exception as error:  # nothing that a file holds may end the run
            reason = f'{type(error).__name__}: {error}'
        return [self.row.without_answer(name, Status.UNREADABLE, reason)]

    def answer_all(self, tasks: Sequence[Task]) -> list[list[R]]:
        """The rows of some files, the same as :meth:`answer` gives of each."""
        return [self.answer(*task) for task in tasks]


def have_first_answer(model: str | None) -> None:
    """Ask a student, the shipped one where no other is named."""
    import numpy as np

    from music21_kdic.answers.classify import classify
    from music21_kdic.model.session import load_model
    from music21_kdic.reading.notes import NoteSequence

    bars = np.linspace(0.0, 4.0 * 128, 129)
    classify([NoteSequence(bars[:-1], bars[1:], np.arange(128), bars)], load_model(model))


@dataclass(frozen=True, kw_only=True)
class PartsQuery(Query[R]):
    """What is asked of the parts of files, which are classified some files at once."""

    # The network, and the numbers that it reads, cost half as much so; more take more memory and hardly less time.
    at_once: ClassVar[int] = 16

    @abstractmethod
    def of_files(self, files: 'Mapping[str, Sequence[FilePart]]') -> list[list[R]]:
        """The rows of the parts of each file, by its name; one that says so where it has none."""

    def of_parts(self, name: str, parts: 'Sequence[FilePart]') -> list[R]:
        """The rows of some parts that have been read; one that says so where there is none."""
        (rows,) = self.of_files({name: parts})
        return rows

    def read(self, name: str, copy: str | None = None) -> list[R]:
        """The rows of a file's parts."""
        from music21_kdic.reading.files import read_parts  # workers need it, and not who starts them

        return self.of_parts(name, read_parts(name))

    def answer_all(self, tasks: Sequence[Task]) -> list[list[R]]:
        """The rows of some files, the same as :meth:`answer` gives of each."""
        from music21_kdic.reading.files import read_parts

        if len(tasks) == 1:
            return super().answer_all(tasks)
        read: dict[str, Sequence[FilePart]] = {}
        for name, _ in tasks:
            with contextlib.suppress(Exception):  # what is wrong with it is told below
                read[name] = read_parts(name)
        rows_of: dict[str, list[R]] = {}
        with contextlib.suppress(Exception):  # they may be more than is read at once
            rows_of = dict(zip(read, self.of_files(read), strict=True))
        return [rows_of[name] if name in rows_of else self.answer(name, copy) for name, copy in tasks]
