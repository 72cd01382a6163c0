"""What can be done to recordings: other numbers in the head of a file; pages of an Ogg file are mended after harm."""

import random

from tests.fuzz.mutate_bytes import NUMBERS

HEAD = 100  # bytes, in which formats say what is in a file
CAPTURE, HEADER, CHECKSUM, SEGMENTS = b'OggS', 27, slice(22, 26), 26  # of a page
_POLYNOMIAL = 0x04C11DB7


def _table() -> list[int]:
    found = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 2**31 else 0)
        found.append(value & 0xFFFFFFFF)
    return found


_TABLE = _table()


def _checksum(page: bytes) -> int:
    """The CRC of an Ogg page (RFC 3533), whose own four bytes count as zeros."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value


def mend_pages(content: bytes, serial: bytes | None = None) -> bytes:
    """An Ogg file whose pages have the checksums that they should; and a serial number, where one is given."""
    mended = bytearray(content)
    begin = mended.find(CAPTURE)
    while 0 <= begin <= len(mended) - HEADER:
        body = begin + HEADER + mended[begin + SEGMENTS]
        end = body + sum(mended[begin + HEADER : body])
        page = mended[begin:end]
        if serial is not None:
            page[14:18] = serial
        page[CHECKSUM] = bytes(4)
        page[CHECKSUM] = _checksum(page).to_bytes(4, 'little')
        mended[begin:end] = page
        begin = mended.find(CAPTURE, begin + 4)
    return bytes(mended)


def change_head(rng: random.Random, content: bytes) -> bytes:
    """Another number in the head of a file."""
    size, order = rng.choice((1, 2, 4)), rng.choice(('big', 'little'))
    number = rng.choice((rng.choice(NUMBERS), rng.randrange(256))) % 256**size
    begin = rng.randrange(max(1, min(HEAD, len(content) - size)))
    return content[:begin] + number.to_bytes(size, order) + content[begin + size :]
