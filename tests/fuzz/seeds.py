"""The files that mutants are made of: small, made here in code or from music21's corpus, the same at every run."""

import io
from functools import cache

import mido

from music21_kdic.model import SHIPPED

Seed = tuple[str, bytes]  # the file's ending, its content


@cache
def midi_seeds() -> tuple[Seed, ...]:
    """Small MIDI files that have between them all that the MIDI door looks at."""
    song = _song()
    loose = bytes([0, 0xC2, 24, 0, 0x92, 60, 64, 48, 64, 64, 48, 60, 0, 0, 64, 0, 0, 0xFF, 0x2F, 0])
    head = b'RIFF' + (len(song) + 12).to_bytes(4, 'little') + b'RMIDdata' + len(song).to_bytes(4, 'little')
    return (
        ('.mid', song),
        ('.mid', _meters()),
        ('.rmi', head + song),
        ('.mid', _chunks(0, 96, loose)),
        ('.mid', _chunks(1, 0xE728, loose)),  # a division in SMPTE frames
        ('.kar', _chunks(1, 96, loose * 3, b'\0\xf0\5\x7e\x7f\x09\1\xf7' + loose, b'')),
    )


def _song() -> bytes:
    """Bass, chords, a tune and drums, each on a track and channel of its own."""
    file = mido.MidiFile(type=1, ticks_per_beat=96)
    for channel, name, program, pitches in (
        (0, 'Bass', 33, [28, 28, 31, 33] * 4),
        (1, 'Piano', 0, [60, 64, 67, 72] * 4),
        (2, 'Flöte', 73, [79, 81, 83, 84] * 4),
        (9, '', 0, [36, 38] * 8),
    ):
        track = mido.MidiTrack([mido.MetaMessage('track_name', name=name)])
        track.append(mido.Message('program_change', program=program, channel=channel))
        for pitch in pitches:
            track.append(mido.Message('note_on', note=pitch, channel=channel, velocity=64))
            track.append(mido.Message('note_off', note=pitch, channel=channel, time=48))
        file.tracks.append(track)
    return _saved(file)


def _meters() -> bytes:
    """Changes of meter, tempo and program, bends, controllers and lyrics, all in one track."""
    track = mido.MidiTrack()
    for step, (numerator, denominator) in enumerate([(3, 4), (7, 8), (4, 4), (5, 16)]):
        track.append(mido.MetaMessage('time_signature', numerator=numerator, denominator=denominator))
        track.append(mido.MetaMessage('set_tempo', tempo=400_000 + 50_000 * step))
        track.append(mido.MetaMessage('lyrics', text='la'))
        track.append(mido.Message('program_change', program=40 + step))
        track.append(mido.Message('control_change', control=64, value=127))
        track.append(mido.Message('pitchwheel', pitch=200))
        for pitch in (60, 62, 64, 65, 67, 69):
            track.append(mido.Message('note_on', note=pitch, velocity=80))
            track.append(mido.Message('note_on', note=pitch, velocity=0, time=60))
        track.append(mido.Message('sysex', data=(0x7E, 0x7F, 9, 1)))
    return _saved(mido.MidiFile(type=0, ticks_per_beat=120, tracks=[track]))


def _saved(file: mido.MidiFile) -> bytes:
    there = io.BytesIO()
    file.save(file=there)
    return there.getvalue()


def _chunks(kind: int, division: int, *tracks: bytes) -> bytes:
    header = kind.to_bytes(2, 'big') + len(tracks).to_bytes(2, 'big') + division.to_bytes(2, 'big')
    return b'MThd\0\0\0\6' + header + b''.join(b'MTrk' + len(track).to_bytes(4, 'big') + track for track in tracks)


@cache
def model_seeds() -> tuple[Seed, ...]:
    """The shipped model."""
    return (('.onnx', SHIPPED.read_bytes()),)
