"""Fixtures that several test files share."""

import signal

import mido
import numpy as np
import pretty_midi
import pytest
import soundfile
from hypothesis import HealthCheck, settings

from tests.sound.hand_made_sound import make_sound_model, pitch_of, sine

# No test is timed; what CI draws is the same every time, what is drawn by hand is not (see test_properties.py).
_UNTIMED = {
    'deadline': None,
    'print_blob': True,
    'suppress_health_check': [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
}
settings.register_profile('ci', derandomize=True, database=None, max_examples=60, **_UNTIMED)
settings.register_profile('many', max_examples=2000, **_UNTIMED)
settings.load_profile('ci')


def save_midi(path, tracks, ticks=96):
    """Write a MIDI file from tracks of mido messages; times are absolute ticks."""
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    for events in tracks:
        track = mido.MidiTrack()
        now = 0
        for time, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=time - now))
            now = time
        file.tracks.append(track)
    file.save(path)
    return path


def track_in_seconds(notes, tempo):
    """A track of pretty_midi by itself, from onsets, durations and pitches: a quarter lasts 60 / tempo seconds."""
    track = pretty_midi.Instrument(33)
    track.notes = [
        pretty_midi.Note(64, pitch, onset * 60 / tempo, (onset + length) * 60 / tempo) for onset, length, pitch in notes
    ]
    return track


@pytest.fixture
def time_limit():
    """An Exception of the user's, and what has a signal handler raise it there where it is called, with anything."""

    class TimeLimitError(Exception):
        pass

    def over(*_):
        raise TimeLimitError

    before = signal.signal(signal.SIGTERM, over)
    yield TimeLimitError, lambda *_, **__: signal.raise_signal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope='session')
def sound_model(tmp_path_factory):
    """A model that stands in for the one that hears: it hears a class in each band of the spectrum."""
    return make_sound_model(tmp_path_factory.mktemp('sound') / 'model')


@pytest.fixture(scope='session')
def tune(tmp_path_factory):
    """A recording: six seconds of Bass, six of Pipe, six of silence, three of Guitar and Bass together."""
    parts = [
        sine(pitch_of('Bass'), 6),
        sine(pitch_of('Pipe'), 6),
        np.zeros(6 * 8192, np.float32),
        sine(pitch_of('Guitar'), 3, loud=0.4) + sine(pitch_of('Bass'), 3, loud=0.4),
    ]
    path = tmp_path_factory.mktemp('tune') / 'tune.wav'
    soundfile.write(path, np.concatenate(parts), 8192)
    return path


@pytest.fixture
def write_midi(tmp_path):
    """Write a MIDI file from tracks of mido messages; times are absolute ticks, 96 a quarter."""

    def write(tracks, name='song.mid', ticks=96):
        return save_midi(tmp_path / name, tracks, ticks)

    return write


@pytest.fixture
def midi_note():
    """Two events: a note from one tick to another."""

    def make(begin, end, pitch, channel=0, velocity=64):
        return [
            (begin, mido.Message('note_on', note=pitch, channel=channel, velocity=velocity)),
            (end, mido.Message('note_off', note=pitch, channel=channel)),
        ]

    return make


@pytest.fixture
def slow(tmp_path):
    """A file that takes seconds, though it is as it should be: eight parts of 99,000 bars, or as many as wanted."""

    def write(name='slow.mid', parts=8):
        rng = np.random.default_rng(0)
        events = [
            bytes([0, 0x90, pitch, 64, 0x81, 0x40, pitch, 0])  # a half note of 192 ticks, under running status
            for pitch in rng.integers(30, 90, 2 * 99_000).tolist()
        ]
        track = b''.join(events) + bytes([0, 0xFF, 0x2F, 0])
        path = tmp_path / name
        chunk = b'MTrk' + len(track).to_bytes(4, 'big') + track
        path.write_bytes(b'MThd\0\0\0\6\0\1' + parts.to_bytes(2, 'big') + b'\0\x60' + parts * chunk)
        return path

    return write
