"""What is added to a MIDI file: names and programs where there are none, and not a byte else is changed.

Names and programs are put in at the start of their tracks, at time 0, after the system messages and meta events there
(one of them may reset the synthesizer); but a name before the first channel prefix, behind which it would be that of
one channel. A placeholder ("Track 1") goes, and so does a program 0 that nobody chose. Everything else stays as it was,
byte for byte, but for the length of those tracks (:mod:`.splicing`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from music21_kdic.classes import class_of_program
from music21_kdic.collection.engine.rows import UNKNOWN
from music21_kdic.collection.label import LabelRow
from music21_kdic.collection.resets import reset_channels
from music21_kdic.collection.splicing import CHANNELS, Edit, only_program
from music21_kdic.reading.instruments import is_keyboard_or_harp
from music21_kdic.reading.midi_events import Chunk
from music21_kdic.reading.midi_names import NameEvent, names_of, place_of_name, stripped
from music21_kdic.reading.midi_repair import events_of, may_have_more
from music21_kdic.reading.names import denies
from music21_kdic.reading.names_in_a_file import names_of_no_instrument
from music21_kdic.reading.placeholders import is_placeholder, is_unnamed
from music21_kdic.statuses import Status

# One General MIDI program that stands for each class, counted from 0: nylon guitar, grand piano, fingered bass,
# string ensemble, drawbar organ, brass section, flute, alto sax.
PROGRAMS = {
    'Guitar': 24,
    'Piano': 0,
    'Bass': 33,
    'Strings': 48,
    'Organ': 16,
    'Brass': 61,
    'Pipe': 73,
    'Reed': 65,
}
_TAKEN_BACK = 'no program is added: a reset later in the file would take it back'
_SWITCHED = 'no program is added: with one the key switches of its channel would sound'
TrackChannel = tuple[int | None, int | None]  # of a row
PortChannel = tuple[bytes, int]  # of a part: its MIDI port (see Chunk), and the channel of that port, from 0
BANK_SELECT = {0: (0, 121), 32: (0,)}  # controllers, and their values for the melodic sounds of General MIDI (1, 2)


@dataclass(frozen=True)
class Tag:
    """What a part is given.

    Attributes:
        name, program: None where it gets none.
        remark: why it gets no program: for its name, for a reset later in the file, or for key switches.
    """

    name: str | None
    program: int | None
    remark: str


def choose_tags(
    content: bytes, rows: Sequence[LabelRow], chunks: Sequence[Chunk], switched: Collection[TrackChannel]
) -> tuple[list[Tag], list[Edit]]:
    """Decide what each part of a file with these tracks is given, and how the file is changed.

    What the file says already is never contradicted: a part whose name or program claims another class than its
    notes, or an instrument of no class, is left alone, and so are parts that share a track (its name) or a channel
    (its program) and differ; nor does a channel get a program on which a part on many channels plays, too. A
    placeholder claims nothing. Nor does program 0 of a part without a name, in a file in which others have other
    programs: it is what programs write where nobody has chosen one, unless its channel's bank is chosen. No two parts
    get the same name. A program that a reset would take back (:mod:`.resets`) is not added, nor one to the channel of
    a part with key switches (``switched``: their tracks and channels), since it would sound them; nor is such a part
    called a keyboard, which has none.
    """
    chosen = any(row.program for row in rows if not row.drum)
    might_be_tagged = any(row.label != UNKNOWN and not row.program for row in rows)
    banks = _with_banks(content, chunks) if might_be_tagged else set()
    banked = {_place(row) for row in rows if _port_channel(row, chunks) in banks}
    beside = _names_beside_others(rows)
    agreed = partial(_agreed, chosen=chosen, banked=banked, beside=beside)
    by_track: dict[int, list[LabelRow]] = defaultdict(list)
    by_channel: dict[PortChannel, list[LabelRow]] = defaultdict(list)
    for row in rows:
        if row.track is not None:
            by_track[row.track].append(row)
            if (where := _port_channel(row, chunks)) is not None:
                by_channel[where].append(row)
    names: dict[int, str] = {}
    edits: list[Edit] = []
    for track, parts in by_track.items():
        label = agreed(parts)
        old = [name for name in names_of(content, chunks[track]) if not name.of_instrument]
        if label is None or (is_keyboard_or_harp(label) and _have_switches(parts, switched)):
            continue
        if _can_be_named(parts, old):
            names[track] = label
            edits += [Edit(event.begin, event.end, b'') for event in old]
    names = _different(names, {row.name for row in rows if row.name and row.track not in names})
    for track, name in names.items():
        event = bytes([0, 0xFF, 0x03, len(name)]) + name.encode('ascii')
        place = place_of_name(content, chunks[track])
        edits.append(Edit(place, place, event))
    unbanked = {where: parts for where, parts in by_channel.items() if where not in banks}
    programs, refused, added = _choose_programs(content, chunks, unbanked, agreed, switched)
    tags = []
    for row in rows:
        where = _port_channel(row, chunks)
        new_name = None if row.track is None else names.get(row.track)
        new_program = None if where is None else programs.get(where)
        why = '' if where is None else refused.get(where, '')
        tags.append(Tag(new_name, new_program, why or _remark(row, beside)))
    return tags, edits + added


def _choose_programs(
    content: bytes,
    chunks: Sequence[Chunk],
    by_channel: Mapping[PortChannel, Sequence[LabelRow]],
    agreed: Callable[[Sequence[LabelRow]], str | None],
    switched: Collection[TrackChannel],
) -> tuple[dict[PortChannel, int], dict[PortChannel, str], list[Edit]]:
    """The program of each channel that gets one; of others that might, why they get none; and how the file is changed.

    Args:
        content, chunks: as in :func:`choose_tags`.
        by_channel: the parts of each channel that may get one.
        agreed: see :func:`_agreed`.
        switched: tracks and channels of parts with key switches.
    """
    on_port = _by_port(chunks)
    reset = cache(lambda port: reset_channels(content, on_port[port]))  # asked only where _with_banks saw all events
    programs: dict[PortChannel, int] = {}
    refused: dict[PortChannel, str] = {}
    edits: list[Edit] = []
    for (port, channel), parts in by_channel.items():
        label = agreed(parts)
        tracks = dict.fromkeys(row.track for row in parts if row.track is not None)
        others = _playing(channel, on_port[port]) - {chunks[track].start for track in tracks}
        if label is None or others:
            continue
        heads = [chunks[track].head for track in tracks]
        added = _set_program(content, on_port[port], channel, PROGRAMS[label], heads)
        if added and _have_switches(parts, switched):
            refused[port, channel] = _SWITCHED
        elif added and channel in reset(port):
            refused[port, channel] = _TAKEN_BACK
        elif added:
            edits += added
            programs[port, channel] = PROGRAMS[label]
    return programs, refused, edits


def _have_switches(parts: Sequence[LabelRow], switched: Collection[TrackChannel]) -> bool:
    return any(_place(row) in switched for row in parts)


def _set_program(
    content: bytes, chunks: Sequence[Chunk], channel: int, program: int, heads: Iterable[int]
) -> list[Edit]:
    """How a channel of a port gets a program: at some heads of tracks, or in place of the only one, which is 0.

    Not at all where it has the program already, or others.
    """
    there = {program for chunk in chunks for program in chunk.programs.get(channel, ())}
    if not there:
        return [Edit(head, head, bytes([0, 0xC0 | channel, program])) for head in heads]
    at = only_program(content, chunks, channel) if program and there == {0} else None
    return [] if at is None else [Edit(at, at + 1, bytes([program]))]


def _by_port(chunks: Iterable[Chunk]) -> dict[bytes, list[Chunk]]:
    found = defaultdict(list)
    for chunk in chunks:
        found[chunk.port].append(chunk)
    return found


def _playing(channel: int, chunks: Iterable[Chunk]) -> set[int]:
    """Where the tracks begin that play on a channel; a part on many channels may be one, and have none of its own."""
    return {chunk.start for chunk in chunks if any(channel == there for there, _ in chunk.playing)}


def _place(row: LabelRow) -> TrackChannel:
    return row.track, row.channel


def _port_channel(row: LabelRow, chunks: Sequence[Chunk]) -> PortChannel | None:
    """Where a part plays; None for drums, and where the file does not say."""
    if row.drum or row.track is None or row.channel is None:
        return None
    return chunks[row.track].port, row.channel


def _can_be_named(parts: Sequence[LabelRow], old: Sequence[NameEvent]) -> bool:
    """Whether nobody has named these parts of one track; a placeholder must stand where it can be replaced."""
    names = {row.name for row in parts if row.name}
    texts = {stripped(event.text.decode('latin-1')) for event in old} - {''}
    return all(map(is_placeholder, names | texts)) and bool(texts) >= bool(names)


def _different(names: Mapping[int, str], taken: Iterable[str]) -> dict[int, str]:
    """The same names, with numbers behind those that are there already: Guitar, Guitar 2, Guitar 3."""
    used = {name.casefold() for name in taken}
    found = {}
    for track, name in sorted(names.items()):
        number, new = 1, name
        while new.casefold() in used:
            number += 1
            new = f'{name} {number}'
        used.add(new.casefold())
        found[track] = new
    return found


def _with_banks(content: bytes, chunks: Sequence[Chunk]) -> set[PortChannel]:
    """The channels on which a bank other than that of General MIDI is chosen, so that a program is another sound.

    All of them, where a track may have more events than are looked at.
    """
    if any(map(may_have_more, chunks)):
        return {(chunk.port, channel) for chunk in chunks for channel in range(CHANNELS)}
    found = set()
    for chunk in chunks:
        for event in events_of(content, chunk):
            kind, *data = event.message
            if kind >> 4 == 0xB and data[0] in BANK_SELECT and data[1] not in BANK_SELECT[data[0]]:
                found.add((chunk.port, kind & 15))
    return found


def _agreed(
    parts: Sequence[LabelRow], chosen: bool, banked: Collection[TrackChannel], beside: Collection[str]
) -> str | None:
    """The class that the notes of all these parts suggest and none of their names and programs denies.

    ``chosen``: others in the file have other programs than 0; ``banked``: tracks and channels of parts with a bank;
    ``beside``: see :func:`_names_beside_others`.
    """
    labels = {row.label for row in parts if row.status == Status.OK}
    if len(labels) != 1 or UNKNOWN in labels or any(row.status != Status.OK for row in parts):
        return None
    label = labels.pop()
    for row in parts:
        silent = row.program is None or (
            row.program == 0 and is_unnamed(row.name) and chosen and _place(row) not in banked
        )
        programmed = label if silent else class_of_program(row.program or 0)
        if programmed != label or _name_denies(row, beside):
            return None
    return label


def _name_denies(row: LabelRow, beside: Collection[str]) -> bool:
    """Whether the name of a part is none of the class that its notes suggest."""
    return not is_unnamed(name := row.name or '') and (name in beside or denies(name, row.label))


def _names_beside_others(rows: Sequence[LabelRow]) -> set[str]:
    """The names that claim Bass, but not beside the other names of the file: of a singer, or of a double bass."""
    names = names_of_no_instrument([(row.name or '', row.program) for row in rows if not row.drum])
    return {name for name in names if denies(name, 'Guitar') and not denies(name, 'Bass')}


def _remark(row: LabelRow, beside: Collection[str]) -> str:
    """Why a part gets no program for its name; '' where it has one, or nothing suggests one."""
    suggested = row.program is None and row.label != UNKNOWN and row.status == Status.OK
    if not suggested or not _name_denies(row, beside):
        return ''
    return f'no program is added: its name is not that of a {row.label} part'
