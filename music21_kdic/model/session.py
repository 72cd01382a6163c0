"""The student: an ONNX file that carries its own contract, run on the CPU by onnxruntime.

Inputs ``piano_roll``: uint8, (windows, planes, 128, columns), and ``timing``: float32, (windows, 38), see
:mod:`~music21_kdic.features.timing`. Outputs ``logits``: float32, (windows, 8), log probabilities of the classes given
the window under equal priors, up to a constant per window; and ``embedding``: float32, (windows, 1 to 512), from which
the model's :mod:`~music21_kdic.model.part_head` judges a part. What else a model says of itself is its
:mod:`~music21_kdic.model.contract`; which files are run is settled in :mod:`~music21_kdic.model.checks`.
"""

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError
from music21_kdic.features.timing import timing
from music21_kdic.features.windows import Windows, piano_roll
from music21_kdic.model.checks import BATCH, SHIPPED, examine_model, first_line, is_shipped, read_model
from music21_kdic.model.contract import Contract, read_contract
from music21_kdic.model.forks import Gate
from music21_kdic.reading.notes import FloatArray, IntArray

if TYPE_CHECKING:
    import onnxruntime

DRAWN = 512  # windows that are drawn at a time: 4 MB of piano-rolls
_loading, _in_use = threading.Lock(), Gate()


@dataclass(frozen=True, eq=False)
class WindowAnswers:
    """What a model makes of windows; those that look the same to it are one.

    Attributes:
        logs: log probability of each class given each different window, under equal priors, shape (different, 8); each
            row's exponentials sum to 1.
        embeddings: what the network makes of them before it names a class, shape (different, numbers).
        which: of every window, in the order of the music, its row in these, shape (windows,).
    """

    logs: FloatArray
    embeddings: npt.NDArray[np.float32]
    which: IntArray


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

    def read(self, windows: Windows) -> WindowAnswers:
        """Run the network over some windows. Songs repeat themselves: those that look the same to it are run once.

        Raises:
            ModelError: where the network answers with something that is no number.
        """
        head = self.contract.head
        logits = [np.zeros((0, len(CLASSES)), dtype=np.float32)]
        embeddings = [np.zeros((0, head.embedding), dtype=np.float32)]
        seen: dict[bytes, int] = {}
        which: list[int] = []
        for start in range(0, len(windows), DRAWN):
            drawn = windows.select(np.arange(start, min(start + DRAWN, len(windows))))
            rolls, times = piano_roll(drawn, self.contract.grid), timing(drawn)
            fresh = []
            looks = np.concatenate([np.packbits(rolls.reshape(len(rolls), -1), axis=1), times.view(np.uint8)], axis=1)
            for row, seen_by_it in enumerate(looks):
                look = hashlib.blake2b(seen_by_it, digest_size=16).digest()
                if look not in seen:
                    seen[look] = len(seen)
                    fresh.append(row)
                which.append(seen[look])
            for first in range(0, len(fresh), BATCH):
                rows = fresh[first : first + BATCH]
                logit, embedding = self.run(rolls[rows], times[rows])
                logits.append(logit)
                embeddings.append(embedding)
        found, embedded = np.concatenate(logits).astype(np.float64), np.concatenate(embeddings)
        self._check_numbers('logits', found)
        self._check_numbers('embeddings', embedded)
        return WindowAnswers(log_softmax(found), embedded, np.array(which, dtype=np.int64))

    def run(
        self, rolls: npt.NDArray[np.uint8], times: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Run the network once.

        Args:
            rolls: piano-rolls, shape (windows, planes, 128, columns).
            times: the timing of the same windows, shape (windows, 38).

        Returns:
            Logits, shape (windows, 8), and embeddings, shape (windows, numbers).

        Raises:
            ModelError: where it fails, or answers for another number of windows.
        """
        try:
            with _in_use:
                logits, embeddings = self._session.run(['logits', 'embedding'], {'piano_roll': rolls, 'timing': times})
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise ModelError(f'{self.path}: fails on {len(rolls)} windows ({first_line(error)})') from error
        for what, found, numbers in (
            ('logits', logits, len(CLASSES)),
            ('embeddings', embeddings, self.contract.head.embedding),
        ):
            if found.shape != (len(rolls), numbers):
                raise ModelError(
                    f'{self.path}: {what} of shape {found.shape} for {len(rolls)} windows, wanted {numbers} for each'
                )
        return logits, embeddings

    def classify_part(self, embeddings: npt.NDArray[np.float32]) -> FloatArray:
        """Log probability of each class given a part, under equal priors.

        Args:
            embeddings: of its different windows, at least one, in any order, shape (windows, numbers).

        Returns:
            Shape (8,); the exponentials sum to 1.

        Raises:
            ModelError: where the head answers with something that is no number.
        """
        values = self.contract.head(embeddings)
        self._check_numbers('logits of a part', values)
        return log_softmax(values)

    def _check_numbers(self, what: str, found: npt.NDArray[np.floating[Any]]) -> None:
        finite = np.isfinite(found)
        if not finite.all():
            raise ModelError(f'{self.path}: the network gave {found[~finite][0]}, wanted finite {what}')


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
