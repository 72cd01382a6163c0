"""A score whose notes are coloured by what they add to a class."""

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.answers.likelihood import Asked
from music21_kdic.errors import NoteError
from music21_kdic.reading.notes import FloatArray, NoteSequence

if TYPE_CHECKING:
    from music21 import note

    from music21_kdic.answers.explain import Explanation
    from music21_kdic.reading.nested import AnyStream

FOR, AGAINST = '#0072B2', '#D55E00'  # blue and vermilion, which stay apart for colour-blind readers


def colored(explanation: 'Explanation', asked: Asked, s: 'AnyStream', staves: int = 0) -> 'AnyStream':
    """A copy of the stream that was classified, its notes coloured by their evidence: FOR and AGAINST the class.

    The more a note adds, the fuller its colour; what adds next to nothing is black, whatever colour it had.

    Args:
        explanation: of the answer.
        asked: what was classified.
        s: the stream that was; of an instrument of several staves one of them, or a Score of them all.
        staves: how many the instrument has, 0 for one that stands on a single staff.

    Raises:
        NoteError: where the stream is another than was classified.
    """
    from music21_kdic.reading.nested import inside
    from music21_kdic.reading.streams import offset_in_score

    # Where two staves strike a key at once, the longer note was classified.
    classified = _notes(asked.part, ends=not staves)
    colors = dict(zip(classified, _colors(explanation.notes), strict=True))
    readings = (
        (_notes(part.moved(start), ends=not staves), elements)
        for part, elements in _readings(s)
        for start in _starts(part, asked.part, offset_in_score(s))
    )
    fitting = (each for each in readings if (set(each[0]) <= set(colors) if staves else each[0] == classified))
    found, elements = next(fitting, (None, ()))
    if found is None:
        wanted = f'one of the {staves} staves that were' if staves else 'the stream that was'
        notes = len(next(_readings(s))[0])
        raise NoteError(f'{type(s).__name__} of {notes} notes: wanted {wanted} classified')
    color_of = {id(element): colors[note] for note, tied in zip(found, elements, strict=True) for element in tied}
    painted = _copied(s)
    for (_, own, _), (_, other, _) in zip(inside(s), inside(painted), strict=True):
        if other.hasStyleInformation and any(id(one) in color_of for one in _sounding(own)[1:]):
            other.style.color = None  # a chord's own, which music21 writes in the place of its notes'
        for element, twin in zip(_sounding(own), _sounding(other), strict=True):
            if id(element) in color_of:
                twin.style.color = color_of[id(element)] or None  # one of another class, too, may have been painted
    return painted


def _readings(s: 'AnyStream') -> 'Iterator[tuple[NoteSequence, list[list[note.Note]]]]':
    """The notes of a stream and what they are made of: as it has them, then as its Score has them."""
    from music21 import stream

    from music21_kdic.reading.pieces import Placed, placed_pieces
    from music21_kdic.reading.streams import notes_and_elements

    yield notes_and_elements(Placed(s))
    scores = [s, *s.sites.yieldSites(excludeNone=True)]
    for score in scores:
        if isinstance(score, stream.Score):
            for piece in placed_pieces(score):
                here = [each for each in piece if each.moved is not None and (score is s or each.part is s)]
                if here:
                    yield _side_by_side([notes_and_elements(each) for each in here])


def _side_by_side(
    parts: 'Sequence[tuple[NoteSequence, list[list[note.Note]]]]',
) -> 'tuple[NoteSequence, list[list[note.Note]]]':
    """The notes of some parts as those of one."""
    onsets, ends, pitches = (
        np.concatenate([getattr(read, name) for read, _ in parts]) for name in ('onsets', 'ends', 'pitches')
    )
    elements = [tied for _, of_part in parts for tied in of_part]
    order = np.lexsort((ends, pitches, onsets))
    together = NoteSequence(onsets[order], ends[order], pitches[order], parts[0][0].bars)
    return together, [elements[row] for row in order.tolist()]


def _copied(s: 'AnyStream') -> 'AnyStream':
    """A copy of a stream. music21 makes one, and thereby takes notes at the ends of a slur, say, for its own."""
    from music21_kdic.reading.nested import inside

    sites = [(element, element.activeSite) for _, element, _ in inside(s)]
    painted = copy.deepcopy(s)
    for element, site in sites:
        if element.activeSite is not site:
            element.activeSite = site
    return painted


def _starts(part: NoteSequence, classified: NoteSequence, stands: float) -> list[float]:
    """Where a stream may begin for its first and last note to be among those that were classified.

    That nearest to where it stands in its Score is first.
    """
    if not len(part):
        return [0.0]
    first, last = (
        {
            round(start, 7): start
            for start in classified.onsets[classified.pitches == part.pitches[row]] - part.onsets[row]
        }
        for row in (0, -1)
    )
    return sorted((first[start] for start in first.keys() & last.keys()), key=lambda start: abs(start - stands))


def _notes(part: NoteSequence, ends: bool) -> list[tuple[float, ...]]:
    """Of each note its onset, its pitch, and, if wanted, its end."""
    columns = (part.onsets.round(7), part.pitches, *([part.ends.round(7)] if ends else []))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _sounding(element: Any) -> list[Any]:
    """The notes of an element: itself, or those of a chord."""
    inner = getattr(element, 'notes', ()) if 'ChordBase' in element.classes else ()
    return [element, *inner]


def _colors(evidence: FloatArray) -> list[str]:
    """A colour for each note, '' for those that add less than a tenth of what the strongest do."""
    known = np.nan_to_num(evidence)
    strongest = float(np.quantile(np.abs(known), 0.95)) if known.size else 0.0
    colors = []
    for value in known.tolist():
        strength = min(1.0, abs(value) / strongest) if strongest else 0.0
        full = FOR if value > 0 else AGAINST
        parts = [int(full[first : first + 2], 16) for first in (1, 3, 5)]
        colors.append('#' + ''.join(f'{round(strength * c):02X}' for c in parts) if strength >= 0.1 else '')
    return colors
