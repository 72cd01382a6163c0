"""Which Parts of a music21 Score are one instrument's staves, and what Parts are called."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from music21 import instrument, layout, stream
from music21.humdrum.spineParser import MiscTandem

from music21_kdic.reading.around import origins
from music21_kdic.reading.instruments import MOST_STAVES, TWO_HANDS, by_name, is_keyboard_or_harp
from music21_kdic.reading.nested import AnyStream, inside
from music21_kdic.reading.pieces import Placed, placed_pieces
from music21_kdic.reading.streams import measure_number


def instruments_of(s: AnyStream, parts: Sequence[AnyStream]) -> list[int]:
    """Number the instruments of a Score: Parts that are staves of one instrument share a number, that of the first.

    So do the PartStaffs that a StaffGroup holds together, or Parts of one program that two hands play; two
    PartStaffs side by side of one name and program in no StaffGroup; two spines side by side (Humdrum has one a staff)
    of one such program, or of one name that is a keyboard's or a harp's where none has a program; and Parts whose names
    tell left and right and nothing else apart. A StaffGroup counts for what was made of its Parts, too, as
    ``score.measures(1, 8)`` is, where the whole Score has them joined.

    >>> from music21 import stream
    >>> right, left, flute = stream.PartStaff(), stream.PartStaff(), stream.Part()
    >>> score = stream.Score([right, left, flute, layout.StaffGroup([right, left], symbol='brace')])
    >>> instruments_of(score, [right, left, flute])
    [0, 0, 2]
    """
    numbers = list(range(len(parts)))
    if len(parts) < 2:
        return numbers
    facts = [name_and_program(part) for part in parts]
    place = _places(parts)
    joined: set[int] = set()
    for staves in _staves_around(s, parts):
        here = sorted({place[id(staff)] for staff in staves if id(staff) in place})
        if not joined & set(here):
            joined |= set(here)  # a staff whose others were left out goes with no other instrument's
            for i in here:
                numbers[i] = here[0]
    for i in range(1, len(parts)):
        side_by_side = parts[i - 1 : i + 1]
        hands = not {i - 1, i} & joined and all(isinstance(each, stream.PartStaff) for each in side_by_side)
        name, program = facts[i]
        keys = program in TWO_HANDS or (program is None and is_keyboard_or_harp(name))
        spines = keys and all(_is_spine_id(part.id) for part in side_by_side)
        if facts[i - 1] == facts[i] and (hands or spines):
            alone = numbers[i - 1] == i - 1 and numbers[i] == i and i not in numbers[i + 1 :]
            numbers[i] = i - 1 if alone else numbers[i]
    return by_name(facts, numbers)


def parts_with_instruments(s: AnyStream) -> Iterator[tuple[int, Placed, int]]:
    """Of each part of a stream: the number of its piece, where it stands there, the number of its instrument.

    Instruments are numbered over all pieces; staves of one share their number.
    """
    before = 0  # parts of the pieces before
    for number, piece in enumerate(placed_pieces(s)):
        instruments = instruments_of(s, [placed.part for placed in piece])
        for placed, instrument_there in zip(piece, instruments, strict=True):
            yield number, placed, before + instrument_there
        before += len(piece)


def _places(parts: Sequence[AnyStream]) -> dict[int, int]:
    """The number of each part by its id, and by that of what it alone was made from."""
    made: defaultdict[int, set[int]] = defaultdict(set)
    for i, part in enumerate(parts):
        for origin in origins(part):
            made[id(origin)].add(i)
    alone = {origin: i for origin, of_one in made.items() if len(of_one) == 1 for i in of_one}
    return alone | {id(part): i for i, part in enumerate(parts)}


def _staves_around(s: AnyStream, parts: Sequence[AnyStream]) -> Iterator[list[AnyStream]]:
    """The staves of each instrument in a brace of a Score, then in those that its parts were taken from."""
    groups, _, sites = _in_score(s)
    yield from _braced(groups, parts)
    seen = set(map(id, sites))
    for part in parts:
        for made in (part, *origins(part)):
            for group in made.getSpannerSites(['StaffGroup']):
                for whole in group.sites.yieldSites(excludeNone=True):
                    if isinstance(whole, stream.Score | stream.Opus) and id(whole) not in seen:
                        seen.add(id(whole))
                        groups, standing, _ = _in_score(whole)
                        yield from _braced(groups, standing)


def _braced(groups: Sequence[layout.StaffGroup], parts: Sequence[AnyStream]) -> Iterator[list[AnyStream]]:
    """Of the parts of a Score, those in each brace of a few staves of one instrument."""
    place = {id(part): i for i, part in enumerate(parts)}
    found = [sorted({place[id(each)] for each in group.getSpannedElements() if id(each) in place}) for group in groups]
    joined: set[int] = set()
    for numbers in sorted((each for each in found if 1 < len(each) <= MOST_STAVES), key=len):
        staves = [parts[i] for i in numbers]
        programs = {name_and_program(staff)[1] for staff in staves}
        are_staves = all(isinstance(staff, stream.PartStaff) for staff in staves)
        if not joined & set(numbers) and (are_staves or (len(programs) == 1 and programs <= TWO_HANDS)):
            joined |= set(numbers)
            yield staves


def _in_score(s: AnyStream) -> tuple[list[layout.StaffGroup], list[AnyStream], list[AnyStream]]:
    """The groups that may be braces in a Score and the Scores inside, the Parts there, and these Scores themselves."""
    groups: list[layout.StaffGroup] = []
    parts: list[AnyStream] = []
    scores, seen = [s], {id(s)}
    for site in scores:
        for element in site.elements if isinstance(site, stream.Score | stream.Opus) else ():
            if isinstance(element, stream.Score | stream.Opus) and id(element) not in seen:
                seen.add(id(element))
                scores.append(element)
            elif isinstance(element, stream.Part):
                parts.append(element)
            elif isinstance(element, layout.StaffGroup) and element.symbol not in ('bracket', 'square', 'line'):
                groups.append(element)
    return groups, parts, scores


def name_and_program(part: AnyStream) -> tuple[str, int | None]:
    """What a part is called, and the program of its first Instrument."""
    name, player = '', None
    if isinstance(part, stream.Part):
        name = str(_called(part) or '')
    with suppress(Exception):  # what music21 cannot read is told where the notes are read
        player = first_instrument(part)
    if player is None:
        return name, None
    return name or str(player.partName or ''), player.midiProgram if isinstance(player.midiProgram, int) else None


def first_instrument(part: AnyStream) -> instrument.Instrument | None:
    """The first Instrument of a part, in time."""
    # Not part.getInstrument(), which would make the part the instrument's active site.
    first: tuple[float, instrument.Instrument] | None = None
    for offset, element, _ in inside(part):
        if isinstance(element, instrument.Instrument) and (first is None or offset < first[0]):
            first = offset, element
            if offset <= 0:  # where most stand; none is earlier
                break
    return None if first is None else first[1]


def part_name(s: AnyStream) -> str:
    """The part's name, else the id somebody gave it (music21's own are numbers, or number spines), else what it is."""
    name = None
    if isinstance(s, stream.Measure):
        name = f'Measure {measure_number(s)}'
    elif isinstance(s, stream.Part):
        name = _called(s)
    given = not (str(s.id).isdigit() or _is_spine_id(s.id))
    return str(name or (s.id if given else type(s).__name__))


def name_in_file(part: AnyStream) -> str:
    """What a file calls a part, else the smallest group with a name that holds it; '' where nothing does.

    The ids of what was parsed say nothing: music21 makes them up.
    """
    name = _called(part) if isinstance(part, stream.Part) else None
    if name:
        return str(name)
    groups = (group for group in part.getSpannerSites(['StaffGroup']) if isinstance(group, layout.StaffGroup))
    named = [(len(group), group.name) for group in groups if group.name]
    return min(named)[1] if named else ''


def _called(part: stream.Part) -> Any:
    """The partName of a Part: one that was given to it, else its name in Humdrum, else what the first Instrument with a
    name is called.

    ``part.partName`` says the same, but keeps what the instruments are called, whatever they are called later.
    """
    frame = stream.Part()
    frame.mergeAttributes(part)  # of which the given name is one
    if frame.partName is not None:
        return frame.partName
    # music21 keeps what it does not know of a spine as it is written, without *I.
    tandems = (each.tandem for each in part.elements if isinstance(each, MiscTandem))
    spelled = next((tandem.removeprefix('"').strip() for tandem in tandems if tandem.startswith('"')), '')
    if spelled:
        return spelled
    players = (element for _, element, _ in inside(part) if isinstance(element, instrument.Instrument))
    names = (each.instrumentName if each.partName is None else each.partName for each in players)
    with suppress(Exception):  # what music21 cannot read is told where the notes are read
        return next((name for name in names if name is not None), None)
    return None


def _is_spine_id(given: Any) -> bool:
    """Whether an id is that which music21 gives to a spine of Humdrum."""
    return re.fullmatch(r'spine_\d+', str(given)) is not None
