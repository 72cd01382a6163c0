"""Plain music made by rule: bass lines; see :mod:`export.data.generators`."""

import numpy as np

from export.data.composition import Key, Rng, Writer, draw_bars
from music21_kdic.reading.notes import DEFAULT_BAR as BAR
from music21_kdic.reading.notes import NoteSequence


def walking_bass(rng: Rng) -> NoteSequence:
    """A bass walks in exact quarters: the root on the bar, then steps and chord tones towards the next."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    pitch = float(rng.integers(33, 45))
    for bar in range(bars):
        chord = key.triad(bar)
        for beat, degree in enumerate((chord[0], rng.choice(chord), chord[2], chord[0] + int(rng.choice([-1, 1, 3])))):
            pitch = min(max(key.near(int(degree), pitch), 28), 52)
            out.add(BAR * bar + beat, 1.0, int(pitch))
    return out.part(bars)


def root_bass(rng: Rng) -> NoteSequence:
    """A bass repeats roots in eighths, or roots and fifths in a rock pattern."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    pattern = [
        ((0.0, 0), (0.5, 0), (1, 0), (1.5, 0), (2, 0), (2.5, 0), (3, 0), (3.5, 0)),
        ((0, 0), (1.5, 0), (2, 4), (3.5, 4)),
        ((0, 0), (2, 4)),
        ((0, 0), (0.75, 0), (1.5, 7), (2, 0), (3, 4), (3.5, 2)),
    ][rng.integers(4)]
    for bar in range(bars):
        root = key.near(key.triad(bar)[0], 35)
        for (at, step), until in zip(pattern, [*(at for at, _ in pattern[1:]), BAR], strict=True):
            pitch = root + (0, 0, 4, 0, 7, 0, 0, 12)[step]
            out.add(BAR * bar + at, until - at, max(pitch, 28))
    return out.part(bars)


def scale_bass(rng: Rng) -> NoteSequence:
    """A bass runs up and down some tones of a scale or all semitones, in even quarters or eighths, without an end."""
    key, bars, out = Key(rng), draw_bars(rng), Writer()
    step, low, span = float(rng.choice([0.5, 1.0, 1.0])), int(rng.integers(28, 41)), int(rng.integers(4, 13))
    if rng.random() < 0.4:
        tones = list(range(low, low + span))
    else:
        first = key.from_pitch(low)
        tones = [key.degree(degree) for degree in range(first, first + max(4, span * 7 // 12))]
    wave = [*tones, *tones[-2:0:-1]] if rng.random() < 0.7 else tones[::-1]
    for number in range(int(bars * BAR / step)):
        out.add(number * step, step, wave[number % len(wave)])
    return out.part(bars)


def modulo_bass(rng: Rng) -> NoteSequence:
    """A program's bass line: ``low + k % n`` or an ostinato of a few tones, in exact quarters or eighths."""
    out, low, step = Writer(), int(rng.integers(30, 40)), float(rng.choice([0.5, 1.0]))
    bars = draw_bars(rng)
    tones = np.arange(rng.integers(5, 9)) if rng.random() < 0.5 else rng.choice([0, 3, 5, 7, 10, 12], 8)
    for number in range(int(bars * BAR / step)):
        out.add(number * step, step, low + int(tones[number % len(tones)]))
    return out.part(bars)
