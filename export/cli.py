"""The command line of ``python -m export``: one verb a module, found in the folders of the package.

A verb is a module of a folder that defines ``add_arguments(parser)`` and ``run(args)``. It is called as the module is,
with hyphens, and the first line of the module's docstring is its help. Only the verb that is asked for is imported.
"""

import argparse
import ast
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path

from export.recipe import RecipeError
from music21_kdic.errors import KdicError

FOLDERS = ('data', 'training', 'evaluation', 'release', 'studies')  # in the order in which a model is made


@dataclass(frozen=True)
class Verb:
    """A module that can be run.

    Attributes:
        module: its full name.
        help: the first line of its docstring.
    """

    module: str
    help: str


def find_verbs() -> dict[str, Verb]:
    """The verbs by name, folder by folder; nothing of theirs is imported."""
    verbs: dict[str, Verb] = {}
    package = Path(__file__).parent
    for folder in FOLDERS:
        for path in sorted([*(package / folder).glob('*.py'), *(package / folder).glob('*/__init__.py')]):
            tree = ast.parse(path.read_text(encoding='utf-8'))
            functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            if {'add_arguments', 'run'} <= functions:
                name = path.parent.name if path.stem == '__init__' else path.stem
                text = (ast.get_docstring(tree) or '').partition('\n')[0]
                verbs[name.replace('_', '-')] = Verb(f'export.{folder}.{name}', text)
    return verbs


def main(argv: list[str] | None = None) -> None:
    """Run one verb; what a user can mend (a path, a recipe, a model) ends with a sentence and exit status 1."""
    arguments = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog='python -m export', description='From a MIDI collection to a model.')
    added = parser.add_subparsers(dest='verb', required=True, metavar='VERB')
    for name, verb in find_verbs().items():
        of_verb = added.add_parser(name, help=verb.help, description=verb.help)
        if name in arguments[:1]:
            module = importlib.import_module(verb.module)
            module.add_arguments(of_verb)
            of_verb.set_defaults(run=module.run)
    args = parser.parse_args(arguments)
    try:
        args.run(args)
    except (RecipeError, KdicError, OSError, ValueError) as error:
        print(f'{args.verb}: {error}', file=sys.stderr)
        raise SystemExit(1) from error
