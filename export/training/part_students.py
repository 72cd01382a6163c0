"""``assist``, ``student`` and ``distil``: students of whole parts, one of which ships.

A part student (:class:`export.networks.networks.PartStudent`) reads the windows of a part and judges each of them and
the part. What it learns from is a mixture of three opinions of the part:

* the audio teacher's: the mean of its log probabilities over the windows that it heard;
* the assistants': part students of the same kind, each of which learnt from other songs, so that none has seen the
  label of what it is asked about (cross-fitting). They know how much the notes alone can tell, and where a label is
  at odds with them;
* the label.

Files in ``WORK/<recipe>/``: weights (``NAME.pt``), and what they answer (``NAME_logits.npz``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.special import log_softmax, softmax
from sklearn.metrics import f1_score
from torch import nn

from export.data.noise import load_nonsense
from export.data.window_table import NO_CLASS, SPLITS, WindowTable, load_windows, write_npz
from export.evaluation.calibration import part_means, read_answers
from export.networks.networks import FastStudent, PartStudent
from export.recipe import Recipe, TrainSettings
from export.training.loop import PartTargets, predict, train
from export.training.part_inputs import Parts
from export.training.window_networks import fingerprint
from music21_kdic.classes import CLASSES
from music21_kdic.features.timing import NUMBERS
from music21_kdic.features.windows import WindowGrid

MOST_WINDOWS = 32  # of a part that are judged at once, as many as `prepare` keeps of it
PARTS_AT_ONCE = 64  # in prediction: 2048 windows


def build(recipe: Recipe) -> PartStudent:
    """A part student with the fresh weights of the recipe's seed."""
    torch.manual_seed(recipe.seed)
    embedding = recipe.parts.embedding
    return PartStudent(FastStudent(len(recipe.grid.planes), recipe.grid.columns, embedding, NUMBERS), embedding)


def _training(name: str, recipe: Recipe) -> TrainSettings:
    """How 'kdic' is trained, and what learns from labels alone."""
    return recipe.student if name == 'kdic' else replace(recipe.student, epochs=recipe.parts.label_epochs)


class PartRoad:
    """What ``assist``, ``student`` and ``distil`` share: the music, and the nonsense that is none, as parts.

    Attributes:
        label: of each part, NO_CLASS for nonsense, shape (parts,).
        music: how many parts are music; they come first.
    """

    def __init__(self, recipe: Recipe, work: Path, shards: int = 0) -> None:
        self.recipe, self.work = recipe, work
        self._music_table = load_windows(work, shards)
        self._table = self._music_table.joined(load_nonsense(work))
        self._parts = Parts(self._table, recipe.grid)
        self.label = self._table.label[self._parts.rows]
        self.music = int((self.label != NO_CLASS).sum())
        self._group = self._table.group[self._parts.rows]

    def of_split(self, split: str) -> np.ndarray:
        """The parts of a split, music and nonsense."""
        return np.flatnonzero(self._table.split[self._parts.rows] == SPLITS.index(split))

    def folds(self, parts: np.ndarray) -> np.ndarray:
        """The fold of each of some parts: songs are dealt out to folds at random, nonsense to all (-1)."""
        songs, song = np.unique(self._group[parts], return_inverse=True)
        fold = np.random.default_rng(self.recipe.seed).permutation(songs.size) % self.recipe.parts.folds
        return np.where(self.label[parts] == NO_CLASS, -1, fold[song])

    def teacher(self) -> np.ndarray:
        """What the audio teacher says of each part that is music: log probabilities, shape (parts, 8)."""
        path = self.work / self.recipe.teacher_recipe / 'teacher_logits.npz'
        logits = read_answers(path, self._music_table, f'teach --recipe {self.recipe.teacher_recipe}').logits
        heard = np.flatnonzero(~np.isnan(logits).any(axis=1))
        means, first = part_means(log_softmax(logits[heard], axis=1), self._music_table.part[heard])
        if first.size != self.music:
            raise ValueError(f'{path}: answers for {first.size} parts, wanted {self.music}: render and teach again')
        return means

    def train(self, name: str, parts: np.ndarray, targets: np.ndarray) -> PartStudent:
        """Train a part student to give targets, probabilities, to some parts that are music; to nonsense, nothing."""
        priors = self._music_table.class_frequencies()
        shown = np.concatenate([parts, np.setdiff1d(self.of_split('train'), np.arange(self.music))])
        wanted = np.concatenate([targets, np.broadcast_to(priors, (shown.size - parts.size, len(CLASSES)))])
        settings, seed, training = self.recipe.parts, self.recipe.seed, _training(name, self.recipe)
        loss = PartTargets(wanted, settings.window_weight)
        watched = self.of_split('val')
        watched = watched[watched < self.music]

        def validate(model: nn.Module) -> float:
            guess = self.predict(model, watched)[:, 0].argmax(axis=1)
            return float(f1_score(self.label[watched], guess, average='macro', zero_division=0))

        checkpoint = self.work / self.recipe.name / f'{name}.pt'
        mark = fingerprint((training, seed, self.recipe.grid), shown, loss)
        inputs = partial(self._parts.inputs, settings.windows_per_step)
        model = train(build(self.recipe), shown, inputs, loss, training, seed, checkpoint, mark, validate)
        assert isinstance(model, PartStudent)
        return model

    def predict(self, model: nn.Module, parts: np.ndarray) -> np.ndarray:
        """Logits of some parts and of their windows, see :class:`export.networks.networks.PartStudent`."""
        return predict(model, parts, partial(self._parts.inputs, MOST_WINDOWS), PARTS_AT_ONCE)

    def write_answers(self, name: str, model: PartStudent) -> Path:
        """Write the logits of all parts and windows that it was not trained on; the others' are NaN."""
        answers = np.full((self.label.size, 1 + MOST_WINDOWS, len(CLASSES)), np.nan, dtype=np.float32)
        judged = np.setdiff1d(np.arange(self.label.size), self.of_split('train'))
        answers[judged] = self.predict(model, judged)
        windows = answers[:, 1:][np.arange(MOST_WINDOWS) < self._parts.count[:, None]]
        of_music, of_nonsense = np.split(windows, [self._music_table.label.size])
        path = self.work / self.recipe.name / f'{name}_logits.npz'
        arrays = {
            'logits': of_music,
            'parts': answers[: self.music, 0],
            'nonsense': of_nonsense,
            'nonsense_parts': answers[self.music :, 0],
            'trained_on': self._music_table.rows('train'),
        }
        apart = judge_apart(model, self._music_table, self._music_table.rows('val'), 1, self.recipe.grid)
        arrays |= {name: getattr(apart, name) for name in ('first', 'others', 'other_windows')}
        write_npz(path, arrays)
        return path


def judge(student: PartStudent, table: WindowTable, grid: WindowGrid) -> tuple[np.ndarray, np.ndarray]:
    """What a part student answers to other windows than those of the road.

    Args:
        student: on any device.
        table: parts of at most MOST_WINDOWS windows.
        grid: that the student reads.

    Returns:
        Logits of the parts in rising order, (parts, 8), and of the windows in theirs, (windows, 8).
    """
    parts = Parts(table, grid)
    answers = predict(student, np.arange(parts.rows.size), partial(parts.inputs, MOST_WINDOWS), PARTS_AT_ONCE)
    return answers[:, 0], answers[:, 1:][np.arange(MOST_WINDOWS) < parts.count[:, None]]


@dataclass(frozen=True)
class Apart:
    """Parts that were judged from some of their windows, and from the others.

    Attributes:
        windows: logits of the former, shape (parts, heard, 8).
        first, others: logits of the parts, shape (parts, 8).
        other_windows: how many the others are, shape (parts,).
    """

    windows: np.ndarray
    first: np.ndarray
    others: np.ndarray
    other_windows: np.ndarray


def judge_apart(student: PartStudent, table: WindowTable, rows: np.ndarray, heard: int, grid: WindowGrid) -> Apart:
    """Judge the parts of some rows from their first ``heard`` windows, and from the others.

    Parts with fewer than three times as many are left out; at least one must be left.
    """
    _, first, counts = np.unique(table.part[rows], return_index=True, return_counts=True)
    long = np.repeat(counts >= 3 * heard, counts)
    place = np.arange(rows.size) - np.repeat(first, counts)
    parts, windows = judge(student, table.select(rows[long & (place < heard)]), grid)
    others, _ = judge(student, table.select(rows[long & (place >= heard)]), grid)
    return Apart(windows.reshape(-1, heard, len(CLASSES)), parts, others, counts[counts >= 3 * heard] - heard)


def assist(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Train the assistants on labels, each without one fold of the training songs, and have it judge that fold."""
    road = PartRoad(recipe, work, shards)
    parts = road.of_split('train')
    parts = parts[parts < road.music]
    fold = road.folds(parts)
    answers = np.full((road.music, len(CLASSES)), np.nan, dtype=np.float32)
    for number in range(recipe.parts.folds):
        learnt, judged = parts[fold != number], parts[fold == number]
        model = road.train(f'assistant.{number}', learnt, _labels(road, learnt))
        answers[judged] = road.predict(model, judged)[:, 0]
    path = work / recipe.name / 'assistant_logits.npz'
    write_npz(path, {'parts': answers})
    return path


def student(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """NIC: train a part student on labels alone."""
    return _fit('nic', PartRoad(recipe, work, shards), _labels)


def distil(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """KDIC: train a part student on what the audio teacher, the assistants and the labels say."""
    path = work / recipe.name / 'assistant_logits.npz'
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export assist --recipe {recipe.name}` first')
    with np.load(path) as file:
        assistants = file['parts']

    def mixed(road: PartRoad, parts: np.ndarray) -> np.ndarray:
        of_teacher, of_assistants = recipe.parts.teacher_weight, recipe.parts.assistant_weight
        opinions = of_teacher * softmax(road.teacher()[parts], axis=1)
        opinions += of_assistants * softmax(assistants[parts], axis=1)
        targets: np.ndarray = opinions + (1 - of_teacher - of_assistants) * _labels(road, parts)
        return targets

    return _fit('kdic', PartRoad(recipe, work, shards), mixed)


def _labels(road: PartRoad, parts: np.ndarray) -> np.ndarray:
    certain: np.ndarray = np.eye(len(CLASSES))[road.label[parts]]
    return certain


def _fit(name: str, road: PartRoad, targets: Callable[[PartRoad, np.ndarray], np.ndarray]) -> Path:
    parts = road.of_split('train')
    parts = parts[parts < road.music]
    return road.write_answers(name, road.train(name, parts, targets(road, parts)))


def load_student(name: str, recipe: Recipe, work: Path) -> PartStudent:
    """The trained part student 'nic' or 'kdic', on the CPU, ready to predict.

    Raises:
        FileNotFoundError, ValueError: where it is not there, or its training is not finished.
    """
    path = work / recipe.name / f'{name}.pt'
    if not path.exists():
        verb = 'distil' if name == 'kdic' else 'student'
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb} --recipe {recipe.name}`')
    content = torch.load(path, map_location='cpu', weights_only=True)
    epochs = _training(name, recipe).epochs
    if content['epoch'] != epochs:
        raise ValueError(f'{path}: {content["epoch"]} epochs of {epochs}: its training is not finished')
    model = build(recipe)
    model.load_state_dict(content['model'])
    return model.eval()
