"""Rows: each is a dataclass, from which the columns of a table, their order and their types follow."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, get_args, get_type_hints

from music21_kdic.errors import shown
from music21_kdic.statuses import Status

UNKNOWN = 'unknown'  # the label of what gets no class
DIGITS = 6
MOST_OF_AN_ERROR = 300  # characters


class Row(Mapping[str, Any]):
    """Base class of rows: frozen dataclasses, which are mappings, too: ``row.label`` is ``row['label']``.

    Attributes:
        path: the file, as it was named.
        status: what became of it.
        error: what was wrong, in a sentence.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    path: str | None
    status: Status
    error: str

    @property
    def counted_as(self) -> str | None:
        """What it is counted as in a run: the label of a part; None where it is no part, but a file."""
        return None if self['name'] is None else str(self['label'])

    def __getitem__(self, column: str) -> Any:
        if column not in self.__dataclass_fields__:
            raise KeyError(f'{shown(column)} is no column, wanted one of {", ".join(self)}')
        return getattr(self, column)

    def __iter__(self) -> Iterator[str]:
        return (field.name for field in fields(self))

    def __len__(self) -> int:
        return len(fields(self))

    @classmethod
    def columns(cls) -> dict[str, type]:
        """The columns in their order, each with its type: str, int, float or bool. A value may be missing (None)."""
        return _columns(cls)

    @classmethod
    def from_dict(cls, cells: Mapping[str, Any]) -> Self:
        """Make a row from plain values, as they come from JSON; columns that are left out are empty."""
        make: Callable[..., Self] = cls
        return make(**{**cells, 'status': Status(cells['status'])})

    @classmethod
    def without_answer(cls, path: str, status: Status, error: str = '') -> Self:
        """Make the row of a file that has no parts, or could not be read."""
        short = ' '.join(error.split())[:MOST_OF_AN_ERROR]
        return cls.from_dict({'path': path, 'status': status, 'error': short})


R = TypeVar('R', bound=Row)


@cache
def _columns(row: type[Row]) -> dict[str, type]:
    hints = get_type_hints(row)
    columns = {}
    for field in fields(row):
        kind = next(iter(get_args(hints[field.name])), hints[field.name])  # of "int | None" it is int
        columns[field.name] = str if issubclass(kind, str) else kind
    return columns
