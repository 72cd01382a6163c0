"""The networks that hear: a folder with two ONNX files and a contract, run on the CPU by onnxruntime.

STEMS takes a recording apart. Its input, float32: ``mixture``, (patches, 1, BINS, FRAMES), see
:func:`~music21_kdic.sound.spectra.scaled`. Its output: ``masks``, (patches, targets, BINS, FRAMES), which sum to 1 over
the targets. LISTEN says which classes sound. Its input: ``stems``, (patches, targets, BINS, FRAMES), the masks times
the mixture. Its output: ``log_odds``, (patches, 8, FRAMES / STEP), of each class in each step.

The contract, ``contract.json``:

* ``version``: of this list; this package understands VERSION.
* ``targets``: the names of the stems, TARGETS.
* ``sample_rate``, ``window``, ``hop``, ``bins``, ``frames``, ``step``: those of :mod:`~music21_kdic.sound.spectra`.
* ``sure``: for each class, the probability from which nine in ten steps were right on validation mixtures.
* ``facts``: recipe, data and figures, for people to read.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError, raised_as
from music21_kdic.model import checks
from music21_kdic.model.checks import CONTRACT, LISTEN, SOUND, STEMS, Limits, examine_network, first_line, is_shipped
from music21_kdic.model.session import IN_USE, load_once, open_session
from music21_kdic.reading.notes import FloatArray
from music21_kdic.sound.spectra import BINS, FRAMES, HOP, RATE, STEP, WINDOW

VERSION = 1
DRUMS, OTHER = 'Drums', 'Other'
TARGETS = (DRUMS, *CLASSES, OTHER)
BATCH = 4  # patches that are run at a time
LIMITS = Limits(BATCH, array=2**22, in_all=2**26)
READS = {'sample_rate': RATE, 'window': WINDOW, 'hop': HOP, 'bins': BINS, 'frames': FRAMES, 'step': STEP}
_MIXTURE, _STEMS, _STEPS = (1, BINS, FRAMES), (len(TARGETS), BINS, FRAMES), (len(CLASSES), FRAMES // STEP)

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SoundContract:
    """What the model says of itself: ``sure``, shape (8,), and ``facts``, see the module's list."""

    sure: FloatArray
    facts: dict[str, Any]


class SoundModel:
    """The networks that hear, loaded and checked.

    Args:
        path: the folder of a model, written by ``python -m export sound-onnx``; the shipped one where it is left out.

    Attributes:
        contract: what it says of itself.

    Raises:
        ModelError: as :class:`music21_kdic.model.session.Model`.
    """

    def __init__(self, path: str | Path = SOUND) -> None:
        self.path = Path(path)
        files = read_sound_model(self.path)
        self.contract = read_contract(files[CONTRACT], self.path / CONTRACT)
        if not is_shipped(files, checks.SOUND_SHA256):
            examine_network(files[STEMS], self.path / STEMS, {'mixture': _MIXTURE}, {'masks': _STEMS}, LIMITS)
            examine_network(files[LISTEN], self.path / LISTEN, {'stems': _STEMS}, {'log_odds': _STEPS}, LIMITS)
        self._sessions = {name: open_session(files[name], self.path / name) for name in (STEMS, LISTEN)}

    def masks(self, mixture: Numbers) -> Numbers:
        """The share of each target in a mixture, shape (patches, targets, BINS, FRAMES).

        Args:
            mixture: shape (patches, 1, BINS, FRAMES), at most BATCH patches.

        Raises:
            ModelError: where the network fails, or answers with something that is no number.
        """
        return self._run(STEMS, 'mixture', mixture, 'masks', _STEMS)

    def log_odds(self, stems: Numbers) -> Numbers:
        """The log-odds that each class sounds in each step, shape (patches, 8, FRAMES / STEP).

        Args:
            stems: shape (patches, targets, BINS, FRAMES), at most BATCH patches.

        Raises:
            ModelError: as :meth:`masks`.
        """
        return self._run(LISTEN, 'stems', stems, 'log_odds', _STEPS)

    def _run(self, name: str, given: str, values: Numbers, output: str, shape: tuple[int, ...]) -> Numbers:
        path = self.path / name
        # onnxruntime's errors share no base class of their own
        with (
            raised_as(lambda error: ModelError(f'{path}: fails on {len(values)} patches ({first_line(error)})')),
            IN_USE.inside(),
        ):
            found: Numbers = self._sessions[name].run([output], {given: values})[0]
        if found.shape != (len(values), *shape):
            raise ModelError(f'{path}: {output} of shape {found.shape} for {len(values)} patches, wanted {shape} each')
        if not np.isfinite(found).all():
            raise ModelError(f'{path}: the network gave what is no number, wanted finite {output}')
        return found


def read_sound_model(folder: Path) -> dict[str, bytes]:
    """The bytes of a model's files, by name.

    Raises:
        ModelError: see :func:`music21_kdic.model.checks.read_files`.
    """
    return checks.read_files(folder, checks.SOUND, checks.SOUND_SHA256)


def read_contract(content: bytes, path: Path) -> SoundContract:
    """Read and check the contract of a model; ``path`` is what errors call it.

    Raises:
        ModelError: where it is another version's, or a value is not what it should be.
    """
    try:
        told = json.loads(content)
        version, targets = told['version'], tuple(told['targets'])
        reads = {name: told[name] for name in READS}
        contract = SoundContract(np.array(told['sure'], dtype=np.float64), dict(told['facts']))
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise ModelError(f'{path}: its contract cannot be read ({error!r})') from error
    if version != VERSION:
        raise ModelError(f'{path}: contract {version!r}, wanted {VERSION!r}: another version wrote it')
    if targets != TARGETS:
        raise ModelError(f'{path}: targets {targets}, wanted {TARGETS}')
    if reads != READS:
        raise ModelError(f'{path}: reads {reads}, wanted {READS}')
    if contract.sure.shape != (len(CLASSES),) or not (np.isfinite(contract.sure) & (contract.sure >= 0)).all():
        raise ModelError(f'{path}: sure {contract.sure}, wanted eight numbers of at least 0')
    return contract


def load_sound_model(path: str | os.PathLike[str] | None = None) -> SoundModel:
    """Return the shipped model, or another; each folder is loaded once in a process.

    Raises:
        ModelError: see :class:`SoundModel`.
    """
    return load_once(SoundModel, SOUND, path)
