"""Channels that a MIDI file gives to drums or takes from them, by messages of the extensions of General MIDI."""

import re
from collections.abc import Iterator

from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.midi_events import DELTA, PROGRAM, Chunk
from music21_kdic.reading.midi_repair import events_of

_SYSTEM = rb'\xf0' + DELTA
# Roland GS, "use for rhythm part" (address 40 1x 15): 0 is none, 1 and 2 are the two maps of drums.
_GS_RHYTHM = re.compile(_SYSTEM + rb'\x41[\x00-\x1f]\x42\x12\x40([\x10-\x1f])\x15([\x00-\x02])')
# Yamaha XG: any parameter is set; "part mode" (address 08 nn 07): 0 is none, all others are drums.
_XG = re.compile(_SYSTEM + rb'\x43[\x10-\x1f]\x4c')
_XG_MODE = re.compile(_SYSTEM + rb'\x43[\x10-\x1f]\x4c\x08([\x00-\x0f])\x07([\x00-\x05])')
_GM2_ON = re.compile(_SYSTEM + rb'\x7e[\x00-\x7f]\x09\x03')
# A bank of either is chosen, be it under running status: only where it is are the events walked.
_BANK = re.compile(rb'[\xb0-\xbf](?:[\x00-\x7f]{2}' + DELTA + rb')*\x00[\x78\x79\x7e\x7f]')
_XG_BANKS = {126: True, 127: True}  # of kits of effects and of drums
_GM2_BANKS = {120: True, 121: False}  # of a rhythm channel and of a melody channel


def drum_channels(content: bytes, chunks: list[Chunk]) -> dict[tuple[bytes, int], bool]:
    """Whether drums play on the port and channel (from 0) of each part of which a message or a bank says so.

    Those are system-exclusive messages of GS and XG, and banks of XG and of General MIDI 2. What they say holds from
    the beginning of the piece on, wherever it stands; a channel that is once given to drums is theirs.

    Sources: Roland, *SC-55mkII Owner's Manual* (1993), "Patch part parameters"; Yamaha, *XG Specifications* 2.00
    (2001), "Multi part data" and "Bank select"; MIDI Manufacturers Association, *General MIDI 2* (RP-024, 1999), "Bank
    select".
    """
    found: dict[tuple[bytes, int], bool] = {}
    if b'\xf0' not in content:
        return found
    banks = {**(_XG_BANKS if _XG.search(content) else {}), **(_GM2_BANKS if _GM2_ON.search(content) else {})}
    for chunk in chunks:
        for channel, drums in _said_of_drums(content, chunk, banks):
            found[chunk.port, channel] = drums or found.get((chunk.port, channel), False)
    return found


def _said_of_drums(content: bytes, chunk: Chunk, banks: dict[int, bool]) -> Iterator[tuple[int, bool]]:
    span = (chunk.start, chunk.end)
    for there in _GS_RHYTHM.finditer(content, *span):
        yield _channel_of_block(there[1][0] & 15), there[2] != b'\0'
    for there in _XG_MODE.finditer(content, *span):
        yield there[1][0], there[2] != b'\0'
    if banks and chunk.programs and _BANK.search(content, *span):
        for channel, bank in _banks_of_programs(content, chunk):
            if bank in banks:
                yield channel, banks[bank]


def _banks_of_programs(content: bytes, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """The channel and bank of each program change: the last bank that was chosen holds from there on.

    Of as many events as are looked at.
    """
    chosen: dict[int, int] = {}
    for event in events_of(content, chunk):
        status, *data = event.message
        if status >> 4 == 0xB and data[0] == 0:
            chosen[status & 15] = data[1]
        elif status >> 4 == PROGRAM and status & 15 in chosen:
            yield status & 15, chosen[status & 15]


def _channel_of_block(block: int) -> int:
    """GS counts its parts from that of drums, the tenth, which is block 0, and then from the first."""
    if block == 0:
        return DRUM_CHANNEL
    return block - 1 if block <= DRUM_CHANNEL else block
