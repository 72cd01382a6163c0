"""What can be done to an ONNX model: any field of any message in it."""

import random
from typing import Any

import onnx

from tests.fuzz.mutate_bytes import BYTES, NUMBERS, TEXTS


def change_model(rng: random.Random, content: bytes) -> bytes:
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
            (
                *TEXTS,
                'Loop',
                'If',
                'Conv',
                'Gemm',
                'Reshape',
                'Sum',
                'com.microsoft',
                'numbers',
                'first_layer',
                'logits',
            )
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
