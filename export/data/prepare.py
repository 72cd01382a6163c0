"""Cut the notes of MIDI files or of Slakh2100 into labelled windows, in shards."""

import zlib
from argparse import ArgumentParser, Namespace
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from export.arguments import add_preparation
from export.data.files import check_plan, read_json, write_json, write_npz
from export.data.sources import LabelledPart, SourceFile, manifest_files, slakh_tracks
from export.data.window_table import SPLITS
from export.recipe import load_recipe
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import PLANES, WindowGrid, Windows, cut_windows, piano_roll

FILES_PER_SHARD = 128
# Two windows that are equal on this grid are one window to every student.
FINE_GRID = WindowGrid(columns=64, planes=PLANES)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``prepare``."""
    add_preparation(parser, required=False)
    parser.add_argument('--slakh', type=Path, help='folder of Slakh2100-redux')


def run(args: Namespace) -> None:
    """Run ``prepare``."""
    files: list[SourceFile] = []
    if args.slakh:
        files += slakh_tracks(args.slakh)
    if args.data:
        files += manifest_files(args.data, args.manifest, args.collections)
    if not files:
        raise ValueError('nothing to read; give --data FOLDER, --slakh FOLDER or both')
    recipe = load_recipe(args.recipe)
    counts = prepare(files, args.work, recipe.windows_per_part, recipe.seed, args.jobs)
    for reason, count in sorted(counts.items()):
        print(f'{count:9,}  {reason}')
    print(f'wrote {args.work}/shards')


def prepare(files: list[SourceFile], work: Path, windows_per_part: int, seed: int, jobs: int) -> dict[str, int]:
    """Write one shard per FILES_PER_SHARD files; shards that are there already are kept.

    Returns:
        How many windows, parts and left-out tracks there are, by reason.
    """
    order = np.random.default_rng(seed).permutation(len(files))
    batches = [
        [files[i] for i in order[start : start + FILES_PER_SHARD]] for start in range(0, len(order), FILES_PER_SHARD)
    ]
    plan = {
        'files': len(files),
        'names': zlib.crc32('\n'.join(file.name for file in files).encode()),
        'windows_per_part': windows_per_part,
        'seed': seed,
    }
    check_plan(work / 'shards' / 'plan.json', plan)
    todo = [(number, batch) for number, batch in enumerate(batches) if not (work / f'shards/{number:04}.json').exists()]
    write = partial(_write_shard, work, windows_per_part, seed)
    with ProcessPoolExecutor(jobs) as pool:
        for _ in tqdm(pool.map(write, todo), total=len(todo), desc='prepare', unit='shard'):
            pass
    counts: Counter[str] = Counter()
    for number in range(len(batches)):
        counts.update(read_json(work / f'shards/{number:04}.json'))
    return dict(counts)


def _write_shard(work: Path, windows_per_part: int, seed: int, job: tuple[int, list[SourceFile]]) -> None:
    number, files = job
    counts: Counter[str] = Counter()
    rows: list[tuple[SourceFile, LabelledPart, Windows]] = []
    for file in files:
        labelled = file.read()
        counts.update({f'left out: {reason}': n for reason, n in labelled.left_out.items()})
        rng = np.random.default_rng([seed, zlib.crc32(file.name.encode())])
        for part in labelled.parts:
            windows = choose_windows(cut_windows(part.notes), windows_per_part, rng)
            if len(windows):
                rows.append((file, part, windows))
                counts[f'parts: {CLASSES[part.label]}'] += 1
                counts[f'windows: {CLASSES[part.label]}'] += len(windows)
    write_npz(work / f'shards/{number:04}.npz', _shard_arrays(rows))
    write_json(work / f'shards/{number:04}.json', dict(counts))


def choose_windows(windows: Windows, most: int, rng: np.random.Generator) -> Windows:
    """At most ``most`` windows of a part, drawn at random, no two of them alike, in their order."""
    if not len(windows):
        return windows
    if most == 1:
        return windows.select(rng.integers(len(windows), size=1))
    rolls = np.packbits(piano_roll(windows, FINE_GRID), axis=None).reshape(len(windows), -1)
    _, distinct = np.unique(rolls, axis=0, return_index=True)
    return windows.select(np.sort(rng.permutation(distinct)[:most]))


def _shard_arrays(rows: list[tuple[SourceFile, LabelledPart, Windows]]) -> dict[str, np.ndarray]:
    sizes = np.array([len(windows) for _, _, windows in rows], dtype=np.int64)
    before = np.cumsum(sizes) - sizes
    seconds = [_seconds(part, windows) for _, part, windows in rows]

    def joined(name: str, width: int | None = None) -> np.ndarray:
        empty = np.zeros((0,) if width is None else (0, width))
        return np.concatenate([empty, *(getattr(windows, name) for _, _, windows in rows)])

    return {
        'starts': joined('starts'),
        'ends': joined('ends'),
        'bars': joined('bars', 2).astype(np.int64),
        'window': np.concatenate(
            [np.zeros(0, np.int64), *(w.window + start for (_, _, w), start in zip(rows, before, strict=True))]
        ),
        'onsets': joined('onsets'),
        'ends_in_window': joined('ends_in_window'),
        'pitches': joined('pitches').astype(np.int64),
        'part': np.repeat(np.arange(len(rows)), sizes),
        'begin_second': np.concatenate([np.zeros(0), *(s[0] for s in seconds)]),
        'seconds': np.concatenate([np.zeros(0), *(s[1] for s in seconds)]),
        'part_label': np.array([part.label for _, part, _ in rows], dtype=np.int64),
        'part_program': np.array([part.program for _, part, _ in rows], dtype=np.int64),
        'part_file': np.array([file.name for file, _, _ in rows], dtype=np.str_),
        'part_index': np.array([part.index for _, part, _ in rows], dtype=np.int64),
        'part_audio': np.array([part.audio for _, part, _ in rows], dtype=np.str_),
        'part_split': np.array([SPLITS.index(file.split) for file, _, _ in rows], dtype=np.int64),
        'part_source': np.array([file.source for file, _, _ in rows], dtype=np.str_),
        'part_group': np.array([file.group for file, _, _ in rows], dtype=np.str_),
    }


def _seconds(part: LabelledPart, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """When each window begins and how long it lasts, in seconds, by the file's tempo map."""
    marks = np.concatenate([[0.0], np.cumsum(np.diff(part.tempo_offsets) * 60.0 / part.tempos[:-1])])

    def at(offsets: np.ndarray) -> np.ndarray:
        row = np.searchsorted(part.tempo_offsets, offsets, side='right') - 1
        seconds: np.ndarray = marks[row] + (offsets - part.tempo_offsets[row]) * 60.0 / part.tempos[row]
        return seconds

    begin = at(windows.starts)
    return begin, at(windows.ends) - begin
