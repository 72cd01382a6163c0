"""MEI, which verovio reads (the extra ``mei``): music21 drops what endings, tremolos and editorial markup hold.

verovio (Pugin et al. 2014) plays a score as MIDI, which :mod:`music21_kdic.reading.midi` reads; it tells beside where
measures begin and what they are called. What does not sound, or not in the version that is read, is taken out before:
grace notes, cues, ossias, deletions, and all but one of the versions of an apparatus or a choice.
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
from music21_kdic.reading.midi import FilePart, parse_midi
from music21_kdic.reading.notes import NoteSequence

_MEI = '{http://www.music-encoding.org/ns/mei}'
# Of the versions of a place the one that is read, else the first.
_VERSIONS = {'app': ('lem',), 'choice': ('corr', 'reg', 'expan'), 'subst': ('add',)}
_SILENT = ('graceGrp', 'ossia', 'del')
_TREMOLO = f'{_MEI}bTrem'  # one note is written, as in MusicXML
_TICKS = 120  # of a quarter note, as verovio writes MIDI; each note ends one tick early there
_MOST_STAVES = 4  # of one instrument


def read_mei(text: str) -> list[FilePart]:
    """Read an MEI document: a part for each staff of each of its ``mdiv``.

    Raises:
        UnreadableError: where verovio is not installed, cannot read it, or does not read all its notes.
        NoteError: where it holds more than is read.
    """
    if importlib.util.find_spec('verovio') is None:
        raise UnreadableError('MEI needs verovio, pip install "music21-kdic[mei]"')
    ElementTree.register_namespace('', _MEI.strip('{}'))
    document = ElementTree.fromstring(text)
    _keep_one_version(document)
    _silence(document)
    parts: list[FilePart] = []
    for body in document.iter(f'{_MEI}body'):
        for mdiv in body.findall(f'{_MEI}mdiv'):
            body[:] = [mdiv]  # verovio would lay one over the other
            parts += _movement(_by_verovio(ElementTree.tostring(document)), mdiv, len(parts))
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
    written = sum(1 for _ in mdiv.iter(f'{_MEI}note'))
    if read['notes'] != written:
        raise UnreadableError(f'verovio reads {read["notes"]} of {written} notes')
    if not written:
        return
    midi = parse_midi(base64.b64decode(read['midi']), 'as MIDI').parts
    staves = _staves(mdiv)
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


def _keep_one_version(element: Element) -> None:
    for place in element.iter():
        wanted = _VERSIONS.get(place.tag.removeprefix(_MEI)) if isinstance(place.tag, str) else None
        if wanted is not None and len(place):
            place[:] = [next((each for each in place if each.tag.removeprefix(_MEI) in wanted), place[0])]


def _silence(parent: Element) -> None:
    """Take out what does not sound; a space stands where it takes time."""
    stack = [parent]
    while stack:
        parent = stack.pop()
        for i, element in reversed(list(enumerate(parent))):
            tag = element.tag.removeprefix(_MEI) if isinstance(element.tag, str) else ''
            if tag in _SILENT or (tag in ('note', 'chord') and element.get('grace')):
                del parent[i]
            elif element.get('cue') == 'true' and tag in ('note', 'chord'):
                time = {key: value for key, value in element.items() if key in ('dur', 'dots')}
                parent[i] = Element(f'{_MEI}space', time)
                if parent.tag == f'{_MEI}chord':
                    del parent[i]
            elif element.tag == _TREMOLO and len(element) == 1:
                parent[i] = element[0]
                stack.append(parent)
            else:
                stack.append(element)


def _staves(mdiv: Element) -> dict[str, tuple[str, bool, Any]]:
    """For the number of each staff: its name, whether it is for percussion, and what its instrument's staves share."""
    found: dict[str, tuple[str, bool, Any]] = {}
    groups: list[tuple[Element, str, Any]] = [(each, '', None) for each in mdiv.iter(f'{_MEI}scoreDef')][::-1]
    while groups:
        group, name, together = groups.pop()
        for each in reversed(group.findall(f'{_MEI}staffGrp')):
            staves = each.findall(f'{_MEI}staffDef')
            called = _label(each)
            symbol = each.find(f'{_MEI}grpSym')
            brace = 'brace' in (each.get('symbol'), None if symbol is None else symbol.get('symbol'))
            own_names = any(_label(staff) for staff in staves)
            one = brace and 1 < len(staves) <= _MOST_STAVES and (bool(called) or not own_names)
            groups.append((each, called or name, id(each) if one else None))
        for staff in group.findall(f'{_MEI}staffDef'):
            number = staff.get('n', '')
            clef = staff.find(f'{_MEI}clef')
            is_drum = 'perc' in (staff.get('clef.shape'), None if clef is None else clef.get('shape'))
            found.setdefault(number, (_label(staff) or name, is_drum, together or number))
    return found


def _label(element: Element) -> str:
    label = element.find(f'{_MEI}label')
    return ' '.join((element.get('label') or ('' if label is None else ''.join(label.itertext()))).split())
