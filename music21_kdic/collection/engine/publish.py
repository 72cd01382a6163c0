"""Files that appear when they are whole, and take the place of another only where that is wanted."""

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from music21_kdic.errors import OutputError, WriteError

_PREFIX_LENGTH = 14


def publish(
    path: Path,
    write: Callable[[Path], object],
    before: Callable[[Path], object] | None = None,
    replace: bool = False,
) -> None:
    """Have ``write`` fill a file in the same folder, and give it its name when it is whole.

    Args:
        path: the name, which must be free, unless ``replace`` is set.
        write: gets the name of the file to fill.
        before: called with the same once the file is whole, just before it gets its name.
        replace: take the place of what is there, which stays until then. A file keeps its mode.

    Raises:
        OutputError: where something of that name is there.
        WriteError: where the file cannot be written.
    """
    part = path.with_name(f'{_prefix(path)}{uuid.uuid4().hex[:12]}.part')
    try:
        write(part)
        with part.open('rb') as file:
            os.fsync(file.fileno())
        if before is not None:
            before(part)
        if replace:
            if path.is_file():
                shutil.copymode(path, part)
            part.replace(path)
        else:
            _name_once(part, path)
    except FileExistsError as error:
        raise OutputError(f'{path}: is there already, and is left as it is') from error
    except OSError as error:
        raise WriteError(f'{path}: cannot be written ({error.strerror or error})') from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def leftovers(paths: Iterable[Path]) -> Iterator[Path]:
    """What runs that were killed while they wrote these files have left beside them."""
    # Beside a link, and beside what it leads to.
    ours = {(one.parent, _prefix(one)) for path in paths for one in (path, Path(os.path.realpath(path)))}
    for folder in {folder for folder, _ in ours}:
        for part in folder.glob('.*.part'):
            if (folder, part.name[:_PREFIX_LENGTH]) in ours:
                yield part


def _prefix(path: Path) -> str:
    # Not the name itself: with more letters it might be too long for the file system.
    return f'.{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]}.'


def _name_once(part: Path, path: Path) -> None:
    try:
        os.link(part, path)  # unlike a renaming, this never takes the place of a file that is there
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        part.rename(path)
