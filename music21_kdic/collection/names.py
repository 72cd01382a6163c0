"""What a part's name claims: the class of an instrument name, in the languages and short forms people write.

music21 knows the names (instrument.fromString: English, French, German, Italian, Spanish, Russian, ...). What it does
not know are the short forms and makes that sequencer users write, and that "Bass" on a MIDI track is no singer.
"""

import re
from functools import lru_cache

from music21_kdic.classes import class_of_program

# What music21 does not recognise, or not in capitals; where several classes are named, none is claimed.
_SHORT_FORMS: dict[str, str] = {
    'Guitar': r'gtr|gt|git|e-?git|egtr|guit|strat(ocaster)?|les ?paul|telecaster|dist(ort(ed|ion)?)?|riff',
    'Piano': r'pno|harpsichord|rhodes|wurl(itzer|y)?|e\.? ?p\.?|epno|clav(inet)?|grand',
    'Bass': r'fretless|slap|fingered',
    'Strings': r'str(gs?|ngs)?|string (ensemble|section)|vlns?|vlas?|vcs?|pizz(icato)?|fiddles?',
    'Organ': r'percussive organ|hammond|b-?3|farfisa|leslie|drawbars?|org',
    'Brass': r'brass|tpts?|trpts?|tp|tbns?|trbs?|hrns?|bones?|flugel|trump',
    'Pipe': r'blown bottle|flt|fl|picc|pan ?(flute|pipes?)|tin ?whistle|ocarina|shakuhachi|blockfloete',
    'Reed': r'sax(es)?|clr?|clar|bsn|fag|(tenor|alto) ?sx',
}
_PATTERNS = {name: re.compile(rf'(?<!\w)({words})\s?\d{{0,2}}(?!\w)', re.I) for name, words in _SHORT_FORMS.items()}
# Before music21 is asked: to it "Bass Guitar" is a guitar, "Acoustic Bs." a bassoon, and a drum a low voice.
_BASS_GUITARS = re.compile(r'(?<!\w)(bass ?(guitar|gtr|git)|bs|e-?bass)\s?\d{0,2}(?!\w)', re.I)
_NO_CLASS = re.compile(
    r'(?<!\w)(voices?|vocals?|voc|voix|voce|stimme|choirs?|chor|choeur|satb|sing(er|ers|ing)?|drums?'
    r'|drum ?kit|perc(ussion)?|kick|snare)\s?\d{0,2}(?!\w)',
    re.I,
)
# What is longer is a title or an address, in which "Org" and "Str" are no instruments.
_LONGEST, _LONGEST_SHORT_FORM = 80, 24


@lru_cache(maxsize=10_000)
def class_of_name(name: str) -> str | None:
    """Return the class that a part's name claims, None where it claims none of the eight, or several.

    >>> [class_of_name(name) for name in ('Slap Bass', 'Kontrabass', 'E-Gtr 2', 'Fagott', 'Melody', 'Alto')]
    ['Bass', 'Strings', 'Guitar', 'Reed', None, None]
    """
    name = name.replace('_', ' ')[:_LONGEST]
    if _NO_CLASS.search(name):
        return None
    if _BASS_GUITARS.search(name):
        return 'Bass'
    known = _known_to_music21(name)
    if known is not None or len(name) > _LONGEST_SHORT_FORM:
        return known
    said = {claimed for claimed, pattern in _PATTERNS.items() if pattern.search(name)}
    return said.pop() if len(said) == 1 else None


def _known_to_music21(name: str) -> str | None:
    from music21 import instrument

    try:
        found = instrument.fromString(name)
    except Exception:  # it raises InstrumentException for a name it does not know, and others for odd ones
        return None
    if isinstance(found, instrument.Bass):  # a singer to music21
        return 'Bass'
    return None if found.midiProgram is None else class_of_program(found.midiProgram)
