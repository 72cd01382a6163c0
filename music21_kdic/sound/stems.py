"""Stems as files: one WAV file a target, mono, 16 bits, RATE samples a second; written as the recording is heard."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from music21_kdic.collection.engine.publish import publish
from music21_kdic.errors import OutputError, WriteError, needs
from music21_kdic.sound.audio import native
from music21_kdic.sound.networks import TARGETS
from music21_kdic.sound.spectra import RATE, Resynthesis, Samples, Spectrum

if TYPE_CHECKING:
    import soundfile


def stem_file(folder: Path, target: str) -> Path:
    """The file of a target's stem in a folder."""
    return folder / f'{target}.wav'


def stem_files(folder: Path) -> list[Path]:
    """The files of the stems in a folder, in the order of TARGETS."""
    return [stem_file(folder, target) for target in TARGETS]


def check_stems(folder: Path) -> None:
    """Make sure that no stem lies in a folder yet.

    Raises:
        OutputError: where one does.
    """
    for path in stem_files(folder):
        if os.path.lexists(path):
            raise OutputError(
                f'{path}: is there already, and is left as it is; --force replaces it (force=True in Python)'
            )


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
        with tempfile.TemporaryDirectory(prefix='.stems-', dir=folder) as scratch, ExitStack() as opened:
            paths = stem_files(Path(scratch))
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
