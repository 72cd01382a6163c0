"""Which files to read: paths, folders, globs and lists become one list, each file once, in a stable order."""

import glob
import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from music21_kdic.errors import InputError, shown
from music21_kdic.reading.endings import CORPUS, WITH_NOTES

STANDARD_INPUT = '-'
LINKS = 'links to folders'  # what is counted beside endings; no ending is written like it
_OF_MACOS = '._'  # a file of this name holds no notes, but what macOS keeps about another


def find_inputs(
    paths: Iterable[str | os.PathLike[str]],
    skipped: Counter[str] | None = None,
    endings: Collection[str] = WITH_NOTES,
) -> list[str]:
    """List the files that some paths stand for.

    Args:
        paths: files; folders, which are searched through (links to folders inside are not followed, and
            what macOS writes beside a file, ``._NAME``, is passed over); globs (``**`` for folders at any depth);
            ``corpus:NAME`` for a piece of music21's corpus (a name that fits several fails when it is read); ``-`` for
            one path a line on standard input.
        skipped: counts the files in folders that are passed over, by their endings, and the links to folders (LINKS).
        endings: of what is looked for in folders; MIDI files and scores where left out.

    Returns:
        Each file once, where it is first named; a folder's files by name. A folder that cannot be opened, one without
        music, and a file of the list on standard input that is not there stay in it: they fail when they are read.

    Raises:
        InputError: where there is no file or folder of a name, or a glob matches none.

    >>> find_inputs(['corpus:bwv66.6', 'corpus:bwv66.6'])
    ['corpus:bwv66.6']
    """
    known: dict[str, str] = {}
    counted: Counter[str] = Counter() if skipped is None else skipped
    for path in paths:
        for one in named(os.fspath(path)):
            for found in files_of(one, counted, endings):
                known.setdefault(identity(found), found)
    return list(known.values())


def listed(paths: Any) -> list[str]:
    """Paths, as they are given to a verb: a single one may stand by itself.

    Raises:
        TypeError: where there is anything else among them.
    """
    if isinstance(paths, str | os.PathLike):
        return [os.fspath(paths)]
    # A stream can be gone through, too, and bytes.
    several = isinstance(paths, Iterable) and not isinstance(paths, bytes) and not hasattr(paths, 'isStream')
    found = list(paths) if several else [paths]
    for path in found:
        if not isinstance(path, str | os.PathLike):
            raise TypeError(
                f'{type(path).__name__} {shown(path)}: wanted paths; '
                'for streams, and notes of other kinds, there are rank() and instrument_likelihood()'
            )
    return [os.fspath(path) for path in found]


def identity(name: str) -> str:
    """What tells a file from others, however its path is written."""
    return name if name.startswith(CORPUS) else os.path.abspath(name)


def named(path: str) -> Iterator[str]:
    """The files and folders that a path names: those of a list on standard input, what a glob matches, or itself.

    Raises:
        InputError: as :func:`find_inputs`.
    """
    if path == STANDARD_INPUT:
        for line in sys.stdin.buffer:  # bytes: names of files need not be UTF-8
            if line.strip(b'\r\n'):
                yield os.fsdecode(line.strip(b'\r\n'))
    elif path.startswith(CORPUS) or os.path.lexists(path):
        yield path
    elif glob.has_magic(path) and (matches := sorted(glob.glob(path, recursive=True))):
        yield from matches
    else:
        raise InputError(f'{path}: {"matches no file" if glob.has_magic(path) else "no such file or folder"}')


def files_of(path: str, skipped: Counter[str], endings: Collection[str] = WITH_NOTES) -> Iterator[str]:
    """A file itself, or the files of a folder; see :func:`find_inputs`."""
    if path.startswith(CORPUS) or not os.path.isdir(path):
        yield path
        return
    empty = True
    closed: list[OSError] = []
    for folder, inside, names in os.walk(path, onerror=closed.append):
        inside.sort()
        if links := sum(os.path.islink(os.path.join(folder, name)) for name in inside):
            skipped[LINKS] += links
        for name in sorted(names):
            if Path(name).suffix.lower() in endings and not name.startswith(_OF_MACOS):
                empty = False
                yield os.path.join(folder, name)
            else:
                skipped['._*' if name.startswith(_OF_MACOS) else Path(name).suffix.lower()] += 1
    for error in closed:  # it fails again, as a row, when it is read
        yield os.fspath(error.filename)
    if empty and not closed:
        yield path
