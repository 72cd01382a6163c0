"""Networks of windows, the audio teacher and the students of the experiment: which data meets which network and loss.

A run's weights and logits lie in ``WORK/<recipe>/``: ``teacher.pt`` (checkpoint) and ``teacher_logits.npz`` (of every
window, in the order of the window table), and the same for students.
"""

import hashlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn

from export.data.render import Spectrograms
from export.data.window_table import WindowTable, load_windows, write_npz
from export.networks.networks import STUDENTS, TEACHERS
from export.recipe import Recipe, TrainSettings
from export.training.loop import HardTargets, Inputs, PartTargets, SoftTargets, predict, train
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import WindowGrid

Targets = HardTargets | SoftTargets | PartTargets

VALIDATION_WINDOWS = 8000  # drawn with the seed: enough to watch, cheap enough for every epoch


class PackedRolls:
    """The piano-rolls of all windows, kept in memory as bits."""

    def __init__(self, table: WindowTable, grid: WindowGrid) -> None:
        self._grid = grid
        self._packed = np.concatenate(
            [
                np.packbits(table.rolls(grid, rows).reshape(rows.size, -1), axis=1)
                for rows in np.array_split(np.arange(table.label.size), max(1, table.label.size // 4096))
            ]
        )

    def inputs(self, rows: np.ndarray, rng: np.random.Generator | None) -> tuple[Tensor]:
        """Piano-rolls of some windows, float32, shape (rows, planes, 128, columns)."""
        return (torch.from_numpy(self.draw(rows).astype(np.float32)),)

    def draw(self, rows: np.ndarray) -> np.ndarray:
        """The same as uint8."""
        drawn: np.ndarray = np.unpackbits(self._packed[rows], axis=1).reshape(rows.size, *self._grid.shape)
        return drawn


def fit(
    name: str,
    model: nn.Module,
    inputs: Inputs,
    targets: Callable[[np.ndarray], Targets],
    settings: TrainSettings,
    table: WindowTable,
    recipe: Recipe,
    work: Path,
    heard: np.ndarray | None = None,
    judged: np.ndarray | None = None,
) -> Path:
    """Train a network of windows, and write its logits to ``WORK/<recipe>/<name>_logits.npz``.

    Args:
        name: of its files.
        model: freshly initialised with the recipe's seed.
        inputs: what it is called with.
        targets: what it learns from, of some rows of the table.
        settings: of its training.
        table: the windows.
        recipe: its seed is everybody's, its name the folder's.
        work: the working folder.
        heard: the rows that can be shown to it, where they are not all.
        judged: the rows whose logits are wanted, where they are not all that can be shown; the others' are NaN.
    """
    rng = np.random.default_rng(recipe.seed)
    shown = np.arange(table.label.size) if heard is None else heard
    rows = np.intersect1d(table.rows('train'), shown)
    if settings.max_windows and settings.max_windows < rows.size:
        rows = np.sort(rng.choice(rows, settings.max_windows, replace=False))
    watched = rng.permutation(np.intersect1d(table.rows('val'), shown))[:VALIDATION_WINDOWS]

    def validate(model: nn.Module) -> float:
        guess = predict(model, watched, inputs).argmax(axis=1)
        return float(f1_score(table.label[watched], guess, average='macro', zero_division=0))

    learnt = targets(rows)
    mark = fingerprint((settings, recipe.seed, recipe.grid), rows, learnt)
    folder = work / recipe.name
    model = train(model, rows, inputs, learnt, settings, recipe.seed, folder / f'{name}.pt', mark, validate)
    logits = np.full((table.label.size, len(CLASSES)), np.nan, dtype=np.float32)
    wanted = shown if judged is None else judged
    logits[wanted] = predict(model, wanted, inputs)
    path = folder / f'{name}_logits.npz'
    write_npz(path, {'logits': logits, 'trained_on': rows})
    return path


def fingerprint(settings: tuple[object, ...], rows: np.ndarray, targets: Targets) -> str:
    """A hash of all that a network's weights depend on: settings (seed and window too), rows and targets."""
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(rows.tobytes())
    for part in fields(targets):
        digest.update(np.asarray(getattr(targets, part.name)).tobytes())
    return digest.hexdigest()


def teach(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """AIC: train the audio teacher on spectrograms and labels; cache its logits of every window that it can hear."""
    table = load_windows(work, shards)
    spectrograms = Spectrograms(work, shards)
    torch.manual_seed(recipe.seed)
    return fit(
        'teacher',
        TEACHERS[recipe.teacher.network](),
        lambda rows, rng: (torch.from_numpy(spectrograms.batch(rows)),),
        lambda rows: HardTargets(table.label[rows]),
        recipe.teacher,
        table,
        recipe,
        work,
        spectrograms.heard,
    )


def fit_student(
    recipe: Recipe,
    work: Path,
    table: WindowTable,
    rolls: PackedRolls,
    targets: Callable[[np.ndarray], Targets],
    judged: np.ndarray | None = None,
) -> Path:
    """Train a student of windows on what ``targets`` says of some rows; see :func:`fit`."""
    torch.manual_seed(recipe.seed)
    model = STUDENTS[recipe.student.network](recipe.grid)
    return fit('student', model, rolls.inputs, targets, recipe.student, table, recipe, work, judged=judged)
