"""Does the explanation find two measures of another instrument that were written into a part?"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.arguments import add_collection, add_model, settings_of
from export.data.changes import excerpt
from export.data.files import write_json
from export.data.real_parts import RealPart, real_parts
from export.data.sources import TESTED_SPLITS, manifest_files
from music21_kdic.answers.attribution import measure_evidence
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likeness import weights_of
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.statuses import CLASSIFIED

HOSTS = ('Guitar', 'Bass', 'Pipe')
MEASURES = 2
BARS = 16  # of a part that are used, from the first in which it plays: as many as the network reads at least
LOWERED = 0.05  # of the probability of the part's own class
LEAST_NOTES = 4  # of two measures, to be written into another part


def with_measures_of(
    host: NoteSequence, other: NoteSequence, rng: np.random.Generator
) -> tuple[NoteSequence, int] | None:
    """Write MEASURES measures of another part over some of a part's, and say which is the first; None: none fit."""
    length = np.diff(host.bars)
    for _ in range(20):
        place, there = (int(rng.integers(0, one.bars.size - MEASURES)) for one in (host, other))
        start, end = host.bars[place], host.bars[place + MEASURES]
        first, last = other.bars[there], other.bars[there + MEASURES]
        new = (other.onsets >= first) & (other.onsets < last)
        old = (host.onsets >= start) & (host.onsets < end)
        if last - first != end - start or length[place] != np.diff(other.bars)[there]:
            continue
        if min(new.sum(), old.sum()) < LEAST_NOTES:
            continue
        kept = ~old
        ends = np.minimum(host.ends[kept], np.where(host.onsets[kept] < start, start, np.inf))
        planted = NoteSequence(
            np.concatenate([host.onsets[kept], other.onsets[new] - first + start]),
            np.concatenate([ends, np.minimum(other.ends[new], last) - first + start]),
            np.concatenate([host.pitches[kept], other.pitches[new]]),
            host.bars,
        )
        return planted, place
    return None


def planted_measures(model: Model, parts: Sequence[RealPart], most: int, seed: int) -> dict[str, Any]:
    """Plant measures into ``most`` parts of HOSTS whose class is found, and look where the explanation puts them.

    Returns:
        For each class of host, for all, and for those whose probability the planting lowered by at least LOWERED:
        ``parts``; ``first``, the share in which a planted measure is the one that speaks most against the class;
        ``both``, in which the two that do are the planted ones.

    Raises:
        ValueError: where there are parts of one class alone.
    """
    rng = np.random.default_rng(seed)
    shortened = [(excerpt(part.notes, BARS), part.label) for part in parts]
    known = [(notes, label) for notes, label in shortened if notes is not None]
    labels = {label for _, label in known}
    if len(labels) == 1:
        raise ValueError(
            f'{CLASSES[labels.pop()]}: 0 parts of other classes to take measures of, wanted at least one of {BARS} '
            'bars: read more collections'
        )
    found: dict[str, list[tuple[bool, bool, float]]] = {name: [] for name in HOSTS}
    for place in rng.permutation(len(known)).tolist():
        host, label = known[place]
        name = CLASSES[label]
        if name not in HOSTS or len(found[name]) >= most // len(HOSTS):
            continue
        (answer,) = classify([host], model)
        if answer.best != name:
            continue
        before = answer[name]
        others = [notes for notes, other in known if other != label]
        planting = with_measures_of(host, others[int(rng.integers(len(others)))], rng)
        if planting is None:
            continue
        planted, where = planting
        (answer,) = classify([planted], model)
        if answer.status not in CLASSIFIED or answer.asked is None:
            continue
        evidence, _ = measure_evidence(answer.asked, weights_of(name))
        measures = [one for one in evidence if not np.isnan(one.evidence)]
        measures.sort(key=lambda one: one.evidence)
        named = [int(one.measure) - 1 for one in measures[:MEASURES]]
        those = set(range(where, where + MEASURES))
        found[name].append((named[0] in those, set(named) == those, before - answer[name]))
    table = {name: _rates(rows) for name, rows in found.items()}
    every = [row for rows in found.values() for row in rows]
    return table | {'all': _rates(every), 'lowered': _rates([row for row in every if row[2] >= LOWERED])}


def _rates(rows: list[tuple[bool, bool, float]]) -> dict[str, float]:
    first, both, _ = np.array(rows, dtype=float).mean(axis=0).tolist() if rows else (0.0, 0.0, 0.0)
    return {'parts': len(rows), 'first': round(first, 4), 'both': round(both, 4)}


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, how many parts, and the file to write."""
    add_collection(parser)
    add_model(parser)
    parser.add_argument('--parts', type=int, default=600, help='parts to plant measures in, at most (default: 600)')
    parser.add_argument('--seed', type=int, default=0, help='which parts and measures (default: 0)')
    parser.add_argument('--out', type=Path, default=Path('planted.json'), help='file to write (default: planted.json)')


def run(args: Namespace) -> None:
    """Write and print the table."""
    files = manifest_files(args.data, args.manifest, args.collections)
    parts = real_parts(files, TESTED_SPLITS, args.parts, args.seed, windows=4)
    table = planted_measures(load_model(args.model), parts, args.parts, args.seed)
    settings = settings_of(args, 'collections', 'parts', 'seed')
    write_json(args.out, {'settings': settings, 'seed': args.seed, 'found': table})
    for name, row in table.items():
        print(f'{name:8}', row)
