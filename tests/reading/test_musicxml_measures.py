"""Measures of MusicXML begin together in all parts.

Expected barlines are what the standard says: a measure is one measure in all parts, and ``duration`` says how long
a note or a rest is, whatever it looks like.
"""

import pytest
from music21 import corpus

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.scores import read_score

CLEFS = '<clef number="1"><sign>G</sign><line>2</line></clef><clef number="2"><sign>F</sign><line>4</line></clef>'
METER = '<divisions>4</divisions>{}<time><beats>{}</beats><beat-type>4</beat-type></time>{}'
START = f'<attributes>{METER.format("", 4, "")}</attributes>'
TWO_STAVES = f'<attributes>{METER.format("", 4, "<staves>2</staves>" + CLEFS)}</attributes>'
BACK = '<backup><duration>{}</duration></backup>'
FORWARD = '<forward><duration>{}</duration></forward>'
EMPTY_STAFF = FORWARD.format(16) + BACK.format(16)


def note(step, duration, octave=4, voice=1, staff='', tie=''):
    staff = staff and f'<staff>{staff}</staff>'
    pitch = f'<pitch><step>{step}</step><octave>{octave}</octave></pitch>'
    return f'<note>{pitch}<duration>{duration}</duration>{tie}<voice>{voice}</voice>{staff}</note>'


def rest(duration, measure=False, kind='', voice=1, staff=''):
    whole = ' measure="yes"' if measure else ''
    kind = kind and f'<type>{kind}</type>'
    staff = staff and f'<staff>{staff}</staff>'
    return f'<note><rest{whole}/><duration>{duration}</duration><voice>{voice}</voice>{kind}{staff}</note>'


FOUR = ''.join(note(step, 4) for step in 'CDEF')


def read(*parts, more=''):
    names = ''.join(f'<score-part id="P{i}"><part-name>P{i}</part-name></score-part>' for i in range(len(parts)))
    bodies = ''.join(
        f'<part id="P{i}">'
        + ''.join(f'<measure number="{number}"{more}>{measure}</measure>' for number, measure in enumerate(part))
        + '</part>'
        for i, part in enumerate(parts)
    )
    score = f'<score-partwise><part-list>{names}</part-list>{bodies}</score-partwise>'
    return [part.notes for part in read_score(score.encode(), 'a.musicxml')]


def bars(*parts, more=''):
    return [notes.bars.tolist() for notes in read(*parts, more=more)]


@pytest.mark.parametrize(
    'silence',
    [
        rest(4, measure=True),
        rest(4, measure=True, kind='whole'),
        rest(4),
        rest(4, kind='quarter'),
        rest(16, kind='whole'),  # as long as the meter, but nothing lasts beyond its measure
        FORWARD.format(4),
        '',
    ],
)
def test_what_rests_in_a_pickup_rests_as_long_as_it_is(silence):
    assert bars([START + note('G', 4), FOUR], [START + silence, FOUR]) == [[0, 1, 5]] * 2


def test_one_part_rests_in_its_pickup():
    assert bars([START + rest(4, measure=True), FOUR]) == [[0, 1, 5]]


def test_a_hand_rests_in_the_pickup():
    pickup = TWO_STAVES + note('G', 4, staff=1) + BACK.format(4) + rest(4, measure=True, voice=5, staff=2)
    both = note('C', 16, staff=1) + BACK.format(16) + note('C', 16, 3, voice=5, staff=2)
    right, left = read([pickup, both])
    assert (right.onsets.tolist(), left.onsets.tolist()) == ([0, 1], [1])
    assert right.bars.tolist() == left.bars.tolist() == [0, 1, 5]


def test_a_hand_or_both_rest_in_mid_piece():
    both = note('C', 16, staff=1) + BACK.format(16) + note('C', 16, 3, voice=5, staff=2)
    left_alone = EMPTY_STAFF + note('D', 8, 3, voice=5, staff=2)
    none = rest(16, measure=True, staff=1) + BACK.format(16) + rest(16, measure=True, voice=5, staff=2)
    right, left = read([TWO_STAVES + both, left_alone, none, both])
    assert (right.onsets.tolist(), left.onsets.tolist()) == ([0, 12], [0, 4, 12])
    assert right.bars.tolist() == left.bars.tolist() == [0, 4, 8, 12, 16]


def test_a_bar_that_a_double_bar_divides():
    three, one = note('C', 12), note('D', 4)
    resting = [START + rest(12, measure=True), rest(4, measure=True), FOUR]
    assert bars([START + three, one, FOUR], resting) == [[0, 3, 4, 8]] * 2


@pytest.mark.parametrize('short', [note('C', 8) + FORWARD.format(8), note('C', 8), note('C', 8) + rest(4)])
def test_a_measure_that_is_not_filled_in_one_part(short):
    """What comes after it begins where it begins in the other part."""
    assert bars([START + FOUR, short, FOUR], [START + FOUR, FOUR, FOUR]) == [[0, 4, 8, 12]] * 2
    assert bars([START + short, FOUR], [START + FOUR, FOUR]) == [[0, 4, 8]] * 2


def test_a_measure_that_a_forward_fills():
    assert bars([START + FOUR, note('C', 8) + FORWARD.format(8), FOUR]) == [[0, 4, 8, 12]]


def test_rests_that_go_beyond_the_measure_are_cut():
    """And what is written in another voice after them stays where it is."""
    long = note('C', 16) + rest(16) + BACK.format(32) + rest(8, voice=2) + note('E', 8, voice=2)
    first, second = read([START + FOUR, long, FOUR], [START + FOUR, FOUR, FOUR])
    assert first.bars.tolist() == second.bars.tolist() == [0, 4, 8, 12]
    assert list(zip(first.onsets.tolist(), first.pitches.tolist(), strict=True))[4:6] == [(4, 60), (6, 64)]


def test_no_note_is_cut():
    assert bars([START + FOUR + note('G', 4), FOUR], [START + FOUR, FOUR]) == [[0, 5, 9]] * 2


def test_a_free_bar_is_as_long_as_it_is_in_most_parts():
    assert bars([START + note('C', 24)], [START + note('D', 24)], [START + rest(16, measure=True)]) == [[0, 6]] * 3


def test_parts_of_different_numbers_of_measures_stay_as_they_are():
    assert bars([START + FOUR, note('C', 8), FOUR], [START + FOUR]) == [[0, 4, 6, 10], [0, 4]]


@pytest.mark.parametrize('name', ['mozart/k80/movement4', 'bwv171.6', 'monteverdi/madrigal.4.16.xml'])
def test_pieces_in_which_music21_does_not_begin_the_measures_together(name):
    path = corpus.getWork(name)
    lines = [part.notes.bars.tolist() for part in read_score(path.read_bytes(), str(path))]
    assert len(lines) > 3
    assert all(line == lines[0] for line in lines)


def in_chord(text):
    return text.replace('<note>', '<note><chord/>')


TIE, TIED = '<tie type="start"/>', '<tie type="stop"/>'
THREE_FOUR = f'<attributes>{METER.format("", 3, "")}</attributes>'
SIGNS = [
    '<direction><direction-type><words>x</words></direction-type></direction>',
    '<harmony><root><root-step>C</root-step></root></harmony>',
]


@pytest.mark.parametrize('sign', SIGNS)
def test_a_sign_between_the_notes_of_a_chord_takes_no_time(sign):
    chord = note('C', 4) + note('D', 4) + note('E', 4) + note('F', 4) + sign + in_chord(note('A', 4))
    assert bars([START + chord, FOUR], [START + FOUR, FOUR]) == [[0, 4, 8]] * 2


def test_parts_with_meters_of_different_lengths_are_left_alone():
    """Nothing comes between a note and the one that it is tied to."""
    lines = read([START + FOUR, FOUR], [THREE_FOUR + note('C', 12, tie=TIE), note('C', 12, tie=TIED)])
    assert (lines[1].onsets.tolist(), lines[1].ends.tolist(), lines[1].bars.tolist()) == ([0], [6], [0, 3, 6])


def test_a_measure_that_does_not_control_the_others_is_left_alone():
    parts = [START + note('C', 12), FOUR], [START + FOUR, FOUR]
    assert bars(*parts, more=' non-controlling="yes"') == [[0, 3, 7], [0, 4, 8]]


def test_a_note_that_is_tied_over_a_gap_is_one_note():
    short = note('C', 12, tie=TIE)
    (line, _) = read([START + short, note('C', 4, tie=TIED) + note('D', 12)], [START + FOUR, FOUR])
    assert list(zip(line.onsets.tolist(), line.ends.tolist(), strict=True)) == [(0, 5), (5, 8)]


@pytest.mark.parametrize('after', [note('E', 8) + note('F', 8), note('E', 16)])
def test_divisions_that_change_within_a_measure(after):
    finer = '<attributes><divisions>8</divisions></attributes>'
    eighths = ''.join(note(step, 8) for step in 'CDEF')
    changed = note('C', 4) + note('D', 4) + finer + after
    assert bars([START + changed, eighths], [START + FOUR, FOUR]) == [[0, 4, 8]] * 2


def test_a_note_without_a_length_is_refused_and_not_lost():
    endless = '<note><pitch><step>C</step><octave>4</octave></pitch><type>whole</type></note>'
    with pytest.raises(UnreadableError, match='a note without a duration'):
        read([START + endless, FOUR], [START + FOUR, FOUR])


def test_a_measure_that_is_short_by_rounding():
    """Two notes of 25 seventeenths of a quarter length, where others rest for three quarters."""
    seventeenths = THREE_FOUR.replace('<divisions>4<', '<divisions>17<')
    short = seventeenths + note('C', 25) + note('D', 25)
    others = [THREE_FOUR + rest(12, measure=True), note('C', 12)]
    assert bars([short, note('C', 51)], others, others) == [[0, 3, 6]] * 3


def test_rests_of_whole_measures_are_no_longer_than_the_meter():
    silent = [THREE_FOUR + note('C', 12), rest(16, measure=True), note('C', 12)]
    assert bars(silent, silent) == [[0, 3, 6, 9]] * 2


def test_nothing_begins_before_its_measure():
    """A backup that goes farther than the barline."""
    back = note('C', 4) + note('D', 4) + note('E', 4) + BACK.format(16) + note('G', 16, voice=2)
    assert bars([START + back, FOUR], [START + FOUR, FOUR]) == [[0, 4, 8]] * 2


@pytest.mark.parametrize('sign', ['', SIGNS[1]])
def test_a_part_without_any_notes_needs_no_divisions(sign):
    assert bars([START + note('C', 16), note('D', 16)], [sign, sign]) == [[0, 4, 8]] * 2


def test_divisions_that_come_with_the_first_note():
    later = '<attributes><divisions>4</divisions></attributes>' + note('C', 16)
    assert bars([START + FOUR, FOUR], [START.replace('<divisions>4</divisions>', ''), later]) == [[0, 4, 8]] * 2


def test_a_hand_that_rests_says_nothing_of_a_pickup():
    """Its rest is as long as the meter."""
    pickup = TWO_STAVES + note('C', 4, staff=1) + BACK.format(4) + rest(16, measure=True, voice=5, staff=2)
    both = note('C', 16, staff=1) + BACK.format(16) + note('C', 16, 3, voice=5, staff=2)
    assert bars([START + note('G', 4), FOUR], [pickup, both]) == [[0, 1, 5]] * 3


def test_a_hand_that_rests_longer_than_its_measure():
    three = THREE_FOUR.replace('<time>', '<staves>2</staves><time>')
    bar = note('C', 12, staff=1) + BACK.format(12) + rest(16, measure=True, voice=5, staff=2)
    assert bars([three + bar, bar, bar])[0] == [0, 3, 6, 9]


@pytest.mark.parametrize('others', [1, 2])
def test_a_measure_that_lacks_something_where_others_rest(others):
    silent = [START + FOUR, rest(16, measure=True), FOUR]
    parts = [[START + FOUR, note('C', 8), FOUR], *[silent] * others]
    assert bars(*parts) == [[0, 4, 8, 12]] * (1 + others)


@pytest.mark.parametrize(
    'beyond',
    [
        note('C', 16) + FORWARD.format(4),
        note('C', 16) + BACK.format(16) + FORWARD.format(8) + SIGNS[1] + FORWARD.format(12),
    ],
)
def test_what_is_silent_makes_no_measure_longer(beyond):
    assert bars([START + beyond, FOUR]) == [[0, 4, 8]]


def test_a_forward_of_no_length_takes_no_time():
    """As Finale writes some beside a voice, and music21 reads those of Finale."""
    finale = '<identification><encoding><software>Finale 2010 for Macintosh</software></encoding></identification>'
    second = BACK.format(16) + FORWARD.format(12) + note('G', 4, voice=2) + FORWARD.format(0)
    document = (
        f'<score-partwise>{finale}<part-list><score-part id="P"><part-name>P</part-name></score-part></part-list>'
        f'<part id="P"><measure number="1">{START}{FOUR}{second}</measure><measure number="2">{FOUR}</measure></part>'
        '</score-partwise>'
    )
    (part,) = read_score(document.encode(), 'a.musicxml')
    assert part.notes.bars.tolist() == [0, 4, 8]


@pytest.mark.parametrize('duration', [4, 16, 32])
def test_where_nobody_plays_a_measure_is_as_long_as_its_meter(duration):
    """Some programs write rests of whole measures with one length, whatever the meter is."""
    three_two = f'<attributes>{METER.format("", 6, "")}</attributes>'
    silent = [three_two + note('C', 24), rest(duration, measure=True), note('D', 24)]
    assert bars(silent) == [[0, 6, 12, 18]]
    assert bars(silent, silent) == [[0, 6, 12, 18]] * 2


@pytest.mark.parametrize('voice', ['<voice>1</voice>', ''])
def test_ties_of_one_pitch_on_both_staves_stay_where_they_are(voice):
    """As notation and tablature are written."""

    def bar(tie):
        upper, lower = (note('C', 16, staff=staff, tie=tie).replace('<voice>1</voice>', voice) for staff in (1, 2))
        return upper + BACK.format(16) + lower

    staves = read([TWO_STAVES + bar(TIE), bar(TIED + TIE), bar(TIED)])
    assert [(staff.onsets.tolist(), staff.ends.tolist()) for staff in staves] == [([0], [12])] * 2


@pytest.mark.parametrize('begins', [1, 2])
def test_a_tie_from_one_staff_to_the_other_is_one_note(begins):
    first = {1: note('C', 16, staff=1, tie=TIE), 2: note('C', 16, 3, voice=5, staff=2)}
    if begins == 2:
        first = {1: note('G', 16, staff=1), 2: note('C', 16, voice=5, staff=2, tie=TIE)}
    goes_on = note('C', 16, voice=1 if begins == 1 else 5, staff=3 - begins, tie=TIED)
    second = goes_on if begins == 2 else EMPTY_STAFF + goes_on
    staves = read([TWO_STAVES + first[1] + BACK.format(16) + first[2], second])
    held = [
        (start, end)
        for notes in staves
        for start, end, pitch in zip(notes.onsets, notes.ends, notes.pitches, strict=True)
        if pitch == 60
    ]
    assert held == [(0, 8)]


def both_staves(*measures):
    """Pitch, start and end of each note of the two staves of a part."""
    return [
        sorted(zip(staff.pitches.tolist(), staff.onsets.tolist(), staff.ends.tolist(), strict=True))
        for staff in read([TWO_STAVES + measures[0], *measures[1:]])
    ]


@pytest.mark.parametrize('order', ['CEG', 'ECG', 'EGC'])
def test_of_a_chord_only_the_tied_note_changes_its_staff(order):
    first = note('C', 16, staff=1, tie=TIE) + BACK.format(16) + note('C', 16, 3, voice=5, staff=2)
    chord = [note(step, 8, staff=2, tie=TIED if step == 'C' else '') for step in order]
    second = EMPTY_STAFF + chord[0] + ''.join(map(in_chord, chord[1:])) + note('D', 8, staff=2)
    right, left = both_staves(first, second)
    assert right[0] == (60, 0, 6)
    assert [one for one in left if one[1] >= 4] == [(62, 6, 8), (64, 4, 6), (67, 4, 6)]


def test_a_tie_that_ended_nowhere_is_forgotten():
    """As ties of laissez vibrer, and those that a second ending takes up, are written."""
    first = note('C', 16, staff=1, tie=TIE) + BACK.format(16) + note('E', 16, 3, voice=5, staff=2)
    second = note('D', 16, staff=1) + BACK.format(16) + note('E', 16, 3, voice=5, staff=2)
    third = EMPTY_STAFF + note('C', 16, staff=2, tie=TIED)
    right, left = both_staves(first, second, third)
    assert right == [(60, 0, 4), (62, 4, 8)]
    assert (60, 8, 12) in left
