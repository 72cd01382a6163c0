"""``teach``, ``student`` and ``distil``: which data meets which network and loss.

A run's weights and logits lie in ``WORK/<recipe>/``: ``teacher.pt`` (checkpoint), ``teacher_logits.npz`` (of every
window, in the order of the window table), and the same for ``nic`` and ``kdic``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn

from export.networks import STUDENTS, TEACHERS
from export.recipe import Recipe, TrainSettings
from export.render import Spectrograms
from export.shards import WindowTable, load_windows, write_npz
from export.training import HardTargets, Inputs, SoftTargets, predict, train
from music21_kdic.windows import WindowGrid

Targets = HardTargets | SoftTargets

VALIDATION_WINDOWS = 8000  # drawn with the seed: enough to watch, cheap enough for every epoch


def roll_inputs(table: WindowTable, grid: WindowGrid, transpose: int) -> Inputs:
    """Piano-rolls of windows, kept in memory as bits; shifted by up to ``transpose`` semitones while training."""
    packed = np.concatenate(
        [
            np.packbits(table.rolls(grid, rows).reshape(rows.size, -1), axis=1)
            for rows in np.array_split(np.arange(table.label.size), max(1, table.label.size // 4096))
        ]
    )

    def inputs(rows: np.ndarray, rng: np.random.Generator | None) -> Tensor:
        rolls = np.unpackbits(packed[rows], axis=1).reshape(rows.size, *grid.shape)
        if rng is not None and transpose:
            shifts = rng.integers(-transpose, transpose + 1, rows.size)
            for shift in np.unique(shifts[shifts != 0]):
                moved = np.roll(rolls[shifts == shift], shift, axis=2)
                moved[:, :, : max(0, shift)] = 0
                moved[:, :, moved.shape[2] + min(0, shift) :] = 0
                rolls[shifts == shift] = moved
        return torch.from_numpy(rolls.astype(np.float32))

    return inputs


def mel_inputs(spectrograms: Spectrograms) -> Inputs:
    """Log-mel spectrograms of windows."""
    return lambda rows, rng: torch.from_numpy(spectrograms.batch(rows))


def _fit(
    name: str,
    build: Callable[[], nn.Module],
    inputs: Inputs,
    loss: Callable[[np.ndarray], Targets],
    settings: TrainSettings,
    table: WindowTable,
    recipe: Recipe,
    work: Path,
) -> Path:
    """Train one network, and write its logits of every window."""
    rng = np.random.default_rng(recipe.seed)
    rows = table.rows('train')
    if settings.max_windows and settings.max_windows < rows.size:
        rows = np.sort(rng.choice(rows, settings.max_windows, replace=False))
    watched = rng.permutation(table.rows('val'))[:VALIDATION_WINDOWS]

    def validate(model: nn.Module) -> float:
        guess = predict(model, watched, inputs).argmax(axis=1)
        return float(f1_score(table.label[watched], guess, average='macro', zero_division=0))

    torch.manual_seed(recipe.seed)
    folder = work / recipe.name
    targets = loss(rows)
    mark = _fingerprint(settings, recipe, rows, targets)
    model = train(build(), rows, inputs, targets, settings, recipe.seed, folder / f'{name}.pt', mark, validate)
    logits = predict(model, np.arange(table.label.size), inputs)
    path = folder / f'{name}_logits.npz'
    write_npz(path, {'logits': logits, 'trained_on': rows})
    return path


def _fingerprint(settings: TrainSettings, recipe: Recipe, rows: np.ndarray, targets: Targets) -> str:
    """A hash of all that a network's weights depend on: settings, seed, window, rows and targets."""
    digest = hashlib.sha256(repr((settings, recipe.seed, recipe.grid)).encode())
    digest.update(rows.tobytes())
    for part in fields(targets):
        digest.update(np.asarray(getattr(targets, part.name)).tobytes())
    return digest.hexdigest()


def teach(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """AIC: train the audio teacher on spectrograms and labels; cache its logits of every window."""
    table = load_windows(work, shards)
    return _fit(
        'teacher',
        TEACHERS[recipe.teacher.network],
        mel_inputs(Spectrograms(work, shards)),
        lambda rows: HardTargets(table.label[rows]),
        recipe.teacher,
        table,
        recipe,
        work,
    )


def _fit_student(
    name: str, recipe: Recipe, work: Path, shards: int, loss: Callable[[WindowTable, np.ndarray], Targets]
) -> Path:
    table = load_windows(work, shards)
    return _fit(
        name,
        lambda: STUDENTS[recipe.student.network](recipe.grid),
        roll_inputs(table, recipe.grid, recipe.student.transpose),
        lambda rows: loss(table, rows),
        recipe.student,
        table,
        recipe,
        work,
    )


def student(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """NIC: train the student on piano-rolls and labels."""
    return _fit_student('nic', recipe, work, shards, lambda table, rows: HardTargets(table.label[rows]))


def distil(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """KDIC: train the student on piano-rolls and the teacher's cached logits."""
    path = work / recipe.name / 'teacher_logits.npz'
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export teach` first')
    with np.load(path) as file:
        teacher = file['logits']

    def loss(table: WindowTable, rows: np.ndarray) -> Targets:
        if len(teacher) != table.label.size:
            raise ValueError(f'{path}: logits of {len(teacher)} windows, wanted {table.label.size}: teach again')
        settings = recipe.distil
        return SoftTargets(teacher[rows], table.label[rows], settings.temperature, settings.hard_weight)

    return _fit_student('kdic', recipe, work, shards, loss)


def load_student(name: str, recipe: Recipe, work: Path) -> nn.Module:
    """The trained student 'nic' or 'kdic', on the CPU, ready to predict."""
    path = work / recipe.name / f'{name}.pt'
    if not path.exists():
        raise FileNotFoundError(
            f'{path}: not there; run `python -m export {"distil" if name == "kdic" else "student"}`'
        )
    content = torch.load(path, map_location='cpu', weights_only=True)
    if content['epoch'] != recipe.student.epochs:
        raise ValueError(f'{path}: {content["epoch"]} epochs of {recipe.student.epochs}: its training is not finished')
    model = STUDENTS[recipe.student.network](recipe.grid)
    if recipe.student.average:
        weights = {k.removeprefix('module.'): v for k, v in content['averaged'].items() if k != 'n_averaged'}
    else:
        weights = content['model']
    model.load_state_dict(weights)
    return model.eval()
