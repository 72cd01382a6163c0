"""Parts whose label the assistants contest, and what the names of those parts say: how noisy are the labels?

A label is the class of the part's program. Assistants that have not learnt from a song (cross-fitting, as in Northcutt
et al. 2021) contest it where they are all but certain of another class. The name of a part is a witness that neither
the label nor the assistants have heard.
"""

from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tabulate import tabulate
from tqdm import tqdm

from export.arguments import EXPERIMENT, add_place, add_recipe, add_work, place_of
from export.data.files import write_json
from export.data.note_store import NoteStore, store_path
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS, NEVER_LEARNT
from export.data.views import AS_IT_IS, read_view
from export.recipe import Recipe, load_recipe
from export.training.opinions import TOGETHER, read_opinion
from export.training.train_assistants import opinion_path
from music21_kdic.classes import CLASSES
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.names import class_of_name

OUT = EXPERIMENT / 'kdic-5-label-noise.json'
CERTAIN = 0.9  # of another class
ASKED = 300  # parts of a collection whose names are looked at
EXAMPLES = 25  # of a collection, that are kept
SAID, LABEL, OTHER, NONE = 'the assistants', 'the label', 'neither', 'no class'


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``label-noise``."""
    add_recipe(parser)
    add_work(parser)
    parser.add_argument('--data', type=Path, required=True, help='folder of the collections')
    taught = tuple(name for name in COLLECTIONS if name != NEVER_LEARNT)
    parser.add_argument('--collections', nargs='+', default=taught, help='(default: all that are learnt from)')
    add_place(parser, '--out', OUT, 'JSON')


def run(args: Namespace) -> None:
    """Run ``label-noise``."""
    recipe = load_recipe(args.recipe)
    out = place_of('--out', args.out, OUT, recipe.name)
    found = label_noise(recipe, args.work, args.data, tuple(args.collections))
    write_json(out, found)
    keys = ('parts', 'contested', 'asked', SAID, LABEL, OTHER, NONE)
    rows = [[name, *(each[key] for key in keys)] for name, each in found.items()]
    print(tabulate(rows, ('collection', *keys)))
    print(f'wrote {out}')


def contested(said: npt.NDArray[np.floating], label: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where another class than the label is all but certain.

    >>> contested(np.array([[0.95, 0.05], [0.95, 0.05], [0.6, 0.4]]), np.array([1, 0, 1])).tolist()
    [True, False, False]
    """
    found: npt.NDArray[np.bool_] = (said.argmax(axis=1) != label) & (said.max(axis=1) >= CERTAIN)
    return found


def witness(name: str, said: str, label: str) -> str:
    """With whom the name of a part agrees.

    >>> [witness(name, said='Bass', label='Piano') for name in ('E-Bass', 'Klavier', 'Flute', 'Track 3')]
    ['the assistants', 'the label', 'neither', 'no class']
    """
    return {None: NONE, said: SAID, label: LABEL}.get(class_of_name(name), OTHER)


def label_noise(recipe: Recipe, work: Path, data: Path, collections: tuple[str, ...]) -> dict[str, Any]:
    """By collection: how many labelled training parts there are, how many are contested, and what names say of those.

    Raises:
        FileNotFoundError: where a table, a store or the assistants' answers are not there.
        ValueError: where a table was not made from its store.
    """
    opinion = read_opinion(opinion_path(recipe, work), f'train-assistants --recipe {recipe.name}')
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for name in collections:
        table = read_view(work, (name,), AS_IT_IS)
        store = NoteStore(store_path(work, name))
        _check_rows(name, table, store)
        table = table.select(table.training & ~table.doubled)
        said = opinion.of(table)[:, TOGETHER]
        rows = np.flatnonzero(contested(said, table.label))
        asked = rng.permutation(rows)[:ASKED]
        votes: Counter[str] = Counter(dict.fromkeys((SAID, LABEL, OTHER, NONE), 0))
        examples = []
        for row in tqdm(asked, desc=name, unit='part'):
            here = int(table.row[row])
            file = str(store.names[store.file_of[here]])
            part = read_midi(data / file)[int(store.part[here])]
            answer, label = CLASSES[said[row].argmax()], CLASSES[table.label[row]]
            vote = witness(part.name, answer, label)
            votes[vote] += 1
            examples.append([file, part.track, part.name, part.program, label, answer, vote])
        found[name] = {
            'parts': len(table),
            'contested': len(rows),
            'asked': len(asked),
            **votes,
            'examples': examples[:EXAMPLES],
        }
    return found


def _check_rows(name: str, table: PartTable, store: NoteStore) -> None:
    """The rows of a table are those of its store, unless the files were read again since."""
    if not np.array_equal(store.groups[store.file_of.take(table.row, mode='clip')], table.group):
        raise ValueError(f'{name}: its table of parts is not of its store of notes; make the views again')
