"""The verbs of ``python -m export`` and their options."""

import argparse
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from export.recipe import Recipe, RecipeError, load_recipe
from music21_kdic.model.checks import SHIPPED

RESULTS = Path(__file__).parent.parent / 'docs'
EXPERIMENT = RESULTS / 'experiment'


def _recipe(args: argparse.Namespace) -> Recipe:
    return load_recipe(args.recipe)


def _prepare(args: argparse.Namespace) -> None:
    from export.data.prepare import prepare
    from export.data.sources import SourceFile, manifest_files, slakh_tracks

    files: list[SourceFile] = []
    if args.slakh:
        files += slakh_tracks(args.slakh)
    if args.data:
        files += manifest_files(args.data, args.manifest or args.data / 'manifest.csv', tuple(args.collections))
    if not files:
        raise ValueError('nothing to read; give --data FOLDER, --slakh FOLDER or both')
    recipe = _recipe(args)
    counts = prepare(files, args.work, recipe.windows_per_part, recipe.seed, args.jobs)
    for reason, count in sorted(counts.items()):
        print(f'{count:9,}  {reason}')
    print(f'wrote {args.work}/shards')


def _render(args: argparse.Namespace) -> None:
    from export.data.render import render

    recipe = _recipe(args)
    count = render(args.work, recipe.soundfonts, recipe.seed, args.jobs, args.shards, recipe.rendered_per_part)
    print(f'wrote {count} shards to {args.work}/mel')


def _nonsense(args: argparse.Namespace) -> None:
    from export.data.noise import write_nonsense
    from export.data.sources import manifest_files

    files = manifest_files(args.data, args.manifest or args.data / 'manifest.csv', tuple(args.collections))
    print(f'wrote {write_nonsense(files, args.work, _recipe(args).seed, args.jobs)}')


def _outsiders(args: argparse.Namespace) -> None:
    from export.data.outside_classes import write_outsiders
    from export.data.sources import manifest_files

    files = manifest_files(args.data, args.manifest or args.data / 'manifest.csv', tuple(args.collections))
    recipe = _recipe(args)
    print(f'wrote {write_outsiders(files, args.work, recipe.windows_per_part, recipe.seed, args.jobs)}')


def _train(args: argparse.Namespace) -> None:
    from export.training import part_students as parts
    from export.training import window_networks as steps

    train = {'teach': steps.teach, 'assist': parts.assist, 'student': parts.student, 'distil': parts.distil}[args.verb]
    print(f'wrote {train(_recipe(args), args.work, args.shards)} and the weights beside it')


def _evaluate(args: argparse.Namespace) -> None:
    from export.evaluation.evaluate import evaluate

    print(f'wrote {evaluate(_recipe(args), args.work, args.out, args.shards)}')


def _report(args: argparse.Namespace) -> None:
    from export.studies.report.page import report

    for path in report(args.experiment, args.results, args.out):
        print(f'wrote {path}')


def _experiment(args: argparse.Namespace) -> None:
    from export.studies.catalogue import STUDIES
    from export.studies.controls import run_controls

    for name in args.studies or STUDIES:
        study = STUDIES[name]
        print(f'wrote {run_controls(study, load_recipe(study.recipe), args.work, args.out)}')


def _reproduce(args: argparse.Namespace) -> None:
    from export.data.sources import manifest_files
    from export.release.reproduce import reproduce

    manifest = args.manifest or args.data / 'manifest.csv'
    files = manifest_files(args.data, manifest, tuple(args.collections))
    print(f'wrote {reproduce(_recipe(args), files, manifest, args.work, args.out, args.jobs)} and its card')


def _onnx(args: argparse.Namespace) -> None:
    from export.release.onnx_export import export_student

    path = export_student(args.student, _recipe(args), args.work, args.out, args.shards)
    print(f'wrote {path}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}')


def _novelty(args: argparse.Namespace) -> None:
    from export.evaluation.novelty import novelty

    print(f'wrote {novelty(_recipe(args), args.work, args.shards)}')


def _sanity(args: argparse.Namespace) -> None:
    from export.data.sources import manifest_files
    from export.evaluation.sanity import MOST, sanity

    files = manifest_files(args.data, args.manifest or args.data / 'manifest.csv', tuple(args.collections))
    recipe = _recipe(args)
    out = args.work / recipe.name / 'sanity.json'
    print(f'wrote {sanity(files, args.model, out, args.most or MOST, recipe.seed)}')


def _card(args: argparse.Namespace) -> None:
    from export.release.model_card import write_card

    print(f'wrote {write_card(args.model, args.results, args.manifest)}')


def _benchmark(args: argparse.Namespace) -> None:
    from export.release.benchmark import benchmark

    print(benchmark(args.paths, args.model))


def _matching(args: argparse.Namespace) -> None:
    from export.studies.matching import MatchingSettings, matching

    settings = MatchingSettings(args.windows, args.validation_windows, args.rendered, args.test_parts)
    print(f'wrote {matching(_recipe(args), args.work, settings, args.seeds, args.jobs)}')


def _soundfonts(args: argparse.Namespace) -> None:
    from export.studies.soundfonts import SoundfontSettings, soundfonts

    settings = SoundfontSettings(args.windows, args.validation_windows, args.test_windows)
    print(f'wrote {soundfonts(_recipe(args), args.work, settings, args.seeds, args.jobs)}')


VERBS: dict[str, tuple[Callable[[argparse.Namespace], None], str]] = {
    'prepare': (_prepare, 'MIDI files or Slakh2100 to labelled windows'),
    'nonsense': (_nonsense, 'windows of random notes and of drum tracks, from which a student learns to say nothing'),
    'outsiders': (_outsiders, 'windows of instruments outside the eight classes, only to test on'),
    'render': (_render, 'windows to log-mel spectrograms'),
    'teach': (_train, 'AIC: train the audio teacher, cache its logits'),
    'assist': (_train, 'train assistants, each on the songs of which another is to be asked'),
    'student': (_train, 'NIC: train the student on labels alone'),
    'distil': (_train, "KDIC: train the student on the teacher's answers, the assistants' and labels"),
    'novelty': (_novelty, 'confidence, energy and an auto-encoder: which tells best what is no music of the classes'),
    'sanity': (_sanity, 'how like its instrument a part is before and after its notes are made unlike it'),
    'evaluate': (_evaluate, 'score every model there is, write results.json'),
    'experiment': (_experiment, 'Table 2 and its controls: train every row with every seed, store what it answers'),
    'report': (_report, 'fill the tables of the results page and draw its figures, from stored results'),
    'onnx': (_onnx, 'write a student as one ONNX file, proven equal to torch'),
    'reproduce': (_reproduce, 'the shipped model again from the collection: all that is above, but for the experiment'),
    'benchmark': (_benchmark, 'labelling beside parsing, music21 and the Table-1 network, as ratios'),
    'matching': (_matching, 'study: an audio teacher that learns which instrument the notes suit, and its students'),
    'soundfonts': (_soundfonts, 'study: the audio teacher in soundfonts that it was trained on, and in others'),
    'card': (_card, 'write the model card beside a model'),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m export', description=__doc__)
    verbs = parser.add_subparsers(dest='verb', required=True, metavar='VERB')
    added = {name: verbs.add_parser(name, help=text, description=text) for name, (_, text) in VERBS.items()}
    for name, verb in added.items():
        if name in ('report', 'card', 'benchmark'):
            continue
        if name != 'experiment':  # its studies have recipes of their own
            verb.add_argument('--recipe', default='whole', help='a name in export/recipes or a .toml (default: whole)')
        verb.add_argument('--work', type=Path, default=Path('work'), help='working folder (default: work)')
        if name not in (
            'prepare',
            'nonsense',
            'outsiders',
            'sanity',
            'experiment',
            'reproduce',
            'matching',
            'soundfonts',
        ):
            verb.add_argument('--shards', type=int, default=0, help='only the first N shards (default: all)')
        if name in ('prepare', 'nonsense', 'outsiders', 'render', 'reproduce', 'matching', 'soundfonts'):
            verb.add_argument('--jobs', type=int, default=os.cpu_count(), help='processes (default: one per core)')
    added['experiment'].add_argument(
        'studies', nargs='*', metavar='STUDY', help='of export/studies/catalogue.py (default: all)'
    )
    added['experiment'].add_argument('--out', type=Path, default=EXPERIMENT, help='folder (default: docs/experiment)')
    for name in ('prepare', 'nonsense', 'outsiders', 'sanity', 'reproduce', 'card'):
        added[name].add_argument('--manifest', type=Path, help='manifest (default, but for card: DATA/manifest.csv)')
    for name in ('prepare', 'nonsense', 'outsiders', 'sanity', 'reproduce'):
        added[name].add_argument(
            '--data', type=Path, required=name != 'prepare', help='folder of a MIDI collection with a manifest'
        )
        collections = ['pop'] if name == 'sanity' else ['pop', 'scores', 'lakh']
        added[name].add_argument('--collections', nargs='+', default=collections)
    added['prepare'].add_argument('--slakh', type=Path, help='folder of Slakh2100-redux')
    for name in ('evaluate', 'report'):
        added[name].add_argument('--out', type=Path, default=RESULTS, help='folder (default: docs)')
    added['report'].add_argument(
        '--experiment', type=Path, default=EXPERIMENT, help='folder of studies (default: docs/experiment)'
    )
    for name, windows, validation, seeds in (('matching', 1000, 600, 5), ('soundfonts', 5000, 600, 3)):
        each = ' of each class' if name == 'matching' else ''
        added[name].add_argument('--windows', type=int, default=windows, help=f'training windows{each}')
        added[name].add_argument('--validation-windows', type=int, default=validation, help=f'the same{each}')
        added[name].add_argument('--seeds', type=int, default=seeds, help='how often each row is trained')
        added[name].set_defaults(recipe='controls')
    added['matching'].add_argument(
        '--rendered', type=int, default=100, help='validation windows of each class to be rendered'
    )
    added['matching'].add_argument('--test-parts', type=int, default=100, help='test parts of each class')
    added['soundfonts'].add_argument('--test-windows', type=int, default=1600)
    added['onnx'].add_argument('--student', choices=['kdic', 'nic'], default='kdic')
    for name in ('onnx', 'reproduce'):
        added[name].add_argument('--out', type=Path, default=SHIPPED, help='file (default: the shipped model)')
    for name in ('sanity', 'card'):
        added[name].add_argument('--model', type=Path, default=SHIPPED)
    added['sanity'].add_argument('--most', type=int, help='parts of a class (default: 300)')
    for name in ('report', 'card'):
        added[name].add_argument(
            '--results', type=Path, default=RESULTS / 'results.json', help='of evaluate (default: docs/results.json)'
        )
    added['benchmark'].add_argument('paths', nargs='+', metavar='PATH', help='MIDI files, folders; - for a list')
    added['benchmark'].add_argument('--model', help='another ONNX model than the shipped one')
    return parser


def main(argv: list[str] | None = None) -> None:
    """Run one verb; what a user can mend (a path, a recipe) ends with a sentence and exit status 1."""
    args = _parser().parse_args(argv)
    try:
        VERBS[args.verb][0](args)
    except (RecipeError, OSError, ValueError) as error:
        print(f'{args.verb}: {error}', file=sys.stderr)
        raise SystemExit(1) from error
