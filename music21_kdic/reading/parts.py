"""The parts that readers make: of a file, and of what was given as an object."""

from dataclasses import dataclass
from typing import Any

from music21_kdic.reading.notes import NoteSequence

MAX_NAME = 1000  # characters: a track's name may be as long as the file


@dataclass(frozen=True)
class FilePart:
    """One part of a file, MIDI or other: its notes, and beside them what the file claims about it.

    Attributes:
        notes: what the part sounds; empty for a drum part, whose strokes are counted in ``notes.unpitched``.
        name: of the track (:func:`.midi_names.called`), cut after MAX_NAME characters; '' where it has none.
        track: number of its track (of its Part in a score), counted from 0; None where it cannot be told.
        channel: MIDI channel, counted from 0; None where it cannot be told, or there is none, or there are several.
        program: General MIDI program, 0-127; None where the file sets none, or it cannot be told which one holds.
        is_drum: on MIDI channel 10 (9, counted from 0), unless a message of GS, XG or General MIDI 2 takes it from
            drums; on another one that they give to drums; or of an unpitched instrument of a score.
        port: which MIDI port the track is for, see :class:`~music21_kdic.reading.midi_events.Chunk`.
        instrument: number of its instrument in the file: staves of one instrument share it. None: an instrument alone.
        remark: what was wrong with the file, and how it was read; '' where nothing was.
        piece: number of its piece, from 0, in the order of the file: the tunes of an ABC file, the scores of an Opus.
        key_switches: how many of its notes were taken for key switches; they are not among ``notes``.
    """

    notes: NoteSequence
    name: str
    track: int | None
    channel: int | None
    program: int | None
    is_drum: bool
    port: bytes = b''
    instrument: int | None = None
    remark: str = ''
    piece: int = 0
    key_switches: int = 0


@dataclass(frozen=True)
class GeneratedPart:
    """A part of what was given.

    Attributes:
        notes: what it sounds.
        name: what it calls itself, '' where it does not.
        given: the part as it was given: the Stream of a Score, the Instrument of a PrettyMIDI.
        instrument: number of its instrument: staves of one instrument share it. None: an instrument alone.
        piece: as of a :class:`FilePart`.
    """

    notes: NoteSequence
    name: str
    given: Any
    instrument: int | None = None
    piece: int = 0
