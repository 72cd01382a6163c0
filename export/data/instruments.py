"""The instruments within the eight classes: the General MIDI programs (from 0) of each, and music21's names."""

import numpy as np

from export.data.sources import NO_CLASS
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import Instrument

INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument('nylon guitar', 'Guitar', (24,), 'AcousticGuitar'),
    Instrument('steel guitar', 'Guitar', (25,), 'AcousticGuitar'),
    Instrument('clean electric guitar', 'Guitar', (26, 27, 28), 'ElectricGuitar'),
    Instrument('overdriven guitar', 'Guitar', (29, 30, 31), 'ElectricGuitar'),
    Instrument('piano', 'Piano', (0, 1, 2, 3), 'Piano'),
    Instrument('electric piano', 'Piano', (4, 5), 'ElectricPiano'),
    Instrument('harpsichord', 'Piano', (6, 7), 'Harpsichord'),
    Instrument('acoustic bass', 'Bass', (32,), 'AcousticBass'),
    Instrument('electric bass', 'Bass', (33, 34, 35, 36, 37), 'ElectricBass'),
    Instrument('synth bass', 'Bass', (38, 39), 'ElectricBass'),
    Instrument('violin', 'Strings', (40,), 'Violin'),
    Instrument('viola', 'Strings', (41,), 'Viola'),
    Instrument('cello', 'Strings', (42,), 'Violoncello'),
    Instrument('double bass', 'Strings', (43,), 'Contrabass'),
    Instrument('string ensemble', 'Strings', (44, 48, 49, 50, 51), 'StringInstrument'),
    Instrument('pizzicato strings', 'Strings', (45,), 'StringInstrument'),
    Instrument('harp', 'Strings', (46,), 'Harp'),
    Instrument('drawbar organ', 'Organ', (16, 17, 18), 'ElectricOrgan'),
    Instrument('church organ', 'Organ', (19, 20), 'PipeOrgan'),
    Instrument('accordion', 'Organ', (21, 23), 'Accordion'),
    Instrument('harmonica', 'Organ', (22,), 'Harmonica'),
    Instrument('trumpet', 'Brass', (56, 59), 'Trumpet'),
    Instrument('trombone', 'Brass', (57,), 'Trombone'),
    Instrument('tuba', 'Brass', (58,), 'Tuba'),
    Instrument('horn', 'Brass', (60,), 'Horn'),
    Instrument('brass section', 'Brass', (61, 62, 63), 'BrassInstrument'),
    Instrument('piccolo', 'Pipe', (72,), 'Piccolo'),
    Instrument('flute', 'Pipe', (73,), 'Flute'),
    Instrument('recorder', 'Pipe', (74,), 'Recorder'),
    Instrument('pan flute and others', 'Pipe', (75, 76, 77, 78, 79), 'PanFlute'),
    Instrument('saxophone', 'Reed', (64, 65, 66, 67), 'Saxophone'),
    Instrument('oboe', 'Reed', (68, 69), 'Oboe'),
    Instrument('bassoon', 'Reed', (70,), 'Bassoon'),
    Instrument('clarinet', 'Reed', (71,), 'Clarinet'),
)

OF_PROGRAM = {program: row for row, one in enumerate(INSTRUMENTS) for program in one.programs}
# The class of each instrument, shape (instruments,).
CLASS_OF_INSTRUMENT = np.array([CLASSES.index(one.class_name) for one in INSTRUMENTS])


def instruments_of(label: np.ndarray, program: np.ndarray) -> np.ndarray:
    """The instrument of each part, index into INSTRUMENTS; NO_CLASS where its program is none of its class: (parts,).

    >>> [INSTRUMENTS[i].name for i in instruments_of(np.array([0, 3]), np.array([24, 42]))]
    ['nylon guitar', 'cello']
    >>> instruments_of(np.array([0, -1]), np.array([42, 42])).tolist()
    [-1, -1]
    """
    found = np.array([OF_PROGRAM.get(int(each), NO_CLASS) for each in program], np.int64)
    fits: np.ndarray = np.where((label >= 0) & (found >= 0) & (CLASS_OF_INSTRUMENT[found] == label), found, NO_CLASS)
    return fits
