"""Humdrum as music21 reads it whole, or not at all: what it would misplace is put right in the text."""

import re

from music21_kdic.errors import UnreadableError, shown

_SPLIT, _JOINED, _EXCHANGED, _ENDS, _ADDED = '*^', '*v', '*x', '*-', '*+'
_KERN, _APPOGGIATURA = '**kern', 'P'
_MENSURAL = '**mens'
_COMMENT = '!joined'  # an empty one music21 passes over
MOST_VOICES = 2  # of a spine at a time: of three music21 loses some (cuthbertLab/music21, issue 62)


def prepared(content: bytes) -> bytes:
    r"""Put right what music21 would read in another order, and refuse what it would read without some of its notes.

    music21 places the voices of a spine before what comes next in it. Where they are joined and split again with
    nothing between, it places the second ones at the end of the piece; so a comment follows each line that joins them.
    It takes an appoggiatura, which is written as it is played, for a grace note; so the sign goes.

    Raises:
        UnreadableError: where a spine is split into more than MOST_VOICES, or again when one of them has ended, or
            another one begins among them; where no spine is **kern, or one has notes that music21 does not read.

    >>> prepared(b'**kern\n*^\n4c\t4e\n*v\t*v\n*-')
    b'**kern\n*^\n4c\t4e\n*v\t*v\n!joined\n*-'
    """
    found: list[str] = []
    spines: list[int] = []
    of_kern: set[int] = set()
    of_one_voice: set[int] = set()  # the other has ended
    kinds: list[str] = []
    for number, line in enumerate(re.split(r'\r\n|\r|\n', content.decode('latin-1')), 1):
        tokens = re.split('\t+', line.rstrip())
        if not line.startswith('*'):
            is_data = len(tokens) == len(spines) and not line.startswith('!')
            found.append(_without_appoggiaturas(tokens, spines, of_kern) if is_data else line)
            continue
        found.append(line)
        if not spines or len(tokens) != len(spines):  # where another piece begins; music21 says what is wrong
            spines, of_kern, of_one_voice = list(range(len(tokens))), set(), set()
        of_kern |= {spine for spine, token in zip(spines, tokens, strict=True) if token == _KERN}
        kinds += [token for token in tokens if token.startswith('**')]
        if _ADDED in tokens:
            raise UnreadableError(f'line {number}: a spine that begins beside others, which music21 does not follow')
        if any(token == _SPLIT and spine in of_one_voice for token, spine in zip(tokens, spines, strict=True)):
            raise UnreadableError(f'line {number}: a voice that is split once the other has ended; music21 loses both')
        ended = {spine for token, spine in zip(tokens, spines, strict=True) if token == _ENDS}
        spines = _after(tokens, spines)
        of_one_voice |= ended & set(spines)
        for spine in set(spines):
            if spines.count(spine) > MOST_VOICES:
                raise UnreadableError(
                    f'line {number}: a spine of {spines.count(spine)} voices at a time; music21 follows {MOST_VOICES}'
                )
        if _JOINED in tokens:
            found.append('\t'.join([_COMMENT] * len(spines)))
    _check_kinds(kinds)
    return '\n'.join(found).encode('latin-1')


def _check_kinds(kinds: list[str]) -> None:
    """Refuse spines whose notes music21 would pass over."""
    if _MENSURAL in kinds:
        raise UnreadableError(f'a spine of {_MENSURAL}, whose notes music21 does not read, wanted {_KERN}')
    if _KERN not in kinds:
        raise UnreadableError(f'no spine of {_KERN}, found {shown(sorted(set(kinds)))}')


def _without_appoggiaturas(tokens: list[str], spines: list[int], of_kern: set[int]) -> str:
    """A line of notes; of a token that is nothing but the sign it stays."""
    pairs = zip(tokens, spines, strict=True)
    return '\t'.join((token.replace(_APPOGGIATURA, '') if spine in of_kern else '') or token for token, spine in pairs)


def _after(tokens: list[str], spines: list[int]) -> list[int]:
    """Of which spine the columns are after a line of interpretations."""
    found: list[int] = []
    column = 0
    while column < len(tokens):
        token, spine = tokens[column], spines[column]
        column += 1
        if token == _EXCHANGED and tokens[column : column + 1] == [_EXCHANGED]:
            found += [spines[column], spine]
            column += 1
            continue
        if token == _JOINED:
            while tokens[column : column + 1] == [_JOINED] and spines[column] == spine:
                column += 1
        found += [spine, spine] if token == _SPLIT else [] if token == _ENDS else [spine]
    return found
