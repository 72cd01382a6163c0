"""Measure what labelling costs beside parsing, beside music21's reader, and beside the paper's network; and listening.

Everything is measured in one run on one machine and printed as ratios; absolute times differ from machine to machine.
Times are those of the processor (CPU), of this process and those that it starts, and what is compared takes turns: so
what else the machine does spoils little.
"""

import os
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import symusic
from tabulate import tabulate
from tqdm import tqdm

from export.release.benchmark_commands import clock, listening, memory
from music21_kdic.answers.scorer import Scorer
from music21_kdic.collection.engine.inputs import find_inputs
from music21_kdic.collection.engine.pool import available_cores
from music21_kdic.collection.label import LabelQuery, label
from music21_kdic.errors import KdicError
from music21_kdic.features.part_numbers import part_numbers, shown_windows
from music21_kdic.features.windows import PAPER_GRID, cut_windows, piano_roll
from music21_kdic.model.checks import BATCH
from music21_kdic.model.session import load_model
from music21_kdic.reading.midi import read_midi

ROUNDS = 5
SAMPLE_FILES = 20
NETWORK_FILES = 50
CANDIDATES = 1_000


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``benchmark``."""
    parser.add_argument('paths', nargs='+', metavar='PATH', help='MIDI files, folders; - for a list')
    parser.add_argument('--model', help='the folder of another model than the shipped one')
    parser.add_argument('--sound-model', help='the folder of another model that hears than the shipped one')


def run(args: Namespace) -> None:
    """Run ``benchmark``."""
    print(benchmark(args.paths, args.model, args.sound_model))


def benchmark(paths: Sequence[str], model_path: str | None, sound_model: str | None = None) -> str:
    """Measure and return a table.

    Args:
        paths: MIDI files or folders of them.
        model_path: the folder of another model than the shipped one.
        sound_model: of another model that hears.
    """
    files = [name for name in find_inputs(paths) if _is_readable_midi(name)]
    if not files:
        raise ValueError(f'{", ".join(map(str, paths))}: no MIDI file there that can be read')
    os.environ['OMP_NUM_THREADS'] = '1'
    steps: list[Callable[[], str]] = [
        lambda: _collections(files, model_path),
        lambda: _network(files, model_path),
        lambda: _by_music21(files, model_path),
        lambda: _one_part(model_path),
        lambda: _candidates(model_path),
        lambda: memory(model_path),
        lambda: listening(sound_model),
    ]
    return '\n\n'.join(step() for step in tqdm(steps, desc='benchmark', unit='step'))


def _is_readable_midi(name: str) -> bool:
    try:
        read_midi(name)
    except KdicError:
        return False
    return True


def _seconds(job: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of a job, the median of some rounds, after one to warm up."""
    return _turns([job], rounds)[0]


def _turns(jobs: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> list[float]:
    """CPU seconds of each job, the median of some rounds in which they take turns, after one to warm up."""
    taken = []
    for _ in range(1 + rounds):
        marks = [clock()]
        for job in jobs:
            job()
            marks.append(clock())
        taken.append(np.diff(marks))
    medians: list[float] = np.median(taken[1:], axis=0).tolist()
    return medians


def _collections(files: list[str], model_path: str | None) -> str:
    query = LabelQuery(model=model_path)
    windows = sum(row.windows or 0 for name in files for row in query.answer(name))
    jobs: dict[str, Callable[[], object]] = {
        'symusic parses them': lambda: [symusic.Score(name) for name in files],
        'label, inside one process': lambda: _labelled(query, files),
    }
    for cores in dict.fromkeys((1, available_cores())):
        whole = partial(label, files, model=model_path, jobs=cores, quiet=True)
        jobs[f'label, --jobs {cores}, from start to end'] = whole
    taken = dict(zip(jobs, _turns(list(jobs.values())), strict=True))
    parse = taken['symusic parses them']
    cells = [
        (
            what,
            f'{1e3 * seconds / len(files):.2f}',
            f'{len(files) / seconds:,.0f}',
            '' if what.startswith('symusic') else f'{windows / seconds:,.0f}',
            f'{seconds / parse:.1f}',
        )
        for what, seconds in taken.items()
    ]
    head = (
        f'{len(files):,} files, {windows:,} windows',
        'CPU ms a file',
        'files a CPU second',
        'windows a CPU second',
        'CPU time / parsing',
    )
    return str(tabulate(cells, head, tablefmt='github', disable_numparse=True))


def _labelled(query: LabelQuery, files: list[str]) -> None:
    """Label files in this process, as many at once as ``label`` does."""
    for first in range(0, len(files), query.at_once):
        query.answer_all([(name, None) for name in files[first : first + query.at_once]])


def _network(files: list[str], model_path: str | None) -> str:
    student = load_model(model_path)
    parts = [part.notes for name in files[:NETWORK_FILES] for part in read_midi(name) if not part.is_drum]
    windows = [(notes, cut) for notes, cut in ((notes, cut_windows(notes)) for notes in parts) if len(cut)][:BATCH]
    cut = [each for _, each in windows]
    batch = part_numbers([notes for notes, _ in windows], cut)
    shown, _ = shown_windows(cut)
    ours = _seconds(lambda: student.answer(batch), rounds=200)
    rolls = piano_roll(shown.select(np.arange(min(BATCH, len(shown)))))
    papers = _seconds(_table1(rolls), rounds=20) / len(rolls) * len(shown)
    cells = [
        (Path(student.path).name, f'{1e6 * ours / len(batch):.1f}', 1.0),
        (
            'the Table-1 student (untrained), on the same windows',
            f'{1e6 * papers / len(batch):.1f}',
            f'{papers / ours:.1f}',
        ),
    ]
    head = (f'network alone, {len(batch)} parts of {len(shown)} windows', 'us a part', 'ratio')
    return str(tabulate(cells, head, tablefmt='github'))


def _table1(batch: np.ndarray) -> Callable[[], object]:
    """The paper's student in onnxruntime, with random weights: how long it takes does not depend on them."""
    import onnxruntime
    import torch

    from export.networks.students import STUDENTS

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'table1.onnx'
        example = torch.zeros((len(batch), *PAPER_GRID.shape))
        network = STUDENTS['table1'](PAPER_GRID).eval()
        torch.onnx.export(network, (example,), path, input_names=['roll'], dynamo=True, verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])
    roll = batch.astype(np.float32)
    return lambda: session.run(None, {'roll': roll})


def _by_music21(files: list[str], model_path: str | None) -> str:
    import music21

    import music21_kdic

    sample = files[:: max(1, len(files) // SAMPLE_FILES)][:SAMPLE_FILES]

    def by_music21() -> None:
        for name in sample:
            # forceSource: not the pickle that music21 keeps of a file it has read before.
            score = music21.converter.parse(name, forceSource=True)
            music21_kdic.instrument_likelihood(score, model=model_path)

    start = clock()
    by_music21()
    theirs = clock() - start
    query = LabelQuery(model=model_path)
    ours = _seconds(lambda: _labelled(query, sample))
    cells = [
        ('label', f'{1e3 * ours / len(sample):.2f}', 1.0),
        (
            'music21.converter.parse and instrumentLikelihood()',
            f'{1e3 * theirs / len(sample):.0f}',
            f'{theirs / ours:.0f}',
        ),
    ]
    return str(tabulate(cells, (f'{len(sample)} files', 'ms a file', 'ratio'), tablefmt='github'))


def _one_part(model_path: str | None) -> str:
    import music21

    cells = []
    for name in ('bwv66.6', 'haydn/opus74no1/movement3', 'corelli/opus3no1/1grave'):
        part = music21.corpus.parse(name).parts[0]
        ours, key = _turns([partial(part.instrumentLikelihood, model=model_path), partial(part.analyze, 'key')])
        cells.append((name, f'{1e3 * ours:.1f}', f'{1e3 * key:.1f}', f'{ours / key:.2f}'))
    head = ('first part of', 'instrumentLikelihood(), ms', "analyze('key'), ms", 'ratio')
    return str(tabulate(cells, head, tablefmt='github'))


def _candidates(model_path: str | None) -> str:
    """What a generator's two-bar candidates cost: as arrays at once, as arrays and as music21 streams one by one."""
    from music21 import note, stream

    rng = np.random.default_rng(0)
    onsets = 0.5 * np.arange(16)
    arrays = [np.column_stack([onsets, np.full(16, 0.5), rng.integers(40, 76, 16)]) for _ in range(CANDIDATES)]
    streams = [stream.Part() for _ in arrays[:: CANDIDATES // 50]]
    for part, notes in zip(streams, arrays[:: CANDIDATES // 50], strict=True):
        for onset, length, pitch in notes.tolist():
            part.insert(onset, note.Note(pitch, quarterLength=length))
    scorer = Scorer('Guitar', model_path)
    times = [
        ('arrays, all at once', _seconds(lambda: scorer(arrays)) / len(arrays)),
        ('arrays, one by one', _seconds(lambda: [scorer(one) for one in arrays[::10]]) / len(arrays[::10])),
        ('music21 streams, one by one', _seconds(lambda: [scorer(part) for part in streams]) / len(streams)),
    ]
    fastest = times[0][1]
    cells = [(what, f'{1 / taken:,.0f}', f'{taken / fastest:.1f}') for what, taken in times]
    head = ('two-bar candidates', 'a second and core', 'ratio')
    return str(tabulate(cells, head, tablefmt='github', disable_numparse=True))
