"""A small collection of MIDI files, files without names and programs, and the command in a process of its own."""

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


def events(path):
    """Of each track, its messages with their absolute times."""
    tracks = []
    for track in mido.MidiFile(path).tracks:
        now, found = 0, []
        for message in track:
            now += message.time
            found.append((now, message.copy(time=0)))
        tracks.append(found)
    return tracks


def untagged(tracks, names=True, programs=True):
    """The tracks of a song without their names and programs."""
    gone = {'track_name': names, 'program_change': programs}
    return [[event for event in track if not gone.get(event[1].type)] for track in tracks]


@pytest.fixture
def plain(write_midi):
    """Song 0, its parts unnamed and without programs, with everything else that a MIDI file may hold."""
    setup, *parts = untagged(song(0))
    setup += [
        (0, mido.MetaMessage('copyright', text='nobody')),
        (0, mido.MetaMessage('key_signature', key='Bb')),
        (0, mido.MetaMessage('set_tempo', tempo=400_000)),
        (10, mido.Message('sysex', data=(0x7F, 0x7F, 0x04, 0x01, 0x00, 0x7F))),  # master volume: it resets nothing
        (96, mido.MetaMessage('marker', text='A')),
        (100, mido.UnknownMetaMessage(0x60, data=(1, 2, 3))),
    ]
    parts[1] += [
        (5, mido.Message('pitchwheel', channel=1, pitch=100)),
        (7, mido.Message('control_change', channel=1, control=7, value=90)),
        (9, mido.MetaMessage('lyrics', text='la')),
        (11, mido.Message('aftertouch', channel=1, value=3)),
    ]
    return write_midi([setup, *parts], name='plain.mid')


def added(before, after):
    """What a track holds more than before: every event of before is still there, in its order."""
    rest = iter(before)
    wanted = next(rest, None)
    more = []
    for event in after:
        if event == wanted:
            wanted = next(rest, None)
        else:
            more.append(event)
    assert wanted is None, f'{wanted} is lost'
    return more


def bass_only(**keep):
    return [untagged(song(0), **keep)[1]]


def programmed(program, name, *others):
    """A bass line with a program and a name, and the flute's tune with another program."""
    _, bass, _, tune = untagged(song(0))
    start = [(0, mido.MetaMessage('track_name', name=name))] if name else []
    start.append((0, mido.Message('program_change', program=program)))
    flute = (0, mido.Message('program_change', channel=2, program=73))
    return [[*start, *bass, *others], [(0, mido.MetaMessage('track_name', name='Flute')), flute, *tune]]
