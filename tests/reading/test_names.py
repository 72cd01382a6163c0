from pathlib import Path

import pytest
from music21 import instrument
from music21.languageExcerpts.instrumentLookup import allToClassName

from music21_kdic.classes import CLASSES, class_of_program
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.names import class_of_name, denies

CASES = Path(__file__).parents[1] / 'cases'


@pytest.mark.parametrize(
    ('names', 'wanted'),
    [
        ('Bass, BASS GTR, Bass Guitar, Fingered Bs., 033 Acoustic Bs., E-Bass, Slap Bass, Synth Bass, Bajo', 'Bass'),
        ('Fretless, Electric Bass, Synth Bass, Bass 2', 'Bass'),
        ('Gitara basowa, Basová gitara, Guitarra Baixo, Guitarra baja, Guitarra Baixo elétrico, Basgitarre', 'Bass'),
        ('Guitare basse, Baskytara, Bajo eléctrico 2, Basgitaar, Chitarra basso', 'Bass'),
        ('Guitar, E-Gtr 2, Clean Guitar, GTR, gtr_1, Gitarre, chitarra, Distorted guitar, Strat lead', 'Guitar'),
        ('Gitara, Guitarra 2, Viola caipira', 'Guitar'),
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


GENERAL_MIDI = {  # the standard's names of the families that are classes
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
     'Bass Drum', 'Mandolin', 'Ukulele', 'acc', 'acc.', 'accomp', 'Violin Accomp', 'www.classtab.org', 'me@rain.org',
     'bass clef', 'Bass Clef', 'Violin Sonata op. 78', 'Harpsichord Concerto', 'Sor - Magic Flute op9',
     'Coste: Grand Solo', 'Cello Suite (for guitar)', 'Bwv1053 Harpsichord Concerto n2 2mov', 'Cello e Basso', 'Basso',
     'Fagotto o Trombone', 'Bass & Lead', 'Timpani', 'Vocals', 'Guitar Concerto', 'bass:', 'Männerchor [Bass II]',
     'piano1', 'Mand:', 'strings low', 'efecto bajo', 'Melody 8va', 'Bass&Ld', 'Ba\u017fs(us) 2 Chori', 'Keyboard Bass',
     'Bass. Continu:', 'ORGAN lub FORTEPIAN.', 'Clave L'],
)  # fmt: skip
def test_names_that_claim_no_class(name):
    assert class_of_name(name) is None


def test_names_that_were_misread():
    """Each stands for a kind of which music21 makes another instrument, or none."""
    read = {
        'Corno I': 'Brass', 'Corno in Fa': 'Brass', 'Corno 2do in D.': 'Brass', 'Corno inglese': 'Reed',
        'Horn in F': 'Brass',
        'Guitar1': 'Guitar', 'Violin2': 'Strings', 'Guitar (acc)': 'Guitar', 'Acc Gtr 26': 'Guitar',
        'Strings (acc)': 'Strings',
        'Guitar Bass Clef': 'Guitar', 'Hammond B3': 'Organ', 'Oboe d\'amore': 'Reed', 'Bass Clarinet': 'Reed',
        'Bass Trombone': 'Brass', 'Accordion': 'Organ', 'Grand Piano': 'Piano',
        'Kontra-Bass.': 'Strings', '[Fortepian]': 'Piano',
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


def test_no_name_of_the_case_contradicts_its_program():
    parts = read_midi(CASES / 'names.mid')
    assert len(parts) == 15
    claims = [(part.name, class_of_name(part.name), class_of_program(part.program)) for part in parts]
    assert [claim for claim in claims if claim[1] not in (None, claim[2])] == []
    assert sum(claim[1] is not None for claim in claims) >= 6


@pytest.mark.parametrize('name', ['Acoustic Bass Drum', 'Electric Bass Drum', 'Bass Drum'])
def test_a_bass_drum_is_no_bass(name):
    assert class_of_name(name) is None


HYPHENED = [name for name in allToClassName if '-' in name]


@pytest.mark.parametrize('name', HYPHENED)
def test_a_name_of_music21_with_a_hyphen_is_that_instrument_s_with_a_space_too(name):
    number = getattr(instrument, allToClassName[name])().midiProgram
    wanted = None if number is None else class_of_program(number)
    for spelling in (name, name.title(), name.replace('-', ' ')):
        assert class_of_name(spelling) == wanted


def test_names_that_looked_like_titles_or_lost_their_accents():
    read = {
        'Hoboe': 'Reed', 'Hobois 2do': 'Reed', 'Concertina': 'Organ', 'Tango Accordion': 'Organ', 'Flügelhorn': 'Brass',
        'Flu\u0308gelhorn': 'Brass', 'Flügel': 'Piano', 'Englisch-Horn': 'Reed', 'Englisch Horn': 'Reed',
        'Violin Concertino': None, 'Piano Hob. XVI:34': None, 'Piano HobXVI': None, 'Tango Piano': None,
        'Ukulélé': None, 'Guitar Fret Noise': None, 'Gt.FretNoise': None,
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


def test_a_number_of_strings():
    """Guitars and basses are told by how many strings they have; what counts tracks or programs is higher."""
    read = {
        '12 String': None, '12-String': None, '7-string': None, '6 strings': None, '12str': None,
        '12-String Guitar': 'Guitar', '+12STR GTR': 'Guitar', '7 string E-Gtr': 'Guitar', '5-String Bass': 'Bass',
        '49 Strings': 'Strings', '049 Strings': 'Strings', 'String 4': 'Strings', 'Strings 2': 'Strings',
        '1 Strings': 'Strings', '4 String Ensemble': 'Strings',
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


OF_NO_CLASS = {  # as tracks are called in sequencers
    'English': 'Drums, Kick 2, Kick_In, Snare Top, Snare_001, Hi-Hat, Hat, Toms, OH L, Crash 1, Clap, Shaker, '
    'Congas, Perc, FX, FX Riser, Lead Vox, Vocals, Choir, BGV, Adlibs, Vox Double Take 03 Left of Chorus, Banjo, '
    'Vibraphone, Marimba, TR-909, 909, 808 Kick, Tubular Bells, Drummer, Drummer 2, Kit, Kit 1, Drum Kit, Kick Kit, '
    'GM Kit, Rock Kit, EZdrummer, EZdrummer 2, Superior Drummer 3, SSD5, BFD3, Battery 4',
    'German': 'Schlagzeug, Gesang, Stimme, Chor, Trommel, Becken, Pauken, Rassel, Glockenspiel, Effekte, Trommeln, '
    'Perkussion',
    'French': 'Batterie, Caisse claire, Grosse caisse, Cymbales, Voix, Chant, Choeurs, Ch\u0153urs, Percussions',
    'Spanish': 'Bater\xeda, Bombo, Caja, Platillos, Redoblante, Voz, Voces, Coros, Palmas, Percusi\xf3n',
    'Italian': 'Batteria, Cassa, Rullante, Piatti, Voce, Voci, Coro, Cori, Percussioni',
    'Danish, Norwegian': 'Slagverk',
    'Polish': 'Perkusja',
    'Portuguese': 'Bateria, Bumbo, Caixa, Pratos, Voz, Vozes, Vocais, Coro, Percuss\xe3o, Pandeiro, Cavaquinho',
}


@pytest.mark.parametrize('names', OF_NO_CLASS.values(), ids=OF_NO_CLASS)
def test_names_of_instruments_of_no_class_deny_all_classes(names):
    for name in names.split(', '):
        assert class_of_name(name) is None
        assert [each for each in CLASSES if not denies(name, each)] == [], name


@pytest.mark.parametrize(
    ('names', 'possible'),
    [
        ('Lead, Pad, Melody, Arp, Rhythm L, Sub, Accomp, Guitar Concerto', ' '.join(CLASSES)),
        ('Keys, Keyboards', 'Piano Organ'),
        ('Basso continuo', 'Bass Strings'),
        ('Piano & Strings', 'Piano Strings'),
        ('808, 303, 808 Sub', 'Bass'),
        ('Flute', 'Pipe'),
        ('Solo Violin, Violin for Anna, Violin arr., Violin by Bob, Song of the Violin', 'Strings'),
        ('Flute Duo, Flute solo (for Anna), Flute part for a very long song', 'Pipe'),
        ('Song for Guitar and Flute', 'Guitar Pipe'),
        ('Violin Sonata op. 78, Flute.mid, www.violin.org, Grand Solo', ' '.join(CLASSES)),
        ('Kit Carson, Little Drummer Boy, Assault and Battery', ' '.join(CLASSES)),
    ],
)
def test_the_classes_that_a_name_leaves_open(names, possible):
    for name in names.split(', '):
        assert [each for each in CLASSES if not denies(name, each)] == [
            each for each in CLASSES if each in possible.split()
        ], name


SOUND_CANVAS = {  # the tones of Roland's SC-55 (its list of instruments), by General MIDI's family of each
    'Piano': 'Piano 1, Piano 2, Piano 3, Honky-tonk, E.Piano 1, E.Piano 2, Harpsichord, Clav.',
    'Organ': 'Organ 1, Organ 2, Organ 3, Church Org.1, Reed Organ, Accordion Fr, Harmonica, Bandoneon',
    'Guitar': 'Nylon-str.Gt, Steel-str.Gt, Jazz Gt., Clean Gt., Muted Gt., Overdrive Gt, DistortionGt, Gt.Harmonics',
    'Bass': 'Acoustic Bs., Fingered Bs., Picked Bs., Fretless Bs., Slap Bass 1, Slap Bass 2, Synth Bass 1, '
    'Synth Bass 2',
    'Strings': 'Violin, Viola, Cello, Contrabass, Tremolo Str, PizzicatoStr, Harp, Strings, Slow Strings, SlowStrings, '
    'Syn.Strings1, Syn.Strings2',
    'Brass': 'Trumpet, Trombone, Tuba, MutedTrumpet, French Horn, Brass 1, Synth Brass1, Synth Brass2',
    'Reed': 'Soprano Sax, Alto Sax, Tenor Sax, Baritone Sax, Oboe, English Horn, Bassoon, Clarinet',
    'Pipe': 'Piccolo, Flute, Recorder, Pan Flute, Bottle Blow, Shakuhachi, Whistle, Ocarina',
    None: 'Celesta, Glockenspl, Music Box, Vibraphone, Marimba, Xylophone, Tubularbell, Santur, Timpani, Choir Aahs, '
    'Voice Oohs, SynVox, OrchestraHit, Square Wave, Saw Wave, Syn.Calliope, Chiffer Lead, Charang, Solo Vox, '
    '5th Saw Wave, Bass & Lead, Fantasia, Warm Pad, Polysynth, Space Voice, Bowed Glass, Metal Pad, Sitar, Banjo, '
    'Shamisen, Koto, Kalimba, Bag Pipe, Fiddle, Shanai, Tinkle Bell, Agogo, Steel Drums, Woodblock, Taiko, '
    'Melo. Tom 1, Synth Drum, Reverse Cym., Gt.FretNoise, Breath Noise, Seashore, Bird, Telephone 1, Gun Shot',
}


@pytest.mark.parametrize(('wanted', 'names'), SOUND_CANVAS.items(), ids=str)
def test_names_of_the_sound_canvas(wanted, names):
    assert {name: class_of_name(name) for name in names.split(', ')} == dict.fromkeys(names.split(', '), wanted)


def test_words_that_are_written_together():
    """As sequencers have them, and as German and Dutch compound them."""
    read = {
        'LeadGtr': 'Guitar', 'AcGtr': 'Guitar', 'BassGuitar': 'Bass', 'ElPiano': 'Piano', 'GrandPno': 'Piano',
        'SynthBass': 'Bass', 'AltoSax': 'Reed', 'SlowString': 'Strings', 'SLAPBASS 1': 'Bass',
        'EnglHorn': 'Reed', 'BassDrum': None, 'LeadVox': None, 'HarpChord': None,
        'Rhythmusgitarre': 'Guitar', 'Sologitarre 2': 'Guitar', 'Westerngitarren': 'Guitar', 'Slaggitaar': 'Guitar',
        'E-Bassgitarre': 'Bass', 'Basgitaar': 'Bass', 'Bassklarinette': 'Reed', 'Bassgeige': 'Strings',
        'Backgroundgesang': None, 'Snaredrum': None,
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


def test_names_that_were_another_instrument_s():
    """A blues or mouth harp is the harmonica of General MIDI's organs; FL a program beside its plug-ins."""
    read = {
        'Blues Harp': 'Organ', 'Mouth Harp': 'Organ', 'Jaw Harp': None, "Jew's Harp": None,
        'Orchestral Harp': 'Strings',
        'FL Studio': None, 'FL Studio 20': None, 'FL Slayer': 'Guitar', 'FL Keys': None, 'Fl. 1': 'Pipe',
        'Bass BGV': None, 'BV Bass': None, 'TR-808': None, 'TB-303': None, '303': None, '808': None,
        'Steel Str Gtr': 'Guitar', 'Nylon str. gtr.': 'Guitar', 'Honky Tonk Women': None, 'Church Org': 'Organ',
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


def test_portuguese_names():
    """A contrabaixo is a double bass in an orchestra, and a bass guitar in a band."""
    read = {
        'Baixo': 'Bass', 'Baixo El\xe9trico': 'Bass', 'Contrabaixo': None, 'Cordas': 'Strings', 'Metais': 'Brass',
        'Viol\xe3o': 'Guitar', 'Sanfona': 'Organ', 'Acorde\xe3o': 'Organ',
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read
    assert [each for each in CLASSES if not denies('Contrabaixo', each)] == ['Bass', 'Strings']


def test_brass_of_bands_and_of_the_18th_century():
    """A clarino is a trumpet, a lituus and a cornu are horns; an English and a basset horn are reeds."""
    brass = (
        'Cornet, 1st Cornets, Cornet in Bb, Cornetto, Cornettino 2do ad placitum, Euphonium, Bugle, Tenor Horn, '
        'Tenorhorn, Baritone Horn, Saxhorn, Sousaphone, Mellophone, Alto Trombone, Trombone Tenore., Trombone Alto., '
        'Clarino, Clarini, Clarino Primo in C, Cornu Primo Ex D:, Cornua, Lituo 1mo ex Dis, Lituus, Pusaune, Posaune'
    )
    reeds = 'Corno inglese, Corno di bassetto, Corni di Bassetto in F, Clarinetto, Tenor Sax, Baritone Sax'
    for names, wanted in ((brass, 'Brass'), (reeds, 'Reed')):
        assert {name: class_of_name(name) for name in names.split(', ')} == dict.fromkeys(names.split(', '), wanted)
    assert [class_of_name(name) for name in ('Alto', 'Tenore', 'Baritone')] == [None] * 3


def test_a_key_is_no_word_of_a_title():
    """In Dis is an old German name of E flat."""
    read = {
        'Corno Primo in Dis': 'Brass', 'Corno Prymo in Dis Obligato': 'Brass', 'Clarinetto Secundo in Dis': 'Reed',
        'Violino Primo ex Es': 'Strings', 'Clarinetto Primo in Sib': 'Reed', 'Cor Premier en Mib': 'Brass',
        'Violin in the moonlight of old days': None, 'Violin in mi casa sola y triste': None,
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


def test_a_solo_is_played_on_the_instrument_that_it_names():
    read = {
        'Guitar Solo': 'Guitar', 'Solo Guitar': 'Guitar', 'Sax Solo': 'Reed', 'Solo Violin': 'Strings',
        'Flute Duo': 'Pipe', 'Trumpet solo 2': 'Brass', 'Drum Solo': None, 'Solo': None, 'Vocal Duo': None,
        # Pieces, or what may be one.
        'Coste: Grand Solo': None, 'Grand Duo': None, 'Song for Guitar and Flute': None, 'Song for Guitar': None,
        'Violin arr. by Bob': None, 'Guitar Duo op. 34': None, 'Piano solo @ www.example.org': None,
    }  # fmt: skip
    assert {name: class_of_name(name) for name in read} == read


# The drum sets of General MIDI 2, of Roland's GS and of Yamaha's XG, as their lists call them.
KITS = (
    'Standard Kit, Room Kit, Power Kit, Electronic Kit, Analog Kit, Jazz Kit, Brush Kit, Orchestra Kit, SFX Kit, '
    'Rock Kit, Dry Kit, Classic Kit, Symphony Kit, Dance Kit'
)


@pytest.mark.parametrize('name', KITS.split(', '))
def test_kits_of_drums(name):
    assert [each for each in CLASSES if not denies(name, each)] == []
