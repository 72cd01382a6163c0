"""``teach``, ``student`` and ``distil``: which data meets which network and loss.

A run's weights and logits lie in ``WORK/<recipe>/``: ``teacher.pt`` (checkpoint), ``teacher_logits.npz`` (of every
window, in the order of the window table), the same for ``nic`` and ``kdic``, and ``nic.polished.pt`` and so on
where the recipe polishes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax
from sklearn.metrics import f1_score
from torch import Tensor, nn

from export.calibration import read_answers
from export.networks import STUDENTS, TEACHERS
from export.nonsense import load_nonsense
from export.recipe import DistilSettings, Recipe, TrainSettings
from export.render import Spectrograms
from export.shards import WindowTable, load_windows, write_npz
from export.training import HardTargets, Inputs, OutlierExposure, SoftTargets, predict, train
from music21_kdic.windows import WindowGrid

Targets = HardTargets | SoftTargets | OutlierExposure

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

    def inputs(self, transpose: int = 0) -> Inputs:
        """Network inputs, shifted by up to ``transpose`` semitones while training."""

        def draw(rows: np.ndarray, rng: np.random.Generator | None) -> Tensor:
            rolls = np.unpackbits(self._packed[rows], axis=1).reshape(rows.size, *self._grid.shape)
            if rng is not None and transpose:
                shifts = rng.integers(-transpose, transpose + 1, rows.size)
                for shift in np.unique(shifts[shifts != 0]):
                    moved = np.roll(rolls[shifts == shift], shift, axis=2)
                    moved[:, :, : max(0, shift)] = 0
                    moved[:, :, moved.shape[2] + min(0, shift) :] = 0
                    rolls[shifts == shift] = moved
            return torch.from_numpy(rolls.astype(np.float32))

        return draw


@dataclass(frozen=True)
class Stage:
    """One training of a network: what it sees, what it learns from, and the checkpoint's name."""

    name: str
    settings: TrainSettings
    inputs: Inputs
    targets: Callable[[np.ndarray], Targets]


def _fit(
    name: str,
    model: nn.Module,
    stages: list[Stage],
    table: WindowTable,
    recipe: Recipe,
    work: Path,
    nonsense: WindowTable | None = None,
) -> Path:
    """Train one network stage by stage, and write its logits of every window.

    Args:
        table: the music.
        nonsense: windows that are none, numbered on after the music's; their logits are written beside the others'.
    """
    rng = np.random.default_rng(recipe.seed)
    rows = table.rows('train')
    most = stages[0].settings.max_windows
    if most and most < rows.size:
        rows = np.sort(rng.choice(rows, most, replace=False))
    watched = rng.permutation(table.rows('val'))[:VALIDATION_WINDOWS]
    music = rows
    if nonsense is not None:
        rows = np.concatenate([music, table.label.size + nonsense.rows('train')])
    folder = work / recipe.name
    for stage in stages:

        def validate(model: nn.Module, stage: Stage = stage) -> float:
            guess = predict(model, watched, stage.inputs).argmax(axis=1)
            return float(f1_score(table.label[watched], guess, average='macro', zero_division=0))

        targets = stage.targets(music)
        if nonsense is not None:
            targets = OutlierExposure(targets, music.size, table.class_frequencies())
        mark = fingerprint((stage.settings, recipe.seed, recipe.grid), rows, targets)
        checkpoint = folder / f'{stage.name}.pt'
        model = train(model, rows, stage.inputs, targets, stage.settings, recipe.seed, checkpoint, mark, validate)
    logits = predict(
        model, np.arange(table.label.size + (0 if nonsense is None else nonsense.label.size)), stages[-1].inputs
    )
    path = folder / f'{name}_logits.npz'
    of_music, of_nonsense = np.split(logits, [table.label.size])
    write_npz(path, {'logits': of_music, 'nonsense': of_nonsense, 'trained_on': music})
    return path


def fingerprint(settings: tuple[object, ...], rows: np.ndarray, targets: Targets) -> str:
    """A hash of all that a network's weights depend on: settings (seed and window too), rows and targets."""
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(rows.tobytes())
    _digest_targets(targets, digest)
    return digest.hexdigest()


def _digest_targets(targets: Targets, digest: 'hashlib._Hash') -> None:
    for part in fields(targets):
        value = getattr(targets, part.name)
        if is_dataclass(value):
            _digest_targets(value, digest)
        else:
            digest.update(np.asarray(value).tobytes())


def teach(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """AIC: train the audio teacher on spectrograms and labels; cache its logits of every window."""
    table = load_windows(work, shards)
    spectrograms = Spectrograms(work, shards)
    stage = Stage(
        'teacher',
        recipe.teacher,
        lambda rows, rng: torch.from_numpy(spectrograms.batch(rows)),
        lambda rows: HardTargets(table.label[rows]),
    )
    torch.manual_seed(recipe.seed)
    return _fit('teacher', TEACHERS[recipe.teacher.network](), [stage], table, recipe, work)


def student(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """NIC: train the student on piano-rolls and labels."""
    table = load_windows(work, shards)
    return _fit_student('nic', recipe, work, table, lambda rows, mix: HardTargets(table.label[rows]))


def distil(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """KDIC: train the student on piano-rolls and its teachers' cached logits."""
    table = load_windows(work, shards)
    verb = f'teach --recipe {recipe.teacher_recipe}'
    teacher = read_answers(work / recipe.teacher_recipe / 'teacher_logits.npz', table, verb).logits

    def targets(rows: np.ndarray, mix: DistilSettings) -> Targets:
        logits = teacher[rows]
        if mix.assistant:
            path = work / mix.assistant / 'kdic_logits.npz'
            assistant = read_answers(path, table, f'distil --recipe {mix.assistant}').logits[rows]
            share = mix.assistant_weight
            mixed = (1 - share) * softmax(logits, axis=1) + share * softmax(assistant, axis=1)
            logits = np.log(np.maximum(mixed, np.finfo(np.float32).tiny))
        return SoftTargets(logits, table.label[rows], mix.temperature, mix.hard_weight)

    return _fit_student('kdic', recipe, work, table, targets)


def _fit_student(
    name: str,
    recipe: Recipe,
    work: Path,
    table: WindowTable,
    targets: Callable[..., Targets],
) -> Path:
    """Train a student; ``targets(rows, mix=DistilSettings)`` says what it learns from in each stage."""
    nonsense = load_nonsense(work) if recipe.nonsense else None
    rolls = PackedRolls(table if nonsense is None else table.joined(nonsense), recipe.grid)
    stages = [
        Stage(_stage_name(name, number), settings, rolls.inputs(settings.transpose), partial(targets, mix=mix))
        for number, (settings, mix) in enumerate(recipe.student_stages)
    ]
    torch.manual_seed(recipe.seed)
    return _fit(name, STUDENTS[recipe.student.network](recipe.grid), stages, table, recipe, work, nonsense)


def _stage_name(name: str, number: int) -> str:
    return f'{name}.polished' if number else name


def checkpoint_of(name: str, recipe: Recipe, work: Path) -> Path:
    """The checkpoint of the student's last training."""
    return work / recipe.name / f'{_stage_name(name, len(recipe.student_stages) - 1)}.pt'


def load_student(name: str, recipe: Recipe, work: Path) -> nn.Module:
    """The trained student 'nic' or 'kdic', on the CPU, ready to predict."""
    path = checkpoint_of(name, recipe, work)
    settings, _ = recipe.student_stages[-1]
    if not path.exists():
        raise FileNotFoundError(
            f'{path}: not there; run `python -m export {"distil" if name == "kdic" else "student"}`'
        )
    content = torch.load(path, map_location='cpu', weights_only=True)
    if content['epoch'] != settings.epochs:
        raise ValueError(f'{path}: {content["epoch"]} epochs of {settings.epochs}: its training is not finished')
    model = STUDENTS[recipe.student.network](recipe.grid)
    if recipe.student.average:
        weights = {k.removeprefix('module.'): v for k, v in content['averaged'].items() if k != 'n_averaged'}
    else:
        weights = content['model']
    model.load_state_dict(weights)
    return model.eval()
