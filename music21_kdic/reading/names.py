"""What a part's name claims: the class of an instrument name, in the languages and short forms people write.

music21 has a table of names (English, French, German, Italian, Spanish, Russian). What it does not have are the short
forms and makes that sequencer users write; and on a MIDI track "Bass" is no singer, "acc" no accordion, and a corno, a
mandolin and a ukulele are not what they are in that table. A name claims a class where all instruments that it names
are of it: not in a title, an address, or beside another instrument.
"""

import re
import unicodedata
from functools import cache, lru_cache

from music21_kdic.classes import CLASSES, class_of_program

# What is written for an instrument besides its name, or is not in music21's table; "-" is an instrument
# of no class; several classes and "?" (any of them) claim none.
_OURS: dict[str, str] = {
    'Guitar': 'gtr, gt, git, guit, e git, egtr, egit, strat, stratocaster, les paul, telecaster, distortion, '
    'distorted, overdriven, steel guitar, nylon guitar, jazz guitar, steel string, nylon string, string guitar, chit, '
    'guitarra, gitara, gitarr, gitaar, viola caipira, violão, violões, nylon str, steel str, fl slayer',
    'Piano': 'pno, rhodes, wurlitzer, wurly, ep, e p, epno, epiano, clav, clavinet, grand, grand piano, klavier, '
    'pianoforte, fortepian, fortepiano, harpsichord, cembalo, flügel, piano elétrico',
    'Bass': 'bass, bajo, baixo, e bass, ebass, fretless, slap, fingered, bass guitar, bass gtr, bass git, synth bass, '
    'acoustic bass, acoustic bs, fingered bs, fretless bs, picked bs, slap bs, synth bs, synbass, synthbass, '
    'slapbass, elec bass, picked bass, bass pick, bass finger, gitara basowa, bas gitara, basgitara, basová gitara, '
    'basova gitara, baskytara, basová kytara, basova kytara, guitarra baixo, contrabaixo elétrico, guitarra bajo, '
    'guitarra baja, bajo eléctrico, baixo elétrico, guitare basse, chitarra basso, basso elettrico, bassgitarre, '
    'basgitarre, e bassgitarre, basgitaar',
    'Strings': 'str, strg, strgs, strngs, strings, string, string ensemble, string section, vln, vlns, vla, vlas, vc, '
    'vcs, pizz, pizzicato, tremolo strings, slow strings, orchestral harp, harp, celli, cellos, violas, contrabass, '
    'double bass, kontrabass, contrabasso, contra bass, kontra bass, violone, violonc, cordas, synth strings, '
    'synthstrings, syn strings, syn str, synth str',
    'Organ': 'percussive organ, hammond, farfisa, leslie, drawbar, drawbars, reed organ, church organ, rock organ, '
    'harmonica, blues harp, bluesharp, mouth harp, accordion, concertina, bandoneon, sanfona, acordeão, órgano, '
    'órgão, org',
    'Brass': 'brass, tpt, trpt, tp, tbn, trbn, trb, hrn, bones, flugel, flugelhorn, trump, corno, corni, cor, cors, '
    'fhorn, french horn, horn, horns, corno da caccia, corno di caccia, brass section, metais, synth brass, '
    'synthbrass, syn brass, cornet, cornett, cornetta, cornetto, cornetti, cornettino, cornettini, kornett, '
    'euphonium, bugle, saxhorn, sax horn, sousaphone, mellophone, tenor horn, tenorhorn, alto horn, althorn, '
    'baritone horn, bass trombone, tenor trombone, alto trombone, trombone tenor, trombone tenore, '
    'trombone di tenore, trombone alto, trombone di alto, '
    # As they were written in the 18th century: trumpets, horns and trombones.
    'clarino, clarini, cornu, cornua, lituo, lituus, pusaune',
    'Pipe': 'blown bottle, flt, fl, picc, pan flute, pan pipes, panflute, pan pipe, tin whistle, ocarina, shakuhachi, '
    'blockfloete, bottle blow, bass flute, alto flute, traverso, fluto',
    'Reed': 'sax, saxes, clr, clar, bsn, fag, tenor sx, alto sx, bass clarinet, tenor sax, alto sax, soprano sax, '
    'bari sax, baritone sax, corno inglese, corni inglesi, cor anglais, english horn, eng horn, engl horn, '
    'corno di bassetto, corni di bassetto, corno bassetto, cornu di bassetto, basset horn, fagoto, hautbois, hobois, '
    'oboi, oboe d amore, oboe da caccia',
    # Of one of these classes, or of the singers of that part.
    'Bass Strings': 'bs, cb, contrabaixo, basso, bassi, basse, bas, bassus, basso continuo, bass continuo, '
    'bass continu',
    'Piano Organ': 'keyboard, keyboards, keyboard instrument, keys, fl keys',
    'Brass Strings': 'br',
    'Piano Strings': 'harp chord',
    '?': 'bass lead, bass line, bass pedals, bass pedal, organo, continuo, accomp, accompaniment, acompanamiento, '
    'begleitung, pad, drummer boy, piano roll, organ point, arp, ld, tb, fl studio',
    '-': 'acoustic bass drum, electric bass drum, synth bass drum, voices, vocal, vocals, vox, voc, voix, voce, voci, '
    'stimme, choirs, chor, choeur, coro, satb, singer, singing, sing, canto, cantus, tenore, soprano, drums, '
    'drum kit, drumkit, perc, percussion, kick, snare, bass drum, bass voice, mandolin, mandolino, mandoline, '
    'ukulele, ukulélé, uke, banjo, lute, liuto, synth, bells, timpani, voice oohs, orchestra hit, fx, fiddle, '
    'fiddles, mand, mando, chori, clave, claves, efecto, effect, effects, effekt, sfx, dr, noise, fretnoise, '
    # Drums and other percussion.
    'drum, drumset, drum set, drum machine, beatbox, beat box, kik, bd, kick drum, snr, sd, sidestick, side stick, '
    'rimshot, rim shot, rim, hat, hihat, hh, tom, toms, cymbal, cymb, ride, splash, overhead, oh l, oh r, ohs, clap, '
    'claps, handclap, snap, snaps, shaker, cowbell, bongo, djembe, cajon, darbuka, tabla, guiro, güira, cabasa, '
    'maraca, castanet, gongs, surdo, repinique, cuica, pandeiro, tamborim, zabumba, berimbau, ganza, percs, percu, '
    'percussions, schlagwerk, trommel, rassel, rasseln, glocke, schellenkranz, cymbale, charley, platillo, plato, '
    'tarola, percusiones, palmas, pandero, cencerro, bongó, percussioni, piatto, tamburo, tamburi, bumbo, caixa, '
    'caja, prato, pratos, chimbal, percussão, percussões, tambor, atabaque, chocalho, xylo, bell, mallet, music box, '
    'spieluhr, tubularbell, glockenspl, handpan, crotales, woodblocks, '
    # Programs that play drums, and the kits of General MIDI 2, GS and XG.
    'trommeln, perkussion, perkusja, slagverk, drummer, ezdrummer, superior drummer, ssd, bfd, gm kit, standard kit, '
    'room kit, power kit, rock kit, jazz kit, brush kit, electronic kit, analog kit, dance kit, dry kit, classic kit, '
    'orchestra kit, symphony kit, '
    # Voices.
    'vokal, vocs, bgv, bv, bvox, adlib, ad lib, spoken, narrator, narration, vocoder, talkbox, talk box, rap, '
    'acapella, acappella, a cappella, gesang, gesänge, stimmen, chöre, sprecher, choriste, chœur, voces, coros, '
    'cantante, cori, vozes, vocais, coral, cantor, cantora, '
    # Sounds.
    'riser, impact, uplifter, downlifter, foley, crowd, applause, effekte, geräusch, geräusche, bruitage, effetto, '
    'effetti, efectos, efeito, efeitos, '
    # Strings that are plucked or struck, and what else has no class.
    'cavaquinho, cavaco, bandolim, bandurria, charango, mandola, bouzouki, balalaika, domra, oud, saz, zither, '
    'autoharp, jaw harp, jaws harp, jew s harp, jews harp, santur, santoor, cimbalom, hurdy gurdy, bag pipe, shanai, '
    'didgeridoo, theremin, guzheng, erhu, polysynth',
}
# What is only an instrument's where it is the whole name: "Honky Tonk Women" is a song.
_WHOLE_NAMES = {'honky tonk': 'Piano', 'kit': '-', 'battery': '-'}
# Names of pieces, and of people's addresses.
_TITLE = re.compile(
    r'@|www|https?:|\.(?:com|org|net|edu|gov|de|fr|it|uk|mid|html?)\b'
    r'|(?<![^\W_])(?:op(?:us)?\.? ?\d|bwv|k\.? ?v?\.? ?\d{2}|rv ?\d|hob(?!o)|woo|d\.? ?\d{3}|n[or]?\.? ?\d+ in'
    r'|(?:sonat|concert(?!ina)|symphon|sinfon|suite|[eé]tude|stud(?:y|ies)|pr[eé]lud|fug|partita|quart|quint|sextet|septet'
    r'|octet|trio|duet|minuet|menuet|waltz|valse|rondo|scherzo|allegr|adagio|andant|largo|presto|vivace|variation'
    r'|overture|ouvert|serenad|nocturn|mazurk|polonais|ballad|fantas|impromptu|capri[cz]|movement|copyright'
    r'|lesson|exercise)\w*|grand (?:solo|duo)(?![^\W\d_]))',
    re.I,
)
# What stands beside the name of an instrument in a title, but in the name of a part, too: "Trumpet arr.".
_OF_A_TITLE = re.compile(
    r'(?<![^\W_])(?:song|dance|march|tango(?! accord)|aria|mvt|mov|\d+mov|arr|arrang\w*|seq|sequenc\w*'
    r'|magic|for|f[uü]r|pour|per|by|from|with|and the|of the)(?![^\W\d_])',
    re.I,
)
_NOT_OF_THE_NAME = re.compile(
    r'\b(?:bass|treble|alto|tenor)[ -]?(?:clef|staff)\b|\b\d+v[ab]\b|\(?\bacc\b\.?\)?|\bad (?:libitum|placitum)\b'
    r'|\b(?:in|ex|en) (?:[a-h](?:e?s|is)?|(?:do|ut|r[eé]|mi|fa|sol|la|si)b?(?=\W*$))(?![^\W\d_])',  # in Es, ex D: a key
    re.I,
)
# LilyPond's names of clefs, what a converter of games calls its tracks, and a voice in old print (with a long s).
_OF_NO_INSTRUMENT = re.compile(r'\s*(?::?(?:bass|treble):.*|:bass|piano1|strings low|\W*bas\u017f\W*)\s*')
_NUMBERED = re.compile(r'[^\W\d_]\d{3}')  # a model, a file
_OF_SINGERS = re.compile(r'\w+chor\b', re.I)
_NEW_WORD = re.compile(r'(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ][a-zß-ÿ])')  # LeadVox, DistortionGt
# Words that are written together with those before them: Rhythmusgitarre, Backgroundgesang.
_COMPOUND = re.compile(
    r'(\w+?)(gitarre|gitarr|gitaar|guitar|klavier|orgel|trompete|posaune|klarinette|saxophon|flöte|geige|bratsche'
    r'|trommel|gesang|drum|vox|vocal)[ens]?'
)
# Of a guitar, or a bass; a higher number counts tracks or programs.
_SO_MANY_STRINGS = re.compile(r'(?<!\d)(?:[4-9]|1[0-2])[ -]?str(?:ings?)?\b(?!\.? ?(?:ens|sec|orch))', re.I)
_HAMMOND = re.compile(r'\bb-?3\b', re.I)
# In what is longer, "str" and "fl" are no instruments; "vox" is, which no other word looks like.
_LONGEST, _LONGEST_SHORT_FORM, _SHORT_FORM = 80, 24, 3
_NO_CLASS, _ANY_CLASS = '-', '?'  # in the table
# Roland's machines, by whose numbers tracks are called. Two of them play basses, too: a bass drum that is held, acid.
_DRUM_MACHINE = re.compile(r'\W*(?:tr\W?)?(?:505|606|626|707|727|909)\W*', re.I)
_BASS_MACHINE = re.compile(r'(?<!\d)(?:808|303)(?!\d)')
_ROLAND = re.compile(r'(?<![^\W_])t[br]\W?(?:303|505|606|626|707|727|808|909)', re.I)
_MOST_WORDS = 4
_MOST_OTHER_WORDS = 2  # with more it is a title


@lru_cache(maxsize=10_000)
def class_of_name(name: str) -> str | None:
    """Return the class that a part's name claims, None where it claims none of the eight, or several.

    >>> [class_of_name(name) for name in ('Slap Bass', 'Kontrabass', 'E-Gtr 2', 'Fagott', 'Melody', 'Alto')]
    ['Bass', 'Strings', 'Guitar', 'Reed', None, None]
    """
    if _says_nothing(name) or _OF_A_TITLE.search(_written(name)):
        return None
    named, others = _named(name)
    claimed = named.pop() if len(named) == 1 and others <= _MOST_OTHER_WORDS else ''
    return claimed if claimed in CLASSES else None


@lru_cache(maxsize=10_000)
def denies(name: str, wanted: str) -> bool:
    """Whether a part of this name is not of a class: its name is that of another instrument, or of one of no class.

    Beside other instruments, too, and in a title, one of no class denies all of the eight. Others deny in what may be
    a title, though they claim nothing there; but not in that of a sonata, a concerto or another such piece.

    >>> [denies(name, 'Guitar') for name in ('Lead Vox', 'Kick 2', 'Flute', 'Keys', 'Lead', 'Strat', '909')]
    [True, True, True, True, False, False, True]
    >>> [denies(name, 'Guitar') for name in ('Flute arr. by Bob', 'Flute Sonata')]
    [True, False]
    """
    if _DRUM_MACHINE.fullmatch(name):
        return True
    named, _ = _named(name)
    if _NO_CLASS in named:
        return True
    if wanted != 'Bass' and _BASS_MACHINE.search(name):
        return True
    if not named or _says_nothing(name):
        return False
    return not any(each == _ANY_CLASS or wanted in each.split() for each in named)


def _says_nothing(name: str) -> bool:
    """Whether a name is the title of a piece, or is known to be of no instrument."""
    name = _written(name)
    patterns = _TITLE, _NUMBERED, _ROLAND
    return any(each.search(name) for each in patterns) or _OF_NO_INSTRUMENT.fullmatch(name.lower()) is not None


def _written(name: str) -> str:
    return name.replace('_', ' ')[:_LONGEST]


def _named(name: str) -> tuple[set[str], int]:
    """The classes of the instruments in a name, as the table has them; how many of its words are no instrument's."""
    name = _HAMMOND.sub('hammond', _NOT_OF_THE_NAME.sub(' ', _written(name)))
    name = _SO_MANY_STRINGS.sub(' ', _OF_SINGERS.sub('chor', name))
    words = _words(_NEW_WORD.sub(' ', unicodedata.normalize('NFC', name)))
    known = _classes_of_names()
    if (whole := ' '.join(words)) in _WHOLE_NAMES:
        return {_WHOLE_NAMES[whole]}, 0
    short = len(name) <= _LONGEST_SHORT_FORM
    named = set()
    others = 0
    while words:
        for count in range(min(_MOST_WORDS, len(words)), 0, -1):
            phrase = ' '.join(words[:count])
            spellings = (each for spelled in (phrase, _plain(phrase)) for each in (spelled, spelled.removesuffix('s')))
            found = next((known[each] for each in spellings if each in known), None)
            if found is not None and (short or len(phrase) > _SHORT_FORM or phrase == 'vox'):
                named.add(found)
                words = words[count:]
                break
        else:
            word, *words = words
            found = _class_of_compound(word)
            if found is not None:
                named.add(found)
            else:
                others += len(word) > 1
    return named, others


def _words(name: str) -> list[str]:
    return re.findall(r'[^\W\d_]+', name.casefold())


def _class_of_compound(word: str) -> str | None:
    """What the end of a word is the name of, as the table has it."""
    found = _COMPOUND.fullmatch(word)
    if found is None:
        return None
    before, kind = found.groups()
    claimed = _classes_of_names()[kind]
    return 'Bass' if claimed == 'Guitar' and before.endswith(('bass', 'bas')) else claimed


def is_of_no_class(name: str) -> bool:
    """Whether a name is known and no more than that of an instrument, or of several, that claims no class.

    >>> [is_of_no_class(name) for name in ('Soprano 1', 'Drums', 'Violin', 'Kazoo')]
    [True, True, False, False]
    """
    words = _words(unicodedata.normalize('NFC', name))
    claimed = _classes_of_names().get(' '.join(words))
    return claimed is not None and claimed not in CLASSES


def is_title(name: str) -> bool:
    """Whether a name is that of a piece, or an address.

    >>> [is_title(name) for name in ('Sonata in C', 'Caprice', 'op. 30 no. 3', 'Kontakt 5', 'Lead Vox')]
    [True, True, True, False, False]
    """
    return any(each.search(name) for each in (_TITLE, _OF_A_TITLE))


@cache
def _classes_of_names() -> dict[str, str]:
    """For the name of each instrument its class, '-' for none."""
    from music21 import instrument
    from music21.languageExcerpts.instrumentLookup import allToClassName

    known = {}
    for name, kind in allToClassName.items():
        program = getattr(instrument, kind)().midiProgram
        claimed = None if program is None else class_of_program(program)
        for spelling in (name, _plain(name), name.replace('-', ' ')):
            if len(spelling) > 1:
                known[spelling] = claimed or _NO_CLASS
    for claimed, names in _OURS.items():
        known |= dict.fromkeys((name.strip() for name in names.split(',')), claimed)
    return known


def _plain(name: str) -> str:
    """A name without accents."""
    return ''.join(each for each in unicodedata.normalize('NFD', name) if not unicodedata.combining(each))
