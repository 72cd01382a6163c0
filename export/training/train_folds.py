"""What each part is likely to be by itself, said by students of parts that have not learnt from its songs.

A part together with its score reads what the other parts are likely to be
(:func:`music21_kdic.features.context_numbers.likely_others`). A student asked about songs that it has learnt from is
right too often: who learnt from that would trust the others too much in songs that are new. So the songs are divided
into folds, and each is asked about by a student that was trained on the others.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax

from export.data.files import write_npz
from export.data.made_up import read_made_up
from export.data.part_table import PartTable, fold_of
from export.data.views import AS_IT_IS, VIEWS, read_view
from export.recipe import Recipe
from export.training.opinions import ALONE, Opinion
from export.training.part_students import Trained, answers_alone, taught_beside, train

Floats = npt.NDArray[np.float32]


def likelihoods_path(recipe: Recipe, work: Path, leave_out: str = '') -> Path:
    """Where the likelihoods of all views' parts lie; of students that were not shown some collections."""
    return work / recipe.name / ('_without_'.join(['likelihoods', *leave_out.split()]) + '.npz')


def read_likelihoods(recipe: Recipe, work: Path, view: int, leave_out: str = '') -> Floats:
    """What each part of a view is likely to be by itself: probabilities under equal priors, shape (parts, 8).

    Raises:
        FileNotFoundError: where the students of folds are not trained yet.
    """
    path = likelihoods_path(recipe, work, leave_out)
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export train-assistants` first')
    with np.load(path) as file:
        likelihoods: Floats = file[f'view{view}']
    return likelihoods


def taught_view(recipe: Recipe, work: Path, collections: tuple[str, ...], view: int, leave_out: str = '') -> PartTable:
    """What of a view may be learnt from, with what the other parts of each score are likely to be."""
    table = read_view(work, collections, view).told(read_likelihoods(recipe, work, view, leave_out))
    return table.taught(tuple(leave_out.split()))


def train_folds(
    recipe: Recipe, work: Path, collections: tuple[str, ...], assistants: Opinion | None, leave_out: str = ''
) -> None:
    """Train the students and write what they say of all parts of every view, where it is not there yet.

    Of parts of the training split the student speaks that was not shown their fold; of others all of them on the mean.

    Args:
        recipe: its settings for students of folds.
        work: the working folder.
        collections: the collections.
        assistants: what teaches them beside the labels; only what is said of parts alone matters.
        leave_out: collections that they are not shown, with spaces between.
    """
    path = likelihoods_path(recipe, work, leave_out)
    if path.exists():
        return
    views = [read_view(work, collections, view) for view in VIEWS]
    beside = taught_beside(read_made_up(work).without(views[AS_IT_IS].near(leave_out.split())))
    settings, count = recipe.folded, recipe.parts.folds
    said = []
    for number in range(count):
        shown = [view.taught(tuple(leave_out.split())) for view in views]
        shown = [view.select(fold_of(view, count) != number) for view in shown]
        opinions = [(settings.assistants, assistants)] if assistants and settings.assistants else []
        trained = train(shown, beside, opinions, settings, 1.0, number)
        said.append([_logs_alone(trained, view.numbers) for view in views])
    of_views = zip(VIEWS, views, zip(*said, strict=True), strict=True)
    write_npz(path, {f'view{number}': _of_the_others(view, np.stack(logs)) for number, view, logs in of_views})


def _logs_alone(trained: Trained, numbers: Floats) -> npt.NDArray[np.float64]:
    """Log probabilities under equal priors of parts by themselves, shape (parts, 8)."""
    logits = answers_alone(trained.student, numbers).classes.astype(np.float64)
    logs: npt.NDArray[np.float64] = log_softmax(logits - np.log(trained.priors[ALONE]), axis=1)
    return logs


def _of_the_others(view: PartTable, logs: npt.NDArray[np.float64]) -> Floats:
    """Of the students' answers, shape (folds, parts, 8), to each part those that it may have: probabilities."""
    mean = np.exp(logs.mean(axis=0))
    mean /= mean.sum(axis=1, keepdims=True)
    own = np.exp(logs[fold_of(view, len(logs)), np.arange(len(view))])
    result: Floats = np.where((view.split == 'train')[:, None], own, mean).astype(np.float32)
    return result
