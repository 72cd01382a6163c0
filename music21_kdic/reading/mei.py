"""MEI, which verovio reads (the extra ``mei``): music21 drops what endings, tremolos and editorial markup hold.

verovio (Pugin et al. 2014) plays a score as MIDI, which :mod:`music21_kdic.reading.midi` reads; it tells beside where
measures begin and what they are called. What does not sound, or not in the version that is read, is taken out before:
grace notes, cues, slashes, ossias, deletions, and all but one of the versions of an apparatus or a choice; so is the
spread of an arpeggio. Copies and repeats, which verovio passes over, are written out (:mod:`.mei_copies`).
"""

import base64
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.general_midi import DRUM_CHANNEL
from music21_kdic.reading.instruments import MOST_STAVES
from music21_kdic.reading.mei_copies import NAMESPACE, write_copies_out, write_repeats_out, write_rests_out
from music21_kdic.reading.midi import parse_midi
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.reading.parts import FilePart

# Of the versions of a place the one that is read, else the first.
_VERSIONS = {'app': ('lem',), 'choice': ('corr', 'reg', 'expan'), 'subst': ('add',)}
_SILENT = ('graceGrp', 'oStaff', 'oLayer', 'del', 'arpeg')
_DRUM_CHANNEL = str(DRUM_CHANNEL + 1)
_TREMOLO = f'{NAMESPACE}bTrem'  # one note is written, as in MusicXML
_TICKS = 120  # of a quarter note, as verovio writes MIDI; each note ends one tick early there


def read_mei(text: str) -> list[FilePart]:
    """Read an MEI document: a part for each staff of each ``mdiv``; each of those is a piece.

    Raises:
        UnreadableError: where verovio is not installed, cannot read it, or does not read all its notes.
        NoteError: where it holds more than is read.
    """
    if importlib.util.find_spec('verovio') is None:
        raise UnreadableError('MEI needs verovio, pip install "music21-kdic[mei]"')
    ElementTree.register_namespace('', NAMESPACE.strip('{}'))
    document = ElementTree.fromstring(text)
    write_copies_out(document)
    _keep_one_version(document)
    _silence(document)
    write_rests_out(document)
    write_repeats_out(document)
    _spread_transpositions(document)
    parts: list[FilePart] = []
    movements = [
        (body, mdiv) for body in document.iter(f'{NAMESPACE}body') for mdiv in body.findall(f'{NAMESPACE}mdiv')
    ]
    for piece, (body, mdiv) in enumerate(movements):
        body[:] = [mdiv]  # verovio would lay one over the other
        movement = _movement(_by_verovio(ElementTree.tostring(document)), mdiv, len(parts))
        parts += [replace(part, piece=piece) for part in movement]
    return parts


def _by_verovio(document: bytes) -> dict[str, Any]:
    """What :mod:`music21_kdic.reading.verovio_process` reads of a document."""
    command = [sys.executable, '-P', '-m', 'music21_kdic.reading.verovio_process']
    ended = subprocess.run(command, input=document, capture_output=True, check=False)
    if ended.returncode:
        said = ended.stderr.decode(errors='replace').strip().rpartition('\n')[2]
        raise UnreadableError(f'verovio ends with status {ended.returncode} ({said})')
    read: dict[str, Any] | None = json.loads(ended.stdout)
    if read is None:
        raise UnreadableError('verovio cannot read it')
    return read


def _movement(read: dict[str, Any], mdiv: Element, before: int) -> Iterator[FilePart]:
    """The parts of what verovio has read, numbered on from those before."""
    written = sum(1 for _ in mdiv.iter(f'{NAMESPACE}note'))
    if read['notes'] != written:
        raise UnreadableError(f'verovio reads {read["notes"]} of {written} notes')
    if not written:
        return
    midi = parse_midi(base64.b64decode(read['midi']), 'as MIDI', switches=False)
    staves = _staves(mdiv)
    _check_pitches(mdiv, {number for number, (_, is_drum, _) in staves.items() if is_drum})
    if not midi:
        raise UnreadableError(f'verovio sounds none of {written} notes')
    number_of_group: dict[Any, int] = {}
    for number, part in enumerate(midi, start=before):
        name, is_drum, group = staves.get(str(part.track), ('', False, part.track))
        yield replace(
            part,
            notes=_measured(part.notes, read['measures'], is_drum or part.is_drum),
            name=name,
            track=number,
            channel=None,
            is_drum=is_drum or part.is_drum,
            instrument=number_of_group.setdefault(group, number),
        )


def _measured(notes: NoteSequence, measures: list[tuple[float, str]], is_drum: bool) -> NoteSequence:
    """The notes as long as they are written, in the measures of the score; of drums their number."""
    ends = notes.ends + 1 / _TICKS
    starts = {float(at): str(number) for at, number in reversed(measures)}
    bars, numbers = notes.bars, notes.measure_numbers
    if starts:
        at = sorted(starts)
        last = max(at[-1] + float(np.diff(bars)[-1]), float(ends.max(initial=0)))
        bars, numbers = np.array([*at, last]), tuple(starts[each] for each in at)
    kept = np.zeros(len(notes), dtype=bool) if is_drum else np.ones(len(notes), dtype=bool)
    return NoteSequence(
        onsets=notes.onsets[kept],
        ends=ends[kept],
        pitches=notes.pitches[kept],
        bars=bars,
        measure_numbers=numbers,
        unpitched=notes.unpitched + int((~kept).sum()),
    )


def _spread_transpositions(document: Element) -> None:
    """Give the transposition of a score to its staves; refuse a change of it, which verovio passes over."""
    for mdiv in document.iter(f'{NAMESPACE}mdiv'):
        found: dict[str, str] = {}
        for each in mdiv.iter():
            semitones = each.get('trans.semi')
            if each.tag == f'{NAMESPACE}scoreDef' and semitones is not None:
                staves = list(each.iter(f'{NAMESPACE}staffDef'))
                if not staves and set(found.values()) - {semitones}:
                    raise UnreadableError('the score changes its transposition, which verovio does not follow')
                for staff in staves:
                    staff.attrib.setdefault('trans.semi', semitones)
            elif each.tag == f'{NAMESPACE}staffDef':
                number = each.get('n', '')
                semitones = semitones or found.get(number, '0')
                if found.setdefault(number, semitones) != semitones:
                    raise UnreadableError(f'staff {number} changes its transposition, which verovio does not follow')


def _check_pitches(mdiv: Element, of_drums: set[str]) -> None:
    """Refuse notes without a pitch, which verovio would sound at pitch 0."""
    for staff in mdiv.iter(f'{NAMESPACE}staff'):
        number = staff.get('n', '')
        for note in staff.iter(f'{NAMESPACE}note') if number not in of_drums else ():
            if not any(note.get(key) for key in ('pname', 'pname.ges', 'pnum', 'tab.fret')):
                raise UnreadableError(f'a note without a pitch on staff {number}')


def _keep_one_version(element: Element) -> None:
    for place in element.iter():
        wanted = _VERSIONS.get(place.tag.removeprefix(NAMESPACE)) if isinstance(place.tag, str) else None
        if wanted is not None and len(place):
            place[:] = [next((each for each in place if each.tag.removeprefix(NAMESPACE) in wanted), place[0])]


def _silence(parent: Element) -> None:
    """Take out what does not sound; a space stands where it takes time."""
    stack = [parent]
    while stack:
        parent = stack.pop()
        for i, element in reversed(list(enumerate(parent))):
            tag = element.tag.removeprefix(NAMESPACE) if isinstance(element.tag, str) else ''
            if tag in ('restore', 'ossia'):  # what a hand took back, and the staff beside another reading
                inside = f'{NAMESPACE}del' if tag == 'restore' else parent.tag
                parent[i : i + 1] = [each for inner in element for each in (inner if inner.tag == inside else (inner,))]
                stack.append(parent)
            elif tag in _SILENT or (tag in ('note', 'chord') and element.get('grace')):
                del parent[i]
            elif tag == 'layer' and element.get('cue') == 'true':
                element[:] = [Element(f'{NAMESPACE}mRest')]
            elif tag == 'mSpace':  # verovio would leave out a measure that holds nothing else
                element.tag = f'{NAMESPACE}mRest'
            elif tag in ('note', 'chord') and (element.get('cue') == 'true' or element.get('head.shape') == 'slash'):
                time = {key: value for key, value in element.items() if key in ('dur', 'dots')}
                parent[i] = Element(f'{NAMESPACE}space', time)
                if parent.tag == f'{NAMESPACE}chord':
                    del parent[i]
            elif element.tag == _TREMOLO and len(element) == 1:
                parent[i] = element[0]
                stack.append(parent)
            else:
                stack.append(element)


def _staves(mdiv: Element) -> dict[str, tuple[str, bool, Any]]:
    """For the number of each staff: its name, whether it is for percussion, and what its instrument's staves share."""
    found: dict[str, tuple[str, bool, Any]] = {}
    groups: list[tuple[Element, str, Any]] = [(each, '', None) for each in mdiv.iter(f'{NAMESPACE}scoreDef')][::-1]
    while groups:
        group, name, together = groups.pop()
        for each in reversed(group.findall(f'{NAMESPACE}staffGrp')):
            staves = each.findall(f'{NAMESPACE}staffDef')
            called = _label(each)
            symbol = each.find(f'{NAMESPACE}grpSym')
            brace = 'brace' in (each.get('symbol'), None if symbol is None else symbol.get('symbol'))
            own_names = any(_label(staff) for staff in staves)
            one = brace and 1 < len(staves) <= MOST_STAVES and (bool(called) or not own_names)
            groups.append((each, called or name, id(each) if one else None))
        for staff in group.findall(f'{NAMESPACE}staffDef'):
            number = staff.get('n', '')
            clef = staff.find(f'{NAMESPACE}clef')
            player = staff.find(f'{NAMESPACE}instrDef')
            is_drum = 'perc' in (staff.get('clef.shape'), None if clef is None else clef.get('shape'))
            is_drum = is_drum or (player is not None and player.get('midi.channel') == _DRUM_CHANNEL)
            found.setdefault(number, (_label(staff) or name, is_drum, together or number))
    return found


def _label(element: Element) -> str:
    label = element.find(f'{NAMESPACE}label')
    return ' '.join((element.get('label') or ('' if label is None else ''.join(label.itertext()))).split())
