"""What Parts are called, as music21 calls them; to ask leaves no name behind."""

import copy

import pytest
from music21 import corpus, instrument, note, stream

from music21_kdic.reading.nested import AnyStream
from music21_kdic.reading.scores import read_score
from music21_kdic.reading.staves import name_and_program, part_name


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


LIST = (
    '<score-partwise version="4.0"><part-list>{}</part-list>'
    '<part id="P1"><measure number="1"><attributes><divisions>1</divisions><staves>2</staves></attributes>'
    '<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><staff>1</staff></note>'
    '<backup><duration>4</duration></backup>'
    '<note><pitch><step>C</step><octave>3</octave></pitch><duration>4</duration><staff>2</staff></note>'
    '</measure></part></score-partwise>'
)
NAMELESS = '<score-part id="P1"><part-name/></score-part>'
GROUP = '<part-group number="{0}" type="start"><group-name>{1}</group-name></part-group>'
END = '<part-group number="{}" type="stop"/>'


@pytest.mark.parametrize(
    ('listed', 'name'),
    [
        (NAMELESS, ''),
        (NAMELESS.replace('<part-name/>', '<part-name>Celesta</part-name>'), 'Celesta'),
        (GROUP.format(1, 'Harp') + NAMELESS + END.format(1), 'Harp'),
        (GROUP.format(1, '') + NAMELESS + END.format(1), ''),
    ],
)
def test_of_a_file_nothing_is_called_what_music21_makes_up(listed, name):
    """It gives the staves ids: P1-Staff1 and P1-Staff2."""
    parts = read_score(LIST.format(listed).encode(), 'a.musicxml')
    assert [part.name for part in parts] == [name, name]


@pytest.mark.parametrize('name', ['bwv66.6', 'joplin/maple_leaf_rag', 'haydn/opus74no1/movement3'])
def test_parts_are_called_as_music21_calls_them(name):
    parts = list(corpus.parse(name).parts)
    here = [(part_name(part), name_and_program(part)[0]) for part in parts]
    assert here == [(part.partName, part.partName) for part in parts]
