"""``corpus:NAME``: which piece a name means, and that several are none."""

import pytest
from music21 import corpus

from music21_kdic import label
from music21_kdic.errors import UnreadableError
from music21_kdic.reading.corpus import corpus_file
from music21_kdic.reading.files import read_parts


@pytest.mark.parametrize(
    'name',
    ['bwv66.6', 'bach/bwv66.6', 'bwv66.6.xml', 'haydn/opus74no1/movement3', 'BWV57.8', 'demos/two-parts', 'verdi',
     'bach/choraleAnalyses/riemenschneider001'],
)  # fmt: skip
def test_a_name_that_fits_one_piece_means_it(name):
    assert corpus_file(name) == corpus.getWork(name)


@pytest.mark.parametrize(
    ('name', 'file'),
    [
        ('bach/bwv277', 'bach/bwv277.krn'),
        ('bach/bwv277.mxl', 'bach/bwv277.mxl'),
        ('beethoven/opus18no1/movement1', 'beethoven/opus18no1/movement1.krn'),
        ('monteverdi/madrigal.3.10', 'monteverdi/madrigal.3.10.mxl'),
    ],
)
def test_of_one_piece_in_several_formats_the_one_is_read_that_music21_takes(name, file):
    found = corpus.getWork(name)
    assert corpus_file(name) == (found[0] if isinstance(found, list) else found)
    assert corpus_file(name).as_posix().endswith(f'/{file}')


@pytest.mark.parametrize(
    ('name', 'file'),
    [
        ('bwv244.3', 'bach/bwv244.3.mxl'),  # beside bwv244.32 and bwv244.37
        ('bach/bwv112.5', 'bach/bwv112.5.mxl'),  # after bwv112.5-sc, which music21 takes
        ('madrigal.3.1', 'monteverdi/madrigal.3.1.mxl'),  # beside madrigal.3.10, and in two formats
    ],
)
def test_a_whole_name_means_its_piece_and_not_one_whose_name_goes_on(name, file):
    assert len(corpus.getWork(name)) > 1
    assert corpus_file(name).as_posix().endswith(f'/{file}')


def test_a_name_that_fits_several_pieces_names_them():
    opus = 'haydn/opus74no1'
    with pytest.raises(UnreadableError) as told:
        read_parts(f'corpus:{opus}')
    three = ', '.join(f'{opus}/movement{number}' for number in (1, 2, 3))
    assert str(told.value) == f'corpus:{opus}: 4 pieces ({three}, ...); wanted one'
    with pytest.raises(UnreadableError) as told:
        read_parts('corpus:bwv69')
    assert str(told.value) == 'corpus:bwv69: 2 pieces (bach/bwv69.6-a, bach/bwv69.6); wanted one'
    with pytest.raises(UnreadableError) as told:  # the whole name of two, and the beginning of many more
        read_parts('corpus:gloria')
    assert str(told.value) == 'corpus:gloria: 2 pieces (luca/gloria, palestrina/Gloria); wanted one'


@pytest.mark.parametrize('name', ['bach', 'bwv1', 'movement1', 'haydn/opus74no1/'])
def test_a_name_that_fits_several_pieces_is_no_piece(name):
    with pytest.raises(UnreadableError, match=rf'^corpus:{name}: \d+ pieces \(.*, \.\.\.\); wanted one$'):
        read_parts(f'corpus:{name}')


def test_several_pieces_are_a_row():
    several, *parts = label(['corpus:haydn/opus74no1', 'corpus:bwv66.6'], jobs=1)
    assert (several.path, several.status, several.label) == ('corpus:haydn/opus74no1', 'unreadable', 'unknown')
    assert several.error.startswith('4 pieces (haydn/opus74no1/movement1, ')
    assert [part.name for part in parts] == ['Soprano', 'Alto', 'Tenor', 'Bass']


def test_a_piece_of_another_corpus_is_named_with_its_folder(tmp_path, monkeypatch):
    paths = [tmp_path / 'etude' / f'{number}.krn' for number in (1, 2)]
    monkeypatch.setattr(corpus, 'getWork', lambda name: paths)
    with pytest.raises(UnreadableError, match='2 pieces') as told:
        corpus_file('etude')
    assert str(told.value) == f'2 pieces ({tmp_path}/etude/1, {tmp_path}/etude/2); wanted one'
