"""Train KDIC (Knowledge Distillation Instrument Classification), the student of parts, and those it is compared with.

All are one network, :class:`export.networks.part_student.PartStudent`; they differ in their teachers (STUDENTS) and in
the collections that they are shown. Weights lie in ``WORK/RECIPE``; what is there is not trained again.
"""

from argparse import ArgumentParser, Namespace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import torch

from export.arguments import add_collections, add_recipe, add_work
from export.data.made_up import read_made_up
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, VIEWS, read_view
from export.recipe import Recipe, load_recipe
from export.training.opinions import Opinion, read_opinion
from export.training.part_students import taught_beside, train, write_student
from export.training.train_assistants import opinion_path
from export.training.train_folds import taught_view, train_folds
from export.training.train_trees import read_trees

SEEDS = (1, 2, 3)
ASSISTANTS, AUDIO = 'assistants', 'audio'
# The students and their teachers beside the labels. NIC (Note-sequence Instrument Classification) learns from labels.
STUDENTS = {'kdic': (ASSISTANTS, AUDIO), 'without_audio': (ASSISTANTS,), 'nic': ()}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-kdic``."""
    add_recipe(parser)
    add_work(parser)
    add_collections(parser, COLLECTIONS)
    parser.add_argument('--seeds', type=int, nargs='+', default=SEEDS, help='(default: 1 2 3; the first is shipped)')
    parser.add_argument('--students', nargs='+', choices=STUDENTS, default=['kdic'], help='(default: kdic)')


def run(args: Namespace) -> None:
    """Run ``train-kdic``."""
    recipe = load_recipe(args.recipe)
    for path in train_kdic(recipe, args.work, args.collections, args.seeds, args.students):
        print(f'wrote {path}')


def student_path(recipe: Recipe, work: Path, name: str, seed: int) -> Path:
    """Where a student's weights lie."""
    return work / recipe.name / f'{name}.{seed}.pt'


def audio_path(recipe: Recipe, work: Path) -> Path:
    """Where the audio teacher's opinion lies."""
    return work / recipe.name / 'audio.npz'


def without(collections: str) -> str:
    """The name of the student that is not shown some collections (with a space between their names)."""
    return 'without_' + '_'.join(collections.split())


def train_kdic(
    recipe: Recipe, work: Path, collections: tuple[str, ...], seeds: tuple[int, ...], students: list[str]
) -> list[Path]:
    """Train the students with every seed, and those that are not shown some collections with the first.

    Returns:
        What was written, without what was there.

    Raises:
        FileNotFoundError: where a teacher that the recipe gives a share has not answered yet.
    """
    torch.set_num_threads(1)
    todo = [(student_path(recipe, work, name, seed), name, seed, '') for name in students for seed in seeds]
    todo += [
        (student_path(recipe, work, without(names), seeds[0]), 'nic', seeds[0], names) for names in recipe.left_out
    ]
    todo = [each for each in todo if not each[0].exists()]
    if not todo:
        return []
    made_up, teachers = read_made_up(work), _teachers(recipe, work)
    for leave_out, students_of in groupby(todo, key=itemgetter(3)):
        settings = recipe.without if leave_out else recipe.parts
        if leave_out:
            train_folds(recipe, work, collections, None, leave_out)
        trees = read_trees(recipe, work, leave_out)
        beside = taught_beside(made_up.without(read_view(work, collections, AS_IT_IS).near(leave_out.split())))
        views = [taught_view(recipe, work, collections, view, leave_out) for view in VIEWS]
        for path, name, seed, _ in students_of:
            shares = {teacher: getattr(recipe.parts, teacher) for teacher in STUDENTS[name]}
            opinions = [(share, teachers[teacher]) for teacher, share in shares.items() if share]
            trained = train(views, beside, opinions, settings, settings.alone, seed)
            if trees:
                trained.student.hold(*trees)
            write_student(path, trained)
    return [path for path, *_ in todo]


def _teachers(recipe: Recipe, work: Path) -> dict[str, Opinion]:
    teachers = {}
    if recipe.parts.assistants:
        teachers[ASSISTANTS] = read_opinion(opinion_path(recipe, work), f'train-assistants --recipe {recipe.name}')
    if recipe.parts.audio:
        teachers[AUDIO] = read_opinion(audio_path(recipe, work), f'audio-opinion --recipe {recipe.name}')
    return teachers
