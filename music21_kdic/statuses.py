"""What became of a part, or of a file: the one list of statuses."""

from enum import StrEnum


class Status(StrEnum):
    """What became of a part or a file; each is also a plain string."""

    OK = 'ok'
    UNCLEAR = 'unclear'
    EMPTY = 'empty'
    DRUMS = 'drums'
    TOO_SHORT = 'too-short'
    OUT_OF_RANGE = 'out-of-range'
    UNREADABLE = 'unreadable'
    TIMEOUT = 'timeout'

    __repr__ = str.__repr__


# Of what has notes, and of recordings.
MEANINGS = {
    Status.OK: 'the notes favour a class',
    Status.UNCLEAR: 'the notes favour no class, or are hardly music',
    Status.DRUMS: 'unpitched percussion only',
    Status.EMPTY: 'no notes',
    Status.TOO_SHORT: 'nowhere two notes in two bars, or nothing but one chord',
    Status.OUT_OF_RANGE: "most notes lie beyond the piano's keyboard",
    Status.UNREADABLE: 'of a file: it cannot be read',
    Status.TIMEOUT: 'of a file: it took too long',
}

HEARD_MEANINGS = {
    Status.OK: 'a class sounds',
    Status.UNCLEAR: 'none does',
    Status.EMPTY: 'silence',
    Status.TOO_SHORT: 'shorter than an eighth of a second',
    Status.UNREADABLE: MEANINGS[Status.UNREADABLE],
    Status.TIMEOUT: MEANINGS[Status.TIMEOUT],
}

CLASSIFIED = (Status.OK, Status.UNCLEAR)  # the model read the part: it has windows and eight values of its own
FAILED = (Status.UNREADABLE, Status.TIMEOUT)
