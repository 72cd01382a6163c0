"""Train the rows of the controls: the same student on many kinds of targets. What does the audio teacher bring?

Every row is the same network on the same windows for as many epochs; what differs is what it is told of each window:
the label, the audio teacher's answer, or something that has all of that answer but one ingredient. A row whose answers
are stored is not trained again, so the verb can be stopped at any time.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from export.arguments import add_work
from export.data.files import check_plan
from export.data.sources import NEVER_LEARNT, TESTED_SPLITS
from export.data.window_table import SPLITS, WindowTable, load_windows
from export.evaluation.calibration import fit_scaling
from export.recipe import Recipe, load_recipe
from export.studies.boosting import ALL, RANGE, TRAINING_WINDOWS, Baselines
from export.studies.catalogue import CONTROL_STUDIES, ControlStudy
from export.studies.control_targets import CONTROLS, Material
from export.studies.store import (
    STUDY_LEVELS,
    Study,
    StudyRow,
    TestSet,
    decide,
    run_path,
    write_run,
    write_study,
    write_test_set,
)
from export.training.stored_logits import read_logits
from export.training.train_aic import train_aic
from export.training.window_inputs import PackedRolls
from export.training.window_networks import train_student
from music21_kdic.classes import CLASSES

BOOSTED = {'range': RANGE, 'boosting': ALL}
# Of windows, by the windows protocol: drawn at random, whatever song they are of.
TRAIN_SHARE, VAL_SHARE = 0.8, 0.1


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``controls``."""
    add_work(parser)
    names = ', '.join(CONTROL_STUDIES)
    parser.add_argument('studies', nargs='*', metavar='STUDY', help=f'of {names} (default: all)')


def run(args: Namespace) -> None:
    """Run ``controls``."""
    for name in args.studies or CONTROL_STUDIES:
        if name not in CONTROL_STUDIES:
            raise ValueError(f'{name}: no such study, wanted one of {", ".join(CONTROL_STUDIES)}')
        study = CONTROL_STUDIES[name]
        print(f'wrote {run_controls(study, load_recipe(study.recipe), args.work)}')


def split_by_windows(table: WindowTable, seed: int) -> WindowTable:
    """The table with its train, val and test windows drawn anew at random, whatever song they are of.

    It is how segments are often split; windows of one part then lie on both sides. ``lakh`` stays what it is.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.choice(3, size=table.split.size, p=[TRAIN_SHARE, VAL_SHARE, 1 - TRAIN_SHARE - VAL_SHARE])
    return replace(table, split=np.where(table.split == SPLITS.index(NEVER_LEARNT), table.split, drawn))


def with_some_songs(table: WindowTable, share: float, seed: int) -> np.ndarray:
    """The rows of all training windows and of a share of the other songs, drawn at random."""
    trained = table.split == SPLITS.index('train')
    songs = np.unique(table.group[~trained])
    drawn = np.random.default_rng(seed).permutation(songs)[: round(share * songs.size)]
    return np.flatnonzero(trained | np.isin(table.group, drawn))


def run_controls(study: ControlStudy, recipe: Recipe, work: Path) -> Path:
    """Train the rows of a study with each of its seeds, and store what they answer to ``test`` and ``lakh``.

    Args:
        study: its rows and seeds.
        recipe: network, windows and epochs of all rows, and the mixture that is distilled.
        work: the working folder, with windows and the teacher's logits; weights lie in a folder of the study's name.

    Returns:
        The study's folder, in ``WORK/experiment``.

    Raises:
        FileExistsError: where the study was begun with another recipe, or is tested on other windows.
    """
    table, teacher = _windows_and_teacher(study, recipe, work)
    tested = np.concatenate([table.rows(split) for split in TESTED_SPLITS])
    test_set = TestSet.of(table, tested)
    folder = work / 'experiment' / study.name
    check_plan(folder / 'settings.json', {'recipe': recipe.name, 'test_set': test_set.hash()})
    write_test_set(folder, test_set)

    def named(row: str, seed: int) -> Recipe:
        return replace(recipe, name=f'{study.name}/{row}.{seed}', seed=seed)

    def logits_path(row: str, seed: int) -> Path:
        return work / named(row, seed).name / 'student_logits.npz'

    def answers(row: str, seed: int) -> np.ndarray:
        return read_logits(logits_path(row, seed), table, f'controls {study.name}').logits

    material = Material(table, teacher, recipe, answers, study.seeds)
    write_study(folder, Study(study.name, study.question, _described(study, recipe, table), study.differences))
    levels = STUDY_LEVELS[:1] if study.by_windows else STUDY_LEVELS
    asked = np.concatenate([table.rows('val'), tested])

    def store(row: str, seed: int, logits: np.ndarray) -> None:
        decided = decide(logits[tested], fit_scaling(logits, table), test_set)
        write_run(folder, row, seed, {key: {level: each[level] for level in levels} for key, each in decided.items()})

    def missing(names: Iterable[str]) -> list[tuple[str, int]]:
        runs = [(name, seed) for seed in study.seeds for name in names]
        return [(name, seed) for name, seed in runs if not run_path(folder, name, seed).exists()]

    rolls = PackedRolls(table, recipe.grid)
    # Others learn from the first row's students of all seeds. After it comes one seed of everything, then the next.
    first, *others = study.rows
    taught = {'born-again', 'ensemble'} & set(others)
    needed = [(first, seed) for seed in study.seeds if not logits_path(first, seed).exists()] if missing(taught) else []
    for name, seed in dict.fromkeys([*missing([first]), *needed, *missing(others)]):
        wanted = None if name == first and taught else asked
        train_student(named(name, seed), work, table, rolls, partial(CONTROLS[name].targets, material, seed), wanted)
        store(name, seed, answers(name, seed))
    if boosted := missing([name for name in study.references if name in BOOSTED]):
        baselines = Baselines(table)
        for name, seed in boosted:
            logits = np.full((table.label.size, len(CLASSES)), np.nan, dtype=np.float32)
            logits[asked] = baselines.logits(BOOSTED[name], seed, asked)
            store(name, seed, logits)
    for name, seed in missing([name for name in study.references if name == 'aic']):
        if seed == recipe.seed:
            logits = teacher
        else:
            again = replace(recipe, name=f'{study.name}/aic.{seed}', seed=seed, taught_by=None)
            logits = read_logits(train_aic(again, work), table, 'train-aic').logits
        store(name, seed, logits)
    return folder


def _windows_and_teacher(study: ControlStudy, recipe: Recipe, work: Path) -> tuple[WindowTable, np.ndarray]:
    """The windows of a study, split as it wants them, and the audio teacher's logits of them."""
    table = load_windows(work)
    verb = f'train-aic --recipe {recipe.teacher_recipe}'
    teacher = read_logits(work / recipe.teacher_recipe / 'teacher_logits.npz', table, verb).logits
    if study.by_windows:
        table = split_by_windows(table, recipe.seed)
    if study.tested < 1:
        kept = with_some_songs(table, study.tested, recipe.seed)
        table, teacher = table.select(kept), teacher[kept]
    return table, teacher


def _described(study: ControlStudy, recipe: Recipe, table: WindowTable) -> tuple[StudyRow, ...]:
    """What the rows of a study are, references first."""
    trained_on = recipe.student.max_windows or table.rows('train').size
    return (
        *(_reference(name, recipe, table) for name in study.references),
        *(
            StudyRow(name, CONTROLS[name].title, trained_on, recipe.student.epochs, recipe.student.network)
            for name in study.rows
        ),
    )


def _reference(name: str, recipe: Recipe, table: WindowTable) -> StudyRow:
    windows, settings = table.rows('train').size, recipe.teacher
    if name == 'aic':
        trained_on = min(settings.max_windows or windows, windows)
        return StudyRow(
            name, 'AIC: the audio teacher, on soundfonts of its training', trained_on, settings.epochs, settings.network
        )
    titles = {'range': 'Pitch range', 'boosting': f'{len(ALL)} hand-made features'}
    return StudyRow(name, titles[name], min(TRAINING_WINDOWS, windows), 0, 'gradient boosting')
