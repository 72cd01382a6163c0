"""Whose range an explanation tells: by what is known of instruments, and what music21 has of them."""

import pytest
from music21 import instrument, pitch

from music21_kdic import instrument_likelihood

# None has the range of its plain instrument: a bass flute sounds an octave lower, an alto flute a fourth, and so on.
OTHER_SIZES = [
    'bass flute', 'Alto Flute 2', 'contrabass clarinet', 'contra-bass clarinet', 'bass oboe', "oboe d'amore",
    'piccolo trumpet', 'Recorder (tenor)', 'Great Bass recorder', 'Baritone guitar', 'basset horn', 'alto trombone',
]  # fmt: skip


@pytest.fixture(scope='module')
def found():
    """Its notes are E1, C#3, D3 and C#5."""
    return instrument_likelihood([(0, 1, 28), (1, 1, 49), (2, 1, 50), (3, 9, 73)])


@pytest.mark.parametrize('player', OTHER_SIZES)
def test_the_range_of_another_size_is_not_known(player, found):
    assert found.explain(player=player).range == f'{player}: music21 knows no range of it.'


@pytest.mark.parametrize('player', OTHER_SIZES)
def test_an_instrument_of_music21_by_the_name_of_another_size(player, found):
    told = found.explain(player=instrument.fromString(player)).range
    assert told == f'{player}: music21 knows no range of it.'


@pytest.mark.parametrize(
    ('player', 'told'),
    [
        # Written E flat 3 sounds a ninth lower, B flat 3 a sixth, and E3 on a clarinet in A a minor third.
        ('bass clarinet', 'bass clarinet: lowest sounding note D-2; 1 of 4 notes are lower.'),
        ('Alto Saxophone', 'Alto Saxophone: lowest sounding note D-3; 1 of 4 notes are lower.'),
        ('Clarinet in A', 'Clarinet in A (Clarinet in music21): lowest sounding note C#3; 1 of 4 notes are lower.'),
        ('Flute in C', 'Flute in C (Flute in music21): lowest note C4; 3 of 4 notes are lower.'),
        ('Fagott', 'Fagott (Bassoon in music21): lowest note B-1; 1 of 4 notes are lower.'),
        (
            'Double Bass 1',
            'Double Bass 1 (Contrabass in music21): lowest sounding note E1, strings E1 A1 D2 G2; '
            '0 of 4 notes are lower.',
        ),
    ],
)
def test_what_music21_took_a_name_for_is_said(player, told, found):
    assert found.explain(player=player).range == told


def test_a_range_that_somebody_has_given_is_told(found):
    """A bass flute goes down to C3, an octave below the flute."""
    flute = instrument.fromString('bass flute')
    flute.lowestNote = pitch.Pitch('C3')
    assert found.explain(player=flute).range == (
        'bass flute (Flute in music21): lowest note C3; 1 of 4 notes are lower.'
    )


@pytest.mark.parametrize(
    'player', ['5-string bass', '6 string bass guitar', '7-string guitar', 'Five-String Bass', 'Guitar (8 str.)',
               '8-string bass'],
)  # fmt: skip
def test_the_range_with_another_number_of_strings_is_not_known(player, found):
    """A five-string bass goes down to B0, a seven-string guitar to B1; an eight-string bass may be a doubled one."""
    assert found.explain(player=player).range == f'{player}: music21 knows no range of it.'


@pytest.mark.parametrize(
    ('player', 'lowest'),
    [('4-string bass', 'E1'), ('6-string guitar', 'E2'), ('12-string guitar', 'E2'), ('Guitar 2', 'E2')],
)
def test_the_range_with_the_usual_number_of_strings_is_told(player, lowest, found):
    """The twelve of a guitar are six, doubled at the unison and at the octave above."""
    assert f'lowest note {lowest}, strings' in found.explain(player=player).range
