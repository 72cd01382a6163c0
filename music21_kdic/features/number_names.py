"""The numbers that a part is summed up by: each has a name and a unit. The bins and edges that some count in are here
too.

:data:`WINDOW_NUMBERS` tell of a window of two bars, :data:`WHOLE_NUMBERS` of a part as a whole. :data:`PART_NUMBERS`
are what the student reads of a part: mean and deviation of each number of its windows, then those of the whole part
and of its course (:data:`COURSE_NUMBERS`).
:data:`PLACE_NUMBERS` tell how a part stands to the other parts of its score, :data:`CONTEXT_NUMBERS` also what those
are likely to be. Times are in quarter lengths, pitches
are MIDI's, and shares lie between 0 and 1.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from music21_kdic.classes import CLASSES

CHORD = 1 / 10  # what begins no later than this after the note before belongs to one chord
STRUM = 0.03  # a chord's notes that begin no further apart are hardly heard apart
SIXTEENTH = 1 / 4
EXACT = 1 / 250  # no further from a multiple of a note value is on it; about half a tick of 120
TICK = 2.0**-20  # times are rounded to it: bars played alike are then numbers that are the same to the bit
GRIDS = (1 / 4, 1 / 3, 1 / 6, 1 / 8, 1 / 24)
LENGTH_GRIDS = (1 / 4, 1 / 2, 1 / 8, 1 / 24)
# Between these lie the note values, from a grace note to more than a whole one, with room for being played short.
LENGTHS = (0.06, 0.12, 0.2, 0.27, 0.45, 0.55, 0.9, 1.1, 1.9, 2.1, 3.9)
PACES = (0.2, 0.27, 0.45, 0.55, 0.9, 1.1, 1.9, 2.1)
# Duration as a share of the time until the next chord: staccato, detached, legato, overlapping, held.
LEGATO = (0.3, 0.6, 0.8, 0.95, 0.999, 1.001, 1.05, 1.2, 2.0)
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
VOICES = 7  # counts of 0, 1, ... 5, and 6 or more
STEPS = np.array([0, 1, 2, 3, 4, 5, 9, 6, 9, 9, 9, 9, 7, 8])  # which count a step of so many semitones goes to
STEP_NAMES = (
    'repeated',
    '1 semitone',
    '2 semitones',
    '3 semitones',
    '4 semitones',
    '5 semitones',
    'a fifth',
    'an octave',
    'more than an octave',
    'a sixth, seventh or tritone',
)
INTERVALS = 25  # semitones between notes of a chord; the last counts all that are wider
PERIODS = (4, 2, 1, 0.5)  # quarter lengths
# Of a part's course; in quarter lengths.
HELD = 0.15  # what sounds on so far into the next chord is held, and not only legato
PAUSE = 0.4  # so long a silence ends a phrase
FAST = 0.3  # what follows sooner is fast
NEAR = 0.13  # no further from a beat, or from half a beat, is on it
MOST_BEATS = 8  # of a bar; later ones are not taken for its first
# A beat, or a sixteenth between eighths, on which so many times more begins than on the first, or on eighths, is that.
MORE = 1.5
LONGEST = 64.0  # what is longer counts as this
SLOTS = 12  # of a quarter length: bars whose notes begin in the same slots are the same
BEATS = ('downbeat', 'other beats', 'half beats', 'between')


def bin_names(edges: Sequence[float], what: str) -> list[str]:
    """What the bins between some edges, below the first and above the last are called.

    >>> bin_names((1, 2), 'length')
    ['length below 1', 'length 1 to 2', 'length 2 and more']
    """
    between = (f'{what} {a:g} to {b:g}' for a, b in pairwise(edges))
    return [f'{what} below {edges[0]:g}', *between, f'{what} {edges[-1]:g} and more']


def _between(edges: Sequence[float], what: str) -> list[tuple[str, str]]:
    return [(name, 'share') for name in bin_names(edges, what)]


WINDOW_NUMBERS: tuple[tuple[str, str], ...] = (
    *(
        (f'pitch, {name}', 'MIDI pitch')
        for name in ('lowest', '10 %', '25 %', 'median', '75 %', '90 %', 'highest', 'mean', 'mean by length')
    ),
    ('pitch, deviation', 'semitones'),
    ('pitch, deviation by length', 'semitones'),
    ('different pitches', 'count'),
    ('different pitch classes', 'count'),
    ('commonest pitch class', 'share'),
    ('notes a quarter', 'count'),
    ('held from before', 'share'),
    ('held beyond', 'share'),
    *((f'time with {n} sounding', 'share') for n in ('nothing', '1', '2', '3', '4', '5', '6 or more')),
    ('sounding at once, mean', 'count'),
    ('longest silence', 'quarter lengths'),
    ('rests', 'count a quarter'),
    ('longest without a rest', 'quarter lengths'),
    ('chords a quarter', 'count'),
    *((f'chords of {n}', 'share') for n in ('1', '2', '3', '4', '5', '6 or more')),
    ('notes a chord, mean', 'count'),
    ('notes a chord, most', 'count'),
    ('span of chords, mean', 'semitones'),
    ('span of chords, widest', 'semitones'),
    ('lowest gap of chords', 'semitones'),
    ('highest gap of chords', 'semitones'),
    ('repeated chords', 'share'),
    *((f'intervals of {n} semitones in chords', 'count a note') for n in range(1, INTERVALS)),
    ('intervals of more than two octaves in chords', 'count a note'),
    *(
        (f'{voice} voice, {name}', unit)
        for voice in ('lowest', 'highest')
        for name, unit in (
            ('size of steps', 'semitones'),
            ('direction', 'semitones'),
            *((f'{s}', 'share') for s in STEP_NAMES),
            ('turns', 'share'),
            ('runs by step', 'share'),
            ('runs by leap', 'share'),
        )
    ),
    *_between(PACES, 'next chord after'),
    ('next chord after, mean', 'log2 quarter lengths'),
    ('next chord after, deviation', 'octaves of time'),
    ('steady pulse', 'share'),
    *((f'regular every {p:g}', 'share') for p in PERIODS),
    *_between(LENGTHS, 'length'),
    ('length, mean', 'log2 quarter lengths'),
    ('length, deviation', 'octaves of time'),
    *((f'length a multiple of 1/{1 / g:.0f}', 'share') for g in LENGTH_GRIDS),
    *_between(LEGATO, 'length to next chord'),
    ('length to next chord, mean', 'octaves of time'),
    *((f'begins on a multiple of 1/{1 / g:.0f}', 'share') for g in GRIDS),
    ('off the sixteenth', 'quarter lengths'),
    ('begins exactly with the one before', 'share'),
    ('begins a hair after the one before', 'share'),
    ('begins in a spread chord', 'share'),
    ('spread of chords', 'quarter lengths'),
    ('strummed upwards', '-1 to 1'),
    ('length of the window', 'quarter lengths'),
)

WHOLE_NUMBERS: tuple[tuple[str, str], ...] = (
    *(
        (f'part, pitch, {name}', 'MIDI pitch')
        for name in ('lowest', '5 %', '25 %', 'median', '75 %', '95 %', 'highest', 'mean')
    ),
    ('part, range from 5 % to 95 %', 'semitones'),
    ('part, range', 'semitones'),
    ('part, deviation of pitch', 'semitones'),
    ('part, different pitches', 'count'),
    ('part, notes a bar that is played', 'count'),
    ('part, bars that are played', 'share'),
    ('part, notes', 'log2 count'),
    ('part, windows', 'log2 count'),
)

COURSE_NUMBERS: tuple[tuple[str, str], ...] = (
    *((f'bars that come again{how}', 'share') for how in ('', ' in rhythm', ', transposed or not')),
    *((f'bars as the one before{how}', 'share') for how in ('', ' in rhythm')),
    ('chords that begin while a note is held', 'share'),
    ('held into the next chord', 'share'),
    ('held into the one after', 'share'),
    *((f'held {where} the next chord', 'share of held') for where in ('below', 'above', 'as the lowest of')),
    ('from the held note to the next chord', 'semitones'),
    *((f'from the held note to the next chord, {much}', 'share of held') for much in ('a step', 'an octave or more')),
    ('phrases, chords, mean', 'log2 count'),
    ('phrases, length, mean', 'log2 quarter lengths'),
    ('phrases, chords, most', 'log2 count'),
    ('phrases, length, most', 'log2 quarter lengths'),
    ('phrases a chord', 'count'),
    ('fast repetitions', 'share'),
    ('fast changes', 'share'),
    ('highest voice comes back after a chord', 'share'),
    ('highest voice comes back from another pitch', 'share'),
    ('lowest voice comes back from another pitch', 'share'),
    ('next chord after, 5 %', 'quarter lengths'),
    ('next chord after, 95 %', 'quarter lengths'),
    *((f'chords on {beat}', 'share') for beat in BEATS),
    *((f'pitch on {beat}, beside the mean', 'semitones') for beat in BEATS),
    *((f'lowest voice on {beat}, beside the mean', 'semitones') for beat in BEATS),
    *((f'notes a chord on {beat}, beside the mean', 'count') for beat in BEATS),
    ('length on downbeat, beside the mean', 'quarter lengths'),
    ('beats that are the second or the fourth', 'share'),
    ('widest gap in chords, mean', 'semitones'),
    ('narrowest gap in chords, mean', 'semitones'),
    ('pitch and length', 'correlation'),
    ('in the best major scale', 'share'),
    ('pitch classes', 'bits'),
    ('circle of fifths, towards C', '-1 to 1'),
    ('circle of fifths, towards A', '-1 to 1'),
    ('circle of fifths, length', '0 to 1'),
)

PART_NUMBERS: tuple[tuple[str, str], ...] = (
    *WINDOW_NUMBERS,
    *((f'{name} (deviation over windows)', unit) for name, unit in WINDOW_NUMBERS),
    *WHOLE_NUMBERS,
    *COURSE_NUMBERS,
)

# Rows of PART_NUMBERS: the mean pitch, and those that are told of a neighbour.
NAMES = [name for name, _ in PART_NUMBERS]
MEAN_PITCH = NAMES.index('part, pitch, mean')
OF_NEIGHBOURS = np.array(
    [
        NAMES.index(name)
        for name in (
            'pitch, deviation',
            'notes a quarter',
            'chords a quarter',
            'held from before',
            'time with nothing sounding',
            'time with 1 sounding',
            'sounding at once, mean',
            'notes a chord, mean',
            'span of chords, mean',
            'highest voice, size of steps',
            'highest voice, repeated',
            'length, mean',
            'length to next chord, mean',
            'begins exactly with the one before',
            'longest without a rest',
            'next chord after, mean',
            'repeated chords',
            'part, pitch, mean',
            'part, range from 5 % to 95 %',
            'part, range',
        )
    ]
)

PLACE_NUMBERS: tuple[tuple[str, str], ...] = (
    ('other parts that are lower', 'share'),
    ('parts', 'log2 count'),
    ('drums', '0 or 1'),
    ('down to the part below', 'semitones'),
    ('up to the part above', 'semitones'),
    ('other parts', '0 or 1'),
    ('begins with the part below', 'share'),
    ('begins with the part above', 'share'),
    ('the part below begins with it', 'share'),
    ('the part above begins with it', 'share'),
    ('begins with another part, most', 'share'),
    ('begins with another part, mean', 'share'),
    ('another part begins with it, most', 'share'),
    ('in unison with another part, most', 'share'),
    ('in unison with another part, mean', 'share'),
    ('another part is in unison with it, most', 'share'),
    ('in unison or octaves with another part, most', 'share'),
    ('in unison or octaves with another part, mean', 'share'),
    ('other parts within 7 semitones', 'count'),
    *(
        (f'{which}: {PART_NUMBERS[row][0]}', PART_NUMBERS[row][1])
        for which in ('the part below', 'the part above', *(f'other parts, {how}' for how in ('least', 'mean', 'most')))
        for row in OF_NEIGHBOURS
    ),
)

CONTEXT_NUMBERS: tuple[tuple[str, str], ...] = (
    *PLACE_NUMBERS,
    *(
        (f'{which}: likelihood of {name}, by itself', 'probability')
        for which in ('other parts, mean', 'other parts, most', 'the part below', 'the part above')
        for name in CLASSES
    ),
)
