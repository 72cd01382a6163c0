"""Which parts are one instrument: many channels, two hands, several staves; and the notes of them all together.

A guitar's strings each have a MIDI channel of their own, an MPE controller gives each note one, and a keyboard's hands
are two tracks or staves. A model that knows whole instruments is asked about the whole instrument.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.midi_events import Chunk
from music21_kdic.reading.midi_repair import events_of
from music21_kdic.reading.names import class_of_name, is_title
from music21_kdic.reading.notes import FloatArray, IntArray, NoteSequence
from music21_kdic.reading.parts import FilePart, GeneratedPart

MidiStream = tuple[int, int, int | None]  # track, channel, program
# Registered parameter 6, the MPE configuration message (RP-053): controllers 101 and 100, in either order.
_MAYBE_MPE = re.compile(
    rb'\x65\x00[\x80-\xff]{0,3}[\x00-\x7f][\xb0\xbf]?\x64\x06|\x64\x06[\x80-\xff]{0,3}[\x00-\x7f][\xb0\xbf]?\x65\x00'
)
_CONTROLLER, _DATA_ENTRY, _LOW, _HIGH, _MPE_PARAMETER = 0xB, 6, 100, 101, (0, 6)
_LOWER, _UPPER = 0, 15  # master channels of the two zones
# Without that message, so many channels with one program in one track are one instrument.
_STRINGS = 3  # of a track beside others
_ALONE = 5  # of the only track, where they might be several instruments of a kind
_UNSET = 8  # where no program is set, so that nothing says that it is one instrument
_MONOPHONIC = 0.9  # of the notes on each channel so many begin when the one before has ended
# Programs that two hands or two staves play: pianos and mallets, organs and accordions, harp.
TWO_HANDS = frozenset([*range(24), 46])
MOST_STAVES = 4  # of one instrument
_SAME_MOMENT = 1e-6  # quarter lengths
_HAND = re.compile(
    r'(?<![^\W_])(?:'
    r'(left|l\.? ?h\.?|izquierda|esquerda|gauche|sinistra|links|linke?|m\.? ?[gs]\.?|lower|down'
    r'|bass(?= ?(?:clef|staff))|l)'
    r'|(right|r\.? ?h\.?|derecha|direita|droite|destra|rechts|rechte?|m\.? ?d\.?|upper|up|treble(?= ?(?:clef|staff))|r)'
    r'|(pedals?|ped\.?|pedalier))(?![^\W_])',
    re.I,
)
# What two hands play and no class holds.
_HARP_OR_MALLETS = re.compile(
    r'(?<![^\W_])(?:harpe?s?|harfen?|arp[ae]s?|hrp|keys?|keyb(?:oard)?s?|teclados?|tastiera|clavier|celest[ae]s?'
    r'|glock(?:enspiel)?s?|vib(?:es|raphone?|rafono|raphon)s?|marimbas?|x[iy]lo(?:phone?|fono|phon)?s?)(?![^\W_])',
    re.I,
)
# Two tracks of a voice, or of a guitar that was played twice, are called so, too.
_OF_LOUDSPEAKERS = frozenset(['l', 'r', 'left', 'right'])
_OF_A_HAND = re.compile(r'(?<![^\W_])(?:hands?|hd)(?![^\W_])', re.I)
_DIGITS = '0123456789 '
_BESIDE_A_HAND = re.compile(r'(?<![^\W_])(hands?|hd|main|mano|mão|staff|clef|the)(?![^\W_])|[\W_]+', re.I)


def over_channels(
    content: bytes, chunks: list[Chunk], streams: Sequence[MidiStream | None], columns: Sequence[dict[str, IntArray]]
) -> list[list[int]]:
    """Find the streams of notes that one instrument plays, each string or note on a channel of its own.

    Those are the streams of a track in a zone of an MPE configuration message, and those of a track on many channels
    with one program.

    Args:
        content: the MIDI file.
        chunks: its tracks.
        streams: track, channel and program of each stream of notes; None where that cannot be told.
        columns: symusic's arrays of each stream.

    Returns:
        The numbers of the streams of each instrument, in order.
    """
    if len(streams) < 2:
        return [[number] for number in range(len(streams))]
    zones = mpe_zones(content, chunks)
    playing = {found[0] for found in streams if found is not None}
    together: dict[tuple[int, int | None, int | None], list[int]] = defaultdict(list)
    for number, found in enumerate(streams):
        if found is not None:
            track, channel, program = found
            members = zones.get(chunks[track].port, {})
            together[track, program, members.get(channel)].append(number)
    instruments = []
    for (_, program, zone), of_track in together.items():
        numbers, among = of_track, [streams[number][1] for number in of_track]  # type: ignore[index]
        many = (_ALONE if len(playing) == 1 else _STRINGS) if program is not None else _UNSET
        # Drums, unless it is one among all, or the zone says that it is none.
        if DRUM_CHANNEL in among and zone is None and program is None and len(among) < 15:
            numbers = [n for n in numbers if streams[n][1] != DRUM_CHANNEL]  # type: ignore[index]
            among = [channel for channel in among if channel != DRUM_CHANNEL]
        if len(set(among)) < 2 or (
            zone is None and (len(set(among)) < many or not all(_monophonic(columns[n]) for n in numbers))
        ):
            continue
        instruments.append(numbers)
    joined = {number for numbers in instruments for number in numbers}
    return sorted([*instruments, *([number] for number in range(len(streams)) if number not in joined)])


def _monophonic(columns: dict[str, IntArray]) -> bool:
    onsets = columns['time'].astype(np.int64)
    order = np.argsort(onsets, kind='stable')
    ends = (onsets + columns['duration'])[order]
    return bool(order.size < 2 or np.mean(onsets[order][1:] >= ends[:-1]) >= _MONOPHONIC)


def mpe_zones(content: bytes, chunks: list[Chunk]) -> dict[bytes, dict[int, int]]:
    """Read the MPE configuration messages: for each port, the master channel of each channel in a zone."""
    zones: dict[bytes, dict[int, int]] = defaultdict(dict)
    if b'\x64\x06' not in content or not _MAYBE_MPE.search(content):
        return zones
    for chunk in chunks:
        parameter = {_LOWER: [0x7F, 0x7F], _UPPER: [0x7F, 0x7F]}
        if not _MAYBE_MPE.search(content, chunk.start, chunk.end):
            continue
        for event in events_of(content, chunk):
            kind, channel = event.message[0] >> 4, event.message[0] & 15
            if kind != _CONTROLLER or channel not in parameter:
                continue
            controller, value = event.message[1:]
            if controller in (_LOW, _HIGH):
                parameter[channel][controller == _LOW] = value
            elif controller == _DATA_ENTRY and tuple(parameter[channel]) == _MPE_PARAMETER:
                members = range(value + 1) if channel == _LOWER else range(_UPPER - value, _UPPER + 1)
                here = zones[chunk.port]
                here.update(dict.fromkeys(members, channel) if value else {})
    return zones


def hands(parts: Sequence[FilePart]) -> list[int]:
    """Number the instruments of a MIDI file: parts that are one keyboard's hands share a number, that of the first.

    So do tracks of one port, channel, program and name, but for a hand that it names, and those of :func:`by_name`.
    Programs are those that two hands play; or none, and then the name is a keyboard's, a harp's or a piece's: plug-ins
    give their name to many tracks.
    """
    numbers = list(range(len(parts)))
    on_one_channel: dict[tuple[bytes, int, int | None, str], list[int]] = defaultdict(list)
    for i, part in enumerate(parts):
        if part.channel is not None and not part.is_drum and _for_two_hands(part.program):
            on_one_channel[part.port, part.channel, part.program, _side(part.name)[1]].append(i)
    for (_, _, program, stem), group in on_one_channel.items():
        if len(group) < 2:  # before names are asked for: to know them loads music21
            continue
        most, name = MOST_STAVES, parts[group[0]].name
        if program is None:  # nothing says that it is a keyboard, but perhaps a name in common
            most = 2 if is_keyboard_or_harp(stem) or is_title(name) else 0
        side_by_side = len({parts[i].track for i in group}) == len(group) <= most
        names = [parts[i].name for i in group]
        if (side_by_side or _two_hands(names)) and _may_be_keyboard(program, stem, names):
            _give_one_number(numbers, group)
    return by_name([(part.name, None if part.is_drum else part.program) for part in parts], numbers)


def is_keyboard_or_harp(name: str) -> bool:
    """Whether a name is that of an instrument which two hands play as they do keys: mallets are, too.

    >>> [is_keyboard_or_harp(name) for name in ('E-Piano', 'Harpe', 'Marimba 2', 'Banjo', 'Kontakt 5', '')]
    [True, True, True, False, False, False]
    """
    return class_of_name(name) in ('Piano', 'Organ') or bool(_HARP_OR_MALLETS.search(name))


def by_name(parts: Sequence[tuple[str, int | None]], numbers: list[int]) -> list[int]:
    """Give one number to parts whose names tell a left and a right hand (and a pedal), and nothing else apart.

    Args:
        parts: name and program of each part. The program is one that two hands play; or none, and then the name is no
            other instrument's: "Gtr L" and "Gtr R" are loudspeakers, and so may be left and right of any other but a
            keyboard or a harp.
        numbers: of the instruments as they are known so far.

    >>> [by_name([(f'{name} L', None), (f'{name} R', None)], [0, 1]) for name in ('Piano', 'Vox')]
    [[0, 0], [0, 1]]
    """
    numbers = list(numbers)
    alike: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for i, (name, program) in enumerate(parts):
        side, stem = _side(name)
        # A letter alone may stand for a loudspeaker.
        if side and _for_two_hands(program) and (program is not None or len(name.strip()) > 1):
            alike[program, stem].append(i)
    for (program, stem), group in alike.items():
        names = [parts[i][0] for i in group]
        if _two_hands(names) and _may_be_keyboard(program, stem, names):
            _give_one_number(numbers, group)
    return numbers


def _for_two_hands(program: int | None) -> bool:
    return program is None or program in TWO_HANDS


def _may_be_keyboard(program: int | None, stem: str, names: list[str]) -> bool:
    """Whether two hands play such a program, or what has none and such names (and such a rest without the hand in it).

    The rest is empty, or names a keyboard or a harp; or it names nothing that is known, and the names say hands.
    """
    if program is not None:
        return _for_two_hands(program)
    if not stem.strip(_DIGITS) or is_keyboard_or_harp(stem):
        return True
    return class_of_name(stem) is None and not any(map(_may_be_loudspeaker, names))


def _may_be_loudspeaker(name: str) -> bool:
    """Whether a name says left or right, and not that this is a hand."""
    found = _HAND.search(name)
    return found is not None and found[0].casefold() in _OF_LOUDSPEAKERS and not _OF_A_HAND.search(name)


@lru_cache(maxsize=10_000)
def _side(name: str) -> tuple[str, str]:
    """The hand that a name says ('l', 'r', 'p' for a pedal, '' for none), and the rest of the name."""
    found = _HAND.search(name)
    side = '' if found is None else 'lrp'[found.lastindex - 1 if found.lastindex else 0]
    rest = name if found is None else name[: found.start()] + ' ' + name[found.end() :]
    return side, _BESIDE_A_HAND.sub(' ', rest).casefold().strip()


def _two_hands(names: list[str]) -> bool:
    return sorted(_side(name)[0] for name in names) in (['l', 'r'], ['l', 'p', 'r'])


def instruments_among(parts: Sequence[FilePart | GeneratedPart]) -> list[int]:
    """Number the instruments of a file as its reader found them; staves of one instrument share a number."""
    first: dict[object, int] = {}
    return [
        first.setdefault(part.instrument if part.instrument is not None else ('alone', i), i)
        for i, part in enumerate(parts)
    ]


def over_tracks(parts: Sequence[FilePart]) -> list[int]:
    """Number the instruments of a file as if parts were one that differ by nothing but channel, and track.

    Those are parts of one port, program and name. They may be the strings of a guitar, or two flutes.
    """
    numbers = instruments_among(parts)
    alike: dict[object, list[int]] = defaultdict(list)
    for i, part in enumerate(parts):
        if part.channel is not None and not part.is_drum and part.program is not None:
            named = part.name.casefold() or part.track
            alike[part.port, part.program, named].append(i)
    for group in alike.values():
        _give_one_number(numbers, group)
    return numbers


def _give_one_number(numbers: list[int], group: list[int]) -> None:
    old = {numbers[i] for i in group}
    numbers[:] = [min(old) if number in old else number for number in numbers]


def joined(sequences: Sequence[NoteSequence]) -> NoteSequence:
    """The notes of several staves of one instrument together.

    A pitch that two of them begin at one moment is one note, as long as the longer one: a key is struck once, and a
    tablature doubles its notation. Bars are those of the staff that has most, and of others before and after.

    >>> right = NoteSequence(onsets=[0, 1], ends=[1, 2], pitches=[60, 64], bars=[0, 4])
    >>> left = NoteSequence(onsets=[0, 2], ends=[2, 3], pitches=[60, 40], bars=[0, 4])
    >>> both = joined([right, left])
    >>> both.onsets.tolist(), both.ends.tolist(), both.pitches.tolist()
    ([0.0, 1.0, 2.0], [2.0, 2.0, 3.0], [60, 64, 40])
    """
    if len(sequences) == 1:
        return sequences[0]
    onsets = np.concatenate([each.onsets for each in sequences])
    ends = np.concatenate([each.ends for each in sequences])
    pitches = np.concatenate([each.pitches for each in sequences])
    staff = np.repeat(np.arange(len(sequences)), [len(each) for each in sequences])
    ticks = np.round(onsets / _SAME_MOMENT).astype(np.int64)
    order = np.lexsort((-ends, pitches, ticks))
    again = np.zeros(onsets.size, dtype=bool)
    again[1:] = (np.diff(ticks[order]) == 0) & (np.diff(pitches[order]) == 0) & (np.diff(staff[order]) != 0)
    kept = order[~again]
    bars, numbers = _bars_of_all(sequences)
    return NoteSequence(
        onsets=onsets[kept],
        ends=ends[kept],
        pitches=pitches[kept],
        bars=bars,
        measure_numbers=numbers,
        unpitched=sum(each.unpitched for each in sequences),
    )


def _bars_of_all(staves: Sequence[NoteSequence]) -> tuple[FloatArray, tuple[str, ...]]:
    """Barlines and measure numbers of several staves, which may begin and end at other times.

    Where each counts its bars from 1, those of all are counted anew.
    """
    longest, *others = sorted(staves, key=lambda each: -each.bars.size)
    bars, numbers = longest.bars.tolist(), list(longest.measure_numbers)
    for staff in others:
        own = staff.measure_numbers
        before = int((staff.bars < bars[0] - _SAME_MOMENT).sum())
        after = int((staff.bars > bars[-1] + _SAME_MOMENT).sum())
        gap = [''] * (max(before, after) - len(own))  # between a staff and another that begins after its end
        numbers = [*own[:before], *(gap if before else ()), *numbers]
        numbers += [*(gap if after else ()), *own[max(0, len(own) - after) :]]
        bars = [*staff.bars[:before].tolist(), *bars, *staff.bars[staff.bars.size - after :].tolist()]
    counted = all(each.measure_numbers == tuple(map(str, range(1, each.bars.size))) for each in staves)
    return np.array(bars), () if counted else tuple(numbers)
