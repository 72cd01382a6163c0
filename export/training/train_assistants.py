"""Train the assistants, each on the songs of which another is to be asked; store what they answer."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from export.arguments import add_training
from export.data.files import write_npz
from export.recipe import Recipe, load_recipe
from export.training.part_students import PartTraining
from music21_kdic.classes import CLASSES


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-assistants``."""
    add_training(parser)


def run(args: Namespace) -> None:
    """Run ``train-assistants``."""
    print(f'wrote {train_assistants(load_recipe(args.recipe), args.work, args.shards)} and the weights beside it')


def train_assistants(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Train the assistants on labels, each without one fold of the training songs, and ask it about that fold."""
    training = PartTraining(recipe, work, shards)
    parts = training.music_to_train_on
    fold = training.folds(parts)
    answers = np.full((training.music, len(CLASSES)), np.nan, dtype=np.float32)
    for number in range(recipe.parts.folds):
        learnt, asked = parts[fold != number], parts[fold == number]
        model = training.train(f'assistant.{number}', learnt, training.labels(learnt))
        answers[asked] = training.predict(model, asked)[:, 0]
    path = work / recipe.name / 'assistant_logits.npz'
    write_npz(path, {'parts': answers})
    return path
