"""Mutants: seeds damaged at random, each made again from the door, the seed of the run and its number alone."""

import io
import random
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import mido
import onnx

from tests.fuzz.seeds import compressed, midi_seeds, model_seeds, saved, score_seeds

Mutation = Callable[[random.Random, bytes], bytes]
NUMBERS = (0, 1, 2, 6, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 2**28 - 1, 2**31 - 1, 2**32 - 1)
# What stands for a number in a text format, and what a text may be.
TEXTS = (
    *('0', '-1', '-0.5', '255', '4.5', '1,5', '1e9', '1e308', '1e400', 'nan', 'inf', '-inf', '9' * 20, '1/0', '3+2+'),
    *('', ' ', 'x', 'C', '#', '%s', '=1+1', '../../etc/passwd', '\x00', '\U0001d11e', 'x' * 5000, '(' * 500),
)


@dataclass(frozen=True)
class Mutant:
    """A damaged file: the ending of its name, and its content."""

    suffix: str
    content: bytes


def make_mutant(door: str, seed: int, number: int) -> Mutant:
    """One mutant for a door: 'midi', 'score' or 'model'."""
    rng = random.Random(f'{door} {seed} {number}')
    suffix, content = rng.choice(SEEDS[door]())
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 8))):
        content = rng.choice(_mutations(door, suffix))(rng, content)
    if suffix == '.mxl' and not content.startswith(b'PK') and rng.random() < 0.8:
        content = compressed(content)
    return Mutant(suffix, content)


def _mutations(door: str, suffix: str) -> tuple[Mutation, ...]:
    if door == 'midi':
        return (*BYTES, *MIDI, *[_message] * 2 * len(BYTES))
    if door == 'model':
        return (*BYTES, *[_proto] * 3 * len(BYTES))
    if suffix in ('.abc', '.krn'):
        return (*BYTES, *[_line, _word] * len(BYTES))
    return (*BYTES, *[_element, _value, _word] * len(BYTES))


def _somewhere(rng: random.Random, content: bytes) -> tuple[int, int]:
    """A range, small more often than not."""
    begin = rng.randrange(len(content) + 1)
    length = rng.randrange(1, rng.choice((2, 5, 17, 65, len(content) + 2)))
    return begin, min(len(content), begin + length)


def _truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: _somewhere(rng, content)[0]]


def _flip(rng: random.Random, content: bytes) -> bytes:
    flipped = bytearray(content)
    for _ in range(rng.choice((1, 2, 4, 16)) if flipped else 0):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _overwrite(rng: random.Random, content: bytes) -> bytes:
    number = rng.choice(NUMBERS)
    size = rng.choice((1, 2, 4))
    begin = _somewhere(rng, content)[0]
    return (
        content[:begin] + (number % 256**size).to_bytes(size, rng.choice(('big', 'little'))) + content[begin + size :]
    )


def _delete(rng: random.Random, content: bytes) -> bytes:
    begin, end = _somewhere(rng, content)
    return content[:begin] + content[end:]


def _repeat(rng: random.Random, content: bytes) -> bytes:
    begin, end = _somewhere(rng, content)
    return content[:end] + content[begin:end] * rng.choice((1, 1, 2, 50)) + content[end:]


def _swap(rng: random.Random, content: bytes) -> bytes:
    (a, b), (c, d) = sorted((_somewhere(rng, content), _somewhere(rng, content)))
    b = min(b, c)
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _insert(rng: random.Random, content: bytes) -> bytes:
    begin = _somewhere(rng, content)[0]
    return content[:begin] + rng.randbytes(rng.choice((1, 2, 4, 64))) + content[begin:]


BYTES: tuple[Mutation, ...] = (_truncate, _flip, _overwrite, _delete, _repeat, _swap, _insert)


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
    begin = _somewhere(rng, content)[0]
    track = content.rfind(b'MTrk', 0, begin)
    if track >= 0 and begin >= track + 8 and rng.random() < 0.7:
        length = int.from_bytes(content[track + 4 : track + 8], 'big') + len(delta + event)
        content = content[: track + 4] + (length % 2**32).to_bytes(4, 'big') + content[track + 8 :]
    return content[:begin] + delta + event + content[begin:]


def _message(rng: random.Random, content: bytes) -> bytes:
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
            for name in {'note', 'velocity', 'channel', 'program'} & set(vars(message)):
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


def _line(rng: random.Random, content: bytes) -> bytes:
    """Lines dropped, doubled or put elsewhere."""
    lines = content.splitlines(keepends=True) or [b'']
    line = lines.pop(rng.randrange(len(lines)))
    for _ in range(rng.choice((0, 1, 1, 2, 40))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b''.join(lines)


def _word(rng: random.Random, content: bytes) -> bytes:
    """Another text or number in place of one that is there."""
    words = list(re.finditer(rb'[\w.#-]+', content))
    if not words:
        return content
    begin, end = rng.choice(words).span()
    other = rng.choice(words).group() if rng.random() < 0.3 else rng.choice(TEXTS).encode()
    return content[:begin] + other + content[end:]


def _element(rng: random.Random, content: bytes) -> bytes:
    """An element dropped, doubled, put elsewhere, or nested in itself."""
    root = _parsed(content)
    if root is None:
        return content
    parents = [element for element in root.iter() if len(element)]
    if not parents:
        return content
    parent = rng.choice(parents)
    child = rng.choice(list(parent))
    kind = rng.choice(('drop', 'double', 'move', 'nest', 'deep'))
    if kind == 'double':
        for _ in range(rng.choice((1, 2, 100))):
            parent.append(child)
    elif kind == 'nest':
        inner = ElementTree.fromstring(ElementTree.tostring(parent))
        child.append(inner)
    elif kind == 'deep':
        for _ in range(rng.choice((10, 1000))):
            inner = ElementTree.SubElement(child, parent.tag, parent.attrib)
            child = inner
    else:
        parent.remove(child)
        if kind == 'move':
            there = rng.choice(list(root.iter()))
            there.insert(rng.randrange(len(there) + 1), child)
    return _written(root, content)


def _value(rng: random.Random, content: bytes) -> bytes:
    """The text or an attribute of an element made huge, negative, no number, another's."""
    root = _parsed(content)
    if root is None:
        return content
    everything = list(root.iter())
    texts = [element for element in everything if (element.text or '').strip()]
    with_attributes = [element for element in everything if element.attrib]
    text = rng.choice([*TEXTS, *(element.text for element in texts)]).replace('\x00', '')
    if texts and (rng.random() < 0.7 or not with_attributes):
        rng.choice(texts).text = text
    elif with_attributes:
        attributes = rng.choice(with_attributes).attrib
        attributes[rng.choice(list(attributes))] = text
    return _written(root, content)


def _parsed(content: bytes) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def _written(root: ElementTree.Element, before: bytes) -> bytes:
    encoding = 'utf-16' if before.startswith((b'\xff\xfe', b'\xfe\xff')) else 'utf-8'
    try:
        return ElementTree.tostring(root, encoding, xml_declaration=True)
    except RecursionError:  # as deep as that nothing of this is written
        return before


def _proto(rng: random.Random, content: bytes) -> bytes:
    """A field of an ONNX model, the weights' too, made another value; or a list of its messages shuffled."""
    try:
        model = onnx.load_from_string(content)
    except Exception:  # a mutant of mutants may be no protobuf any more
        return content
    messages = [model]
    for message in messages:
        for field, value in message.ListFields():
            if field.type == field.TYPE_MESSAGE:
                messages += value if _repeated(value) else [value]
    message = rng.choice(messages)
    fields = message.ListFields()
    if not fields:
        return content
    field, value = rng.choice(fields)
    if _repeated(value):
        _change_list(rng, message, field, value)
    elif field.type != field.TYPE_MESSAGE:
        setattr(message, field.name, _other(rng, field, value))
    else:
        message.ClearField(field.name)
    return model.SerializeToString()


def _repeated(value: Any) -> bool:
    return hasattr(value, 'append')


def _change_list(rng: random.Random, message: Any, field: Any, values: Any) -> None:
    position = rng.randrange(len(values))
    kind = rng.choice(('drop', 'double', 'change', 'change'))
    if kind == 'drop':
        del values[position]
    elif field.type == field.TYPE_MESSAGE:
        values.append(values[position])
    elif kind == 'double':
        values.append(_other(rng, field, values[position]))
    else:
        values[position] = _other(rng, field, values[position])


def _other(rng: random.Random, field: Any, value: Any) -> Any:
    if field.type == field.TYPE_STRING:
        return rng.choice(
            (*TEXTS, 'Loop', 'If', 'Conv', 'Gemm', 'Reshape', 'Sum', 'com.microsoft', 'piano_roll', 'logits')
        )
    if field.type == field.TYPE_BYTES:
        return rng.choice(BYTES)(rng, value)
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return rng.choice((0.0, -1.0, 1e30, float('nan'), float('inf')))
    if field.type == field.TYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    bits = 31 if field.type == field.TYPE_INT32 else 63
    number = rng.choice((*NUMBERS, 2**62, value + 1, value - 1)) % 2**bits
    return rng.choice((number, number, -number))


SEEDS = {'midi': midi_seeds, 'score': score_seeds, 'model': model_seeds}
