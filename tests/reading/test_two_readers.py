"""Two readers, one result: the same MIDI file through music21 and through the fast reader.

Real pieces of music21's corpus, written to MIDI by music21. Left out are pieces with grace notes, which music21
writes as MIDI notes that end before they begin, and each reader mends in its own way.
"""

import mido
import numpy as np
import pytest
from music21 import converter, corpus

from music21_kdic.features.windows import PAPER_GRID, WindowGrid, cut_windows, piano_roll
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.streams import note_sequence

PIECES = [
    'bwv66.6',  # a pickup
    'bwv324',
    'bwv269',
    'corelli/opus3no1/1grave',
    'monteverdi/madrigal.3.1',
    'joplin/maple_leaf_rag',  # chords, ties, repeats
    'schoenberg/opus19/movement2',
]


@pytest.mark.parametrize('name', PIECES)
def test_music21_and_the_fast_reader_give_identical_windows(name, tmp_path):
    path = corpus.parse(name).write('midi', tmp_path / 'piece.mid')
    slow = [cut_windows(note_sequence(part)) for part in converter.parse(path, quantizePost=False).parts]
    fast = [cut_windows(part.notes) for part in read_midi(path)]
    assert len(slow) == len(fast) > 0
    for one, other in zip(slow, fast, strict=True):
        assert one.bars.tolist() == other.bars.tolist()
        for grid in (PAPER_GRID, WindowGrid(32, ('sounding', 'onset'))):
            assert np.array_equal(piano_roll(one, grid), piano_roll(other, grid))
    assert sum(map(len, fast)) > 4


@pytest.mark.parametrize(
    'name', ['corelli/opus3no1/1grave', 'palestrina/agnus_0', 'luca/gloria', 'schoenberg/opus19/movement2']
)
def test_a_score_and_its_midi_give_identical_windows(name, tmp_path):
    """Where the score has no pickup, which a MIDI file of music21 does not tell, and no repeat, which it plays out."""
    score = corpus.parse(name)
    path = score.write('midi', tmp_path / 'piece.mid')
    for part, midi_part in zip(score.parts, read_midi(path), strict=True):
        assert np.array_equal(piano_roll(cut_windows(note_sequence(part))), piano_roll(cut_windows(midi_part.notes)))


def test_a_track_named_bass_is_read_by_its_notes(write_midi, midi_note):
    """music21 makes a singer of it."""
    notes = [event for i in range(8) for event in midi_note(i * 48, i * 48 + 48, 40 + i)]
    path = write_midi([[(0, mido.MetaMessage('track_name', name='Bass')), *notes]])
    (slow,) = (note_sequence(part) for part in converter.parse(path, quantizePost=False).parts)
    (fast,) = (part.notes for part in read_midi(path))
    assert slow.pitches.tolist() == fast.pitches.tolist()
    assert slow.onsets.tolist() == fast.onsets.tolist()


def test_drums_are_drums_by_both_readers(write_midi, midi_note):
    strokes = [event for i in range(8) for event in midi_note(i * 48, i * 48 + 48, 36, channel=9)]
    path = write_midi([strokes])
    (slow,) = (note_sequence(part) for part in converter.parse(path, quantizePost=False).parts)
    (fast,) = (part.notes for part in read_midi(path))
    assert (len(slow), slow.unpitched) == (len(fast), fast.unpitched) == (0, 8)


def test_chords_and_triplets_are_not_moved(write_midi, midi_note):
    events = [event for i in range(12) for pitch in (60, 64) for event in midi_note(i * 32, i * 32 + 32, pitch)]
    path = write_midi([events])
    (slow,) = (note_sequence(part) for part in converter.parse(path, quantizePost=False).parts)
    (fast,) = (part.notes for part in read_midi(path))
    assert slow.onsets == pytest.approx(fast.onsets, abs=1e-9)
    assert slow.pitches.tolist() == fast.pitches.tolist()
