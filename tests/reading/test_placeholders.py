import pytest

from music21_kdic.reading.placeholders import is_placeholder


@pytest.mark.parametrize(
    'name',
    [
        'Melody',
        'Track of my tears',
        'Partita',
        'New York',
        'Midnight',
        '2 Guitars',
        '808',
        '303',
        '909',
        '707',
        '606',
        '1973',
        '01 808',
        '808 2',
        '2026-11-28',
        '(808)',
        '[Live]',
        '(new) Bass',
    ],
)
def test_a_name_that_somebody_chose_is_none(name):
    assert not is_placeholder(name)


@pytest.mark.parametrize(
    'name', ['1', '16', '99', '001', '017', '3-14', 'Track 100', 'MIDI 128', 'Channel #10', '02_01']
)
def test_numbers_of_tracks_are_chosen_by_nobody(name):
    assert is_placeholder(name)


@pytest.mark.parametrize('name', ['(No Name)', '<no name>', '[untitled]', '(Track 1)', '#1', '"MIDI 02"', '(1)'])
def test_a_placeholder_in_brackets_is_one(name):
    assert is_placeholder(name)
