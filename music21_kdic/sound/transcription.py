"""What the notes of a stem say: a transcriber makes notes of the sound, and the student answers for those.

The transcriber is Basic Pitch (Bittner et al. 2022), whose package holds its network as an ONNX file. That package asks
for TensorFlow, in a version that no Python after 3.11 has; for the ONNX file it is not needed. So the package is
installed without what it asks for, and what it does need is the extra ``transcribe``.
"""

import contextlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.answers.classify import classify
from music21_kdic.errors import MissingExtraError
from music21_kdic.model.session import load_model
from music21_kdic.reading.notes import DEFAULT_BAR, NoteSequence

if TYPE_CHECKING:
    from music21_kdic.answers.likelihood import InstrumentLikelihood

QUARTERS_A_SECOND = 2.0  # a tempo of 120 is assumed: sound does not say where bars are
HOW_TO_INSTALL = 'pip install "music21-kdic[transcribe]" && pip install --no-deps basic-pitch'


def by_notes(stems: Mapping[str, Path]) -> 'dict[str, InstrumentLikelihood]':
    """What the student answers for the notes of stems, each with the others in view.

    Args:
        stems: the classes that are asked about, and the file of each one's stem.

    Raises:
        MissingExtraError: where the transcriber, or a package that it needs, is not installed.
    """
    notes = [transcribe(path) for path in stems.values()]
    return dict(zip(stems, classify(notes, load_model(), names=list(stems), together=True), strict=True))


def transcribe(path: Path) -> NoteSequence:
    """The notes of a recording, as if its tempo were 120 and its meter 4/4.

    Raises:
        MissingExtraError: as :func:`by_notes`.
    """
    predict, network = load_transcriber()
    with open(os.devnull, 'w', encoding='utf-8') as nothing, contextlib.redirect_stdout(nothing):
        _, _, events = predict(path, network)
    return notes_of(events)


def notes_of(events: Iterable[Sequence[Any]]) -> NoteSequence:
    """Notes from begin and end in seconds, MIDI pitch and whatever else is told of each.

    >>> notes = notes_of([(0.5, 1.0, 60, 0.8), (3.75, 4.5, 64, 0.8)])
    >>> notes.onsets.tolist(), notes.ends.tolist(), notes.bars.tolist()
    ([1.0, 7.5], [2.0, 9.0], [0.0, 4.0, 8.0, 12.0])
    """
    told = np.array([event[:3] for event in events], dtype=np.float64).reshape(-1, 3)
    onsets, ends = QUARTERS_A_SECOND * told[:, 0], QUARTERS_A_SECOND * told[:, 1]
    bars = max(1, int(np.ceil(ends.max(initial=0.0) / DEFAULT_BAR)))
    return NoteSequence(onsets, ends, told[:, 2].astype(np.int64), DEFAULT_BAR * np.arange(bars + 1, dtype=np.float64))


@cache
def load_transcriber() -> tuple[Any, Any]:
    """Basic Pitch's function that transcribes a file, and its network.

    Raises:
        MissingExtraError: as :func:`by_notes`.
    """
    with _quiet():
        try:
            from basic_pitch import FilenameSuffix, build_icassp_2022_model_path
            from basic_pitch.inference import Model, predict
        except ImportError as error:
            package = (error.name or 'basic_pitch').partition('.')[0]
            raise MissingExtraError(f'notes of a recording need {package}: {HOW_TO_INSTALL}') from error
        return predict, Model(build_icassp_2022_model_path(FilenameSuffix.onnx))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Within, nothing is told of the other kinds of networks that Basic Pitch could run."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
