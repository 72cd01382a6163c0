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


GENERAL_MIDI = {  # the standard's names of the eight families
    'Piano': 'Acoustic Grand Piano, Bright Acoustic Piano, Electric Grand Piano, Honky-tonk Piano, Harpsichord',
    'Organ': 'Drawbar Organ, Percussive Organ, Rock Organ, Church Organ, Reed Organ, Accordion, Harmonica',
    'Guitar': 'Acoustic Guitar (nylon), Electric Guitar (jazz), Electric Guitar (muted), Overdriven Guitar',
    'Bass': 'Acoustic Bass, Electric Bass (finger), Fretless Bass, Slap Bass 1, Synth Bass 2',
    'Strings': 'Violin, Viola, Cello, Contrabass, Pizzicato Strings, String Ensemble 1, String Ensemble 2',
    'Brass': 'Trumpet, Trombone, Tuba, Muted Trumpet, French Horn, Brass Section',
    'Reed': 'Soprano Sax, Alto Sax, Tenor Sax, Baritone Sax, Oboe, English Horn, Bassoon, Clarinet',
    'Pipe': 'Piccolo, Flute, Recorder, Pan Flute, Blown Bottle, Shakuhachi, Whistle, Ocarina',
}


@pytest.mark.parametrize(('wanted', 'names'), GENERAL_MIDI.items(), ids=str)
def test_names_of_general_midi(wanted, names):
    assert {name: class_of_name(name) for name in names.split(', ')} == dict.fromkeys(names.split(', '), wanted)


@pytest.mark.parametrize('name', ['Piano Chords', 'Gtr chords', 'Single Coil Guitar'])
def test_words_that_only_look_like_singers(name):
    assert class_of_name(name) in ('Piano', 'Guitar')


@pytest.mark.parametrize(
    'name',
    ['', 'Melody', 'Track 1', 'Soprano', 'Tenor', 'Voice', 'Bass voice', 'Drums', 'Lead', 'Untitled', '\x00\ufffd',
     'x' * 10_000, 'Strum', 'Organizer', '(c) 1998 by nobody', 'TB891',
     'Bass Drum'],
)  # fmt: skip
def test_names_that_claim_no_class(name):
    assert class_of_name(name) is None
