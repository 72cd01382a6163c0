"""What is asked of each file. Each verb has its own query; the engine knows none of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic

from music21_kdic.collection.engine.rows import R
from music21_kdic.errors import KdicError
from music21_kdic.priors import Priors
from music21_kdic.statuses import Status

# A file's name, and where its tagged copy goes, if one is wanted.
Task = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Query(ABC, Generic[R]):
    """What is asked of each file, and all that the answer depends on.

    A worker process makes it again from its class and its fields, which are therefore plain values.

    Attributes:
        model: path of another ONNX model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.
    """

    # Fields that ask for more, each with the columns that hold it: a table has these only where they were asked for.
    optional_columns: ClassVar[Mapping[str, Sequence[str]]] = {}

    model: str | None = None
    priors: Priors = None

    @property
    def at_once(self) -> int:
        """How many files are best asked about at once, where they are small."""
        return 1

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
