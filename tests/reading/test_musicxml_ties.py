"""Ties of MusicXML that are written at their ends alone: the note that is tied on ends where the other begins."""

from music21_kdic.reading.scores import read_score

SCORE = (
    '<score-partwise><part-list><score-part id="P1"><part-name>A</part-name></score-part></part-list>'
    '<part id="P1">{}</part></score-partwise>'
)
START = '<attributes><divisions>1</divisions>{}<time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
BACK = '<backup><duration>4</duration></backup>'
STOP, BEGIN = '<tie type="stop"/>', '<tie type="start"/>'


def note(step, duration, tie='', voice=1, staff='', chord=''):
    return (
        f'<note>{chord}<pitch><step>{step}</step><octave>4</octave></pitch><duration>{duration}</duration>{tie}'
        f'<voice>{voice}</voice>{staff}</note>'
    )


def heard(*measures, attributes=''):
    """Pitch, start and end of each note of each staff."""
    first, *others = measures
    bars = ''.join(
        f'<measure number="{number}">{measure}</measure>'
        for number, measure in enumerate([START.format(attributes) + first, *others], 1)
    )
    return [
        sorted(zip(part.notes.pitches.tolist(), part.notes.onsets.tolist(), part.notes.ends.tolist(), strict=True))
        for part in read_score(SCORE.format(bars).encode(), 'a.musicxml')
    ]


def test_a_tie_that_is_written_at_its_end_alone_is_one_note():
    """As TuxGuitar writes them: within a measure, over a barline, over three notes."""
    first = note('C', 2) + note('C', 1, STOP) + note('D', 1)
    second = note('D', 4, STOP)
    third = note('D', 3, STOP) + note('D', 1)
    assert heard(first, second, third) == [[(60, 0, 3), (62, 3, 11), (62, 11, 12)]]


def test_of_a_chord_the_pitch_that_is_tied_goes_on():
    chord = note('C', 2) + note('E', 2, chord='<chord/>')
    assert heard(chord + note('C', 2) + note('E', 2, STOP, chord='<chord/>')) == [[(60, 0, 2), (60, 2, 4), (64, 0, 4)]]


def test_over_a_gap_and_from_another_pitch_nothing_is_tied():
    rest = '<note><rest/><duration>1</duration><voice>1</voice></note>'
    assert heard(note('C', 1) + rest + note('C', 2, STOP)) == [[(60, 0, 1), (60, 2, 4)]]
    assert heard(note('D', 2) + note('C', 2, STOP)) == [[(60, 2, 4), (62, 0, 2)]]


def test_each_voice_and_each_staff_has_ties_of_its_own():
    two = note('C', 2, voice=1) + note('C', 2, STOP, voice=1) + BACK + note('C', 2, voice=2) + note('C', 2, voice=2)
    assert heard(two) == [[(60, 0, 2), (60, 0, 4), (60, 2, 4)]]
    staves = [
        note('C', 2, staff=f'<staff>{staff}</staff>') + note('C', 2, tie, staff=f'<staff>{staff}</staff>')
        for staff, tie in ((1, STOP), (2, ''))
    ]
    assert heard(staves[0] + BACK + staves[1], attributes='<staves>2</staves>') == [
        [(60, 0, 4)],
        [(60, 0, 2), (60, 2, 4)],
    ]


def test_where_the_part_has_beginnings_of_ties_an_end_without_one_is_none():
    assert heard(note('D', 1, BEGIN) + note('D', 1, STOP) + note('C', 1) + note('C', 1, STOP)) == [
        [(60, 2, 3), (60, 3, 4), (62, 0, 2)]
    ]
