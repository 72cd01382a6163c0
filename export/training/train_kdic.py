"""Train KDIC (Knowledge Distillation Instrument Classification), the distilled student; store its logits."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from scipy.special import softmax

from export.arguments import add_training
from export.recipe import Recipe, load_recipe
from export.training.part_students import PartTraining


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-kdic``."""
    add_training(parser)


def run(args: Namespace) -> None:
    """Run ``train-kdic``."""
    print(f'wrote {train_kdic(load_recipe(args.recipe), args.work, args.shards)} and the weights beside it')


def train_kdic(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Train a part student on the answers of the audio teacher and of the assistants, and on labels; write its logits.

    Raises:
        FileNotFoundError: where either has not answered yet.
    """
    path = work / recipe.name / 'assistant_logits.npz'
    if not path.exists():
        verb = f'train-assistants --recipe {recipe.name}'
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb}` first')
    with np.load(path) as file:
        assistants = file['parts']
    training = PartTraining(recipe, work, shards)
    parts = training.music_to_train_on
    of_teacher, of_assistants = recipe.parts.teacher_weight, recipe.parts.assistant_weight
    targets = of_teacher * softmax(training.teacher()[parts], axis=1)
    targets += of_assistants * softmax(assistants[parts], axis=1)
    targets += (1 - of_teacher - of_assistants) * training.labels(parts)
    return training.write_logits('kdic', training.train('kdic', parts, targets))
