"""What a musician would say of a part: some named features, for explanations. No network reads them.

Pitches, lengths and silence are of all its notes. The others are made from the numbers of all windows of a part
(:mod:`~music21_kdic.features.number_names`), which see for how chords and voices are told apart: the mean over the
windows, each of which counts by its notes or by its time, or the most.
"""

from dataclasses import dataclass

import numpy as np

from music21_kdic.features.number_names import LEGATO, WINDOW_NUMBERS, bin_names
from music21_kdic.features.window_numbers import window_numbers
from music21_kdic.features.windows import Windows
from music21_kdic.reading.notes import FloatArray, NoteSequence

_COLUMN = {name: column for column, (name, _) in enumerate(WINDOW_NUMBERS)}


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
_LENGTH_TO_NEXT = tuple(zip(bin_names(LEGATO, 'length to next chord'), [0.0, *LEGATO], strict=True))
_OF_ALL_NOTES = (
    *(MusicalFeature(f'{name} pitch', 'MIDI pitch', 'higher', 'lower') for name in ('lowest', 'median', 'highest')),
    MusicalFeature('notes shorter than an eighth', 'share'),
    MusicalFeature('notes of a half and longer', 'share'),
    MusicalFeature('silence', 'share'),
)
# Of each that is a mean over windows, or the most of them: the columns that are added up.
_BY_NOTES: tuple[tuple[MusicalFeature, tuple[str, ...]], ...] = (
    (MusicalFeature('repeated top notes', 'share'), ('highest voice, repeated',)),
    (MusicalFeature('steps', 'share'), ('highest voice, 1 semitone', 'highest voice, 2 semitones')),
    (MusicalFeature('thirds', 'share'), ('highest voice, 3 semitones', 'highest voice, 4 semitones')),
    (
        MusicalFeature('leaps', 'share'),
        tuple(
            f'highest voice, {size}'
            for size in ('5 semitones', 'a fifth', 'an octave', 'more than an octave', 'a sixth, seventh or tritone')
        ),
    ),
    (MusicalFeature('detached notes', 'share'), tuple(name for name, edge in _LENGTH_TO_NEXT if edge < 0.6)),
    (MusicalFeature('notes that overlap the next', 'share'), tuple(n for n, edge in _LENGTH_TO_NEXT if edge >= 1.001)),
    (MusicalFeature('spread of chords', 'quarter lengths'), ('spread of chords',)),
    (MusicalFeature('notes on the sixteenth grid', 'share'), ('begins on a multiple of 1/4',)),
)
_BY_TIME: tuple[tuple[MusicalFeature, tuple[str, ...]], ...] = (
    (MusicalFeature('notes at once', 'count', 'more', 'fewer'), ('sounding at once, mean',)),
    (MusicalFeature('notes a quarter', 'count', 'more', 'fewer'), ('notes a quarter',)),
    (MusicalFeature('different pitches in two bars', 'count', 'more', 'fewer'), ('different pitches',)),
)
_MOST: tuple[tuple[MusicalFeature, str], ...] = (
    (MusicalFeature('notes in the largest chord', 'count', 'more', 'fewer'), 'notes a chord, most'),
    (MusicalFeature('widest chord', 'semitones', 'wider', 'narrower'), 'span of chords, widest'),
)
MUSICAL_FEATURES: tuple[MusicalFeature, ...] = (
    *_OF_ALL_NOTES,
    *(feature for feature, _ in (*_BY_NOTES, *_BY_TIME)),
    *(feature for feature, _ in _MOST),
)
_SUMS = np.array(
    [[name in names for _, names in (*_BY_NOTES, *_BY_TIME)] for name, _ in WINDOW_NUMBERS], dtype=np.float64
)
_MOST_COLUMNS = [_COLUMN[name] for _, name in _MOST]


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
    return np.concatenate(
        [
            [pitches[0], np.median(pitches), pitches[-1]],
            [np.mean(lengths < _SHORT), np.mean(lengths >= _LONG), _silence(part, windows)],
            np.average(numbers @ _SUMS, axis=0, weights=weights),
            numbers[:, _MOST_COLUMNS].max(axis=0),
        ]
    )


def _silence(part: NoteSequence, windows: Windows) -> float:
    """The share of the time in which nothing sounds, from the first window's first bar to the last one's last."""
    start, end = windows.starts[0], windows.ends[-1]
    begins = np.append(np.clip(part.onsets, start, end), end)
    until = np.maximum.accumulate(np.append(start, np.clip(part.ends, start, end)))
    return float(np.maximum(begins - until, 0).sum() / (end - start))
