"""The bytes of a file: read once, so that what is checked is what is parsed, and no more of them than are wanted."""

import os
import stat
from pathlib import Path

from music21_kdic.errors import UnreadableError

MAX_BYTES = 64 * 2**20


def read_content(path: str | Path) -> bytes:
    """Read a whole file.

    Raises:
        UnreadableError: where the file is missing, is no regular file, is larger than MAX_BYTES, or changes while it
            is read.
    """
    try:
        with open(path, 'rb', opener=_open) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise UnreadableError(f'{path}: not a file')
            content = file.read(MAX_BYTES + 1)
            after = os.fstat(file.fileno())
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UnreadableError(f'{path}: cannot be opened ({getattr(error, "strerror", None) or error})') from error
    if after.st_size > MAX_BYTES:
        raise UnreadableError(f'{path}: {after.st_size} bytes, at most {MAX_BYTES} are read')
    if (before.st_size, before.st_mtime_ns) != (len(content), after.st_mtime_ns):
        raise UnreadableError(
            f'{path}: it changed while it was read ({before.st_size} bytes at first, {len(content)} read)'
        )
    return content


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, 'O_NONBLOCK', 0))  # a pipe would be waited for
