"""What a musician would say of a part: some named features, for explanations. No network reads them.

Pitches, lengths, silence and chords are of all its notes. A chord is here what begins within CHORD of its first note,
so that a fast run is none; in the numbers that networks read it is what begins within CHORD of the note before. The
others are made from those numbers of all windows of a part (:mod:`~music21_kdic.features.number_names`), which see for
how voices are told apart: the mean over the windows, each of which counts by its notes or by its time.
"""

from dataclasses import dataclass

import numpy as np

from music21_kdic.features.number_names import CHORD, EXACT, WINDOW_NUMBERS
from music21_kdic.features.rows import in_ticks
from music21_kdic.features.window_numbers import window_numbers
from music21_kdic.features.windows import Windows
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence


@dataclass(frozen=True)
class MusicalFeature:
    """A feature that has a name.

    Attributes:
        name: for people.
        unit: of its values.
        more, less: how what has more, or less, of it than others is called.
    """

    name: str
    unit: str
    more: str = 'more'
    less: str = 'less'


# What is shorter, or at least so long, in quarter lengths; between an eighth or a half and what is played of one.
_SHORT, _LONG = 0.45, 1.9
# Of the time until the next chord: what is shorter is detached, what is at least so long overlaps it.
_DETACHED, _OVERLAP = 0.6, 1.001
MUSICAL_FEATURES: tuple[MusicalFeature, ...] = (
    *(MusicalFeature(f'{name} pitch', 'MIDI pitch', 'higher', 'lower') for name in ('lowest', 'median', 'highest')),
    MusicalFeature('notes shorter than an eighth', 'share'),
    MusicalFeature('notes of a half and longer', 'share'),
    MusicalFeature('silence', 'share'),
    MusicalFeature('repeated top notes', 'share'),
    MusicalFeature('steps', 'share'),
    MusicalFeature('thirds', 'share'),
    MusicalFeature('leaps', 'share'),
    MusicalFeature('detached notes', 'share'),
    MusicalFeature('notes that overlap the next', 'share'),
    MusicalFeature('spread of chords', 'quarter lengths'),
    MusicalFeature('notes on the sixteenth grid', 'share'),
    MusicalFeature('notes at once', 'count', 'more', 'fewer'),
    MusicalFeature('notes a quarter', 'count', 'more', 'fewer'),
    MusicalFeature('different pitches in two bars', 'count', 'more', 'fewer'),
    MusicalFeature('notes in the largest chord', 'count', 'more', 'fewer'),
    MusicalFeature('widest chord', 'semitones', 'wider', 'narrower'),
)
# Of each that is a mean over windows, which count by their notes or by their time: the columns that are added up.
_BY_NOTES = {
    'repeated top notes': ('highest voice, repeated',),
    'steps': ('highest voice, 1 semitone', 'highest voice, 2 semitones'),
    'thirds': ('highest voice, 3 semitones', 'highest voice, 4 semitones'),
    'leaps': tuple(
        f'highest voice, {size}'
        for size in ('5 semitones', 'a fifth', 'an octave', 'more than an octave', 'a sixth, seventh or tritone')
    ),
    'notes on the sixteenth grid': ('begins on a multiple of 1/4',),
}
_BY_TIME = {
    'notes at once': ('sounding at once, mean',),
    'notes a quarter': ('notes a quarter',),
    'different pitches in two bars': ('different pitches',),
}
_BY_WINDOWS = _BY_NOTES | _BY_TIME
_SUMS = np.array([[name in names for names in _BY_WINDOWS.values()] for name, _ in WINDOW_NUMBERS], dtype=np.float64)


def musical_features(part: NoteSequence, windows: Windows) -> FloatArray:
    """The values of MUSICAL_FEATURES of a part with at least one window.

    Args:
        part: its notes.
        windows: all of its windows, see :func:`~music21_kdic.features.windows.cut_windows`.

    Returns:
        Shape (features,).

    >>> from music21_kdic.features.windows import cut_windows
    >>> scale = NoteSequence(range(8), range(1, 9), [60, 62, 64, 65, 67, 69, 71, 72], [0, 4, 8])
    >>> values = musical_features(scale, cut_windows(scale))
    >>> {f.name: round(float(v), 3) for f, v in zip(MUSICAL_FEATURES, values)}['steps']
    1.0
    """
    numbers = window_numbers(windows).astype(np.float64)
    notes = np.bincount(windows.window, minlength=len(windows))
    weights = np.stack([notes] * len(_BY_NOTES) + [windows.ends - windows.starts] * len(_BY_TIME), axis=1)
    pitches, lengths = np.sort(part.pitches), part.ends - part.onsets
    by_windows = np.average(numbers @ _SUMS, axis=0, weights=weights)
    values = {
        'lowest pitch': pitches[0],
        'median pitch': np.median(pitches),
        'highest pitch': pitches[-1],
        'notes shorter than an eighth': np.mean(lengths < _SHORT),
        'notes of a half and longer': np.mean(lengths >= _LONG),
        'silence': _silence(part, windows),
        **dict(zip(_BY_WINDOWS, by_windows, strict=True)),
        **_of_chords(part),
    }
    return np.array([values[feature.name] for feature in MUSICAL_FEATURES], dtype=np.float64)


def first_of_chords(part: NoteSequence) -> IntArray:
    """Which notes open a chord; what begins no later than CHORD after such a note belongs to its chord.

    Returns:
        Their rows, rising, shape (chords,).

    >>> first_of_chords(NoteSequence([0, 0.06, 0.12, 1, 1], [2] * 5, [60, 62, 64, 60, 64], [0, 4])).tolist()
    [0, 2, 3]
    """
    onsets = in_ticks(part.onsets)
    following = onsets.searchsorted(onsets + CHORD, side='right').tolist()
    rows, row = [], 0
    while row < len(part):
        rows.append(row)
        row = following[row]
    return np.array(rows, np.int64)


def _of_chords(part: NoteSequence) -> dict[str, float]:
    """The features that tell of chords, and of the time from one to the next."""
    onsets, ends = in_ticks(part.onsets), in_ticks(part.ends)
    first = first_of_chords(part)
    sizes = np.diff(first, append=len(part))
    chord = np.repeat(np.arange(first.size), sizes)
    until = np.diff(onsets[first])  # of each chord, to the next one; the last has none
    followed = chord < until.size
    share = np.maximum(ends - onsets, EXACT)[followed] / until[chord[followed]]
    gaps = np.diff(onsets)[chord[1:] == chord[:-1]]
    spread = gaps[gaps > 0]
    spans = np.maximum.reduceat(part.pitches, first) - np.minimum.reduceat(part.pitches, first)
    return {
        'detached notes': float(np.mean(share < _DETACHED)) if share.size else 0.0,
        'notes that overlap the next': float(np.mean(share >= _OVERLAP)) if share.size else 0.0,
        'spread of chords': float(spread.mean()) if spread.size else 0.0,
        'notes in the largest chord': float(sizes.max()),
        'widest chord': float(spans.max()),
    }


def _silence(part: NoteSequence, windows: Windows) -> float:
    """The share of the time in which nothing sounds, from the first window's first bar to the last one's last."""
    start, end = windows.starts[0], windows.ends[-1]
    begins = np.append(np.clip(part.onsets, start, end), end)
    until = np.maximum.accumulate(np.append(start, np.clip(part.ends, start, end)))
    return float(np.maximum(begins - until, 0).sum() / (end - start))
