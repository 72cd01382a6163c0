"""The student: an ONNX file that carries its own contract, run on the CPU by onnxruntime.

Input ``piano_roll``: uint8, (windows, planes, 128, columns). Output ``logits``: float32, (windows, 8), log
probabilities of the classes given the window under equal priors, up to a constant per window.
What else a model says of itself is its :mod:`~music21_kdic.contract`; which files are run is settled in
:mod:`~music21_kdic.model_file`.
"""

import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.contract import Contract, read_contract
from music21_kdic.errors import ModelError
from music21_kdic.forks import Gate
from music21_kdic.model_file import BATCH, SHIPPED, examine_model, first_line, is_shipped, read_model
from music21_kdic.windows import Windows, piano_roll

if TYPE_CHECKING:
    import onnxruntime

DRAWN = 512  # windows that are drawn at a time: 4 MB of piano-rolls
_loading, _in_use = threading.Lock(), Gate()


class Model:
    """A student, loaded and checked.

    Args:
        path: an ONNX file written by ``python -m export onnx``; the shipped one where it is left out.

    Raises:
        ModelError: where the file is missing, damaged, has a contract that this version does not understand, or could
            do what a model need not; and, for another model than the shipped one, where the package onnx is missing.

    >>> model = Model()
    >>> model.contract.classes[0], model.contract.grid.shape[1]
    ('Guitar', 128)
    """

    def __init__(self, path: str | Path = SHIPPED) -> None:
        self.path = Path(path)
        content = read_model(self.path)
        if is_shipped(content, self.path):
            self._session = _open_session(content, self.path)
            self.contract: Contract = read_contract(self._session.get_modelmeta().custom_metadata_map, self.path)
        else:
            self.contract = examine_model(content, self.path)
            self._session = _open_session(content, self.path)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle (and copy) by path: a session cannot be, and the shipped model may lie elsewhere over there."""
        return load_model, (None if self.path == SHIPPED else str(self.path.absolute()),)

    def log_likelihoods(self, windows: Windows) -> npt.NDArray[np.float64]:
        """Log probability of each class given each window, under equal priors.

        Songs repeat themselves: windows that look the same to the network are scored once.

        Returns:
            float64, shape (windows, 8); each row's exponentials sum to 1.

        Raises:
            ModelError: where the network answers with something that is no number.
        """
        answers: list[npt.NDArray[np.float32]] = [np.zeros((0, len(CLASSES)), dtype=np.float32)]
        seen: dict[bytes, int] = {}
        answer_of: list[int] = []
        for start in range(0, len(windows), DRAWN):
            rolls = piano_roll(windows.select(np.arange(start, min(start + DRAWN, len(windows)))), self.contract.grid)
            fresh = []
            for row, bits in enumerate(np.packbits(rolls.reshape(len(rolls), -1), axis=1)):
                look = hashlib.blake2b(bits, digest_size=16).digest()
                if look not in seen:
                    seen[look] = len(seen)
                    fresh.append(row)
                answer_of.append(seen[look])
            for first in range(0, len(fresh), BATCH):
                answers.append(self.logits(rolls[fresh[first : first + BATCH]]))
        joined = np.concatenate(answers).astype(np.float64)[answer_of]
        if not np.isfinite(joined).all():
            raise ModelError(f'{self.path}: the network gave {joined[~np.isfinite(joined)][0]}, wanted finite logits')
        return log_softmax(joined)

    def logits(self, rolls: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Run the network once: piano-rolls, shape (windows, planes, 128, columns), to logits, shape (windows, 8).

        Raises:
            ModelError: where it fails, or answers for another number of windows.
        """
        try:
            with _in_use:
                (answer,) = self._session.run(['logits'], {'piano_roll': rolls})
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise ModelError(f'{self.path}: fails on {len(rolls)} windows ({first_line(error)})') from error
        logits: npt.NDArray[np.float32] = answer
        if logits.shape != (len(rolls), len(CLASSES)):
            raise ModelError(
                f'{self.path}: logits of shape {logits.shape} for {len(rolls)} windows, wanted eight for each'
            )
        return logits


def log_softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shift each row so that its exponentials sum to 1; last axis is the classes'.

    >>> np.exp(log_softmax(np.array([0.0, 0.0]))).tolist()
    [0.5, 0.5]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def _open_session(content: bytes, path: Path) -> 'onnxruntime.InferenceSession':
    import onnxruntime  # loads on first use: it takes longer than the rest of the package together

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        # From bytes, not from the path: there is no folder to find other files in.
        return onnxruntime.InferenceSession(content, options, providers=['CPUExecutionProvider'])
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise ModelError(f'{path}: onnxruntime cannot run it ({first_line(error)})') from error


@cache
def _load(path: Path) -> Model:
    return Model(path)


def load_model(path: str | Path | None = None) -> Model:
    """Return the shipped model, or another; each file is loaded once in a process."""
    with _in_use, _loading:
        try:
            resolved = SHIPPED if path is None else Path(path).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
            raise ModelError(f'{path}: cannot be opened ({error})') from error
        return _load(resolved)
