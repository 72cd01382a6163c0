"""What each thing that kdic-5 has and kdic-4 had not is worth: students of parts, each with one thing more.

All classify a part by itself. The first reads what kdic-4 read, as near as numbers come to it: the mean of each number
of its windows, unencoded, of the two collections that kdic-4 learnt from.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from export.arguments import EXPERIMENT, add_collections, add_place, add_recipe, add_work, place_of
from export.data.files import write_json
from export.data.made_up import CLIMBED, CLIMBED_FROM_NOISE, read_made_up
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, VIEWS, read_view
from export.evaluation.by_collection import tested_collections
from export.evaluation.measures import right
from export.evaluation.said import logs_alone
from export.recipe import Recipe, StudentSettings, load_recipe
from export.training.opinions import Opinion, read_opinion
from export.training.part_students import COUNTS, Beside, Trained, taught_beside, train
from export.training.train_assistants import opinion_path
from export.training.train_kdic import audio_path
from export.training.train_trees import read_trees
from music21_kdic.features.number_names import COURSE_NUMBERS, PART_NUMBERS, WINDOW_NUMBERS

OUT = EXPERIMENT / 'kdic-5-ablation.json'
CLIMBS = CLIMBED, CLIMBED_FROM_NOISE
OF_KDIC_4 = ('pop', 'scores')  # the collections that it learnt from
# Where in PART_NUMBERS each ends.
MEANS, DEVIATIONS, WHOLE = len(WINDOW_NUMBERS), 2 * len(WINDOW_NUMBERS), len(PART_NUMBERS) - len(COURSE_NUMBERS)


@dataclass(frozen=True)
class Row:
    """A student: what it reads, and what it learns from.

    Attributes:
        name: what it has more than the row before.
        numbers: how many of PART_NUMBERS it reads.
        bins: of its encoding.
        collections: that it is shown.
        changed, made_up: whether it is shown changed parts; and noise, plain music and corrupted parts.
        climbs: whether it is shown where climbs ended, too, as much as the shipped student.
        assistants, audio: the shares of its teachers.
        beside_as_shipped: as much of what is made up is shown beside a batch as to the shipped student.
        as_shipped: it has the size and the epochs of the shipped student, too.
        trees: it is the student of the row before, and holds trees.
    """

    name: str
    numbers: int = len(PART_NUMBERS)
    bins: int = 8
    collections: tuple[str, ...] = COLLECTIONS
    changed: bool = True
    made_up: bool = True
    climbs: bool = True
    assistants: float = 0.0
    audio: float = 0.0
    beside_as_shipped: bool = False
    as_shipped: bool = False
    trees: bool = False


ROWS = (
    Row('means of the numbers of windows', MEANS, 1, OF_KDIC_4, changed=False, made_up=False),
    Row('and their deviations', DEVIATIONS, 1, OF_KDIC_4, changed=False, made_up=False),
    Row('and numbers of the whole part', WHOLE, 1, OF_KDIC_4, changed=False, made_up=False),
    Row('and of its course', bins=1, collections=OF_KDIC_4, changed=False, made_up=False),
    Row('encoded in eight bins', collections=OF_KDIC_4, changed=False, made_up=False),
    Row('and all collections', changed=False, made_up=False),
    Row('and changed parts', made_up=False),
    Row('and noise, plain music, corrupted parts', climbs=False),
    Row('and climbs'),
    Row('taught by assistants, too', assistants=0.5),
    Row('and by the audio teacher', assistants=0.5, audio=0.1),
    Row('beside as much that is made up as shipped', assistants=0.5, audio=0.1, beside_as_shipped=True),
    Row('larger, for longer', assistants=0.5, audio=0.1, as_shipped=True),
    Row('and trees beside it: as shipped', trees=True),
)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``ablation``."""
    add_recipe(parser)
    add_work(parser)
    add_collections(parser, COLLECTIONS)
    parser.add_argument('--seed', type=int, default=1, help='(default: 1)')
    add_place(parser, '--out', OUT, 'JSON')


def run(args: Namespace) -> None:
    """Run ``ablation``."""
    torch.set_num_threads(1)
    recipe = load_recipe(args.recipe)
    out = place_of('--out', args.out, OUT, recipe.name)
    rows = ablation(recipe, args.work, tuple(args.collections), args.seed)
    write_json(out, {'recipe': recipe.of_parts(args.seed), 'seed': args.seed, 'rows': rows})
    print(f'wrote {out}')


def ablation(recipe: Recipe, work: Path, collections: tuple[str, ...], seed: int) -> list[dict[str, object]]:
    """Train and test the student of each row; macro-F1 and accuracy of parts by themselves, by collection."""
    views = [read_view(work, collections, view) for view in VIEWS]
    tested = views[AS_IT_IS].select(views[AS_IT_IS].tested)
    taught = [view.taught() for view in views]
    made_up = taught_beside(read_made_up(work))
    teachers = (
        read_opinion(opinion_path(recipe, work), f'train-assistants --recipe {recipe.name}'),
        read_opinion(audio_path(recipe, work), f'audio-opinion --recipe {recipe.name}'),
    )
    trees = read_trees(recipe, work)
    found: list[dict[str, object]] = []
    for row in ROWS:
        if not row.trees:
            trained = _trained(taught, made_up, teachers, recipe, row, seed)
        elif trees:
            trained.student.hold(*trees)
        asked = _read(tested, row)
        logs = logs_alone(trained, 1.0, asked.numbers)
        figures = {name: _right(logs, asked, name) for name in tested_collections(asked)}
        found.append({'row': row.name, 'test': figures})
        print(row.name, figures, flush=True)
    return found


def _trained(
    taught: list[PartTable],
    made_up: dict[str, Beside],
    teachers: tuple[Opinion, Opinion],
    recipe: Recipe,
    row: Row,
    seed: int,
) -> Trained:
    shown = [_read(view.select(view.of_collections(row.collections)), row) for view in taught]
    shares = zip((row.assistants, row.audio), teachers, strict=True)
    opinions = [(share, teacher) for share, teacher in shares if share]
    return train(shown if row.changed else shown[:1], made_up, opinions, _settings(recipe, row), 1.0, seed)


def _settings(recipe: Recipe, row: Row) -> StudentSettings:
    """As the students of folds are trained, unless it is as shipped; never together with a score."""
    settings: StudentSettings = recipe.parts if row.as_shipped else recipe.folded
    beside: dict[str, Any] = {}
    if not row.made_up:
        beside = dict.fromkeys(COUNTS, 0.0)
    elif row.beside_as_shipped:
        beside = {name: getattr(recipe.parts, name) for name in COUNTS}
    else:
        beside = {name: getattr(recipe.parts, name) if row.climbs else 0.0 for name in CLIMBS}
    return replace(settings, **beside, shape=replace(settings.shape, bins=row.bins))


def _read(table: PartTable, row: Row) -> PartTable:
    """A table of which only the numbers are left that the student of a row reads."""
    numbers = table.numbers.copy()
    numbers[:, row.numbers :] = 0
    return replace(table, numbers=numbers)


def _right(logs: npt.NDArray[np.float64], table: PartTable, collection: str) -> list[float]:
    rows = table.of_collections([collection])
    return [round(figure, 4) for figure in right(logs[rows], table.label[rows])[:2]]
