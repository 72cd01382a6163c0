"""The music21 reader: a Stream becomes a :class:`~music21_kdic.reading.notes.NoteSequence`.

What counts as sounding:

* Notes and chords of every voice and nested stream, at sounding pitch: a part at written pitch is transposed by
  its Instrument, and a transposing ottava by its octave, without touching the stream.
* Tied notes are one note, and where only the first says that it is tied, too. Grace notes last no time and do not
  sound. Chord symbols name a harmony that nobody is asked to play, unless ``writeAsChord`` is set, and slashes
  (``notehead``) no pitch. Rests say nothing. Unpitched percussion is counted and left out, and so are notes under an
  unpitched instrument or one of MIDI channel 10, whatever pitch they are written at.
* Repeats are read once, as written: a repeat tells nothing new, and measure numbers stay those of the score.
* Bars are the stream's Measures, whatever their length (a pickup is a short bar). A stream without Measures gets
  its bars from its time signatures, else from those of its Score, else 4/4.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain, pairwise
from typing import Any

import numpy as np
from music21 import clef, instrument, meter, note, stream

from music21_kdic.errors import NoteError, is_of_a_signal, shown
from music21_kdic.reading.around import FLAT, around, hear_before, in_force, left_behind, origins, scores_around
from music21_kdic.reading.late import measures_begin
from music21_kdic.reading.nested import AnyStream, inside, quarters
from music21_kdic.reading.notes import DEFAULT_BAR, NoteSequence, bars_from_meters, in_grains
from music21_kdic.reading.pieces import Placed
from music21_kdic.reading.walk import Walk

# Methods of a derivation.
_TRANSPOSED = ('toSoundingPitch', 'toWrittenPitch')


def note_sequence(s: AnyStream) -> NoteSequence:
    """Read the notes that a Part, Measure, Voice or flat Stream sounds. The stream is not changed.

    Args:
        s: the stream.

    Raises:
        TypeError: where ``s`` is no Stream.
        NoteError: where it holds more notes or bars than are read, or what music21 itself cannot read.

    >>> from music21 import converter
    >>> notes = note_sequence(converter.parse('tinynotation: 4/4 c4 d e2~ e1'))
    >>> notes.onsets.tolist(), notes.ends.tolist(), notes.pitches.tolist(), notes.bars.tolist()
    ([0.0, 1.0, 2.0], [1.0, 2.0, 8.0], [60, 62, 64], [0.0, 4.0, 8.0])
    """
    return notes_and_elements(Placed(s))[0]


def placed_notes(placed: Placed, bar: float = DEFAULT_BAR) -> NoteSequence:
    """What :func:`note_sequence` reads of a part where it stands in its piece."""
    return notes_and_elements(placed, bar)[0].moved(placed.offset)


def notes_and_elements(placed: Placed, bar: float = DEFAULT_BAR) -> tuple[NoteSequence, list[list[note.Note]]]:
    """What :func:`note_sequence` reads, and for each of its notes the music21 Notes that it is made of: tied ones.

    >>> from music21 import converter
    >>> _, elements = notes_and_elements(Placed(converter.parse('tinynotation: 4/4 c4 d e2~ e1')))
    >>> [len(tied) for tied in elements]
    [1, 1, 2]
    """
    s = placed.part
    if not isinstance(s, stream.Stream):
        raise TypeError(f'{type(s).__name__} {shown(s)}: wanted a music21 Stream')
    walk = Walk(here=s, about=partial(_about, placed), drums_marked=placed.drums_marked)
    try:
        walk.stream(s, _at_written_pitch(placed), measures_begin(s))
        walk.here = s
        hear_before(s, instrument.Instrument, walk, walk.players)
        hear_before(s, clef.Clef, walk, walk.clefs)
        notes = walk.sounding(_as_here if placed.moved is None else placed.moved.note)
        lines, numbers = _bars(placed, walk, bar)
    except (NoteError, MemoryError):
        raise
    except RecursionError as error:
        raise NoteError(f'{type(s).__name__}: streams nested deeper than music21 follows') from error
    except Exception as error:  # music21 lets its objects be given anything, and raises anything when they are read
        if is_of_a_signal(error):
            raise
        kind = type(walk.here).__name__
        raise NoteError(f'{kind} in a {type(s).__name__}: music21 cannot read it ({shown(error)})') from error
    onsets, ends, pitches = (np.array([heard[column] for heard in notes], np.float64) for column in range(3))
    onsets, ends = in_grains(onsets), in_grains(ends)
    order = np.lexsort((ends, pitches, onsets))  # that of a NoteSequence
    sequence = NoteSequence(
        onsets=onsets[order],
        ends=ends[order],
        pitches=pitches[order].astype(np.int64),
        bars=np.array(lines),
        measure_numbers=numbers,
        unpitched=walk.unpitched,
    )
    return sequence, [walk.elements[row] for row in order]


def _as_here(onset: float, end: float, is_tied_on: bool) -> tuple[float, float]:
    return onset, end


def offset_in_score(s: AnyStream) -> float:
    """Where a stream begins in the Score that it is in, in quarter lengths; 0 where it is in none."""
    found = (context.offset for context in around(s) if isinstance(context.site, stream.Score))
    return quarters(next(found, 0.0))


def measure_number(measure: stream.Measure) -> str:
    """What the score calls a measure: its number and, where it has one, its suffix.

    >>> m = stream.Measure(number=12)
    >>> m.numberSuffix = 'a'
    >>> measure_number(m)
    '12a'
    """
    # Measure.measureNumberWithSuffix() insists on a string, which nothing makes of what is assigned.
    return f'{measure.number}{measure.numberSuffix or ""}'


def _at_written_pitch(placed: Placed) -> bool:
    """Is the stream, the nearest one around it that knows, or one that it was made from, at written pitch?"""
    s = placed.part
    nearby = (context.site for context in around(s) if context.site.isStream)
    for site in chain(_flattened_from(s), [s], (site for site, _ in placed.around), nearby, origins(s)):
        if site.atSoundingPitch != 'unknown':
            return not site.atSoundingPitch
    return False


def _flattened_from(s: AnyStream) -> list[Any]:
    """The stream, transposed as a whole, of which the notes of a stream were flattened, in a list; else an empty list.

    music21 keeps what it flattened on the way, and gives it out as it was called before the notes were transposed.
    """
    found: list[Any] = []
    line: list[Any] = [s, *s.derivation.chain()]
    for made, origin in pairwise(line):
        if made.derivation.method in _TRANSPOSED:
            break
        if made.derivation.method in FLAT and (
            origin.atSoundingPitch is True or origin.derivation.method in _TRANSPOSED
        ):
            found = [origin]
    return found


def _about(placed: Placed) -> Iterator[Any]:
    """The streams of which an ottava may be that counts for a part: itself, those around it, what it was made from."""
    s = placed.part
    yield from chain([s], (site for site, _ in placed.around), (context.site for context in around(s)), origins(s))


def _bars(placed: Placed, walk: Walk, bar: float) -> tuple[list[float], tuple[str, ...]]:
    """Barlines and measure numbers; ``bar``: the length of a bar where nothing says it."""
    s = placed.part
    begins, end = walk.measures, walk.end
    if placed.moved is not None:
        own = (each for each in s.elements if isinstance(each, stream.Measure))
        begins, end = list(zip(placed.moved.together.tolist(), own, strict=True)), placed.moved.at(end)
    measures = dict(reversed(begins))  # of several at one offset (parts side by side) the first
    measure = s if isinstance(s, stream.Measure) else s.activeSite if isinstance(s, stream.Voice) else None
    if isinstance(measure, stream.Measure) and not measures:
        measures = {0.0: measure}
    first = min((heard.onset for heard in walk.notes), default=np.inf)
    if not measures:
        lines = bars_from_meters(walk.meters or _meters_around(placed), max(walk.end, 0.0), bar, first).tolist()
        early = sum(line < 0 for line in lines[:-1])
        return lines, tuple(str(number + 1 - early) for number in range(len(lines) - 1)) if early else ()
    offsets = sorted(measures)
    # A last bar that is written short, or empty, is as long as its meter says; without one, as ``bar``.
    # Measure.barDuration would say so too, but guesses for minutes where there is no meter, and leaves traces.
    meters = sorted(walk.meters or _meters_around(placed), key=lambda pair: pair[0])
    nominal = next((length for at, length in reversed(meters) if at <= offsets[-1]), bar)
    numbers = [measure_number(measures[at]) for at in offsets]
    if first < offsets[0]:  # what stands before the first Measure
        lines = bars_from_meters(meters, offsets[0], bar, first)[:-1].tolist()
        before = [line for line in lines if line < offsets[0]]
        offsets, numbers = [*before, *offsets], _counted_down(measures[offsets[0]], len(before)) + numbers
    return [*offsets, max(offsets[-1] + nominal, end)], tuple(numbers)


def _counted_down(first: stream.Measure, count: int) -> list[str]:
    """Numbers for bars before a Measure."""
    number = first.number if isinstance(first.number, int) else 1
    return [str(number - before) for before in range(count, 0, -1)]


def _meters_around(placed: Placed) -> list[tuple[float, float]]:
    """Time signatures for a stream that has none: of the Score that it is in, else the one in force where it stands,
    else those of what it was made from. For a Measure or Voice its Part comes first.
    """
    s = placed.part
    if isinstance(s, stream.Measure | stream.Voice) and (own := in_force(s, meter.TimeSignature)) is not None:
        return [(0.0, quarters(own.barDuration.quarterLength))]
    for site, start in placed.around or scores_around(s):
        if id(site) not in placed.meters:
            placed.meters[id(site)] = [
                (offset, quarters(element.barDuration.quarterLength))
                for offset, element, _ in inside(site)
                if isinstance(element, meter.TimeSignature)
            ]
        if placed.meters[id(site)]:
            return [(offset - start, length) for offset, length in placed.meters[id(site)]]
    nearest = in_force(s, meter.TimeSignature)
    left = left_behind(s, meter.TimeSignature) if nearest is None else [(0.0, nearest)]
    return [(max(offset, 0.0), quarters(each.barDuration.quarterLength)) for offset, each in left]
