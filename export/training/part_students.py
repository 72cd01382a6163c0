"""Students of whole parts, one of which ships: what is common to the verbs that train them.

A part student (:class:`export.networks.heads.PartStudent`) reads the windows of a part and classifies each of them and
the part. KDIC learns from a mixture of three answers to the part:

* the audio teacher's: the mean of its log probabilities over the windows that were rendered;
* the assistants': part students of the same kind, each of which learnt from other songs, so that none knows the label
  of what it is asked about (cross-fitting). They know how much the notes alone can tell, and where a label is at odds
  with them;
* the label.

Files in ``WORK/RECIPE/``: weights (``NAME.pt``), and what they answer (``NAME_logits.npz``).
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from music21_kdic.features.timing import NUMBERS
from scipy.special import log_softmax
from torch import nn

from export.data.files import write_npz
from export.data.noise import load_noise
from export.data.window_table import NO_CLASS, SPLITS, WindowTable, load_windows
from export.networks.heads import PartStudent
from export.networks.losses import PartTargets
from export.networks.students import FastStudent
from export.recipe import Recipe, TrainSettings
from export.training.fit import fit, macro_f1, predict
from export.training.part_inputs import PartInputs
from export.training.stored_logits import part_means, read_logits
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import WindowGrid

MOST_WINDOWS = 32  # of a part that are classified at once, as many as `prepare` keeps of it
PARTS_AT_ONCE = 64  # in prediction: 2048 windows


def build(recipe: Recipe) -> PartStudent:
    """A part student that is not trained yet."""
    embedding = recipe.parts.embedding
    return PartStudent(FastStudent(len(recipe.grid.planes), recipe.grid.columns, embedding, NUMBERS), embedding)


def training_of(name: str, recipe: Recipe) -> TrainSettings:
    """The settings of a training: those of 'kdic', or fewer epochs for what learns from labels alone."""
    return recipe.student if name == 'kdic' else replace(recipe.student, epochs=recipe.parts.label_epochs)


class PartTraining:
    """The training of part students under a recipe: on the parts of the working folder, music and noise.

    Attributes:
        label: of each part, NO_CLASS for noise, shape (parts,).
        music: how many parts are music; they come first.
    """

    def __init__(self, recipe: Recipe, work: Path, shards: int = 0) -> None:
        self.recipe, self.work = recipe, work
        self._music_table = load_windows(work, shards)
        self._table = self._music_table.joined(load_noise(work))
        self._parts = PartInputs(self._table, recipe.grid)
        self.label = self._table.label[self._parts.rows]
        self.music = int((self.label != NO_CLASS).sum())
        self._group = self._table.group[self._parts.rows]

    def of_split(self, split: str) -> np.ndarray:
        """The parts of a split, music and noise."""
        return np.flatnonzero(self._table.split[self._parts.rows] == SPLITS.index(split))

    @property
    def music_to_train_on(self) -> np.ndarray:
        """The parts of the training split that are music."""
        parts = self.of_split('train')
        return parts[parts < self.music]

    def labels(self, parts: np.ndarray) -> np.ndarray:
        """The labels of some parts that are music, as probabilities, shape (parts, 8)."""
        certain: np.ndarray = np.eye(len(CLASSES))[self.label[parts]]
        return certain

    def folds(self, parts: np.ndarray) -> np.ndarray:
        """The fold of each of some parts: songs are dealt out to folds at random, noise to all (-1)."""
        songs, song = np.unique(self._group[parts], return_inverse=True)
        fold = np.random.default_rng(self.recipe.seed).permutation(songs.size) % self.recipe.parts.folds
        return np.where(self.label[parts] == NO_CLASS, -1, fold[song])

    def teacher(self) -> np.ndarray:
        """The audio teacher's answers to the parts that are music: log probabilities, shape (parts, 8)."""
        path = self.work / self.recipe.teacher_recipe / 'teacher_logits.npz'
        logits = read_logits(path, self._music_table, f'train-aic --recipe {self.recipe.teacher_recipe}').logits
        known = np.flatnonzero(~np.isnan(logits).any(axis=1))
        means, first = part_means(log_softmax(logits[known], axis=1), self._music_table.part[known])
        if first.size != self.music:
            raise ValueError(f'{path}: answers for {first.size} parts, wanted {self.music}: render and train-aic again')
        return means

    def train(self, name: str, parts: np.ndarray, targets: np.ndarray) -> PartStudent:
        """Train a part student on some parts of music, towards probabilities, and on noise, towards the priors."""
        priors = self._music_table.class_frequencies()
        given = np.concatenate([parts, np.setdiff1d(self.of_split('train'), np.arange(self.music))])
        wanted = np.concatenate([targets, np.broadcast_to(priors, (given.size - parts.size, len(CLASSES)))])
        settings = self.recipe.parts
        watched = self.of_split('val')
        watched = watched[watched < self.music]
        return fit(
            lambda: build(self.recipe),
            given,
            partial(self._parts.inputs, settings.windows_per_step),
            PartTargets(wanted, settings.window_weight),
            training_of(name, self.recipe),
            self.recipe.seed,
            self.work / self.recipe.name / f'{name}.pt',
            lambda model: macro_f1(self.predict(model, watched)[:, 0], self.label[watched]),
            depends_on=(self.recipe.grid,),
        )

    def predict(self, model: nn.Module, parts: np.ndarray) -> np.ndarray:
        """Logits of some parts and of their windows, see :class:`export.networks.heads.PartStudent`."""
        return predict(model, parts, partial(self._parts.inputs, MOST_WINDOWS), PARTS_AT_ONCE)

    def write_logits(self, name: str, model: PartStudent) -> Path:
        """Write the logits of all parts and windows that it was not trained on; the others' are NaN."""
        answers = np.full((self.label.size, 1 + MOST_WINDOWS, len(CLASSES)), np.nan, dtype=np.float32)
        asked = np.setdiff1d(np.arange(self.label.size), self.of_split('train'))
        answers[asked] = self.predict(model, asked)
        windows = answers[:, 1:][np.arange(MOST_WINDOWS) < self._parts.count[:, None]]
        of_music, of_noise = np.split(windows, [self._music_table.label.size])
        path = self.work / self.recipe.name / f'{name}_logits.npz'
        arrays = {
            'logits': of_music,
            'parts': answers[: self.music, 0],
            'noise': of_noise,
            'noise_parts': answers[self.music :, 0],
            'trained_on': self._music_table.rows('train'),
        }
        apart = predict_apart(model, self._music_table, self._music_table.rows('val'), 1, self.recipe.grid)
        arrays |= {name: getattr(apart, name) for name in ('first', 'others', 'other_windows')}
        write_npz(path, arrays)
        return path


def predict_parts(student: PartStudent, table: WindowTable, grid: WindowGrid) -> tuple[np.ndarray, np.ndarray]:
    """The logits of a part student for any window table.

    Args:
        student: on any device.
        table: parts of at most MOST_WINDOWS windows.
        grid: that the student reads.

    Returns:
        Logits of the parts in rising order, (parts, 8), and of the windows in theirs, (windows, 8).
    """
    parts = PartInputs(table, grid)
    answers = predict(student, np.arange(parts.rows.size), partial(parts.inputs, MOST_WINDOWS), PARTS_AT_ONCE)
    return answers[:, 0], answers[:, 1:][np.arange(MOST_WINDOWS) < parts.count[:, None]]


@dataclass(frozen=True)
class Apart:
    """Logits of parts that were classified from some of their windows, and from the others.

    Attributes:
        windows: logits of the former, shape (parts, count, 8).
        first, others: logits of the parts, shape (parts, 8).
        other_windows: how many the others are, shape (parts,).
    """

    windows: np.ndarray
    first: np.ndarray
    others: np.ndarray
    other_windows: np.ndarray


def predict_apart(student: PartStudent, table: WindowTable, rows: np.ndarray, count: int, grid: WindowGrid) -> Apart:
    """Logits of the parts of some rows from their first ``count`` windows, and from the others.

    Parts with fewer than three times as many are left out; at least one must be left.
    """
    _, first, counts = np.unique(table.part[rows], return_index=True, return_counts=True)
    long = np.repeat(counts >= 3 * count, counts)
    place = np.arange(rows.size) - np.repeat(first, counts)
    parts, windows = predict_parts(student, table.select(rows[long & (place < count)]), grid)
    others, _ = predict_parts(student, table.select(rows[long & (place >= count)]), grid)
    return Apart(windows.reshape(-1, count, len(CLASSES)), parts, others, counts[counts >= 3 * count] - count)


def load_student(name: str, recipe: Recipe, work: Path) -> PartStudent:
    """The trained part student 'nic' or 'kdic', on the CPU, ready to predict.

    Raises:
        FileNotFoundError, ValueError: where it is not there, or its training is not finished.
    """
    path = work / recipe.name / f'{name}.pt'
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export train-{name} --recipe {recipe.name}`')
    content = torch.load(path, map_location='cpu', weights_only=True)
    epochs = training_of(name, recipe).epochs
    if content['epoch'] != epochs:
        raise ValueError(f'{path}: {content["epoch"]} epochs of {epochs}: its training is not finished')
    model = build(recipe)
    model.load_state_dict(content['model'])
    return model.eval()
