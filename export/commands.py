"""The verbs of ``python -m export`` and their options."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from export.recipe import Recipe, load_recipe


def _prepare(args: argparse.Namespace, recipe: Recipe) -> None:
    from export.prepare import prepare
    from export.sources import SourceFile, manifest_files, slakh_tracks

    files: list[SourceFile] = []
    if args.slakh:
        files += slakh_tracks(args.slakh)
    if args.data:
        files += manifest_files(args.data, args.manifest or args.data / 'manifest.csv', tuple(args.collections))
    if not files:
        raise SystemExit('prepare: nothing to read; give --data FOLDER, --slakh FOLDER or both')
    counts = prepare(files, args.work, recipe.windows_per_part, recipe.seed, args.jobs)
    for reason, count in sorted(counts.items()):
        print(f'{count:9,}  {reason}')
    print(f'wrote {args.work}/shards')


def _render(args: argparse.Namespace, recipe: Recipe) -> None:
    from export.render import render

    count = render(args.work, recipe.soundfonts, recipe.seed, args.jobs, args.shards)
    print(f'wrote {count} shards to {args.work}/mel')


def _step(name: str) -> Callable[[argparse.Namespace, Recipe], None]:
    def run(args: argparse.Namespace, recipe: Recipe) -> None:
        from export import steps

        path = getattr(steps, name)(recipe, args.work, args.shards)
        print(f'wrote {path} and the weights beside it')

    return run


VERBS: dict[str, tuple[Callable[[argparse.Namespace, Recipe], None], str]] = {
    'prepare': (_prepare, 'MIDI files or Slakh2100 to labelled windows'),
    'render': (_render, 'windows to log-mel spectrograms'),
    'teach': (_step('teach'), 'AIC: train the audio teacher, cache its logits'),
    'student': (_step('student'), 'NIC: train the student on hard labels'),
    'distil': (_step('distil'), "KDIC: train the student on the teacher's logits"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m export', description=__doc__)
    verbs = parser.add_subparsers(dest='verb', required=True, metavar='VERB')
    for name, (_, text) in VERBS.items():
        verb = verbs.add_parser(name, help=text, description=text)
        verb.add_argument('--recipe', default='compact', help='a name in export/recipes or a .toml (default: compact)')
        verb.add_argument('--work', type=Path, default=Path('work'), help='working folder (default: work)')
        if name == 'prepare':
            verb.add_argument('--data', type=Path, help='folder of a MIDI collection with a manifest')
            verb.add_argument('--manifest', type=Path, help='its manifest (default: DATA/manifest.csv)')
            verb.add_argument('--collections', nargs='+', default=['pop', 'scores', 'lakh'])
            verb.add_argument('--slakh', type=Path, help='folder of Slakh2100-redux')
        if name in ('prepare', 'render'):
            verb.add_argument('--jobs', type=int, default=os.cpu_count(), help='processes (default: one per core)')
        if name != 'prepare':
            verb.add_argument('--shards', type=int, default=0, help='only the first N shards (default: all)')
    return parser


def main(argv: list[str] | None = None) -> None:
    """Run one verb."""
    args = _parser().parse_args(argv)
    VERBS[args.verb][0](args, load_recipe(args.recipe))
