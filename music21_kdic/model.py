"""The student: an ONNX file that carries its own contract, run on the CPU by onnxruntime.

The contract lies in the file's metadata under the keys ``kdic.*`` (written by ``export/onnx_export.py``):

* ``kdic.contract``: the version of this list; this package understands CONTRACT.
* ``kdic.classes``: the names of the eight outputs, in order.
* ``kdic.grid``: the window it reads, see :class:`~music21_kdic.windows.WindowGrid`.
* ``kdic.priors``: how frequent each class was in the training windows.
* ``kdic.spread``: for each class, how much the windows of one part differ in its log-odds (standard deviation, on
  validation parts), see :mod:`music21_kdic.likeness`.
* ``kdic.facts``: recipe, data, hashes and figures, for people to read.

Input ``piano_roll``: uint8, (windows, planes, 128, columns). Output ``logits``: float32, (windows, 8), log
probabilities of the classes given the window under equal priors, up to a constant per window.
"""

import hashlib
import json
import operator
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError
from music21_kdic.windows import WindowGrid, Windows, piano_roll

if TYPE_CHECKING:
    import onnxruntime

CONTRACT = '2'
SHIPPED = Path(__file__).resolve().parent / 'models' / 'kdic-2.onnx'
# Larger batches leave the processor's cache and are slower a window.
BATCH = 32
DRAWN = 512  # windows that are drawn at a time: 4 MB of piano-rolls


class Model:
    """A student, loaded and checked.

    Args:
        path: an ONNX file written by ``python -m export onnx``; the shipped one where it is left out.

    Raises:
        ModelError: where the file is missing, damaged, or has a contract that this version does not understand.

    >>> model = Model()
    >>> model.classes[0], model.grid.shape[1]
    ('Guitar', 128)
    """

    def __init__(self, path: str | Path = SHIPPED) -> None:
        self.path = Path(path)
        self._session = _open_session(self.path)
        facts = self._session.get_modelmeta().custom_metadata_map
        version = facts.get('kdic.contract')
        if version != CONTRACT:
            raise ModelError(f'{self.path}: contract {version!r}, wanted {CONTRACT!r}: another version wrote it')
        try:
            self.classes: tuple[str, ...] = tuple(json.loads(facts['kdic.classes']))
            grid = json.loads(facts['kdic.grid'])
            self.grid = WindowGrid(columns=operator.index(grid['columns']), planes=tuple(grid['planes']))
            self.priors: npt.NDArray[np.float64] = np.array(json.loads(facts['kdic.priors']), dtype=np.float64)
            self.spread: npt.NDArray[np.float64] = np.array(json.loads(facts['kdic.spread']), dtype=np.float64)
            self.facts: dict[str, Any] = json.loads(facts['kdic.facts'])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f'{self.path}: its contract cannot be read ({error!r})') from error
        self._check()

    def _check(self) -> None:
        if self.classes != CLASSES:
            raise ModelError(f'{self.path}: classes {self.classes}, wanted {CLASSES}')
        if self.priors.shape != (len(CLASSES),) or not (self.priors > 0).all() or abs(self.priors.sum() - 1) > 1e-6:
            raise ModelError(f'{self.path}: priors {self.priors}, wanted eight positive numbers that sum to 1')
        if self.spread.shape != (len(CLASSES),) or not (np.isfinite(self.spread) & (self.spread > 0)).all():
            raise ModelError(f'{self.path}: spread {self.spread}, wanted eight positive numbers')
        sides = (
            ('input', self._session.get_inputs(), 'piano_roll', 'tensor(uint8)', self.grid.shape),
            ('output', self._session.get_outputs(), 'logits', 'tensor(float)', (len(CLASSES),)),
        )
        for side, found, name, kind, shape in sides:
            described = [(item.name, item.type, tuple(item.shape[1:])) for item in found]
            # A number in the first place would be a batch size that the model insists on.
            if described != [(name, kind, shape)] or isinstance(found[0].shape[0], int):
                there = ', '.join(f'{item.name} {item.type} {item.shape}' for item in found)
                raise ModelError(f'{self.path}: {side} {there}, wanted {name} {kind} [windows, {str(shape)[1:-1]}]')

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
            rolls = piano_roll(windows.select(np.arange(start, min(start + DRAWN, len(windows)))), self.grid)
            fresh = []
            for row, bits in enumerate(np.packbits(rolls.reshape(len(rolls), -1), axis=1)):
                look = hashlib.blake2b(bits, digest_size=16).digest()
                if look not in seen:
                    seen[look] = len(seen)
                    fresh.append(row)
                answer_of.append(seen[look])
            for first in range(0, len(fresh), BATCH):
                answers += self.logits(rolls[fresh[first : first + BATCH]])
        joined = np.concatenate(answers).astype(np.float64)[answer_of]
        if not np.isfinite(joined).all():
            raise ModelError(f'{self.path}: the network gave {joined[~np.isfinite(joined)][0]}, wanted finite logits')
        return log_softmax(joined)

    def logits(self, rolls: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        """Run the network once: piano-rolls, shape (windows, planes, 128, columns), to one array of shape (windows, 8).

        Raises:
            ModelError: where it fails.
        """
        try:
            answers: list[npt.NDArray[np.float32]] = self._session.run(['logits'], {'piano_roll': rolls})
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise ModelError(f'{self.path}: fails on {len(rolls)} windows ({_first_line(error)})') from error
        return answers


def log_softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shift each row so that its exponentials sum to 1; last axis is the classes'.

    >>> np.exp(log_softmax(np.array([0.0, 0.0]))).tolist()
    [0.5, 0.5]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def _open_session(path: Path) -> 'onnxruntime.InferenceSession':
    import onnxruntime  # loads on first use: it takes longer than the rest of the package together

    if path.exists() and not path.is_file():
        raise ModelError(f'{path}: not a file')
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f'{path}: cannot be opened ({error.strerror or error})') from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        # From bytes, not from the path: weights in other files are refused, since there is no folder to find them in.
        return onnxruntime.InferenceSession(content, options, providers=['CPUExecutionProvider'])
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise ModelError(f'{path}: not a readable ONNX model ({_first_line(error)})') from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


_loading = threading.Lock()


@cache
def _load(path: Path) -> Model:
    return Model(path)


def load_model(path: str | Path | None = None) -> Model:
    """Return the shipped model, or another; each file is loaded once in a process."""
    with _loading:
        try:
            resolved = SHIPPED if path is None else Path(path).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
            raise ModelError(f'{path}: cannot be opened ({error})') from error
        return _load(resolved)
