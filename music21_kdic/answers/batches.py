"""Many parts, so many at a time as bounds the memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from music21_kdic.features.windows import WINDOW_QUARTERS
from music21_kdic.reading.notes import NoteSequence

PARTS = 256  # more at a time are no faster
SOUNDING = 200_000  # times that a note sounds in a window, about
_Thing = TypeVar('_Thing')


def sounding(part: NoteSequence) -> float:
    """About how many times a note of a part sounds in a window: once, and again for each eight quarter lengths."""
    return len(part) + float((part.ends - part.onsets).sum()) / WINDOW_QUARTERS


def batches(parts: Iterable[_Thing], sounds: Callable[[_Thing], float]) -> Iterator[list[_Thing]]:
    """The parts, at most PARTS at a time, and one alone where it sounds more than SOUNDING times.

    Args:
        parts: NoteSequences, or other things with notes.
        sounds: how many times notes sound in one of them, about.

    >>> part = NoteSequence([0, 1], [1, 2], [60, 62], [0, 4])
    >>> [len(some) for some in batches([part] * 600, sounding)]
    [256, 256, 88]
    """
    some: list[_Thing] = []
    total = 0.0
    for part in parts:
        more = sounds(part)
        if some and (len(some) == PARTS or total + more > SOUNDING):
            yield some
            some, total = [], 0.0
        some.append(part)
        total += more
    if some:
        yield some
