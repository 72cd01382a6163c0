import pytest

from music21_kdic.reading.names_in_a_file import names_of_no_instrument


@pytest.mark.parametrize(
    ('names', 'silent'),
    [
        ('Soprano, Alto, Tenor, Bass', 'Bass'),
        ('soprano:, bass:, Fretless Bass', 'bass:'),
        ('Cant, Bass, Organo', 'Bass'),
        ('TREBLE, BASS', 'BASS'),
        ('Soprano, Contralto, Tenor, Baixo', 'Baixo'),  # Portuguese
        ('Violins 1, Violins 2, Violas, Bass', 'Bass'),
        ('Violin, Cello, bass II', 'bass II'),
        ('Soprano Solo, Alto solo, Tenor Solo, Bass Solo', 'Bass Solo'),
        ('Solo Soprano, Solo Bass, Flute', 'Solo Bass'),
        ('Guitar Solo, Bass Solo, Drums', ''),  # of a band
        ('Violin, Guitar, Bass', ''),  # a fiddle in a band
        ('Alto Sax, Tenor Sax, Bass', ''),
        ('Flute, Bass, Drums', ''),
    ],
)
def test_a_bass_of_a_choir_or_an_orchestra(names, silent):
    """Found in the wild, with the programs of voices, of reeds that stand for them, and of string basses."""
    parts = [(name, None) for name in names.split(', ')]
    assert names_of_no_instrument(parts) == {name for name in silent.split(', ') if name}
