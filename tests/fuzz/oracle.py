"""The promise, as functions: what became of one input, or an exception where the promise was not kept."""

import atexit
import math
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from soundfile import info

from music21_kdic.classes import CLASSES
from music21_kdic.collection.engine.rows import UNKNOWN
from music21_kdic.collection.label import LabelQuery
from music21_kdic.errors import KdicError
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import cut_windows
from music21_kdic.model.session import SHIPPED, Model
from music21_kdic.reading.files import read_parts
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.reading.parts import FilePart
from music21_kdic.sound.activity import listen
from music21_kdic.sound.networks import TARGETS
from music21_kdic.statuses import CLASSIFIED
from tests.sound.hand_made_sound import make_sound_model

LABEL = 'label'


class BrokenPromise(Exception):  # noqa: N818 - it is no error of the code under test
    """An answer that is none: no eight probabilities, a label that is no class, an error without a sentence."""


def outcome_of_file(path: Path) -> str:
    """What the reader for MIDI files and scores makes of a file: 'label', 'unknown', or the name of a typed error.

    Raises:
        BrokenPromise: where the answer is none.
        Exception: whatever else came out of the reader, none of which should.
    """
    try:
        return outcome_of_parts(read_parts(str(path)))
    except KdicError as error:
        return _typed(error, str(path))


def outcome_of_parts(parts: Sequence[FilePart]) -> str:
    """The same for parts that have been read."""
    labels = set()
    for row in LabelQuery().of_parts('mutant', parts):
        if row['label'] not in (*CLASSES, UNKNOWN) or not row['status']:
            raise BrokenPromise(f'label {row["label"]!r}, status {row["status"]!r}')
        if row['label'] != UNKNOWN or row['status'] in CLASSIFIED:
            _check_probabilities([row[name] for name in CLASSES], 1e-5)
        labels.add(row['label'])
    return UNKNOWN if labels == {UNKNOWN} else LABEL


def outcome_of_model(path: Path) -> str:
    """What becomes of a model with a changed network: it answers for a part, or is refused with a typed error."""
    bars = np.arange(0.0, 4.0 * 9, 4.0)
    tune = NoteSequence(np.arange(32.0), np.arange(1.0, 33.0), 40 + np.arange(32) % 40, bars)
    try:
        for name in ('contract.json', 'score.onnx'):
            shutil.copy(SHIPPED / name, path.parent)
        path.rename(path.with_name('part.onnx'))
        answers = Model(path.parent).answer(part_numbers([tune], [cut_windows(tune)]))
        _check_probabilities(np.exp(answers.logs[0]).tolist(), 1e-6)
    except KdicError as error:
        return _typed(error, str(path.parent))
    return LABEL


def outcome(reader: str, suffix: str, content: bytes) -> str:
    """What becomes of the content of a file at one of the readers 'midi', 'score', 'model', 'audio'."""
    with tempfile.TemporaryDirectory(prefix='kdic-fuzz-') as folder:
        path = Path(folder, f'mutant{suffix}')
        path.write_bytes(content)
        outcomes = {'model': outcome_of_model, 'audio': outcome_of_recording}
        return outcomes.get(reader, outcome_of_file)(path)


def outcome_of_recording(path: Path) -> str:
    """What ``listen`` makes of a recording: 'label', 'unknown' for silence, or the name of a typed error."""
    try:
        activity = listen(path, stems=path.parent / 'stems', model=_stand_in())
    except KdicError as error:
        return _typed(error, str(path))
    values = activity.probabilities
    if not ((values >= 0) & (values <= 1)).all() or activity.times.shape != (len(values), 2):
        raise BrokenPromise(f'{values}: wanted probabilities')
    ends = [info(stem).frames for stem in (path.parent / 'stems').iterdir()]
    if len(ends) != len(TARGETS) or max(ends) != min(ends):
        raise BrokenPromise(f'stems of {ends} samples, wanted {len(TARGETS)} of as many')
    return LABEL if len(values) else UNKNOWN


@cache
def _stand_in() -> Path:
    """Networks that cost nothing: what is fuzzed is the reader."""
    folder = tempfile.TemporaryDirectory(prefix='kdic-sound-')
    atexit.register(folder.cleanup)
    return make_sound_model(Path(folder.name) / 'model')


def _check_probabilities(values: list[float], margin: float) -> None:
    if not all(0 <= value <= 1 for value in values) or not math.isclose(sum(values), 1, abs_tol=margin):
        raise BrokenPromise(f'{values}: wanted eight probabilities')


def _typed(error: KdicError, name: str) -> str:
    if len(str(error).removeprefix(name).strip()) < 10:
        raise BrokenPromise(f'{type(error).__name__} without a sentence: {error}') from error
    return type(error).__name__
