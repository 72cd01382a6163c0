"""Learn the trees that the students hold beside their layers (:mod:`export.networks.trees`), by boosting, from labels.

They read what the layers read, and err elsewhere: so the mean of both is better than either. Some classify a part by
itself, as many others with the other parts of its score. What a student is not shown, its trees are not shown either.
What is done is not done again.
"""

import json
from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from catboost import CatBoostClassifier, Pool
from tqdm import tqdm

from export.arguments import add_collections, add_jobs, add_recipe, add_work
from export.data.files import write_npz
from export.data.part_table import PartTable, balanced_weights
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, VIEWS
from export.networks.trees import Trees
from export.recipe import Recipe, ShapeSettings, load_recipe
from export.training.opinions import ALONE, TOGETHER
from export.training.train_folds import taught_view, train_folds
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS

SETTINGS = {
    'loss_function': 'MultiClass', 'learning_rate': 0.15, 'rsm': 0.2, 'border_count': 63,
    'bootstrap_type': 'Bernoulli', 'subsample': 0.6, 'l2_leaf_reg': 5, 'thread_count': 1, 'random_seed': 1,
    'allow_writing_files': False, 'verbose': False,
}  # fmt: skip
# Of the changed parts every sixth of each view is shown, that trees can classify a few bars too; what those count.
CHANGED, OF_CHANGED = 6, 2 / 3
NEVER = -30.0  # logit
ABOVE_ALL = np.float32(np.finfo(np.float32).max)  # the border of a question that a smaller tree does not ask


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-trees``."""
    add_recipe(parser)
    add_work(parser)
    add_jobs(parser)
    add_collections(parser, COLLECTIONS)


def run(args: Namespace) -> None:
    """Run ``train-trees``."""
    for path in train_trees(load_recipe(args.recipe), args.work, tuple(args.collections), args.jobs):
        print(f'wrote {path}')


def train_trees(recipe: Recipe, work: Path, collections: tuple[str, ...], jobs: int) -> list[Path]:
    """Learn the trees of the students, and of those that are not shown some collections.

    Returns:
        What was written, without what was there.
    """
    wanted = [(leave_out, level) for leave_out in ('', *recipe.left_out) for level in (ALONE, TOGETHER)]
    todo = [one for one in wanted if _shape(recipe, one[0]).trees and not trees_path(recipe, work, *one).exists()]
    for leave_out in dict.fromkeys(leave_out for leave_out, _ in todo if leave_out):
        train_folds(recipe, work, collections, None, leave_out)
    with ProcessPoolExecutor(jobs) as pool:
        train = partial(_train, recipe, work, collections)
        return list(tqdm(pool.map(train, *zip(*todo, strict=True)), total=len(todo), desc='trees')) if todo else []


def trees_path(recipe: Recipe, work: Path, leave_out: str, level: int) -> Path:
    """Where the trees lie that classify parts ALONE or TOGETHER, and were not shown some collections."""
    return work / recipe.name / ('_without_'.join([f'trees_{LEVELS[level]}', *leave_out.split()]) + '.npz')


def read_trees(recipe: Recipe, work: Path, leave_out: str = '') -> tuple[Trees, Trees] | None:
    """The trees of a student, for parts alone and together with their scores; None where its recipe has none.

    Raises:
        FileNotFoundError: where they are not learnt yet.
    """
    if not _shape(recipe, leave_out).trees:
        return None
    found = []
    for level in (ALONE, TOGETHER):
        path = trees_path(recipe, work, leave_out, level)
        if not path.exists():
            raise FileNotFoundError(f'{path}: not there; run `python -m export train-trees --recipe {recipe.name}`')
        with np.load(path) as file:
            found.append(Trees(file['column'], file['border'], file['leaves']))
    return found[ALONE], found[TOGETHER]


def _shape(recipe: Recipe, leave_out: str) -> ShapeSettings:
    return (recipe.without if leave_out else recipe.parts).shape


def _train(recipe: Recipe, work: Path, collections: tuple[str, ...], leave_out: str, level: int) -> Path:
    tables, weights = [], []
    for view in VIEWS:
        table = taught_view(recipe, work, collections, view, leave_out)
        table = table.select(table.label >= 0)
        weight = balanced_weights(table.collection, table.label, table.group)
        rows = np.arange(0, len(table), 1 if view == AS_IT_IS else CHANGED)
        rows = rows[table.known[rows] | (level == ALONE)]
        tables.append(table.select(rows))
        weights.append(weight[rows] * (1 if view == AS_IT_IS else OF_CHANGED))
    table, shape = PartTable.joined(tables), _shape(recipe, leave_out)
    numbers = table.numbers if level == ALONE else np.concatenate([table.numbers, table.context], axis=1)
    boosting = CatBoostClassifier(**SETTINGS, iterations=shape.trees, depth=shape.depth)
    boosting.fit(Pool(numbers, table.label, weight=np.concatenate(weights)))
    path = trees_path(recipe, work, leave_out, level)
    write_npz(path, _arrays(boosting, shape.depth))
    return path


def _arrays(boosting: CatBoostClassifier, depth: int) -> dict[str, npt.NDArray[Any]]:
    """What :class:`~export.networks.trees.Trees` is made of.

    A tree of fewer questions asks some that none answers; of a class that no part has the first tree says NEVER.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'model.json'
        boosting.save_model(str(path), format='json')
        model = json.loads(path.read_text(encoding='utf-8'))
    place = {one['feature_index']: one['flat_feature_index'] for one in model['features_info']['float_features']}
    trees = model['oblivious_trees']
    column = np.zeros((len(trees), depth), np.int64)
    border = np.full((len(trees), depth), ABOVE_ALL, np.float32)
    leaves = np.zeros((len(trees), 2**depth, len(CLASSES)), np.float32)
    leaves[0] = NEVER
    for row, tree in enumerate(trees):
        splits = tree['splits'] or []
        for at, split in enumerate(splits):
            column[row, at], border[row, at] = place[split['float_feature_index']], split['border']
        leaves[row, : 2 ** len(splits), boosting.classes_] = np.reshape(tree['leaf_values'], (2 ** len(splits), -1)).T
    return {'column': column, 'border': border, 'leaves': leaves.reshape(len(trees), -1)}
