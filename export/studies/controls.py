"""``experiment``: what does the audio teacher bring? The same student learns from many kinds of targets.

Every row is the same network on the same windows for as many epochs; what differs is what it is told of each window:
the label, the audio teacher's answer, or something that has all of that answer but one ingredient. A row whose answers
are stored is not trained again, so the verb can be stopped at any time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import softmax

from export.data.window_table import SPLITS, WindowTable, load_windows
from export.evaluation.calibration import fit_scaling, read_answers
from export.recipe import Recipe
from export.studies.boosting import ALL, RANGE, TRAINING_WINDOWS, Baselines
from export.studies.store import (
    LEVELS,
    Row,
    Study,
    TestSet,
    decide,
    run_path,
    write_run,
    write_study,
    write_test_set,
)
from export.training.loop import HardTargets, SoftTargets
from export.training.window_networks import PackedRolls, Targets, fit_student, teach
from music21_kdic.classes import CLASSES

SMOOTHING = 0.1  # of labels (Szegedy et al. 2016): the share that the other classes get
CERTAINTY = 0.9  # of the teacher that there is not: the probability that it gives to the label
ITS_TEMPERATURE = 20.0  # Yuan et al. 2020: so soft that the other classes are all but as likely
# Of windows, by the windows protocol: drawn at random, whatever song they are of.
TRAIN_SHARE, VAL_SHARE = 0.8, 0.1


@dataclass(frozen=True)
class Material:
    """What targets are made of.

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
        """Learn from a teacher's logits of some windows and from their labels, mixed as the recipe says."""
        mix = self.recipe.distil
        return SoftTargets(teacher, self.labels(rows), mix.temperature, mix.hard_weight)


@dataclass(frozen=True)
class Control:
    """A row: its title, and what it learns from: ``targets(material, seed, rows)``."""

    title: str
    targets: Callable[[Material, int, np.ndarray], Targets]


@dataclass(frozen=True)
class ControlStudy:
    """Some rows, trained alike.

    Attributes:
        name: of its folders.
        question: that it answers.
        recipe: network, windows and epochs of all rows, and the mixture that is distilled: a name.
        rows: of CONTROLS; others may learn from the first.
        seeds: each row is trained with each.
        differences: pairs of rows, the first held against the second.
        references: of REFERENCES, rows of other kinds that the others are to be seen beside.
        tested: the share of the songs outside training that are tested (and validated) on.
        by_windows: windows are split at random instead of songs; answers are then stored for windows only, a part
            having some on both sides.
    """

    name: str
    question: str
    recipe: str
    rows: tuple[str, ...]
    differences: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...] = (20, 21, 22)
    references: tuple[str, ...] = ()
    tested: float = 1.0
    by_windows: bool = False


def averaged_over_classes(teacher: np.ndarray, labels: np.ndarray, temperature: float) -> np.ndarray:
    """Replace a teacher's answers by their class's mean: how alike classes are is left, and nothing of the window.

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
    """Give each window the answer to another one of its class: all is as it was but which answer belongs to which."""
    shuffled = teacher.copy()
    for index in np.unique(labels):
        rows = np.flatnonzero(labels == index)
        shuffled[rows] = teacher[rng.permutation(rows)]
    return shuffled


def teacher_that_is_not(labels: np.ndarray) -> np.ndarray:
    """Logits of a teacher made of the label alone (Tf-KD by regularisation, Yuan et al. 2020), shape (windows, 8)."""
    others = (1 - CERTAINTY) / (len(CLASSES) - 1)
    logits: np.ndarray = np.log(np.where(np.eye(len(CLASSES))[labels] > 0, CERTAINTY, others)).astype(np.float32)
    return logits


def _ensemble(material: Material, rows: np.ndarray) -> np.ndarray:
    answers = [softmax(material.answers('nic', seed)[rows], axis=1) for seed in material.seeds]
    return np.log(np.maximum(np.mean(answers, axis=0), np.finfo(np.float32).tiny))


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
            teacher_that_is_not(m.labels(rows)), m.labels(rows), ITS_TEMPERATURE, m.recipe.distil.hard_weight
        ),
    ),
    'born-again': Control(
        'Born again: from a NIC', lambda m, seed, rows: m.distilled(m.answers('nic', seed)[rows], rows)
    ),
    'ensemble': Control('From an ensemble of NICs', lambda m, seed, rows: m.distilled(_ensemble(m, rows), rows)),
}


BOOSTED = {'range': RANGE, 'boosting': ALL}
REFERENCES = ('range', 'boosting', 'aic')


def split_by_windows(table: WindowTable, seed: int) -> WindowTable:
    """The table with its train, val and test windows drawn anew at random, whatever song they are of.

    It is how segments are often split; windows of one part then lie on both sides. ``lakh`` stays what it is.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.choice(3, size=table.split.size, p=[TRAIN_SHARE, VAL_SHARE, 1 - TRAIN_SHARE - VAL_SHARE])
    return replace(table, split=np.where(table.split == SPLITS.index('lakh'), table.split, drawn))


def with_some_songs(table: WindowTable, share: float, seed: int) -> np.ndarray:
    """The rows of all training windows and of a share of the other songs, drawn at random."""
    trained = table.split == SPLITS.index('train')
    songs = np.unique(table.group[~trained])
    drawn = np.random.default_rng(seed).permutation(songs)[: round(share * songs.size)]
    return np.flatnonzero(trained | np.isin(table.group, drawn))


def run_controls(study: ControlStudy, recipe: Recipe, work: Path, out: Path) -> Path:
    """Train the rows of a study with each of its seeds, and store what they answer to ``test`` and ``lakh``.

    Args:
        study: its rows and seeds.
        recipe: network, windows and epochs of all rows, and the mixture that is distilled.
        work: the working folder, with windows and the teacher's logits; weights lie in a folder of the study's name.
        out: the folder of studies.

    Returns:
        The study's folder.
    """
    table, teacher = _windows_and_teacher(study, recipe, work)
    tested = np.concatenate([table.rows('test'), table.rows('lakh')])
    test_set = TestSet.of(table, tested)
    folder = out / study.name
    write_test_set(folder, test_set)

    def named(row: str, seed: int) -> Recipe:
        return replace(recipe, name=f'{study.name}/{row}.{seed}', seed=seed)

    def answers(row: str, seed: int) -> np.ndarray:
        path = work / named(row, seed).name / 'student_logits.npz'
        return read_answers(path, table, f'experiment {study.name}').logits

    material = Material(table, teacher, recipe, answers, study.seeds)
    write_study(folder, Study(study.name, study.question, _described(study, recipe, table), study.differences))
    levels = LEVELS[:1] if study.by_windows else LEVELS
    judged = np.concatenate([table.rows('val'), tested])

    def store(row: str, seed: int, logits: np.ndarray) -> None:
        decided = decide(logits[tested], fit_scaling(logits, table), test_set)
        write_run(folder, row, seed, {key: {level: each[level] for level in levels} for key, each in decided.items()})

    def missing(names: Iterable[str]) -> list[tuple[str, int]]:
        runs = [(name, seed) for seed in study.seeds for name in names]
        return [(name, seed) for name, seed in runs if not run_path(folder, name, seed).exists()]

    rolls = PackedRolls(table, recipe.grid)
    # Others learn from the first row's students of all seeds. After it comes one seed of everything, then the next.
    first, *others = study.rows
    taught = {'born-again', 'ensemble'}
    for name, seed in missing([first]) + missing(others):
        wanted = None if name == first and taught & set(others) else judged
        fit_student(named(name, seed), work, table, rolls, partial(CONTROLS[name].targets, material, seed), wanted)
        store(name, seed, answers(name, seed))
    boosted = missing([name for name in study.references if name in BOOSTED])
    baselines = Baselines(table) if boosted else None
    for name, seed in boosted:
        assert baselines is not None
        logits = np.full((table.label.size, len(CLASSES)), np.nan, dtype=np.float32)
        logits[judged] = baselines.logits(BOOSTED[name], seed, judged)
        store(name, seed, logits)
    for name, seed in missing([name for name in study.references if name == 'aic']):
        if seed == recipe.seed:
            logits = teacher
        else:
            again = replace(recipe, name=f'{study.name}/aic.{seed}', seed=seed, taught_by='')
            logits = read_answers(teach(again, work), table, 'teach').logits
        store(name, seed, logits)
    return folder


def _windows_and_teacher(study: ControlStudy, recipe: Recipe, work: Path) -> tuple[WindowTable, np.ndarray]:
    """The windows of a study, split as it wants them, and the audio teacher's logits of them."""
    table = load_windows(work)
    verb = f'teach --recipe {recipe.teacher_recipe}'
    teacher = read_answers(work / recipe.teacher_recipe / 'teacher_logits.npz', table, verb).logits
    if study.by_windows:
        table = split_by_windows(table, recipe.seed)
    if study.tested < 1:
        kept = with_some_songs(table, study.tested, recipe.seed)
        table, teacher = table.select(kept), teacher[kept]
    return table, teacher


def _described(study: ControlStudy, recipe: Recipe, table: WindowTable) -> tuple[Row, ...]:
    """What the rows of a study are, references first."""
    trained_on = recipe.student.max_windows or table.rows('train').size
    return (
        *(_reference(name, recipe, table) for name in study.references),
        *(
            Row(name, CONTROLS[name].title, trained_on, recipe.student.epochs, recipe.student.network)
            for name in study.rows
        ),
    )


def _reference(name: str, recipe: Recipe, table: WindowTable) -> Row:
    windows, settings = table.rows('train').size, recipe.teacher
    if name == 'aic':
        trained_on = min(settings.max_windows or windows, windows)
        return Row(
            name, 'AIC: the audio teacher, on soundfonts of its training', trained_on, settings.epochs, settings.network
        )
    titles = {'range': 'Pitch range', 'boosting': f'{len(ALL)} hand-made features'}
    return Row(name, titles[name], min(TRAINING_WINDOWS, windows), 0, 'gradient boosting')
