"""How far a search can drive the likeness of notes that are no music of a class: adversarial noise.

A climb begins with random notes, with a part of another class, or with a corrupted part of the class, makes small
edits, and keeps what is more like the class. Where climbs end, no real part should be; and what they end in can be
learnt from as noise (``--out`` keeps the notes, for ``made-up --climbs-from-noise``).
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.arguments import add_collection, add_model, settings_of
from export.data.changes import excerpt
from export.data.climb_ends import BAR, BARS, RANDOM, ClimbEnd, Notes, sequence, write_climb_ends
from export.data.composition import Rng
from export.data.files import write_json
from export.data.real_parts import RealPart, real_parts
from export.data.sources import manifest_files
from export.evaluation.climb_edits import EDITS, LEARNT, edited
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import likeness
from music21_kdic.classes import CLASSES
from music21_kdic.features.classifiable import HIGHEST, LOWEST
from music21_kdic.features.number_names import SIXTEENTH
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.notes import FloatArray, NoteSequence
from music21_kdic.statuses import CLASSIFIED

AT_ONCE = 30  # candidates a step
STARTS = (RANDOM, 'other class', 'corrupted')


def climb(
    model: Model, start: Notes, label: int, evaluations: int, edits: Sequence[str], rng: Rng
) -> tuple[Notes, list[float]]:
    """Edit notes so that they become more like a class.

    Returns:
        Where it ends, and the log-odds at the start and after each step.
    """

    def odds(candidates: list[Notes]) -> list[float]:
        answers = classify([sequence(one) for one in candidates], model, each_window=False)
        found = [likeness(one, CLASSES[label], model.contract).log_odds for one in answers]
        return [-np.inf if one is None else one for one in found]

    now, best = start, odds([start])[0]
    trace = [best]
    chosen = [edit for name in edits for edit in EDITS[name]]
    for _ in range(evaluations // AT_ONCE):
        candidates = [edited(now, chosen, rng) for _ in range(AT_ONCE)]
        found = odds(candidates)
        place = int(np.argmax(found))
        if found[place] >= best:
            now, best = candidates[place], found[place]
        trace.append(best)
    return now, trace


def rows_of(part: NoteSequence) -> Notes:
    """Onset, length and pitch of each note of an excerpt, as if its bars were of 4/4."""
    inside = part.onsets < BAR * BARS
    return np.column_stack([part.onsets, part.ends - part.onsets, part.pitches])[inside]


def random_start(rng: Rng) -> Notes:
    """Random pitches of a random register at random sixteenths."""
    width = int(rng.choice([12, 16, 24, 36]))
    low = int(rng.integers(LOWEST, HIGHEST - width + 2))
    onsets = SIXTEENTH * np.sort(rng.choice(int(BAR * BARS / SIXTEENTH), rng.integers(24, 97), replace=False))
    lengths = rng.choice([0.25, 0.5, 1.0], onsets.size)
    return np.column_stack([onsets, lengths, rng.integers(low, low + width, onsets.size)])


def corrupted_start(part: NoteSequence, rng: Rng) -> Notes:
    """A part of which most notes got a pitch of its register, drawn at random, and half of them another sixteenth."""
    notes = rows_of(part)
    pitches, times = rng.random(len(notes)) < 0.7, rng.random(len(notes)) < 0.5
    notes[pitches, 2] = rng.integers(part.pitches.min(), part.pitches.max() + 1, pitches.sum())
    notes[times, 0] = SIXTEENTH * rng.integers(0, int(BAR * BARS / SIXTEENTH), times.sum())
    return notes


def climbs(
    model: Model,
    parts: Sequence[RealPart],
    each: int,
    evaluations: int,
    edits: Sequence[str],
    seed: int,
    starts: Sequence[str] = STARTS,
) -> tuple[dict[str, Any], list[ClimbEnd]]:
    """Climb ``each`` times a class and start, and set where that ends beside real parts of the same length.

    Climbs from random notes need no parts; where there are none, nothing is set beside them.

    Returns:
        A table, class by class and start by start; and where each climb ends.

    Raises:
        ValueError: where there is no part of so many bars to begin with, of a class or of the others.
    """
    rng = np.random.default_rng(seed)
    shortened = [(excerpt(part.notes, BARS), part) for part in parts]
    known = [(notes, part) for notes, part in shortened if notes is not None]
    _check_starts([part.label for _, part in known], starts)
    ends: list[ClimbEnd] = []
    table: dict[str, Any] = {}
    for label, name in enumerate(CLASSES):
        own = [(notes, part.split) for notes, part in known if part.label == label]
        others = [(notes, part.split) for notes, part in known if part.label != label]
        real = [one for one in classify([notes for notes, _ in own], model) if one.status in CLASSIFIED]
        scores = scores_of(real, name, model)
        row: dict[str, Any] = {'real': {'parts': len(real)}}
        if real:
            row['real'] |= {
                'lower_quarter': _rounded(np.quantile(scores, 0.25)),
                'median': _rounded(np.median(scores)),
                'sure': _rounded(np.mean([one.sure and one.best == name for one in real])),
            }
        for start in starts:
            found = []
            for _ in range(each):
                split = ''
                if start == RANDOM:
                    notes = random_start(rng)
                elif start == 'corrupted':
                    whole, split = own[int(rng.integers(len(own)))]
                    notes = corrupted_start(whole, rng)
                else:
                    whole, split = others[int(rng.integers(len(others)))]
                    notes = rows_of(whole)
                end, trace = climb(model, notes, label, evaluations, edits, rng)
                ends.append(ClimbEnd(end, label, start, split))
                found.append((classify([sequence(end)], model)[0], trace))
            row[start] = _end_of(found, label, scores, model)
        table[name] = row
    return table, ends


def _check_starts(labels: Sequence[int], starts: Sequence[str]) -> None:
    """Whether there is something to begin every climb with, before hours of climbs of other classes."""
    for label, name in enumerate(CLASSES):
        own = labels.count(label)
        for start, parts, found in (
            ('corrupted', 'the class', own),
            ('other class', 'other classes', len(labels) - own),
        ):
            if start in starts and not found:
                raise ValueError(
                    f'{name}, start {start}: 0 parts of {parts}, wanted at least one of {BARS} bars: read more '
                    'collections or splits, or choose other --starts'
                )


def scores_of(answers: Sequence[InstrumentLikelihood], name: str, model: Model) -> FloatArray:
    """How like a class what was answered to is; 0 where it was not classified."""
    return np.array([likeness(one, name, model.contract).score or 0.0 for one in answers])


def _end_of(
    found: list[tuple[InstrumentLikelihood, list[float]]], label: int, real: FloatArray, model: Model
) -> dict[str, Any]:
    name = CLASSES[label]
    scores = scores_of([one for one, _ in found], name, model)
    beside = {
        'above_lower_quarter': int((scores > np.quantile(real, 0.25)).sum()),
        'above_median': int((scores > np.median(real)).sum()),
    } if real.size else {}  # fmt: skip
    return beside | {
        'climbs': len(found),
        'from': _rounded(np.median([1 / (1 + np.exp(-trace[0])) for _, trace in found])),
        'to': _rounded(np.median(scores)),
        'highest': _rounded(scores.max()),
        'sure': sum(one.sure and one.best == name for one, _ in found),
        'named': sum(one.best == name for one, _ in found),
        'typicality': _rounded(np.median([one.typical[label] if one.typical.size else np.nan for one, _ in found])),
        'music': _rounded(np.median([one.music for one, _ in found])),
        'steps_that_rose': _rounded(np.mean([np.mean(np.diff(trace) > 0) for _, trace in found])),
    }


def _rounded(value: Any) -> float:
    return round(float(value), 4)


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, how many climbs and with which edits, and the files to write."""
    add_collection(parser, required=False)
    add_model(parser)
    parser.add_argument('--each', type=int, default=6, help='climbs a class and start (default: 6)')
    parser.add_argument('--evaluations', type=int, default=1500, help='candidates a climb (default: 1500)')
    text = f'sets of edits (default: {", ".join(LEARNT)})'
    parser.add_argument('--edits', choices=list(EDITS), nargs='+', default=LEARNT, help=text)
    parser.add_argument('--starts', choices=STARTS, nargs='+', default=STARTS, help='(default: all)')
    text = 'of the parts (default: train; where parts of others were begun with, `made-up` takes no ends)'
    parser.add_argument('--splits', nargs='+', default=['train'], help=text)
    parser.add_argument('--seed', type=int, default=0, help='of everything that is drawn (default: 0)')
    parser.add_argument('--out', type=Path, default=Path('climb'), help='.json and .npz to write (default: climb)')


def run(args: Namespace) -> None:
    """Write and print the table; keep the notes."""
    parts: list[RealPart] = []
    if args.data:
        files = manifest_files(args.data, args.manifest, args.collections)
        parts = real_parts(files, args.splits, 40, args.seed, windows=4)
    elif set(args.starts) != {RANDOM}:
        raise ValueError('climbs that begin with parts need some: give --data FOLDER, or --starts random')
    table, ends = climbs(load_model(args.model), parts, args.each, args.evaluations, args.edits, args.seed, args.starts)
    settings = settings_of(args, 'collections', 'splits', 'edits', 'starts', 'each', 'evaluations', 'seed')
    write_json(args.out.with_suffix('.json'), {'settings': settings, 'classes': table})
    write_climb_ends(args.out.with_suffix('.npz'), ends)
    for name, row in table.items():
        print(name, row['real'])
        for start in args.starts:
            print('   ', start, row[start])
