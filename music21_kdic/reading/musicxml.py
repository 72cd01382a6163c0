"""MusicXML as music21 reads it whole: what it would lose, or take for notes of the part, is put right in the document.

* What stands between the notes of a chord (a direction, a change of clef) comes after them: music21 would make two
  notes of such a chord, one after the other.
* What is drawn beside its place (``offset``) stands in its place: music21 would make a bar longer for a sign behind it.
* Cue notes, slashes, and notes on a staff of cues or of an ossia are not played: they become rests.
* A pitch under an instrument of MIDI channel 10, or on a staff with a percussion clef, is a drum's: it becomes an
  unpitched note, and nothing else is. A clef, the type of a staff and the signs of slashes hold from their time on,
  in every voice.
* Every pitch is written as it sounds (:mod:`.musicxml_pitch`).
* A measure begins at one time in all parts (:mod:`.musicxml_measures`).
* A ``forward`` of no length is left out: in a file by Finale music21 would make a rest of a quarter length of it.
* A part of several staves says how many, and each of its notes on which it stands (:mod:`.musicxml_staves`).
* A tie has a beginning, and stays on its staff (:mod:`.musicxml_ties`).
* A score that is written measure by measure (``score-timewise``) is written part by part.

The notes are counted here, too, so that :mod:`music21_kdic.reading.scores` can hold music21's reading against it; and
the programs are read, of which music21 takes a piano's for that of the instrument by whose name it knows one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.musicxml_measures import align_measures
from music21_kdic.reading.musicxml_pitch import EVERY_STAFF, staff_of, write_as_it_sounds
from music21_kdic.reading.musicxml_staves import number_staves
from music21_kdic.reading.musicxml_ties import begin_ties, keep_ties_on_their_staff
from music21_kdic.reading.musicxml_time import TimedMeasure, timed_measures

_DRUM_CHANNEL = str(DRUM_CHANNEL + 1)
_MOST_PROGRAMS = 128
_OF_A_NOTE_THAT_SOUNDS = ('pitch', 'unpitched', 'cue', 'tie', 'notations', 'notehead', 'instrument', 'beam', 'stem')


@dataclass(frozen=True)
class _Signs:
    """From a time in a measure on (quarter lengths): staves in slash notation, not played, with a percussion clef."""

    time: Fraction = Fraction(0)
    slashed: frozenset[str] = frozenset()
    not_played: frozenset[str] = frozenset()
    of_drums: frozenset[str] = frozenset()


class Prepared(NamedTuple):
    """A document for music21, and what it says.

    Attributes:
        content: the document.
        notes: how many with a pitch and a length are in it; a tied one counts as often as it is written.
        programs: the first of each part that has one, 0-127, by the part's id.
    """

    content: bytes
    notes: int
    programs: dict[str, int]


def prepared(content: bytes) -> Prepared:
    """Put right what music21 would lose or take for notes of the part.

    Raises:
        xml.etree.ElementTree.ParseError: where it is no XML document.
        UnreadableError: where a note or a part does not say how long its notes are.
    """
    score = ElementTree.fromstring(content)
    if score.tag == 'score-timewise':
        _write_by_parts(score)
    for part in score.iterfind('part'):
        if part.find('measure/note/duration') is not None and part.find('measure/attributes/divisions') is None:
            raise UnreadableError(f'part {part.get("id")!r} has no divisions, so its notes have no length')
        number_staves(part)
        begin_ties(part)  # before measures are made longer, so that a stop begins where its note ends
    align_measures(score)
    count = 0
    for part in score.iterfind('part'):
        write_as_it_sounds(part)
        keep_ties_on_their_staff(part)
        channels = _channels(score, part.get('id', ''))
        signs = [_Signs()]
        for timed in timed_measures(part):
            measure, begins = timed.element, {each.element: each.start for each in timed.inside}
            signs = _signs(timed, signs[-1])
            measure[:] = _chords_together(measure)
            for forward in measure.findall('forward'):
                if not float(forward.findtext('duration') or 0):
                    measure.remove(forward)
            for element in measure.iterfind('*[offset]'):
                element[:] = [each for each in element if each.tag != 'offset']
            for chord in _chords(measure):
                here = next(each for each in reversed(signs) if each.time <= begins[chord[0]])
                for note in _played(measure, chord, here.slashed | here.not_played):
                    pitch = note.find('pitch')
                    is_drum = _channel(note, channels) == _DRUM_CHANNEL or staff_of(note) in here.of_drums
                    if pitch is not None and is_drum:
                        _make_unpitched(pitch)
                    elif pitch is not None:
                        count += note.find('grace') is None and _duration(note) > 0
    return Prepared(ElementTree.tostring(score, 'utf-8', xml_declaration=True), count, _programs(score))


def _write_by_parts(score: Element) -> None:
    """Make a ``score-partwise`` of a ``score-timewise``."""
    parts: dict[str, Element] = {}
    for measure in score.findall('measure'):
        score.remove(measure)
        for each in measure.iterfind('part'):
            part = parts.setdefault(each.get('id', ''), Element('part', each.attrib))
            SubElement(part, 'measure', measure.attrib).extend(each)
    score.tag = 'score-partwise'
    score.extend(parts.values())


def _programs(score: Element) -> dict[str, int]:
    """The program of each part that has one, counted from 0; on the drums' channel, where it is a kit, none is."""
    programs: dict[str, int] = {}
    for part in score.iterfind('part-list/score-part'):
        for sound in part.iterfind('midi-instrument[midi-program]'):
            channel, program = ((sound.findtext(tag) or '').strip() for tag in ('midi-channel', 'midi-program'))
            if channel != _DRUM_CHANNEL and program.isdecimal() and 1 <= int(program) <= _MOST_PROGRAMS:
                programs.setdefault(part.get('id', ''), int(program) - 1)
    return programs


def _chords_together(measure: Element) -> list[Element]:
    """The elements of a measure, with what stands between the notes of a chord after them."""
    elements: list[Element] = []
    after = 0  # the last note
    for element in measure:
        if element.tag == 'note' and element.find('chord') is not None and after:
            elements.insert(after, element)
            after += 1
            continue
        elements.append(element)
        if element.tag == 'note':
            after = len(elements)
        elif element.tag in ('backup', 'forward'):
            after = 0
    return elements


def _chords(measure: Element) -> Iterator[list[Element]]:
    """Each note of a measure with those of its chord."""
    chord: list[Element] = []
    for element in [*measure, Element('end')]:
        if element.tag == 'note' and chord and element.find('chord') is not None:
            chord.append(element)
            continue
        if chord:
            yield chord
        chord = [element] if element.tag == 'note' else []


def _signs(measure: TimedMeasure, before: _Signs) -> list[_Signs]:
    """What holds in a measure, in the order of time: of two voices the second, which is written later, begins anew."""
    found = [replace(before, time=Fraction(0))]
    for each in sorted(measure.inside, key=lambda each: each.start):
        if each.element.tag == 'attributes':
            last = found[-1]
            slashed, of_drums = _slashed(each.element, last.slashed), _of_drums(each.element, last.of_drums)
            found.append(_Signs(each.start, slashed, _not_played(each.element, last.not_played), of_drums))
    return found


def _slashed(attributes: Element, before: frozenset[str]) -> frozenset[str]:
    """The staves in slash notation after some attributes."""
    slashed = before
    for style in attributes.iterfind('measure-style'):
        slash = style.find('slash')
        if slash is not None:
            staff = style.get('number', EVERY_STAFF)
            if slash.get('type') == 'start':
                slashed |= {staff}
            elif staff == EVERY_STAFF:
                slashed = frozenset()
            else:
                slashed -= {staff, EVERY_STAFF}  # a part of one staff may begin without a number and stop with one
    return slashed


def _not_played(attributes: Element, before: frozenset[str]) -> frozenset[str]:
    """The staves that are an ossia's or for cues after some attributes: they stand beside what is played."""
    not_played = before
    for details in attributes.iterfind('staff-details[staff-type]'):
        staff = {details.get('number', '1')}
        is_beside = (details.findtext('staff-type') or '').strip() in ('ossia', 'cue')
        not_played = not_played | staff if is_beside else not_played - staff
    return not_played


def _of_drums(attributes: Element, before: frozenset[str]) -> frozenset[str]:
    """The staves with a percussion clef after some attributes."""
    of_drums = before
    for clef in attributes.iterfind('clef'):
        staff = {clef.get('number', '1')}
        is_drum = (clef.findtext('sign') or '').strip() == 'percussion'
        of_drums = of_drums | staff if is_drum else of_drums - staff
    return of_drums


def _duration(note: Element) -> float:
    duration = note.findtext('duration')
    if not duration:
        raise UnreadableError('a note without a duration')
    return float(duration)


def _played(measure: Element, chord: list[Element], silent: frozenset[str]) -> list[Element]:
    """The notes of a chord that are played; others are taken out, and where none is left, a rest stands there.

    ``silent``: the staves of which nothing is played.
    """
    played = [note for note in chord if not _is_silent(note, silent)]
    if len(played) == len(chord):
        return played
    if not played and chord[0].find('grace') is None:
        rest = chord[0]
        for tag in _OF_A_NOTE_THAT_SOUNDS:
            for element in rest.findall(tag):
                rest.remove(element)
        rest.insert(0, Element('rest'))
        played = [rest]
    for mark in played[0].findall('chord') if played else ():
        played[0].remove(mark)
    for note in chord:
        if note not in played:
            measure.remove(note)
    return played


def _is_silent(note: Element, silent: frozenset[str]) -> bool:
    return note.find('rest') is None and (
        note.find('cue') is not None
        or (note.findtext('notehead') or '').strip() == 'slash'
        or EVERY_STAFF in silent
        or staff_of(note) in silent
    )


def _channels(score: Element, part: str) -> dict[str, str]:
    """The MIDI channel of each instrument of a part, '' where none is given."""
    described = next((each for each in score.iterfind('part-list/score-part') if each.get('id') == part), None)
    if described is None:
        return {}
    channels = {each.get('id', ''): '' for each in described.iterfind('score-instrument')}
    for each in described.iterfind('midi-instrument'):
        channels[each.get('id', '')] = (each.findtext('midi-channel') or '').strip()
    return channels


def _channel(note: Element, channels: dict[str, str]) -> str:
    """The channel of a note's instrument; of all the part's, where the note names none and they share it."""
    named = note.find('instrument')
    if named is not None:
        return channels.get(named.get('id', ''), '')
    shared = set(channels.values())
    return shared.pop() if len(shared) == 1 else ''


def _make_unpitched(pitch: Element) -> None:
    step, octave = pitch.findtext('step', 'B'), pitch.findtext('octave', '4')
    pitch.clear()
    pitch.tag = 'unpitched'
    SubElement(pitch, 'display-step').text = step
    SubElement(pitch, 'display-octave').text = octave
