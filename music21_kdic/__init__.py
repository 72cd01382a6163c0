"""Which instrument was this written for? music21-kdic answers from the notes alone.

Importing this package adds ``instrumentLikelihood()`` to music21's streams:

    >>> import music21_kdic
    >>> from music21 import corpus
    >>> quartet = corpus.parse('haydn/opus74no1', 3)
    >>> quartet.parts[3].instrumentLikelihood().best
    'Strings'

The class names are CLASSES: Guitar, Piano, Bass, Strings, Organ, Brass, Pipe, Reed.
"""

import warnings

from music21_kdic.classes import CLASSES
from music21_kdic.errors import (
    KdicError,
    ModelError,
    NoteError,
    PriorError,
    RegistrationError,
    UnreadableError,
    UnsupportedVersionError,
)
from music21_kdic.likelihood import InstrumentLikelihood, ScoreLikelihood
from music21_kdic.notes import NoteSequence
from music21_kdic.plugin import instrument_likelihood, is_registered, register, unregister

__all__ = [
    'CLASSES',
    'InstrumentLikelihood',
    'KdicError',
    'ModelError',
    'NoteError',
    'NoteSequence',
    'PriorError',
    'RegistrationError',
    'ScoreLikelihood',
    'UnreadableError',
    'UnsupportedVersionError',
    'instrument_likelihood',
    'is_registered',
    'register',
    'unregister',
]

__version__ = '0.1.0'

try:
    register()
except RegistrationError as _error:
    # The plain function works without the method, so this must not keep anyone from importing it.
    warnings.warn(f'instrumentLikelihood() was not added to music21: {_error}', stacklevel=2)
