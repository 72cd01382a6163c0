"""A run of ``label`` on a real cluster: two worker processes on this machine, one of which is killed in mid-run."""

import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet
import pytest

distributed = pytest.importorskip('distributed')

from music21_kdic import OutputError, label  # noqa: E402
from music21_kdic.collection.engine.on_dask import run_on_dask  # noqa: E402
from music21_kdic.collection.engine.run import Run  # noqa: E402
from music21_kdic.collection.label import LabelQuery  # noqa: E402
from music21_kdic.collection.options import Options  # noqa: E402
from tests.collection.conftest import table_of  # noqa: E402

RUN = Run(LabelQuery())


@pytest.fixture(scope='module')
def client():
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def rows_in(folder):
    return pyarrow.parquet.read_table(folder).to_pylist()


def names_in(collection):
    return sorted(map(str, collection.rglob('*.mid')))


def test_one_parquet_file_a_task(client, collection, tmp_path):
    names = names_in(collection)
    batch = run_on_dask(names, Counter(), tmp_path / 'out', client, RUN, files_per_task=5)
    assert (batch.files, batch.failed, len(batch)) == (12, 0, 0)
    assert [path.name[:11] for path in sorted((tmp_path / 'out').iterdir())] == [
        'part-000000',
        'part-000001',
        'part-000002',
    ]
    assert rows_in(tmp_path / 'out') == table_of(label(names, jobs=1))


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(client, collection, tmp_path, slow):
    names = names_in(collection)
    # Long enough a run to be killed in the middle of.
    names = [*names[:6], *(str(slow(f'songs/slow{number}.mid', parts=2)) for number in range(2)), *names[6:]]
    killed = []

    def murder():
        deadline = time.monotonic() + 60
        while not list((tmp_path / 'out').glob('part-*.parquet')) and time.monotonic() < deadline:
            time.sleep(0.01)
        busy = [address for address, tasks in client.processing().items() if tasks]
        pids = client.run(os.getpid, workers=busy[:1])
        killed.extend(pids.values())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=murder)
    killer.start()
    batch = run_on_dask(names, Counter(), tmp_path / 'out', client, RUN, files_per_task=1)
    killer.join()
    assert len(killed) == 1
    assert (batch.files, batch.failed) == (14, 0)
    assert len(list((tmp_path / 'out').iterdir())) == 14
    found = rows_in(tmp_path / 'out')
    assert found == table_of(label(names, jobs=1))
    assert [row['path'] for row in found] == [name for name in names for row in found if row['path'] == name]


def test_a_run_is_gone_on_with(client, collection, tmp_path):
    names = names_in(collection)
    out = tmp_path / 'out'
    run_on_dask(names, Counter(), out, client, RUN, files_per_task=4)
    wanted = rows_in(out)
    first, second, _ = sorted(out.iterdir())
    second.unlink()
    before = first.stat().st_mtime_ns
    with pytest.raises(OutputError, match='holds 2 Parquet files already'):
        run_on_dask(names, Counter(), out, client, RUN, files_per_task=4)
    run_on_dask(names, Counter(), out, client, Run(LabelQuery(), Options(resume=True)), files_per_task=4)
    assert rows_in(out) == wanted
    assert first.stat().st_mtime_ns == before
    with pytest.raises(OutputError, match='is of a run over other files, or with other settings'):
        run_on_dask(
            names, Counter(), out, client, Run(LabelQuery(priors='training'), Options(resume=True)), files_per_task=4
        )


def test_two_runs_on_one_cluster_do_not_share_their_tasks(client, collection, tmp_path):
    names = names_in(collection)
    folders = [tmp_path / 'one', tmp_path / 'two']
    with ThreadPoolExecutor() as both:
        list(both.map(lambda folder: run_on_dask(names, Counter(), folder, client, RUN, files_per_task=3), folders))
    assert rows_in(folders[0]) == rows_in(folders[1]) == table_of(label(names, jobs=1))


def test_bad_files_are_rows_there_too(client, collection, tmp_path):
    (collection / 'bad.mid').write_bytes(b'none')
    batch = label(collection, tmp_path / 'out', client=client)
    assert (batch.files, batch.failed) == (13, 1)
    assert [row['path'] for row in rows_in(tmp_path / 'out') if row['status'] == 'unreadable'] == [
        str(collection / 'bad.mid')
    ]


def test_the_command_with_a_scheduler(client, collection, tmp_path, run):
    address = client.scheduler.address
    status, out, err = run('label', collection, '-o', tmp_path / 'out', '--scheduler', address)
    assert (status, out) == (0, ''), err
    assert rows_in(tmp_path / 'out') == table_of(label(collection, jobs=1))
    assert run('label', collection, '--scheduler', address)[0] == 2  # where to?


def test_a_folder_is_needed(client, collection):
    with pytest.raises(OutputError, match='on a cluster the rows are written to a folder'):
        label(collection, client=client)
