"""What became of a part, or of a file: the one list of statuses."""

from enum import StrEnum


class Status(StrEnum):
    """What became of a part or a file; each is also a plain string."""

    OK = 'ok'  # the notes favour a class
    UNCLEAR = 'unclear'  # the notes favour no class enough to name it
    EMPTY = 'empty'  # no notes
    DRUMS = 'drums'  # unpitched percussion only
    TOO_SHORT = 'too-short'  # nowhere two notes in two bars, or nothing but one chord
    OUT_OF_RANGE = 'out-of-range'  # most notes lie beyond the piano's keyboard
    UNREADABLE = 'unreadable'  # of a file: it cannot be read
    TIMEOUT = 'timeout'  # of a file: it took too long

    __repr__ = str.__repr__


CLASSIFIED = (Status.OK, Status.UNCLEAR)  # the model read the part: it has windows and eight values of its own
FAILED = (Status.UNREADABLE, Status.TIMEOUT)
