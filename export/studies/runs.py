"""What the studies that train networks share: a network is trained, and its answers to the test set are stored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn

from export.data.window_table import WindowTable
from export.evaluation.calibration import Scaling, fit_temperature
from export.recipe import TrainSettings
from export.studies.store import TestSet, decide, write_run
from export.training.loop import Inputs, predict, train
from export.training.window_networks import Targets, fingerprint


def fit(
    make: Callable[[], nn.Module],
    rows: np.ndarray,
    inputs: Inputs,
    targets: Targets,
    settings: TrainSettings,
    seed: int,
    checkpoint: Path,
    sample: WindowTable,
    watched: np.ndarray,
    batch_size: int = 512,
) -> nn.Module:
    """Train a new network on rows of a sample of windows; see :func:`export.training.loop.train`.

    Args:
        make: the network, initialised at random.
        sample: the windows of a study.
        watched: rows of the sample on which it is validated after each epoch.
        batch_size: for validation.
    """

    def validate(model: nn.Module) -> float:
        return macro_f1(predict(model, watched, inputs, batch_size), sample.label[watched])

    torch.manual_seed(seed)
    mark = fingerprint((settings, seed), rows, targets)
    return train(make(), rows, inputs, targets, settings, seed, checkpoint, mark, validate)


def macro_f1(logits: np.ndarray, labels: np.ndarray) -> float:
    """Macro-F1 of the likeliest class."""
    return float(f1_score(labels, logits.argmax(axis=1), average='macro', zero_division=0))


def store_answers(
    folder: Path, row: str, seed: int, logits: np.ndarray, sample: WindowTable, watched: np.ndarray, priors: np.ndarray
) -> None:
    """Store what a network answered to the test windows of a sample.

    Args:
        folder: of the study.
        logits: of every window of the sample, shape (windows, 8); only those of ``watched`` and the test set count.
        watched: rows of the sample on which the temperature is fitted.
        priors: how frequent the classes were in training, shape (8,).
    """
    tested = sample.rows('test')
    scaling = Scaling(fit_temperature(logits[watched], sample.label[watched]), priors)
    write_run(folder, row, seed, decide(logits[tested], scaling, TestSet.of(sample, tested)))
