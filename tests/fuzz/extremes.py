"""Files that ask for too much, made in code; ``python -m tests.fuzz.extremes`` measures what each costs, as a table.

Each is answered by ``music21_kdic.label`` and its worker process; what is to become of it is in tests/test_bounds.py.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from music21_kdic import label
from music21_kdic.reading.content import MAX_BYTES
from tests.fuzz.seeds import EVERYTHING

END = b'\0\xff\x2f\0'
# Two quarter notes at 96 ticks a quarter, and one as (delta time, status, data) under running status.
NOTES = b'\0\x90\x3c\x40\x60\x3c\0\0\x40\x40\x60\x40\0'
FAR = b'\xff\xff\xff\x7f'  # the longest delta time, 2**28 - 1 ticks


def midi(*tracks: bytes, division: int = 96, kind: int = 1) -> bytes:
    """A MIDI file of format 1, or another."""
    head = kind.to_bytes(2, 'big') + len(tracks).to_bytes(2, 'big') + division.to_bytes(2, 'big')
    return b'MThd\0\0\0\6' + head + b''.join(b'MTrk' + len(track).to_bytes(4, 'big') + track for track in tracks)


def quantity(number: int) -> bytes:
    """A number as MIDI writes delta times and lengths."""
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(0x80 | number & 0x7F)
    return bytes(reversed(found))


def full(event: bytes, size: int = MAX_BYTES - 100) -> bytes:
    """As many of an event as go into the largest file that is read."""
    return event * (size // len(event))


def long_name() -> bytes:
    """A track name that fills the file."""
    size = MAX_BYTES - 100
    return midi(b'\0\xff\3' + quantity(size) + b'x' * size + NOTES + END)


def zip_bomb() -> bytes:
    """A gigabyte of blanks in five megabytes."""
    there = io.BytesIO()
    packed = zipfile.ZipFile(there, 'w', zipfile.ZIP_DEFLATED, compresslevel=1)  # three times as fast as by default
    with packed as archive, archive.open('a.xml', 'w') as file:
        for _ in range(1024):
            file.write(b' ' * 2**20)
    return there.getvalue()


def billion_laughs() -> bytes:
    """A billion words by nine entities, each ten of the one before it."""
    entities = ''.join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    return (
        EVERYTHING.replace('"partwise.dtd">', f'"partwise.dtd" [{entities}]>').replace('Clarinet', '&e9;', 1).encode()
    )


def nested(depth: int) -> bytes:
    """Elements as deep in one another."""
    return b'<score-partwise>' + b'<part>' * depth + b'</part>' * depth + b'</score-partwise>'


# The ending of the file's name, and its content.
EXTREMES: dict[str, tuple[str, Callable[[], bytes]]] = {
    'a note a year long': (
        '.mid',  # at 120 quarter notes a minute, 4 ticks each
        lambda: midi(b'\0\x90\x3c\x40' + quantity(365 * 24 * 3600 * 2 * 4) + b'\x3c\0' + END, division=4),
    ),
    'a tempo of 0': ('.mid', lambda: midi(b'\0\xff\x51\3\0\0\0' + NOTES + END)),
    '65,535 tracks, notes in each 16th': (
        '.mid',
        lambda: midi(*[END if i % 16 else NOTES + END for i in range(65_535)]),
    ),
    '65,535 tracks': ('.mid', lambda: midi(*[NOTES + END] * 65_535)),
    '10 million notes': ('.mid', lambda: midi(b'\0\x90\x3c\x40\1\x3c\0' + b'\1\x3c\x40\1\x3c\0' * 9_999_999 + END)),
    '2 million notes': ('.mid', lambda: midi(b'\0\x90\x3c\x40\1\x3c\0' + b'\1\x3c\x40\1\x3c\0' * 1_999_999 + END)),
    '400 parts of 80,000 bars': (
        '.mid',
        lambda: midi(*[NOTES + quantity(80_000 * 4) + b'\x90\x3c\x40\1\x3c\0' + END] * 400, division=1),
    ),
    'a meter of 255/128': ('.mid', lambda: midi(b'\0\xff\x58\4\xff\7\x18\x08' + NOTES + END)),
    'a meter of 4/2**255': ('.mid', lambda: midi(b'\0\xff\x58\4\4\xff\x18\x08' + NOTES + END)),
    'a meter of 4/2**32': ('.mid', lambda: midi(b'\0\xff\x58\4\4\x20\x18\x08' + NOTES + END)),
    '8 million meters': ('.mid', lambda: midi(full(b'\1\xff\x58\4\4\2\x18\x08') + END)),
    '9 million tempos': ('.mid', lambda: midi(NOTES + full(b'\1\xff\x51\3\1\2\3') + END)),
    'a running status that never ends': ('.mid', lambda: midi(b'\0\x90' + full(b'\x3c\x40\1'))),
    '8 million programs': ('.mid', lambda: midi(b'\0\xc0\1' + b'\0\1' * 8_000_000 + NOTES + END)),
    '16 million notes begun, none ended': ('.mid', lambda: midi(full(b'\0\x90\x3c\x40') + END)),
    '16 million changes of channel': ('.mid', lambda: midi(NOTES + full(b'\0\xb0\1\1\0\xb1\1\1') + END)),
    'delta times beyond 32 bits': ('.mid', lambda: midi(NOTES + (FAR + b'\x3c\x40\x60\x3c\0') * 12 + END)),
    '8 hours': ('.mid', lambda: midi(b'\0\x90\x3c\x40\x60\x3c\0' + b'\0\x40\x40\x60\x40\0' * 57_599 + END)),
    'a division of 0': ('.mid', lambda: midi(NOTES + END, division=0)),
    'a division in SMPTE frames': ('.mid', lambda: midi(NOTES + END, division=0xE728)),
    'a file of type 2': ('.mid', lambda: midi(NOTES + END, NOTES + END, kind=2)),
    'a name of 64 MiB': ('.mid', long_name),
    'a file of more than 64 MiB': ('.mid', lambda: midi(NOTES + END) + bytes(MAX_BYTES)),
    'a zip bomb': ('.mxl', zip_bomb),
    'a billion laughs': ('.musicxml', billion_laughs),
    'elements 100,000 deep': ('.musicxml', lambda: nested(100_000)),
}


def write(name: str, folder: Path) -> Path:
    """Write one of the files."""
    suffix, content = EXTREMES[name]
    path = folder / f'{name.replace("/", " over ")}{suffix}'
    path.write_bytes(content())
    return path


def _measure(name: str) -> dict[str, str | float]:
    """Seconds and peak memory of one file, with a worker of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(name, Path(folder))
        began = time.perf_counter()
        rows = label(path, jobs=1)
        seconds = time.perf_counter() - began
        size = path.stat().st_size
    return {
        'file': name,
        'KiB': round(size / 2**10, 1),
        'rows': len(rows),
        'status': rows[0]['status'],
        'error': rows[0]['error'].replace('|', ' ')[:100],
        's': round(seconds, 1),
        'peak MiB': resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def main() -> None:
    """Print the table; with a name, what one file costs, as JSON."""
    from tabulate import tabulate

    if sys.argv[1:]:
        print(json.dumps(_measure(sys.argv[1])))
        return
    # Each in a process of its own: the peak that a process knows is that of all its workers.
    command = [sys.executable, '-m', 'tests.fuzz.extremes']
    rows = [json.loads(subprocess.check_output([*command, name])) for name in EXTREMES]
    print(tabulate(rows, headers='keys', tablefmt='github'))


if __name__ == '__main__':
    main()
