"""Ask the model about the corpus that ships with music21: how many parts are right, by class, composer and ensemble."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from export.arguments import add_model, add_work
from export.data.corpus import pieces
from export.data.files import write_json
from export.data.note_store import CORPUS_STORE, NoteStore, store_path
from export.data.views import numbers_of
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS
from music21_kdic.model.session import Model, load_model

STRINGS = CLASSES.index('Strings')
WINDS = [CLASSES.index(name) for name in ('Brass', 'Pipe', 'Reed')]
QUARTET = 4


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``corpus-tables``."""
    add_work(parser)
    add_model(parser)
    parser.add_argument('--out', type=Path, required=True, help='JSON')


def run(args: Namespace) -> None:
    """Run ``corpus-tables``."""
    write_json(args.out, corpus_tables(load_model(args.model), NoteStore(store_path(args.work, CORPUS_STORE))))
    print(f'wrote {args.out}')


def ensemble_of(label: np.ndarray) -> str:
    """What plays a piece, by the classes of its parts.

    >>> ensemble_of(np.array([3, 3, 3, 3])), ensemble_of(np.array([3, 6, 7])), ensemble_of(np.array([1]))
    ('string quartets', 'with winds', 'others')
    """
    if label.size == QUARTET and (label == STRINGS).all():
        return 'string quartets'
    return 'with winds' if np.isin(label, WINDS).sum() >= 2 else 'others'


def corpus_tables(model: Model, corpus: NoteStore) -> dict[str, dict[str, dict[str, float]]]:
    """By class, composer and ensemble: how many parts name an instrument, and the share that is right at each level.

    Decided under equal priors. A part that has no other beside it is asked about alone at both levels.
    """
    labels: list[np.ndarray] = []
    right: dict[str, list[np.ndarray]] = {level: [] for level in LEVELS}
    composers: list[str] = []
    ensembles: list[str] = []
    for piece, rows in tqdm(list(pieces(corpus)), desc='corpus', unit='piece'):
        numbers, context, classified = numbers_of([corpus.notes(int(row)) for row in rows], drums=False)
        if not classified.size:
            continue
        label = corpus.label[rows[classified]]
        labels.append(label)
        alone, together = model.answer_twice(numbers, context)
        for level, answers in zip(LEVELS, (alone, together if label.size > 1 else alone), strict=True):
            right[level].append(answers.logs.argmax(axis=1) == label)
        composers += [piece.partition('/')[0]] * label.size
        ensembles += [ensemble_of(label)] * label.size
    label = np.concatenate(labels)
    named = label >= 0
    kinds = {
        'all': {'all': named},
        'class': {name: label == each for each, name in enumerate(CLASSES)},
        'composer': {str(name): (np.array(composers) == name) & named for name in np.unique(composers)},
        'ensemble': {str(name): (np.array(ensembles) == name) & named for name in np.unique(ensembles)},
    }
    found = {level: np.concatenate(each) for level, each in right.items()}
    return {
        kind: {
            name: {
                'parts': int(rows.sum()),
                **{level: round(float(each[rows].mean()), 3) for level, each in found.items()},
            }
            for name, rows in of_kind.items()
            if rows.any()
        }
        for kind, of_kind in kinds.items()
    }
