"""What Parts are called, as music21 calls them; to ask leaves no name behind."""

import copy

import pytest
from music21 import corpus, instrument, note, stream

from music21_kdic.reading.staves import name_and_program, part_name
from music21_kdic.reading.walk import AnyStream


def one_piano() -> tuple[stream.Part, instrument.Instrument]:
    player = instrument.Piano()
    player.partName = 'One'
    part = stream.Part([player, *(note.Note(60 + step) for step in range(8))])
    return part, player


ASK = {
    'the method': lambda part: part.instrumentLikelihood().name,
    'part_name': part_name,
    'name_and_program': lambda part: name_and_program(part)[0],
    'its Score': lambda part: stream.Score([part]).instrumentLikelihood()[0].name,
}


@pytest.mark.parametrize('ask', ASK.values(), ids=ASK)
def test_a_new_name_of_the_instrument_is_seen_after_a_part_was_asked(ask):
    part, player = one_piano()
    assert ask(part) == 'One'
    player.partName = 'Two'
    assert part.partName == ask(part) == 'Two'
    player.partName = 'Three'  # music21 has kept the name since it was asked
    assert ask(part) == copy.deepcopy(part).partName == 'Three'


def test_a_name_that_was_given_to_the_part_is_its_name():
    part, _ = one_piano()
    part.partName = 'Given'
    assert part_name(part) == name_and_program(part)[0] == part.partName == 'Given'


def unnamed(kind: type[AnyStream]) -> AnyStream:
    return kind([note.Note(60)])


def test_without_a_name_a_part_is_called_after_what_it_is():
    assert part_name(unnamed(stream.Part)) == 'Part'
    assert part_name(unnamed(stream.PartStaff)) == 'PartStaff'
    assert name_and_program(unnamed(stream.Part)) == ('', None)


@pytest.mark.parametrize('name', ['bwv66.6', 'joplin/maple_leaf_rag', 'haydn/opus74no1/movement3'])
def test_parts_are_called_as_music21_calls_them(name):
    parts = list(corpus.parse(name).parts)
    here = [(part_name(part), name_and_program(part)[0]) for part in parts]
    assert here == [(part.partName, part.partName) for part in parts]
