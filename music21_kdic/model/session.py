"""The student: a folder with an ONNX file and a contract, run on the CPU by onnxruntime.

Inputs, all float32: ``numbers``, (parts, numbers), what the notes of each part are summed up by; ``context``, (parts,
numbers), how it stands to the other parts of its score, see :mod:`~music21_kdic.features.number_names` for both; and
``known``, (parts, 1), 1 where the context is to be used and 0 where the part is classified by itself.

Outputs, all float32: ``logits``, (parts, 8), log probabilities of the classes under equal priors, up to a constant a
part; ``instruments``, (parts, instruments), the same of the instruments within each class; ``music``, (parts, 1), the
log-odds that it is music and not noise; ``other``, (parts, 1), the log-odds that it is an instrument outside the
classes; and ``embedding``, (parts, 1 to 1024). What else a model says of itself is its
:mod:`~music21_kdic.model.contract`; which files are run is settled in :mod:`~music21_kdic.model.checks`.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError
from music21_kdic.features.context_numbers import likely_others
from music21_kdic.features.number_names import CONTEXT_NUMBERS, MEAN_PITCH, PART_NUMBERS
from music21_kdic.features.rows import Numbers, laid_out
from music21_kdic.model.checks import (
    BATCH,
    CONTRACT,
    NETWORK,
    REFERENCE,
    SHIPPED,
    examine_network,
    first_line,
    is_shipped,
    read_model,
)
from music21_kdic.model.contract import Contract, read_contract
from music21_kdic.model.forks import Gate
from music21_kdic.model.reference import Reference, read_reference
from music21_kdic.reading.notes import FloatArray

if TYPE_CHECKING:
    import onnxruntime

_loading, _in_use = threading.Lock(), Gate()


@dataclass(frozen=True, eq=False)
class NetworkAnswers:
    """What the student makes of parts.

    Attributes:
        logs: log probability of each class under equal priors, shape (parts, 8); each row's exponentials sum to 1.
        instruments: log probability of each instrument within its class, shape (parts, instruments).
        music: probability that it is music and not noise, shape (parts,).
        other: probability that it is an instrument outside the classes, shape (parts,).
        embedding: what the network makes of a part before it names anything, shape (parts, numbers).
    """

    logs: FloatArray
    instruments: FloatArray
    music: FloatArray
    other: FloatArray
    embedding: FloatArray

    def rows(self, some: slice) -> 'NetworkAnswers':
        """The answers to some of the parts."""
        return NetworkAnswers(*(getattr(self, name)[some] for name in self.__dataclass_fields__))


class Model:
    """A student, loaded and checked.

    Args:
        path: the folder of a model, written by ``python -m export onnx``; the shipped one where it is left out.

    Attributes:
        contract: what it says of itself.
        reference: what real parts of each class are like; None where another model than the shipped one has none.

    Raises:
        ModelError: where a file is missing, damaged, has a contract that this version does not understand, or could
            do what a model need not; and, for another model than the shipped one, where the package onnx is missing.

    >>> model = Model()
    >>> model.contract.classes[0], model.contract.instruments[0].family
    ('Guitar', 'Guitar')
    """

    def __init__(self, path: str | Path = SHIPPED) -> None:
        self.path = Path(path)
        files = read_model(self.path)
        self.contract: Contract = read_contract(files[CONTRACT], self.path / CONTRACT)
        network, path = files[NETWORK], self.path / NETWORK
        self._outputs = {
            'logits': len(CLASSES),
            'instruments': len(self.contract.instruments),
            'music': 1,
            'other': 1,
            'embedding': self.contract.embedding,
        }
        if not is_shipped(files):
            inputs = {'numbers': len(PART_NUMBERS), 'context': len(CONTEXT_NUMBERS), 'known': 1}
            examine_network(network, path, inputs, self._outputs)
        self.reference: Reference | None = None
        if REFERENCE in files:
            self.reference = read_reference(files[REFERENCE], self.contract.embedding, self.path / REFERENCE)
        self._session = _open_session(network, path)
        families = np.array([CLASSES.index(kind.family) for kind in self.contract.instruments])
        self._members = [np.flatnonzero(families == family) for family in range(len(CLASSES))]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle (and copy) by path: a session cannot be, and the shipped model may lie elsewhere over there."""
        return load_model, (None if self.path == SHIPPED else str(self.path.absolute()),)

    def answer(self, numbers: Numbers) -> NetworkAnswers:
        """Answer for some parts, each by itself.

        Args:
            numbers: shape (parts, numbers), see :func:`~music21_kdic.features.part_numbers.part_numbers`.

        Raises:
            ModelError: where the network fails, or answers with something that is no number.
        """
        size = len(numbers)
        return self._answer(
            numbers, np.zeros((size, len(CONTEXT_NUMBERS)), np.float32), np.zeros((size, 1), np.float32)
        )

    def answer_twice(
        self, numbers: Numbers, place: Numbers, sizes: Sequence[int] | None = None
    ) -> tuple[NetworkAnswers, NetworkAnswers]:
        """Answer for the parts of scores, each by itself, and then each with what the others are likely to be.

        Args:
            numbers: as for :meth:`answer`.
            place: of the same parts, shape (parts, numbers), see
                :func:`~music21_kdic.features.context_numbers.place_numbers`.
            sizes: how many parts each score has, one after the other; one has all where left out. A part that is the
                only one is answered by itself both times.

        Raises:
            ModelError: as for :meth:`answer`.
        """
        by_itself = self.answer(numbers)
        likelihoods, height = np.exp(by_itself.logs), numbers[:, MEAN_PITCH]
        sizes = [len(numbers)] if sizes is None else sizes
        others = [likely_others(likelihoods[score], height[score]) for score in laid_out(sizes)]
        known = np.repeat([size > 1 for size in sizes], sizes).astype(np.float32)[:, None]
        return by_itself, self._answer(numbers, np.concatenate([place, np.concatenate(others)], axis=1), known)

    def _answer(self, numbers: Numbers, context: Numbers, known: Numbers) -> NetworkAnswers:
        batches = [slice(first, first + BATCH) for first in range(0, len(numbers), BATCH)]
        pieces = [self._run(numbers[batch], context[batch], known[batch]) for batch in batches]
        found = {
            name: np.concatenate([np.zeros((0, size)), *(piece[name] for piece in pieces)])
            for name, size in self._outputs.items()
        }
        instruments = np.empty_like(found['instruments'])
        for members in self._members:
            instruments[:, members] = log_softmax(found['instruments'][:, members])
        music, other = (1 / (1 + np.exp(-found[name][:, 0])) for name in ('music', 'other'))
        return NetworkAnswers(log_softmax(found['logits']), instruments, music, other, found['embedding'])

    def _run(self, numbers: Numbers, context: Numbers, known: Numbers) -> dict[str, Numbers]:
        """The outputs of at most BATCH parts, each of shape (parts, numbers)."""
        parts = len(numbers)
        path = self.path / NETWORK
        try:
            with _in_use:
                inputs = {'numbers': numbers, 'context': context, 'known': known}
                found: list[Numbers] = self._session.run(list(self._outputs), inputs)
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise ModelError(f'{path}: fails on {parts} parts ({first_line(error)})') from error
        for (name, size), values in zip(self._outputs.items(), found, strict=True):
            if values.shape != (parts, size):
                raise ModelError(f'{path}: {name} of shape {values.shape} for {parts} parts, wanted {size} for each')
            finite = np.isfinite(values)
            if not finite.all():
                raise ModelError(f'{path}: the network gave {values[~finite][0]}, wanted finite {name}')
        return dict(zip(self._outputs, found, strict=True))


def log_softmax(logits: FloatArray) -> FloatArray:
    """Shift each row so that its exponentials sum to 1; last axis is the classes'.

    >>> np.exp(log_softmax(np.array([0.0, 0.0]))).tolist()
    [0.5, 0.5]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
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
    """Return the shipped model, or another; each folder is loaded once in a process."""
    with _in_use, _loading:
        try:
            resolved = SHIPPED if path is None else Path(path).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
            raise ModelError(f'{path}: cannot be opened ({error})') from error
        return _load(resolved)
