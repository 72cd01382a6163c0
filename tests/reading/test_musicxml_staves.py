"""The staves of a MusicXML part: the standard says that a note without ``staff`` is on the first of them."""

import pytest

from music21_kdic.reading.instruments import joined
from music21_kdic.reading.scores import read_score

SCORE = (
    '<score-partwise><part-list><score-part id="P1"><part-name>A</part-name></score-part></part-list>'
    '<part id="P1">{}</part></score-partwise>'
)
BACK = '<backup><duration>4</duration></backup>'
UPPER, LOWER = [72, 74, 76, 77], [48, 50, 52, 53]  # CDEF


def start(staves=''):
    meter = '<time><beats>4</beats><beat-type>4</beat-type></time>'
    return f'<attributes><divisions>1</divisions>{staves}{meter}</attributes>'


def line(octave, staff=''):
    return ''.join(
        f'<note><pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>1</duration>{staff}</note>'
        for step in 'CDEF'
    )


def read(*measures):
    bars = ''.join(f'<measure number="{number}">{measure}</measure>' for number, measure in enumerate(measures, 1))
    return read_score(SCORE.format(bars).encode(), 'a.musicxml')


ONE, TWO = '<staff>1</staff>', '<staff>2</staff>'


@pytest.mark.parametrize('staves', ['', '<staves>1</staves>', '<staves>2</staves>'])
def test_a_tablature_counts_once_whether_or_not_the_part_says_how_many_staves_it_has(staves):
    """TuxGuitar does not."""
    both = line(4, ONE) + BACK + line(4, TWO)
    parts = read(start(staves) + both, both)
    assert [part.instrument for part in parts] == [0, 0]
    notes = joined([part.notes for part in parts])
    assert notes.onsets.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert notes.pitches.tolist() == [60, 62, 64, 65] * 2


@pytest.mark.parametrize('first', ['', ONE])
@pytest.mark.parametrize('then', ['', ONE])
def test_a_note_without_a_staff_is_on_the_first(first, then):
    measures = start('<staves>2</staves>') + line(5, first), line(5, then) + BACK + line(3, TWO)
    assert [part.notes.pitches.tolist() for part in read(*measures)] == [UPPER * 2, LOWER]


def test_a_part_of_which_no_note_says_its_staff():
    assert [part.notes.pitches.tolist() for part in read(start('<staves>2</staves>') + line(5))] == [UPPER]


def test_an_empty_staff_is_no_other():
    assert [part.notes.pitches.tolist() for part in read(start() + line(5, '<staff/>'))] == [UPPER]
