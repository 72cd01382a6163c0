"""The student: a folder with two ONNX files and a contract, run on the CPU by onnxruntime.

PART classifies parts by themselves. Its input, float32: ``numbers``, (parts, numbers), what the notes of each part are
summed up by. SCORE classifies parts with the others of their score. Its inputs, float32: ``numbers``; ``context``,
(parts, numbers), how each stands to the other parts; and ``first_layer``, (parts, first_layer), an output of PART. The
names of the numbers are in :mod:`~music21_kdic.features.number_names`.

Outputs of both, all float32: ``logits``, (parts, 8), log probabilities of the classes under equal priors, were the
part music, up to a constant a part; ``instruments``, (parts, instruments), the same of the instruments within each
class; ``music``, (parts, 1), the log-odds that it is music and not noise; ``other``, (parts, 1), the log-odds that it
is an instrument outside the classes; and ``embedding``, (parts, 1 to 1024). What else a model says of itself is its
:mod:`~music21_kdic.model.contract`; which files are run is settled in :mod:`~music21_kdic.model.checks`.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError, raised_as
from music21_kdic.features.context_numbers import likely_others
from music21_kdic.features.number_names import CONTEXT_NUMBERS, PART_NUMBERS
from music21_kdic.features.rows import Numbers, laid_out
from music21_kdic.model.checks import (
    BATCH,
    CONTRACT,
    PART,
    REFERENCE,
    SCORE,
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

_loading, IN_USE = threading.Lock(), Gate()
M = TypeVar('M')
_loaded: dict[tuple[Any, Path], Any] = {}  # models, by kind and folder


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

    def with_rows(self, some: npt.NDArray[np.bool_], answers: 'NetworkAnswers') -> 'NetworkAnswers':
        """The same with other answers to some of the parts."""
        values = {name: getattr(self, name).copy() for name in self.__dataclass_fields__}
        for name, of_all in values.items():
            of_all[some] = getattr(answers, name)
        return NetworkAnswers(**values)


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
    >>> model.contract.classes[0], model.contract.instruments[0].class_name
    ('Guitar', 'Guitar')
    """

    def __init__(self, path: str | Path = SHIPPED) -> None:
        self.path = Path(path)
        files = read_model(self.path)
        self.contract: Contract = read_contract(files[CONTRACT], self.path / CONTRACT)
        contract = self.contract
        self._outputs = {
            'logits': len(CLASSES),
            'instruments': len(contract.instruments),
            'music': 1,
            'other': 1,
            'embedding': contract.embedding,
        }
        numbers, first = {'numbers': len(PART_NUMBERS)}, {'first_layer': contract.first_layer}
        if not is_shipped(files):
            outputs = self._outputs
            examine_network(files[PART], self.path / PART, _shapes(numbers), _shapes(outputs | first))
            inputs = numbers | {'context': len(CONTEXT_NUMBERS)} | first
            examine_network(files[SCORE], self.path / SCORE, _shapes(inputs), _shapes(outputs))
        self.reference: Reference | None = None
        if REFERENCE in files:
            self.reference = read_reference(files[REFERENCE], self.contract.embedding, self.path / REFERENCE)
        self._sessions = {name: open_session(files[name], self.path / name) for name in (PART, SCORE)}
        classes = np.array([CLASSES.index(kind.class_name) for kind in self.contract.instruments])
        self._members = [np.flatnonzero(classes == each) for each in range(len(CLASSES))]

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
        return self._alone(numbers)[0]

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
        by_itself, first = self._alone(numbers)
        sizes = [len(numbers)] if sizes is None else sizes
        among = np.repeat([size > 1 for size in sizes], sizes)
        if not among.any():
            return by_itself, by_itself
        likelihoods = np.exp(by_itself.logs)
        others = np.concatenate([likely_others(likelihoods[score], numbers[score]) for score in laid_out(sizes)])
        context = np.concatenate([place, others], axis=1)
        found = self._run(
            SCORE, self._outputs, numbers=numbers[among], context=context[among], first_layer=first[among]
        )
        return by_itself, by_itself.with_rows(among, self._answers(found))

    def _alone(self, numbers: Numbers) -> tuple[NetworkAnswers, Numbers]:
        """The answers to parts by themselves, and what the first layer makes of them."""
        found = self._run(PART, self._outputs | {'first_layer': self.contract.first_layer}, numbers=numbers)
        return self._answers(found), found['first_layer']

    def _answers(self, found: dict[str, Numbers]) -> NetworkAnswers:
        instruments = np.empty(found['instruments'].shape)
        for members in self._members:
            instruments[:, members] = log_softmax(found['instruments'][:, members].astype(np.float64))
        music, other = (found[name][:, 0].astype(np.float64) for name in ('music', 'other'))
        logs = class_logs(found['logits'].astype(np.float64), music)
        is_music, is_other = (np.exp(-np.logaddexp(0, -odds)) for odds in (music, other))
        return NetworkAnswers(logs, instruments, is_music, is_other, found['embedding'].astype(np.float64))

    def _run(self, name: str, outputs: dict[str, int], **inputs: Numbers) -> dict[str, Numbers]:
        """The outputs of a network, each of shape (parts, numbers); at most BATCH parts are run at a time."""
        parts = len(inputs['numbers'])
        batches = [slice(first, first + BATCH) for first in range(0, parts, BATCH)]
        pieces = [
            self._run_batch(name, outputs, {each: values[batch] for each, values in inputs.items()})
            for batch in batches
        ]
        none = {each: np.zeros((0, size), np.float32) for each, size in outputs.items()}
        return {each: np.concatenate([none[each], *(piece[each] for piece in pieces)]) for each in outputs}

    def _run_batch(self, name: str, outputs: dict[str, int], inputs: dict[str, Numbers]) -> dict[str, Numbers]:
        parts, path = len(inputs['numbers']), self.path / name
        # onnxruntime's errors share no base class of their own
        with (
            raised_as(lambda error: ModelError(f'{path}: fails on {parts} parts ({first_line(error)})')),
            IN_USE.inside(),
        ):
            found: list[Numbers] = self._sessions[name].run(list(outputs), inputs)
        for (output, size), values in zip(outputs.items(), found, strict=True):
            if values.shape != (parts, size):
                raise ModelError(f'{path}: {output} of shape {values.shape} for {parts} parts, wanted {size} for each')
            finite = np.isfinite(values)
            if not finite.all():
                raise ModelError(f'{path}: the network gave {values[~finite][0]}, wanted finite {output}')
        return dict(zip(outputs, found, strict=True))


def log_softmax(logits: FloatArray) -> FloatArray:
    """Shift each row so that its exponentials sum to 1; last axis is the classes'.

    >>> np.exp(log_softmax(np.array([0.0, 0.0]))).tolist()
    [0.5, 0.5]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def class_logs(logits: FloatArray, music: FloatArray) -> FloatArray:
    """Log probabilities of the classes: what is no music is of any class alike.

    P(class) = P(music) P(class | music) + (1 - P(music)) / 8

    Args:
        logits: under equal priors, were the parts music; shape (parts, 8).
        music: log-odds of being music, shape (parts,).

    >>> np.exp(class_logs(np.log([[8.0, 1, 1, 1, 1, 1, 1, 2]]), np.array([0.0]))).round(5).tolist()
    [[0.3125, 0.09375, 0.09375, 0.09375, 0.09375, 0.09375, 0.09375, 0.125]]
    """
    is_music, is_none = (-np.logaddexp(0, -odds)[:, None] for odds in (music, -music))
    logs: FloatArray = np.logaddexp(log_softmax(logits) + is_music, is_none - np.log(len(CLASSES)))
    return logs


def _shapes(sizes: dict[str, int]) -> dict[str, tuple[int]]:
    return {name: (size,) for name, size in sizes.items()}


def open_session(content: bytes, path: Path) -> 'onnxruntime.InferenceSession':
    """The session of a network, on one thread.

    Args:
        content: of the ONNX file, which was pinned or examined.
        path: what errors call it.

    Raises:
        ModelError: where onnxruntime cannot run it.
    """
    import onnxruntime  # loads on first use: it takes longer than the rest of the package together

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    with raised_as(lambda error: ModelError(f'{path}: onnxruntime cannot run it ({first_line(error)})')):
        # From bytes, not from the path: there is no folder to find other files in.
        return onnxruntime.InferenceSession(content, options, providers=['CPUExecutionProvider'])


def load_once(kind: Callable[[Path], M], shipped: Path, path: str | os.PathLike[str] | None) -> M:
    """Return the model of a kind in the folder ``path``, the shipped one where it is None: loaded once in a process.

    Raises:
        ModelError: where the folder cannot be opened, or the kind raises it.
    """
    try:
        resolved = shipped if path is None else Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        raise ModelError(f'{path}: cannot be opened ({error})') from error
    with IN_USE.inside(), _loading:
        if (kind, resolved) not in _loaded:
            _loaded[kind, resolved] = kind(resolved)
        model: M = _loaded[kind, resolved]
        return model


def load_model(path: str | os.PathLike[str] | None = None) -> Model:
    """Return the shipped model, or another; each folder is loaded once in a process.

    Raises:
        ModelError: see :class:`Model`.
    """
    return load_once(Model, SHIPPED, path)
