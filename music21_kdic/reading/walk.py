"""A walk through a stream and all the streams inside: what sounds, when and at which pitch.

music21 lets its objects hold anything, and finds out when it is read; what comes of that is for
:func:`music21_kdic.reading.streams.note_sequence` to put into words.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

from music21 import base, chord, clef, harmony, instrument, interval, meter, note, spanner, stream

from music21_kdic.errors import NoteError, raised_as, shown
from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.nested import AnyStream, inside, quarters
from music21_kdic.reading.notes import MAX_NOTES

# Two tied notes belong together when one ends where the other begins, but for floating point.
TOUCHING = 1e-6
_STEPS = 2**20  # in a quarter length


@dataclass(frozen=True, order=True)
class _Heard:
    """A note as it is met, offsets in quarter lengths from the start of the stream."""

    onset: float
    end: float
    pitch: float  # MIDI pitch, not rounded, at the pitch level of its stream
    player: int  # whose instrument plays it: index into Walk.players
    written: bool  # at written pitch, which the instrument transposes
    tied: bool  # to the note before it
    element: note.Note = field(compare=False)  # itself


@dataclass
class Walk:
    """What a walk through a stream has met so far."""

    here: base.Music21Object  # what is being read
    about: Callable[[], Iterable[Any]]  # the streams whose ottavas count, with those inside them
    drums_marked: bool  # neither instruments nor clefs say that notes are a drum's
    notes: list[_Heard] = field(default_factory=list)
    # For each part met: when an instrument takes over.
    players: list[list[tuple[float, instrument.Instrument]]] = field(default_factory=lambda: [[]])
    # And when a clef takes over.
    clefs: list[list[tuple[float, clef.Clef]]] = field(default_factory=lambda: [[]])
    measures: list[tuple[float, stream.Measure]] = field(default_factory=list)
    meters: list[tuple[float, float]] = field(default_factory=list)
    elements: list[list[note.Note]] = field(default_factory=list)
    unpitched: int = 0
    end: float = -math.inf  # of what is not a stream

    def _octaves(self, element: note.NotRest) -> int:
        """How many semitones the ottavas over a note shift it: those that stand in one of the streams about."""
        # music21 leaves copies of a spanner with a note when it writes MIDI, say: each ottava counts once.
        ottavas = {
            (ottava.type, id(ottava.getFirst())): int(ottava.interval().semitones)
            for ottava in element.getSpannerSites(['Ottava'])
            if isinstance(ottava, spanner.Ottava) and ottava.transposing and self._stands_here(ottava)
        }
        return sum(ottavas.values())

    def _stands_here(self, ottava: spanner.Ottava) -> bool:
        stack, seen = list(ottava.sites.yieldSites(excludeNone=True)), set()
        while stack:
            site = stack.pop()
            if id(site) in self._about:
                return True
            if id(site) not in seen:
                seen.add(id(site))
                stack.extend(site.sites.yieldSites(excludeNone=True))
        return False

    @cached_property
    def _about(self) -> set[int]:
        return set(map(id, self.about()))

    def stream(self, s: AnyStream, written: bool, begins: Mapping[int, float]) -> None:
        """Hear a stream and the streams inside it; ``written``: at written pitch; ``begins``: as for :func:`inside`."""
        levels = {id(s): (written, 0)}  # of each stream: is it at written pitch, and whose player reads it
        # `part.flatten(retainContainers=True)` has each note beside its Measure and in it. One offset, added up in two
        # ways, is the same step.
        struck: set[tuple[int, int]] = set()
        for offset, element, site in inside(s, begins):
            self.here = element
            written, player = levels[id(site)]
            if isinstance(element, note.NotRest):
                once = id(element), round(offset * _STEPS)
                if once not in struck:
                    struck.add(once)
                    self.note(element, offset, player, written)
            elif isinstance(element, stream.Stream):
                # A stream inside may say for itself at which pitch level it is; 'unknown' is that of its parent.
                inner = written if element.atSoundingPitch == 'unknown' else not element.atSoundingPitch
                if isinstance(element, stream.Measure):
                    self.measures.append((offset, element))
                if isinstance(element, stream.Part):
                    self.players.append([])
                    self.clefs.append([])
                    player = len(self.players) - 1
                levels[id(element)] = inner, player
                continue
            elif isinstance(element, instrument.Instrument):
                self.players[player].append((offset, element))
            elif isinstance(element, clef.Clef):
                self.clefs[player].append((offset, element))
            elif isinstance(element, meter.TimeSignature):
                self.meters.append((offset, quarters(element.barDuration.quarterLength)))
            self.end = max(self.end, offset + quarters(element.quarterLength))
            if len(self.notes) > MAX_NOTES:
                raise NoteError(f'more than {MAX_NOTES} notes in one part: at most that many are read')

    def note(self, element: note.NotRest, offset: float, player: int, written: bool) -> None:
        """Hear a note, a chord, or a stroke of percussion."""
        end = offset + quarters(element.quarterLength)
        if not is_played(element):
            return
        played = [each for each in members(element) if not _is_slash(each, element)]
        self.unpitched += sum(isinstance(each, note.Unpitched) for each in played)
        if end <= offset:  # grace notes
            return
        octaves = self._octaves(element)
        for sounding in played:
            if isinstance(sounding, note.Note):
                tied = sounding.tie is not None and sounding.tie.type in ('continue', 'stop')
                self.notes.append(_Heard(offset, end, sounding.pitch.ps + octaves, player, written, tied, sounding))

    def sounding(self, move: Callable[[float, float, bool], tuple[float, float]]) -> list[tuple[float, float, int]]:
        """Bring the notes to sounding pitch and make one note of those that are tied: (onset, end, pitch).

        Those of an unpitched instrument are counted in ``unpitched``, and left out. What each is made of is then in
        ``elements``.

        Args:
            move: says where a note begins and ends in its piece, by where it does here and whether it is tied on.
        """
        players = {
            player: _Player(self.players[player], self.clefs[player])
            for player in {heard.player for heard in self.notes}
        }
        joined: list[tuple[float, float, int]] = []
        # Voices may hold one pitch at a time: each of them may be the one that goes on, before others one that is tied.
        opened = defaultdict[int, list[tuple[float, int]]](list)
        for heard in sorted(self.notes, key=lambda each: (each.onset, not each.tied, each)):
            player = players[heard.player]
            step = bisect_right(player.offsets, heard.onset) - 1
            if not self.drums_marked and player.is_unpitched(step, heard.onset):
                self.unpitched += 1
                continue
            pitch = heard.pitch + (player.above(step) if step >= 0 and heard.written else 0)
            midi = _midi_pitch(pitch)
            is_tied_on = _is_tied_on(heard.element)
            onset, end = move(heard.onset, heard.end, is_tied_on)
            # A tie that begins nowhere, as one into a second ending does, joins nothing.
            row = _goes_on(opened[midi], onset)
            if row is None:
                row = len(joined)
                joined.append((onset, end, midi))
                self.elements.append([heard.element])
            else:
                joined[row] = (joined[row][0], end, midi)
                self.elements[row].append(heard.element)
            if is_tied_on:
                heappush(opened[midi], (end, row))
        return joined


class _Player:
    """The instruments of a part in order: where each takes over, what it transposes, and whether it has pitches; and
    under which clefs there are none.
    """

    def __init__(
        self, instruments: list[tuple[float, instrument.Instrument]], clefs: list[tuple[float, clef.Clef]]
    ) -> None:
        changes = sorted(instruments, key=lambda change: change[0])
        self.offsets = [offset - TOUCHING for offset, _ in changes]
        self.transpositions = [each.transposition for _, each in changes]
        self._above: dict[int, float] = {}
        pitched = {offset for offset, each in changes if not _is_unpitched(each)}
        self._unpitched = [offset not in pitched for offset, _ in changes]  # none of several at once has pitches
        read = sorted(clefs, key=lambda change: change[0])
        self._clefs = [offset - TOUCHING for offset, _ in read]
        pitched = {offset for offset, each in read if not isinstance(each, clef.PercussionClef)}
        self._of_percussion = [offset not in pitched for offset, _ in read]  # none of several at once is for pitches

    def is_unpitched(self, step: int, onset: float) -> bool:
        """Has the instrument number ``step`` (-1: none) no pitches, or stands no pitch under the clef there?"""
        under = bisect_right(self._clefs, onset) - 1
        return (step >= 0 and self._unpitched[step]) or (under >= 0 and self._of_percussion[under])

    def above(self, step: int) -> float:
        """How many semitones the instrument number ``step`` sounds above what is written; read when it is asked for."""
        if step not in self._above:
            self._above[step] = _semitones(self.transpositions[step])
        return self._above[step]


def is_played(element: note.NotRest) -> bool:
    """Whether any note of an element sounds: those of a chord symbol do not, unless it says so, nor do slashes."""
    if isinstance(element, harmony.Harmony) and not element.writeAsChord:
        return False
    return any(not _is_slash(each, element) for each in members(element))


def members(element: note.NotRest) -> Sequence[note.NotRest]:
    """The notes of a chord, of one of percussion with pitches or without; of a note itself."""
    return element.notes if isinstance(element, chord.ChordBase) else (element,)


def _is_slash(sounding: note.NotRest, element: note.NotRest) -> bool:
    """Whether a note, or one of a chord, has a slash for a notehead: a normal one is the chord's, as in MusicXML."""
    head = sounding.notehead if sounding.notehead != 'normal' else element.notehead
    return bool(head == 'slash')


def _is_unpitched(player: instrument.Instrument) -> bool:
    return isinstance(player, instrument.UnpitchedPercussion) or player.midiChannel == DRUM_CHANNEL


def _semitones(transposition: Any) -> float:
    """How far above what is written an instrument sounds; music21 takes intervals, their names and semitones."""
    if transposition is None:
        return 0.0
    # It raises anything, see note_sequence.
    with raised_as(
        lambda _: NoteError(f'an instrument with the transposition {shown(transposition)}: wanted an interval')
    ):
        found = transposition if hasattr(transposition, 'semitones') else interval.Interval(transposition)
        return quarters(found.semitones)


def _midi_pitch(pitch: float) -> int:
    """Round to the nearest MIDI pitch, and bring what lies outside of 0 to 127 in by octaves, as Pitch.midi does."""
    rounded = math.floor(pitch + 0.5)
    if rounded < 0:
        return rounded % 12
    return rounded if rounded <= 127 else 115 + (rounded - 115) % 12


def _is_tied_on(element: note.Note) -> bool:
    """Is a note tied to the one behind it? Where that one does not say so, music21 joins them, too."""
    return element.tie is not None and element.tie.type in ('start', 'continue')


def _goes_on(ending: list[tuple[float, int]], onset: float) -> int | None:
    """Of the notes of one pitch, a heap of (end, row), take the one that ends where a tied one begins; None: none."""
    while ending and ending[0][0] < onset - TOUCHING:
        heappop(ending)
    return heappop(ending)[1] if ending and ending[0][0] <= onset + TOUCHING else None
