"""What a row remarks of its part: how its file was read, and with which tracks it was answered as one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from music21_kdic.reading.midi import FilePart

MOST_NAMED = 16  # tracks in a remark


def remarks_of(parts: 'Sequence[FilePart]', instruments: Sequence[int], alike: Sequence[int]) -> list[str]:
    """What is to be said of each part: how its file was read, what it was joined with, and what it might be."""
    found = []
    for part, one, more in zip(parts, _companions(parts, instruments), _companions(parts, alike), strict=True):
        said = [part.remark, f'one instrument with track {one}' if one else '']
        if more != one:
            said.append(f'differs by nothing but channel from track {more}')
        found.append('; '.join(filter(None, said)))
    return found


def _companions(parts: 'Sequence[FilePart]', numbers: Sequence[int]) -> list[str]:
    """The tracks of the other parts that have the same number, a few of them."""
    together: dict[int, list[int]] = {}
    for i, number in enumerate(numbers):
        together.setdefault(number, []).append(i)
    return [
        ', '.join(str(parts[j].track) for j in together[number][:MOST_NAMED] if j != i and parts[j].track is not None)
        for i, number in enumerate(numbers)
    ]
