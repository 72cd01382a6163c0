"""MusicXML whose measures begin together in all parts, as they do in a score.

music21 lays out each part by itself. A measure that is not filled in one part is shorter there, and a rest of a whole
measure is as long as the meter says, in a pickup, too: from there on the parts do not begin their measures together. So
each measure is made equally long in all parts: what a part lacks is filled with a rest, and rests that go beyond the
measure are cut.

Parts whose meters are not equally long at a time, and measures that say that they do not control the others
(``non-controlling``), are left as they are.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from xml.etree.ElementTree import Element, SubElement

from music21_kdic.reading.musicxml_time import Timed, TimedMeasure, resize, timed_measures, write_duration

NEAR = Fraction(1, 50)  # quarter lengths: two lengths so near are the same, but for rounding
# Quarter lengths. A measure that is a little longer or shorter than its meter, by no multiple of these, is that for
# the rounding of a program, too.
_UNITS = (Fraction(1, 32), Fraction(1, 24))
_LITTLE = Fraction(1, 2)


@dataclass(frozen=True)
class _Filled:
    """How far a part fills a measure, in quarter lengths from the barline.

    Attributes:
        measure: the measure.
        meter: how long the meter says it is; None where no meter is known.
    """

    measure: TimedMeasure
    meter: Fraction | None

    @cached_property
    def end(self) -> Fraction:
        """Where what is written in it ends, rests of the whole measure and ``forward``s, too."""
        return max((each.end for each in self.measure.inside if each.element.tag != 'backup'), default=Fraction(0))

    @cached_property
    def last_written(self) -> Fraction:
        """Where its last note ends, or its last rest with a length of its own."""
        written = (each for each in self.measure.inside if each.element.tag == 'note' and not _is_whole_rest(each))
        return max((each.end for each in written), default=Fraction(0))

    @cached_property
    def last_note(self) -> Fraction:
        """Where its last note ends; 0 where none takes time."""
        return max((each.end for each in self.measure.inside if each.is_note), default=Fraction(0))


def _is_whole_rest(each: Timed) -> bool:
    """Is it a rest that says that it is as long as its measure?"""
    rest = each.element.find('rest')
    return rest is not None and rest.get('measure') == 'yes'


def align_measures(score: Element) -> None:
    """Make each measure of a ``score-partwise`` equally long in all parts, where they have equally many measures.

    Raises:
        ValueError, OverflowError, ZeroDivisionError: where a number is none.
    """
    parts = list(score.iterfind('part'))
    if len({len(part.findall('measure')) for part in parts}) != 1:
        return
    meters: list[Fraction | None] = [None] * len(parts)
    filled = []
    for measures in zip(*map(timed_measures, parts), strict=True):
        meters = [_meter(measure.element, before) for measure, before in zip(measures, meters, strict=True)]
        filled.append([_Filled(*each) for each in zip(measures, meters, strict=True)])
    found = [_length(each) for each in filled]
    for place, here in enumerate(filled):
        length = found[place]
        beside = [*found[max(0, place - 1) : place], *found[place + 1 : place + 2]]
        if place and length and _lacks_something(here, length, beside):
            length = here[0].meter or length
        for measure in [each.measure for each in here] if length else ():
            for rest in measure.element.iterfind('note/rest'):
                rest.attrib.pop('measure', None)  # music21 would make it as long as the meter says
            if any(each.is_note for each in measure.inside):
                _fit(measure, length)
            else:
                _rest(measure, length)


def _meter(measure: Element, before: Fraction | None) -> Fraction | None:
    """The length of a bar in quarter lengths, also where beats are written as a sum; None where no meter is known."""
    time = measure.find('attributes/time')
    if time is None:
        return before
    beats = [sum(map(int, each.text.split('+'))) for each in time.iterfind('beats') if each.text]
    units = [int(each.text) for each in time.iterfind('beat-type') if each.text]
    if not beats or len(beats) != len(units) or min(*beats, *units) < 1:
        return None
    return sum((Fraction(4 * beat, unit) for beat, unit in zip(beats, units, strict=True)), Fraction(0))


def _length(parts: Sequence[_Filled]) -> Fraction:
    """How long a measure is, in quarter lengths: as most parts that play in it fill it, but no note is cut.

    Rests of the whole measure say nothing where anything else does: they may be as long as the meter is, in a pickup,
    too.

    Returns:
        0 where it is to be left as it is.
    """
    meters = {part.meter for part in parts if part.meter}
    if len(meters) > 1 or any(part.measure.element.get('non-controlling') == 'yes' for part in parts):
        return Fraction(0)
    meter = next(iter(meters), None)
    playing = [part for part in parts if part.last_note]
    sure = [part.end for part in playing if part.end == part.last_written]
    within = [max(part.last_written, min(part.end, meter or part.end)) for part in playing]
    ends = Counter(sure or within or [part.end for part in parts if part.end])
    if not ends:
        return Fraction(0)
    most, _ = max(ends.items(), key=lambda each: (each[1], each[0] == meter, each[0]))
    if not playing:
        return min(most, meter or most)
    length = max(most, *(part.last_note for part in parts))
    return meter if meter and is_rounding(length - meter) else length


def _lacks_something(parts: Sequence[_Filled], length: Fraction, beside: Sequence[Fraction]) -> bool:
    """Is a measure as long as its meter, though what is written in it is shorter, ``length``?

    So it is where a rest says so: as long as the meter, or of the whole measure where nobody plays. But a pickup
    (``implicit``) may be shorter, and so may one of two measures that are as long as the meter together.
    """
    meter = next((part.meter for part in parts if part.meter), None)
    implicit = any(part.measure.element.get('implicit') == 'yes' for part in parts)
    if meter is None or length >= meter or implicit or any(length + other == meter for other in beside):
        return False
    if any(part.last_note for part in parts):
        return any(part.end == meter for part in parts)
    rests = [each for part in parts for each in part.measure.inside if each.element.tag == 'note']
    return all(map(_is_whole_rest, rests))


def is_rounding(apart: Fraction) -> bool:
    """Is a measure that is so much longer than its meter, or shorter if below 0, as long as that but for rounding?"""
    of_no_unit = all(abs(apart - unit * round(apart / unit)) > unit * NEAR for unit in _UNITS)
    return abs(apart) < NEAR or (abs(apart) < _LITTLE and of_no_unit)


def _fit(measure: TimedMeasure, length: Fraction) -> None:
    """Cut the rests of a measure that go beyond its end, and fill it up to there."""
    lengths = {
        each.element: max(Fraction(0), length - each.start)
        for each in measure.inside
        if each.is_rest and each.end > length
    }
    filled = max(min(each.end, length) for each in measure.inside if each.element.tag == 'note')
    last = [each for each in measure.inside if each.is_note and each.length and each.end == filled < length]
    if any(each.element.find("tie[@type='start']") is not None for each in last):
        # A rest would come between a note and the one that it is tied to.
        lengths |= {each.element: length - each.start for each in last}
        filled = length
    now = measure.now
    resize(measure, lengths)
    if filled >= length:
        return
    now = min(now, length)
    _write_divisions(measure, len(measure.element))
    if now > filled:  # behind a forward, in which music21 sees nothing
        write_duration(SubElement(measure.element, 'backup'), (now - filled) * measure.divisions)
        now = filled
    rest = _silence((length - now) * measure.divisions)
    measure.element.append(rest)
    written = [each.element for each in measure.inside if each.element.tag == 'note']
    for tag in ('voice', 'staff'):
        if text := written[-1].findtext(tag):
            SubElement(rest, tag).text = text


def _rest(measure: TimedMeasure, length: Fraction) -> None:
    """Have a part rest in a measure of so many quarter lengths."""
    silent = [each.element for each in measure.inside if each.element.tag in ('note', 'forward', 'backup')]
    place = list(measure.element).index(silent[0]) if silent else len(measure.element)
    for element in silent:
        measure.element.remove(element)
    # Two rests: music21 makes one that is alone as long as the meter says.
    for _ in range(2):
        measure.element.insert(place, _silence(length / 2 * measure.divisions))
    _write_divisions(measure, place)


def _silence(divisions: Fraction) -> Element:
    rest = Element('note')
    SubElement(rest, 'rest')
    write_duration(rest, divisions)
    return rest


def _write_divisions(measure: TimedMeasure, place: int) -> None:
    """Write the divisions of a quarter length at a place of a measure, where the part has not yet."""
    if not measure.has_divisions:
        attributes = Element('attributes')
        SubElement(attributes, 'divisions').text = str(measure.divisions)
        measure.element.insert(place, attributes)
