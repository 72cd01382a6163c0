"""A run on a Dask cluster: a Parquet file a task, in one folder, resumable.

A task is some hundreds of files; it answers for them as a single machine would, with a worker process of its own that
a bad file cannot bring down, and writes one Parquet file, which appears when it is whole. So when a Dask worker dies,
the scheduler gives its tasks to others, and nothing is lost or there twice. The folder must be one that all workers and
the client see, and so must the files.
"""

import hashlib
import json
import sys
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from music21_kdic.collection.engine.pool import answer_files
from music21_kdic.collection.engine.publish import leftovers
from music21_kdic.collection.engine.rows import R
from music21_kdic.collection.engine.run import Batch, Counts, Run, is_terminal
from music21_kdic.collection.engine.tables import check_output, read_table, write_table
from music21_kdic.errors import KdicError, OutputError, WriteError

if TYPE_CHECKING:
    import os

    from distributed import Client

FILES_PER_TASK = 500


def run_on_dask(
    names: Sequence[str],
    skipped: Counter[str],
    output: 'str | os.PathLike[str] | None',
    client: 'Client',
    run: Run[R],
    files_per_task: int = FILES_PER_TASK,
) -> Batch[R]:
    """Answer for files on a cluster.

    Args:
        names: the files, as the workers see them.
        skipped: files that were passed over, by their endings.
        output: a folder, which gets ``part-000000-....parquet`` and so on, in the order of the files.
        client: of the cluster.
        run: its ``jobs`` do not matter, each Dask thread works on one task; with ``resume``, tasks whose Parquet files
            are there already are left out.
        files_per_task: how many files a task answers for.

    Raises:
        OutputError: where the folder holds something already, or parts of another run.
        KdicError: where a task failed on several workers.
    """
    from distributed import as_completed
    from distributed.scheduler import KilledWorker
    from tqdm import tqdm

    if run.options.force:
        raise OutputError('--force: on a cluster nothing is replaced; choose another folder')
    if output is None:
        raise OutputError('no output: on a cluster the rows are written to a folder')
    folder = Path(output).absolute()
    check_output(folder / 'part.parquet', make_folder=True)
    tasks = _plan(names, folder, run, files_per_task)
    there = set(folder.glob('*.parquet'))
    if there and not run.options.resume:
        raise OutputError(f'{folder}: holds {len(there)} Parquet files already; resume, or choose another folder')
    if foreign := sorted(there - set(tasks)):
        raise OutputError(f'{folder}: {foreign[0].name} is of a run over other files, or with other settings')
    left = {path: chunk for path, chunk in tasks.items() if path not in there}
    counts = Counts(files=len(names), skipped=skipped)
    for path in there:
        counts.add(map(run.query.row.from_dict, read_table(path, run.query.columns)))
    # A key of its own for each: what ran, or failed, under a key is not run again.
    keys = {f'kdic-{uuid.uuid4().hex}': path for path in left}
    futures = [client.submit(_answer_task, left[path], str(path), run, key=key) for key, path in keys.items()]
    done = len(names) - sum(map(len, left.values()))
    quiet = run.options.quiet or not is_terminal(sys.stderr)
    with tqdm(total=len(names), initial=done, unit='file', disable=quiet) as bar:
        for future in as_completed(futures):
            try:
                counts.merge(future.result())
            except KilledWorker as error:
                raise KdicError(f'{keys[future.key].name}: its workers died: {error}') from error
            bar.set_postfix(failed=counts.failed, refresh=False)
            bar.update(len(tasks[keys[future.key]]))
    for part in leftovers(tasks):  # of workers that died while writing
        part.unlink(missing_ok=True)
    if missing := [path.name for path in tasks if not path.exists()]:
        raise WriteError(f'{folder}: {missing[0]} was written, but is not there: do all workers see this folder?')
    return Batch(counts, run.query.columns)


def _plan(names: Sequence[str], folder: Path, run: Run[R], files_per_task: int) -> dict[Path, list[str]]:
    """The Parquet files to be written, and the files that each answers for."""
    made_with = json.dumps(run.made_with())
    tasks = {}
    for number, first in enumerate(range(0, len(names), files_per_task)):
        chunk = list(names[first : first + files_per_task])
        # Its name says what is in it: the parts of another run can be told from those of this one.
        digest = hashlib.sha256(json.dumps([made_with, chunk]).encode()).hexdigest()[:16]
        tasks[folder / f'part-{number:06d}-{digest}.parquet'] = chunk
    return tasks


def _answer_task(names: list[str], path: str, run: Run[R]) -> Counts:
    """What one task does, on a worker of the cluster; what it counted."""
    answers = dict(answer_files([(name, None) for name in names], run.query, run.options, 1))
    rows = [row for name in names for row in answers[name]]
    try:
        write_table(Path(path), run.query.columns, rows)
    except OutputError:
        if not Path(path).exists():  # else another worker, taken for dead, has written the same rows
            raise
    counts = Counts()
    counts.add(rows)
    return counts
