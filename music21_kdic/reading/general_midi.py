"""The names of General MIDI: its 128 programs (counted from 0) and their 16 families of eight.

As the MIDI Association's "General MIDI System Level 1" lists them. No library that this package needs has them.
"""

import re
from collections.abc import Sequence

DRUM_CHANNEL = 9  # counted from 0; channel 10, as musicians count
# family: its eight programs
FAMILIES: dict[str, tuple[str, ...]] = {
    'Piano': (
        'Acoustic Grand Piano',
        'Bright Acoustic Piano',
        'Electric Grand Piano',
        'Honky-tonk Piano',
        'Electric Piano 1',
        'Electric Piano 2',
        'Harpsichord',
        'Clavinet',
    ),
    'Chromatic Percussion': (
        'Celesta',
        'Glockenspiel',
        'Music Box',
        'Vibraphone',
        'Marimba',
        'Xylophone',
        'Tubular Bells',
        'Dulcimer',
    ),
    'Organ': (
        'Drawbar Organ',
        'Percussive Organ',
        'Rock Organ',
        'Church Organ',
        'Reed Organ',
        'Accordion',
        'Harmonica',
        'Tango Accordion',
    ),
    'Guitar': (
        'Acoustic Guitar (nylon)',
        'Acoustic Guitar (steel)',
        'Electric Guitar (jazz)',
        'Electric Guitar (clean)',
        'Electric Guitar (muted)',
        'Overdriven Guitar',
        'Distortion Guitar',
        'Guitar Harmonics',
    ),
    'Bass': (
        'Acoustic Bass',
        'Electric Bass (finger)',
        'Electric Bass (pick)',
        'Fretless Bass',
        'Slap Bass 1',
        'Slap Bass 2',
        'Synth Bass 1',
        'Synth Bass 2',
    ),
    'Strings': (
        'Violin',
        'Viola',
        'Cello',
        'Contrabass',
        'Tremolo Strings',
        'Pizzicato Strings',
        'Orchestral Harp',
        'Timpani',
    ),
    'Ensemble': (
        'String Ensemble 1',
        'String Ensemble 2',
        'Synth Strings 1',
        'Synth Strings 2',
        'Choir Aahs',
        'Voice Oohs',
        'Synth Voice',
        'Orchestra Hit',
    ),
    'Brass': (
        'Trumpet',
        'Trombone',
        'Tuba',
        'Muted Trumpet',
        'French Horn',
        'Brass Section',
        'Synth Brass 1',
        'Synth Brass 2',
    ),
    'Reed': ('Soprano Sax', 'Alto Sax', 'Tenor Sax', 'Baritone Sax', 'Oboe', 'English Horn', 'Bassoon', 'Clarinet'),
    'Pipe': ('Piccolo', 'Flute', 'Recorder', 'Pan Flute', 'Blown Bottle', 'Shakuhachi', 'Whistle', 'Ocarina'),
    'Synth Lead': (
        'Lead 1 (square)',
        'Lead 2 (sawtooth)',
        'Lead 3 (calliope)',
        'Lead 4 (chiff)',
        'Lead 5 (charang)',
        'Lead 6 (voice)',
        'Lead 7 (fifths)',
        'Lead 8 (bass + lead)',
    ),
    'Synth Pad': (
        'Pad 1 (new age)',
        'Pad 2 (warm)',
        'Pad 3 (polysynth)',
        'Pad 4 (choir)',
        'Pad 5 (bowed)',
        'Pad 6 (metallic)',
        'Pad 7 (halo)',
        'Pad 8 (sweep)',
    ),
    'Synth Effects': (
        'FX 1 (rain)',
        'FX 2 (soundtrack)',
        'FX 3 (crystal)',
        'FX 4 (atmosphere)',
        'FX 5 (brightness)',
        'FX 6 (goblins)',
        'FX 7 (echoes)',
        'FX 8 (sci-fi)',
    ),
    'Ethnic': ('Sitar', 'Banjo', 'Shamisen', 'Koto', 'Kalimba', 'Bagpipe', 'Fiddle', 'Shanai'),
    'Percussive': (
        'Tinkle Bell',
        'Agogo',
        'Steel Drums',
        'Woodblock',
        'Taiko Drum',
        'Melodic Tom',
        'Synth Drum',
        'Reverse Cymbal',
    ),
    'Sound Effects': (
        'Guitar Fret Noise',
        'Breath Noise',
        'Seashore',
        'Bird Tweet',
        'Telephone Ring',
        'Helicopter',
        'Applause',
        'Gunshot',
    ),
}
INSTRUMENTS: tuple[str, ...] = tuple(name for names in FAMILIES.values() for name in names)


def instrument_name(program: int) -> str:
    """Return the name of a General MIDI program (0-127).

    >>> instrument_name(0), instrument_name(40)
    ('Acoustic Grand Piano', 'Violin')
    """
    return INSTRUMENTS[program]


def family_name(program: int) -> str:
    """Return the name of the family of a General MIDI program (0-127).

    >>> family_name(40), family_name(48)
    ('Strings', 'Ensemble')
    """
    return tuple(FAMILIES)[program // 8]


def program_named(name: str) -> int | None:
    """Return the program of that name, in whatever case; None where the list has no such name.

    Blanks and hyphens do not count: the General MIDI specification writes "SynthStrings 1".

    >>> program_named('french horn'), program_named('SynthStrings 1'), program_named('Horn')
    (60, 50, None)
    """
    return _PROGRAMS.get(_letters(name))


def _letters(name: str) -> str:
    return re.sub(r'[\s-]', '', name.lower())


# The specification calls the clavinet "Clavi".
_PROGRAMS = {'clavi': 7} | {_letters(name): program for program, name in enumerate(INSTRUMENTS)}


def program_of(name: str, programs: Sequence[int]) -> int:
    """Return of some programs the one whose General MIDI name has most of the words of ``name``, the first of several.

    >>> program_of('string ensemble', (44, 48, 49, 50, 51)), program_of('clean electric guitar', (26, 27, 28))
    (48, 27)
    """
    words = set(name.lower().split())
    return max(programs, key=lambda program: len(words & set(re.findall(r'\w+', instrument_name(program).lower()))))
