"""Train the assistants: gradient boosting that has learnt from other songs, and says what it thinks of these.

None has seen the label of what it is asked about, so they know how much notes alone can tell. One kind reads a part's
numbers, the other those of its context too.
"""

import zlib
from argparse import ArgumentParser, Namespace
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from export.arguments import add_recipe, add_work
from export.data.part_table import PartTable, balanced_weights, class_priors
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, read_view
from export.recipe import Recipe, load_recipe
from export.training.opinions import Opinion, write_opinion
from music21_kdic.classes import CLASSES
from music21_kdic.features.number_names import CONTEXT_NUMBERS, MEANS

# Of the context: place in the score, the neighbours' numbers, and the means of the others'; not their extremes.
CONTEXT = len(CONTEXT_NUMBERS) - 2 * MEANS.size
FRACTIONS = (0.3, 0.2)  # of the numbers that a tree may read, alone and together
SETTINGS = {
    'objective': 'multiclass', 'num_class': len(CLASSES), 'learning_rate': 0.1, 'num_leaves': 31,
    'min_data_in_leaf': 30, 'bagging_fraction': 0.6, 'bagging_freq': 1, 'lambda_l2': 5, 'max_bin': 63,
    'num_threads': 1, 'verbose': -1, 'seed': 1,
}  # fmt: skip
SMALLEST = 1e-9  # probability


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-assistants``."""
    add_recipe(parser)
    add_work(parser)
    parser.add_argument('--collections', nargs='+', default=COLLECTIONS, help='(default: all)')


def run(args: Namespace) -> None:
    """Run ``train-assistants``."""
    print(f'wrote {train_assistants(load_recipe(args.recipe), args.work, args.collections)}')


def opinion_path(recipe: Recipe, work: Path) -> Path:
    """Where the assistants' answers lie."""
    return work / recipe.name / 'assistants.npz'


def train_assistants(recipe: Recipe, work: Path, collections: tuple[str, ...]) -> Path:
    """Train the assistants and write what they say of the training split, and their mean of all other parts.

    The file holds an :class:`~export.training.opinions.Opinion`, and of the labelled parts of other splits, in the
    order of the table, ``others_alone`` and ``others_together``: mean log probabilities under equal priors, shape
    (parts, 8).
    """
    table = read_view(work, collections, AS_IT_IS)
    mine, others = table.select((table.label >= 0) & (table.split == 'train')), others_of(table)
    folds = recipe.parts.folds
    fold = np.array([zlib.crc32(b'%d' % folds + group.encode()) % folds for group in mine.group])
    said, of_others = [], []
    bar = tqdm(total=2 * folds, desc='assistants')
    for together in (False, True):
        answers = np.zeros((len(mine), len(CLASSES)), np.float32)
        mean = np.zeros((len(others), len(CLASSES)))
        for number in range(folds):
            learnt = mine.select((fold != number) & ~mine.doubled & (mine.known | (not together)))
            model, priors = _train(learnt, together, recipe.parts.rounds)
            if (fold == number).any():
                answers[fold == number] = _predict(model, mine.select(fold == number), together)
            if len(others):
                mean += np.log(_predict(model, others, together) + SMALLEST) - np.log(priors)
            bar.update()
        said.append(answers)
        of_others.append(mean / folds)
    said[1][~mine.known] = said[0][~mine.known]
    of_others[1][~others.known] = of_others[0][~others.known]
    opinion = Opinion(mine.collection, mine.row, said[0], said[1])
    path = opinion_path(recipe, work)
    write_opinion(path, opinion, others_alone=of_others[0], others_together=of_others[1])
    return path


def others_of(table: PartTable) -> PartTable:
    """The labelled parts that no assistant has learnt from."""
    return table.select((table.label >= 0) & (table.split != 'train'))


def _train(learnt: PartTable, together: bool, rounds: int) -> tuple[lightgbm.Booster, npt.NDArray[np.float64]]:
    """An assistant, and the class frequencies that it learnt."""
    weight = balanced_weights(learnt.collection, learnt.label, learnt.group)
    data = lightgbm.Dataset(_numbers(learnt, together), learnt.label, weight=weight)
    model = lightgbm.train({**SETTINGS, 'feature_fraction': FRACTIONS[together]}, data, rounds)
    return model, class_priors(learnt.label, weight)


def _predict(model: lightgbm.Booster, table: PartTable, together: bool) -> npt.NDArray[np.float64]:
    return np.asarray(model.predict(_numbers(table, together), num_threads=1), dtype=np.float64)


def _numbers(table: PartTable, together: bool) -> npt.NDArray[np.float32]:
    if together:
        return np.concatenate([table.numbers, table.context[:, :CONTEXT]], axis=1)
    return table.numbers
