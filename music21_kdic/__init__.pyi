from .answers.confusion import plot_confusion
from .answers.likelihood import InstrumentLikelihood
from .answers.likeness import Likeness
from .answers.score_likelihood import ScoreLikelihood
from .answers.scorer import Scorer
from .classes import CLASSES
from .collection.audit import audit
from .collection.label import label
from .collection.rank import rank
from .collection.tag import tag
from .errors import (
    ClassNameError,
    InputError,
    KdicError,
    LimitError,
    MissingExtraError,
    ModelError,
    NoteError,
    OutputError,
    PriorError,
    RegistrationError,
    StatementError,
    UnreadableError,
    UnsupportedVersionError,
    WishError,
    WriteError,
)
from .pages.report import report
from .plugin.method import instrument_likelihood
from .plugin.registration import is_registered, register, unregister
from .reading.notes import NoteSequence
from .sound.activity import InstrumentActivity, listen
from .sound.recordings import listen_to

__version__: str

__all__ = [
    'CLASSES',
    'ClassNameError',
    'InputError',
    'InstrumentActivity',
    'InstrumentLikelihood',
    'KdicError',
    'Likeness',
    'LimitError',
    'MissingExtraError',
    'ModelError',
    'NoteError',
    'NoteSequence',
    'OutputError',
    'PriorError',
    'RegistrationError',
    'ScoreLikelihood',
    'Scorer',
    'StatementError',
    'UnreadableError',
    'UnsupportedVersionError',
    'WishError',
    'WriteError',
    'audit',
    'instrument_likelihood',
    'is_registered',
    'label',
    'listen',
    'listen_to',
    'plot_confusion',
    'rank',
    'register',
    'report',
    'tag',
    'unregister',
]
