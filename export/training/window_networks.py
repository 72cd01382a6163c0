"""Networks of windows, the audio teacher and the students of the studies: trained, and asked about all windows.

A network's weights and logits lie in ``WORK/RECIPE/``: ``NAME.pt`` (checkpoint) and ``NAME_logits.npz`` (see
:mod:`export.training.stored_logits`).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import nn

from export.data.files import write_npz
from export.data.window_table import WindowTable
from export.networks.losses import Loss
from export.networks.students import STUDENTS
from export.recipe import Recipe, TrainSettings
from export.training.fit import Inputs, fit, macro_f1_on, predict
from export.training.window_inputs import PackedRolls
from music21_kdic.classes import CLASSES

VALIDATION_WINDOWS = 8000  # drawn with the seed: enough to watch, cheap enough for every epoch


def train_on_windows(
    name: str,
    make: Callable[[], nn.Module],
    inputs: Inputs,
    loss_of: Callable[[np.ndarray], Loss],
    settings: TrainSettings,
    table: WindowTable,
    recipe: Recipe,
    work: Path,
    depends_on: tuple[object, ...],
    given: np.ndarray | None = None,
    asked: np.ndarray | None = None,
) -> Path:
    """Train a network on the training windows, and write its logits to ``WORK/RECIPE/NAME_logits.npz``.

    Args:
        name: of its files.
        make: makes the network.
        inputs: what it is called with.
        loss_of: its loss on some rows of the table.
        settings: of its training.
        table: the windows.
        recipe: its seed is that of all that is drawn, its name that of the folder.
        work: the working folder.
        depends_on: what else the weights depend on: how the windows are made what the network reads.
        given: the rows that can be given to it, where they are not all.
        asked: the rows whose logits are wanted, where they are not all that can be given; the others' are NaN.
    """
    rng = np.random.default_rng(recipe.seed)
    given = np.arange(table.label.size) if given is None else given
    rows = np.intersect1d(table.rows('train'), given)
    if settings.max_windows and settings.max_windows < rows.size:
        rows = np.sort(rng.choice(rows, settings.max_windows, replace=False))
    watched = rng.permutation(np.intersect1d(table.rows('val'), given))[:VALIDATION_WINDOWS]
    folder = work / recipe.name
    validate = macro_f1_on(watched, table.label[watched], inputs)
    checkpoint = folder / f'{name}.pt'
    model = fit(make, rows, inputs, loss_of(rows), settings, recipe.seed, checkpoint, validate, depends_on)
    asked = given if asked is None else asked
    logits = np.full((table.label.size, len(CLASSES)), np.nan, dtype=np.float32)
    logits[asked] = predict(model, asked, inputs)
    path = folder / f'{name}_logits.npz'
    write_npz(path, {'logits': logits, 'trained_on': rows})
    return path


def train_student(
    recipe: Recipe,
    work: Path,
    table: WindowTable,
    rolls: PackedRolls,
    loss_of: Callable[[np.ndarray], Loss],
    asked: np.ndarray | None = None,
) -> Path:
    """Train a student of windows under the loss that ``loss_of`` gives of some rows; see :func:`train_on_windows`."""
    make, settings = STUDENTS[recipe.student.network], recipe.student
    new, grid = (lambda: make(recipe.grid)), (recipe.grid,)
    return train_on_windows('student', new, rolls.inputs, loss_of, settings, table, recipe, work, grid, asked=asked)
