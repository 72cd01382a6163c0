"""Make windows of noise and of drum tracks, from which a student learns to name no class.

A network that was trained on music alone is as sure of noise as of music. Trained on noise as well, with the class
frequencies as its target, it learns to name no class for other noise too (outlier exposure, Hendrycks et al. 2019).
To learn from:

* random: pitches and onsets drawn at random, from a register of 7 to 88 keys;
* walk: one voice that steps up or down at random, by up to a minor third or up to an octave;
* cluster: all 128 pitches, or two octaves of them and more without a gap, struck together now and then;
* drums: the collection's drum tracks, read as if they were on a melodic channel.

And only to measure by, so that it is known what becomes of noise of other kinds:

* hiss: in every eighth note each pitch of a register sounds or does not, by chance;
* rows: twelve-tone rows in eighth notes, each tone in an octave drawn at random.

They lie in ``WORK/noise.npz``, a :class:`~export.data.window_table.WindowTable` whose labels are NO_CLASS and whose
sources are the kinds. Drum tracks keep their file's split; the others are drawn for each split.
"""

import zlib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import symusic
from tqdm import tqdm

from export.arguments import add_preparation
from export.data.prepare import choose_windows
from export.data.sources import FILES_AT_ONCE, ManifestFile, manifest_files
from export.data.window_table import WindowTable, load_unlabelled, write_unlabelled
from export.recipe import load_recipe
from music21_kdic.errors import KdicError
from music21_kdic.features.evidence import HIGHEST, LOWEST
from music21_kdic.features.windows import Windows, cut_windows
from music21_kdic.reading.content import read_content
from music21_kdic.reading.midi import midi_start, parse_midi
from music21_kdic.reading.notes import DEFAULT_BAR, FloatArray, NoteSequence

WINDOWS_PER_PART = 4
DRUM_TRACKS_PER_FILE = 1


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``noise``."""
    add_preparation(parser)


def run(args: Namespace) -> None:
    """Run ``noise``."""
    files = manifest_files(args.data, args.manifest, args.collections)
    print(f'wrote {write_noise(files, args.work, load_recipe(args.recipe).seed, args.jobs)}')


def _bars(rng: np.random.Generator, most: int = 16) -> FloatArray:
    """The bar lines of 4 bars or more."""
    lines: FloatArray = DEFAULT_BAR * np.arange(rng.integers(4, most + 1) + 1, dtype=np.float64)
    return lines


def random_part(rng: np.random.Generator) -> NoteSequence:
    """Notes without any order: 2 to 24 a bar, from a register of 7 to 88 keys, one at a time or not."""
    bars = _bars(rng)
    width = rng.choice([7, 12, 18, 24, 36, 48, 60, 88])
    lowest = rng.integers(LOWEST, HIGHEST - width + 2)
    onsets = np.sort(rng.uniform(0.0, bars[-1], rng.integers(2, 25) * (bars.size - 1)))
    if rng.random() < 0.5:
        onsets = np.unique(np.round(onsets * 4) / 4)  # sixteenths
    lengths = rng.exponential(rng.choice([0.25, 0.5, 1.0, 2.0]), onsets.size) + 0.125
    ends = onsets + lengths
    if rng.random() < 0.5:
        ends = np.minimum(ends, np.append(onsets[1:], bars[-1] + 1.0))  # one voice
    sounding = ends > onsets
    pitches = rng.integers(lowest, lowest + width, onsets.size)
    return NoteSequence(onsets[sounding], ends[sounding], pitches[sounding], bars)


def cluster_part(rng: np.random.Generator) -> NoteSequence:
    """All pitches, or some 24 to 88 without a gap, struck together one to eight times a bar."""
    bars = _bars(rng, most=8)
    width = rng.choice([24, 36, 48, 60, 88, 128])
    lowest = rng.integers(0, 128 - width + 1)
    step = DEFAULT_BAR / rng.choice([1, 2, 4, 8])
    onsets = np.arange(0.0, bars[-1], step)
    length = step * rng.choice([0.25, 0.5, 1.0])
    pitches = np.tile(np.arange(lowest, lowest + width), onsets.size)
    onsets = np.repeat(onsets, width)
    return NoteSequence(onsets, onsets + length, pitches, bars)


def walk_part(rng: np.random.Generator) -> NoteSequence:
    """One voice on the keyboard, each note up to 3 to 12 semitones above or below the one before, in any rhythm."""
    bars = _bars(rng)
    lengths = rng.choice(rng.choice([0.25, 0.5, 1.0], rng.integers(1, 4)), int(4 * bars[-1]))
    onsets = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    within = onsets < bars[-1]
    onsets, lengths = onsets[within], lengths[within]
    most = rng.integers(3, 13)
    keys = HIGHEST - LOWEST
    steps = np.cumsum(rng.integers(-most, most + 1, onsets.size)) + rng.integers(0, keys + 1)
    pitches = LOWEST + np.abs((steps + keys) % (2 * keys) - keys)  # reflected where the keyboard ends
    return NoteSequence(onsets, onsets + lengths, pitches, bars)


def hiss_part(rng: np.random.Generator) -> NoteSequence:
    """Every eighth note each pitch of a register of 12 to 48 keys sounds with a probability of 0.02 to 0.3."""
    bars = _bars(rng)
    width = rng.choice([12, 24, 48])
    sounding = rng.random((int(2 * bars[-1]), width)) < rng.uniform(0.02, 0.3)
    eighths, pitches = np.nonzero(sounding)
    pitches = pitches + rng.integers(LOWEST, HIGHEST - width + 2)
    return NoteSequence(eighths / 2, eighths / 2 + 0.5, pitches, bars)


def rows_part(rng: np.random.Generator) -> NoteSequence:
    """Twelve-tone rows, one after the other, in eighth notes, over one to three octaves."""
    bars = _bars(rng)
    onsets = np.arange(0.0, bars[-1], 0.5)
    rows = np.concatenate([rng.permutation(12) for _ in range(-(-onsets.size // 12))])[: onsets.size]
    octaves = rng.integers(1, 4)
    lowest = rng.integers(LOWEST, HIGHEST - 12 * octaves + 2)
    pitches = lowest + rows + 12 * rng.integers(0, octaves, onsets.size)
    return NoteSequence(onsets, onsets + 0.5, pitches, bars)


# Of each kind, how to draw a part and how many parts of each split.
DRAWN_KINDS: dict[str, tuple[Callable[[np.random.Generator], NoteSequence], dict[str, int]]] = {
    'random': (random_part, {'train': 4000, 'val': 500, 'test': 500}),
    'walk': (walk_part, {'train': 2000, 'val': 500, 'test': 500}),
    'cluster': (cluster_part, {'train': 750, 'val': 125, 'test': 125}),
    'hiss': (hiss_part, {'test': 500}),
    'rows': (rows_part, {'test': 500}),
}


def drum_parts(path: str | Path) -> list[NoteSequence]:
    """The drum tracks of a MIDI file, each stroke the note that it would be on a melodic channel.

    Raises:
        UnreadableError, NoteError: as :func:`music21_kdic.reading.midi.read_midi`.
    """
    content = read_content(path)
    score: Any = symusic.Score.from_midi(content[max(0, midi_start(content)) :])
    score.tracks = [track for track in score.tracks if track.is_drum]
    for track in score.tracks:
        track.is_drum = False
    return [part.notes for part in parse_midi(score.dumps_midi(), path).parts]


def write_noise(files: list[ManifestFile], work: Path, seed: int, jobs: int) -> Path:
    """Draw the parts and read the drum tracks; write ``WORK/noise.npz``."""
    rows: list[tuple[str, str, str, Windows]] = []
    for kind, (draw, counts) in DRAWN_KINDS.items():
        for split, count in counts.items():
            for number in range(count):
                rng = np.random.default_rng([seed, zlib.crc32(f'{kind} {split}'.encode()), number])
                rows.append((kind, '', split, choose_windows(cut_windows(draw(rng)), WINDOWS_PER_PART, rng)))
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(partial(_drum_windows, seed), files, chunksize=FILES_AT_ONCE)
        for file, parts in zip(files, tqdm(found, total=len(files), desc='noise', unit='file'), strict=True):
            rows += [('drums', '', file.split, windows) for windows in parts]
    path = work / 'noise.npz'
    write_unlabelled(path, [row for row in rows if len(row[-1])])
    return path


def _drum_windows(seed: int, file: ManifestFile) -> list[Windows]:
    rng = np.random.default_rng([seed, zlib.crc32(file.name.encode())])
    try:
        parts = drum_parts(file.path)[:DRUM_TRACKS_PER_FILE]
        return [choose_windows(cut_windows(notes), WINDOWS_PER_PART, rng) for notes in parts]
    except (KdicError, RuntimeError):  # RuntimeError: symusic's, for a file that `prepare` counts as unreadable
        return []


def load_noise(work: Path) -> WindowTable:
    """Read what :func:`write_noise` wrote."""
    return load_unlabelled(work / 'noise.npz', 'noise')
