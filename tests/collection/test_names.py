import pytest

from music21_kdic.collection.names import class_of_name


@pytest.mark.parametrize(
    ('names', 'wanted'),
    [
        ('Bass, BASS GTR, Bass Guitar, Fingered Bs., 033 Acoustic Bs., E-Bass, Slap Bass, Synth Bass, Bajo', 'Bass'),
        ('Fretless, Electric Bass, basse, Bass 2', 'Bass'),
        ('Guitar, E-Gtr 2, Clean Guitar, GTR, gtr_1, Gitarre, chitarra, Distorted guitar, Strat lead', 'Guitar'),
        ('Piano, PIANO RH, Rhodes, E.Piano, Klavier, Electric Piano', 'Piano'),
        ('Violin, Violino II, Viola, Cello, Violoncello, Contrabass, Kontrabass, Strings, STRGS, Pizz.', 'Strings'),
        ('Organ, Hammond B3, Orgel', 'Organ'),
        ('Trumpet in Bb, Horns, Brass 2, Tbn, Posaune, Tuba', 'Brass'),
        ('Flute 1, Flöte, Piccolo, Pan Pipes, Recorder', 'Pipe'),
        ('Sax, Alto Sax, Oboe, Klarinette, Clarinet in A, bassoon, Fagott, Bass Clarinet', 'Reed'),
    ],
)
def test_names_of_instruments(names, wanted):
    assert {name: class_of_name(name) for name in names.split(', ')} == dict.fromkeys(names.split(', '), wanted)


@pytest.mark.parametrize(
    'name',
    ['', 'Melody', 'Track 1', 'Soprano', 'Tenor', 'Voice', 'Bass voice', 'Drums', 'Lead', 'Untitled', '\x00\ufffd',
     'x' * 10_000, 'Strum', 'Organizer', '(c) 1998 by nobody', 'TB891',
     'Bass Drum'],
)  # fmt: skip
def test_names_that_claim_no_class(name):
    assert class_of_name(name) is None
