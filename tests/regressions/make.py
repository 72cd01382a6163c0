"""Small files over which a promise was once broken; ``python -m tests.regressions.make`` writes them here again."""

from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.extremes import END, FAR, NOTES, midi
from tests.fuzz.seeds import ABC, EVERYTHING

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Regression:
    """A file, what becomes of it, and what became of it once.

    Attributes:
        content: of the file.
        statuses: of its rows.
        error: how the error of each row begins.
        was: what happened, and where it was found.
    """

    content: bytes
    statuses: tuple[str, ...]
    error: str
    was: str


REGRESSIONS = {
    'ticks-beyond-32-bits.mid': Regression(
        midi(NOTES + (FAR + b'\x3c\x40\x60\x3c\0') * 12 + END),
        ('unreadable',),
        'more than 2147483647 ticks long',
        'notes before the beginning of time, which were left out in silence; thought of for test_bounds.py',
    ),
    'denominator-of-2-to-the-32.mid': Regression(
        midi(b'\0\xff\x58\4\4\x20\x18\x08' + NOTES + END),
        ('unreadable',),
        'a meter whose denominator is more than 128',
        'read as 4/1; thought of for test_bounds.py',
    ),
    'frames-a-second.mid': Regression(
        midi(NOTES + END, division=0xE728),
        ('unreadable',),
        'a division in SMPTE frames',
        'read as so many ticks a quarter note by symusic 0.5.5; thought of for test_bounds.py',
    ),
    'a-bar-of-1e400-beats.musicxml': Regression(
        EVERYTHING.replace('<beats>3</beats>', '<beats>1e400</beats>').encode(),
        ('unreadable',),
        'it cannot be read (ValueError',
        'music21 takes minutes over 1,400 beats, and the file timed out; mutant 194 of `--reader score --seed 0`',
    ),
    'a-chord-1e400-eighths-long.abc': Regression(
        ABC.replace('[DFA]3', '[1e400]3').encode(),
        ('ok', 'ok'),  # two tunes; the first has an ending ([1), then a note of 400 eighths
        '',
        'music21, which read ABC then, took minutes to find a meter for the bar, and the file timed out; mutant 1114 '
        'of `--reader score --seed 0`',
    ),
}


def main() -> None:
    """Write the files."""
    for name, regression in REGRESSIONS.items():
        (HERE / name).write_bytes(regression.content)


if __name__ == '__main__':
    main()
