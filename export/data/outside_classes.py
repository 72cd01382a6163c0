"""Read parts of instruments outside the eight classes, only to measure what is answered to them.

They are music, and a tuned bell may well play what a piano could: less can be told than of noise. Nothing is learnt
from them. The collections' own tracks are read as the labelled ones are (:mod:`export.data.sources`: no stand-ins for
the singer, a program that is certain), and grouped by General MIDI's sections. They lie in
``WORK/outside_classes.npz``, a :class:`~export.data.window_table.WindowTable` whose labels are NO_CLASS and whose
sources are the groups.
"""

import zlib
from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from export.arguments import add_preparation
from export.data.prepare import choose_windows
from export.data.sources import FILES_AT_ONCE, ManifestFile, manifest_files
from export.data.window_table import WindowTable, load_unlabelled, write_unlabelled
from export.recipe import load_recipe
from music21_kdic.features.windows import Windows, cut_windows

# General MIDI programs, counted from 0. Timpani (47) and sound effects (120-127) are in none.
GROUPS = {
    'mallets': range(8, 16),
    'voices': range(52, 56),  # with the orchestra hit
    'synth lead': range(80, 88),
    'synth pad': range(88, 96),
    'synth effects': range(96, 104),
    'ethnic': range(104, 112),
    'percussive': range(112, 120),
}
TESTED = ('test', 'lakh')


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``outside-classes``."""
    add_preparation(parser)


def run(args: Namespace) -> None:
    """Run ``outside-classes``."""
    files = manifest_files(args.data, args.manifest, args.collections)
    recipe = load_recipe(args.recipe)
    print(f'wrote {write_outside_classes(files, args.work, recipe.windows_per_part, recipe.seed, args.jobs)}')


def group_of(program: int) -> str | None:
    """The group of a General MIDI program (0-127), None where it has none.

    >>> group_of(12), group_of(0), group_of(81)
    ('mallets', None, 'synth lead')
    """
    return next((name for name, programs in GROUPS.items() if program in programs), None)


def write_outside_classes(files: list[ManifestFile], work: Path, windows_per_part: int, seed: int, jobs: int) -> Path:
    """Read the parts of the files that are tested on; write ``WORK/outside_classes.npz``."""
    tested = [file for file in files if file.split in TESTED]
    rows: list[tuple[str, str, str, Windows]] = []
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(partial(_windows_of, windows_per_part, seed), tested, chunksize=FILES_AT_ONCE)
        bar = tqdm(found, total=len(tested), desc='outside classes', unit='file')
        for file, parts in zip(tested, bar, strict=True):
            rows += [(group, file.group, file.split, windows) for group, windows in parts]
    path = work / 'outside_classes.npz'
    write_unlabelled(path, rows)
    return path


def _windows_of(windows_per_part: int, seed: int, file: ManifestFile) -> list[tuple[str, Windows]]:
    rng = np.random.default_rng([seed, zlib.crc32(file.name.encode())])
    grouped = [(group_of(part.program), part.notes) for part in file.read().outside_classes]
    chosen = [
        (group, choose_windows(cut_windows(notes), windows_per_part, rng))
        for group, notes in grouped
        if group is not None
    ]
    return [(group, windows) for group, windows in chosen if len(windows)]


def load_outside_classes(work: Path) -> WindowTable:
    """Read what :func:`write_outside_classes` wrote."""
    return load_unlabelled(work / 'outside_classes.npz', 'outside-classes')
