"""A small collection of MIDI files, and the command in a process of its own."""

import subprocess
import sys

import mido
import numpy as np
import pytest

COMMAND = [sys.executable, '-m', 'music21_kdic']


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
    roots = np.repeat(rng.integers(28, 41, 4), 8)
    bass = [(48 * i, 48 * i + 44, int(root), 0) for i, root in enumerate(roots)]
    chords = [
        (192 * i, 192 * i + 190, 48 + int(step) + 4 * k, 1)
        for i in range(8)
        for k, step in enumerate(rng.integers(0, 4, 3))
    ]
    tune = [(96 * i, 96 * i + 90, int(rng.integers(60, 84)), 2) for i in range(16)]
    tracks = [setup]
    for notes, program, name in ((bass, 33, 'Bass'), (chords, 0, 'Piano'), (tune, 73, 'Flute')):
        events = [(0, mido.MetaMessage('track_name', name=name))]
        events.append((0, mido.Message('program_change', program=program, channel=notes[0][3])))
        for begin, end, pitch, channel in notes:
            events.append((begin, mido.Message('note_on', note=pitch, channel=channel, velocity=64)))
            events.append((end, mido.Message('note_off', note=pitch, channel=channel)))
        tracks.append(events)
    return tracks


@pytest.fixture
def collection(write_midi, tmp_path):
    """A folder of twelve songs, in two folders inside."""
    folder = tmp_path / 'songs'
    for name in ('a', 'b'):
        (folder / name).mkdir(parents=True)
    for number in range(12):
        write_midi(song(number), name=f'songs/{"ab"[number % 2]}/{number:02}.mid')
    return folder


@pytest.fixture
def slow(write_midi):
    """A file that takes many seconds, though it is small: one note held for weeks beside one that moves."""

    def write(name='slow.mid'):
        bars = 90_000
        held = [(0, mido.Message('note_on', note=40, velocity=64)), (384 * bars, mido.Message('note_off', note=40))]
        moving = []
        for bar in range(0, bars, 2):
            pitch = 41 + hash_of(bar) % 80
            moving.append((384 * bar, mido.Message('note_on', note=pitch, velocity=64)))
            moving.append((384 * bar + 97 + hash_of(bar + 1) % 600, mido.Message('note_off', note=pitch)))
        return write_midi([sorted([*held, *moving], key=lambda event: event[0])], name=name)

    return write


def hash_of(number):
    """A number that looks random, the same on every machine."""
    return (number * 2654435761) % 4294967296 >> 7
