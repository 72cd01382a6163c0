"""The errors that this package raises: each names the thing, what was found and what was wanted."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import FrameType
from typing import Any, ClassVar

LONGEST = 1000  # characters of a message that repeats what a file says
MOST_SHOWN = 100  # characters of what was given


class KdicError(Exception):
    """Base class of every error that music21-kdic raises on purpose.

    Attributes:
        exit_status: of the command line: 1 where something failed, 2 where it was asked for wrongly.
    """

    exit_status: ClassVar[int] = 1


class InputError(KdicError):
    """A path that names no file or folder, or a pattern that matches none."""

    exit_status = 2


class MissingExtraError(KdicError, ImportError):
    """A package that only some uses need is not installed; the message says how to install it."""

    exit_status = 2


class UnreadableError(KdicError):
    """A file that is missing, is not what its name says, changes while it is read, or holds what no music needs."""


class NoteError(KdicError, ValueError):
    """Notes or a bar grid that are no music (a note without an end, a bar of length 0), or more than is read."""


class ModelError(KdicError):
    """A model file that is damaged, has a contract of another version, or could do what no model need."""

    exit_status = 2

    def __init__(self, message: str) -> None:
        super().__init__(message[:LONGEST])  # a model may be full of names a megabyte long


class RegistrationError(KdicError):
    """``instrumentLikelihood`` cannot be added to music21 without harming something."""


class UnsupportedVersionError(KdicError, ImportError):
    """A music21 that is too old or too new for this version of music21-kdic."""


class PriorError(KdicError, ValueError):
    """Class priors that are no probabilities of the eight classes."""

    exit_status = 2


class OutputError(KdicError):
    """A result that cannot be written: something of that name is there, its ending is unknown, the disk is full."""

    exit_status = 2


class WriteError(OutputError):
    """A write that failed: the disk is full, or the file system refuses."""

    exit_status = 1


class LimitError(KdicError, ValueError):
    """A limit or a number of workers that lets nothing through."""

    exit_status = 2


class ClassNameError(KdicError, ValueError):
    """A name that is none of the eight classes, or of no instrument that music21 knows."""

    exit_status = 2


class WishError(KdicError, ValueError):
    """Classes that are wished for with weights that are no numbers, or with none but 0."""

    exit_status = 2


class StatementError(KdicError, ValueError):
    """Instruments that are stated otherwise than one a part, or by a program that is none."""

    exit_status = 2


def shown(given: Any) -> str:
    """How errors show what was given: its beginning, where it is long.

    >>> shown([(0, 1, 60)]), len(shown(list(range(1000))))
    ('[(0, 1, 60)]', 100)
    """
    text = repr(given)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 3] + '...'


def is_of_a_signal(error: BaseException) -> bool:
    """Did a signal handler raise this: a time limit of the user's, say, which is no fault of what is read or run?

    A handler runs between two instructions of whatever is running, so what it raises looks like the error of that. The
    traceback tells: a handler is given the frame that it interrupts.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(interrupted in _given(handler) for interrupted, handler in pairwise(frames))


def _given(frame: FrameType) -> list[FrameType]:
    """The frames that a function was given as arguments."""
    values = frame.f_locals.values()
    return [
        each
        for value in values
        for each in (value if isinstance(value, tuple) else (value,))
        if isinstance(each, FrameType)
    ]


@contextmanager
def raised_as(make: Callable[[Exception], KdicError]) -> Iterator[None]:
    """Make an error of this package of whatever is raised within by code that raises anything.

    What a signal handler raises comes through as it is (:func:`is_of_a_signal`).
    """
    try:
        yield
    except Exception as error:
        if is_of_a_signal(error):
            raise
        raise make(error) from error


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """Import packages of an extra of this package within.

    Args:
        extra: its name in pyproject.toml.
        what: the use that needs it, for the message.

    Raises:
        MissingExtraError: where one of them is not installed.
    """
    try:
        yield
    except ImportError as error:
        package = (error.name or extra).partition('.')[0]
        raise MissingExtraError(f'{what} needs {package}: pip install "music21-kdic[{extra}]"') from error
