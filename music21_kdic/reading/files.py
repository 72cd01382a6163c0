"""One file: its parts, whichever format it is in."""

import os
from pathlib import Path

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.content import read_content
from music21_kdic.reading.endings import CORPUS, MIDI_SUFFIXES, is_recording
from music21_kdic.reading.midi import midi_start, parse_midi
from music21_kdic.reading.parts import FilePart
from music21_kdic.reading.scores import read_corpus, read_score


def read_parts(name: str) -> list[FilePart]:
    """Return the parts of a MIDI file, of a score, or of a piece of music21's corpus (``corpus:NAME``).

    Raises:
        UnreadableError: where the file is missing or cannot be read.
        NoteError: where it holds more than is read.
    """
    if name.startswith(CORPUS):
        return read_corpus(name)
    if os.path.isdir(name):
        raise UnreadableError(f'{name}: a folder without MIDI or score files, or one that cannot be opened')
    if is_recording(name):
        raise UnreadableError(f'{name}: a recording, which listen hears')
    content = read_content(name)
    if Path(name).suffix.lower() in MIDI_SUFFIXES or midi_start(content) >= 0:
        return parse_midi(content, name)
    return read_score(content, name)
