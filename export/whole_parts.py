"""Do the figures hold for whole parts, through the door of users? They are fitted on a few windows of each part.

:mod:`export.sanity` calls it, as it reads the same files with the same model.
"""

from typing import Any

import numpy as np
from tqdm import tqdm

from export.reliability import reliability, sure_answers
from export.shards import frequencies_of
from export.sources import ManifestFile
from music21_kdic.errors import KdicError
from music21_kdic.likelihood import judge
from music21_kdic.model import Model, log_softmax


def whole_parts(files: list[ManifestFile], model: Model) -> dict[str, Any]:
    """Judge every part of the test split by all its windows.

    Args:
        files: of one collection; the labels of its validation split say how frequent each class is.
        model: the student.

    Returns:
        ``parts``, how many are judged; ``calibration``, as :func:`export.reliability.reliability` under the
        collection's frequencies; ``answered`` at the model's sure confidence, under equal priors;
        nothing where the test split has no such part.
    """
    known = [part.label for file in files if file.split == 'val' for part in file.read().parts]
    probabilities, labels = [], []
    for file in tqdm([file for file in files if file.split == 'test'], desc='whole parts', unit='file'):
        for part in file.read().parts:
            try:
                (answer,) = judge([part.notes], model)
            except KdicError:  # more windows than are read
                continue
            if len(answer.matrix):
                probabilities.append(answer.probabilities)
                labels.append(part.label)
    if not labels:
        return {}
    logs, truth = np.log(np.array(probabilities)), np.array(labels)
    priors = frequencies_of(np.array(known, dtype=np.int64))
    return {
        'parts': truth.size,
        'calibration': reliability(np.exp(log_softmax(logs + np.log(priors))), truth),
        'answered': sure_answers(logs, truth, model.contract.sure_confidence),
    }
