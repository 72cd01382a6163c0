"""What counts for a stream though it does not stand in it: what is around it in its Score, and what it was made from.

A Measure sounds on the instrument of its Part; `part.flatten().notes.stream()` on that which it left behind.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import dropwhile, pairwise
from typing import Any, TypeVar

import numpy as np
from music21 import base, sites, stream
from music21.tree import fromStream

from music21_kdic.reading.nested import AnyStream, inside, quarters
from music21_kdic.reading.pieces import holds_parts
from music21_kdic.reading.walk import Walk

_Kind = TypeVar('_Kind', bound=base.Music21Object)
# Methods of a derivation.
_TAKEN_OUT = ('', 'notes', 'notesAndRests', 'is', 'isNot', 'streamFilter', '<lambda>', 'splitByClass')
FLAT = ('flatten', 'flat')  # music21 10, and 9
_FRAMES = ('cloneEmpty', 'template', 'extractContext')
# How music21 flattens a stream around another to look for its context, by what it says of it.
_FLATTENED: dict[str, tuple[Any, ...]] = {
    'elementsOnly': (False,),
    'flatten': ('semiFlat',),
    'elementsFirst': (False, 'semiFlat'),
}


def around(s: AnyStream) -> Iterator[Any]:
    """The contexts of a stream, as music21 sees them, without the stream itself."""
    yield from s.contextSites(callerFirst=s)


def scores_around(s: AnyStream) -> Iterator[tuple[stream.Score, float]]:
    """The Scores that a stream is in, from the inside out, and where it begins in each."""
    start, inner, site, seen = 0.0, s, s.activeSite, {id(s)}
    while site is not None and id(site) not in seen:
        start += quarters(site.elementOffset(inner))
        if isinstance(site, stream.Score):
            yield site, start
        seen.add(id(site))
        inner, site = site, site.activeSite


def origins(s: AnyStream) -> Iterator[Any]:
    """What a stream was made from, the nearest first; in place of a Score of one part that part."""
    for origin in s.derivation.chain():
        inside_it = origin.elements if isinstance(origin, stream.Score) else ()
        parts = [part for part in inside_it if isinstance(part, stream.Part)]
        yield parts[0] if len(parts) == 1 else origin


def in_force(s: AnyStream, kind: type[_Kind]) -> _Kind | None:
    """The instrument or meter that something around a stream sets for it, None where nothing does.

    It is what ``s.getContextByClass(kind)`` finds. That leaves a tree in each stream that it asks, and music21 cannot
    pickle a stream with a tree. And it looks through the whole Score for each Measure; what the Part of a Measure sets
    is looked up without.
    """
    if isinstance(s, stream.Measure | stream.Voice) and (own := _set_before(s, kind)) is not None:
        return own
    if not any(around(s)):  # music21 would look inside, by recursion
        return None
    for site, position, search in s.contextSites(returnSortTuples=True):
        for flatten in _FLATTENED[search]:
            before = fromStream.asTree(site, flatten=flatten, classList=(kind,)).getNodeBefore(position)
            if before is not None and not _is_later(before.payload, s, site):
                found: _Kind = before.payload
                return found
    return None


def _set_before(s: AnyStream, kind: type[_Kind]) -> _Kind | None:
    """What the Part of a Measure or Voice sets last before it, or where it begins; None where it sets nothing."""
    inner, site, seen = s, s.activeSite, {id(s)}
    while site is not None and id(site) not in seen and not isinstance(site, stream.Score | stream.Opus):
        begins = site.elementOffset(inner)
        placed = sorted(((site.elementOffset(each), each) for each in site.elements), key=lambda one: one[0])
        for offset, element in reversed(placed):
            if isinstance(element, stream.Stream):
                found = _last_inside(element, kind) if offset < begins else None
            else:
                found = element if isinstance(element, kind) and offset <= begins else None
            if found is not None:
                return found
        seen.add(id(site))
        inner, site = site, site.activeSite
    return None


def _last_inside(s: AnyStream, kind: type[_Kind]) -> _Kind | None:
    elements: Sequence[base.Music21Object] = s.elements
    if any(isinstance(element, stream.Stream) for element in elements):
        elements = [element for _, element, _ in sorted(inside(s), key=lambda met: met[0])]
    return next((element for element in reversed(elements) if isinstance(element, kind)), None)


def _is_later(element: base.Music21Object, s: AnyStream, site: AnyStream) -> bool:
    """Do both stand in a stream, the element behind the other?"""
    with suppress(sites.SitesException):
        at, here = (each.sortTuple(site, raiseExceptionOnMiss=True) for each in (element, s))
        return bool(here < at)
    return False


def hear_before(s: AnyStream, kind: type[_Kind], walk: Walk, met: list[list[tuple[float, _Kind]]]) -> None:
    """Add the instruments or clefs that are in force before a stream begins to those that were met in it."""
    begins = min((heard.onset for heard in walk.notes if heard.player == 0), default=-np.inf)
    first = min((offset for offset, _ in met[0]), default=np.inf)
    made_from = list(origins(s)) if begins < first else []
    of_several_parts = made_from and holds_parts(made_from[-1])
    left = [] if of_several_parts else left_behind(s, kind, sum(map(len, met)), begins, first)
    # The first is there from the beginning, wherever what was taken out of the part has gone.
    earliest = min((offset for offset, _ in left), default=-np.inf)
    before = [(-np.inf if offset == earliest else offset, each) for offset, each in left]
    if not before and isinstance(s, stream.Measure | stream.Voice) and (outside := in_force(s, kind)) is not None:
        before = [(-np.inf, outside)]
    met[0][:0] = before
    _hear_beside(s, kind, met[0])


def _hear_beside(s: AnyStream, kind: type[_Kind], met: list[tuple[float, _Kind]]) -> None:
    """Add the changes beside its Measures to those that were met in an excerpt, or in an excerpt that was flattened.

    ``part.measures(1, 8)`` puts beside them what is in force where they begin, and none of what takes over later.
    """
    line: list[Any] = list(dropwhile(lambda made: made.derivation.method in FLAT, [s, *s.derivation.chain()]))
    excerpt = line[0] if line else s
    measure = next((each for each in excerpt.elements if isinstance(each, stream.Measure)), None)
    for made, origin in pairwise(line):
        if made.derivation.method != 'measures' or measure is None:
            break
        starts = quarters(origin.elementOffset(measure))
        if _has_lost(s if made is excerpt else made, origin, kind, starts - quarters(made.elementOffset(measure))):
            break
        shift = starts - quarters(excerpt.elementOffset(measure))
        of_kind = [each for each in origin.elements if isinstance(each, kind)]
        beside = [(quarters(origin.elementOffset(each)) - shift, each) for each in of_kind]
        met[:] = [*beside, *((offset, each) for offset, each in met if all(each is not one for one in of_kind))]


def _has_lost(made: AnyStream, origin: AnyStream, kind: type[_Kind], begins: float) -> bool:
    """Was what is in force where an excerpt begins in its origin taken out of it, on purpose?"""
    before = [(offset, each) for offset, each, _ in inside(origin) if isinstance(each, kind) and offset <= begins]
    last = max((offset for offset, _ in before), default=begins)
    has = {id(each) for _, each, _ in inside(made)}
    return bool(before) and not any(id(each) in has for offset, each in before if offset == last)


def left_behind(
    s: AnyStream, kind: type[_Kind], has: int = 0, begins: float = -np.inf, first: float = np.inf
) -> list[tuple[float, _Kind]]:
    """The instruments, clefs or meters of that which a stream was made from, as `part.flatten().notes.stream()` is,
    without them: when each takes over, in the stream's own offsets; minus infinity for what is around all of it.

    They count between where the stream ``begins`` and the ``first`` that it has itself; ``has``: how many those are.
    What has fewer than that which it is a copy of has lost some on purpose.
    """
    made_from = origins(s) if begins < first else ()
    left: list[tuple[float, _Kind]] = []
    for made, origin in zip([s, *s.derivation.chain()], made_from, strict=False):
        met = [(offset, element) for offset, element, _ in inside(origin)]
        found = sorted(
            ((offset, element) for offset, element in met if isinstance(element, kind)), key=lambda one: one[0]
        )
        if _is_taken_out(made.derivation.method):
            there = {id(element): offset for offset, element in met}
            moved = (there[id(each)] - offset for offset, each, _ in inside(s) if id(each) in there)
            earlier = next(moved, 0.0)
            left[:0] = [(offset - earlier, each) for offset, each in found if offset - earlier < first]
            first = min((offset for offset, _ in left), default=first)
        elif not _carries_along(made.derivation.method) or len(found) > has:
            break
        if first <= begins:
            break
        if isinstance(origin, stream.Measure | stream.Voice) and (outside := in_force(origin, kind)) is not None:
            return [(-np.inf, outside), *left]
        has = len(found)
    return left


def _is_taken_out(method: str | None) -> bool:
    """Does a derivation put elements of a stream, and no copies of them, in another, and leave what it likes behind?

    What comes of an iterator is called after its filters, joined by points; after none of them ''.
    """
    return method is not None and any(each in _TAKEN_OUT or each.startswith('getElement') for each in method.split('.'))


def _carries_along(method: str | None) -> bool:
    """Does a derivation make a copy, or something else that has the instruments and clefs of what it was made from?

    music21 calls it after the method of a Stream. It may be called anything by who asks for an empty frame.
    """
    return method is not None and method not in _FRAMES and hasattr(stream.Score, method)
