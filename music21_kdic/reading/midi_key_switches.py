"""Key switches in a MIDI file: short or held notes far below an instrument's range, which do not sound.

Libraries of samples (Kontakt, Spitfire, BBCSO) choose the articulation by them. They stand where no General MIDI
program does: a program says that a synthesizer plays the part, which sounds all of its notes. A keyboard or a harp, by
its name, has none.
"""

import numpy as np
import numpy.typing as npt

from music21_kdic.reading.notes import FloatArray, IntArray

_BELOW = 9  # semitones at least between them and the music
_UNDER = 36  # all of them are lower than this pitch
_WIDE = 24  # semitones between the lowest and the highest of them, at most
_SHARE = 1 / 4  # of the notes, at most
_MUSIC = 8  # other notes, at least
_MOMENT = 0.06  # quarter lengths within which notes begin together, though somebody plays them
# Of them at most so many double a note one or two octaves above, or follow each other without a note of the music.
_DOUBLED, _IDLE = 1 / 2, 1 / 2
# The first one stands before the music; or else they are so many, and of several pitches: a bass line's low notes,
# and the one at the end of a piece, are music.
_MANY = 4


def key_switches(onsets: FloatArray, pitches: IntArray) -> npt.NDArray[np.bool_]:
    """Which notes of a part would be key switches: all False where none is.

    They are a group far below all other notes, one at a time, that doubles none in octaves and does not play on alone.

    Args:
        onsets: in quarter lengths, shape (notes,).
        pitches: MIDI numbers, shape (notes,).

    >>> tune = np.arange(60, 80)
    >>> key_switches(np.append(np.arange(20.0), [0, 8]), np.append(tune, [24, 25])).nonzero()[0].tolist()
    [20, 21]
    """
    none = np.zeros(pitches.size, dtype=bool)
    if pitches.size <= _MUSIC or pitches.min() >= _UNDER:
        return none
    rising = np.sort(pitches).astype(np.int64)
    below = np.arange(1, rising.size)  # how many notes are below each gap between two
    gaps = np.flatnonzero(
        (np.diff(rising) >= _BELOW)
        & (rising[:-1] < _UNDER)
        & (rising[:-1] - rising[0] <= _WIDE)
        & (below <= min(_SHARE * rising.size, rising.size - _MUSIC))
    )
    if not gaps.size:
        return none
    is_low: npt.NDArray[np.bool_] = pitches <= rising[gaps[-1]]
    order = np.argsort(onsets[is_low], kind='stable')
    low, low_pitches = onsets[is_low][order], pitches[is_low][order]
    music, music_pitches = onsets[~is_low], pitches[~is_low]
    before = low[0] <= music.min() + _MOMENT
    many = low.size >= _MANY and np.unique(low_pitches).size > 1
    one_by_one = np.diff(low).min(initial=np.inf) > _MOMENT
    if (
        (before or many)
        and one_by_one
        and _idle(low, np.sort(music)) <= _IDLE
        and _doubled(low, low_pitches, music, music_pitches) <= _DOUBLED
    ):
        return is_low
    return none


def said(switches: int) -> str:
    """What a part's remark says of so many key switches.

    >>> said(12)
    '12 notes far below the others, taken for key switches, do not sound'
    """
    if switches == 1:
        return '1 note far below the others, taken for a key switch, does not sound'
    return f'{switches} notes far below the others, taken for key switches, do not sound'


def _idle(low: FloatArray, music: FloatArray) -> float:
    """The share of the low notes after which no other note begins before the next low one, or at all."""
    following = np.append(music, np.inf)[np.searchsorted(music, low - _MOMENT)]
    return float(np.mean(following >= np.append(low[1:], np.inf) - _MOMENT))


def _doubled(low: FloatArray, low_pitches: IntArray, music: FloatArray, music_pitches: IntArray) -> float:
    """The share of the low notes that begin with one an octave above, or two: of one note two may be chance."""
    doubled = np.zeros(low.size, dtype=bool)
    for pitch in np.unique(low_pitches).tolist():
        of_pitch = low_pitches == pitch
        for octave in (12, 24) if low.size > 1 else (12,):
            above = np.sort(music[music_pitches == pitch + octave])
            within = np.searchsorted(above, low[of_pitch] + _MOMENT) > np.searchsorted(above, low[of_pitch] - _MOMENT)
            doubled[of_pitch] |= within
    return float(doubled.mean())
