"""The music21 door: a Stream becomes a :class:`~music21_kdic.notes.NoteSequence`.

What counts as sounding:

* Notes and chords of every voice and nested stream, at sounding pitch: a part at written pitch is transposed by
  its Instrument, and a transposing ottava by its octave, without touching the stream.
* Tied notes are one note. Grace notes last no time and do not sound. Chord symbols name a harmony that nobody is
  asked to play, unless ``writeAsChord`` is set. Rests say nothing. Unpitched percussion is counted and left out.
* Repeats are read once, as written: a repeat tells nothing new, and measure numbers stay those of the score.
* Bars are the stream's Measures, whatever their length (a pickup is a short bar). A stream without Measures gets
  its bars from its time signatures, else from those of its Score, else 4/4.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from music21 import base, chord, harmony, instrument, meter, note, percussion, spanner, stream

from music21_kdic.notes import DEFAULT_BAR, NoteSequence, bars_from_meters

AnyStream: TypeAlias = 'stream.Stream[base.Music21Object]'

# Two tied notes belong together when one ends where the other begins, but for floating point.
_TOUCHING = 1e-6


@dataclass(frozen=True, order=True)
class _Heard:
    """A note as it is met, offsets in quarter lengths from the start of the stream."""

    onset: float
    end: float
    pitch: int  # MIDI, at the pitch level of its stream
    player: int  # whose instrument transposes it: index into _Walk.players; -1 where it is at sounding pitch
    tied: bool  # to the note before it


@dataclass
class _Walk:
    """What a walk through a stream has met so far."""

    notes: list[_Heard] = field(default_factory=list)
    # For each part met: when an instrument takes over, and how many semitones it sounds above what is written.
    players: list[list[tuple[float, int]]] = field(default_factory=lambda: [[]])
    measures: list[tuple[float, stream.Measure]] = field(default_factory=list)
    meters: list[tuple[float, float]] = field(default_factory=list)
    unpitched: int = 0
    end: float = 0.0

    def stream(self, s: AnyStream, start: float, written: bool, player: int) -> None:
        """Hear a stream that begins at ``start``; ``written``: at written pitch."""
        # Not `for element in s`: that would make `s` each element's active site, and change what its offset is.
        for element in s.elements:
            offset = start + float(s.elementOffset(element))
            if isinstance(element, note.NotRest):
                self.note(element, offset, player if written else -1)
            elif isinstance(element, stream.Stream):
                # A stream inside may say for itself at which pitch level it is; 'unknown' is that of its parent.
                inner = written if element.atSoundingPitch == 'unknown' else not element.atSoundingPitch
                if isinstance(element, stream.Measure):
                    self.measures.append((offset, element))
                playing = player
                if isinstance(element, stream.Part):
                    self.players.append([])
                    playing = len(self.players) - 1
                self.stream(element, offset, inner, playing)
                continue
            elif isinstance(element, instrument.Instrument):
                interval = element.transposition
                self.players[player].append((offset, 0 if interval is None else int(interval.semitones)))
            elif isinstance(element, meter.TimeSignature):
                self.meters.append((offset, float(element.barDuration.quarterLength)))
            self.end = max(self.end, offset + float(element.quarterLength))

    def note(self, element: note.NotRest, offset: float, player: int) -> None:
        """Hear a note, a chord, or a stroke of percussion."""
        length = float(element.quarterLength)
        if isinstance(element, harmony.Harmony) and not element.writeAsChord:
            return
        if isinstance(element, note.Unpitched | percussion.PercussionChord):
            self.unpitched += 1
            return
        if length <= 0:  # grace notes
            return
        octaves = sum(
            int(ottava.interval().semitones)
            for ottava in element.getSpannerSites(['Ottava'])
            if isinstance(ottava, spanner.Ottava) and ottava.transposing
        )
        for sounding in element.notes if isinstance(element, chord.Chord) else (element,):
            if isinstance(sounding, note.Note):
                tied = sounding.tie is not None and sounding.tie.type in ('continue', 'stop')
                self.notes.append(_Heard(offset, offset + length, sounding.pitch.midi + octaves, player, tied))

    def sounding(self) -> list[tuple[float, float, int]]:
        """Bring the notes to sounding pitch and make one note of those that are tied: (onset, end, pitch)."""
        changes = [sorted(player, key=lambda change: change[0]) for player in self.players]
        offsets = [[offset - _TOUCHING for offset, _ in player] for player in changes]
        joined: list[tuple[float, float, int]] = []
        last_of_pitch: dict[int, list[int]] = {}  # voices may hold one pitch at a time: each is a candidate
        for heard in sorted(self.notes):
            pitch = heard.pitch
            if heard.player >= 0:
                step = bisect_right(offsets[heard.player], heard.onset)
                pitch += changes[heard.player][step - 1][1] if step else 0
            pitch = min(127, max(0, pitch))
            candidates = last_of_pitch.setdefault(pitch, [])
            candidates[:] = [row for row in candidates if joined[row][1] >= heard.onset - _TOUCHING]
            before = next((row for row in candidates if joined[row][1] <= heard.onset + _TOUCHING), None)
            if heard.tied and before is not None:
                joined[before] = (joined[before][0], heard.end, pitch)
            else:
                candidates.append(len(joined))
                joined.append((heard.onset, heard.end, pitch))
        return joined


def note_sequence(s: AnyStream) -> NoteSequence:
    """Read the notes that a Part, Measure, Voice or flat Stream sounds. The stream is not changed.

    Raises:
        TypeError: where ``s`` is no Stream.
        NoteError: where it holds more notes or bars than are read.

    >>> from music21 import converter
    >>> notes = note_sequence(converter.parse('tinynotation: 4/4 c4 d e2~ e1'))
    >>> notes.onsets.tolist(), notes.ends.tolist(), notes.pitches.tolist(), notes.bars.tolist()
    ([0.0, 1.0, 2.0], [1.0, 2.0, 8.0], [60, 62, 64], [0.0, 4.0, 8.0])
    """
    if not isinstance(s, stream.Stream):
        raise TypeError(f'{type(s).__name__} {s!r}: wanted a music21 Stream')
    walk = _Walk()
    walk.stream(s, 0.0, _at_written_pitch(s), 0)
    player = s.getContextByClass(instrument.Instrument) if isinstance(s, stream.Measure | stream.Voice) else None
    if player is not None and player.transposition is not None:
        # In force from before the stream begins; an instrument inside takes over where it stands.
        walk.players[0].insert(0, (-np.inf, int(player.transposition.semitones)))
    notes = walk.sounding()
    bars, numbers = _bars(s, walk)
    return NoteSequence(
        onsets=np.array([onset for onset, _, _ in notes]),
        ends=np.array([end for _, end, _ in notes]),
        pitches=np.array([pitch for _, _, pitch in notes], dtype=np.int64),
        bars=np.array(bars),
        measure_numbers=numbers,
        unpitched=walk.unpitched,
    )


def parts_of(s: AnyStream) -> list[AnyStream]:
    """The streams that each get an answer: the Parts of a Score or Opus in score order, else the stream itself.

    >>> from music21 import corpus
    >>> [part.id for part in parts_of(corpus.parse('bwv66.6'))]
    ['Soprano', 'Alto', 'Tenor', 'Bass']
    """
    if not isinstance(s, stream.Score | stream.Opus):
        return [s]
    # Not `s.parts`: that would make `s` each part's active site.
    inside = [element for element in s.elements if isinstance(element, stream.Part | stream.Score | stream.Opus)]
    parts = [part for element in inside for part in parts_of(element)]
    return parts if parts or isinstance(s, stream.Opus) else [s]


def _at_written_pitch(s: AnyStream) -> bool:
    """Is the stream, or the nearest one around it that knows, at written pitch?"""
    if s.atSoundingPitch != 'unknown':
        return not s.atSoundingPitch
    for context in s.contextSites():
        if context.site.isStream and context.site.atSoundingPitch != 'unknown':
            return not context.site.atSoundingPitch
    return False


def _bars(s: AnyStream, walk: _Walk) -> tuple[list[float], tuple[str, ...]]:
    """Barlines and measure numbers."""
    measures = dict(reversed(walk.measures))  # of several at one offset (parts side by side) the first
    around = s if isinstance(s, stream.Measure) else s.activeSite if isinstance(s, stream.Voice) else None
    if isinstance(around, stream.Measure) and not measures:
        measures = {0.0: around}
    if not measures:
        lines = bars_from_meters(walk.meters or _meters_around(s), until=walk.end)
        return lines.tolist(), ()
    offsets = sorted(measures)
    # A last bar that is written short, or empty, is as long as its meter says; without one, as a bar of 4/4.
    # Measure.barDuration would say so too, but guesses for minutes where there is no meter, and leaves traces.
    meters = sorted(walk.meters or _meters_around(s), key=lambda pair: pair[0])
    nominal = next((length for at, length in reversed(meters) if at <= offsets[-1]), DEFAULT_BAR)
    return [*offsets, max(offsets[-1] + nominal, walk.end)], tuple(
        measures[at].measureNumberWithSuffix() for at in offsets
    )


def _meters_around(s: AnyStream) -> list[tuple[float, float]]:
    """Time signatures for a stream that has none: of the Score it is in, else the one in force where it stands."""
    for site in _scores_around(s):
        start = float(s.getOffsetInHierarchy(site))
        found = [
            (float(ts.getOffsetInHierarchy(site)) - start, float(ts.barDuration.quarterLength))
            for ts in site[meter.TimeSignature]
        ]
        if found:
            return found
    nearest = s.getContextByClass(meter.TimeSignature)
    return [] if nearest is None else [(0.0, float(nearest.barDuration.quarterLength))]


def _scores_around(s: base.Music21Object) -> Iterator[stream.Score]:
    site = s.activeSite
    while site is not None:
        if isinstance(site, stream.Score):
            yield site
        site = site.activeSite
