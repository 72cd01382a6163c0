"""What a run has answered so far, on disk: a run that was killed goes on from it.

The journal lies beside the output, as ``.NAME.journal`` (with a hash for NAME, where that would be too long): an SQLite
database of one table. A line of it says what the answers depend on; each file that is answered adds a line, at once. At
the end the verb's table is made from it, in the order of the files, whatever order they came in. A last line holds the
hash of that table, so that a run that was killed right then knows its own. A file that was changed since is asked about
again.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from music21_kdic.collection.engine.inputs import identity
from music21_kdic.collection.engine.rows import R, Row
from music21_kdic.errors import OutputError, WriteError
from music21_kdic.statuses import Status

# Kinds of lines. LATE: the file took too long; a machine less busy may yet read it.
ANSWER, LATE, ABOUT = 'answer', 'late', 'about the run'
LONGEST_NAME = 247  # bytes: file systems take 255, and SQLite puts `-journal` behind it
MADE_WITH, TABLE = b'made with', b'table'  # names of the lines about the run; no path is written like them
_ASKED = 'query.asked'  # the class of the query, among what the answers depend on
_NONE = 'none'  # what is said of an option that a run does not have


def journal_path(output: Path) -> Path:
    """Where the journal of an output lies."""
    name = f'.{output.name}.journal'
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f'.{hashlib.sha256(os.fsencode(output.name)).hexdigest()}.journal'
    return output.with_name(name)


class Journal:
    """The answers of a run; open in one process at a time.

    Args:
        path: of the journal.
        made_with: what the answers depend on, as plain JSON values; a journal of other values is refused.
        resume: go on with the journal that is there, if there is one.
        force: begin anew, whatever answers are there.

    Raises:
        OutputError: where one is there and both are false; where it is damaged, or of a run with other settings;
            where another run is writing it.
        WriteError: where it cannot be written.
    """

    def __init__(self, path: Path, made_with: dict[str, Any], resume: bool, force: bool = False) -> None:
        self.path = path
        size = path.stat().st_size if path.exists() else 0
        if size and not resume and not force:
            raise OutputError(f'{path}: an unfinished run is there; --resume goes on with it, --force begins anew')
        with self._typed_errors():
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            with self._typed_errors():
                self._lock()
                if force and not resume:
                    self._begin_anew()
                self._empty = self._read(made_with)
        except OutputError:
            self._database.close()
            if path.exists() and not path.stat().st_size:
                path.unlink()
            raise

    def __enter__(self) -> 'Journal':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError, sqlite3.Error):
            if error is not None and self._empty:
                self.remove()  # nothing to go on from: the next run need not be told of it
            self._database.close()

    def __contains__(self, name: str) -> bool:
        """Is there an answer for the file as it is now?"""
        query = 'SELECT 1 FROM journal WHERE name = ? AND kind = ? AND stamp = ?'
        return bool(self._ask(query, _key(name), ANSWER, _stamp(name)))

    def _lock(self) -> None:
        """Keep other runs out until the database is closed."""
        self._database.execute('PRAGMA locking_mode = EXCLUSIVE')
        self._database.execute('PRAGMA synchronous = NORMAL')
        self._database.execute('BEGIN EXCLUSIVE')
        self._database.execute('COMMIT')
        if not self.path.exists():
            raise OutputError(f'{self.path}: another run has just finished with this output')

    def _begin_anew(self) -> None:
        if self._ask("SELECT 1 FROM sqlite_master WHERE name = 'journal'"):
            self._database.execute('DROP TABLE journal')

    def _read(self, made_with: dict[str, Any]) -> bool:
        """Check what is there, or begin; say whether there are no answers yet."""
        if not self._ask('SELECT 1 FROM sqlite_master'):
            # A log of its own: a line is there as soon as it is written, and a power failure damages nothing.
            self._database.execute('PRAGMA journal_mode = WAL')
            self._database.execute('BEGIN')  # both or none
            self._database.execute('CREATE TABLE journal (name BLOB PRIMARY KEY, kind TEXT, content TEXT, stamp TEXT)')
            self._put(MADE_WITH, ABOUT, json.dumps(made_with))
            self._database.execute('COMMIT')
            return True
        for (problem,) in self._ask('PRAGMA integrity_check'):
            if problem != 'ok':
                raise sqlite3.DatabaseError(problem)
        number, wanted = 0, json.loads(json.dumps(made_with))
        for name, content in self._database.execute('SELECT name, content FROM journal WHERE name != ?', (TABLE,)):
            found = json.loads(content)
            if name == MADE_WITH and found != wanted:
                raise OutputError(
                    f'{self.path}: {_differences(found, wanted)}; '
                    'use the same options, another output, or --force in place of --resume to begin anew'
                )
            number += 1
        if not self._ask('SELECT 1 FROM journal WHERE name = ?', MADE_WITH):
            raise sqlite3.DatabaseError('it does not say what it was made with')
        return number == 1

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError) as error:
            if getattr(error, 'sqlite_errorcode', 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise OutputError(f'{self.path}: another run is writing this output') from error
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise WriteError(f'{self.path}: cannot be written ({error})') from error
            raise OutputError(
                f'{self.path}: damaged, or no journal of music21-kdic ({error}); remove it, or choose another output'
            ) from error

    def _ask(self, query: str, *values: object) -> list[Any]:
        return self._database.execute(query, values).fetchall()

    def _put(self, name: bytes, kind: str, content: str, stamp: str = '') -> None:
        with self._typed_errors():
            self._database.execute('INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?)', (name, kind, content, stamp))
        self._empty = False

    def others(self, names: list[str]) -> list[str]:
        """The files that have answers here and are not among these."""
        answered = {name for (name,) in self._ask('SELECT name FROM journal WHERE kind = ?', ANSWER)}
        return sorted(map(os.fsdecode, answered - set(map(_key, names))))

    def add(self, name: str, rows: Sequence[Row]) -> None:
        """Keep the answer for a file.

        Raises:
            WriteError: where the disk is full.
        """
        late = rows[0].status == Status.TIMEOUT
        content = json.dumps([dict(row) for row in rows])
        self._put(_key(name), LATE if late else ANSWER, content, _stamp(name))

    def rows(self, names: list[str], row: type[R]) -> Iterator[R]:
        """The rows of some files, in that order, read one file at a time."""
        for name in names:
            ((content,),) = self._ask('SELECT content FROM journal WHERE name = ?', _key(name))
            for cells in json.loads(content):
                yield row.from_dict({**cells, 'path': name})

    def note_table(self, part: Path) -> None:
        """Remember the table that is about to get its name."""
        self._put(TABLE, ABOUT, _digest(part))

    def has_written(self, output: Path, names: list[str]) -> bool:
        """Is this the table of this very run, which was killed before it could take its journal away?"""
        table = self._ask('SELECT content FROM journal WHERE name = ?', TABLE)
        answered = {name for (name,) in self._ask('SELECT name FROM journal WHERE kind != ?', ABOUT)}
        return answered >= set(map(_key, names)) and output.is_file() and table == [(_digest(output),)]

    def remove(self) -> None:
        """Take the journal away: its table is there."""
        self._database.close()
        self.path.unlink(missing_ok=True)


def _differences(begun: Any, now: Any) -> str:
    """What a run that was begun depends on and one that is to go on with it does otherwise, in words."""
    old, new = dict(_flat(begun)), dict(_flat(now))
    different = [key for key in old | new if old.get(key, _NONE) != new.get(key, _NONE)]
    if _ASKED in old:  # another verb has other options: they say nothing more
        different = [key for key in different if key in (_ASKED, 'wanted.verb')] or different
    names = {key: key.removeprefix('query.').removeprefix('wanted.') for key in different}
    before = ', '.join(f'{name} {old.get(key, _NONE)}' for key, name in names.items())
    after = ', '.join(f'{name} is {new.get(key, _NONE)}' for key, name in names.items())
    return f'begun with {before}, now {after}'


def _flat(value: Any, name: str = '') -> Iterator[tuple[str, Any]]:
    """Plain values by their names; what lies in another has its name before it."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f'{name}.{key}' if name else key)
    else:
        yield name, value


def _stamp(name: str) -> str:
    """How large a file is, and when it was changed; '' of what is none."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: a NUL in the name
        found = os.stat(name)
        return f'{found.st_size} {found.st_mtime_ns}'
    return ''


def _key(name: str) -> bytes:
    return os.fsencode(identity(name))  # bytes: names of files need not be UTF-8


def _digest(path: Path) -> str:
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
