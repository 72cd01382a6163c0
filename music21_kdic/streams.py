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

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from music21 import base, chord, harmony, instrument, meter, note, percussion, spanner, stream

from music21_kdic.notes import NoteSequence, bars_from_meters

AnyStream: TypeAlias = 'stream.Stream[base.Music21Object]'

# Two tied notes belong together when one ends where the other begins, but for floating point.
_TOUCHING = 1e-6


@dataclass
class _Heard:
    """What a walk through a stream has met so far; offsets in quarter lengths from its start."""

    # (onset, end, pitch at the pitch level of its stream, transposed by its instrument?, tied to the one before?)
    notes: list[tuple[float, float, int, bool, bool]] = field(default_factory=list)
    transpositions: list[tuple[float, int]] = field(default_factory=list)
    measures: list[tuple[float, stream.Measure]] = field(default_factory=list)
    meters: list[tuple[float, float]] = field(default_factory=list)
    unpitched: int = 0
    end: float = 0.0


def note_sequence(s: AnyStream) -> NoteSequence:
    """Read the notes that a Part, Measure, Voice or flat Stream sounds. The stream is not changed.

    Raises:
        NoteError: where it holds more notes or bars than are read.

    >>> from music21 import converter
    >>> notes = note_sequence(converter.parse('tinynotation: 4/4 c4 d e2~ e1'))
    >>> notes.onsets.tolist(), notes.ends.tolist(), notes.pitches.tolist(), notes.bars.tolist()
    ([0.0, 1.0, 2.0], [1.0, 2.0, 8.0], [60, 62, 64], [0.0, 4.0, 8.0])
    """
    heard = _Heard()
    _walk(s, 0.0, _at_written_pitch(s), _ottavas(s), heard)
    if isinstance(s, stream.Measure) and not heard.measures:
        heard.measures.append((0.0, s))
    if not any(offset <= 0.0 for offset, _ in heard.transpositions):
        player = s.getContextByClass(instrument.Instrument)
        if player is not None and player.transposition is not None:
            heard.transpositions.append((0.0, int(player.transposition.semitones)))
    notes = _join_ties(heard)
    bars, numbers = _bars(s, heard)
    return NoteSequence(
        onsets=np.array([onset for onset, _, _ in notes]),
        ends=np.array([end for _, end, _ in notes]),
        pitches=np.array([pitch for _, _, pitch in notes], dtype=np.int64),
        bars=np.array(bars),
        measure_numbers=numbers,
        unpitched=heard.unpitched,
    )


def parts_of(s: AnyStream) -> list[AnyStream]:
    """The streams that each get an answer: the Parts of a Score or Opus in score order, else the stream itself.

    >>> from music21 import corpus
    >>> [part.id for part in parts_of(corpus.parse('bwv66.6'))]
    ['Soprano', 'Alto', 'Tenor', 'Bass']
    """
    if isinstance(s, stream.Opus):
        return [part for score in s.scores for part in parts_of(score)]
    if isinstance(s, stream.Score):
        parts: list[AnyStream] = list(s.parts)
        return parts or [s]
    return [s]


def _walk(s: AnyStream, start: float, written: bool, ottavas: dict[int, int], heard: _Heard) -> None:
    for element in s:
        offset = start + float(s.elementOffset(element))
        if isinstance(element, note.NotRest):
            _hear(element, offset, written, ottavas, heard)
        elif isinstance(element, stream.Stream):
            # A stream inside may say for itself at which pitch level it is; 'unknown' is that of its parent.
            inner = written if element.atSoundingPitch == 'unknown' else not element.atSoundingPitch
            if isinstance(element, stream.Measure):
                heard.measures.append((offset, element))
            _walk(element, offset, inner, ottavas, heard)
            continue
        elif isinstance(element, instrument.Instrument):
            interval = element.transposition
            heard.transpositions.append((offset, 0 if interval is None else int(interval.semitones)))
        elif isinstance(element, meter.TimeSignature):
            heard.meters.append((offset, float(element.barDuration.quarterLength)))
        heard.end = max(heard.end, offset + float(element.quarterLength))


def _hear(element: note.NotRest, offset: float, written: bool, ottavas: dict[int, int], heard: _Heard) -> None:
    length = float(element.quarterLength)
    if isinstance(element, harmony.Harmony) and not element.writeAsChord:
        return
    if isinstance(element, note.Unpitched | percussion.PercussionChord):
        heard.unpitched += 1
        return
    if length <= 0:  # grace notes
        return
    sounding_notes = element.notes if isinstance(element, chord.Chord) else (element,)
    for sounding in sounding_notes:
        if not isinstance(sounding, note.Note):
            continue
        tie = sounding.tie
        octave = ottavas.get(id(element), 0)
        heard.notes.append(
            (
                offset,
                offset + length,
                sounding.pitch.midi + octave,
                written,
                tie is not None and tie.type in ('continue', 'stop'),
            )
        )


def _join_ties(heard: _Heard) -> list[tuple[float, float, int]]:
    """Bring notes to sounding pitch and make one note of those that are tied: (onset, end, pitch)."""
    changes = sorted(heard.transpositions, key=lambda change: change[0])
    joined: list[tuple[float, float, int]] = []
    last_of_pitch: dict[int, int] = {}
    step, row = 0, 0
    for onset, end, noted, written, tied in sorted(heard.notes):
        while row < len(changes) and changes[row][0] <= onset + _TOUCHING:
            step = changes[row][1]
            row += 1
        pitch = min(127, max(0, noted + step if written else noted))
        before = last_of_pitch.get(pitch)
        if tied and before is not None and abs(joined[before][1] - onset) <= _TOUCHING:
            joined[before] = (joined[before][0], end, pitch)
        else:
            last_of_pitch[pitch] = len(joined)
            joined.append((onset, end, pitch))
    return joined


def _at_written_pitch(s: AnyStream) -> bool:
    """Is the stream, or the nearest one around it that knows, at written pitch?"""
    if s.atSoundingPitch != 'unknown':
        return not s.atSoundingPitch
    for context in s.contextSites():
        if context.site.isStream and context.site.atSoundingPitch != 'unknown':
            return not context.site.atSoundingPitch
    return False


def _ottavas(s: AnyStream) -> dict[int, int]:
    """Semitones that each note under a transposing ottava sounds above its pitch, by id of the note."""
    return {
        id(element): int(ottava.interval().semitones)
        for ottava in s[spanner.Ottava]
        if ottava.transposing
        for element in ottava.getSpannedElements()
    }


def _bars(s: AnyStream, heard: _Heard) -> tuple[list[float], tuple[str, ...]]:
    """Barlines and measure numbers."""
    measures = dict(reversed(heard.measures))  # of several at one offset (parts side by side) the first
    if not measures:
        lines = bars_from_meters(heard.meters or _meters_around(s), until=heard.end)
        return lines.tolist(), ()
    offsets = sorted(measures)
    last = measures[offsets[-1]]
    # A last bar that is written short, or empty, is as long as its meter says.
    length = max(float(last.barDuration.quarterLength), heard.end - offsets[-1])
    return [*offsets, offsets[-1] + length], tuple(measures[at].measureNumberWithSuffix() for at in offsets)


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
