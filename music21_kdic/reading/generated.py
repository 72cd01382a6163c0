"""The reader of what a generator has in its hands: notes as plain numbers, or as another library's objects.

What is read, beside music21's Streams and :class:`~music21_kdic.reading.notes.NoteSequence` itself:

* Notes as (onset, duration, pitch), in quarter lengths and MIDI pitch: a list of them, or an array of shape (notes, 3).
* ``pretty_midi``: Instrument, PrettyMIDI. ``mido``: MidiFile. ``symusic``: tracks and scores. ``miditoolkit``:
  Instrument, MidiFile. They are known by the module of their type; none of their libraries is imported for it.

Notes of no length do not sound and are left out, as the MIDI reader does. What has several parts is never merged. What
an object does not say of itself is assumed, see :class:`Assumed`.
"""

import copy
import io
import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from numbers import Real
from typing import Any

import numpy as np

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading.notes import MAX_BARS, FloatArray, NoteSequence, bars_from_meters, whole_pitches

LIBRARIES = {
    'music21': ('Score', 'Opus', 'Stream'),
    'pretty_midi': ('Instrument', 'PrettyMIDI'),
    'mido': ('MidiFile',),
    'symusic': ('TrackTick', 'TrackQuarter', 'TrackSecond', 'ScoreTick', 'ScoreQuarter', 'ScoreSecond'),
    'miditoolkit': ('Instrument', 'MidiFile'),
}
WANTED = (
    'a music21 Stream, a NoteSequence, notes as (onset, duration, pitch), or an object of pretty_midi, mido, symusic '
    'or miditoolkit'
)
MOST_BEATS = 1000  # of a meter
UNITS = ('1', '2', '4', '8', '16', '32', '64', '128')  # that a meter counts in


@dataclass(frozen=True)
class Assumed:
    """What is assumed where an object does not say.

    Attributes:
        meter: of notes without time signatures; a music21 TimeSignature will do.
        tempo: quarter notes a minute, of a track by itself whose times are seconds (pretty_midi, symusic).
        ticks: ticks a quarter note, of a track by itself whose times are ticks (symusic, miditoolkit); those are
            refused where it is left out.

    >>> Assumed(meter='6/8').bar
    3.0
    """

    meter: str = '4/4'
    tempo: float = 120.0
    ticks: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.bar < math.inf:
            raise NoteError(f'meter {self.meter!r}: wanted one such as 3/4')
        if not (isinstance(self.tempo, Real) and 0 < self.tempo < math.inf):
            raise NoteError(f'tempo {self.tempo!r}: wanted quarter notes a minute, more than 0')
        if self.ticks is not None and not (isinstance(self.ticks, Real) and 1 <= self.ticks < math.inf):
            raise NoteError(f'ticks {self.ticks!r}: wanted ticks a quarter note, at least 1')

    @cached_property
    def bar(self) -> float:
        """Length of a bar in quarter lengths; 0 where the meter is none."""
        beats, _, unit = str(getattr(self.meter, 'ratioString', self.meter)).partition('/')
        if not (beats.isdecimal() and 0 < int(beats) <= MOST_BEATS and unit in UNITS):
            return 0.0
        return 4.0 * int(beats) / int(unit)


USUAL = Assumed()


@dataclass(frozen=True)
class GeneratedPart:
    """A part of what was given.

    Attributes:
        notes: what it sounds.
        name: what it calls itself, '' where it does not.
        given: the part as it was given: the Stream of a Score, the Instrument of a PrettyMIDI.
        instrument: number of its instrument: staves of one instrument share it. None: an instrument alone.
    """

    notes: NoteSequence
    name: str
    given: Any
    instrument: int | None = None


def is_one(given: Any) -> bool:
    """Is this one thing with notes, and not several of them?

    A list or an array is one thing where it holds notes, (onset, duration, pitch), or nothing.

    >>> is_one([(0, 1, 60), (1, 1, 62)]), is_one([[(0, 1, 60)], [(0, 1, 62)]])
    (True, False)
    """
    if isinstance(given, NoteSequence) or _kind(given):
        return True
    if isinstance(given, np.ndarray):
        return given.ndim == 2 or not given.size
    if not isinstance(given, list | tuple):
        return False
    return not given or _is_note(given[0])


def is_score(given: Any) -> bool:
    """Is this one thing that may have several parts: a Score, a PrettyMIDI, a MidiFile?"""
    kind = _kind(given)
    return kind is not None and kind[1].startswith(('Score', 'Opus', 'PrettyMIDI', 'MidiFile'))


def parts_in(given: Any, assumed: Assumed = USUAL) -> list[GeneratedPart]:
    """Return the parts of one thing, each with its notes; tracks without a note are left out.

    Raises:
        TypeError: where it is nothing that is read.
        NoteError: where its notes are none, or more than are read.

    >>> [part] = parts_in([(0, 1, 60), (1, 0.5, 64)])
    >>> part.notes.onsets.tolist(), part.notes.ends.tolist(), part.notes.pitches.tolist(), part.notes.bars.tolist()
    ([0.0, 1.0], [1.0, 1.5], [60, 64], [0.0, 4.0])
    """
    if isinstance(given, NoteSequence):
        return [GeneratedPart(given, '', given)]
    if kind := _kind(given):
        return list(_READERS[kind[0]](given, kind[1], assumed))
    if isinstance(given, np.ndarray | list | tuple) and is_one(given):
        return [GeneratedPart(_of_numbers(given, assumed), '', given)]
    if isinstance(given, np.ndarray | list | tuple) and _is_note(given):
        raise TypeError(f'{shown(given)}: may be one note; wanted a list of notes for each candidate')
    raise TypeError(f'{type(given).__name__} {shown(given)}: wanted {WANTED}')


def one_part(given: Any, assumed: Assumed = USUAL) -> NoteSequence:
    """Return the notes of one thing that has one part; one without any part has no notes.

    Raises:
        TypeError, NoteError: as :func:`parts_in`; NoteError where it has several parts.
    """
    parts = parts_in(given, assumed)
    if len(parts) > 1:
        raise NoteError(f'{type(given).__name__} with {len(parts)} parts: wanted one part; give each part by itself')
    return parts[0].notes if parts else _sequence(np.zeros((0, 3)), bars_from_meters([], 0.0, assumed.bar))


def _kind(given: Any) -> tuple[str, str] | None:
    """The library and the name of the type, or of one that it is derived from; None where it is none of those."""
    for base in type(given).__mro__:
        library = base.__module__.partition('.')[0]
        if base.__name__ in LIBRARIES.get(library, ()):
            return library, base.__name__
    return None


def _is_note(thing: Any) -> bool:
    if isinstance(thing, np.ndarray):
        return thing.ndim == 1
    return isinstance(thing, tuple | list) and bool(thing) and not hasattr(thing[0], '__len__')


def shown(given: Any) -> str:
    """How errors show what was given: its beginning, where it is long."""
    text = repr(given)
    return text if len(text) <= 100 else text[:97] + '...'


def _sequence(notes: FloatArray, bars: FloatArray, drum: bool = False) -> NoteSequence:
    """Of rows of onset, end and pitch; those of a drum track are counted and left out."""
    sounding = notes[:0] if drum else notes[notes[:, 1] > notes[:, 0]]
    return NoteSequence(
        onsets=sounding[:, 0],
        ends=sounding[:, 1],
        pitches=whole_pitches(sounding[:, 2]),
        bars=bars,
        unpitched=len(notes) if drum else 0,
    )


def _of_numbers(given: Any, assumed: Assumed) -> NoteSequence:
    rows = () if isinstance(given, np.ndarray) else given  # those of an array are masked only where it is
    if any(isinstance(one, np.ma.MaskedArray) and np.ma.is_masked(one) for one in (given, *rows)):
        raise NoteError(
            f'notes {shown(given)}: some are masked; wanted all of them, or those that are not (compressed)'
        )
    notes = _as_rows(given)
    if not notes.size:
        notes = notes.reshape(0, 3)
    if notes.ndim != 2 or notes.shape[1] != 3:
        raise NoteError(f'notes of shape {notes.shape}: wanted (notes, 3): onset, duration and pitch of each')
    _check(notes)
    notes[:, 1] += notes[:, 0]
    # A hair more than whole bars is whole bars, as in bars_from_meters.
    count = math.ceil(min(float(notes[:, 1].max(initial=0.0)) / assumed.bar - 1e-9, MAX_BARS + 1))
    return _sequence(notes, _even_bars(max(count, 1), assumed.bar))


def _as_rows(given: Any) -> FloatArray:
    """Numbers as an array; texts and complex numbers are none."""
    try:
        found = np.asarray(given)
        if found.dtype.kind in 'biufO' and not any(isinstance(one, str | bytes) for one in _objects(found)):
            return found.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise NoteError(f'notes {shown(given)}: wanted rows of three numbers, (onset, duration, pitch)')


def _objects(found: Any) -> Iterable[Any]:
    return found.flat if found.dtype.kind == 'O' else ()


def _check(notes: FloatArray) -> None:
    """Make sure that rows of onset, duration and pitch are notes; of a pitch only that it is a finite number."""
    finite = np.isfinite(notes).all(axis=1)
    if not finite.all():
        raise NoteError(f'a note {notes[~finite][0].tolist()}: wanted finite numbers')
    early = (notes[:, :2] < 0).any(axis=1)
    if early.any():
        raise NoteError(f'a note {notes[early][0].tolist()}: wanted an onset and a duration of at least 0')


@lru_cache(maxsize=64)
def _even_bars(count: int, length: float) -> FloatArray:
    return bars_from_meters([], count * length, length)


def _of_stream(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    from music21_kdic.reading.staves import parts_with_instruments
    from music21_kdic.reading.streams import note_sequence, part_name

    for _, part, instrument in parts_with_instruments(given):
        yield GeneratedPart(note_sequence(part), part_name(part), part, instrument)


@dataclass(frozen=True)
class _Track:
    """A track of another library: its notes as rows of begin, end and pitch in its own times."""

    given: Any
    name: str
    drum: bool
    notes: FloatArray


def _tracks(
    tracks: Iterable[_Track], quarters: Any, meters: list[tuple[float, float]], bar: float
) -> Iterator[GeneratedPart]:
    """The parts of some tracks; ``quarters`` turns their times into quarter lengths."""
    some = [track for track in tracks if len(track.notes)]
    for track in some:
        begin, end, pitch = track.notes.T
        _check(np.column_stack([begin, end - begin, pitch]))
    timed = [
        np.column_stack([quarters(track.notes[:, 0]), quarters(track.notes[:, 1]), track.notes[:, 2]]) for track in some
    ]
    until = max((float(notes[:, 1].max()) for notes in timed), default=0.0)
    bars = bars_from_meters(meters, until, bar)
    for track, notes in zip(some, timed, strict=True):
        yield GeneratedPart(_sequence(notes, bars, track.drum), track.name, track.given)


def _from_objects(given: Any) -> _Track:
    """A track of pretty_midi or miditoolkit, whose notes have ``start``, ``end`` and ``pitch``."""
    notes = _as_rows([(note.start, note.end, note.pitch) for note in given.notes]).reshape(-1, 3)
    return _Track(given, str(given.name or ''), bool(given.is_drum), notes)


def _meters(changes: Iterable[Any], quarters: Any) -> list[tuple[float, float]]:
    found = []
    for change in changes:
        if change.numerator < 1 or change.denominator < 1:
            raise NoteError(f'a meter of {change.numerator}/{change.denominator}, wanted beats of some length')
        if not math.isfinite(change.time):
            raise NoteError(f'a meter at {change.time}: wanted a finite time')
        found.append((float(quarters(change.time)), 4.0 * change.numerator / change.denominator))
    return found


def _of_pretty_midi(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    if kind == 'Instrument':
        yield from _tracks([_from_objects(given)], lambda times: times * (assumed.tempo / 60), [], assumed.bar)
        return

    def quarters(seconds: Any) -> Any:
        # Where the tempo changes is known in ticks and seconds; between two changes one is a multiple of the other.
        ticks = np.array([given.time_to_tick(time) for time in np.atleast_1d(seconds).tolist()])
        return ticks.reshape(np.shape(seconds)) / given.resolution

    yield from _tracks(
        map(_from_objects, given.instruments), quarters, _meters(given.time_signature_changes, quarters), assumed.bar
    )


def _of_mido(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    from music21_kdic.reading.midi import parse_midi

    content, given_anew = io.BytesIO(), copy.copy(given)
    given_anew.charset = 'utf-8'  # it might not be able to write the names of its tracks
    try:
        given_anew.save(file=content)
        parts = parse_midi(content.getvalue(), 'a mido MidiFile').parts
    except (AttributeError, TypeError, ValueError, struct.error) as error:  # a track may hold what is no message
        raise NoteError(f'a mido MidiFile: mido cannot write it as MIDI ({error})') from error
    except UnreadableError as error:
        raise NoteError(str(error)) from error
    for part in parts:
        yield GeneratedPart(part.notes, part.name, given, part.instrument)


def _of_symusic(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    unit = kind.removeprefix('Track').removeprefix('Score')
    if kind.startswith('Score') and unit == 'Second':
        given, unit = given.to('tick'), 'Tick'
    if unit == 'Tick':
        quarter = float(given.ticks_per_quarter if kind.startswith('Score') else _ticks(given, assumed))
    else:
        quarter = 1.0 if unit == 'Quarter' else 60 / assumed.tempo

    def quarters(times: Any) -> Any:
        return times / quarter

    tracks = given.tracks if kind.startswith('Score') else [given]
    meters = _meters(given.time_signatures, quarters) if kind.startswith('Score') else []
    yield from _tracks(map(_from_columns, tracks), quarters, meters, assumed.bar)


def _from_columns(given: Any) -> _Track:
    """A track of symusic."""
    columns = given.notes.numpy()
    begin = columns['time'].astype(np.float64)
    notes = np.column_stack([begin, begin + columns['duration'], columns['pitch']])
    return _Track(given, given.name.strip(), bool(given.is_drum), notes)


def _of_miditoolkit(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    ticks: Any = _ticks(given, assumed) if kind == 'Instrument' else given.ticks_per_beat
    if not (isinstance(ticks, Real) and 1 <= float(ticks) < math.inf):
        raise NoteError(f'{ticks!r} ticks a quarter note, wanted at least 1')
    tracks = [given] if kind == 'Instrument' else given.instruments
    changes = [] if kind == 'Instrument' else given.time_signature_changes
    yield from _tracks(
        map(_from_objects, tracks), lambda times: times / ticks, _meters(changes, lambda t: t / ticks), assumed.bar
    )


def _ticks(given: Any, assumed: Assumed) -> int:
    if assumed.ticks is None:
        raise NoteError(
            f'{type(given).__name__}: its times are ticks, and it does not say how many make a quarter note; '
            'wanted the score that it is in, or ticks=480 or the like'
        )
    return assumed.ticks


_READERS: dict[str, Any] = {
    'music21': _of_stream,
    'pretty_midi': _of_pretty_midi,
    'mido': _of_mido,
    'symusic': _of_symusic,
    'miditoolkit': _of_miditoolkit,
}
