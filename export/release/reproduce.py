"""Make the shipped model again from the collection, by every verb of the training pipeline in its order.

A verb whose work is done is passed over or goes on where it was, so the command can be stopped and given again. The
weights depend on the machine's arithmetic in their last digits: what comes out is the same recipe, not the same bytes.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from export.arguments import add_preparation
from export.data.noise import write_noise
from export.data.outside_classes import write_outside_classes
from export.data.prepare import prepare
from export.data.render import choice_of, render
from export.data.sources import ManifestFile, manifest_files
from export.evaluation.evaluate import evaluate
from export.evaluation.novelty import novelty
from export.evaluation.sanity import MOST_PARTS, sanity
from export.recipe import Recipe, load_recipe
from export.release.model_card import write_card
from export.release.onnx_model import export_student
from export.training.train_aic import train_aic
from export.training.train_assistants import train_assistants
from export.training.train_kdic import train_kdic
from export.training.train_nic import train_nic
from music21_kdic.model.checks import SHIPPED


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``reproduce``."""
    add_preparation(parser)
    parser.add_argument('--out', type=Path, default=SHIPPED, help='file (default: the shipped model)')


def run(args: Namespace) -> None:
    """Run ``reproduce``."""
    manifest = args.manifest or args.data / 'manifest.csv'
    files = manifest_files(args.data, manifest, args.collections)
    recipe = load_recipe(args.recipe)
    print(f'wrote {reproduce(recipe, files, manifest, args.work, args.out, args.jobs)} and its card')


def reproduce(recipe: Recipe, files: list[ManifestFile], manifest: Path, work: Path, out: Path, jobs: int) -> Path:
    """Make a model from a collection; everything else that is made lies in the working folder.

    Args:
        recipe: of the model.
        files: of the collection.
        manifest: of the same, for the model card.
        work: the working folder: windows, spectrograms, weights, ``results.json``.
        out: the model's file; the card is written beside it.
        jobs: processes, where several help.

    Returns:
        The model's file.
    """
    own = work / recipe.name
    prepare(list(files), work, recipe.windows_per_part, recipe.seed, jobs)
    steps: list[tuple[Path, Callable[[], object]]] = [
        (work / 'noise.npz', lambda: write_noise(files, work, recipe.seed, jobs)),
        (
            work / 'outside_classes.npz',
            lambda: write_outside_classes(files, work, recipe.windows_per_part, recipe.seed, jobs),
        ),
        (own / 'teacher_logits.npz', lambda: _render_and_train_aic(recipe, work, jobs)),
        (own / 'assistant_logits.npz', lambda: train_assistants(recipe, work)),
        (own / 'nic_logits.npz', lambda: train_nic(recipe, work)),
        (own / 'kdic_logits.npz', lambda: train_kdic(recipe, work)),
        (own / 'novelty.json', lambda: novelty(recipe, work)),
    ]
    for made, make in steps:
        if made.exists():
            print(f'{made} is there')
        else:
            make()
            print(f'wrote {made}')
    export_student('kdic', recipe, work, out)
    sanity([file for file in files if file.source == 'pop'], out, own / 'sanity.json', MOST_PARTS, recipe.seed)
    write_card(out, evaluate(recipe, work, work), manifest)
    return out


def _render_and_train_aic(recipe: Recipe, work: Path, jobs: int) -> None:
    render(work, choice_of(recipe), jobs)
    train_aic(recipe, work)
