"""Which streams of a Score or an Opus are its parts, and where each of them stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile

from music21 import base, note, stream

from music21_kdic.errors import NoteError
from music21_kdic.reading.nested import AnyStream, check_is_not_around, inside, quarters
from music21_kdic.reading.together import Moved, moved_together
from music21_kdic.reading.walk import is_played

MAX_PARTS = 65_535  # as many as a MIDI file has room for


@dataclass(frozen=True, eq=False)
class Placed:
    """A part where it stands.

    Attributes:
        part: the stream.
        offset: where it begins in its piece, in quarter lengths.
        around: the streams of the piece that it is in, from the inside out, and where it begins in each.
        meters: of streams around that were looked through, by id: when a meter takes over, and the length of its bars.
            The parts of a piece share them, so that a Score is not looked through once for each.
        moved: where its Measures begin together with those of the other parts, if that is not where it has them.
        drums_marked: every stroke of a drum is an Unpitched, so no instrument and no clef makes drums of notes.
    """

    part: AnyStream
    offset: float = 0.0
    around: tuple[tuple[AnyStream, float], ...] = ()
    meters: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    moved: Moved | None = None
    drums_marked: bool = False


def holds_parts(s: AnyStream) -> bool:
    """Has each part of a stream an answer of its own? A Score's and an Opus's, and of other streams with several Parts.

    What a Part, a Measure or a Voice holds is all of one part.

    >>> holds_parts(stream.Stream([stream.Part(), stream.Part()])), holds_parts(stream.Stream([note.Note()]))
    (True, False)
    """
    if isinstance(s, stream.Score | stream.Opus):
        return True
    parts, stack, seen = 0, [s], {id(s)}
    while stack:
        site = stack.pop()
        if isinstance(site, stream.Part | stream.Measure | stream.Voice):
            parts += isinstance(site, stream.Part) and site is not s
            continue
        for element in site.elements:
            if isinstance(element, stream.Stream) and id(element) not in seen:
                seen.add(id(element))
                stack.append(element)
    return parts > 1


def parts_of(s: AnyStream) -> list[AnyStream]:
    """The streams that each get an answer: the Parts of a Score or Opus in score order, else the stream itself.

    Any other Stream with notes in the place of a Part counts as one; one that :func:`holds_parts` is read as a Score.

    Raises:
        NoteError: where a Score holds itself, more than MAX_PARTS parts, or notes beside its parts, in none of them.

    >>> from music21 import corpus
    >>> [part.id for part in parts_of(corpus.parse('bwv66.6'))]
    ['Soprano', 'Alto', 'Tenor', 'Bass']
    """
    return [placed.part for piece in placed_pieces(s) for placed in piece]


def placed_pieces(s: AnyStream) -> list[list[Placed]]:
    """What :func:`parts_of` finds, piece by piece: the parts of a Score belong together, those of an Opus not.

    Raises:
        NoteError: as :func:`parts_of`.

    >>> one = stream.Score([stream.Part(), stream.Part()])
    >>> [len(piece) for piece in placed_pieces(stream.Opus([one, stream.Score([stream.Part()])]))]
    [2, 1]
    >>> score = stream.Score([stream.Part()])
    >>> score.insert(8.0, stream.Part())
    >>> [placed.offset for placed in placed_pieces(score)[0]]
    [0.0, 8.0]
    """
    if not holds_parts(s):
        return [[Placed(s)]]
    pieces: list[list[Placed]] = [[]]
    meters: dict[int, list[tuple[float, float]]] = {}
    total = 0
    # Not `s.parts`: that would make `s` each part's active site.
    stack = [(s, iter(s.elements), 0, 0.0)]
    around = {id(s)}
    while stack:
        site, rest, before, start = stack[-1]
        element = next(rest, None)
        if pieces[-1] and isinstance(site, stream.Opus):
            pieces.append([])
        if element is None:
            stack.pop()
            around.discard(id(site))
            if total > before:
                _check_nothing_is_beside(site)
            elif not isinstance(site, stream.Opus):
                pieces[-1].append(Placed(site, start, _around(stack, start), meters))
                total += 1
        elif isinstance(element, stream.Stream):
            offset = 0.0 if isinstance(site, stream.Opus) else start + quarters(site.elementOffset(element))
            if holds_parts(element):
                check_is_not_around(element, around)
                stack.append((element, iter(element.elements), total, offset))
                around.add(id(element))
            elif _is_a_part(element):
                pieces[-1].append(Placed(element, offset, _around(stack, offset), meters))
                total += 1
        if total > MAX_PARTS:
            raise NoteError(f'more than {MAX_PARTS} parts in one {type(s).__name__}: at most that many are read')
    return [_together(piece) for piece in pieces if piece]


def _together(piece: list[Placed]) -> list[Placed]:
    """The parts of a piece, with where their Measures begin together."""
    if len({placed.offset for placed in piece}) > 1:
        return piece
    moved = moved_together([placed.part for placed in piece])
    return piece if moved is None else [replace(each, moved=to) for each, to in zip(piece, moved, strict=True)]


def _around(
    stack: list[tuple[AnyStream, Iterator[base.Music21Object], int, float]], offset: float
) -> tuple[tuple[AnyStream, float], ...]:
    """The streams of one piece around what begins there, from the inside out, and where it begins in each."""
    sites = [(site, offset - start) for site, _, _, start in reversed(stack)]
    return tuple(takewhile(lambda placed: not isinstance(placed[0], stream.Opus), sites))


def _is_a_part(s: AnyStream) -> bool:
    """A Part, or what generators put in its place: any other Stream with notes that is no bar and no voice of one."""
    if isinstance(s, stream.Part | stream.Measure | stream.Voice):
        return isinstance(s, stream.Part)
    return any(isinstance(element, note.NotRest) for _, element, _ in inside(s))


def _check_nothing_is_beside(site: AnyStream) -> None:
    """Refuse a stream of parts that has notes in none of them: they would be lost."""
    for element in site.elements:
        inner = [each for _, each, _ in inside(element)] if isinstance(element, stream.Measure | stream.Voice) else []
        if any(map(_is_played, [element, *inner])):
            kind = type(element).__name__
            raise NoteError(
                f'{type(site).__name__}: a {kind} beside its parts, in none of them; wanted all notes in Parts'
            )


def _is_played(element: base.Music21Object) -> bool:
    return isinstance(element, note.NotRest) and is_played(element)
