"""What the names of one file's parts claim beside one another: of some that claim a class alone, none.

In a choir or an orchestra "Bass" is no bass guitar, and a song's name on all of its tracks is no instrument.
"""

import re
from collections import defaultdict
from collections.abc import Collection

from music21_kdic.classes import class_of_program

# "Bass" is a range beside others, of singers or of hands, and an orchestra's double bass beside two of its strings.
_NUMBER = r'\W*(?:[1-4]|i{1,3}|1mo|2do|primo|secondo|solo)?\W*'
_BASS = re.compile(r'\W*(?:(?:keyboard|solo) )?(?:bass(?:es|[eiou]s?)?|baixos?|bajos?)' + _NUMBER, re.I)
_RANGE = re.compile(
    r'\W*(?:(?:keyboard|solo) )?(?:sop|sopran[oi]?|(?:contr)?altos?|altus|tenor[ei]?|cant(?:o|us)?|superius'
    r'|des[ck]ant|discantus|treble)' + _NUMBER,
    re.I,
)
_OF_AN_ORCHESTRA = (
    re.compile(r'\W*(?:violin[ios]?|vln|vl)' + _NUMBER, re.I),
    re.compile(r'\W*(?:viol[ae]s?|vla)' + _NUMBER, re.I),
    re.compile(r'\W*(?:violon)?cell[ois]s?' + _NUMBER, re.I),
)
_CLASSES_OF_A_TITLE = 3


def names_of_no_instrument(parts: Collection[tuple[str, int | None]]) -> set[str]:
    """Of the names and programs in one file, the names that claim no class there, whatever they claim alone.

    Those are the song's name, which parts of three classes bear, and "Bass" in a choir or an orchestra.

    >>> names_of_no_instrument([('Tenor', 52), ('Bass', 52)]), names_of_no_instrument([('Flute', 73), ('Bass', 33)])
    ({'Bass'}, set())
    """
    classes: dict[str, set[str | None]] = defaultdict(set)
    for name, program in parts:
        if name and program is not None:
            classes[name].add(class_of_program(program))
    titles = {name for name, borne_by in classes.items() if len(borne_by) >= _CLASSES_OF_A_TITLE}
    names = {name for name, _ in parts}
    choir = any(_RANGE.fullmatch(name) for name in names)
    strings = sum(any(each.fullmatch(name) for name in names) for each in _OF_AN_ORCHESTRA)
    return titles | {name for name in names if (choir or strings > 1) and _BASS.fullmatch(name)}
