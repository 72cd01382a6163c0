"""What a musician would say of a part: some named features, for explanations. No network reads them.

They are made from the numbers of all windows of a part (:mod:`~music21_kdic.features.number_names`), which see for how
chords and voices are told apart: the mean over the windows, or the most. Pitches are of all its notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music21_kdic.features.number_names import LEGATO, LENGTHS, WINDOW_NUMBERS, bin_names
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


def _between(what: str, edges: Sequence[float], low: float, high: float = np.inf) -> tuple[str, ...]:
    """The columns of a histogram from one of its edges to another."""
    names = zip(bin_names(edges, what), [0.0, *edges], strict=True)
    return tuple(name for name, edge in names if low <= edge < high)


# Of each that is a mean over windows, or the most of them: the columns that are added up.
_PITCH = tuple(
    MusicalFeature(f'{name} pitch', 'MIDI pitch', 'higher', 'lower') for name in ('lowest', 'median', 'highest')
)
_MEANS: tuple[tuple[MusicalFeature, tuple[str, ...]], ...] = (
    (MusicalFeature('notes at once', 'count', 'more', 'fewer'), ('sounding at once, mean',)),
    (MusicalFeature('notes a quarter', 'count', 'more', 'fewer'), ('notes a quarter',)),
    (MusicalFeature('different pitches in two bars', 'count', 'more', 'fewer'), ('different pitches',)),
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
    (MusicalFeature('notes shorter than an eighth', 'share'), _between('length', LENGTHS, 0, 0.45)),
    (MusicalFeature('notes of a half and longer', 'share'), _between('length', LENGTHS, 1.9)),
    (MusicalFeature('detached notes', 'share'), _between('length to next chord', LEGATO, 0, 0.6)),
    (MusicalFeature('notes that overlap the next', 'share'), _between('length to next chord', LEGATO, 1.001)),
    (MusicalFeature('spread of chords', 'quarter lengths'), ('spread of chords',)),
    (MusicalFeature('silence', 'share'), ('time with nothing sounding',)),
    (MusicalFeature('notes on the sixteenth grid', 'share'), ('begins on a multiple of 1/4',)),
)
_MOST: tuple[tuple[MusicalFeature, str], ...] = (
    (MusicalFeature('notes in the largest chord', 'count', 'more', 'fewer'), 'notes a chord, most'),
    (MusicalFeature('widest chord', 'semitones', 'wider', 'narrower'), 'span of chords, widest'),
)
MUSICAL_FEATURES: tuple[MusicalFeature, ...] = (*_PITCH, *(f for f, _ in _MEANS), *(f for f, _ in _MOST))
_SUMS = np.zeros((len(WINDOW_NUMBERS), len(_MEANS)))
for _row, (_, _names) in enumerate(_MEANS):
    _SUMS[[_COLUMN[_name] for _name in _names], _row] = 1
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
    pitches = np.sort(part.pitches)
    return np.concatenate(
        [
            [pitches[0], np.median(pitches), pitches[-1]],
            (numbers @ _SUMS).mean(axis=0),
            numbers[:, _MOST_COLUMNS].max(axis=0),
        ]
    )
