"""Which instrument was this written for? music21-kdic answers from the notes alone.

Importing this package adds ``instrumentLikelihood()`` to music21's streams:

    >>> import music21_kdic
    >>> from music21 import corpus
    >>> quartet = corpus.parse('haydn/opus74no1', 3)
    >>> quartet.parts[3].instrumentLikelihood().best
    'Strings'

Collections of files: :func:`label`, :func:`rank`, :func:`audit` and :func:`tag`, on the command line
``music21-kdic label`` and so on. The class names are CLASSES: Guitar, Piano, Bass, Strings, Organ, Brass, Pipe, Reed.
"""

import importlib
from typing import TYPE_CHECKING, Any

from music21_kdic.classes import CLASSES
from music21_kdic.errors import (
    ClassNameError,
    KdicError,
    LimitError,
    ModelError,
    NoteError,
    OutputError,
    PriorError,
    RegistrationError,
    UnreadableError,
    UnsupportedVersionError,
    WriteError,
)
from music21_kdic.plugin.registration import is_registered, register, register_with_music21, unregister

if TYPE_CHECKING:
    from music21_kdic.answers.likelihood import InstrumentLikelihood, ScoreLikelihood
    from music21_kdic.collection.audit import audit
    from music21_kdic.collection.label import label
    from music21_kdic.collection.rank import Scorer, rank
    from music21_kdic.collection.tag import tag
    from music21_kdic.plugin.method import instrument_likelihood
    from music21_kdic.reading.notes import NoteSequence

# Where the names live that cost something to import: numpy, and most of all music21, which the command line
# and its worker processes often do without.
_LATER = {
    'InstrumentLikelihood': 'answers.likelihood',
    'ScoreLikelihood': 'answers.likelihood',
    'NoteSequence': 'reading.notes',
    'instrument_likelihood': 'plugin.method',
    'label': 'collection.label',
    'Scorer': 'collection.rank',
    'rank': 'collection.rank',
    'audit': 'collection.audit',
    'tag': 'collection.tag',
}

__all__ = [
    'CLASSES',
    'ClassNameError',
    'InstrumentLikelihood',
    'KdicError',
    'LimitError',
    'ModelError',
    'NoteError',
    'NoteSequence',
    'OutputError',
    'PriorError',
    'RegistrationError',
    'ScoreLikelihood',
    'Scorer',
    'UnreadableError',
    'UnsupportedVersionError',
    'WriteError',
    'audit',
    'instrument_likelihood',
    'is_registered',
    'label',
    'rank',
    'register',
    'tag',
    'unregister',
]

__version__ = '0.4.0'


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = getattr(importlib.import_module(f'{__name__}.{_LATER[name]}'), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


register_with_music21()
