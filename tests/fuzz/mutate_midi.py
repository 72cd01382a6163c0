"""What can be done to MIDI: chunks that lie, events that are rare, messages that are gone."""

import io
import random
import re
import struct

import mido

from tests.fuzz.mutate_bytes import NUMBERS, TEXTS, Mutation, somewhere
from tests.fuzz.seeds import saved


def _header(rng: random.Random, content: bytes) -> bytes:
    """Another format, number of tracks or division."""
    start = max(0, content.find(b'MThd')) + rng.choice((4, 6, 8, 10, 12))
    return content[:start] + (rng.choice(NUMBERS) % 65536).to_bytes(2, 'big') + content[start + 2 :]


def _chunk_length(rng: random.Random, content: bytes) -> bytes:
    """A chunk that says it is longer or shorter than it is."""
    chunks = [found.end() for found in re.finditer(b'MTrk|MThd', content)] or [0]
    start = rng.choice(chunks)
    length = int.from_bytes(content[start : start + 4], 'big') + rng.choice((-1, 1, 4, -4, 8, 1000))
    return content[:start] + (rng.choice((length, *NUMBERS)) % 2**32).to_bytes(4, 'big') + content[start + 4 :]


def _event(rng: random.Random, content: bytes) -> bytes:
    """An event that is rare, put in anywhere, the length of its chunk put right or not."""
    delta = rng.choice((b'\0', b'\x7f', b'\x81\x00', b'\xff\xff\x7f', b'\xff\xff\xff\x7f', b'\xff\xff\xff\xff\x7f'))
    byte = rng.randrange(256)
    event = rng.choice(
        (
            bytes([0xFF, 0x58, 4, rng.choice((0, 1, 4, 255)), byte, 24, 8]),  # a meter
            bytes([0xFF, 0x51, 3]) + (rng.choice(NUMBERS) % 2**24).to_bytes(3, 'big'),  # a tempo
            bytes([0xFF, byte, rng.choice((0, 1, 127))]),  # any meta event, its data missing
            bytes([0xFF, 3, 4]) + rng.randbytes(4),  # a name
            bytes([0xC0 | byte & 15, rng.randrange(256)]),  # a program, or none
            bytes([0x90 | byte & 15, rng.randrange(128), rng.randrange(128)]),  # a note that does not end
            bytes([0xF0, rng.choice((0, 3, 127)), 0x7E, 0x7F, 0xF7]),  # system exclusive, its length wrong
            bytes([byte | 0xF0]),
            bytes([0xFF, 0x2F, 0]),  # the end of the track
        )
    )
    begin = somewhere(rng, content)[0]
    track = content.rfind(b'MTrk', 0, begin)
    if track >= 0 and begin >= track + 8 and rng.random() < 0.7:
        length = int.from_bytes(content[track + 4 : track + 8], 'big') + len(delta + event)
        content = content[: track + 4] + (length % 2**32).to_bytes(4, 'big') + content[track + 8 :]
    return content[:begin] + delta + event + content[begin:]


def change_messages(rng: random.Random, content: bytes) -> bytes:
    """Messages dropped, doubled, put elsewhere, later by far or on other notes, in a file that stays well-formed."""
    try:
        file = mido.MidiFile(file=io.BytesIO(content[max(0, content.find(b'MThd')) :]), clip=True)
    except Exception:  # damaged already; mido raises whatever comes its way
        return content
    tracks = [track for track in file.tracks if track]
    if not tracks:
        return content
    track = rng.choice(tracks)
    for _ in range(rng.choice((1, 4, 30))):
        message = rng.choice(track)
        kind = rng.choice(('drop', 'copy', 'late', 'change', 'meter', 'tempo', 'name'))
        if kind == 'drop' and len(track) > 1:
            track.remove(message)
        elif kind == 'late':
            message.time = rng.choice(NUMBERS) % 2**28
        elif kind == 'change' and not message.is_meta:
            for name in [name for name in ('note', 'velocity', 'channel', 'program') if hasattr(message, name)]:
                setattr(message, name, rng.randrange(16 if name == 'channel' else 128))
        elif kind == 'meter':
            message = mido.MetaMessage(
                'time_signature', numerator=rng.randrange(256), denominator=2 ** rng.randrange(8)
            )
        elif kind == 'tempo':
            message = mido.MetaMessage('set_tempo', tempo=rng.choice(NUMBERS) % 2**24)
        elif kind == 'name':
            message = mido.MetaMessage('track_name', name=rng.choice(TEXTS).encode().decode('latin-1'))
        if kind in ('copy', 'meter', 'tempo', 'name'):
            rng.choice(tracks).insert(rng.randrange(len(track) + 1), message.copy())
    file.ticks_per_beat = rng.choice((file.ticks_per_beat, file.ticks_per_beat, 1, 32767))
    try:
        return saved(file)
    except (ValueError, TypeError, OverflowError, struct.error):  # what mido read but cannot write
        return content


MIDI: tuple[Mutation, ...] = (_header, _chunk_length, _event, _event, _event)
