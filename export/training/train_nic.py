"""Train NIC (Note-sequence Instrument Classification), the student on labels alone; store its logits."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from export.arguments import add_training
from export.recipe import Recipe, load_recipe
from export.training.part_students import PartTraining


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``train-nic``."""
    add_training(parser)


def run(args: Namespace) -> None:
    """Run ``train-nic``."""
    print(f'wrote {train_nic(load_recipe(args.recipe), args.work, args.shards)} and the weights beside it')


def train_nic(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Train a part student on labels alone; write its logits."""
    training = PartTraining(recipe, work, shards)
    parts = training.music_to_train_on
    return training.write_logits('nic', training.train('nic', parts, training.labels(parts)))
