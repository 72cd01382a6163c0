"""Files as they might be: changes that leave the instrument of every part what it is.

All parts of a file are changed alike: transposed by up to two semitones, their barlines moved, timed as a score
would have it, as played, or late and short, cut to a few windows; some parts missing, one at times another
piece's; one hand of a keyboard part.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from export.data.composition import Rng
from music21_kdic.classes import CLASSES
from music21_kdic.features.number_names import SIXTEENTH
from music21_kdic.reading.notes import NoteSequence

EARLY = 0.05  # quarter lengths: what begins so little before a barline belongs to the bar after it
KEYBOARDS = (CLASSES.index('Piano'), CLASSES.index('Organ'))


@dataclass(frozen=True, eq=False)
class PartOf:
    """A part to be changed: its notes, the row that it is from, and its class (-1: none)."""

    notes: NoteSequence
    row: int
    label: int


def changed(parts: list[PartOf], before: list[PartOf] | None, name: str, view: int) -> list[PartOf]:
    """Change a file.

    Args:
        parts: of the file, which share their bars.
        before: those of the file before it in the collection, one of which may stand in; None: no part is left out
            or put in.
        name: of the file, with ``view`` the seed of what is drawn.
        view: which changed view of the file.
    """
    rng = np.random.default_rng([view, zlib.crc32(name.encode())])
    bars = parts[0].notes.bars
    if before is not None and len(parts) > 2 and rng.random() < 0.3:
        parts = [parts[i] for i in np.sort(rng.permutation(len(parts))[: rng.integers(2, len(parts))])]
    if before and len(parts) > 1 and rng.random() < 0.2:
        place, other = int(rng.integers(len(parts))), before[rng.integers(len(before))]
        if len(other.notes) and len(parts[place].notes):
            later = np.floor((parts[place].notes.onsets[0] - other.notes.onsets[0]) / 4) * 4
            parts = [*parts]
            parts[place] = PartOf(
                _at(other.notes, other.notes.onsets + later, other.notes.ends + later), other.row, other.label
            )
    transposed = int(rng.choice([-2, -1, 1, 2])) if rng.random() < 0.3 else 0
    moved = float(rng.choice([SIXTEENTH, 0.5, 1, 2, 3, -SIXTEENTH])) if rng.random() < 0.3 else 0.0
    timing = rng.random()
    windows = int(rng.choice([0, 0, 1, 2, 4, 8, 16]))
    if windows and bars.size > 3:
        first = int(rng.integers(0, max(1, bars.size - 2 * windows)))
        bars = bars[first : first + 2 * windows + 1]
    lines = np.append(bars, 2 * bars[-1] - bars[-2]) if moved and bars.size > 1 else bars
    result = []
    for part in parts:
        notes = part.notes if not windows else _within(part.notes, bars)
        notes = _timed(_at(notes, notes.onsets, notes.ends, np.clip(notes.pitches + transposed, 0, 127)), timing, rng)
        if part.label in KEYBOARDS and rng.random() < 0.25:
            notes = _one_hand(notes, rng)
        result.append(PartOf(_at(notes, notes.onsets + moved, notes.ends + moved, bars=lines), part.row, part.label))
    return result


def begun(notes: NoteSequence, bars: int) -> NoteSequence | None:
    """The first bars of a part, from that of its first note; None where it has no more than so many."""
    first = max(0, int(np.searchsorted(notes.bars, notes.onsets[0] + EARLY, side='right')) - 1)
    if notes.bars.size - first <= bars + 1:
        return None
    return _within(notes, notes.bars[first : first + bars + 1], early=0.0, past=0.0)


def excerpt(part: NoteSequence, bars: int) -> NoteSequence | None:
    """So many bars of a part, from the first in which a note begins; None where there are fewer."""
    if not len(part):
        return None
    first = max(0, int(np.searchsorted(part.bars, part.onsets[0] + 1e-6, side='right')) - 1)
    lines = part.bars[first : first + bars + 1]
    if lines.size <= bars:
        return None
    inside = (part.onsets >= lines[0]) & (part.onsets < lines[-1])
    ends = np.minimum(part.ends[inside], lines[-1])
    return NoteSequence(part.onsets[inside] - lines[0], ends - lines[0], part.pitches[inside], lines - lines[0])


def some_bars(notes: NoteSequence, bars: int, rng: Rng) -> NoteSequence:
    """So many bars of a part, from one in which a note begins; all that there are where they are fewer."""
    start = notes.onsets[int(rng.integers(len(notes)))]
    first = int(np.searchsorted(notes.bars, start + EARLY, side='right')) - 1
    first = max(0, min(first, notes.bars.size - 1 - bars))
    return _within(notes, notes.bars[first : first + bars + 1])


def _at(
    notes: NoteSequence,
    onsets: npt.NDArray[np.float64],
    ends: npt.NDArray[np.float64],
    pitches: npt.NDArray[np.int64] | None = None,
    bars: npt.NDArray[np.float64] | None = None,
) -> NoteSequence:
    """The same part with other times, pitches or bars; no note shorter than 0.01."""
    return NoteSequence(
        onsets,
        np.maximum(ends, onsets + 0.01),
        notes.pitches if pitches is None else pitches,
        notes.bars if bars is None else bars,
    )


def _within(
    notes: NoteSequence, bars: npt.NDArray[np.float64], early: float = EARLY, past: float = 1.0
) -> NoteSequence:
    """What begins in some bars, and sounds on for ``past`` beyond them at most."""
    inside = (notes.onsets >= bars[0] - early) & (notes.onsets < bars[-1] - early)
    return NoteSequence(
        notes.onsets[inside], np.minimum(notes.ends, bars[-1] + past)[inside], notes.pitches[inside], bars
    )


def _timed(notes: NoteSequence, drawn: float, rng: Rng) -> NoteSequence:
    """As a score has it (a quarter of them), as played, late and short (a tenth each), or as it is."""
    onsets, ends = notes.onsets, notes.ends
    if drawn < 0.25:
        onsets = np.round(onsets / SIXTEENTH) * SIXTEENTH
        ends = onsets + SIXTEENTH * np.maximum(np.ceil((notes.ends - notes.onsets) / SIXTEENTH - 0.3), 1)
    elif drawn < 0.35:
        apart = rng.normal(0, 0.02, onsets.size)
        onsets, ends = onsets + apart, ends + apart + rng.normal(0, 0.02, onsets.size)
    elif drawn < 0.45:
        onsets = onsets + rng.uniform(0, 0.04)
        ends = ends - rng.uniform(0, 0.1) * (ends - onsets)
    return _at(notes, onsets, ends)


def _one_hand(notes: NoteSequence, rng: Rng) -> NoteSequence:
    """The upper or the lower half, by the median pitch, where both have enough to say."""
    if len(notes) <= 8:
        return notes
    upper = notes.pitches >= np.median(notes.pitches)
    hand = upper if rng.random() < 0.5 else ~upper
    if hand.sum() <= 4:
        return notes
    return NoteSequence(notes.onsets[hand], notes.ends[hand], notes.pitches[hand], notes.bars)
