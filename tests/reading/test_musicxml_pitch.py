"""What sounds in MusicXML that transposes: for one staff, and from the middle of a measure on.

Expected pitches are what the standard says: a transposition holds for the staff of its number, for all where it has
none, from where it stands.
"""

import pytest

from music21_kdic.reading.scores import read_score

SCORE = (
    '<score-partwise><part-list><score-part id="P1"><part-name>A</part-name></score-part></part-list>'
    '<part id="P1">{}</part></score-partwise>'
)
FOUR = 'CDEF'
BACK = '<backup><duration>4</duration></backup>'


def attributes(inside):
    return f'<attributes>{inside}</attributes>'


def start(inside, staves=1):
    meter = '<time><beats>4</beats><beat-type>4</beat-type></time>'
    return attributes(f'<divisions>1</divisions>{meter}<staves>{staves}</staves>{inside}')


def transpose(semitones, octaves=0, staff=None):
    number = '' if staff is None else f' number="{staff}"'
    octave = f'<octave-change>{octaves}</octave-change>' if octaves else ''
    return f'<transpose{number}><diatonic>0</diatonic><chromatic>{semitones}</chromatic>{octave}</transpose>'


def note(step, octave=4, length=1, more=''):
    pitch = f'<pitch><step>{step}</step><octave>{octave}</octave></pitch>'
    return f'<note>{pitch}<duration>{length}</duration>{more}</note>'


def line(octave=4, staff=None):
    more = '' if staff is None else f'<staff>{staff}</staff>'
    return ''.join(note(step, octave, more=more) for step in FOUR)


def heard(*measures):
    bars = ''.join(f'<measure number="{number}">{measure}</measure>' for number, measure in enumerate(measures, 1))
    return [part.notes.pitches.tolist() for part in read_score(SCORE.format(bars).encode(), 'a.musicxml')]


CDEF = [60, 62, 64, 65]


def lower(semitones):
    return [pitch - semitones for pitch in CDEF]


@pytest.mark.parametrize('tablature', ['', transpose(0, staff=2)])
def test_a_guitar_sounds_an_octave_lower_and_its_tablature_as_it_is_written(tablature):
    both = line(5, staff=1) + BACK + line(4, staff=2)
    assert heard(start(transpose(0, -1, staff=1) + tablature, staves=2) + both, both) == [CDEF * 2, CDEF * 2]


def test_a_transposition_without_a_number_is_of_every_staff():
    both = line(5, staff=1) + BACK + line(4, staff=2)
    first = start(transpose(0, -1, staff=1), staves=2) + both
    assert heard(first, attributes(transpose(-2)) + both) == [[*CDEF, 70, 72, 74, 75], CDEF + lower(2)]


def test_another_clarinet_is_taken_in_the_middle_of_a_measure():
    changing = note('C', length=2) + attributes(transpose(-3)) + note('C', length=2)
    assert heard(start(transpose(-2)) + line(), changing, line()) == [[*lower(2), 58, 57, *lower(3)]]


def test_what_stands_at_the_end_of_a_measure_holds_from_the_next_one_on():
    assert heard(start(transpose(-2)) + line(), line() + attributes(transpose(-3)), line()) == [lower(2) * 2 + lower(3)]


def test_a_second_voice_changes_when_the_first_one_does():
    first = note('C', length=2) + attributes(transpose(-3)) + note('C', length=2)
    second = note('C', 5, length=2) + note('C', 5, length=2)
    assert heard(start(transpose(-2)) + first + BACK + second) == [[58, 70, 57, 69]]


def test_the_notes_of_a_chord_and_grace_notes_move_together():
    chord = note('C') + note('E').replace('<note>', '<note><chord/>') + note('G', length=3)
    grace = '<note><grace/><pitch><step>B</step><octave>4</octave></pitch></note>'
    assert heard(start(transpose(2)) + grace + chord) == [[62, 66, 69]]


def test_accidentals_and_octaves_are_kept():
    sharp = note('B', 4).replace('<octave>', '<alter>1</alter><octave>')
    flat = note('C', 1).replace('<octave>', '<alter>-1</alter><octave>')
    assert heard(start(transpose(-9, -1)) + sharp + flat + note('C', length=2)) == [[72 - 21, 23 - 21, 60 - 21]]
