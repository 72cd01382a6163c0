"""Render songs stem by stem, for separation: each part in a soundfont of its own, with its own gain, pan and reverb.

An excerpt of each song is kept as its stems, one a target: drums, each of the eight classes, and all other instruments
together; and the part whose name says that it is the melody, where there is one. Their sum is the mixture of the song;
stems of different songs make others (random mixing: Uhlich et al. 2017). Which class a stem is follows from the
program that sounded, so no label is in doubt. Two soundfonts are never used in training: validation songs are rendered
a second time in one of them, test songs in the other.

    WORK/mixes/train/SONG.npz     stems of a training song; `val`, `test` likewise
    WORK/mixes/strange/SONG.npz   a validation song in a soundfont that training did not use
    WORK/mixes/unheard/SONG.npz   a test song in another one
"""

import zlib
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import symusic
from tqdm import tqdm

from export.arguments import add_collection, add_jobs, add_work
from export.data.files import write_npz
from export.data.render import DRUMS, Synthesizer
from export.data.sources import STAND_IN, ManifestFile, manifest_files
from music21_kdic.classes import class_of_program
from music21_kdic.sound.networks import DRUMS as DRUM_STEM
from music21_kdic.sound.networks import OTHER, TARGETS

RATES = (8192, 16000)  # Hz: the paper's, and the one of its re-implementation with kernels of 4 x 4
SYNTHESIS_RATE = 32000  # Hz, brought down to RATES by soxr: a synthesizer's own low rates alias
SECONDS = 24.0  # of an excerpt: two patches
COLLECTIONS = ('pop', 'classical', 'orchestra', 'scores')
SOUNDFONTS = ('TimGM6mb.sf2', 'FluidR3Mono_GM.sf3', 'MuseScore_General_Lite.sf3')
STRANGE, UNHEARD = 'OPL-3_FM_128M.sf2', 'sf_GMbank.sf2'
SPLITS = ('train', 'val', 'test')
QUIETEST, LOUDEST = -9.0, 3.0  # dB, of a part
MOST_REVERB = 60  # of MIDI's 127
PEAK = 0.9  # of a mixture

Task = tuple[ManifestFile, str, tuple[str, ...]]  # a song, the folder of its stems, the soundfonts


@dataclass(frozen=True)
class Part:
    """A part of an excerpt: notes in seconds from its beginning, and how it is to sound."""

    target: int
    is_lead: bool
    program: int
    begin: np.ndarray
    end: np.ndarray
    pitches: np.ndarray
    velocities: np.ndarray
    gain: float
    pan: int
    reverb: int
    soundfont: str


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``mixes``."""
    add_work(parser)
    add_jobs(parser)
    add_collection(parser, collections=COLLECTIONS)
    parser.add_argument('--songs', type=int, default=1600, help='training songs (default: 1600)')
    parser.add_argument('--test-songs', type=int, default=100, help='of validation, and of the test (default: 100)')


def run(args: Namespace) -> None:
    """Run ``mixes``."""
    files = manifest_files(args.data, args.manifest, args.collections)
    counts = {'train': args.songs, 'val': args.test_songs, 'test': args.test_songs}
    print(f'wrote {mixes(files, args.work, counts, args.jobs)} songs to {args.work}/mixes')


def mixes(files: Sequence[ManifestFile], work: Path, counts: dict[str, int], jobs: int, seed: int = 15) -> int:
    """Write the stems of so many songs of each split, as many of each source as there are; say how many.

    Those that are there already are not rendered again. A song with fewer than two targets is left out.
    """
    chosen = [file for split, count in counts.items() for file in draw_songs(files, split, count, seed)]
    tasks: list[Task] = [(file, file.split, SOUNDFONTS) for file in chosen]
    for split, folder, soundfont in (('val', 'strange', STRANGE), ('test', 'unheard', UNHEARD)):
        tasks += [(file, folder, (soundfont,)) for file in chosen if file.split == split]
    with ProcessPoolExecutor(jobs) as pool:
        done = pool.map(partial(_render_song, work, seed), tasks, chunksize=4)
        return sum(tqdm(done, total=len(tasks), desc='mixes', unit='song'))


def draw_songs(files: Sequence[ManifestFile], split: str, count: int, seed: int) -> list[ManifestFile]:
    """Draw ``count`` songs of a split, one of each group of near-duplicates, in turn from each source."""
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    there = [file for file in files if file.split == split]
    shuffled = [there[i] for i in rng.permutation(len(there))]
    one_of_each = list({file.group: file for file in shuffled}.values())
    by_source = {name: list(group) for name, group in groupby(sorted(one_of_each, key=_source), key=_source)}
    turns = sorted((turn, source) for source, of_source in by_source.items() for turn in range(len(of_source)))
    return [by_source[source][turn] for turn, source in turns[:count]]


def _source(file: ManifestFile) -> str:
    return file.source


def mix_path(work: Path, split: str, name: str) -> Path:
    """Where the stems of a song are."""
    return work / 'mixes' / split / f'{name.replace("/", "-").removesuffix(".mid")}.npz'


def _render_song(work: Path, seed: int, task: Task) -> bool:
    file, split, soundfonts = task
    path = mix_path(work, split, file.name)
    if path.exists():
        return True
    parts = draw_parts(Path(file.path), soundfonts, np.random.default_rng([seed, zlib.crc32(file.name.encode())]))
    if len({part.target for part in parts}) < 2:
        return False
    write_npz(path, render_stems(parts))
    return True


def draw_parts(path: Path, soundfonts: tuple[str, ...], rng: np.random.Generator) -> list[Part]:
    """Draw an excerpt of a MIDI file, and how each of its parts is to sound; no part where it cannot be read.

    The excerpt begins where one of the notes does. Whichever the soundfonts are, the same is drawn beside them.
    """
    try:
        score: Any = symusic.Score(path, ttype='second')
    except RuntimeError:  # symusic's errors share no other base class
        return []
    tracks = [(track, track.notes.numpy()) for track in score.tracks]
    onsets = np.sort(np.concatenate([np.zeros(0), *(notes['time'] for _, notes in tracks)]))
    early = onsets[onsets <= max(0.0, onsets.max(initial=0.0) - SECONDS)]
    begin = float(rng.choice(early)) if early.size else float(onsets.min(initial=0.0))
    parts = []
    for track, notes in tracks:
        gain, pan, reverb, font = (
            rng.uniform(QUIETEST, LOUDEST),
            rng.integers(128),
            rng.integers(MOST_REVERB),
            rng.random(),
        )
        start = notes['time'] - begin
        stop = start + notes['duration']
        inside = (start < SECONDS) & (stop > 0.0) & (stop > start)
        if not inside.any():
            continue
        program = DRUMS if track.is_drum else int(track.program)
        parts.append(
            Part(
                target=target_of(program),
                is_lead=not track.is_drum and bool(STAND_IN.search(track.name)),
                program=program,
                begin=np.maximum(0.0, start[inside]),
                end=np.minimum(SECONDS, stop[inside]),
                pitches=notes['pitch'][inside],
                velocities=np.maximum(1, notes['velocity'][inside]),
                gain=float(10 ** (gain / 20)),
                pan=int(pan),
                reverb=int(reverb),
                soundfont=soundfonts[int(font * len(soundfonts))],
            )
        )
    return parts


def target_of(program: int) -> int:
    """The index into TARGETS of what a program, or DRUMS, sounds like.

    >>> TARGETS[target_of(33)], TARGETS[target_of(DRUMS)], TARGETS[target_of(53)]
    ('Bass', 'Drums', 'Other')
    """
    name = DRUM_STEM if program == DRUMS else class_of_program(program) or OTHER
    return TARGETS.index(name)


def render_stems(parts: Sequence[Part]) -> dict[str, np.ndarray]:
    """Render parts to stems.

    Returns:
        ``targets``, shape (stems,), rising: indices into TARGETS of the stems that sound; for each of RATES, ``8192``
        say, int16 samples, shape (stems, samples), whose sum peaks at PEAK or below; and ``lead``, shape (stems,): the
        rows that hold the lead melody alone. Where a song has one, its target has two rows, and they are to be added.
    """
    rows: dict[tuple[int, bool], np.ndarray] = {}
    for part in parts:
        audio = part.gain * _synthesizer(part.soundfont).play(
            part.program, part.begin, part.end, part.pitches, SECONDS,
            velocities=part.velocities, pan=part.pan, reverb=part.reverb,
        )  # fmt: skip
        key = part.target, part.is_lead
        rows[key] = rows[key] + audio if key in rows else audio
    keys = sorted(rows)
    stems = np.stack([rows[key] for key in keys])
    stems *= PEAK / max(float(np.abs(stems.sum(axis=0)).max()), float(np.abs(stems).max()), 1e-6)
    found = {str(rate): np.stack([soxr.resample(stem, SYNTHESIS_RATE, rate) for stem in stems]) for rate in RATES}
    samples = {name: np.clip(np.round(audio * 32767), -32768, 32767).astype(np.int16) for name, audio in found.items()}
    return {
        'targets': np.array([target for target, _ in keys]),
        'lead': np.array([is_lead for _, is_lead in keys]),
        **samples,
    }


@cache
def _synthesizer(soundfont: str) -> Synthesizer:
    return Synthesizer(soundfont, SYNTHESIS_RATE, reverb=True)
