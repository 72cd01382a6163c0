"""Which edits climbs are made of (:mod:`export.evaluation.climb`), and how they are made."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from export.data.climb_ends import BAR, BARS, Notes
from export.data.composition import Rng
from export.evaluation import bar_edits as bars
from export.evaluation import note_edits as notes
from music21_kdic.features.classifiable import HIGHEST, LOWEST

EDITS_AT_ONCE = 3  # at most
MOST_NOTES = 400
SHORTEST = 0.0625

Edit = Callable[[Notes, Rng], Notes]


def copy_bar(part: Notes, rng: Rng) -> Notes:
    """A bar in place of another."""
    inside, barline = _bar(part, rng)
    to = BAR * rng.integers(BARS)
    kept = part[(part[:, 0] < to) | (part[:, 0] >= to + BAR)]
    return np.vstack([kept, part[inside] + np.array([to - barline, 0, 0])])


def _bar(part: Notes, rng: Rng) -> tuple[npt.NDArray[np.bool_], float]:
    """Which notes begin in a bar that has some, and its barline."""
    barline = float(BAR * (part[int(rng.integers(len(part))), 0] // BAR))
    return (part[:, 0] >= barline) & (part[:, 0] < barline + BAR), barline


def _of_a_bar(edit: Edit) -> Edit:
    """The edit of a bar."""

    def changed(part: Notes, rng: Rng) -> Notes:
        inside, barline = _bar(part, rng)
        begins = np.array([barline, 0, 0])
        return np.vstack([part[~inside], edit(part[inside] - begins, rng) + begins])

    return changed


def _of_bars(*edits: Edit) -> tuple[Edit, ...]:
    return tuple(map(_of_a_bar, edits))


EDITS: dict[str, tuple[Edit, ...]] = {
    'notes': (notes.step, notes.move, notes.length, notes.leave_out, notes.add),
    'passages': (notes.swap, notes.transpose_all, copy_bar, *_of_bars(bars.transpose, bars.even_lengths)),
    'textures': (
        notes.all_longer,
        *_of_bars(bars.reverse, bars.mirror, bars.thicken, bars.arpeggiate, bars.double_time, bars.fold, bars.hold),
        *_of_bars(bars.join, bars.ostinato, bars.round_onsets, bars.silence, bars.split, bars.trill),
    ),
    'other notes': (
        *(notes.approach, notes.double, notes.echo, notes.exchange_times),
        *(notes.hold_on, notes.onto_beat, notes.repeat),
    ),
    'other textures': (
        notes.into_scale,
        *_of_bars(bars.sort_pitches, bars.double_octave, bars.even, bars.gather, bars.into_chord, bars.legato),
        *_of_bars(bars.randomise, bars.shift, bars.skyline, bars.spread),
    ),
}
# The shipped model has learnt from climbs with the edits of these sets, and from none with an edit of the others.
LEARNT = ('notes', 'passages', 'textures')


def edited(part: Notes, edits: Sequence[Edit], rng: Rng) -> Notes:
    """The notes after one to EDITS_AT_ONCE edits, within the bars and the piano's keyboard; at least two of them."""
    for _ in range(rng.integers(1, EDITS_AT_ONCE + 1)):
        changed = edits[int(rng.integers(len(edits)))](part, rng)
        inside = (changed[:, 0] >= 0) & (changed[:, 0] < BAR * BARS)
        inside &= (changed[:, 2] >= LOWEST) & (changed[:, 2] <= HIGHEST)
        if 2 <= inside.sum() <= MOST_NOTES:
            part = changed[inside]
            part[:, 1] = np.maximum(part[:, 1], SHORTEST)
    return part
