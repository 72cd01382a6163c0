"""Does the likeness fall as real parts are corrupted, and stay where nothing changes that a musician would hear?

A growing share of the notes gets random pitches of the part's register (``replaced``), exchanges its pitches
(``permuted``), begins at other times (``moved in time``), or goes an octave down (``octave down``); with
``onsets shuffled`` it exchanges its times. Beside them, moves that should not matter: the part begun later, or
transposed by up to two semitones.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from export.arguments import OF_SAMPLE, add_sample, settings_of
from export.data.changes import excerpt
from export.data.composition import Rng
from export.data.files import write_json
from export.data.noise import permuted, replaced
from export.data.real_parts import RealPart, real_parts
from export.data.sources import TESTED_SPLITS, manifest_files
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likeness import likeness
from music21_kdic.classes import CLASSES
from music21_kdic.features.number_names import SIXTEENTH
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence

SHARES = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
BARS, OCTAVE = 16, 12
BEAT = 1.0  # a quarter note: notes have no meter that could say what else a beat is
LEAST_NOTES = 16

Corruption = Callable[[NoteSequence, IntArray, Rng], NoteSequence]


def _changed(part: NoteSequence, onsets: FloatArray | None = None, pitches: IntArray | None = None) -> NoteSequence:
    begin = part.onsets if onsets is None else np.clip(onsets, part.bars[0], part.bars[-1] - SIXTEENTH)
    return NoteSequence(
        begin,
        begin + (part.ends - part.onsets),
        part.pitches if pitches is None else np.clip(pitches, 0, 127),
        part.bars,
    )


def moved_to_sixteenths(part: NoteSequence, some: IntArray, rng: Rng) -> NoteSequence:
    """Some notes begin up to sixteen sixteenths earlier or later."""
    onsets = part.onsets.copy()
    onsets[some] += SIXTEENTH * rng.integers(-16, 17, some.size)
    return _changed(part, onsets)


def octave_down(part: NoteSequence, some: IntArray, rng: Rng) -> NoteSequence:
    """Some notes go an octave down."""
    pitches = part.pitches.copy()
    pitches[some] -= OCTAVE
    return _changed(part, pitches=pitches)


def onsets_shuffled(part: NoteSequence, some: IntArray, rng: Rng) -> NoteSequence:
    """Some notes exchange their times, and keep their lengths and pitches."""
    onsets = part.onsets.copy()
    onsets[some] = rng.permutation(onsets[some])
    return _changed(part, onsets)


CORRUPTIONS: dict[str, Corruption] = {
    'replaced': replaced,
    'permuted': permuted,
    'moved in time': moved_to_sixteenths,
    'octave down': octave_down,
    'onsets shuffled': onsets_shuffled,
}


def _later(part: NoteSequence, by: float) -> NoteSequence:
    bars = np.append(part.bars, 2 * part.bars[-1] - part.bars[-2])
    return NoteSequence(part.onsets + by, part.ends + by, part.pitches, bars)


def a_bar_later(part: NoteSequence) -> NoteSequence:
    """The part begun later by its own first bar."""
    return _later(part, float(part.bars[1] - part.bars[0]))


def _transposed(by: int) -> Callable[[NoteSequence], NoteSequence]:
    return lambda part: _changed(part, pitches=part.pitches + by)


MOVES: dict[str, Callable[[NoteSequence], NoteSequence]] = {
    'a sixteenth later': lambda part: _later(part, SIXTEENTH),
    'a beat later': lambda part: _later(part, BEAT),
    'a bar later': a_bar_later,
    **{f'{by:+d} semitones': _transposed(by) for by in (-2, -1, 1, 2)},
}


def scores(model: Model, parts: Sequence[NoteSequence], labels: Sequence[int]) -> FloatArray:
    """How like its class each part is; 0 where it cannot be classified."""
    found: list[float] = []
    for first in range(0, len(parts), 256):
        answers = classify(parts[first : first + 256], model, each_window=False)
        found += [
            likeness(one, CLASSES[label], model.contract).score or 0.0
            for one, label in zip(answers, labels[first : first + 256], strict=True)
        ]
    return np.array(found)


def corruption_curves(model: Model, parts: Sequence[RealPart], seed: int) -> dict[str, Any]:
    """The mean score by share of corrupted notes, and Spearman's correlation of share and score of the median part."""
    rng = np.random.default_rng(seed)
    shortened = [(excerpt(part.notes, BARS), part.label) for part in parts]
    known = [(notes, label) for notes, label in shortened if notes is not None and len(notes) >= LEAST_NOTES]
    labels = [label for _, label in known]
    orders = [rng.permutation(len(notes)) for notes, _ in known]
    table: dict[str, Any] = {'parts': len(known), 'shares': list(SHARES)}
    for name, corrupt in CORRUPTIONS.items():
        curve = np.stack(
            [
                scores(
                    model,
                    [
                        corrupt(notes, order[: round(share * len(notes))], rng)
                        for (notes, _), order in zip(known, orders, strict=True)
                    ],
                    labels,
                )
                for share in SHARES
            ]
        )
        ranks = np.array([spearmanr(SHARES, one).statistic if np.ptp(one) else 0.0 for one in curve.T])
        mean = curve.mean(axis=1)
        table[name] = {
            'mean': _rounded(mean),
            'falls_at_every_step': bool((np.diff(mean) < 0).all()),
            'correlation': round(float(np.median(ranks)), 4),
            'by_class': {
                one: {
                    'mean': _rounded(curve[:, rows].mean(axis=1)),
                    'correlation': round(float(np.median(ranks[rows])), 4),
                }
                for index, one in enumerate(CLASSES)
                if (rows := np.flatnonzero(np.array(labels) == index)).size
            },
        }
    before = scores(model, [notes for notes, _ in known], labels)
    table['moves'] = {
        name: round(float(np.abs(scores(model, [move(notes) for notes, _ in known], labels) - before).mean()), 4)
        for name, move in MOVES.items()
    }
    return table


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), 4) for value in values]


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, how many parts, and the file to write."""
    add_sample(parser, 30)
    parser.add_argument('--out', type=Path, default=Path('corruption.json'), help='file to write')


def run(args: Namespace) -> None:
    """Write and print the table."""
    files = manifest_files(args.data, args.manifest, args.collections)
    parts = real_parts(files, TESTED_SPLITS, args.most, args.seed, windows=4)
    table = corruption_curves(load_model(args.model), parts, args.seed)
    write_json(args.out, {'settings': settings_of(args, *OF_SAMPLE), **table})
    print(table['parts'], 'parts, shares', *SHARES)
    for name in CORRUPTIONS:
        print(f'{name:16}', *table[name]['mean'], 'correlation', table[name]['correlation'])
    for name, change in table['moves'].items():
        print(f'{name:20}', change)
