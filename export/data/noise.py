"""Notes written for no instrument: to be learnt from as such, and kinds that are only measured.

Drawn: random (any register from 5 keys to 88, low ones as often as others), walk, cluster, hiss and rows (only
measured). Made from real parts: pitches (the rhythm of a part, pitches drawn from a register), shuffled (a part's
notes, their pitches permuted over their onsets and moved by octaves), scattered (a part's pitches at random times).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from export.data.composition import Rng
from music21_kdic.features.classifiable import HIGHEST, LOWEST
from music21_kdic.reading.content import read_content
from music21_kdic.reading.midi import midi_start, parse_midi
from music21_kdic.reading.notes import DEFAULT_BAR, NoteSequence


def _bars(rng: Rng) -> np.ndarray:
    return DEFAULT_BAR * np.arange(int(rng.choice([2, 4, 4, 8, 8, 16, 32, 96])) + 1)


def _register(rng: Rng) -> tuple[int, int]:
    """Lowest pitch and how many keys, from one note's neighbours to the keyboard."""
    width = int(rng.choice([5, 7, 12, 16, 18, 24, 36, 48, 60, 88]))
    return int(rng.integers(LOWEST, HIGHEST - width + 2)), width


def random_part(rng: Rng) -> NoteSequence:
    """Notes without any order, 2 to 24 a bar, one at a time or not, on sixteenths, eighths, quarters or nowhere."""
    bars = _bars(rng)
    low, width = _register(rng)
    onsets = np.sort(rng.uniform(0.0, bars[-1], rng.integers(2, 25) * (bars.size - 1)))
    grid = float(rng.choice([0, 0, 0.25, 0.25, 0.5, 1.0]))
    if grid:
        onsets = np.floor(onsets / grid) * grid
        if rng.random() < 0.7:
            onsets = np.unique(onsets)
    lengths = rng.exponential(rng.choice([0.25, 0.5, 1.0, 2.0]), onsets.size) + 0.125
    how = rng.random()
    if how < 0.3:
        lengths = np.full(onsets.size, rng.choice([0.25, 0.5, 1.0]))
    ends = onsets + lengths
    if how > 0.6:  # one voice
        later = np.searchsorted(onsets, onsets, side='right')
        ends = np.append(onsets, bars[-1])[later]
    pitches = rng.integers(low, low + width, onsets.size)
    return NoteSequence(onsets, np.maximum(ends, onsets + 0.05), pitches, bars)


def cluster_part(rng: Rng) -> NoteSequence:
    """All pitches, or some 24 to 88 without a gap, struck together one to eight times a bar."""
    bars = _bars(rng)
    width = int(rng.choice([24, 36, 48, 60, 88, 128]))
    lowest = int(rng.integers(0, 128 - width + 1))
    step = DEFAULT_BAR / rng.choice([1, 2, 4, 8])
    onsets = np.repeat(np.arange(0.0, bars[-1], step), width)
    pitches = np.tile(np.arange(lowest, lowest + width), onsets.size // width)
    return NoteSequence(onsets, onsets + step * rng.choice([0.25, 0.5, 1.0]), pitches, bars)


def walk_part(rng: Rng) -> NoteSequence:
    """One voice, each note up to 3 to 12 semitones above or below the one before, in random note values."""
    bars = _bars(rng)
    lengths = rng.choice(rng.choice([0.25, 0.5, 1.0], rng.integers(1, 4)), int(4 * bars[-1]))
    onsets = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    within = onsets < bars[-1]
    onsets, lengths = onsets[within], lengths[within]
    most = int(rng.integers(3, 13))
    low, width = _register(rng)
    keys = max(width, 8)
    steps = np.cumsum(rng.integers(-most, most + 1, onsets.size)) + rng.integers(0, keys + 1)
    pitches = np.clip(low + np.abs((steps + keys) % (2 * keys) - keys), 0, 127)
    return NoteSequence(onsets, onsets + lengths, pitches, bars)


def hiss_part(rng: Rng) -> NoteSequence:
    """Every eighth note each pitch of a register of 12 to 48 keys sounds with a probability of 0.02 to 0.3."""
    bars = _bars(rng)
    width = int(rng.choice([12, 24, 48]))
    sounding = rng.random((int(2 * bars[-1]), width)) < rng.uniform(0.02, 0.3)
    eighths, pitches = np.nonzero(sounding)
    return NoteSequence(eighths / 2, eighths / 2 + 0.5, pitches + rng.integers(LOWEST, HIGHEST - width + 2), bars)


def rows_part(rng: Rng) -> NoteSequence:
    """Twelve-tone rows, one after the other, in eighth notes, over one to three octaves."""
    bars = _bars(rng)
    onsets = np.arange(0.0, bars[-1], 0.5)
    rows = np.concatenate([rng.permutation(12) for _ in range(-(-onsets.size // 12))])[: onsets.size]
    octaves = int(rng.integers(1, 4))
    pitches = rng.integers(LOWEST, HIGHEST - 12 * octaves + 2) + rows + 12 * rng.integers(0, octaves, onsets.size)
    return NoteSequence(onsets, onsets + 0.5, pitches, bars)


def drum_parts(path: str | Path) -> list[NoteSequence]:
    """The drum tracks of a MIDI file, each stroke the note that it would be on a melodic channel.

    Raises:
        UnreadableError, NoteError: as :func:`music21_kdic.reading.midi.read_midi`.
    """
    content = read_content(path)
    score: Any = symusic.Score.from_midi(content[max(0, midi_start(content)) :])
    score.tracks = [track for track in score.tracks if track.is_drum]
    for track in score.tracks:
        track.is_drum = False
    return [part.notes for part in parse_midi(score.dumps_midi(), path)]


def low_lines_part(rng: Rng) -> NoteSequence:
    """Random pitches between 28 and 43, one after the other, in quarters, eighths or random note values."""
    bars = _bars(rng)
    lengths = rng.choice([[1.0], [0.5], [0.25, 0.5, 1.0]][rng.integers(3)], int(4 * bars[-1]))
    onsets = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    within = onsets < bars[-1]
    return NoteSequence(onsets[within], (onsets + lengths)[within], rng.integers(28, 44, within.sum()), bars)


def drum_pattern_part(rng: Rng) -> NoteSequence:
    """A drum kit's pattern on a melodic channel: kick, snare, hats, toms and cymbals, the same bar over and over."""
    bars = _bars(rng)
    step = float(rng.choice([0.25, 0.5, 0.5]))
    steps = int(DEFAULT_BAR / step)
    beat = round(1 / step)
    struck: set[tuple[int, int]] = set()
    if rng.random() < 0.9:
        struck |= {(at, 36) for at in range(0, steps, 2 * beat)} | {
            (int(at), 36) for at in rng.integers(0, steps, rng.integers(0, 3))
        }
    if rng.random() < 0.9:
        struck |= {(at, int(rng.choice([38, 38, 40]))) for at in range(beat, steps, 2 * beat)}
    hat = int(rng.choice([42, 42, 44, 46, 51]))
    if rng.random() < 0.5 and len(struck) > 1:  # in the gaps only: one stroke at a time
        struck |= {
            (at, hat) for at in range(steps) if rng.random() < 0.8 and not any(at == there for there, _ in struck)
        }
    else:
        struck |= {(at, hat) for at in range(0, steps, int(rng.choice([1, 1, max(1, beat // 2), beat])))}
    if rng.random() < 0.3:
        struck |= {(int(at), int(rng.choice([41, 43, 45, 47, 48, 49, 50]))) for at in rng.integers(0, steps, 3)}
    onsets, pitches = (np.array(column) for column in zip(*sorted(struck), strict=True))
    count = bars.size - 1
    times = np.add.outer(DEFAULT_BAR * np.arange(count), onsets * step).ravel()
    length = float(rng.choice([0.1, step, step, step / 2, 1.0]))
    return NoteSequence(times, times + length, np.tile(pitches, count), bars)


def with_random_pitches(part: NoteSequence, rng: Rng) -> NoteSequence:
    """The rhythm of a part, its pitches drawn from a register."""
    low, width = _register(rng)
    return NoteSequence(part.onsets, part.ends, rng.integers(low, low + width, len(part)), part.bars)


def shuffled(part: NoteSequence, rng: Rng) -> NoteSequence:
    """A part's notes with their pitches permuted, each moved by an octave or two, up or down, or not."""
    pitches = rng.permutation(part.pitches) + 12 * rng.choice([-2, -1, -1, 0, 0, 1, 1, 2], len(part))
    return NoteSequence(part.onsets, part.ends, np.clip(pitches, 0, 127), part.bars)


def scattered(part: NoteSequence, rng: Rng) -> NoteSequence:
    """A part's pitches, permuted, at random times."""
    first, last = float(part.onsets[0]), float(part.bars[-1])
    onsets = rng.uniform(min(first, last - 4.0), last, len(part))
    return NoteSequence(
        onsets, onsets + rng.permutation(part.ends - part.onsets), rng.permutation(part.pitches), part.bars
    )


DRAWN: dict[str, Callable[[Rng], NoteSequence]] = {
    'random': random_part,
    'walk': walk_part,
    'cluster': cluster_part,
    'low lines': low_lines_part,
    'drum patterns': drum_pattern_part,
}
ONLY_MEASURED: dict[str, Callable[[Rng], NoteSequence]] = {'hiss': hiss_part, 'rows': rows_part}
MADE_FROM: dict[str, Callable[[NoteSequence, Rng], NoteSequence]] = {
    'random pitches': with_random_pitches,
    'shuffled': shuffled,
    'scattered': scattered,
}


def replaced(part: NoteSequence, some: np.ndarray, rng: Rng) -> NoteSequence:
    """Some notes get random pitches from the part's register."""
    pitches = part.pitches.copy()
    pitches[some] = rng.integers(pitches.min(), pitches.max() + 1, some.size)
    return NoteSequence(part.onsets, part.ends, pitches, part.bars)


def permuted(part: NoteSequence, some: np.ndarray, rng: Rng) -> NoteSequence:
    """Some notes exchange their pitches."""
    pitches = part.pitches.copy()
    pitches[some] = rng.permutation(pitches[some])
    return NoteSequence(part.onsets, part.ends, pitches, part.bars)


def displaced(part: NoteSequence, some: np.ndarray, rng: Rng) -> NoteSequence:
    """Some notes begin up to a bar earlier or later, on sixteenths or anywhere."""
    move = np.zeros(len(part))
    move[some] = rng.uniform(-DEFAULT_BAR, DEFAULT_BAR, some.size)
    if rng.random() < 0.5:
        move = np.round(move * 4) / 4
    move = np.maximum(move, -part.onsets + float(part.bars[0]))
    return NoteSequence(part.onsets + move, part.ends + move, part.pitches, part.bars)


CORRUPTIONS: dict[str, Callable[[NoteSequence, np.ndarray, Rng], NoteSequence]] = {
    'replaced': replaced,
    'permuted': permuted,
    'displaced': displaced,
}
