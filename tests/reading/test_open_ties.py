"""A tie that is written at its first note only joins the next note of that pitch, as in music21."""

import pytest
from music21 import chord, converter, corpus, note, stream, tie

from music21_kdic.reading.nested import AnyStream
from music21_kdic.reading.streams import note_sequence

Rows = list[tuple[float, float, int]]


def heard(s: AnyStream) -> Rows:
    notes = note_sequence(s)
    return list(zip(notes.onsets.tolist(), notes.ends.tolist(), notes.pitches.tolist(), strict=True))


def by_music21(s: AnyStream) -> Rows:
    """The notes of a stream of which music21 has joined those that are tied."""
    return sorted(
        (float(each.offset), float(each.offset + each.quarterLength), sounding.midi)
        for each in s.stripTies().flatten().notes
        for sounding in each.pitches
    )


def by_midi(s: AnyStream, path) -> Rows:
    s.write('midi', path)
    return by_music21(converter.parse(path, quantizePost=False))


def line(*ties: str | None, names: str = 'C4 C4 C4 C4') -> stream.Part:
    """Quarter notes with ties of these kinds."""
    part = stream.Part()
    for name, kind in zip(names.split(), ties, strict=False):
        part.append(note.Note(name))
        part.notes.last().tie = None if kind is None else tie.Tie(kind)
    return part


LINES = {
    'start': line('start', None),
    'start and stop': line('start', 'stop', None, None),
    'start alone, twice': line('start', None, 'start', None),
    'start at each note': line('start', 'start', 'start', None),
    'start and continue': line('start', 'continue', None, None),
    'another pitch': line('start', None, names='C4 D4'),
    'none': line(None, None),
    'let-ring': line('let-ring', None),
    'into a first ending and a second one': line('start', 'stop', None, 'stop'),
}


@pytest.mark.parametrize('part', LINES.values(), ids=LINES)
def test_a_tie_goes_on_as_in_music21(part, tmp_path):
    assert heard(part) == by_music21(part) == by_midi(part, tmp_path / 'part.mid')


@pytest.mark.parametrize('kinds', [('start', 'stop'), ('start', None), ('start', 'start', None)])
def test_a_tied_chord_goes_on_as_in_music21(kinds):
    part = stream.Part([chord.Chord('C4 E4 G4', quarterLength=2) for _ in kinds])
    for each, kind in zip(part.notes, kinds, strict=True):
        for inner in each.notes:
            inner.tie = None if kind is None else tie.Tie(kind)
    assert heard(part) == by_music21(part) == [(0.0, 2.0 * len(kinds), each) for each in (60, 64, 67)]


def test_the_tie_of_one_note_of_a_chord_joins_that_pitch_alone():
    part = stream.Part([chord.Chord('C4 E4'), chord.Chord('C4 E4')])
    part.notes[0].notes[1].tie = tie.Tie('start')
    assert heard(part) == [(0.0, 1.0, 60), (0.0, 2.0, 64), (1.0, 2.0, 60)]


def test_over_a_rest_nothing_is_tied():
    part = line('start', names='C4')
    part.append([note.Rest(), note.Note('C4')])
    assert heard(part) == [(0.0, 1.0, 60), (2.0, 3.0, 60)]


@pytest.mark.parametrize('first_is_tied', [True, False])
def test_of_two_voices_the_one_that_is_tied_goes_on(first_is_tied):
    kinds = [('start', 'stop'), (None, None)]
    voices = [stream.Voice(line(*each).elements) for each in (kinds if first_is_tied else kinds[::-1])]
    assert heard(stream.Part([stream.Measure(voices)])) == [(0.0, 1.0, 60), (0.0, 2.0, 60), (1.0, 2.0, 60)]


def test_against_a_file_that_writes_the_beginnings_of_ties_only():
    """Monteverdi's fourth book was written by a program that left the ends of ties out; no voice sings two notes."""
    score = corpus.parse('monteverdi/madrigal.4.9')
    for part in score.parts:
        assert {each.tie.type for each in part.flatten().notes if each.tie is not None} <= {'start'}
        assert heard(part) == by_music21(part)
