"""Resets of the synthesizer in a MIDI file, which set the program of every channel to 0.

Sources: MIDI Manufacturers Association, *General MIDI 2* (RP-024, 1999), "GM system on"; Roland, *SC-55mkII Owner's
Manual* (1993), "GS reset"; Yamaha, *XG Specifications* 2.00 (2001), "XG system on" and "All parameter reset".
"""

import re
from collections.abc import Sequence

from music21_kdic.reading.midi_events import DELTA, NOTE_ON, PROGRAM, SYSTEM, Chunk
from music21_kdic.reading.midi_repair import events_of

_RESET = re.compile(
    rb'\xf0' + DELTA + rb'(?:\x7e[\x00-\x7f]\x09[\x01\x03]|\x41[\x00-\x1f]\x42\x12\x40\x00\x7f\x00'
    rb'|\x43[\x10-\x1f]\x4c\x00\x00[\x7e\x7f]\x00)'
)
_AT_HEAD, _BEHIND_HEAD, _FIRST = 0, 1, 2  # places in a track: of what it begins with, of what is put in, of the rest
_Place = tuple[int, int, int]  # of an event: its time in ticks, its track, its place in the track


def reset_channels(content: bytes, chunks: Sequence[Chunk]) -> set[int]:
    """The channels on which a reset stands between the place of a program and the last note.

    That place is where the first program change is, or else the end of the head of the first track that plays there.
    Of events at one time those of the first track come first.

    Args:
        content: the file.
        chunks: its tracks on one port, of which :func:`.events_of` gives all events.
    """
    if not any(_RESET.search(content, chunk.start, chunk.end) for chunk in chunks):
        return set()
    resets: list[_Place] = []
    programs: dict[int, _Place] = {}
    heads: dict[int, _Place] = {}
    last: dict[int, _Place] = {}
    for track, chunk in enumerate(chunks):
        now, at_head = 0, True
        for number, event in enumerate(events_of(content, chunk), start=_FIRST):
            kind, channel = event.message[0] >> 4, event.message[0] & 15
            now += event.delta
            at_head = at_head and now == 0 and kind == SYSTEM
            place = now, track, _AT_HEAD if at_head else number
            if _RESET.match(event.message):
                resets.append(place)
            elif kind == PROGRAM:
                programs[channel] = min(place, programs.get(channel, place))
            elif kind == NOTE_ON and event.message[2]:
                heads.setdefault(channel, (0, track, _BEHIND_HEAD))
                last[channel] = max(place, last.get(channel, place))
    begin = heads | programs
    return {channel for channel in last if any(begin[channel] < reset < last[channel] for reset in resets)}
