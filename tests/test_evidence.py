"""Music that says nothing about an instrument, each kind made by hand; the table in docs/trust.md is held to it."""

from pathlib import Path

import mido
import numpy as np
import pytest
from music21 import chord, instrument, note, stream

import music21_kdic
from music21_kdic import CLASSES, NoteSequence
from music21_kdic.evidence import HIGHEST, LOWEST, windows_to_judge
from music21_kdic.likelihood import judge
from music21_kdic.model import load_model

BARS = 4.0 * np.arange(101)
TABLE = Path(__file__).parent.parent / 'docs' / 'trust.md'


def part(onsets, lengths, pitches, unpitched=0):
    onsets = np.asarray(onsets, dtype=float)
    return NoteSequence(onsets, onsets + lengths, pitches, BARS, unpitched=unpitched)


def rock_beat():
    """Bass drum, snare and closed hi-hat by their General MIDI keys, as pitches."""
    hat, kick, snare = 0.5 * np.arange(800), np.arange(0.0, 400, 2), np.arange(1.0, 400, 2)
    onsets = np.concatenate([hat, kick, snare])
    return part(onsets, 0.25, np.repeat([42, 36, 38], [hat.size, kick.size, snare.size]))


def random_notes(seed):
    rng = np.random.default_rng(seed)
    return part(rng.uniform(0, 398, 1600), rng.uniform(0.25, 2, 1600), rng.integers(24, 104, 1600))


SCALE = np.array([0, 2, 4, 5, 7, 9, 11, 12] * 100)
EIGHTHS = 0.5 * np.arange(800)
MUSIC = {
    'silence': part([], 0, []),
    'drums on the drum channel': part([], 0, [], unpitched=800),
    'one note': part([0], 4, [60]),
    'one note held for a hundred bars': part([0], 400, [60]),
    'one chord held for a hundred bars': part([0, 0, 0.02], 400, [60, 64, 67]),
    'all 128 pitches held for a hundred bars': part(np.zeros(128), 400, np.arange(128)),
    'all 128 pitches struck on every beat': part(np.repeat(np.arange(400), 128), 1, np.tile(np.arange(128), 400)),
    'a scale below the lowest A of the piano': part(EIGHTHS, 0.5, SCALE),
    'a scale above the highest C of the piano': part(EIGHTHS, 0.5, SCALE + 114),
    'a drum pattern on a melodic channel': rock_beat(),
    'random notes from all over the keyboard': random_notes(1),
}


def rows_of_the_table():
    lines = TABLE.read_text(encoding='utf-8').split('## Music that says nothing')[1].split('\n## ')[0].splitlines()
    rows = [[cell.strip(' `') for cell in line.strip('|').split('|')] for line in lines if line.startswith('|')]
    return [tuple(row[:2]) for row in rows[2:]]


def test_the_table_in_the_docs_is_complete():
    assert sorted(name for name, _ in rows_of_the_table()) == sorted(MUSIC)


@pytest.mark.parametrize(('name', 'status'), rows_of_the_table())
def test_music_that_says_nothing_gets_no_class(name, status):
    """Whatever is expected beforehand: priors are no evidence."""
    for priors in (None, 'training', [93, 1, 1, 1, 1, 1, 1, 1]):
        (answer,) = judge([MUSIC[name]], load_model(), priors)
        assert (answer.status, answer.best) == (status, None)
    (answer,) = judge([MUSIC[name]], load_model())
    # Where it was judged, no class stands out by more than a little of what all have.
    assert answer.probabilities.max() < 0.25
    assert answer.probabilities.sum() == pytest.approx(1)


def test_random_notes_are_never_a_confident_answer():
    answers = judge([random_notes(seed) for seed in range(40)], load_model())
    assert max(answer.probabilities.max() for answer in answers) < 0.5
    assert sum(answer.best is None for answer in answers) >= 36


def test_a_held_chord_struck_again_is_music():
    """Two strokes are a rhythm; what the model makes of it is its own affair."""
    held = part([0, 0, 0, 200, 200, 200], 200, [60, 64, 67] * 2)
    assert windows_to_judge(held)[1] == 'ok'


def test_a_part_is_out_of_range_by_most_of_its_notes():
    low, high = LOWEST - 1, HIGHEST + 1
    for pitches, status in (
        ([low, low, high, LOWEST], 'out-of-range'),
        ([low, high, HIGHEST, LOWEST], 'ok'),
        ([HIGHEST, LOWEST] * 2, 'ok'),
    ):
        assert windows_to_judge(part([0, 1, 2, 3], 1, pitches))[1] == status


def test_the_range_holds_every_instrument_of_the_eight_classes_that_music21_knows_the_range_of():
    known = [
        one()
        for one in vars(instrument).values()
        if isinstance(one, type) and issubclass(one, instrument.Instrument) and one().midiProgram is not None
    ]
    ranged = [one for one in known if one.lowestNote is not None and one.midiProgram < 80]
    assert len(ranged) > 30
    for one in ranged:
        assert one.lowestNote.midi >= LOWEST, one
        assert one.highestNote is None or one.highestNote.midi <= HIGHEST, one


def test_at_the_doors_of_music21_and_of_files(tmp_path):
    """The same answer from a Part, from its MIDI file and in the table."""
    held = stream.Part([chord.Chord(['C4', 'E4', 'G4'], quarterLength=400)])
    assert held.instrumentLikelihood().status == 'too-short'
    assert held.instrumentLikelihood().best is None
    beat = mido.MidiFile(ticks_per_beat=96)
    track = mido.MidiTrack()
    for _ in range(64):
        for pitch in (36, 42, 38, 42):
            track.append(mido.Message('note_on', note=pitch, time=0))
            track.append(mido.Message('note_off', note=pitch, time=48))
    beat.tracks.append(track)
    beat.save(tmp_path / 'beat.mid')
    (row,) = music21_kdic.label(tmp_path / 'beat.mid', prior='training', jobs=1)
    assert (row['status'], row['label']) == ('unclear', 'unknown')
    assert sum(row[name] for name in CLASSES) == pytest.approx(1, abs=1e-5)
    part = stream.Part([note.Note(p, quarterLength=0.5) for _ in range(64) for p in (36, 42, 38, 42)])
    found = part.instrumentLikelihood(priors='training')
    assert (found.status, found.best) == ('unclear', None)
    assert dict(found) == pytest.approx({name: row[name] for name in CLASSES}, abs=1e-4)
