"""A stream and all the streams inside: each of their elements, and where it begins."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from music21 import base, stream

from music21_kdic.errors import NoteError

AnyStream: TypeAlias = 'stream.Stream[base.Music21Object]'

# One stream may be in many others: a few of them, nested, hold more elements than there are.
MAX_ELEMENTS = 5_000_000


def inside(
    s: AnyStream, begins: Mapping[int, float] = MappingProxyType({})
) -> Iterator[tuple[float, base.Music21Object, AnyStream]]:
    """All that is in a stream and in the streams inside, as met: its offset from the start, itself, what it is in.

    ``begins``: by its id, where an element of the stream itself begins, if that is not where the stream has it.
    """
    # Not by recursion, music21's or our own, which ends at some 300 streams. And not `for element in s`: that would
    # make `s` each element's active site, and change what its offset is.
    stack = [(0.0, s, iter(s.elements))]
    around = {id(s)}
    met = 0
    while stack:
        start, site, rest = stack[-1]
        for element in rest:
            offset = begins.get(id(element)) if site is s else None
            offset = start + quarters(site.elementOffset(element)) if offset is None else offset
            yield offset, element, site
            met += 1
            if met > MAX_ELEMENTS:
                raise NoteError(f'more than {MAX_ELEMENTS} elements in one part: at most that many are read')
            if isinstance(element, stream.Stream):
                check_is_not_around(element, around)
                stack.append((offset, element, iter(element.elements)))
                around.add(id(element))
                break
        else:
            stack.pop()
            around.discard(id(site))


def check_is_not_around(s: AnyStream, around: set[int]) -> None:
    """Refuse a stream that is inside itself, which music21 notices only where it holds itself directly."""
    if id(s) in around:
        raise NoteError(f'{type(s).__name__}: a stream that holds itself')


def quarters(length: float | Fraction) -> float:
    """A length or an offset in quarter lengths as a float."""
    found = float(length)
    if not math.isfinite(found):
        raise ValueError(f'{found} quarter lengths, wanted a finite number')
    return found
