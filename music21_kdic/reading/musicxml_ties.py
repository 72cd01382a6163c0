"""MusicXML whose ties have a beginning, and stay on a staff.

A note that is tied to one on another staff is written on that staff: music21 makes a Part of each staff, and would
strike the second note again. So it would where a tie is written at its end alone, as TuxGuitar does.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from music21_kdic.reading.musicxml_pitch import staff_of
from music21_kdic.reading.musicxml_time import Timed, TimedMeasure, timed_measures, write_duration

_PITCH = ('step', 'alter', 'octave')
_VOICE_OF_ITS_OWN = '99'


class _Open(NamedTuple):
    """A tie that has begun: its staff, the number of its measure, and where its note ends there."""

    staff: str
    measure: int
    end: Fraction


def begin_ties(part: Element) -> None:
    """Where a part has ends of ties and no beginning, begin each: at the note of its pitch and voice that ends there.

    Raises:
        ValueError, OverflowError, ZeroDivisionError: where a number is none.
    """
    if {tie.get('type') for tie in part.iterfind('measure/note/tie')} != {'stop'}:
        return
    ending: dict[tuple[Fraction | str | None, ...], Element] = {}
    barline = Fraction(0)
    for measure in timed_measures(part):
        for each in measure.inside:
            if not each.is_note or not each.length:
                continue
            note = each.element
            key = staff_of(note), *_voice_and_pitch(note)
            before = ending.get((barline + each.start, *key))
            if before is not None and note.find('tie') is not None:
                SubElement(before, 'tie', type='start')
            ending[barline + each.end, *key] = note
        barline += max((each.end for each in measure.inside if each.element.tag != 'backup'), default=Fraction(0))


def _voice_and_pitch(note: Element) -> tuple[str | None, ...]:
    return note.findtext('voice'), *(note.findtext(f'pitch/{tag}') for tag in _PITCH)


def keep_ties_on_their_staff(part: Element) -> None:
    """Write a note that is tied to one on another staff on that staff, out of its chord if need be.

    A tie goes on only where its first note ends. One that never does is forgotten.
    """
    if part.find('measure/note/tie') is None or part.find('measure/attributes/staves') is None:
        return
    open_ties: dict[tuple[str | None, ...], list[_Open]] = {}  # by voice and pitch
    last_end = Fraction(0)  # of the measure before
    for number, measure in enumerate(timed_measures(part)):
        moved: list[tuple[Timed, str]] = []
        for each in measure.inside:
            types = {tie.get('type') for tie in each.element.iterfind('tie')}
            if each.element.find('pitch') is None or not types:
                continue
            key = _voice_and_pitch(each.element)
            staff = staff_of(each.element)
            waiting = [
                tie
                for tie in open_ties.pop(key, [])
                if tie.measure == number or (tie.measure == number - 1 and tie.end == last_end)
            ]
            goes_on = [tie for tie in waiting if each.start == (tie.end if tie.measure == number else 0)]
            if 'stop' in types and goes_on:
                own = [tie for tie in goes_on if tie.staff == staff]
                taken = (own or goes_on)[0]
                waiting.remove(taken)
                if not own:
                    staff = taken.staff
                    moved.append((each, staff))
            if waiting:
                open_ties[key] = waiting
            if 'start' in types:
                open_ties.setdefault(key, []).append(_Open(staff, number, each.end))
        last_end = max((each.end for each in measure.inside if each.element.tag == 'note'), default=Fraction(0))
        now = measure.now
        for each, staff in moved:
            now = _move(measure, each, staff, now)


def _move(measure: TimedMeasure, each: Timed, staff: str, now: Fraction) -> Fraction:
    """Write a note on another staff; where what is written behind the measure then begins."""
    note = each.element
    if _was_in_chord([one.element for one in measure.inside if one.element.tag == 'note'], note):
        measure.element.remove(note)
        if now != each.start:
            step = SubElement(measure.element, 'backup' if now > each.start else 'forward')
            write_duration(step, abs(now - each.start) * measure.divisions)
        measure.element.append(note)
        voice = note.find('voice')
        (SubElement(note, 'voice') if voice is None else voice).text = _VOICE_OF_ITS_OWN
        now = each.end
    written = note.find('staff')
    (SubElement(note, 'staff') if written is None else written).text = staff
    return now


def _was_in_chord(notes: Sequence[Element], note: Element) -> bool:
    """Take a note out of its chord, if it is in one, of which all notes but the first have a mark."""
    place = notes.index(note)
    for each in notes[place : place + 2]:  # where it is the first, the next one is first now
        mark = each.find('chord')
        if mark is not None:
            each.remove(mark)
            return True
    return False
