"""Measures that come late in what music21 parsed from MIDI.

There a note that lasts over several bars may hang over a barline, or a measure be measured before its notes are cut
there; then music21 begins the next one behind that, and all that follow as late. Streams are not changed: here is found
where their measures begin.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from music21 import base, meter, note, stream

from music21_kdic.reading.nested import AnyStream, inside, quarters
from music21_kdic.reading.notes import FloatArray

_ROUNDING = 1e-6  # quarter lengths, or ticks


def measures_begin(s: AnyStream) -> dict[int, float]:
    """Where the Measures of a stream begin, in quarter lengths from its start: by their ids, in order.

    In what was parsed from MIDI a measure in which no note begins behind the bar is no longer than its bar; unless the
    notes keep time as they stand, as after ``augmentOrDiminish``.
    """
    measures = [each for each in s.elements if isinstance(each, stream.Measure)]
    offsets = [quarters(s.elementOffset(each)) for each in measures]
    if _is_of_midi(s, measures):
        met = [[(at, each) for at, each, _ in inside(measure)] for measure in measures]
        bar, begins = 0.0, offsets[:1]
        for row, (begin, end) in enumerate(pairwise(offsets)):
            measure, behind = measures[row : row + 2]
            meters = [each for at, each in met[row] if isinstance(each, meter.TimeSignature) and at == 0.0]
            if meters or not row:
                bar = _length(meters[0] if meters else _meter_before(s, measures[0], offsets[0]))
            last = max((at for at, each in met[row] if isinstance(each, note.NotRest)), default=0.0)
            # Where one between the two was taken out, its time stays.
            is_next = isinstance(measure.number, int) and behind.number == measure.number + 1
            hangs_over = is_next and last < bar - _ROUNDING and end - begin > bar
            begins.append(begins[-1] + (bar if hangs_over or abs(end - begin - bar) < _ROUNDING else end - begin))
        if begins != offsets and not _keep_time(met, offsets, begins):
            offsets = begins
    return dict(zip(map(id, measures), offsets, strict=True))


def _length(of: meter.TimeSignature | None) -> float:
    """The length of a bar of a meter in quarter lengths; 0 of none."""
    return 0.0 if of is None else quarters(of.barDuration.quarterLength)


def _meter_before(s: AnyStream, first: AnyStream, begins: float) -> meter.TimeSignature | None:
    """The meter in force where the first Measure of a stream begins: beside it, else around it.

    ``part.measures(3, 8)`` puts the meter in force beside the measures.
    """
    from music21_kdic.reading.around import in_force  # which asks pieces, which ask this

    beside = [(quarters(s.elementOffset(each)), each) for each in s.elements if isinstance(each, meter.TimeSignature)]
    own = [each for at, each in sorted(beside, key=lambda one: one[0]) if at <= begins]
    return own[-1] if own else in_force(first, meter.TimeSignature)


def _keep_time(
    met: Sequence[Sequence[tuple[float, base.Music21Object]]], offsets: Sequence[float], begins: Sequence[float]
) -> bool:
    """Do the notes of some measures keep the time of their ticks where they stand, as well as they would moved?

    Not asked of notes that are tied to one before, which have its tick; where no others move, nothing is known.
    """
    placed = [
        (each.editorial.midiTickStart, at + offset, at + begin)
        for here, offset, begin in zip(met, offsets, begins, strict=True)
        for at, each in here
        if isinstance(each, note.NotRest) and _has_tick(each)
        if each.tie is None or each.tie.type not in ('continue', 'stop')
    ]
    if all(own == moved for _, own, moved in placed):
        return False
    ticks, own, moved = (column - column.mean() for column in np.array(placed, np.float64).T)
    return _out_of_time(ticks, own) <= _out_of_time(ticks, moved) + _ROUNDING


def _out_of_time(ticks: FloatArray, onsets: FloatArray) -> float:
    """How far ticks are from those of an even tempo, both around their mean: the root mean square, in ticks, so that
    it does not depend on the tempo.
    """
    of_quarter = ticks @ onsets / max(float(onsets @ onsets), _ROUNDING)
    return float(np.sqrt(np.mean((ticks - of_quarter * onsets) ** 2)))


def _has_tick(each: note.NotRest) -> bool:
    return each.hasEditorialInformation and isinstance(each.editorial.get('midiTickStart'), int)


def _is_of_midi(s: AnyStream, measures: Sequence[AnyStream]) -> bool:
    """Did music21 parse a stream from MIDI? It marks each note with its tick."""
    if any(isinstance(each, note.NotRest) for each in s.elements):
        return False  # flattened: the notes that stand beside the measures are as late
    notes = (each for measure in measures for _, each, _ in inside(measure) if isinstance(each, note.NotRest))
    first = next(notes, None)
    return first is not None and _has_tick(first)
