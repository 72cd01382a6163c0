"""Measure the trained students of parts on all that they have not learnt from; fit `sure` and `plausible`.

What goes into the model lies in ``WORK/RECIPE/fitted.json``, fitted to the student of the first seed, which is the one
that ships; the figures lie in ``OUT``.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from export.arguments import RESULTS, add_collections, add_place, add_recipe, add_work, place_of
from export.data.files import write_json
from export.data.made_up import read_made_up
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, BARS, read_begun, read_view
from export.evaluation.beyond import of_noise, of_others, of_plain_music, of_real_parts
from export.evaluation.by_collection import (
    Sets,
    by_bars,
    in_short,
    of_collections,
    of_instruments,
    of_left_out,
    of_plausible_sets,
    of_sure_answers,
    of_sure_answers_by_class,
    tested_collections,
)
from export.evaluation.said import Fitted, Said, ask, write_fitted
from export.evaluation.similarity import Similarity, of_student, of_teacher
from export.evaluation.thresholds import fit_plausible, fit_sure
from export.evaluation.unclear import noise_thresholds
from export.recipe import Recipe, load_recipe
from export.training.opinions import ALONE, read_opinion
from export.training.part_students import read_student
from export.training.train_assistants import opinion_path
from export.training.train_kdic import SEEDS, STUDENTS, audio_path, student_path, without
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS

LARGE = ('pop', 'scores', 'classical', 'orchestra')  # whose validation parts are many enough to fit thresholds to


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``evaluate``."""
    add_recipe(parser)
    add_work(parser)
    add_collections(parser, COLLECTIONS)
    parser.add_argument('--seeds', type=int, nargs='+', default=SEEDS, help='(default: 1 2 3; the first is shipped)')
    add_place(parser, '--out', RESULTS, 'JSON of the figures')


def run(args: Namespace) -> None:
    """Run ``evaluate``."""
    recipe = load_recipe(args.recipe)
    out = place_of('--out', args.out, RESULTS, recipe.name)
    print(f'wrote {evaluate(recipe, args.work, args.collections, args.seeds, out)}')


def fitted_path(recipe: Recipe, work: Path) -> Path:
    """Where what was fitted to the shipped student lies."""
    return work / recipe.name / 'fitted.json'


def evaluate(recipe: Recipe, work: Path, collections: tuple[str, ...], seeds: tuple[int, ...], out: Path) -> Path:
    """Measure every student whose weights are in the working folder; write what was fitted, and the figures.

    Raises:
        FileNotFoundError: where a student KDIC, one without a collection, or a table is not there.
    """
    torch.set_num_threads(1)
    students = [read_student(student_path(recipe, work, 'kdic', seed), recipe.parts) for seed in seeds]
    whole = read_view(work, collections, AS_IT_IS)
    held_out = whole.select(whole.split != 'train')
    said = [ask(student, held_out) for student in students]
    not_shown = {
        names: read_student(student_path(recipe, work, without(names), seeds[0]), recipe.without)
        for names in recipe.left_out
    }
    left_out, sets = of_left_out(not_shown, whole)
    fitted = _fit(seeds[0], said[0], sets)
    write_fitted(fitted_path(recipe, work), fitted)
    boosting = _boosting(recipe, work, held_out)
    made_up = read_made_up(work)
    least_music, _ = noise_thresholds(students[0], fitted, whole.select(whole.validation), made_up)
    figures: dict[str, Any] = {
        level: of_collections(said, number, boosting[number]) for number, level in enumerate(LEVELS)
    }
    cut = {bars: read_begun(work, collections, bars) for bars in BARS}
    alone = [(student, each.temperatures[ALONE]) for student, each in zip(students, said, strict=True)]
    tested = _with_tests(sets, said[0])
    figures |= {
        'bars': by_bars(alone, cut),
        'left_out': left_out,
        'instruments': of_instruments(said[0], whole.taught()),
        'others': of_others(said),
        'noise': of_noise(students, said, made_up),
        'held_for_noise': of_real_parts(students, said, cut),
        'plain_music': of_plain_music(students, said, made_up, least_music),
        'sure': of_sure_answers(tested, fitted),
        'sure_by_class': of_sure_answers_by_class(tested, fitted),
        'plausible': of_plausible_sets(tested, fitted),
        'similarity': _similarities(recipe, work, said[0], whole, seeds[0]),
        'students': _compared(recipe, work, held_out, seeds),
    }
    write_json(out, {'recipe': recipe.of_parts(seeds[0]), 'torch': torch.__version__, 'seeds': list(seeds), **figures})
    return out


def _fit(seed: int, said: Said, sets: Sets) -> Fitted:
    """Fit `sure` and `plausible`, on left-out collections and, added to ``sets``, validation parts of large ones.

    Raises:
        ValueError: where there is neither.
    """
    for name in LARGE:
        rows = said.of(name, said.table.validation)
        for number, of_level in enumerate(sets):
            if rows.size:
                of_level[f'{name}, validation'] = said.classified(number, rows)
    if not all(sets):
        raise ValueError(
            '0 parts to fit `sure` and `plausible` to, wanted parts of left-out collections that are not tested on, or '
            f'validation parts of {", ".join(LARGE)}: give --collections that have some'
        )
    return Fitted(
        seed,
        said.temperatures,
        {level: fit_sure(list(of_level.values())) for level, of_level in zip(LEVELS, sets, strict=True)},
        {level: fit_plausible(list(of_level.values())) for level, of_level in zip(LEVELS, sets, strict=True)},
    )


def _with_tests(sets: Sets, said: Said) -> Sets:
    """The sets that thresholds were fitted to, and those of test parts."""
    names = tested_collections(said.table)
    alone, together = (
        {**of_level, **{f'{name}, test': said.classified(number, said.of(name, said.table.tested)) for name in names}}
        for number, of_level in enumerate(sets)
    )
    return alone, together


def _boosting(recipe: Recipe, work: Path, table: PartTable) -> tuple[np.ndarray, np.ndarray]:
    """What the assistants say of each part of a table, alone and together; NaN of those without a class."""
    path = opinion_path(recipe, work)
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export train-assistants` first')
    labelled = np.flatnonzero(table.label >= 0)
    found = []
    with np.load(path) as file:
        for name in ('others_alone', 'others_together'):
            if len(file[name]) != labelled.size:
                raise ValueError(f'{path}: of {len(file[name])} parts, wanted {labelled.size}: train-assistants again')
            logs = np.full((len(table), len(CLASSES)), np.nan)
            logs[labelled] = file[name]
            found.append(logs)
    return found[0], found[1]


def _similarities(recipe: Recipe, work: Path, said: Said, whole: PartTable, seed: int) -> dict[str, Any]:
    """Which instruments are alike: to the student, to that of labels alone and to the audio teacher, where trained.

    The students are asked about test parts, the teacher about all parts of the table ``whole`` that it heard.
    """
    found: dict[str, Similarity | None] = {'kdic': of_student(said)}
    of_labels, heard = student_path(recipe, work, 'nic', seed), audio_path(recipe, work)
    if of_labels.exists():
        found['nic'] = of_student(ask(read_student(of_labels, recipe.parts), said.table))
    if heard.exists():
        found['audio'] = of_teacher(read_opinion(heard, f'audio-opinion --recipe {recipe.name}'), whole)
    return {name: asdict(each) for name, each in found.items() if each}


def _compared(recipe: Recipe, work: Path, table: PartTable, seeds: tuple[int, ...]) -> dict[str, Any]:
    """The students with fewer teachers beside KDIC, of those that were trained, with all their seeds.

    Raises:
        FileNotFoundError: where a student was trained with some of the seeds alone.
    """
    found = {}
    for name in STUDENTS:
        paths = [student_path(recipe, work, name, seed) for seed in seeds]
        missing = [path for path in paths if not path.exists()]
        if missing and len(missing) < len(paths):
            wanted = f'`python -m export train-kdic --recipe {recipe.name} --students {name}`'
            raise FileNotFoundError(f'{missing[0]}: not there, but other seeds of {name} are; run {wanted} first')
        if not missing:
            found[name] = in_short([ask(read_student(path, recipe.parts), table) for path in paths])
    return found
