"""Windows rendered on programs and in soundfonts that a study chooses.

They lie in a working folder of their own (``shards`` and ``mel``, as :mod:`export.data.window_table` has them) in
which each rendering of a window is a window, so that :mod:`export.data.render` renders it and can be stopped and
started again.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.data.files import check_plan, write_npz
from export.data.render import Shard, render
from export.data.window_table import shard_paths
from music21_kdic.features.windows import Windows


@dataclass(frozen=True)
class Renderings:
    """What is to be rendered, shapes (renderings,).

    Attributes:
        window: rows of the window table, rising; a window may be rendered several times.
        program: the General MIDI program of each rendering, 0 to 127.
        soundfont: its soundfont, names of files, strings.
    """

    window: np.ndarray
    program: np.ndarray
    soundfont: np.ndarray


def own_programs(work: Path) -> np.ndarray:
    """The program that each window's part has in its file, in the order of the window table."""
    programs = []
    for path in shard_paths(work):
        with np.load(path) as shard:
            programs.append(shard['part_program'][shard['part']])
    return np.concatenate(programs)


def render_all(renderings: Renderings, work: Path, folder: Path, jobs: int) -> None:
    """Render windows of the working folder ``work`` into the working folder ``folder``, in their order.

    Raises:
        FileExistsError: where ``folder`` holds other renderings.
    """
    columns = (renderings.window, renderings.program, renderings.soundfont)
    plan = {'renderings': renderings.window.size, 'hash': zlib.crc32(b''.join(column.tobytes() for column in columns))}
    check_plan(folder / 'shards' / 'plan.json', plan)
    before = 0
    for path in shard_paths(work):
        with np.load(path) as shard:
            here = np.arange(*np.searchsorted(renderings.window, [before, before + shard['part'].size]))
            rows = renderings.window[here] - before
            before += shard['part'].size
            target = folder / 'shards' / path.name
            if not target.exists():
                write_npz(target, _shard(shard, rows, renderings.program[here], renderings.soundfont[here]))
    render(folder, everything_as_planned, jobs)


def everything_as_planned(shard: Shard, number: int) -> tuple[np.ndarray, list[str]]:
    """All windows of a shard, each part in the soundfont that the study has given it."""
    fonts: list[str] = shard['part_soundfont'].tolist()
    return np.arange(shard['part'].size), fonts


def _shard(shard: Mapping[str, np.ndarray], rows: np.ndarray, program: np.ndarray, soundfont: np.ndarray) -> Shard:
    """As much of a shard as rendering needs: each rendering is a window, and a part of its own."""
    windows = Windows(*(shard[name] for name in Windows.__dataclass_fields__)).select(rows)
    return {
        **{name: getattr(windows, name) for name in Windows.__dataclass_fields__},
        'seconds': shard['seconds'][rows],
        'part': np.arange(rows.size),
        'part_label': shard['part_label'][shard['part'][rows]],
        'part_program': program,
        'part_audio': np.full(rows.size, ''),
        'part_soundfont': soundfont,
    }
