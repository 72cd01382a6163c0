"""When the elements of a MusicXML measure begin, and how long they last, in quarter lengths."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

_WRITTEN_LENGTH = ('type', 'dot', 'time-modification')


class Timed(NamedTuple):
    """An element of a measure, where it stands there, and the divisions of a quarter length at that place."""

    start: Fraction
    length: Fraction
    element: Element
    divisions: Fraction

    @property
    def end(self) -> Fraction:
        """Where it ends."""
        return self.start + self.length

    @property
    def is_rest(self) -> bool:
        """Is it silent, and takes time: a rest, or a ``forward``?"""
        return self.element.tag == 'forward' or (self.element.tag == 'note' and self.element.find('rest') is not None)

    @property
    def is_note(self) -> bool:
        """Is it a note, and no rest?"""
        return self.element.tag == 'note' and self.element.find('rest') is None


@dataclass(frozen=True)
class TimedMeasure:
    """A measure of a part.

    Attributes:
        element: of the document.
        inside: its elements.
        now: where what is written behind them begins.
        divisions: of a quarter length, at its end; 1 where the part has not said so yet.
        has_divisions: it has.
    """

    element: Element
    inside: list[Timed]
    now: Fraction
    divisions: Fraction
    has_divisions: bool


def timed_measures(part: Element) -> Iterator[TimedMeasure]:
    """The measures of a part, each as it is when its turn comes.

    Raises:
        ValueError, OverflowError, ZeroDivisionError: where a length, or the divisions of a quarter length, are none.
    """
    divisions, has_divisions = Fraction(1), False
    for measure in part.iterfind('measure'):
        now = begun = Fraction(0)
        inside = []
        for element in measure:
            if element.tag == 'attributes' and element.findtext('divisions'):
                divisions, has_divisions = _number(element.findtext('divisions')), True
            # A grace note may say how much of another note's time it takes.
            takes_time = element.tag in ('note', 'forward', 'backup') and element.find('grace') is None
            length = _number(element.findtext('duration')) / divisions if takes_time else Fraction(0)
            in_chord = element.tag == 'note' and element.find('chord') is not None
            inside.append(Timed(begun if in_chord else now, length, element, divisions))
            if in_chord:
                continue
            if element.tag == 'note':
                begun = now
            now = max(Fraction(0), now - length) if element.tag == 'backup' else now + length
        yield TimedMeasure(measure, inside, now, divisions, has_divisions)


def _number(text: str | None) -> Fraction:
    return Fraction(float(text or 0))  # by way of a float: it bounds how large a number can be


def resize(measure: TimedMeasure, lengths: Mapping[Element, Fraction]) -> None:
    """Give notes, rests and ``forward``s of a measure other lengths; what has none is taken out.

    What is written from another place on (``backup``) stays where it is.
    """
    longer = Fraction(0)  # by how much what has come since the last backup takes longer than it did
    for each in measure.inside:
        element, length = each.element, each.length
        if element.tag == 'backup':
            if longer:
                write_duration(element, max(Fraction(0), length + longer) * each.divisions)
            longer = Fraction(0)
        elif element in lengths:
            new = lengths[element]
            if element.find('chord') is None:
                longer += new - length
            if new:
                write_duration(element, new * each.divisions)
            else:
                measure.element.remove(element)


def write_duration(element: Element, divisions: Fraction) -> None:
    """Write the duration of an element, in divisions, and take out how that was written as a note value."""
    for tag in _WRITTEN_LENGTH:
        for written in element.findall(tag):
            element.remove(written)
    duration = element.find('duration')
    if duration is None:
        duration = SubElement(element, 'duration')
    duration.text = str(divisions) if divisions.denominator == 1 else repr(float(divisions))
