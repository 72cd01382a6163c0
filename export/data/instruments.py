"""The instruments within the eight families: the General MIDI programs (from 0) of each, and music21's names."""

from dataclasses import dataclass

import numpy as np

from export.data.window_table import NO_CLASS
from music21_kdic.classes import CLASSES


@dataclass(frozen=True)
class Instrument:
    """An instrument of a family.

    Attributes:
        family: one of CLASSES.
        name: as people write it.
        programs: its General MIDI programs.
        music21: the name of its class in :mod:`music21.instrument`; of the nearest one where it has none.
    """

    family: str
    name: str
    programs: tuple[int, ...]
    music21: str


INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument('Guitar', 'nylon guitar', (24,), 'AcousticGuitar'),
    Instrument('Guitar', 'steel guitar', (25,), 'AcousticGuitar'),
    Instrument('Guitar', 'clean electric guitar', (26, 27, 28), 'ElectricGuitar'),
    Instrument('Guitar', 'overdriven guitar', (29, 30, 31), 'ElectricGuitar'),
    Instrument('Piano', 'piano', (0, 1, 2, 3), 'Piano'),
    Instrument('Piano', 'electric piano', (4, 5), 'ElectricPiano'),
    Instrument('Piano', 'harpsichord', (6, 7), 'Harpsichord'),
    Instrument('Bass', 'acoustic bass', (32,), 'AcousticBass'),
    Instrument('Bass', 'electric bass', (33, 34, 35, 36, 37), 'ElectricBass'),
    Instrument('Bass', 'synth bass', (38, 39), 'ElectricBass'),
    Instrument('Strings', 'violin', (40,), 'Violin'),
    Instrument('Strings', 'viola', (41,), 'Viola'),
    Instrument('Strings', 'cello', (42,), 'Violoncello'),
    Instrument('Strings', 'double bass', (43,), 'Contrabass'),
    Instrument('Strings', 'string ensemble', (44, 48, 49, 50, 51), 'StringInstrument'),
    Instrument('Strings', 'pizzicato strings', (45,), 'StringInstrument'),
    Instrument('Strings', 'harp', (46,), 'Harp'),
    Instrument('Organ', 'drawbar organ', (16, 17, 18), 'ElectricOrgan'),
    Instrument('Organ', 'church organ', (19, 20), 'PipeOrgan'),
    Instrument('Organ', 'accordion', (21, 23), 'Accordion'),
    Instrument('Organ', 'harmonica', (22,), 'Harmonica'),
    Instrument('Brass', 'trumpet', (56, 59), 'Trumpet'),
    Instrument('Brass', 'trombone', (57,), 'Trombone'),
    Instrument('Brass', 'tuba', (58,), 'Tuba'),
    Instrument('Brass', 'horn', (60,), 'Horn'),
    Instrument('Brass', 'brass section', (61, 62, 63), 'BrassInstrument'),
    Instrument('Pipe', 'piccolo', (72,), 'Piccolo'),
    Instrument('Pipe', 'flute', (73,), 'Flute'),
    Instrument('Pipe', 'recorder', (74,), 'Recorder'),
    Instrument('Pipe', 'pan flute and others', (75, 76, 77, 78, 79), 'PanFlute'),
    Instrument('Reed', 'saxophone', (64, 65, 66, 67), 'Saxophone'),
    Instrument('Reed', 'oboe', (68, 69), 'Oboe'),
    Instrument('Reed', 'bassoon', (70,), 'Bassoon'),
    Instrument('Reed', 'clarinet', (71,), 'Clarinet'),
)

OF_PROGRAM = {program: row for row, one in enumerate(INSTRUMENTS) for program in one.programs}
# The class of each instrument, shape (instruments,).
FAMILY = np.array([CLASSES.index(one.family) for one in INSTRUMENTS])


def instruments_of(label: np.ndarray, program: np.ndarray) -> np.ndarray:
    """The instrument of each part, index into INSTRUMENTS; NO_CLASS where its program is none of its class: (parts,).

    >>> [INSTRUMENTS[i].name for i in instruments_of(np.array([0, 3]), np.array([24, 42]))]
    ['nylon guitar', 'cello']
    >>> instruments_of(np.array([0, -1]), np.array([42, 42])).tolist()
    [-1, -1]
    """
    found = np.array([OF_PROGRAM.get(int(each), NO_CLASS) for each in program], np.int64)
    fits: np.ndarray = np.where((label >= 0) & (found >= 0) & (FAMILY[found] == label), found, NO_CLASS)
    return fits
