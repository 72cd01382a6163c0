"""Stems as files: one WAV file a target, mono, 16 bits, RATE samples a second; written as the recording is heard."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Set
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from music21_kdic.collection.engine.publish import leftovers, publish
from music21_kdic.errors import OutputError, WriteError, needs
from music21_kdic.sound.audio import native
from music21_kdic.sound.networks import TARGETS
from music21_kdic.sound.spectra import RATE, Resynthesis, Samples, Spectrum

if TYPE_CHECKING:
    import soundfile

_SCRATCH = '.stems-'  # how the name of a folder begins in which stems are not whole yet


def stem_file(folder: Path, target: str) -> Path:
    """The file of a target's stem in a folder."""
    return folder / f'{target}.wav'


def stem_files(folder: Path) -> list[Path]:
    """The files of the stems in a folder, in the order of TARGETS."""
    return [stem_file(folder, target) for target in TARGETS]


def check_stems(folder: Path, recordings: Set[tuple[int, int]], replace: bool = False) -> None:
    """Make sure that no stem lies in a folder yet, or that none of those there is a recording that is to be read.

    Args:
        folder: that gets stems.
        recordings: that are read; see :func:`identities`.
        replace: whether stems may be there.

    Raises:
        OutputError: where one is there that may not.
    """
    there = [path for path in stem_files(folder) if os.path.lexists(path)]
    if there and not replace:
        raise OutputError(
            f'{there[0]}: is there already, and is left as it is; --force replaces it (force=True in Python)'
        )
    for path in there:
        if identities([path]) & recordings:
            raise OutputError(f'{path}: is a recording that is read, and is left as it is; name another folder')


def identities(files: Iterable[str | Path]) -> set[tuple[int, int]]:
    """What tells files from others, whatever names they have; of those that are not there, nothing."""
    found = set()
    for name in files:
        with suppress(OSError, ValueError):  # ValueError: a NUL in the name
            status = os.stat(name)
            found.add((status.st_dev, status.st_ino))
    return found


def clear_scratch(folder: Path) -> None:
    """Remove what somebody who was ended while writing stems into a folder has left there."""
    for scratch in folder.glob(f'{_SCRATCH}*'):
        shutil.rmtree(scratch, ignore_errors=True)
    for part in leftovers(stem_files(folder)):
        with suppress(OSError):
            part.unlink()


class StemWriter:
    """Ten open files, which are given spectra."""

    def __init__(self, files: 'list[soundfile.SoundFile]', samples: int) -> None:
        self._files = files
        self._left = samples
        self._samples = samples
        self._resynthesis = Resynthesis()

    def take(self, spectra: Spectrum) -> None:
        """Write the stems of some more frames; what is beyond full scale is clipped."""
        self._write(self._resynthesis.add(spectra))

    def end(self) -> None:
        """Write what the last frames have left."""
        if self._left:
            self._write(self._resynthesis.rest(self._samples))

    def _write(self, stems: Samples) -> None:
        for file, stem in zip(self._files, stems, strict=True):
            file.write(stem[: self._left])
        self._left -= min(self._left, stems.shape[1])


@contextmanager
def stems_in(folder: Path, samples: int, replace: bool = False) -> Iterator[StemWriter]:
    """Write stems within; the files appear in the folder when they are whole, and not where an error ends it.

    Args:
        folder: is made where it is not there.
        samples: of the recording, at RATE.
        replace: take the place of files that are there.

    Raises:
        OutputError: where one of the files is there already.
        WriteError: where one cannot be written.
    """
    with needs('audio', 'a recording'):
        import soundfile
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if replace:
            clear_scratch(folder)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder) as scratch, ExitStack() as opened:
            paths = [Path(scratch, f'{target}.part') for target in TARGETS]  # an ending that nothing is read by
            files = [
                opened.enter_context(soundfile.SoundFile(native(path), 'x', RATE, 1, 'PCM_16', format='WAV'))
                for path in paths
            ]
            writer = StemWriter(files, samples)
            yield writer
            writer.end()
            opened.close()
            for path, target in zip(paths, stem_files(folder), strict=True):
                publish(target, path.rename, replace=replace)
    except OSError as error:
        raise WriteError(f'{folder}: cannot be written ({error.strerror or error})') from error
    except soundfile.LibsndfileError as error:
        raise WriteError(f'{folder}: cannot be written ({error.error_string})') from error
