"""Make the shipped model again from the collections, by every verb of the training pipeline in its order.

A verb whose work is done is passed over or goes on where it was, so the command can be stopped and given again. The
weights depend on the machine's arithmetic in their last digits: what comes out is the same recipe, not the same bytes.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from export.arguments import EXPERIMENT, add_collection, add_jobs, add_place, add_recipe, add_work, place_of
from export.data.corpus import write_corpus
from export.data.files import make_once
from export.data.made_up import made_up_path, write_made_up
from export.data.note_store import CORPUS_STORE, store_path, write_stores
from export.data.prepare import prepare
from export.data.render import render_in_soundfonts
from export.data.sources import COLLECTIONS, NEVER_LEARNT, manifest_files
from export.data.views import write_views
from export.evaluation.evaluate import evaluate
from export.recipe import Recipe, load_recipe
from export.release.model_card import write_card
from export.release.onnx import write_model
from export.release.reference import write_reference
from export.training.audio_opinion import write_audio_opinion
from export.training.train_aic import train_aic
from export.training.train_assistants import opinion_path, train_assistants
from export.training.train_kdic import SEEDS, audio_path, train_kdic
from export.training.train_trees import train_trees
from music21_kdic.model.checks import SHIPPED

CLIMBS = EXPERIMENT / 'kdic-5-climbs.npz'  # against earlier students of this kind
CLIMBS_FROM_NOISE = EXPERIMENT / 'kdic-5-climbs-from-noise.npz'  # against students that had learnt from those
AUDIO_SHARDS = 33  # that the audio teacher of the shipped model heard


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``reproduce``."""
    add_recipe(parser)
    add_work(parser)
    add_jobs(parser)
    add_collection(parser, collections=COLLECTIONS)
    parser.add_argument('--seeds', type=int, nargs='+', default=SEEDS, help='(default: 1 2 3; the first is shipped)')
    text = f'where climbs against earlier students ended (default: {CLIMBS})'
    parser.add_argument('--climbs', type=Path, nargs='*', default=[CLIMBS], help=text)
    text = f'where climbs from random notes ended (default: {CLIMBS_FROM_NOISE})'
    parser.add_argument('--climbs-from-noise', type=Path, nargs='*', default=[CLIMBS_FROM_NOISE], help=text)
    text = f'that the audio teacher hears, 0 is all (default: {AUDIO_SHARDS})'
    parser.add_argument('--shards', type=int, default=AUDIO_SHARDS, help=text)
    add_place(parser, '--out', SHIPPED, 'folder of the model')


def run(args: Namespace) -> None:
    """Run ``reproduce``."""
    manifest = args.manifest or args.data / 'manifest.csv'
    recipe = load_recipe(args.recipe)
    out = place_of('--out', args.out, SHIPPED, recipe.name)
    work, collections = args.work, tuple(args.collections)
    write_stores(args.data, manifest, collections, work, args.jobs)
    make_once(store_path(work, CORPUS_STORE), lambda: write_corpus(work))
    write_views(work, collections, args.jobs)
    steps: list[tuple[Path, Callable[[], object]]] = [
        (
            made_up_path(work),
            lambda: write_made_up(work, args.data, collections, args.climbs, args.climbs_from_noise),
        ),
        (opinion_path(recipe, work), lambda: train_assistants(recipe, work, collections, args.jobs)),
    ]
    if recipe.parts.audio:
        hear = (args.data, manifest, collections, args.shards, args.jobs)
        steps.append((audio_path(recipe, work), lambda: _hear(recipe, recipe.taught_by or recipe, work, *hear)))
    for made, make in steps:
        make_once(made, make)
    seeds = tuple(args.seeds)
    train_trees(recipe, work, collections, args.jobs)
    train_kdic(recipe, work, collections, seeds, ['kdic'])
    results = evaluate(recipe, work, collections, seeds, work / 'results.json')
    write_model(recipe, work, collections, results, out)
    described = [name for name in collections if name != NEVER_LEARNT]
    write_reference(out, manifest_files(args.data, manifest, described))
    print(f'wrote {out} and {write_card(out, results, manifest)}')


def _hear(
    recipe: Recipe,
    teacher: Recipe,
    work: Path,
    data: Path,
    manifest: Path,
    collections: tuple[str, ...],
    shards: int,
    jobs: int,
) -> None:
    """Render a window of every part, train the audio teacher on some, and write what it says of them."""
    audio = work / 'audio'
    prepare(list(manifest_files(data, manifest, collections)), audio, teacher.windows_per_part, teacher.seed, jobs)
    render_in_soundfonts(audio, teacher, jobs, shards)
    train_aic(teacher, audio, shards)
    write_audio_opinion(recipe, work, audio, collections)
