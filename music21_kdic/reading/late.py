"""Measures that come late in what music21 parsed from MIDI.

There a note that lasts over several bars may hang over a barline, or a measure be measured before its notes are cut
there; then music21 begins the next one behind that, and all that follow as late. Streams are not changed: here is found
where their measures begin.
"""

from collections.abc import Sequence
from itertools import pairwise

from music21 import meter, note, stream

from music21_kdic.reading.walk import AnyStream, inside, quarters

_ROUNDING = 1e-6  # quarter lengths


def measures_begin(s: AnyStream) -> dict[int, float]:
    """Where the Measures of a stream begin, in quarter lengths from its start: by their ids, in order.

    In what was parsed from MIDI a measure in which no note begins behind the bar is no longer than its bar.
    """
    measures = [each for each in s.elements if isinstance(each, stream.Measure)]
    offsets = [quarters(s.elementOffset(each)) for each in measures]
    if _is_of_midi(s, measures):
        bar, begins = 0.0, offsets[:1]
        for (measure, behind), (begin, end) in zip(pairwise(measures), pairwise(offsets), strict=True):
            met = list(inside(measure))
            meters = [each for at, each, _ in met if isinstance(each, meter.TimeSignature) and at == 0.0]
            bar = quarters(meters[0].barDuration.quarterLength) if meters else bar
            last = max((at for at, each, _ in met if isinstance(each, note.NotRest)), default=0.0)
            # Where one between the two was taken out, its time stays.
            is_next = isinstance(measure.number, int) and behind.number == measure.number + 1
            hangs_over = is_next and last < bar - _ROUNDING and end - begin > bar
            begins.append(begins[-1] + (bar if hangs_over or abs(end - begin - bar) < _ROUNDING else end - begin))
        offsets = begins
    return dict(zip(map(id, measures), offsets, strict=True))


def _is_of_midi(s: AnyStream, measures: Sequence[AnyStream]) -> bool:
    """Did music21 parse a stream from MIDI? It marks each note with its tick."""
    if any(isinstance(each, note.NotRest) for each in s.elements):
        return False  # flattened: the notes that stand beside the measures are as late
    notes = (each for measure in measures for _, each, _ in inside(measure) if isinstance(each, note.NotRest))
    first = next(notes, None)
    return first is not None and first.hasEditorialInformation and 'midiTickStart' in first.editorial
