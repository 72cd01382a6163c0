"""Sources of music: a MIDI folder with a manifest, or Slakh2100. Both give labelled parts.

What carries no honest label is left out here, and counted by reason:

* a track that stands in for the singer (named melody, vocal, voice, ...): its program is arbitrary;
* a program that no program-change set (MIDI readers then report 0), unless the manifest names the instrument;
* every program of a file in which they are all 0: nobody chose them, unless the manifest says Piano;
* drums, and programs outside the eight classes.
"""

import csv
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import yaml

from export.data.tempo_map import tempo_map
from music21_kdic.classes import CLASS_PROGRAMS, CLASSES, class_of_program
from music21_kdic.errors import KdicError
from music21_kdic.reading.content import read_content
from music21_kdic.reading.midi import parse_midi
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.reading.parts import FilePart

STAND_IN = re.compile(
    r'melod|vocal|voice|singer|karaoke|lyric|chant|gesang|\b(voc|vox|sing|words|voz|voix|voce|canto|stimme)\b', re.I
)

# Those of the manifest, the larger first.
COLLECTIONS = ('pop', 'scores', 'lakh', 'classical', 'orchestra', 'guitar', 'jazz', 'games', 'songs')
NEVER_LEARNT = 'lakh'  # the collection, the source, and the split of all of it: tested on, never learnt from
TESTED_SPLITS = ('test', NEVER_LEARNT)
NO_CLASS = -1  # the label of what is of no class
NO_CLASS_PROGRAM = 'program of no class'
FILES_AT_ONCE = 32  # that a process is handed, where several read


class SourceError(ValueError):
    """A collection that is not laid out as expected."""


@dataclass(frozen=True)
class LabelledPart:
    """A part to learn from or to test on.

    ``tempo_offsets`` (quarter lengths) and ``tempos`` (quarters a minute) are the file's tempo map;
    ``audio`` is the recorded stem where there is one, '' where the part is to be synthesized. ``index`` is the part's
    place among all parts of its file.
    """

    notes: NoteSequence
    label: int
    program: int
    tempo_offsets: np.ndarray
    tempos: np.ndarray
    audio: str = ''
    index: int = 0


@dataclass
class Labelled:
    """What one file gave: its labelled parts, and why the others were left out."""

    parts: list[LabelledPart] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class SourceFile(Protocol):
    """A piece of music that knows its split, and can be read when its turn comes."""

    @property
    def name(self) -> str:
        """Unique in its collection."""

    @property
    def source(self) -> str:
        """Where it comes from."""

    @property
    def group(self) -> str:
        """The near-duplicates it belongs to."""

    @property
    def split(self) -> str:
        """One of export.data.window_table.SPLITS."""

    def read(self) -> Labelled:
        """Read and label its parts."""


@dataclass(frozen=True)
class ManifestFile:
    """A row of the manifest."""

    path: str
    name: str
    source: str
    group: str
    split: str
    fallback_label: str

    def read(self) -> Labelled:
        """Read and label the file; one that cannot be read gives no part and a reason."""
        try:
            parts, tempos = _parts_and_tempos(self.path)
        except KdicError as error:
            return Labelled(left_out=Counter({f'unreadable: {type(error).__name__}': 1}))
        result = Labelled()
        for number, (part, (label, reason)) in enumerate(zip(parts, self.labels_of(parts), strict=True)):
            if label is None:
                result.left_out[reason] += 1
                continue
            program = part.program
            if program is None:  # the manifest names the instrument, not its program: one of the class will sound
                programs = CLASS_PROGRAMS[label]
                program = programs[zlib.crc32(f'{self.name} {number}'.encode()) % len(programs)]
            result.parts.append(LabelledPart(part.notes, CLASSES.index(label), program, *tempos, index=number))
        return result

    def labels_of(self, parts: Sequence[FilePart]) -> list[tuple[str | None, str]]:
        """The class of each part of the file, or None and why."""
        all_zero = not any(part.program for part in parts if not part.is_drum)
        return [self._label_of(part, all_zero) for part in parts]

    def _label_of(self, part: FilePart, all_zero: bool) -> tuple[str | None, str]:
        """The class of a part of the file, or None and why; ``all_zero``: all programs of the file are 0 or not set."""
        if part.is_drum:
            return None, 'drums'
        if STAND_IN.search(part.name):
            return None, 'stands in for the singer'
        if part.program is None:
            if part.track is None:
                return None, 'program not certain'
            return self.fallback_label or None, 'no program set'
        if all_zero and self.fallback_label != 'Piano':
            return None, 'every program of the file is 0'
        return class_of_program(part.program), NO_CLASS_PROGRAM


def _parts_and_tempos(path: str | Path) -> tuple[list[FilePart], tuple[np.ndarray, np.ndarray]]:
    """The parts of a MIDI file, and its tempo map."""
    content = read_content(path)
    return parse_midi(content, path), tempo_map(content, path)


def manifest_files(data: Path, manifest: Path | None, collections: Sequence[str]) -> list[ManifestFile]:
    """The files of the named collections, as the manifest has them.

    Args:
        data: the folder that the manifest's paths begin in.
        manifest: a CSV file; None is ``data/manifest.csv``.
        collections: their names.

    Raises:
        SourceError: where the manifest lacks a column or a collection, or a file of it is not in ``data``.
    """
    manifest = manifest or data / 'manifest.csv'
    with manifest.open(encoding='utf-8', newline='') as stream:
        rows = list(csv.DictReader(stream))
    wanted = {'file', 'collection', 'source', 'group', 'split', 'fallback_label'}
    missing = wanted - set(rows[0] if rows else ())
    if missing:
        raise SourceError(f'{manifest}: no column {", ".join(sorted(missing))}')
    there = {row['collection'] for row in rows}
    unknown = [name for name in collections if name not in there]
    if unknown:
        raise SourceError(f'{manifest}: no collection {unknown[0]}, wanted some of {", ".join(sorted(there))}')
    files = [
        ManifestFile(
            str(data / row['file']), row['file'], row['source'], row['group'], row['split'], row['fallback_label']
        )
        for row in rows
        if row['collection'] in collections
    ]
    # The collection that is never trained on stays apart from the others' test split.
    files = [replace(file, split=NEVER_LEARNT) if file.source == NEVER_LEARNT else file for file in files]
    absent = [f.path for f in files if not Path(f.path).is_file()]
    if absent:
        raise SourceError(f'{absent[0]}: not there, nor are {len(absent) - 1} others of {manifest}')
    return files


SLAKH_SPLITS = {'train': 'train', 'validation': 'val', 'test': 'test'}


@dataclass(frozen=True)
class SlakhTrack:
    """A track folder of Slakh2100 (Manilow et al. 2019): one MIDI file and one recording per stem."""

    path: str
    name: str
    group: str
    split: str
    source: str = 'slakh'

    def read(self) -> Labelled:
        """Read and label the stems by their ``inst_class``; Strings are narrowed to this project's programs."""
        folder = Path(self.path)
        stems = yaml.safe_load((folder / 'metadata.yaml').read_text(encoding='utf-8'))['stems']
        result = Labelled()
        for stem, facts in sorted(stems.items()):
            label = facts['inst_class']
            if label.startswith('Strings'):
                label = class_of_program(facts['program_num'])
            audio = folder / 'stems' / f'{stem}.flac'
            if facts['is_drum']:
                result.left_out['drums'] += 1
            elif label not in CLASSES:
                result.left_out[NO_CLASS_PROGRAM] += 1
            elif not (facts['midi_saved'] and facts['audio_rendered'] and audio.is_file()):
                result.left_out['stem not rendered'] += 1
            else:
                try:
                    parts, tempos = _parts_and_tempos(folder / 'MIDI' / f'{stem}.mid')
                except KdicError as error:
                    result.left_out[f'unreadable: {type(error).__name__}'] += 1
                    continue
                result.parts += [
                    LabelledPart(part.notes, CLASSES.index(label), facts['program_num'], *tempos, str(audio))
                    for part in parts
                    if not part.is_drum
                ]
        return result


def slakh_tracks(folder: Path) -> list[SlakhTrack]:
    """The tracks of Slakh2100-redux: ``train``, ``validation`` and ``test`` folders of ``TrackXXXXX``.

    Only the redux layout is read: the original splits let several tracks of one Lakh file fall on both sides.
    ``omitted``, which redux sets aside for that reason, is passed over. Tracks of one Lakh file (``UUID``)
    share a group.

    Raises:
        SourceError: where none of the three folders is there, or a group lies in two splits.
    """
    tracks = list(_slakh_folders(folder))
    if not tracks:
        raise SourceError(f'{folder}: wanted the folders train, validation and test of Slakh2100-redux')
    split_of: dict[str, str] = {}
    for track in tracks:
        if split_of.setdefault(track.group, track.split) != track.split:
            raise SourceError(
                f'{track.path}: its Lakh file {track.group} is in {split_of[track.group]} too: '
                'wanted the redux split, in which none is in two'
            )
    return tracks


def _slakh_folders(folder: Path) -> Iterator[SlakhTrack]:
    for name, split in SLAKH_SPLITS.items():
        for path in sorted((folder / name).glob('Track*/metadata.yaml')):
            facts = yaml.safe_load(path.read_text(encoding='utf-8'))
            track = path.parent
            yield SlakhTrack(str(track), f'{name}/{track.name}', str(facts.get('UUID') or track.name), split)
