"""What plain music made by rule is written with: a sheet for notes, a key with its chords, a melody."""

import numpy as np

from music21_kdic.reading.notes import DEFAULT_BAR as BAR
from music21_kdic.reading.notes import NoteSequence

Rng = np.random.Generator
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (1, 4, 0, 0), (0, 2, 3, 4), (0, 5, 1, 4))  # degrees


class Writer:
    """Notes as they are written."""

    def __init__(self) -> None:
        self.notes: list[tuple[float, float, int]] = []

    def add(self, onset: float, length: float, *pitches: int) -> None:
        """Write notes that begin and end together."""
        self.notes += [(onset, onset + length, int(pitch)) for pitch in pitches]

    def part(self, bars: int) -> NoteSequence:
        """What was written, in so many bars."""
        onsets, ends, pitches = (np.array(column) for column in zip(*self.notes, strict=True))
        return NoteSequence(onsets, ends, pitches, BAR * np.arange(bars + 1, dtype=np.float64))


class Key:
    """A scale on a tonic, and its degrees as pitches near a given one."""

    def __init__(self, rng: Rng) -> None:
        self.tonic, self.scale = int(rng.integers(12)), MAJOR if rng.random() < 0.6 else MINOR
        self.chords = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]

    def degree(self, degree: int) -> int:
        """The pitch of a degree, counted from the tonic in octave 0."""
        return self.tonic + 12 * (degree // 7) + self.scale[degree % 7]

    def near(self, degree: int, pitch: float) -> int:
        """The pitch of a degree in the octave in which it is nearest to another pitch."""
        at = self.degree(degree) % 12
        return int(at + 12 * round((pitch - at) / 12))

    def triad(self, bar: int) -> tuple[int, int, int]:
        """The degrees of a bar's chord."""
        root = self.chords[bar % 4]
        return root, root + 2, root + 4

    def from_pitch(self, pitch: int) -> int:
        """The degree that lies nearest to a pitch, counted from the tonic in octave 0."""
        return min(range(75), key=lambda degree: abs(self.degree(degree) - pitch))


def draw_bars(rng: Rng) -> int:
    """How many bars a part has."""
    return int(rng.choice([4, 8, 12, 16]))


def write_melody(
    rng: Rng,
    key: Key,
    out: Writer,
    bars: int,
    low: int,
    high: int,
    lengths: tuple[float, ...],
    rest: float,
    detached: float = 1.0,
) -> None:
    """A line by steps and some thirds within a register, phrases of four bars that end on a long note and a breath."""
    degree, lowest, highest = key.from_pitch((low + high) // 2), key.from_pitch(low), key.from_pitch(high)
    for phrase in range(0, bars, 4):
        at, end = BAR * phrase, BAR * min(phrase + 4, bars)
        while at < end - 2:
            length = min(float(rng.choice(lengths)), end - 2 - at)
            if rng.random() > rest:
                out.add(at, length * detached, key.degree(degree))
            at += length
            degree += int(
                rng.choice([-2, -1, -1, 1, 1, 2, 0, 4, -4], p=[0.1, 0.25, 0.15, 0.2, 0.15, 0.1, 0.03, 0.01, 0.01])
            )
            degree = min(max(degree, lowest), highest)
        out.add(at, 1.5, key.near(key.triad(phrase + 3)[0], key.degree(degree)))
