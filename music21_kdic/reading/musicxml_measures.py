"""MusicXML whose measures begin together in all parts, as they do in a score.

music21 lays out each part by itself. A measure that is not filled in one part is shorter there, and a rest of a whole
measure is as long as the meter says, in a pickup, too: from there on the parts are out of step. So each measure is made
equally long in all parts: what a part lacks is filled with a rest, and rests that go beyond the measure are cut.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from music21_kdic.reading.musicxml_pitch import timed

ROUNDING = 0.02  # quarter lengths: less than that beside the meter is the rounding of a program
_UNITS = (1 / 16, 1 / 12)  # quarter lengths; what is too long by none of them is an error of a program, as in music21
_WRITTEN_LENGTH = ('type', 'dot', 'time-modification')


@dataclass(frozen=True)
class _Filled:
    """How far a part fills a measure, in quarter lengths from the barline.

    Attributes:
        end: where what is written in it ends.
        last_note: where its last note ends.
        divisions: of a quarter length.
        meter: how long the meter says it is; None where no meter is known.
    """

    end: float
    last_note: float
    divisions: float
    meter: float | None


def align_measures(score: Element) -> None:
    """Make each measure of a ``score-partwise`` equally long in all parts, where they have equally many measures.

    Raises:
        ValueError: where a number is none.
    """
    parts = [part.findall('measure') for part in score.iterfind('part')]
    if len({len(measures) for measures in parts}) != 1:
        return
    before: list[_Filled | None] = [None] * len(parts)
    for measures in zip(*parts, strict=True):
        found = [_filled(*each) for each in zip(measures, before, strict=True)]
        length = _length(found)
        for measure, filled in zip(measures, found, strict=True) if length > 0 else ():
            if filled.last_note:
                _cut(measure, length * filled.divisions)
                _fill_up(measure, length * filled.divisions)
            else:
                _rest(measure, length * filled.divisions)
        before = list(found)


def _filled(measure: Element, before: _Filled | None) -> _Filled:
    divisions, meter = (before.divisions, before.meter) if before else (1.0, None)
    divisions = float(measure.findtext('attributes/divisions') or divisions)
    time = measure.find('attributes/time')
    if time is not None:
        meter = _meter(time)
    ends = [(start + _length_of(element), element) for start, element in timed(measure)]
    notes = (end for end, element in ends if element.tag == 'note' and element.find('rest') is None)
    return _Filled(
        end=max((end for end, _ in ends), default=0.0) / divisions,
        last_note=max(notes, default=0.0) / divisions,
        divisions=divisions,
        meter=meter,
    )


def _meter(time: Element) -> float | None:
    """The length of a bar in quarter lengths, also where beats are written as a sum; None where it says nothing."""
    beats = [sum(map(int, each.text.split('+'))) for each in time.iterfind('beats') if each.text]
    units = [int(each.text) for each in time.iterfind('beat-type') if each.text]
    if not beats or len(beats) != len(units) or min(*beats, *units) < 1:
        return None
    return float(sum(Fraction(4 * beat, unit) for beat, unit in zip(beats, units, strict=True)))


def _length_of(element: Element) -> float:
    """The length of a note, a rest or a ``forward``, in divisions."""
    if element.tag not in ('note', 'forward') or element.find('grace') is not None:
        return 0.0
    return float(element.findtext('duration') or 0)


def _length(parts: Sequence[_Filled]) -> float:
    """How long a measure is, in quarter lengths: as most parts that play in it fill it, but no note is cut.

    Rests of whole measures say nothing where others play: they may be as long as the meter is, in a pickup, too.
    """
    meter = next((part.meter for part in parts if part.meter), None)
    playing = [part for part in parts if part.last_note] or [part for part in parts if part.end]
    ends = Counter(round(part.end, 6) for part in playing)
    if not ends:
        return 0.0
    most, _ = max(ends.items(), key=lambda each: (each[1], each[0] == meter, each[0]))
    length = max(most, *(part.last_note for part in parts))
    return meter if meter and _is_rounding(length - meter) else length


def _is_rounding(beyond: float) -> bool:
    of_no_unit = all(abs(beyond - unit * round(beyond / unit)) > 1e-6 for unit in _UNITS)
    return abs(beyond) < ROUNDING or (0 < beyond < 0.5 and of_no_unit)


def _cut(measure: Element, end: float) -> None:
    """Cut what is silent and goes beyond the end of a measure, which is in divisions."""
    for rest in measure.iterfind('note/rest'):
        rest.attrib.pop('measure', None)  # music21 would make it as long as the meter says
    shorter = 0.0  # what follows begins so much earlier, until something is written from another place on
    for start, element in list(timed(measure)):
        length = _length_of(element)
        if element.tag == 'backup':
            back = float(element.findtext('duration') or 0)
            _set_duration(element, max(0.0, back - shorter))
            shorter = 0.0
        elif start + length > end and (element.tag == 'forward' or element.find('rest') is not None):
            left = max(0.0, end - start)
            shorter += length - left
            if left:
                _set_duration(element, left)
            else:
                measure.remove(element)


def _fill_up(measure: Element, end: float) -> None:
    """Write a rest where a measure ends before it should, in divisions."""
    *elements, (now, _) = timed([*measure, Element('end')])
    notes = [(start + _length_of(element), element) for start, element in elements if element.tag == 'note']
    filled = max(past for past, _ in notes)
    if filled >= end:
        return
    if now > filled:  # behind a forward, in which music21 sees nothing
        _set_duration(SubElement(measure, 'backup'), now - filled)
        now = filled
    rest = SubElement(measure, 'note', {'print-object': 'no'})
    SubElement(rest, 'rest')
    _set_duration(rest, end - now)
    _, last = notes[-1]
    for tag in ('voice', 'staff'):
        if text := last.findtext(tag):
            SubElement(rest, tag).text = text


def _rest(measure: Element, length: float) -> None:
    """Have a part rest in a measure of so many divisions."""
    silent = [each for each in measure if each.tag in ('note', 'forward', 'backup')]
    place = list(measure).index(silent[0]) if silent else len(measure)
    for each in silent:
        measure.remove(each)
    # Two rests: music21 makes one that is alone as long as the meter says.
    for _ in range(2):
        rest = Element('note')
        SubElement(rest, 'rest')
        _set_duration(rest, length / 2)
        measure.insert(place, rest)


def _set_duration(element: Element, divisions: float) -> None:
    for tag in _WRITTEN_LENGTH:
        for written in element.findall(tag):
            element.remove(written)
    duration = element.find('duration')
    if duration is None:
        duration = SubElement(element, 'duration')
    duration.text = repr(divisions)
