"""Measures of MusicXML begin together in all parts.

Expected barlines are what the standard says: a measure is one measure in all parts, and ``duration`` says how long
a note or a rest is, whatever it looks like.
"""

import pytest
from music21 import corpus

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


def read(*parts):
    names = ''.join(f'<score-part id="P{i}"><part-name>P{i}</part-name></score-part>' for i in range(len(parts)))
    bodies = ''.join(
        f'<part id="P{i}">'
        + ''.join(f'<measure number="{number}">{measure}</measure>' for number, measure in enumerate(part))
        + '</part>'
        for i, part in enumerate(parts)
    )
    score = f'<score-partwise><part-list>{names}</part-list>{bodies}</score-partwise>'
    return [part.notes for part in read_score(score.encode(), 'a.musicxml')]


def bars(*parts):
    return [notes.bars.tolist() for notes in read(*parts)]


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
def test_pieces_in_which_music21_finds_the_parts_out_of_step(name):
    path = corpus.getWork(name)
    lines = [part.notes.bars.tolist() for part in read_score(path.read_bytes(), str(path))]
    assert len(lines) > 3
    assert all(line == lines[0] for line in lines)


@pytest.mark.parametrize('begins', [1, 2])
def test_a_tie_from_one_staff_to_the_other_is_one_note(begins):
    first = {1: note('C', 16, staff=1, tie='<tie type="start"/>'), 2: note('C', 16, 3, voice=5, staff=2)}
    if begins == 2:
        first = {1: note('G', 16, staff=1), 2: note('C', 16, voice=5, staff=2, tie='<tie type="start"/>')}
    goes_on = note('C', 16, voice=1 if begins == 1 else 5, staff=3 - begins, tie='<tie type="stop"/>')
    second = goes_on if begins == 2 else EMPTY_STAFF + goes_on
    staves = read([TWO_STAVES + first[1] + BACK.format(16) + first[2], second])
    held = [
        (start, end)
        for notes in staves
        for start, end, pitch in zip(notes.onsets, notes.ends, notes.pitches, strict=True)
        if pitch == 60
    ]
    assert held == [(0, 8)]
