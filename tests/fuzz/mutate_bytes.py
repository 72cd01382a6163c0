"""What can be done to the bytes of any file: cut off, turned over, left out, said twice."""

import random
from collections.abc import Callable

Mutation = Callable[[random.Random, bytes], bytes]
NUMBERS = (0, 1, 2, 6, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 2**28 - 1, 2**31 - 1, 2**32 - 1)
# What stands for a number in a text format, and what a text may be.
TEXTS = (
    *('0', '-1', '-0.5', '255', '4.5', '1,5', '1e9', '1e308', '1e400', 'nan', 'inf', '-inf', '9' * 20, '1/0', '3+2+'),
    *('', ' ', 'x', 'C', '#', '%s', '=1+1', '../../etc/passwd', '\x00', '\U0001d11e', 'x' * 5000, '(' * 500),
)


def somewhere(rng: random.Random, content: bytes) -> tuple[int, int]:
    """A range, small more often than not."""
    begin = rng.randrange(len(content) + 1)
    length = rng.randrange(1, rng.choice((2, 5, 17, 65, len(content) + 2)))
    return begin, min(len(content), begin + length)


def _truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: somewhere(rng, content)[0]]


def _flip(rng: random.Random, content: bytes) -> bytes:
    flipped = bytearray(content)
    for _ in range(rng.choice((1, 2, 4, 16)) if flipped else 0):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _overwrite(rng: random.Random, content: bytes) -> bytes:
    number = rng.choice(NUMBERS)
    size = rng.choice((1, 2, 4))
    begin = somewhere(rng, content)[0]
    return (
        content[:begin] + (number % 256**size).to_bytes(size, rng.choice(('big', 'little'))) + content[begin + size :]
    )


def _delete(rng: random.Random, content: bytes) -> bytes:
    begin, end = somewhere(rng, content)
    return content[:begin] + content[end:]


def _repeat(rng: random.Random, content: bytes) -> bytes:
    begin, end = somewhere(rng, content)
    return content[:end] + content[begin:end] * rng.choice((1, 1, 2, 50)) + content[end:]


def _swap(rng: random.Random, content: bytes) -> bytes:
    (a, b), (c, d) = sorted((somewhere(rng, content), somewhere(rng, content)))
    b = min(b, c)
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _insert(rng: random.Random, content: bytes) -> bytes:
    begin = somewhere(rng, content)[0]
    return content[:begin] + rng.randbytes(rng.choice((1, 2, 4, 64))) + content[begin:]


BYTES: tuple[Mutation, ...] = (_truncate, _flip, _overwrite, _delete, _repeat, _swap, _insert)
