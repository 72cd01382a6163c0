"""What is asked of each file. Each verb has its own query; the engine knows none of them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic

from music21_kdic.collection.engine.rows import R
from music21_kdic.errors import KdicError
from music21_kdic.priors import Priors
from music21_kdic.statuses import Status


@dataclass(frozen=True, kw_only=True)
class Query(ABC, Generic[R]):
    """What is asked of each file, and all that the answer depends on.

    A worker process makes it again from its class and its fields, which are therefore plain values.

    Attributes:
        model: path of another ONNX model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.
    """

    model: str | None = None
    priors: Priors = None

    @property
    @abstractmethod
    def row(self) -> type[R]:
        """The dataclass of its rows."""

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
