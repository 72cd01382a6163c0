"""Train AIC (Audio Instrument Classification), the audio teacher, and store its logits of every rendered window."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import torch

from export.arguments import add_training
from export.data.spectrograms import Spectrograms
from export.data.window_table import load_windows
from export.networks.losses import HardTargets
from export.networks.teachers import TEACHERS
from export.recipe import Recipe, load_recipe
from export.training.window_networks import train_on_windows


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-aic``."""
    add_training(parser)


def run(args: Namespace) -> None:
    """Run ``train-aic``."""
    print(f'wrote {train_aic(load_recipe(args.recipe), args.work, args.shards)} and the weights beside it')


def train_aic(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Train the audio teacher on spectrograms and labels; write its logits."""
    table = load_windows(work, shards)
    spectrograms = Spectrograms(work, shards, recipe.frames)
    return train_on_windows(
        'teacher',
        TEACHERS[recipe.teacher.network],
        lambda rows, rng: (torch.from_numpy(spectrograms.batch(rows)),),
        lambda rows: HardTargets(table.label[rows]),
        recipe.teacher,
        table,
        recipe,
        work,
        (recipe.frames, recipe.soundfonts),
        given=spectrograms.rendered,
    )
