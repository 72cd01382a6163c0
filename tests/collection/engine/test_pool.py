"""One bad file never ends or slows the batch. The bad files are made here."""

import contextlib
import subprocess
import sys
import threading
import time

import psutil
import pytest

from music21_kdic import KdicError, ModelError
from music21_kdic.answers import classify
from music21_kdic.collection.engine import pool, process
from music21_kdic.collection.engine.pool import answer_files
from music21_kdic.collection.label import LabelQuery
from music21_kdic.collection.options import Options
from music21_kdic.collection.rank import RankQuery
from music21_kdic.statuses import CLASSIFIED
from tests.hand_made_model import make_model


def answers(paths, options=Options(), jobs=2, query=LabelQuery()):  # noqa: B008 - frozen
    return dict(answer_files([(str(path), None) for path in paths], query, options, jobs))


@pytest.fixture
def write_good(write_midi, midi_note):
    """Write so many files with which nothing is wrong."""

    def write(count):
        return [
            write_midi([[*midi_note(0, 96, 60 + i), *midi_note(96, 192, 62 + i)]], name=f'good{i:02}.mid')
            for i in range(count)
        ]

    return write


@pytest.fixture(params=[6, 20], ids=['one by one', 'some at once'])
def good(request, write_good):
    """So many files that a worker is asked about one, or five, at a time."""
    return write_good(request.param)


@pytest.fixture
def few(write_good):
    """Files where it does not matter how many at a time a worker is asked about."""
    return write_good(6)


def workers():
    """The worker processes that this process has started and that still run."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it has just ended
            if 'music21_kdic.collection.engine.worker' in child.cmdline():
                found.append(child)
    return found


def test_every_file_is_answered_once(good):
    found = answers(good)
    assert {path: [row['status'] for row in rows] for path, rows in found.items()} == {str(p): ['ok'] for p in good}


def test_a_file_that_takes_too_long_is_a_row_and_its_worker_is_replaced(good, slow):
    bad = slow()
    found = answers([good[0], bad, *good[1:]], Options(timeout=0.5), jobs=1)
    (row,) = found[str(bad)]
    assert (row['status'], row['label'], row['error']) == ('timeout', 'unknown', 'no answer within 0.5 s')
    assert all(found[str(path)][0]['status'] == 'ok' for path in good)


@pytest.fixture
def big(tmp_path):
    """A chord of all pitches, struck fifteen thousand times: twelve megabytes on disk, hundreds in memory."""
    strike = b''.join(bytes([0, pitch, 64]) for pitch in range(128))
    stop = bytes([40, 0, 0]) + b''.join(bytes([0, pitch, 0]) for pitch in range(1, 128))
    track = bytes([0, 0x90, 60, 0]) + (strike + stop) * 15_000 + bytes([0, 0xFF, 0x2F, 0])
    path = tmp_path / 'big.mid'
    path.write_bytes(b'MThd\0\0\0\6\0\1\0\1\0\x60MTrk' + len(track).to_bytes(4, 'big') + track)
    return path


def test_a_file_that_eats_the_memory_is_a_row(good, big):
    found = answers([good[0], big, *good[1:]], Options(memory=192 * 2**20), jobs=1)
    assert [row['status'] for row in found[str(big)]] == ['unreadable']
    assert found[str(big)][0]['error'] == 'needs more than 192 MiB of memory'
    assert {found[str(path)][0]['error'] for path in good} == {''}


def test_the_same_file_is_answered_with_the_usual_memory(big):
    assert answers([big])[str(big)][0]['status'] in CLASSIFIED


def test_a_worker_that_dies_costs_one_file(good, monkeypatch):
    """Killed from outside while it has the third file, as the system does when memory runs out."""
    ask = process.Worker.ask

    def ask_and_kill(worker, tasks):
        if (str(good[2]), None) in tasks:
            worker.kill()
        return ask(worker, tasks)

    monkeypatch.setattr(process.Worker, 'ask', ask_and_kill)
    found = answers(good, jobs=1)
    (row,) = found[str(good[2])]
    assert (row['status'], row['error']) == ('unreadable', 'its reader crashed (exit status -9)')
    assert all(found[str(path)][0]['status'] == 'ok' for path in good if path != good[2])


def test_a_worker_that_is_killed_for_nothing_loses_nothing(good, monkeypatch):
    """Killed once, as when a whole group of processes is told to stop: a new worker reads the file."""
    ask = process.Worker.ask
    killed = []

    def ask_and_kill_once(worker, tasks):
        if (str(good[2]), None) in tasks and not killed:
            killed.append(worker)
            worker.kill()
        return ask(worker, tasks)

    monkeypatch.setattr(process.Worker, 'ask', ask_and_kill_once)
    found = answers(good, jobs=1)
    assert len(killed) == 1
    assert all(found[str(path)][0]['status'] == 'ok' for path in good)


def test_an_answer_that_comes_as_the_clock_runs_out_counts(good, monkeypatch):
    """The clock runs out when the answer lies in the pipe already: it is taken, and the next file gets a new worker."""
    read = process.Worker._read

    def read_late(worker):
        answer = read(worker)
        if 'rows' in answer and worker._deadline is not None and answer['rows'][0][0]['path'] == str(good[0]):
            worker.kill_if_overdue(worker._deadline + 1, 0.0)
        return answer

    ask = process.Worker.ask
    asked = []
    monkeypatch.setattr(process.Worker, '_read', read_late)
    monkeypatch.setattr(process.Worker, 'ask', lambda worker, tasks: asked.extend(tasks) or ask(worker, tasks))
    found = answers(good, jobs=1)
    assert all(found[str(path)][0]['status'] == 'ok' for path in good)
    assert asked == [(str(path), None) for path in good]  # each once


def test_files_that_are_asked_about_at_once_are_answered_as_one_by_one(few, tmp_path, write_midi, midi_note):
    """Among them are scores of several parts, drums, a file without notes, and three that cannot be read."""
    (tmp_path / 'bad.mid').write_bytes(b'MThd')
    (tmp_path / 'empty.mid').write_bytes(b'')
    tune = [[*midi_note(96 * i, 96 * i + 90, pitch)] for i, pitch in enumerate((60, 64, 67, 72, 71, 67, 62, 60))]
    lines = [[event for note in tune for event in note], [*midi_note(0, 300, 36), *midi_note(300, 700, 43)]]
    odd = [
        write_midi([*lines, *lines], name='score.mid'),
        tmp_path / 'bad.mid',
        write_midi([lines[0], midi_note(0, 96, 40, channel=9)], name='drums.mid'),
        tmp_path / 'empty.mid',
        write_midi([[]], name='silent.mid'),
        write_midi([lines[0]], name='part.mid'),
        tmp_path / 'nowhere.mid',
        few[0],
        few[0],
    ]
    tasks = [(str(path), None) for path in odd]
    for query in (RankQuery(like='Guitar', why=True), LabelQuery(instruments=True, why=True)):
        one_by_one = [query.answer(*task) for task in tasks]
        assert query.answer_all(tasks) == one_by_one
    assert [rows[0].status for rows in one_by_one if rows[0].status == 'unreadable'] == ['unreadable'] * 3
    assert len(one_by_one[0]) == 4


def test_files_too_large_to_be_classified_at_once_are_classified_one_by_one(few, monkeypatch):
    tasks = [(str(path), None) for path in few]
    wanted = LabelQuery().answer_all(tasks)
    monkeypatch.setattr(classify, 'MAX_SOUNDING', 2)  # as many as one of the files has
    assert LabelQuery().answer_all(tasks) == wanted
    assert {rows[0].status for rows in wanted} == {'ok'}


def test_time_in_which_nothing_ran_is_not_counted():
    """The whole run was stopped (laptop lid, SIGSTOP) for longer than the time limit."""
    team = pool._Team(iter([]), LabelQuery(), Options(timeout=5), jobs=1, at_once=1)
    worker = process.Worker(LabelQuery(), Options(timeout=5), with_music21=False)
    worker.wait_until_ready()
    team._workers.add(worker)
    worker._deadline = time.monotonic() + 5
    team._glanced = time.monotonic() - 60
    worker._deadline -= 60
    team.kill_overdue()
    assert not worker._overdue
    worker._deadline = time.monotonic() - 1
    team.kill_overdue()
    assert worker._overdue
    worker.close()


def test_leaving_early_leaves_no_thread_that_waits(monkeypatch):
    """With many jobs, each of which has several files when nobody takes any more."""
    some = [(str(number), None) for number in range(8)]
    monkeypatch.setattr(pool._Team, 'answer_all', lambda team, worker, tasks: (worker, [[] for _ in tasks]))
    before = set(threading.enumerate())
    team = pool._Team(iter([some] * 400), LabelQuery(), Options(), jobs=32, at_once=8)
    next(iter(team.answers()))
    threads = set(threading.enumerate()) - before
    while not team._answers.full():
        time.sleep(0.01)
    team.disband()
    for thread in threads:
        thread.join(timeout=60)
    assert threads
    assert not any(thread.is_alive() for thread in threads)


def test_leaving_early_leaves_no_worker(good, slow):
    arriving = answer_files([(str(path), None) for path in (*good, slow())], LabelQuery(), Options(), 2)
    next(arriving)
    assert workers()
    arriving.close()
    assert psutil.wait_procs(workers(), timeout=30)[1] == []


def test_workers_do_not_outlive_a_parent_that_is_killed(few):
    script = f"""
import time
from music21_kdic.collection.engine.pool import answer_files
from music21_kdic.collection.label import LabelQuery
from music21_kdic.collection.options import Options
for name, rows in answer_files([({str(few[0])!r}, None)] * 1000000, LabelQuery(), Options(), 2):
    print(name, flush=True)
    time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True)
    parent.stdout.readline()
    children = psutil.Process(parent.pid).children()
    assert len(children) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert psutil.wait_procs(children, timeout=30)[1] == []


def test_a_script_without_a_main_guard_may_use_workers(few, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(f'import music21_kdic\nprint(len(music21_kdic.label({str(few[0])!r}, jobs=2)))\n')
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout == '1\n'


def test_files_beside_the_user_are_not_imported(few, tmp_path, monkeypatch):
    """A folder of MIDI may hold a json.py, too."""
    (tmp_path / 'json.py').write_text('raise SystemExit("the wrong json")')
    monkeypatch.chdir(tmp_path)
    assert answers(few[:1])[str(few[0])][0]['status'] == 'ok'


def test_a_model_that_cannot_be_loaded_ends_the_run_with_its_error(few, tmp_path):
    model = make_model(tmp_path / 'bad')
    (model / 'part.onnx').write_bytes(b'no model')
    with pytest.raises(ModelError, match='not a readable ONNX model'):
        answers(few, query=LabelQuery(model=str(model)))
    assert psutil.wait_procs(workers(), timeout=30)[1] == []


DAMAGED = {
    'empty.mid': (b'', "begins with b'', wanted a MIDI file"),
    'letter.mid': (b'Dear Sir', "begins with b'Dear', wanted a MIDI file"),
    'header.mid': (b'MThd\0\0\0\6\0\1', 'it ends within its header'),
    'track.mid': (b'MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\1\0\0\x90', 'damaged MIDI file'),
}


@pytest.mark.parametrize('executable', [None, ''])
def test_without_a_python_to_start_the_error_says_so(executable, few, monkeypatch):
    monkeypatch.setattr(sys, 'executable', executable)
    with pytest.raises(KdicError, match=r'a worker process could not be started \(sys.executable names no Python\)'):
        answers(few)


def test_damaged_files_are_rows(tmp_path, good):
    for name, (content, _) in DAMAGED.items():
        (tmp_path / name).write_bytes(content)
    found = answers([*(tmp_path / name for name in DAMAGED), *good])
    for name, (_, error) in DAMAGED.items():
        (row,) = found[str(tmp_path / name)]
        assert row['status'] == 'unreadable'
        assert error in row['error']
    assert {found[str(path)][0]['status'] for path in good} == {'ok'}


def test_a_file_that_cannot_be_opened_or_is_none(tmp_path):
    import os

    os.mkfifo(tmp_path / 'pipe.mid')
    found = answers([tmp_path / 'none.mid', tmp_path, tmp_path / 'pipe.mid'])
    assert [found[str(path)][0]['error'] for path in (tmp_path / 'none.mid', tmp_path / 'pipe.mid')] == [
        'cannot be opened (No such file or directory)', 'not a file',
    ]  # fmt: skip
    assert found[str(tmp_path)][0]['error'] == 'a folder without MIDI or score files, or one that cannot be opened'


def test_a_worker_that_is_killed_leaves_no_scratch_files(tmp_path, monkeypatch):
    """It is killed while music21 reads a private copy of the file."""
    scratch = tmp_path / 'scratch'
    scratch.mkdir()
    monkeypatch.setattr('tempfile.tempdir', str(scratch))
    slow = tmp_path / 'slow.krn'
    slow.write_text('**kern\n*M4/4\n' + '4c\n' * 200_000 + '*-\n')
    copies = []

    def look(worker, now, stood_still):
        if here := list(scratch.glob('*/kdic-*/score.krn')):
            copies.extend(here)
            worker.kill()

    monkeypatch.setattr(process.Worker, 'kill_if_overdue', look)
    ((row,),) = answers([slow], jobs=1).values()
    assert row['error'].startswith('its reader crashed')
    assert copies
    assert list(scratch.iterdir()) == []
