"""What the students of the controls learn from: labels, the audio teacher, or that teacher without one ingredient."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from export.data.window_table import WindowTable
from export.networks.losses import HardTargets, Loss, SoftTargets
from export.recipe import Recipe
from music21_kdic.classes import CLASSES

SMOOTHING = 0.1  # of labels (Szegedy et al. 2016): the share that the other classes get
CERTAINTY = 0.9  # of a teacher made of the label: the probability that it gives to the label
TEACHER_FREE_TEMPERATURE = 20.0  # Yuan et al. 2020: so soft that the other classes are all but as likely


@dataclass(frozen=True)
class Material:
    """All that the targets of a row may be made of.

    Attributes:
        table: all windows.
        teacher: logits of the audio teacher, shape (windows, 8).
        recipe: of the study: temperature and hard weight of all that is distilled.
        answers: logits of another row's student, by row and seed.
        seeds: of the study.
    """

    table: WindowTable
    teacher: np.ndarray
    recipe: Recipe
    answers: Callable[[str, int], np.ndarray]
    seeds: tuple[int, ...]

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """Class of each of some windows."""
        labels: np.ndarray = self.table.label[rows]
        return labels

    def distilled(self, teacher: np.ndarray, rows: np.ndarray) -> SoftTargets:
        """The loss of learning from a teacher's logits and from labels, mixed as the recipe says."""
        mix = self.recipe.distil
        return SoftTargets(teacher, self.labels(rows), mix.temperature, mix.hard_weight)


@dataclass(frozen=True)
class Control:
    """A row: its title, and what it learns from: ``targets(material, seed, rows)``."""

    title: str
    targets: Callable[[Material, int, np.ndarray], Loss]


def averaged_over_classes(teacher: np.ndarray, labels: np.ndarray, temperature: float) -> np.ndarray:
    """A teacher's answers, each replaced by the mean of its class: how alike classes are, nothing of single windows.

    Args:
        teacher: logits, shape (windows, 8).
        labels: shape (windows,).
        temperature: at which the student sees them; what is averaged are the softened answers.

    Returns:
        Logits that, softened, are the means, shape (windows, 8).
    """
    soft = softmax(teacher / temperature, axis=1)
    means = np.stack([soft[labels == index].mean(axis=0) for index in np.unique(labels)])
    logits: np.ndarray = temperature * np.log(means)[np.searchsorted(np.unique(labels), labels)]
    return logits.astype(teacher.dtype)


def shuffled_within_classes(teacher: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A teacher's answers, shuffled within each class: a window has the answer to another window of its class."""
    shuffled = teacher.copy()
    for index in np.unique(labels):
        rows = np.flatnonzero(labels == index)
        shuffled[rows] = teacher[rng.permutation(rows)]
    return shuffled


def teacher_of_labels(labels: np.ndarray) -> np.ndarray:
    """Logits of a teacher made of the label alone (Tf-KD by regularisation, Yuan et al. 2020), shape (windows, 8)."""
    others = (1 - CERTAINTY) / (len(CLASSES) - 1)
    logits: np.ndarray = np.log(np.where(np.eye(len(CLASSES))[labels] > 0, CERTAINTY, others)).astype(np.float32)
    return logits


def _ensemble(material: Material, rows: np.ndarray) -> np.ndarray:
    answers = [softmax(material.answers('nic', seed)[rows], axis=1) for seed in material.seeds]
    logits: np.ndarray = np.log(np.maximum(np.mean(answers, axis=0), np.finfo(np.float32).tiny))
    return logits


def _class_means(material: Material, seed: int, rows: np.ndarray) -> SoftTargets:
    means = averaged_over_classes(material.teacher[rows], material.labels(rows), material.recipe.distil.temperature)
    return material.distilled(means, rows)


def _shuffled(material: Material, seed: int, rows: np.ndarray) -> SoftTargets:
    rng = np.random.default_rng(seed)
    return material.distilled(shuffled_within_classes(material.teacher[rows], material.labels(rows), rng), rows)


CONTROLS: dict[str, Control] = {
    'nic': Control('NIC: labels', lambda m, seed, rows: HardTargets(m.labels(rows))),
    'smoothing': Control('NIC, labels smoothed', lambda m, seed, rows: HardTargets(m.labels(rows), SMOOTHING)),
    'kdic-paper': Control(
        "KDIC as in the paper: KL to the teacher's answers alone",
        lambda m, seed, rows: SoftTargets(m.teacher[rows], m.labels(rows), 1.0, 0.0),
    ),
    'kdic': Control('KDIC: softened, labels mixed in', lambda m, seed, rows: m.distilled(m.teacher[rows], rows)),
    'class-means': Control("KDIC, each answer its class's mean", _class_means),
    'shuffled': Control('KDIC, answers shuffled within the class', _shuffled),
    'teacher-free': Control(
        'Teacher-free: a teacher made of the label',
        lambda m, seed, rows: SoftTargets(
            teacher_of_labels(m.labels(rows)), m.labels(rows), TEACHER_FREE_TEMPERATURE, m.recipe.distil.hard_weight
        ),
    ),
    'born-again': Control(
        'Born again: from a NIC', lambda m, seed, rows: m.distilled(m.answers('nic', seed)[rows], rows)
    ),
    'ensemble': Control('From an ensemble of NICs', lambda m, seed, rows: m.distilled(_ensemble(m, rows), rows)),
}
