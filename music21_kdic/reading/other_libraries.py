"""The readers of music21's and other libraries' objects: each turns one into parts.

An object is known by the module of its type, so no library is imported to know it.
"""

import copy
import io
import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from music21_kdic.errors import NoteError, UnreadableError, shown
from music21_kdic.reading.instruments import by_name
from music21_kdic.reading.note_rows import Assumed, as_rows, check_rows, sequence
from music21_kdic.reading.notes import FloatArray, bars_from_meters
from music21_kdic.reading.parts import GeneratedPart

LIBRARIES = {
    'music21': ('Score', 'Opus', 'Stream'),
    'pretty_midi': ('Instrument', 'PrettyMIDI'),
    'mido': ('MidiFile', 'MidiTrack'),
    'symusic': ('TrackTick', 'TrackQuarter', 'TrackSecond', 'ScoreTick', 'ScoreQuarter', 'ScoreSecond'),
    'miditoolkit': ('Instrument', 'MidiFile'),
}


def kind_of(given: Any) -> tuple[str, str] | None:
    """The library and the name of the type, or of one that it is derived from; None where it is none of those."""
    for base in type(given).__mro__:
        library = base.__module__.partition('.')[0]
        if base.__name__ in LIBRARIES.get(library, ()):
            return library, base.__name__
    return None


def _of_stream(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    from music21_kdic.reading.staves import part_name, parts_with_instruments
    from music21_kdic.reading.streams import placed_notes

    for piece, placed, instrument in parts_with_instruments(given):
        yield GeneratedPart(placed_notes(placed, assumed.bar), part_name(placed.part), placed.part, instrument, piece)


@dataclass(frozen=True)
class _Track:
    """A track of another library: its notes as rows of begin, end and pitch in its own times."""

    given: Any
    name: str
    drum: bool
    program: int | None
    notes: FloatArray


def _tracks(
    tracks: Iterable[_Track], quarters: Any, meters: list[tuple[float, float]], bar: float
) -> Iterator[GeneratedPart]:
    """The parts of some tracks; ``quarters`` turns their times into quarter lengths."""
    some = [track for track in tracks if len(track.notes)]
    for track in some:
        begin, end, pitch = track.notes.T
        check_rows(np.column_stack([begin, end - begin, pitch]))
    timed = [
        np.column_stack([quarters(track.notes[:, 0]), quarters(track.notes[:, 1]), track.notes[:, 2]]) for track in some
    ]
    until = max((float(notes[:, 1].max()) for notes in timed), default=0.0)
    bars = bars_from_meters(meters, until, bar)
    hands = by_name([(track.name, None if track.drum else track.program) for track in some], list(range(len(some))))
    for track, notes, instrument in zip(some, timed, hands, strict=True):
        yield GeneratedPart(sequence(notes, bars, track.drum), track.name, track.given, instrument)


def _from_objects(given: Any) -> _Track:
    """A track of pretty_midi or miditoolkit, whose notes have ``start``, ``end`` and ``pitch``."""
    notes = as_rows([(note.start, note.end, note.pitch) for note in given.notes]).reshape(-1, 3)
    program = int(given.program) if isinstance(given.program, Integral) else None
    return _Track(given, str(given.name or ''), bool(given.is_drum), program, notes)


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

    content, given_anew = io.BytesIO(), _file_of(given, assumed) if kind == 'MidiTrack' else copy.copy(given)
    given_anew.charset = 'utf-8'  # it might not be able to write the names of its tracks
    try:
        given_anew.save(file=content)
        parts = parse_midi(content.getvalue(), f'a mido {kind}', assumed.bar, switches=False)
    except (AttributeError, TypeError, ValueError, struct.error) as error:  # a track may hold what is no message
        raise NoteError(f'a mido {kind}: mido cannot write it as MIDI ({error})') from error
    except UnreadableError as error:
        raise NoteError(str(error)) from error
    for part in parts:
        yield GeneratedPart(part.notes, part.name, given, part.instrument)


def _file_of(track: Any, assumed: Assumed) -> Any:
    """A mido MidiFile of one track."""
    import mido

    ticks = _ticks(track, assumed)
    file = mido.MidiFile(ticks_per_beat=int(ticks) if int(ticks) == ticks else ticks)
    file.tracks.append(track)  # mido 1.3 would look into what is given to the constructor
    return file


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
    return _Track(given, given.name.strip(), bool(given.is_drum), given.program, notes)


def _of_miditoolkit(given: Any, kind: str, assumed: Assumed) -> Iterator[GeneratedPart]:
    ticks: Any = _ticks(given, assumed) if kind == 'Instrument' else given.ticks_per_beat
    if not (isinstance(ticks, Real) and 1 <= float(ticks) < math.inf):
        raise NoteError(f'{shown(ticks)} ticks a quarter note, wanted at least 1')
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


READERS: dict[str, Any] = {
    'music21': _of_stream,
    'pretty_midi': _of_pretty_midi,
    'mido': _of_mido,
    'symusic': _of_symusic,
    'miditoolkit': _of_miditoolkit,
}
