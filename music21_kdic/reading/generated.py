"""The reader of what a generator has in its hands: notes as plain numbers, or as another library's objects.

What is read, beside music21's Streams and :class:`~music21_kdic.reading.notes.NoteSequence` itself:

* Notes as (onset, duration, pitch), in quarter lengths and MIDI pitch: a list of them, or an array of shape (notes, 3).
  What numpy makes such an array of is one, too: a tensor, or a DataFrame with these columns in this order.
* ``pretty_midi``: Instrument, PrettyMIDI. ``mido``: MidiTrack, MidiFile. ``symusic``: tracks and scores.
  ``miditoolkit``: Instrument, MidiFile. They are known by the module of their type; none of their libraries is imported
  to know them.
* Files: paths, and ``corpus:NAME`` for a piece of music21's corpus.

Notes of no length do not sound and are left out, as the MIDI reader does. Several instruments are never merged. What an
object does not say of itself is assumed (:class:`~music21_kdic.reading.note_rows.Assumed`).
"""

import os
from typing import Any

import numpy as np

from music21_kdic.errors import NoteError, UnreadableError, raised_as, shown
from music21_kdic.reading.instruments import instruments_among, joined
from music21_kdic.reading.note_rows import USUAL, Assumed, of_numbers, sequence
from music21_kdic.reading.notes import NoteSequence, bars_from_meters
from music21_kdic.reading.other_libraries import READERS, kind_of
from music21_kdic.reading.parts import GeneratedPart

COLUMNS = ('onset', 'duration', 'pitch')
WANTED = (
    'a music21 Stream, a NoteSequence, notes as (onset, duration, pitch), a path, or an object of pretty_midi, mido, '
    'symusic or miditoolkit'
)
# Of what has candidates by name.
WANTED_VALUES = 'its candidates without their names: `list(....values())`'
# Of music21's notes, and iterators over them.
WANTED_STREAM = 'a music21 Stream: `....stream()`, or stream.Part(notes)'


def is_one(given: Any) -> bool:
    """Is this one thing with notes, and not several of them?

    A list or an array is one thing where it holds notes, (onset, duration, pitch), or nothing. So is a table.

    >>> is_one([(0, 1, 60), (1, 1, 62)]), is_one([[(0, 1, 60)], [(0, 1, 62)]])
    (True, False)
    """
    if isinstance(given, NoteSequence | str | os.PathLike) or kind_of(given):
        return True
    if isinstance(given, np.ndarray):
        return given.ndim == 2 or (given.ndim < 2 and not given.size)
    if _is_table(given):
        return True
    if not isinstance(given, list | tuple):
        return False
    return not given or _is_note(given[0])


def is_score(given: Any) -> bool:
    """Is this one thing that may have several parts: a Score, a PrettyMIDI, a MidiFile, a file?"""
    if isinstance(given, str | os.PathLike):
        return True
    library, name = kind_of(given) or ('', '')
    if library == 'music21':
        from music21_kdic.reading.pieces import holds_parts

        return holds_parts(given)
    return name.startswith(('Score', 'PrettyMIDI', 'MidiFile'))


def parts_in(given: Any, assumed: Assumed = USUAL) -> list[GeneratedPart]:
    """Return the parts of one thing, each with its notes; tracks without a note or a stroke are left out.

    Raises:
        TypeError: where it is nothing that is read.
        NoteError: where its notes are none, or more than are read.
        UnreadableError: where it is a file that cannot be read.

    >>> [part] = parts_in([(0, 1, 60), (1, 0.5, 64)])
    >>> part.notes.onsets.tolist(), part.notes.ends.tolist(), part.notes.pitches.tolist(), part.notes.bars.tolist()
    ([0.0, 1.0], [1.0, 1.5], [60, 64], [0.0, 4.0])
    """
    if isinstance(given, NoteSequence):
        return [GeneratedPart(given, '', given)]
    if isinstance(given, str | os.PathLike):
        return _of_file(os.fspath(given))
    if kind := kind_of(given):
        return list(READERS[kind[0]](given, kind[1], assumed))
    if _is_table(given):
        return [GeneratedPart(of_numbers(_array_of(given), assumed), '', given)]
    several = isinstance(given, np.ndarray | list | tuple) and len(given)
    if _is_no_stream(given[0] if several else given):
        raise TypeError(f'{type(given).__name__} {shown(given)}: wanted {WANTED_STREAM}')
    if isinstance(given, np.ndarray | list | tuple) and is_one(given):
        return [GeneratedPart(of_numbers(given, assumed), '', given)]
    if isinstance(given, np.ndarray | list | tuple) and _is_note(given):
        raise TypeError(f'{shown(given)}: may be one note; wanted a list of notes for each candidate')
    raise TypeError(f'{type(given).__name__} {shown(given)}: wanted {WANTED}')


def one_part(given: Any, assumed: Assumed = USUAL) -> NoteSequence:
    """Return the notes of one thing that has one part, or staves of one instrument; one without any part has no notes.

    Parts that have nothing but rests are left out, as those of a file are.

    Raises:
        TypeError, NoteError, UnreadableError: as :func:`parts_in`; NoteError where it has parts of several instruments.
    """
    all_parts = parts_in(given, assumed)
    parts = [part for part in all_parts if len(part.notes) or part.notes.unpitched] or all_parts[:1]
    if len(set(instruments_among(parts))) > 1:
        what = given if isinstance(given, str | os.PathLike) else type(given).__name__
        raise NoteError(f'{what} with {len(parts)} parts: wanted one part; give each part by itself')
    if parts:
        return joined([part.notes for part in parts])
    return sequence(np.zeros((0, 3)), bars_from_meters([], 0.0, assumed.bar))


def _of_file(name: str) -> list[GeneratedPart]:
    from music21_kdic.reading.files import read_parts  # what reads scores loads music21

    if os.path.isdir(name):
        raise UnreadableError(f'{name}: a folder: wanted one file; rank and label take folders')
    parts = read_parts(name)
    told = zip(parts, instruments_among(parts), strict=True)
    return [
        GeneratedPart(part.notes, part.name, name, number, part.piece)
        for part, number in told
        if len(part.notes) or part.notes.unpitched  # that there are drums counts for the other parts
    ]


def _is_table(thing: Any) -> bool:
    """Is this rows and columns of another library, of which numpy makes an array: a DataFrame, a tensor?"""
    if isinstance(thing, np.ndarray) or not hasattr(thing, '__array__'):
        return False
    return len(getattr(thing, 'shape', ())) == 2


def _array_of(table: Any) -> Any:
    names = list(getattr(table, 'columns', COLUMNS))
    if names != list(range(len(COLUMNS))) and names != list(COLUMNS):  # numbers are no names
        raise NoteError(f'{type(table).__name__} of the columns {shown(names)}: wanted onset, duration and pitch')
    # A tensor may lie elsewhere than numpy reaches, or have a gradient.
    with raised_as(lambda error: NoteError(f'{type(table).__name__}: numpy makes no array of it ({shown(error)})')):
        return np.asarray(table)


def _is_note(thing: Any) -> bool:
    if kind_of(thing):  # a MidiTrack of mido is a list
        return False
    if isinstance(thing, tuple | list) and thing and _is_no_stream(thing[0]):
        return False
    if isinstance(thing, np.ndarray):
        return thing.ndim == 1 and thing.size > 0
    return isinstance(thing, tuple | list) and bool(thing) and not hasattr(thing[0], '__len__')


def _is_no_stream(thing: Any) -> bool:
    """Is this of music21, and no Stream: a Note, or an iterator over notes?"""
    return type(thing).__module__.startswith('music21.') and not kind_of(thing)
