"""Exchange a part of a score for another piece's, of another class: does the model find the one that does not belong?

What ``audit`` looks for. Each part is asked about alone and together with its score. Beside how often the model finds
it stands how often chance would, and whom ``audit`` would accuse, were a part's class what its program claims.
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
from music21_kdic.answers.classify import are_unclear
from music21_kdic.classes import CLASSES
from music21_kdic.collection.audit import accuses, disagrees
from music21_kdic.model.contract import LEVELS
from music21_kdic.model.session import Model, NetworkAnswers, load_model
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.statuses import Status

COLLECTIONS = ('pop', 'scores', 'orchestra', 'lakh')
LEAST, MOST = 16, 5000  # notes of a part
SCORES, FEWEST_PARTS, MOST_PARTS = 120, 3, 25
AMONG = 3
BAR = 4.0  # quarter lengths


class Found(NamedTuple):
    """Of one score what becomes of the exchanged part, and of the others.

    Attributes:
        first: whether it fits its class the least of the labelled parts.
        among: whether it is among the AMONG that do.
        named: whether it is named as what it is.
        accused: whether ``audit`` would accuse it; together, either of its answers.
        first_by_chance, among_by_chance: the probability of ``first`` and ``among``, were the order drawn at random.
        others: how many labelled parts there are beside it.
        wrongly: how many of those ``audit`` would accuse.
    """

    first: bool
    among: bool
    named: bool
    accused: bool
    first_by_chance: float
    among_by_chance: float
    others: int
    wrongly: int


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
    """By level what was found of the scores that were tried.

    Returns:
        ``scores``: how many there were; the mean over scores of ``first``, ``first_by_chance``, ``among``,
        ``among_by_chance``, ``named`` and ``accused``, see Found; and ``accused_wrongly``: the share of the other
        labelled parts of all scores that ``audit`` would accuse.
    """
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
    return {level: _summed_up(each) for level, each in found.items() if each}


def _summed_up(found: list[Found]) -> dict[str, float]:
    means = dict(zip(Found._fields, np.mean(found, axis=0).tolist(), strict=True))
    wrongly = means.pop('wrongly') / means.pop('others')
    return {'scores': len(found)} | {
        name: round(each, 3) for name, each in (means | {'accused_wrongly': wrongly}).items()
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
    found, accused = {}, np.zeros(label.size, np.bool_)
    for level, answers in zip(LEVELS, model.answer_twice(numbers, context), strict=True):
        logs = answers.logs
        fits = np.where(label >= 0, logs[np.arange(label.size), np.maximum(label, 0)], 0.0)
        order = np.argsort(fits)
        accused = accused | _accused(model, answers, label)  # either answer accuses
        labelled = int((label >= 0).sum())
        found[level] = Found(
            first=bool(order[0] == at),
            among=bool(at in order[:AMONG]),
            named=bool(logs[at].argmax() == store.label[other]),
            accused=bool(accused[at]),
            first_by_chance=1 / labelled,
            among_by_chance=min(1.0, AMONG / labelled),
            others=labelled - 1,
            wrongly=int(accused.sum() - accused[at]),
        )
    return found


def _accused(model: Model, answers: NetworkAnswers, label: np.ndarray) -> np.ndarray:
    """Which parts an answer would accuse in ``audit``, at the threshold where none is given: shape (parts,)."""
    unclear = are_unclear(answers, model.contract)
    said, confidence = answers.logs.argmax(axis=1), np.exp(answers.logs.max(axis=1))
    return np.array(
        [
            accuses(Status.UNCLEAR if unclear[row] else Status.OK, float(confidence[row]))
            and disagrees(CLASSES[claimed] if claimed >= 0 else None, CLASSES[said[row]])
            for row, claimed in enumerate(label)
        ]
    )
