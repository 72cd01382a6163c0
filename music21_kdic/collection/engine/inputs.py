"""Which files to read: paths, folders, globs and lists become one list, each file once, in a stable order."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from music21_kdic.reading.scores import CORPUS, FORMATS

MIDI_SUFFIXES = ('.mid', '.midi', '.kar', '.rmi')
STANDARD_INPUT = '-'


def find_inputs(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """List the files that some paths stand for.

    Args:
        paths: files; folders, which are searched through for MIDI and score files (links to folders inside are not
            followed); globs (``**`` for folders at any depth); ``corpus:NAME`` for a piece of music21's corpus; ``-``
            for one path a line on standard input.

    Returns:
        Each file once, where it is first named; a folder's files by name. A file that is not there, a glob that
        matches nothing, a folder that cannot be opened and one without music stay in the list: they fail when they
        are read.

    >>> find_inputs(['corpus:bwv66.6', 'corpus:bwv66.6', 'no-such-file.mid'])
    ['corpus:bwv66.6', 'no-such-file.mid']
    """
    seen: dict[str, str] = {}
    for path in paths:
        for found in _expand(os.fspath(path)):
            seen.setdefault(identity(found), found)
    return list(seen.values())


def identity(name: str) -> str:
    """What tells a file from others, however its path is written."""
    return name if name.startswith(CORPUS) else os.path.abspath(name)


def _expand(path: str) -> Iterator[str]:
    if path == STANDARD_INPUT:
        for line in sys.stdin.buffer:  # bytes: names of files need not be UTF-8
            if line.strip(b'\r\n'):
                yield from _one(os.fsdecode(line.strip(b'\r\n')))
    elif path.startswith(CORPUS) or os.path.lexists(path) or not glob.has_magic(path):
        yield from _one(path)
    else:
        matches = sorted(glob.glob(path, recursive=True))
        for match in matches:
            yield from _one(match) if os.path.isdir(match) else (match,)
        if not matches:
            yield path


def _one(path: str) -> Iterator[str]:
    if path.startswith(CORPUS) or not os.path.isdir(path):
        yield path
        return
    empty = True
    closed: list[OSError] = []
    for folder, inside, names in os.walk(path, onerror=closed.append):
        inside.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in (*MIDI_SUFFIXES, *FORMATS):
                empty = False
                yield os.path.join(folder, name)
    for error in closed:  # it fails again, as a row, when it is read
        yield os.fspath(error.filename)
    if empty and not closed:
        yield path
