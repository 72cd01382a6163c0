"""Train the assistants: gradient boosting that has learnt from other songs, and says what it thinks of these.

None has seen the label of what it is asked about, so they know how much notes alone can tell. One kind reads a part's
numbers, the other also how the part stands to the others and what those are likely to be
(:mod:`export.training.train_folds`). What is done is not done again.
"""

from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from export.arguments import add_collections, add_jobs, add_recipe, add_work
from export.data.files import write_npz
from export.data.part_table import PartTable, balanced_weights, class_priors, fold_of
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, read_view
from export.recipe import Recipe, load_recipe
from export.training.opinions import ALONE, TOGETHER, Opinion, write_opinion
from export.training.train_folds import read_likelihoods, train_folds
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS

SETTINGS = {
    'objective': 'multiclass', 'num_class': len(CLASSES), 'learning_rate': 0.08, 'num_leaves': 31,
    'min_data_in_leaf': 30, 'feature_fraction': 0.2, 'bagging_fraction': 0.6, 'bagging_freq': 1, 'lambda_l2': 5,
    'max_bin': 63, 'num_threads': 1, 'verbose': -1, 'seed': 1,
}  # fmt: skip
SMALLEST = 1e-9  # probability


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-assistants``."""
    add_recipe(parser)
    add_work(parser)
    add_jobs(parser)
    add_collections(parser, COLLECTIONS)


def run(args: Namespace) -> None:
    """Run ``train-assistants``."""
    print(f'wrote {train_assistants(load_recipe(args.recipe), args.work, tuple(args.collections), args.jobs)}')


def opinion_path(recipe: Recipe, work: Path) -> Path:
    """Where the assistants' answers lie."""
    return work / recipe.name / 'assistants.npz'


def train_assistants(recipe: Recipe, work: Path, collections: tuple[str, ...], jobs: int) -> Path:
    """Train the assistants and write what they say of the training split, and their mean of all other parts.

    The file holds an :class:`~export.training.opinions.Opinion`, and of the labelled parts of other splits, in the
    order of the table, ``others_alone`` and ``others_together``: mean log probabilities under equal priors, shape
    (parts, 8).
    """
    table = read_view(work, collections, AS_IT_IS)
    mine, others = table.select(table.training), others_of(table)
    alone, others_alone = _train_level(recipe, work, collections, ALONE, jobs)
    train_folds(recipe, work, collections, Opinion(mine.collection, mine.row, alone, alone))
    together, others_together = _train_level(recipe, work, collections, TOGETHER, jobs)
    together[~mine.known] = alone[~mine.known]
    others_together[~others.known] = others_alone[~others.known]
    path = opinion_path(recipe, work)
    opinion = Opinion(mine.collection, mine.row, alone, together)
    write_opinion(path, opinion, others_alone=others_alone, others_together=others_together)
    return path


def others_of(table: PartTable) -> PartTable:
    """The labelled parts that no assistant has learnt from."""
    return table.select((table.label >= 0) & (table.split != 'train'))


def _train_level(
    recipe: Recipe, work: Path, collections: tuple[str, ...], level: int, jobs: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """What the assistants of a level say: of each labelled training part, and on the mean of the other splits'."""
    folds = recipe.parts.folds
    with ProcessPoolExecutor(min(jobs, folds)) as pool:
        train = partial(_train_fold, recipe, work, collections, level)
        paths = list(tqdm(pool.map(train, range(folds)), total=folds, desc=f'assistants, {LEVELS[level]}'))
    table = read_view(work, collections, AS_IT_IS)
    fold = fold_of(table.select(table.training), folds)
    answers, means = np.zeros((fold.size, len(CLASSES)), np.float32), []
    for number, path in enumerate(paths):
        with np.load(path) as file:
            answers[fold == number] = file['asked']
            means.append(file['others'])
    mean: npt.NDArray[np.float64] = np.mean(means, axis=0)
    return answers, mean


def _train_fold(recipe: Recipe, work: Path, collections: tuple[str, ...], level: int, number: int) -> Path:
    """Train the assistant that is not shown a fold, and write what it says of that and of the other splits."""
    path = work / recipe.name / f'assistant_{LEVELS[level]}.{number}.npz'
    if path.exists():
        return path
    table = read_view(work, collections, AS_IT_IS)
    if level == TOGETHER:
        table = table.told(read_likelihoods(recipe, work, AS_IT_IS))
    mine = table.select(table.training)
    other = fold_of(mine, recipe.parts.folds) != number
    learnt = mine.select(other & ~mine.doubled & ~mine.near_corpus & (mine.known | (level == ALONE)))
    weight = balanced_weights(learnt.collection, learnt.label, learnt.group)
    data = lightgbm.Dataset(_numbers(learnt, level), learnt.label, weight=weight)
    model = lightgbm.train(SETTINGS, data, recipe.parts.rounds)
    of_others = _predict(model, others_of(table), level)
    priors = class_priors(learnt.label, weight)
    said = {
        'asked': _predict(model, mine.select(~other), level),
        'others': np.log(of_others + SMALLEST) - np.log(priors),
    }
    write_npz(path, said)
    return path


def _predict(model: lightgbm.Booster, table: PartTable, level: int) -> npt.NDArray[np.float64]:
    if not len(table):
        return np.zeros((0, len(CLASSES)))
    return np.asarray(model.predict(_numbers(table, level), num_threads=1), dtype=np.float64)


def _numbers(table: PartTable, level: int) -> npt.NDArray[np.float32]:
    return table.numbers if level == ALONE else np.concatenate([table.numbers, table.context], axis=1)
