"""Which files are read, by the endings of their names; by themselves, so that to list files needs no reader."""

from pathlib import Path

from music21_kdic.errors import UnreadableError

MIDI_SUFFIXES = ('.mid', '.midi', '.kar', '.rmi')
AUDIO_SUFFIXES = ('.wav', '.flac', '.ogg', '.oga', '.opus')  # of recordings
CORPUS = 'corpus:'
ABC, COMPRESSED, MEI = '.abc', '.mxl', '.mei'
INSIDE = ('.musicxml', '.xml', COMPRESSED)  # endings of a score in a compressed file
# The endings of scores, and the format of each, as music21 calls it; it does not read ABC and MEI here.
FORMATS = {
    ABC: 'abc',
    '.krn': 'humdrum',
    MEI: 'mei',
    '.musicxml': 'musicxml',
    COMPRESSED: 'musicxml',
    '.xml': 'musicxml',
}
WITH_NOTES = (*MIDI_SUFFIXES, *FORMATS)
ALL_ENDINGS = (*WITH_NOTES, *AUDIO_SUFFIXES)


class WrongEndingError(UnreadableError):
    """A file without notes, whose name does not end as that of a score does."""


def is_for_music21(name: str) -> bool:
    """Does music21 read a file of this name, or a piece of its corpus?"""
    return name.startswith(CORPUS) or Path(name).suffix.lower() in FORMATS.keys() - {ABC, MEI}


def is_recording(name: str) -> bool:
    """Is a file of this name taken for a recording?"""
    return name.lower().endswith(AUDIO_SUFFIXES)
