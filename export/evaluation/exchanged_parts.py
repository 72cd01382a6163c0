"""Exchange a part of a score for another piece's, of another class: does the model find the one that does not belong?

What ``audit`` looks for. Each part is asked about alone and together with its score.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from export.arguments import add_model, add_work
from export.data.files import write_json
from export.data.note_store import NoteStore, store_path
from export.data.sources import TESTED_SPLITS
from export.data.views import numbers_of
from music21_kdic.model.contract import LEVELS
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.notes import NoteSequence

COLLECTIONS = ('pop', 'scores', 'orchestra', 'lakh')
LEAST, MOST = 16, 5000  # notes of a part
SCORES, FEWEST_PARTS, MOST_PARTS = 120, 3, 25
AMONG = 3
BAR = 4.0  # quarter lengths


class Found(NamedTuple):
    """Of one score: whether the exchanged part fits its class the least, is among AMONG, and is named as what it is."""

    first: bool
    among: bool
    named: bool


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``exchanged-parts``."""
    add_work(parser)
    add_model(parser)
    parser.add_argument('--collections', nargs='+', default=COLLECTIONS, help=f'(default: {" ".join(COLLECTIONS)})')
    parser.add_argument('--out', type=Path, required=True, help='JSON')


def run(args: Namespace) -> None:
    """Run ``exchanged-parts``."""
    model = load_model(args.model)
    stores = {name: NoteStore(store_path(args.work, name)) for name in args.collections}
    write_json(args.out, {name: exchanged(model, store) for name, store in stores.items()})
    print(f'wrote {args.out}')


def exchanged(model: Model, store: NoteStore, scores: int = SCORES) -> dict[str, dict[str, float]]:
    """By level how many scores there were, and in which share of them the exchanged part was found; see Found."""
    rng = np.random.default_rng(4)
    usable = store.in_split(*TESTED_SPLITS) & ~store.drums & (store.count > LEAST) & (store.count < MOST)
    pool = np.flatnonzero(usable & (store.label >= 0))
    found: dict[str, list[Found]] = {level: [] for level in LEVELS}
    with tqdm(total=scores, desc='exchanged parts', unit='score') as bar:
        for file in rng.permutation(np.unique(store.file_of[pool])):
            of_score = _exchange_one(model, store, np.flatnonzero(usable & (store.file_of == file)), pool, rng)
            for level, each in of_score.items():
                found[level].append(each)
            bar.update(bool(of_score))
            if len(found[LEVELS[0]]) == scores:
                break
    return {
        level: {'scores': len(each), **dict(zip(Found._fields, np.mean(each, axis=0).round(3).tolist(), strict=True))}
        for level, each in found.items()
        if each
    }


def _exchange_one(
    model: Model, store: NoteStore, rows: np.ndarray, pool: np.ndarray, rng: np.random.Generator
) -> dict[str, Found]:
    """What is found in one score by level; nothing where it has too few or too many parts."""
    named = np.flatnonzero(store.label[rows] >= 0)
    if named.size < FEWEST_PARTS or rows.size > MOST_PARTS:
        return {}
    place = int(rng.choice(named))
    others = (store.label[pool] != store.label[rows[place]]) & (store.file_of[pool] != store.file_of[rows[0]])
    if not others.any():
        return {}
    other = int(rng.choice(pool[others]))
    parts = [store.notes(int(row)) for row in rows]
    new = store.notes(other)
    later = np.floor((parts[place].onsets[0] - new.onsets[0]) / BAR) * BAR
    parts[place] = NoteSequence(new.onsets + later, new.ends + later, new.pitches, new.bars + later)
    drums = bool(store.drums[store.file_of == store.file_of[rows[0]]].any())
    numbers, context, classified = numbers_of(parts, drums)
    if place not in classified or classified.size < FEWEST_PARTS:
        return {}
    label = store.label[rows[classified]]
    at = int(np.flatnonzero(classified == place)[0])
    found = {}
    for level, answers in zip(LEVELS, model.answer_twice(numbers, context), strict=True):
        logs = answers.logs
        fits = np.where(label >= 0, logs[np.arange(label.size), np.maximum(label, 0)], 0.0)
        order = np.argsort(fits)
        found[level] = Found(
            bool(order[0] == at), bool(at in order[:AMONG]), bool(logs[at].argmax() == store.label[other])
        )
    return found
