"""The MIDI reader: a MIDI file becomes parts, each with its :class:`~music21_kdic.reading.notes.NoteSequence`.

Reading is symusic's (Liao et al. 2024), in C++; nothing is quantised. Every stream of notes that shares track,
channel and program is a part of its own, so a program change in mid-track starts another part; what one instrument
plays on many channels is one part (:mod:`music21_kdic.reading.instruments`). Notes that it ends late, since a note-off
is missing, end earlier (:mod:`music21_kdic.reading.midi_ends`); key switches do not sound
(:mod:`music21_kdic.reading.midi_key_switches`).
"""

import re
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from music21_kdic.errors import NoteError, UnreadableError
from music21_kdic.reading.content import read_content
from music21_kdic.reading.instruments import hands, is_keyboard_or_harp, over_channels
from music21_kdic.reading.midi_drums import drum_channels
from music21_kdic.reading.midi_ends import ended, missing, pitches_that_never_end
from music21_kdic.reading.midi_events import Chunk, count_tracks, is_laid_out, match_streams, read_chunks
from music21_kdic.reading.midi_key_switches import key_switches, said
from music21_kdic.reading.midi_names import NameEvent, called, names_in, stripped
from music21_kdic.reading.midi_repair import repaired
from music21_kdic.reading.notes import (
    DEFAULT_BAR,
    MAX_BARS,
    MAX_NOTES,
    FloatArray,
    IntArray,
    NoteSequence,
    bars_from_meters,
)
from music21_kdic.reading.parts import MAX_NAME, FilePart

HEAD_BYTES = 128  # before the MThd of a file at most: as long as a MacBinary header
HEADER_BYTES = 14  # 'MThd', the length, format, tracks and division
_NOTE_COLUMNS = ('time', 'duration', 'pitch')
MAX_BARS_OF_ALL = 10_000_000  # bars of a file times its parts, each of which has its own barlines
# A meter whose denominator is a higher power of 2 than 128, which symusic takes for 1 where it is high enough. Looked
# for anywhere in a file that has a meter over 1: such bytes in a text are too rare to walk the events for.
_UNHEARD_OF_METER = re.compile(rb'\xff\x58\x80{0,3}[\x02-\x7f].[\x08-\xff]', re.DOTALL)


def midi_start(content: bytes) -> int:
    """Where in a file the MIDI file begins: 0, or later in RIFF (.rmi) or after a MacBinary header; -1 for no MIDI."""
    if content[:4] == b'RIFF' and content[8:12] == b'RMID':
        position = 12
        while position <= len(content) - 8 and content[position : position + 4] != b'data':
            length = int.from_bytes(content[position + 4 : position + 8], 'little')
            position += 8 + length + length % 2  # chunks of RIFF begin at even places
        if content[position + 8 : position + 12] == b'MThd':
            return position + 8
    return content.find(b'MThd', 0, HEAD_BYTES + 4)


def read_midi(path: str | Path) -> list[FilePart]:
    """Read the parts of a MIDI file.

    Notes of no length (as some programs write grace notes) do not sound and are left out.

    Returns:
        One part per (track, channel, program) that has notes, in file order; channels on which one instrument plays are
        one part.

    Raises:
        UnreadableError: where the file is missing, is not MIDI, is damaged, or is larger than
            :data:`music21_kdic.reading.content.MAX_BYTES`.
        NoteError: where it holds more notes or bars than are read.
    """
    return parse_midi(read_content(path), path)


def parse_midi(content: bytes, path: str | Path, bar: float = DEFAULT_BAR, *, switches: bool = True) -> list[FilePart]:
    """Read the parts of the content of a MIDI file.

    Args:
        content: of the file.
        path: what errors call it, which are those of :func:`read_midi`.
        bar: the length of a bar before the first meter, in quarter lengths.
        switches: whether it may have key switches; what a program has written of notes has none.
    """
    try:
        return _parse(content, path, bar, switches)
    except NoteError as error:  # of a part, which does not know its file
        raise NoteError(f'{path}: {error}') from error


def _parse(content: bytes, path: str | Path, bar: float, switches: bool) -> list[FilePart]:
    start = midi_start(content)
    if start < 0:
        raise UnreadableError(f'{path}: begins with {content[:4]!r}, wanted a MIDI file (b"MThd")')
    content = content[start:]
    _check_header(content, path)
    content, chunks, remark = sound_midi(content, path)
    try:
        score: Any = symusic.Score.from_midi(content)  # its type stubs lack the members used here
    except (RuntimeError, ValueError, IndexError) as error:
        raise UnreadableError(f'{path}: damaged MIDI file ({error})') from error
    if score.ticks_per_quarter <= 0:
        raise UnreadableError(f'{path}: {score.ticks_per_quarter} ticks a quarter note, wanted at least 1')
    quarter = float(score.ticks_per_quarter)
    tracks = [track for track in score.tracks if track.notes]
    notes = sum(len(track.notes) for track in tracks)
    if notes > MAX_NOTES:
        raise NoteError(f'{notes} notes in one file: at most {MAX_NOTES} are read')
    columns = [track.notes.numpy() for track in tracks]
    meters, tempos = score.time_signatures.numpy(), score.tempos.numpy()
    for times in (meters['time'], tempos['time'], *(each[key] for each in columns for key in ('time', 'duration'))):
        if times.min(initial=0) < 0:  # symusic counts ticks in 32 bits
            raise UnreadableError(f'{path}: more than {2**31 - 1} ticks long: at most that many are read')
    bars = bars_from_meters(_meters(meters, quarter, content, path), score.end() / quarter, bar)
    if len(tracks) * (bars.size - 1) > MAX_BARS_OF_ALL:
        raise NoteError(f'{len(tracks)} parts of {bars.size - 1} bars: at most {MAX_BARS_OF_ALL} bars in all are read')
    numbers = tuple(str(number) for number in range(1, bars.size))
    streams = match_streams(chunks, [(track.program, track.is_drum) for track in tracks])
    heard = {stream[0]: track.name for stream, track in zip(streams, tracks, strict=True) if stream is not None}
    names = {track: names_in(content, chunks[track], name) for track, name in heard.items()}
    drums = drum_channels(content, chunks)
    late = [0] * len(tracks)
    for i, stream in enumerate(streams):
        if stream is not None:
            never_end = partial(pitches_that_never_end, content, chunks[stream[0]], stream[1])
            columns[i], late[i] = ended(columns[i], quarter, bars, never_end)
    parts = []
    for together in over_channels(content, chunks, streams, columns):
        stream = streams[together[0]]
        by_channel = tracks[together[0]].is_drum
        is_drum = by_channel if stream is None else drums.get((chunks[stream[0]].port, stream[1]), by_channel)
        is_drum = is_drum and len(together) == 1
        parts.append(
            _read_part(
                [tracks[i] for i in together],
                [columns[i] for i in together],
                stream,
                None if stream is None else chunks[stream[0]],
                ([], stripped(tracks[together[0]].name)) if stream is None else names[stream[0]],
                (quarter, bars, numbers),
                is_drum,
                (remark, '' if is_drum else missing(sum(late[i] for i in together))),
                switches=switches,
            )
        )
    return _numbered(parts)


def _check_header(content: bytes, path: str | Path) -> None:
    if len(content) < HEADER_BYTES:  # of which symusic would read on behind its end
        raise UnreadableError(f'{path}: damaged MIDI file (it ends within its header)')
    if content[12:13] >= b'\x80':
        raise UnreadableError(f'{path}: a division in SMPTE frames, wanted ticks a quarter note')
    if content[8:10] == b'\0\2' and (patterns := count_tracks(content)[1]) > 1:
        raise UnreadableError(f'{path}: type 2, whose {patterns} tracks are pieces of their own, wanted type 0 or 1')


def _numbered(parts: list[FilePart]) -> list[FilePart]:
    """The parts, those that are one keyboard's hands with the number of their instrument."""
    numbers = hands(parts)
    shared = Counter(numbers)
    return [
        replace(part, instrument=number) if shared[number] > 1 else part
        for part, number in zip(parts, numbers, strict=True)
    ]


def sound_midi(content: bytes, path: str | Path) -> tuple[bytes, list[Chunk], str]:
    """A MIDI file as the standard has it, its tracks, and what was wrong with it; content that is sound is returned.

    Raises:
        UnreadableError, NoteError: see :func:`music21_kdic.reading.midi_repair.repaired`; also where the file has
            fewer tracks than it announces.
    """
    announced, there = count_tracks(content)
    if there < announced:  # cut between two tracks, which symusic 0.6 reads without a word
        raise UnreadableError(f'{path}: {there} tracks, where its header announces {announced}: it was cut short')
    chunks = read_chunks(content)
    sound = content[4:8] == b'\0\0\0\6' and there == announced
    if sound and is_laid_out(content) and all(chunk.whole for chunk in chunks):
        return content, chunks, ''
    content, wrong = repaired(content, path)
    chunks = read_chunks(content)
    if not all(chunk.whole for chunk in chunks):
        raise UnreadableError(f'{path}: damaged MIDI file ({"; ".join(wrong)})')
    return content, chunks, '; '.join(wrong)


def _meters(
    columns: dict[str, IntArray], quarter: float, content: bytes, path: str | Path
) -> list[tuple[float, float]]:
    """Offset and bar length of each meter, in quarter lengths."""
    numerators, denominators = columns['numerator'], columns['denominator']
    odd = np.flatnonzero((numerators < 1) | (denominators < 1))
    if odd.size:
        raise UnreadableError(
            f'{path}: a meter of {numerators[odd[0]]}/{denominators[odd[0]]}, wanted beats of some length'
        )
    if (denominators == 1).any() and _UNHEARD_OF_METER.search(content):
        raise UnreadableError(f'{path}: a meter whose denominator is more than 128')
    times, before_end = np.unique(columns['time'][::-1], return_index=True)
    if times.size > MAX_BARS:
        raise NoteError(f'{times.size} changes of meter: at most {MAX_BARS} bars are read')
    last = numerators.size - 1 - before_end  # of several at once the last one holds
    lengths = 4.0 * numerators[last] / denominators[last]
    return list(zip((times / quarter).tolist(), lengths.tolist(), strict=True))


def _read_part(
    tracks: list[Any],
    columns: list[dict[str, IntArray]],
    stream: tuple[int, int, int | None] | None,
    chunk: Chunk | None,
    names: tuple[list[NameEvent], str],
    times: tuple[float, FloatArray, tuple[str, ...]],
    is_drum: bool,
    remarks: tuple[str, ...],
    *,
    switches: bool,
) -> FilePart:
    """One part, of one stream of symusic's, or of several that one instrument plays on several channels."""
    quarter, bars, measure_numbers = times
    onsets, durations, pitches = (
        columns[0][key] if len(columns) == 1 else np.concatenate([each[key] for each in columns])
        for key in _NOTE_COLUMNS
    )
    sounding = (durations > 0) & (not is_drum)
    # A program other than 0 was set, whether or not its channel can be told.
    number, channel, program = stream or (None, None, tracks[0].program or None)
    if len(tracks) > 1 and chunk is not None:
        channel = None
        set_there = set().union(*chunk.programs.values())
        if program is None and len(set_there) == 1:  # on the master channel of MPE
            program = set_there.pop()
    name = called(names[0], channel, names[1])
    switched = 0
    if switches and channel is not None and program is None:
        is_switch = key_switches(onsets[sounding] / quarter, pitches[sounding])
        if is_switch.any() and not is_keyboard_or_harp(name):  # in this order: to know names loads music21
            sounding[sounding] = ~is_switch
            switched = int(is_switch.sum())
            remarks = (*remarks, said(switched))
    onsets = onsets[sounding].astype(np.int64)  # with the duration more than 32 bits, where they wrap
    notes = NoteSequence(
        onsets=onsets / quarter,
        ends=(onsets + durations[sounding]) / quarter,
        pitches=pitches[sounding],
        bars=bars,
        measure_numbers=measure_numbers,
        unpitched=pitches.size if is_drum else 0,
    )
    return FilePart(
        notes=notes,
        name=name[:MAX_NAME],
        track=number,
        channel=channel,
        program=program,
        is_drum=is_drum,
        port=b'' if chunk is None else chunk.port,
        remark='; '.join(filter(None, remarks)),
        key_switches=switched,
    )
