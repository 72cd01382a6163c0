"""Which classes are answered for parts whose instruments are stated."""

import math
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Union, cast

import numpy as np

from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import class_named, class_of_instrument
from music21_kdic.answers.score_likelihood import ScoreLikelihood
from music21_kdic.classes import CLASSES, class_of_program
from music21_kdic.errors import StatementError, shown
from music21_kdic.reading.general_midi import DRUM_CHANNEL, program_named
from music21_kdic.reading.notes import IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from music21 import instrument

    from music21_kdic.reading.nested import AnyStream

# A music21 Instrument, a General MIDI program counted from 0, the name of a class or an instrument; None for nothing.
Stated = Union['instrument.Instrument', int, str, None]
MISSING = ('NAType', 'NaTType')  # types of pandas
NOTHING_STATED = 'nothing stated'


def plot_confusion(
    stated: Sequence[Stated], answered: Sequence[str | InstrumentLikelihood | None], ax: 'Axes | None' = None
) -> 'Axes':
    """Draw stated classes against answers, as counts of parts; return matplotlib's Axes.

    The colour is the share among the parts of which one class is stated. Parts whose instruments are of no class are
    left out, and the picture says how many.

    Args:
        stated: of each part a music21 Instrument, a General MIDI program (0-127), the name of a class or of an
            instrument, or None.
        answered: of each part its answer, or a class as tables name it: ``row.label`` of :func:`music21_kdic.label`.
            None and 'unknown' are no class.
        ax: where to draw; a new figure where it is left out.

    Raises:
        ClassNameError: where a name is known as that of no class and no instrument.
        StatementError: where there is not one statement a part, or a program is none.
        MissingExtraError: where matplotlib is not installed (the extra ``plot``).

    >>> plot_confusion([40, 41, 'Reed'], ['Strings', 'Pipe', 'Reed']).get_title('left')
    '2 of 3 parts are answered as stated'
    """
    from music21_kdic.answers.plots.confusion import draw_confusion

    return draw_confusion(*count(stated, answered), ax)


def plot_confusion_of(
    score: ScoreLikelihood, stated: 'AnyStream | Sequence[Stated]', ax: 'Axes | None' = None
) -> 'Axes':
    """Draw what is stated of the instruments of a score against their answers, the staves of one counted once.

    Names that claim no class among those of the score ("Bass" in a choir) state nothing.
    """
    from music21_kdic.answers.plots.canvas import staves_of_instruments
    from music21_kdic.answers.plots.confusion import draw_confusion
    from music21_kdic.reading.names_in_a_file import names_of_no_instrument

    of_parts = instruments_in(cast('AnyStream', stated)) if hasattr(stated, 'isStream') else list(stated)
    _check_counts(of_parts, score)
    statement_of = dict(zip(map(id, score), of_parts, strict=True))
    instruments = staves_of_instruments(score)
    known = [[s for part in staves if (s := statement_of[id(part)]) is not None] for staves in instruments]
    named = [(name, _program(each)) for each in of_parts for name in _names(each)]
    first = [each[0] if each else None for each in known]
    return draw_confusion(*count(first, [staves[0] for staves in instruments], names_of_no_instrument(named)), ax)


def count(
    stated: Sequence[Stated],
    answered: Sequence[str | InstrumentLikelihood | None],
    of_no_instrument: Container[str] = (),
) -> tuple[IntArray, Mapping[str, int]]:
    """Count the parts of each stated class with each answer; ``of_no_instrument`` are names of Instruments of no class.

    Returns:
        Counts, stated class by answer, no class as the last one, shape (8, 9); and how many parts are left out, by the
        name of their instrument.

    >>> counts, left_out = count([40, 41, 'Reed', 47, None], ['Strings', 'Reed', None, 'Strings', 'Brass'])
    >>> counts.nonzero()
    (array([3, 3, 7]), array([3, 7, 8]))
    >>> left_out
    {'program 47': 1, 'nothing stated': 1}
    """
    _check_counts(stated, answered)
    counts = np.zeros((len(CLASSES), len(CLASSES) + 1), dtype=np.int64)
    left_out: Counter[str] = Counter()
    for statement, answer in zip(stated, answered, strict=True):
        name, said = _class_stated(statement, of_no_instrument)
        label = answer.best if isinstance(answer, InstrumentLikelihood) else answer
        if name is None:
            left_out[said] += 1
        else:
            column = CLASSES.index(class_named(label)) if label not in (None, 'unknown') else len(CLASSES)
            counts[CLASSES.index(name), column] += 1
    return counts, dict(left_out)


def instruments_in(s: 'AnyStream') -> list[Stated]:
    """The first Instrument of each part of a score."""
    from music21_kdic.reading.pieces import parts_of
    from music21_kdic.reading.staves import first_instrument

    return [first_instrument(part) for part in parts_of(s)]


def _check_counts(stated: Sequence[Any], answered: Sequence[Any]) -> None:
    if len(stated) != len(answered):
        raise StatementError(f'{len(stated)} instruments are stated of {len(answered)} parts: wanted one each')


def _class_stated(statement: Stated, of_no_instrument: Container[str]) -> tuple[str | None, str]:
    """The class that is stated, and the name of what states it."""
    from music21_kdic.reading.names import is_of_no_class

    if statement is None or type(statement).__name__ in MISSING:
        return None, NOTHING_STATED
    if isinstance(statement, str):
        named = program_named(statement)
        left_out = is_of_no_class(statement) if named is None else class_of_program(named) is None
        return None if left_out else class_named(statement), statement
    if isinstance(statement, int | Real):
        program = float(statement)
        if math.isnan(program):  # as pandas has what is missing
            return None, NOTHING_STATED
        if not (program.is_integer() and 0 <= program <= 127):
            raise StatementError(f'program {statement}: wanted a whole number, 0 to 127')
        return class_of_program(int(program)), f'program {int(program)}'
    if not hasattr(statement, 'midiProgram'):
        raise TypeError(f'{type(statement).__name__} {shown(statement)}: wanted a class, a program, or an Instrument')
    names = _names(statement)
    if statement.midiChannel == DRUM_CHANNEL:
        claimed = None
    elif statement.midiProgram is not None:
        claimed = class_of_program(statement.midiProgram)
    else:
        claimed = next(
            (found for name in names if name not in of_no_instrument and (found := class_of_instrument(name))), None
        )
    return claimed, names[0] if names else NOTHING_STATED


def _names(statement: Stated) -> list[str]:
    """What a music21 Instrument is called."""
    found = (getattr(statement, attribute, None) for attribute in ('partName', 'instrumentName'))
    return [str(name) for name in found if name]


def _program(statement: Stated) -> int | None:
    program = getattr(statement, 'midiProgram', None)
    return program if isinstance(program, int) else None
