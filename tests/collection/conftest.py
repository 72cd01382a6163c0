"""A small collection of MIDI files, and the command in a process of its own."""

import subprocess
import sys

import mido
import numpy as np
import pytest

from tests.conftest import save_midi

COMMAND = [sys.executable, '-m', 'music21_kdic']


def table_of(batch):
    """The rows as a table has them, without the columns that were not asked for."""
    return [{name: row[name] for name in batch.columns} for row in batch]


@pytest.fixture
def run():
    """Run the command in a process of its own: (exit status, standard output, standard error)."""

    def call(*words, **options):
        done = subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, check=False, **options)
        return done.returncode, done.stdout, done.stderr

    return call


def song(seed):
    """Tracks of a made-up song: a bass line, chords and a tune, on three channels; a set-up track before them."""
    rng = np.random.default_rng(seed)
    setup = [(0, mido.MetaMessage('time_signature', numerator=4, denominator=4))]
    # Music, not random notes: of those the model says nothing.
    roots = rng.integers(28, 41, 4).tolist()
    bass = [(48 * i, 48 * i + 44, roots[i // 8] + (0, 0, 7, 0, 0, 0, 7, 5)[i % 8], 0) for i in range(32)]
    chords = [(192 * i, 192 * i + 190, roots[i // 2] + step, 1) for i in range(8) for step in (20, 24, 27)]
    # It runs up and down, from a tone of its own.
    first = int(rng.integers(70, 80))
    steps = (0, 2, 4, 5, 7, 9, 7, 5, 4, 7, 5, 2, 4, 2, 0, 0)
    tune = [(96 * i, 96 * i + 90, first + step, 2) for i, step in enumerate(steps)]
    tracks = [setup]
    for notes, program, name in ((bass, 33, 'Bass'), (chords, 0, 'Piano'), (tune, 73, 'Flute')):
        events = [(0, mido.MetaMessage('track_name', name=name))]
        events.append((0, mido.Message('program_change', program=program, channel=notes[0][3])))
        for begin, end, pitch, channel in notes:
            events.append((begin, mido.Message('note_on', note=pitch, channel=channel, velocity=64)))
            events.append((end, mido.Message('note_off', note=pitch, channel=channel)))
        tracks.append(events)
    return tracks


def write_songs(folder):
    """Twelve songs, in two folders inside."""
    for number in range(12):
        path = folder / 'ab'[number % 2] / f'{number:02}.mid'
        path.parent.mkdir(parents=True, exist_ok=True)
        save_midi(path, song(number))
    return folder


@pytest.fixture
def one_track(tmp_path):
    """A song of type 0: its bass line, chords and tune on the channels 0 to 2 of one track, without a name."""
    messages = [
        event for track in song(0) for event in track if not event[1].is_meta or event[1].type == 'time_signature'
    ]
    path = save_midi(tmp_path / 'one track.mid', [messages])
    file = mido.MidiFile(path)
    file.type = 0
    file.save(path)
    return path


@pytest.fixture
def collection(tmp_path):
    """A folder of twelve songs, in two folders inside."""
    return write_songs(tmp_path / 'songs')
