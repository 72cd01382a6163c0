"""How far a search can drive the likeness of notes that are no music of a class: adversarial noise.

A climb begins with random notes, with a part of another class, or with a corrupted part of the class, makes small
edits, and keeps what is more like the class. Where climbs end, no real part should be; and what they end in can be
learnt from as noise (``--out`` keeps the notes, for ``made-up --climbs``).
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.arguments import add_collection, add_model
from export.data.climb_ends import BAR, BARS, Notes, sequence, write_climb_ends
from export.data.files import write_json
from export.data.real_parts import RealPart, real_parts
from export.data.sources import manifest_files
from export.evaluation.planted import excerpt
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import likeness
from music21_kdic.classes import CLASSES
from music21_kdic.features.evidence import HIGHEST, LOWEST
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.notes import FloatArray, NoteSequence
from music21_kdic.statuses import CLASSIFIED

SIXTEENTH = 0.25
AT_ONCE = 30  # candidates a step
EDITS_AT_ONCE = 3  # at most
MOST_NOTES = 400
STARTS = ('random', 'other class', 'corrupted')

Rng = np.random.Generator


def _one(notes: Notes, rng: Rng) -> int:
    return int(rng.integers(len(notes)))


def _with(notes: Notes, row: int, column: int, value: float) -> Notes:
    changed = notes.copy()
    changed[row, column] = value
    return changed


def _bar(notes: Notes, rng: Rng) -> tuple[Any, float]:
    """The notes of a bar that has some, and where it begins."""
    start = BAR * (notes[_one(notes, rng), 0] // BAR)
    return (notes[:, 0] >= start) & (notes[:, 0] < start + BAR), start


def step(notes: Notes, rng: Rng) -> Notes:
    """A note up or down by as much as an octave."""
    row = _one(notes, rng)
    return _with(notes, row, 2, notes[row, 2] + rng.choice([-12, -7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7, 12]))


def move(notes: Notes, rng: Rng) -> Notes:
    """A note earlier or later by as much as a quarter length."""
    row = _one(notes, rng)
    return _with(notes, row, 0, notes[row, 0] + SIXTEENTH * rng.integers(-4, 5))


def length(notes: Notes, rng: Rng) -> Notes:
    """A note of another length."""
    return _with(notes, _one(notes, rng), 1, rng.choice([0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0]))


def leave_out(notes: Notes, rng: Rng) -> Notes:
    """One note less."""
    return np.delete(notes, _one(notes, rng), axis=0)


def add(notes: Notes, rng: Rng) -> Notes:
    """One note more, near another."""
    near = notes[_one(notes, rng)]
    onset = near[0] + SIXTEENTH * rng.integers(-4, 5)
    return np.vstack([notes, [onset, near[1], near[2] + rng.integers(-12, 13)]])


def swap(notes: Notes, rng: Rng) -> Notes:
    """Two notes exchange their pitches."""
    one, other = _one(notes, rng), _one(notes, rng)
    return _with(_with(notes, one, 2, notes[other, 2]), other, 2, notes[one, 2])


def transpose_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar up or down."""
    rows, _ = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 2] += rng.choice([-12, -7, -5, -2, -1, 1, 2, 5, 7, 12])
    return changed


def copy_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar in place of another."""
    rows, start = _bar(notes, rng)
    to = BAR * rng.integers(BARS)
    kept = notes[(notes[:, 0] < to) | (notes[:, 0] >= to + BAR)]
    return np.vstack([kept, notes[rows] + [to - start, 0, 0]])


def even_bar(notes: Notes, rng: Rng) -> Notes:
    """All notes of a bar of one length."""
    rows, _ = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 1] = rng.choice([0.25, 0.5, 1.0, 2.0])
    return changed


def transpose_all(notes: Notes, rng: Rng) -> Notes:
    """Everything up or down."""
    changed = notes.copy()
    changed[:, 2] += rng.choice([-12, -5, -1, 1, 5, 12])
    return changed


def reverse_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar backwards."""
    rows, start = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 0] = np.maximum(start, 2 * start + BAR - notes[rows, 0] - notes[rows, 1])
    return changed


def mirror_bar(notes: Notes, rng: Rng) -> Notes:
    """What rises in a bar falls, and what falls rises."""
    rows, _ = _bar(notes, rng)
    changed = notes.copy()
    changed[rows, 2] = notes[rows, 2].min() + notes[rows, 2].max() - notes[rows, 2]
    return changed


def sort_bar(notes: Notes, rng: Rng) -> Notes:
    """A bar whose pitches rise, or fall."""
    rows, _ = _bar(notes, rng)
    some, up = np.flatnonzero(rows), rng.choice([-1, 1])
    changed = notes.copy()
    changed[some[np.argsort(notes[some, 0], kind='stable')], 2] = np.sort(notes[some, 2])[::up]
    return changed


def thicken_bar(notes: Notes, rng: Rng) -> Notes:
    """Another note with each of a bar, a third, a fifth or an octave away, unless they become more than MOST_NOTES."""
    rows, _ = _bar(notes, rng)
    if len(notes) + rows.sum() > MOST_NOTES:
        return notes
    return np.vstack([notes, notes[rows] + [0, 0, rng.choice([-12, -7, -4, -3, 3, 4, 7, 12])]])


def into_scale(notes: Notes, rng: Rng) -> Notes:
    """Every note that is not of a major scale a semitone down."""
    changed = notes.copy()
    outside = ~np.isin((notes[:, 2] - rng.integers(12)) % 12, [0, 2, 4, 5, 7, 9, 11])
    changed[outside, 2] -= 1
    return changed


def all_longer(notes: Notes, rng: Rng) -> Notes:
    """All notes twice or half as long, a 32nd at least and two bars at most."""
    changed = notes.copy()
    changed[:, 1] = np.clip(notes[:, 1] * rng.choice([0.5, 2.0]), 0.125, 2 * BAR)
    return changed


EDITS: dict[str, tuple[Callable[[Notes, Rng], Notes], ...]] = {
    'notes': (step, move, length, leave_out, add),
    'passages': (swap, transpose_bar, copy_bar, even_bar, transpose_all),
}
EDITS['all'] = EDITS['notes'] + EDITS['passages']
# No climb that the shipped model has learnt from used these. What the latter make of random notes is no mere noise.
EDITS['others'] = (reverse_bar, mirror_bar, thicken_bar, all_longer)
EDITS['order'] = (sort_bar, into_scale)


def edited(notes: Notes, edits: Sequence[Callable[[Notes, Rng], Notes]], rng: Rng) -> Notes:
    """The notes after one to EDITS_AT_ONCE edits, within the bars and the piano's keyboard; never fewer than two."""
    for _ in range(rng.integers(1, EDITS_AT_ONCE + 1)):
        changed = edits[int(rng.integers(len(edits)))](notes, rng)
        inside = (changed[:, 0] >= 0) & (changed[:, 0] < BAR * BARS)
        inside &= (changed[:, 2] >= LOWEST) & (changed[:, 2] <= HIGHEST)
        if inside.sum() >= 2:
            notes = changed[inside]
    return notes


def climb(model: Model, start: Notes, label: int, evaluations: int, edits: str, rng: Rng) -> tuple[Notes, list[float]]:
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
    for _ in range(evaluations // AT_ONCE):
        candidates = [edited(now, EDITS[edits], rng) for _ in range(AT_ONCE)]
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
    edits: str,
    seed: int,
    starts: Sequence[str] = STARTS,
) -> tuple[dict[str, Any], list[tuple[Notes, int, str]]]:
    """Climb ``each`` times a class and start, and set where that ends beside real parts of the same length.

    Returns:
        A table, class by class and start by start; and where each climb ends: its notes, class and start.
    """
    rng = np.random.default_rng(seed)
    shortened = [(excerpt(part.notes, BARS), part.label) for part in parts]
    known = [(notes, label) for notes, label in shortened if notes is not None]
    ends: list[tuple[Notes, int, str]] = []
    table: dict[str, Any] = {}
    for label, name in enumerate(CLASSES):
        own = [notes for notes, of in known if of == label]
        others = [notes for notes, of in known if of != label]
        real = [one for one in classify(own, model) if one.status in CLASSIFIED]
        scores = scores_of(real, name, model)
        row: dict[str, Any] = {
            'real': {
                'parts': len(real),
                'lower_quarter': _rounded(np.quantile(scores, 0.25)),
                'median': _rounded(np.median(scores)),
                'sure': _rounded(np.mean([one.sure and one.best == name for one in real])),
            }
        }
        for start in starts:
            found = []
            for _ in range(each):
                if start == 'random':
                    notes = random_start(rng)
                elif start == 'corrupted':
                    notes = corrupted_start(own[int(rng.integers(len(own)))], rng)
                else:
                    notes = rows_of(others[int(rng.integers(len(others)))])
                end, trace = climb(model, notes, label, evaluations, edits, rng)
                ends.append((end, label, start))
                found.append((classify([sequence(end)], model)[0], trace))
            row[start] = _end_of(found, label, scores, model)
        table[name] = row
    return table, ends


def scores_of(answers: Sequence[InstrumentLikelihood], name: str, model: Model) -> FloatArray:
    """How like a class what was answered to is; 0 where it was not classified."""
    return np.array([likeness(one, name, model.contract).score or 0.0 for one in answers])


def _end_of(
    found: list[tuple[InstrumentLikelihood, list[float]]], label: int, real: FloatArray, model: Model
) -> dict[str, Any]:
    name = CLASSES[label]
    scores = scores_of([one for one, _ in found], name, model)
    return {
        'climbs': len(found),
        'from': _rounded(np.median([1 / (1 + np.exp(-trace[0])) for _, trace in found])),
        'to': _rounded(np.median(scores)),
        'highest': _rounded(scores.max()),
        'sure': sum(one.sure and one.best == name for one, _ in found),
        'named': sum(one.best == name for one, _ in found),
        'above_lower_quarter': int((scores > np.quantile(real, 0.25)).sum()),
        'above_median': int((scores > np.median(real)).sum()),
        'typicality': _rounded(np.median([one.typical[label] if one.typical.size else np.nan for one, _ in found])),
        'music': _rounded(np.median([one.music for one, _ in found])),
        'steps_that_rose': _rounded(np.mean([np.mean(np.diff(trace) > 0) for _, trace in found])),
    }


def _rounded(value: Any) -> float:
    return round(float(value), 4)


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, how many climbs and with which edits, and the files to write."""
    add_collection(parser)
    add_model(parser)
    parser.add_argument('--each', type=int, default=6, help='climbs a class and start (default: 6)')
    parser.add_argument('--evaluations', type=int, default=1500, help='candidates a climb (default: 1500)')
    parser.add_argument('--edits', choices=list(EDITS), default='all', help='which edits (default: all)')
    parser.add_argument('--starts', choices=STARTS, nargs='+', default=STARTS, help='(default: all)')
    parser.add_argument('--splits', nargs='+', default=['test', 'lakh'], help='of the parts (default: test lakh)')
    parser.add_argument('--seed', type=int, default=0, help='of everything that is drawn (default: 0)')
    parser.add_argument('--out', type=Path, default=Path('climb'), help='.json and .npz to write (default: climb)')


def run(args: Namespace) -> None:
    """Write and print the table; keep the notes."""
    parts = real_parts(
        manifest_files(args.data, args.manifest, args.collections), args.splits, 40, args.seed, windows=4
    )
    table, ends = climbs(load_model(args.model), parts, args.each, args.evaluations, args.edits, args.seed, args.starts)
    write_json(args.out.with_suffix('.json'), table)
    write_climb_ends(args.out.with_suffix('.npz'), ends)
    for name, row in table.items():
        print(name, row['real'])
        for start in args.starts:
            print('   ', start, row[start])
