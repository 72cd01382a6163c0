"""Transformations of a part: into what its instrument would not play, and harmless ones.

Transposition by octaves, chords that no hands hold and notes out of order are the former; a whole tone, a shift by
whole bars or playing it all twice (HARMLESS) the latter.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from music21_kdic.features.windows import TOLERANCE
from music21_kdic.reading.notes import IntArray, NoteSequence

CHORD_TONES = 3  # that are struck together
SIXTEENTH = 0.25

Transform = Callable[[NoteSequence, np.random.Generator], NoteSequence]


def _with(notes: NoteSequence, onsets: Any = None, ends: Any = None, pitches: Any = None) -> NoteSequence:
    return NoteSequence(
        notes.onsets if onsets is None else onsets,
        notes.ends if ends is None else ends,
        notes.pitches if pitches is None else into_range(pitches),
        notes.bars,
    )


def into_range(pitches: IntArray) -> IntArray:
    """Pitches beyond MIDI's, brought in by octaves."""
    low = np.where(pitches < 0, pitches % 12, pitches)
    moved: IntArray = np.where(low > 127, 127 - (127 - low) % 12, low)
    return moved


def transposed(notes: NoteSequence, rng: np.random.Generator, semitones: int) -> NoteSequence:
    """The notes so many semitones higher (or, below 0, lower)."""
    return _with(notes, pitches=notes.pitches + semitones)


def tones(notes: NoteSequence) -> tuple[IntArray, IntArray]:
    """Of each note, its rank among those that are struck with it, the lowest 0, and how many they are."""
    # Notes are sorted by onset: a stroke begins where the last one is longer ago than a hair.
    stroke: IntArray = np.cumsum(np.diff(notes.onsets, prepend=notes.onsets[:1]) > TOLERANCE, dtype=np.int64)
    order = np.lexsort((notes.pitches, stroke))
    sizes = np.bincount(stroke)
    rank = np.empty_like(stroke)
    rank[order] = np.arange(stroke.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank, sizes[stroke]


def chords(notes: NoteSequence) -> float:
    """The share of strokes that are chords of at least CHORD_TONES tones."""
    rank, sizes = tones(notes)
    return float((sizes[rank == 0] >= CHORD_TONES).mean())


def opened(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Chords pulled apart: the lower half of the tones an octave down, the upper half an octave up."""
    rank, sizes = tones(notes)
    moved = np.where(rank < sizes // 2, -12, np.where(rank >= (sizes + 1) // 2, 12, 0))
    return _with(notes, pitches=notes.pitches + moved * (sizes >= 2))


def spread(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Each tone of a chord an octave further from the one below: more than an octave lies between any two."""
    rank, sizes = tones(notes)
    return _with(notes, pitches=notes.pitches + 12 * (rank - (sizes - 1) // 2))


def thickened(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Chords doubled two octaves down and two octaves up: nine tones and more over more than four octaves."""
    _, sizes = tones(notes)
    chord = sizes >= CHORD_TONES
    onsets, ends = (np.concatenate([times, times[chord], times[chord]]) for times in (notes.onsets, notes.ends))
    inner = notes.pitches[chord]
    return _with(notes, onsets, ends, np.concatenate([notes.pitches, inner - 24, inner + 24]))


def pitches_shuffled(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """The same rhythm, the same pitches, but any pitch anywhere in the part."""
    return _with(notes, pitches=rng.permutation(notes.pitches))


def onsets_shuffled(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Each note on any sixteenth of its bar, as long as before: the bar's pitches without its rhythm and its chords."""
    bar = np.clip(np.searchsorted(notes.bars, notes.onsets, side='right') - 1, 0, notes.bars.size - 2)
    sixteenths = np.maximum(1, np.round(np.diff(notes.bars)[bar] / SIXTEENTH))
    onsets = notes.bars[bar] + SIXTEENTH * np.floor(rng.random(bar.size) * sixteenths)
    return _with(notes, onsets, onsets + (notes.ends - notes.onsets))


def all_shuffled(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """Onsets shuffled, then pitches."""
    return pitches_shuffled(onsets_shuffled(notes, rng), rng)


def later(notes: NoteSequence, rng: np.random.Generator, bars: int) -> NoteSequence:
    """The part after some empty bars."""
    before = notes.bars[0] + (notes.bars[1] - notes.bars[0]) * np.arange(bars)
    step = bars * (notes.bars[1] - notes.bars[0])
    moved = np.concatenate([before, notes.bars + step])
    return NoteSequence(notes.onsets + step, notes.ends + step, notes.pitches, moved)


def repeated(notes: NoteSequence, rng: np.random.Generator) -> NoteSequence:
    """The part played twice."""
    step = notes.bars[-1] - notes.bars[0]
    onsets, ends = (np.concatenate([times, times + step]) for times in (notes.onsets, notes.ends))
    return NoteSequence(onsets, ends, np.tile(notes.pitches, 2), np.concatenate([notes.bars, notes.bars[1:] + step]))


OCTAVES: dict[str, Transform] = {
    'an octave down': partial(transposed, semitones=-12),
    'an octave up': partial(transposed, semitones=12),
}
CHORDS: dict[str, Transform] = {'chords opened': opened, 'chords spread': spread, 'chords thickened': thickened}
HARMLESS: dict[str, Transform] = {
    'a whole tone down': partial(transposed, semitones=-2),
    'a whole tone up': partial(transposed, semitones=2),
    'a bar later': partial(later, bars=1),
    'two bars later': partial(later, bars=2),
    'played twice': repeated,
}
TRANSFORMS: dict[str, Transform] = {
    **OCTAVES,
    'two octaves down': partial(transposed, semitones=-24),
    'two octaves up': partial(transposed, semitones=24),
    **CHORDS,
    'pitches shuffled': pitches_shuffled,
    'onsets shuffled': onsets_shuffled,
    'pitches and onsets shuffled': all_shuffled,
    **HARMLESS,
}
