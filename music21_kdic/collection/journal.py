"""What a run has answered so far, on disk: a run that was killed goes on from it.

The journal lies beside the output, as ``.NAME.journal``: JSON Lines, the first of which says what the answers depend
on; then a line a file, written whole with one call as soon as the file is answered. A line that was cut off is
dropped. The table is made from the journal at the end, in the order of the files, whatever order they came in.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from music21_kdic.collection.files import Row
from music21_kdic.errors import OutputError


def journal_path(output: Path) -> Path:
    """Where the journal of an output lies."""
    return output.with_name(f'.{output.name}.journal')


class Journal:
    """The answers of a run.

    Args:
        path: of the journal.
        made_with: what the answers depend on, as plain JSON values; a journal of other values is refused.
        resume: go on with the journal that is there, if there is one.

    Raises:
        OutputError: where one is there and ``resume`` is false, or it is of a run with other settings.
    """

    def __init__(self, path: Path, made_with: dict[str, Any], resume: bool) -> None:
        self.path = path
        self._places: dict[str, tuple[int, int]] = {}
        if path.exists() and not resume:
            raise OutputError(f'{path}: an unfinished run is there; --resume goes on with it, or remove it')
        try:
            self._file = path.open('a+b')
            if not self._read(made_with):
                self._append(json.dumps(made_with).encode() + b'\n')
        except OSError as error:
            raise OutputError(f'{path}: cannot be written ({error.strerror or error})') from error

    def __enter__(self) -> 'Journal':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def _read(self, made_with: dict[str, Any]) -> bool:
        """Note where each answer lies, cut off what is not whole; say whether anything was there."""
        self._file.seek(0)
        end = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b'\n'):
                break
            content = json.loads(line)
            if number == 0 and content != made_with:
                raise OutputError(
                    f'{self.path}: made with {content}, wanted {made_with}; remove it, or choose another output'
                )
            if number:
                self._places[content['path']] = (end, len(line))
            end += len(line)
        self._file.truncate(end)
        return end > 0

    def _append(self, line: bytes) -> int:
        place = self._file.seek(0, os.SEEK_END)
        self._file.write(line)
        self._file.flush()
        return place

    def add(self, name: str, rows: list[Row]) -> None:
        """Keep the answer for a file.

        Raises:
            OutputError: where the disk is full.
        """
        line = json.dumps({'path': name, 'rows': rows}).encode() + b'\n'
        try:
            self._places[name] = (self._append(line), len(line))
        except OSError as error:
            raise OutputError(f'{self.path}: cannot be written ({error.strerror or error})') from error

    def rows(self, names: list[str]) -> Iterator[Row]:
        """The rows of some files, in that order, read one file at a time."""
        for name in names:
            place, length = self._places[name]
            self._file.seek(place)
            yield from json.loads(self._file.read(length))['rows']

    def remove(self) -> None:
        """Take the journal away: its table is there."""
        self._file.close()
        self.path.unlink()
