"""MusicXML at sounding pitch: every pitch is written as it sounds, and nothing transposes any more.

music21 keeps one transposition a measure, for all staves of a part. In MusicXML one may hold for a staff alone (a
guitar's, beside its tablature), and from where it stands on, in the middle of a measure, too.
"""

from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from music21_kdic.reading.musicxml_time import timed_measures

EVERY_STAFF = ''
_NATURAL = {'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
_SPELLED = [(name[0], len(name) - 1) for name in ('C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B')]


@dataclass(frozen=True)
class _Change:
    """From when in a measure (quarter lengths) the notes of a staff sound so many semitones above what is written."""

    time: Fraction
    staff: str
    semitones: float


def staff_of(note: Element) -> str:
    """The number of the staff that a note stands on."""
    return note.findtext('staff', '1').strip()


def write_as_it_sounds(part: Element) -> None:
    """Move the pitches of a part by what it transposes, and take its transpositions out.

    Raises:
        ValueError: where a number is none.
    """
    if part.find('measure/attributes/transpose') is None:
        return
    in_force: dict[str, float] = {}
    for measure in timed_measures(part):
        notes: list[tuple[Fraction, Element]] = []
        changes: list[_Change] = []
        for each in measure.inside:
            element = each.element
            if element.tag == 'note' and element.find('pitch') is not None:
                notes.append((each.start, element))
            for transpose in element.findall('transpose') if element.tag == 'attributes' else ():
                changes.append(_Change(each.start, transpose.get('number', EVERY_STAFF), _semitones(transpose)))
                element.remove(transpose)
        for time, note in notes:
            so_far = _followed(in_force, [change for change in changes if change.time <= time])
            _move(note.find('pitch'), so_far.get(staff_of(note), so_far.get(EVERY_STAFF, 0.0)))
        in_force = _followed(in_force, changes)


def _followed(in_force: dict[str, float], changes: list[_Change]) -> dict[str, float]:
    """What holds after some changes, for each staff; one for every staff ends what held for one."""
    found = dict(in_force)
    for change in sorted(changes, key=lambda change: change.time):
        if change.staff == EVERY_STAFF:
            found.clear()
        found[change.staff] = change.semitones
    return found


def _semitones(transpose: Element) -> float:
    return float(transpose.findtext('chromatic') or 0) + 12 * float(transpose.findtext('octave-change') or 0)


def _move(pitch: Element | None, semitones: float) -> None:
    if pitch is None or not semitones:
        return
    step, octave, alter = (pitch.findtext(tag) for tag in ('step', 'octave', 'alter'))
    midi = _NATURAL[(step or '').strip()] + 12 * int(octave or '') + float(alter or 0) + semitones
    octave_there, within = divmod(midi, 12)
    spelled, sharp = _SPELLED[int(within)]
    pitch.clear()
    pitch.tag = 'pitch'
    SubElement(pitch, 'step').text = spelled
    SubElement(pitch, 'alter').text = f'{sharp + within % 1:g}'
    SubElement(pitch, 'octave').text = str(int(octave_there))
