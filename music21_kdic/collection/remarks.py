"""What a row says of its part: its place, how its file was read, and with which tracks it was answered as one."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from music21_kdic.reading.parts import FilePart

MOST_NAMED = 16  # tracks in a remark


def remarks_of(parts: 'Sequence[FilePart]', instruments: Sequence[int], alike: Sequence[int]) -> list[str]:
    """What is to be said of each part: how its file was read, what it was joined with, and what it might be."""
    found = []
    for part, one, more in zip(parts, _companions(parts, instruments), _companions(parts, alike), strict=True):
        said = [part.remark, f'one instrument with {one}' if one else '']
        if more != one:
            said.append(f'differs by nothing but channel from {more}')
        found.append('; '.join(filter(None, said)))
    return found


def place_of(track: int | None, channel: int | None, shared: bool) -> str:
    """Where a part of a file stands: its track, and its channel, too, where the track is ``shared`` by several parts.

    >>> place_of(1, 0, False), place_of(0, 3, True), place_of(0, None, True), place_of(None, None, False)
    ('track 1', 'track 0 channel 3', 'track 0', '')
    """
    if track is None:
        return ''
    return f'track {track} channel {channel}' if shared and channel is not None else f'track {track}'


def _companions(parts: 'Sequence[FilePart]', numbers: Sequence[int]) -> list[str]:
    """The places of the other parts that have the same number, a few of them."""
    on_track = Counter(part.track for part in parts)
    together: dict[int, list[int]] = {}
    for i, number in enumerate(numbers):
        together.setdefault(number, []).append(i)
    found = []
    for i, number in enumerate(numbers):
        others = [parts[j] for j in together[number][:MOST_NAMED] if j != i]
        places = [place_of(other.track, other.channel, on_track[other.track] > 1) for other in others]
        said = ', '.join(filter(None, places))
        found.append(said if 'channel' in said else said.replace(', track ', ', '))  # 'track 1, 2'
    return found
