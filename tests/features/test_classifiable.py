"""Music that says nothing about an instrument, each kind made by hand; the table in docs/trust.md is held to it."""

from pathlib import Path

import mido
import numpy as np
import pytest
from music21 import chord, instrument, note, stream

import music21_kdic
from music21_kdic import CLASSES, NoteSequence
from music21_kdic.answers.classify import classify
from music21_kdic.features.classifiable import HIGHEST, LOWEST, windows_to_classify
from music21_kdic.model.session import load_model

BARS = 4.0 * np.arange(101)
TABLE = Path(__file__).parents[2] / 'docs' / 'trust.md'


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
    'one rolled chord held for a hundred bars': part([0, 0.2, 0.4], 399, [60, 64, 67]),
    'all 128 pitches held for a hundred bars': part(np.zeros(128), 400, np.arange(128)),
    'all 128 pitches struck on every beat': part(np.repeat(np.arange(400), 128), 1, np.tile(np.arange(128), 400)),
    'a scale below the lowest A of the piano': part(EIGHTHS, 0.5, SCALE),
    'a scale above the highest C of the piano': part(EIGHTHS, 0.5, SCALE + 114),
    'a drum pattern on a melodic channel': rock_beat(),
    'random notes from all over the keyboard': random_notes(1),
}


MONOTONOUS = {
    'a chord struck in each bar': part(np.repeat(BARS[:-1], 3), 4, np.tile([60, 64, 67], 100)),
    'one low pitch on each beat': part(np.arange(400), 1, np.full(400, 40)),
    'one high pitch on each beat': part(np.arange(400), 1, np.full(400, 88)),
    'two notes in all': part([0, 2], 2, [60, 64]),
}


def rows_of_the_table(title='## Music that says nothing'):
    lines = TABLE.read_text(encoding='utf-8').split(title)[1].split('\n## ')[0].splitlines()
    rows = [[cell.strip(' `') for cell in line.strip('|').split('|')] for line in lines if line.startswith('|')]
    return [tuple(row[:2]) for row in rows[2:]]


def test_the_table_in_the_docs_is_complete():
    assert sorted(name for name, _ in rows_of_the_table()) == sorted(MUSIC)
    assert sorted(name for name, _ in rows_of_the_table('## Music that says little')) == sorted(MONOTONOUS)


@pytest.mark.parametrize(('name', 'status'), rows_of_the_table())
def test_music_that_says_nothing_gets_no_class(name, status):
    """Whatever is expected beforehand: priors are no evidence."""
    for priors in (None, 'training', [93, 1, 1, 1, 1, 1, 1, 1]):
        (answer,) = classify([MUSIC[name]], load_model(), priors)
        assert (answer.status, answer.best) == (status, None)


def test_a_chord_held_for_many_windows_is_answered_in_none():
    ((windows, status),) = windows_to_classify([NoteSequence([0, 0], [400, 400], [60, 64], np.arange(0, 401, 4))])
    assert (len(windows), status) == (0, 'too-short')


@pytest.mark.parametrize(('name', 'label'), rows_of_the_table('## Music that says little'))
def test_music_that_says_little_is_judged_by_what_it_says(name, label):
    (answer,) = classify([MONOTONOUS[name]], load_model())
    assert (answer.status, answer.best or 'unknown') == ('unclear' if label == 'unknown' else 'ok', label)


def test_unclear_parts_are_not_tagged_not_accused_and_rank_without_a_name(write_midi, midi_note):
    """A drum pattern on a melodic channel, of no name and on the organ, though guitars are all that is expected."""
    program = (0, mido.Message('program_change', program=19))
    beat = [event for i in range(128) for event in midi_note(48 * i, 48 * i + 48, (36, 42, 38, 42)[i % 4])]
    plain, organ = write_midi([beat], 'plain.mid'), write_midi([[program, *beat]], 'organ.mid')
    prior = {name: 50.0 if name == 'Guitar' else 1.0 for name in CLASSES}
    rows = music21_kdic.label([plain, organ], priors=prior, jobs=1)
    assert [(row['status'], row['label'], row['confidence'] > 0.8) for row in rows] == [
        ('unclear', 'unknown', True)
    ] * 2
    findings = music21_kdic.audit([plain, organ], missing=True, priors=prior, jobs=1)
    assert [(row['finding'], row['label']) for row in findings] == [('missing', 'unknown')] * 2
    ranked = music21_kdic.rank([plain, organ], like='Guitar', priors=prior, jobs=1)
    # No priors make music of a drum pattern.
    assert [(row['label'], row['status'], row['score'] < 0.1) for row in ranked] == [('unknown', 'unclear', True)] * 2
    tagged = music21_kdic.tag(plain, plain.with_name('tagged.mid'), priors=prior, threshold=0.1, jobs=1)
    assert [(row['new_name'], row['new_program']) for row in tagged] == [(None, None)]


def test_random_notes_are_never_a_confident_answer():
    answers = classify([random_notes(seed) for seed in range(40)], load_model())
    assert max(answer.probabilities.max() for answer in answers) < 0.5
    assert sum(answer.best is None for answer in answers) >= 36


def test_a_held_chord_struck_again_is_music():
    """Two strokes are a rhythm; what the model makes of it is its own affair."""
    held = part([0, 0, 0, 200, 200, 200], 200, [60, 64, 67] * 2)
    assert windows_to_classify([held])[0][1] == 'ok'


def test_a_part_is_out_of_range_by_most_of_its_notes():
    low, high = LOWEST - 1, HIGHEST + 1
    for pitches, status in (
        ([low, low, high, LOWEST], 'out-of-range'),
        ([low, high, HIGHEST, LOWEST], 'ok'),
        ([HIGHEST, LOWEST] * 2, 'ok'),
    ):
        assert windows_to_classify([part([0, 1, 2, 3], 1, pitches)])[0][1] == status


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
    (row,) = music21_kdic.label(tmp_path / 'beat.mid', priors='training', jobs=1)
    assert (row['status'], row['label']) == ('unclear', 'unknown')
    assert sum(row[name] for name in CLASSES) == pytest.approx(1, abs=1e-5)
    part = stream.Part([note.Note(p, quarterLength=0.5) for _ in range(64) for p in (36, 42, 38, 42)])
    found = part.instrumentLikelihood(priors='training')
    assert (found.status, found.best) == ('unclear', None)
    assert dict(found) == pytest.approx({name: row[name] for name in CLASSES}, abs=1e-4)
