"""What a run has answered so far, on disk: a run that was killed goes on from it.

The journal lies beside the output, as ``.NAME.journal``: JSON Lines, the first of which says what the answers depend
on; then a line a file, written with one call as soon as the file is answered. What follows a line that was cut off, or
damaged, is dropped. The table is made from the journal at the end, in the order of the files, whatever order they came
in; a last line holds its hash, so that a run that was killed right then knows its own table.
"""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from music21_kdic.collection.engine.files import TIMEOUT
from music21_kdic.collection.engine.inputs import identity
from music21_kdic.collection.engine.tables import Row
from music21_kdic.errors import OutputError, WriteError

TABLE = 'table'


def journal_path(output: Path) -> Path:
    """Where the journal of an output lies."""
    return output.with_name(f'.{output.name}.journal')


class Journal:
    """The answers of a run; open in one process at a time.

    Args:
        path: of the journal.
        made_with: what the answers depend on, as plain JSON values; a journal of other values is refused.
        resume: go on with the journal that is there, if there is one.

    Raises:
        OutputError: where one is there and ``resume`` is false, it is of a run with other settings, or another run is
            writing it.
    """

    def __init__(self, path: Path, made_with: dict[str, Any], resume: bool) -> None:
        self.path = path
        self._places: dict[str, tuple[int, int]] = {}
        self._late: dict[str, tuple[int, int]] = {}  # files that took too long: a machine less busy may yet read them
        self._table = ''
        if os.path.lexists(path) and os.path.getsize(path) and not resume:
            raise OutputError(f'{path}: an unfinished run is there; --resume goes on with it, or remove it')
        try:
            self._file = path.open('a+b', buffering=0)
        except OSError as error:
            raise WriteError(f'{path}: cannot be written ({error.strerror or error})') from error
        try:
            self._lock()
            if not self._read(made_with):
                self._append(_header(made_with))
        except OutputError:
            if not os.fstat(self._file.fileno()).st_size:
                self.path.unlink(missing_ok=True)
            self._file.close()
            raise

    def __enter__(self) -> 'Journal':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            if error is not None and not self._places and not self._table:
                self.path.unlink()  # nothing to go on from: the next run need not be told of it
            self._file.close()

    def __contains__(self, name: str) -> bool:
        return identity(name) in self._places

    def _lock(self) -> None:
        """Keep other runs out, for as long as this process lives (where the system has flock)."""
        try:
            import fcntl
        except ImportError:
            return
        another = OutputError(f'{self.path}: another run is writing this output')
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise another from error
        except OSError:
            return  # a file system without locks
        try:
            still_there = os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except OSError:
            still_there = False
        if not still_there:
            raise another

    def _read(self, made_with: dict[str, Any]) -> bool:
        """Note where each answer lies, cut off what is not whole; say whether anything was there."""
        end = 0
        with self.path.open('rb') as file:
            for number, line in enumerate(file):
                if number == 0 and not _header(made_with).startswith(line):
                    self._refuse(line, made_with)
                if not line.endswith(b'\n'):
                    break
                try:
                    content = json.loads(line)
                    if TABLE in content:
                        self._table = content[TABLE]
                    elif number:
                        late = content['rows'][0]['status'] == TIMEOUT
                        (self._late if late else self._places)[identity(content['path'])] = (end, len(line))
                except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                    break
                end += len(line)
        self._file.truncate(end)
        return end > 0

    def _refuse(self, first_line: bytes, made_with: dict[str, Any]) -> None:
        raise OutputError(
            f'{self.path}: begins with {first_line[:500]!r}, wanted a journal made with {made_with}; '
            'remove it, or choose another output'
        )

    def _append(self, line: bytes) -> tuple[int, int]:
        try:
            place = self._file.seek(0, os.SEEK_END)
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise WriteError(f'{self.path}: cannot be written ({error.strerror or error})') from error
        return place, len(line)

    def others(self, names: list[str]) -> list[str]:
        """The files that have answers here and are not among these."""
        return sorted(set(self._places) - set(map(identity, names)))

    def add(self, name: str, rows: list[Row]) -> None:
        """Keep the answer for a file.

        Raises:
            WriteError: where the disk is full.
        """
        self._places[identity(name)] = self._append(_line({'path': name, 'rows': rows}))

    def rows(self, names: list[str]) -> Iterator[Row]:
        """The rows of some files, in that order, read one file at a time."""
        for name in names:
            place, length = self._places.get(identity(name)) or self._late[identity(name)]
            self._file.seek(place)
            for row in json.loads(self._file.read(length))['rows']:
                yield row | {'path': name}

    def note_table(self, part: Path) -> None:
        """Remember the table that is about to get its name."""
        self._append(_line({TABLE: _digest(part)}))

    def has_written(self, output: Path, names: list[str]) -> bool:
        """Is this the table of this very run, which was killed before it could take its journal away?"""
        all_there = all(identity(name) in self._places or identity(name) in self._late for name in names)
        return all_there and bool(self._table) and output.is_file() and _digest(output) == self._table

    def remove(self) -> None:
        """Take the journal away: its table is there."""
        self.path.unlink(missing_ok=True)


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b'\n'


def _header(made_with: dict[str, Any]) -> bytes:
    return _line({'journal': made_with})


def _digest(path: Path) -> str:
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
