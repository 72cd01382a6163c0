"""Arguments that several verbs share, each added to a verb's parser by a function of its own."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

DOCS = Path(__file__).parent.parent / 'docs'
EXPERIMENT = DOCS / 'experiment'
SHIPPED_RECIPE = 'kdic-5'
RESULTS = EXPERIMENT / f'{SHIPPED_RECIPE}.json'


def add_recipe(parser: ArgumentParser, default: str = SHIPPED_RECIPE) -> None:
    """``--recipe``: a name in export/recipes, or a TOML file."""
    parser.add_argument('--recipe', default=default, help=f'a name in export/recipes or a .toml (default: {default})')


def add_place(parser: ArgumentParser, option: str, shipped: Path, what: str) -> None:
    """An option that names a path, for :func:`place_of`; ``shipped`` is that of the shipped model."""
    parser.add_argument(option, type=Path, help=f'{what} (default, of {SHIPPED_RECIPE} alone: {shipped})')


def place_of(option: str, given: Path | None, shipped: Path, recipe: str) -> Path:
    """The path that an option names; where it names none, that of the shipped model.

    Raises:
        ValueError: where it names none and the recipe is another than the shipped model's.

    >>> place_of('--out', None, Path('kdic-5.json'), 'trial')
    Traceback (most recent call last):
    ValueError: --out: wanted with the recipe trial; only kdic-5 has a default, kdic-5.json
    """
    if given is None and recipe != SHIPPED_RECIPE:
        raise ValueError(f'{option}: wanted with the recipe {recipe}; only {SHIPPED_RECIPE} has a default, {shipped}')
    return given or shipped


def add_work(parser: ArgumentParser) -> None:
    """``--work``: the working folder."""
    parser.add_argument('--work', type=Path, default=Path('work'), help='working folder (default: work)')


def add_shards(parser: ArgumentParser) -> None:
    """``--shards``: only the first so many; 0 is all."""
    parser.add_argument('--shards', type=int, default=0, help='only the first N shards (default: all)')


def add_jobs(parser: ArgumentParser) -> None:
    """``--jobs``: processes."""
    parser.add_argument('--jobs', type=int, default=os.cpu_count(), help='processes (default: one per core)')


def add_training(parser: ArgumentParser) -> None:
    """What every verb takes that reads a whole working folder: ``--recipe``, ``--work``, ``--shards``."""
    add_recipe(parser, default='parts-teacher')
    add_work(parser)
    add_shards(parser)


def add_preparation(parser: ArgumentParser, required: bool = True) -> None:
    """What every verb takes that reads a collection into a working folder; ``required``: whether it must be named."""
    add_recipe(parser, default='parts-teacher')
    add_work(parser)
    add_jobs(parser)
    add_collection(parser, required)


def add_collection(
    parser: ArgumentParser, required: bool = True, collections: tuple[str, ...] = ('pop', 'scores', 'lakh')
) -> None:
    """``--data``, ``--manifest``, ``--collections``: a MIDI collection, as export.data.sources reads it."""
    parser.add_argument('--data', type=Path, required=required, help='folder of a MIDI collection with a manifest')
    parser.add_argument('--manifest', type=Path, help='manifest (default: DATA/manifest.csv)')
    text = f'collections of the manifest (default: {" ".join(collections)})'
    parser.add_argument('--collections', nargs='+', default=collections, help=text)


def add_collections(parser: ArgumentParser, collections: tuple[str, ...]) -> None:
    """``--collections``: those of the working folder that are used; ``collections`` are all."""
    parser.add_argument('--collections', nargs='+', default=collections, help='(default: all)')


def add_model(parser: ArgumentParser) -> None:
    """``--model``: the folder of another model than the shipped one."""
    parser.add_argument('--model', type=Path, help='folder of the model (default: the shipped one)')


OF_SAMPLE = ('collections', 'most', 'seed')


def settings_of(args: Namespace, *names: str) -> dict[str, object]:
    """What is stored beside a measurement, that it can be made again: some options by name, as they were given."""
    return {name: getattr(args, name) for name in names}


def add_sample(parser: ArgumentParser, most: int) -> None:
    """What every verb takes that asks a model about real parts: a collection, ``--model``, ``--most``, ``--seed``."""
    add_collection(parser)
    add_model(parser)
    parser.add_argument('--most', type=int, default=most, help=f'parts a class, source and split (default: {most})')
    parser.add_argument('--seed', type=int, default=0, help='of all that is drawn (default: 0)')
