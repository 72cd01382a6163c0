"""Channels other than 10 that a MIDI file gives to drums: what the two extensions of General MIDI have messages for."""

import re

from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.midi_events import DELTA, Chunk

# Roland GS, "use for rhythm part" (address 40 1x 15): 0 is none, 1 and 2 are the two maps of drums.
_GS_RHYTHM = re.compile(rb'\xf0' + DELTA + rb'\x41[\x00-\x1f]\x42\x12\x40([\x10-\x1f])\x15([\x01\x02])')
# Yamaha XG: the system is switched on; "part mode" (address 08 nn 07): 0 is none, all others are drums.
_XG_ON = re.compile(rb'\xf0' + DELTA + rb'\x43[\x10-\x1f]\x4c\x00\x00\x7e\x00')
_XG_MODE = re.compile(rb'\xf0' + DELTA + rb'\x43[\x10-\x1f]\x4c\x08([\x00-\x0f])\x07([\x01-\x05])')
# In XG, bank 127 has drum kits and bank 126 kits of effects, from the next program change on the channel.
_XG_BANK = re.compile(
    rb'[\xb0-\xbf]\x00[\x7e\x7f](?:' + DELTA + rb'[\xb0-\xbf]?\x20[\x00-\x7f])?' + DELTA + rb'([\xc0-\xcf])[\x00-\x7f]'
)


def drum_channels(content: bytes, chunks: list[Chunk]) -> set[tuple[bytes, int]]:
    """The port and channel (from 0) of each part that system-exclusive messages, or XG's banks, give to drums.

    A channel that is given to drums is so from the beginning of the piece on, wherever the message stands.

    Sources: Roland, *SC-55mkII Owner's Manual* (1993), "Patch part parameters"; Yamaha, *XG Specifications* 2.00
    (2001), "Multi part data" and "Bank select".
    """
    if b'\xf0' not in content:
        return set()
    xg = _XG_ON.search(content) is not None
    found = set()
    for chunk in chunks:
        span = (chunk.start, chunk.end)
        channels = {_channel_of_block(there[1][0] & 15) for there in _GS_RHYTHM.finditer(content, *span)}
        channels |= {there[1][0] for there in _XG_MODE.finditer(content, *span)}
        if xg:
            channels |= {there[1][0] & 15 for there in _XG_BANK.finditer(content, *span) if _one_channel(there)}
        found |= {(chunk.port, channel) for channel in channels}
    return found


def _channel_of_block(block: int) -> int:
    """GS counts its parts from that of drums, the tenth, which is block 0, and then from the first."""
    if block == 0:
        return DRUM_CHANNEL
    return block - 1 if block <= DRUM_CHANNEL else block


def _one_channel(bank: re.Match[bytes]) -> bool:
    return bank[0][0] & 15 == bank[1][0] & 15
