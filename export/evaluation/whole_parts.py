"""The figures of whole parts, classified as users have them: temperatures are fitted on a few windows of each part.

:mod:`export.evaluation.sanity` calls it, as it reads the same files with the same model.
"""

from typing import Any

import numpy as np
from tqdm import tqdm

from export.data.sources import ManifestFile
from export.data.window_table import frequencies_of
from export.evaluation.reliability import reliability, sure_answers
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.errors import KdicError
from music21_kdic.model.session import Model, log_softmax
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.statuses import CLASSIFIED, Status

SHORT = 8  # bars: four windows of 4/4


def whole_parts(files: list[ManifestFile], model: Model) -> dict[str, Any]:
    """Classify every part of the test split by all its windows.

    Args:
        files: of one collection; the labels of its validation split say how frequent each class is.
        model: the student.

    Returns:
        ``parts``, how many are classified; ``calibration``, as
        :func:`export.evaluation.reliability.reliability` under the collection's frequencies; ``answered`` at the
        model's sure confidence, under equal priors; ``short``, of parts of more than SHORT bars, how many there are,
        and the shares that are ``unclear`` and ``right`` of them (``whole``) and of their first SHORT bars
        (``begun``): a part is no less music for being short; nothing where the test split has no part.
    """
    known = [part.label for file in files if file.split == 'val' for part in file.read().parts]
    answers: list[InstrumentLikelihood] = []
    labels: list[int] = []
    long: list[tuple[int, InstrumentLikelihood, InstrumentLikelihood]] = []
    for file in tqdm([file for file in files if file.split == 'test'], desc='whole parts', unit='file'):
        for part in file.read().parts:
            try:
                (answer,) = classify([part.notes], model)
            except KdicError:  # more windows than are read
                continue
            if answer.status not in CLASSIFIED:
                continue
            answers.append(answer)
            labels.append(part.label)
            if part.notes.bars.size > SHORT + 1:
                (begun,) = classify([begin(part.notes, SHORT)], model)
                if begun.status in CLASSIFIED:
                    long.append((part.label, answer, begun))
    if not labels:
        return {}
    logs, truth = np.log(np.array([answer.probabilities for answer in answers])), np.array(labels)
    priors = frequencies_of(np.array(known, dtype=np.int64))
    return {
        'parts': truth.size,
        'calibration': reliability(np.exp(log_softmax(logs + np.log(priors))), truth),
        'answered': sure_answers(logs, truth, model.contract.sure_confidence),
        'short': {
            'parts': len(long),
            'whole': _counted([(label, whole) for label, whole, _ in long]),
            'begun': _counted([(label, begun) for label, _, begun in long]),
        },
    }


def begin(notes: NoteSequence, bars: int) -> NoteSequence:
    """The first bars of a part, from the one in which its first note begins."""
    first = max(0, int(np.searchsorted(notes.bars, notes.onsets[0], side='right')) - 1)
    lines = notes.bars[first : first + bars + 1]
    inside = (notes.onsets >= lines[0]) & (notes.onsets < lines[-1])
    return NoteSequence(notes.onsets[inside], np.minimum(notes.ends, lines[-1])[inside], notes.pitches[inside], lines)


def _counted(answers: list[tuple[int, InstrumentLikelihood]]) -> dict[str, float]:
    unclear = [answer.status == Status.UNCLEAR for _, answer in answers]
    right = [answer.probabilities.argmax() == label for label, answer in answers]
    return {
        name: round(float(np.mean(found or [False])), 4) for name, found in (('unclear', unclear), ('right', right))
    }
