"""Notes of a MIDI file that end late, since a note-off before them is missing.

symusic ends the note of a pitch that began first. After a note-on without its note-off every later note of that pitch
ends with the note-off of the one behind it: over a rest it sounds for bars. pretty_midi and music21 end all notes of a
pitch at a note-off, and so are such notes read here.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np

from music21_kdic.reading.midi_events import NOTE_OFF, NOTE_ON, Chunk
from music21_kdic.reading.midi_repair import events_of, may_have_more
from music21_kdic.reading.notes import FloatArray, IntArray

# So many notes, each of which sounds beyond the onset of the next, up to the last of their pitch: two voices in unison
# make two or three.
_RUN_NOTES = 4
# And one of them sounds longer than so many bars. Few notes do, but organ points; and over shorter rests a note that
# ends late is not much longer than a legato.
_RUN_BARS = 2


def ended(
    columns: dict[str, IntArray], quarter: float, bars: FloatArray, never_end: Callable[[], set[int]]
) -> tuple[dict[str, IntArray], int]:
    """The notes of a stream, those that end late ended at the first note-off after their onset.

    Args:
        columns: symusic's arrays of the stream, times in ticks.
        quarter: ticks a quarter note.
        bars: barlines in quarter lengths, shape (bars + 1,).
        never_end: which pitches of the stream have a note-on without a note-off; asked only where notes may be late.

    Returns:
        The arrays, and of how many pitches notes were late.
    """
    durations = columns['duration'] / quarter
    if durations.size < _RUN_NOTES or durations.max() <= _RUN_BARS * np.diff(bars).min():
        return columns, 0
    onsets, pitches = columns['time'].astype(np.int64), columns['pitch']  # an end may be more than 32 bits
    bar = np.clip(np.searchsorted(bars, onsets / quarter, 'right') - 1, 0, bars.size - 2)
    is_long = durations > _RUN_BARS * np.diff(bars)[bar]
    if not is_long.any():
        return columns, 0
    ends = onsets + columns['duration']
    order = np.lexsort((ends, onsets, pitches))
    of_one_pitch = np.diff(pitches[order]) == 0
    beyond_the_next = of_one_pitch & (ends[order][:-1] > onsets[order][1:])
    stops = np.append(np.flatnonzero(~beyond_the_next) + 1, order.size)
    starts = np.insert(stops[:-1], 0, 0)
    is_last = np.append(~of_one_pitch, True)[stops - 1]
    runs = [order[starts[i] : stops[i]] for i in np.flatnonzero(is_last & (stops - starts >= _RUN_NOTES))]
    runs = [run for run in runs if is_long[run].any()]
    pending = never_end() if runs else set()
    late = [run for run in runs if int(pitches[run[0]]) in pending]
    for run in late:
        offs = np.sort(ends[run])
        ends[run] = offs[np.searchsorted(offs, onsets[run], 'right')]
    return {**columns, 'duration': ends - onsets}, len(late)


def missing(late: int) -> str:
    """What a part's remark says where notes of so many pitches ended late; '' for none."""
    pitches = 'pitch' if late == 1 else 'pitches'
    return f'a note-off is missing: notes of {late} {pitches} end at the next one' if late else ''


def pitches_that_never_end(content: bytes, chunk: Chunk, channel: int) -> set[int]:
    """The pitches of a channel in a track that have a note-on without a note-off; none where the track is too long."""
    if may_have_more(chunk):
        return set()
    sounding: Counter[int] = Counter()
    for event in events_of(content, chunk):
        if event.message[0] & 15 != channel or event.message[0] >> 4 not in (NOTE_OFF, NOTE_ON):
            continue
        pitch, velocity = event.message[1:]
        if event.message[0] >> 4 == NOTE_ON and velocity:
            sounding[pitch] += 1
        elif sounding[pitch]:
            sounding[pitch] -= 1
    return {pitch for pitch, count in sounding.items() if count}
