"""The eight instrument classes, and the one table that maps a General MIDI program to its class.

The classes are Slakh's (Manilow et al. 2019) in the order of Sawada's paper. Programs are counted from 0,
as in a MIDI program-change message. Programs of no class (chromatic percussion, timpani, voices, orchestra
hit, synthesizers, ethnic, effects) map to None.
"""

CLASSES: tuple[str, ...] = (
    'Guitar',
    'Piano',
    'Bass',
    'Strings',
    'Organ',
    'Brass',
    'Pipe',
    'Reed',
)
# Eight colours that stay apart for colour-blind readers (Okabe and Ito 2008), in the order of CLASSES.
COLORS = ('#E69F00', '#56B4E9', '#009E73', '#F0E442', '#0072B2', '#D55E00', '#CC79A7', '#999999')

# Strings leave out 47 (timpani) and 52-55 (choir, voices, orchestra hit), which Slakh counts in.
CLASS_PROGRAMS: dict[str, tuple[int, ...]] = {
    'Guitar': tuple(range(24, 32)),
    'Piano': tuple(range(0, 8)),
    'Bass': tuple(range(32, 40)),
    'Strings': (*range(40, 47), *range(48, 52)),
    'Organ': tuple(range(16, 24)),
    'Brass': tuple(range(56, 64)),
    'Pipe': tuple(range(72, 80)),
    'Reed': tuple(range(64, 72)),
}

_CLASS_OF_PROGRAM = {program: name for name, programs in CLASS_PROGRAMS.items() for program in programs}


def class_of_program(program: int) -> str | None:
    """Return the class of a General MIDI program (0-127), or None where it has none.

    >>> class_of_program(24), class_of_program(40), class_of_program(47)
    ('Guitar', 'Strings', None)
    """
    return _CLASS_OF_PROGRAM.get(program)
