"""Workers that can be killed: a file that hangs, crashes or eats the memory costs one worker, and becomes a row.

Why not a library: multiprocessing's pools and joblib's cannot kill the one worker that hangs, pebble's can, but like
all of multiprocessing it runs the caller's script again in every worker (or forks a process that may hold threads)
and cannot be started from within Dask's daemonic workers.
"""

import contextlib
import os
import queue
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from typing import Generic

from music21_kdic import errors
from music21_kdic.collection.engine.process import Worker
from music21_kdic.collection.engine.query import Query, Task
from music21_kdic.collection.engine.rows import R
from music21_kdic.collection.options import Options
from music21_kdic.reading.endings import MIDI_SUFFIXES
from music21_kdic.statuses import Status

GLANCE_SECONDS = 0.1  # how often the clock is looked at while nothing arrives
DISBAND_SECONDS = 5.0  # that threads have to end in, whose workers have been ended


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def answer_files(tasks: Sequence[Task], query: Query[R], options: Options, jobs: int) -> Generator[tuple[str, list[R]]]:
    """Answer for each file, in the order in which the answers arrive.

    Args:
        tasks: the files.
        query: what is asked of each.
        options: of these, what one file may cost.
        jobs: how many workers.

    Yields:
        (name, rows): a row for each part, or one that says why there is none.

    Raises:
        KdicError: where no worker can answer at all, as with a model that cannot be loaded.
    """
    # So few at once that no worker has nothing to do while another has much.
    at_once = max(1, min(query.at_once, len(tasks) // (4 * jobs)))
    team = _Team(_together(tasks, at_once), query, options, jobs, at_once)
    try:
        yield from team.answers()
    finally:
        team.disband()


def _together(tasks: Sequence[Task], most: int) -> Iterator[Sequence[Task]]:
    """The files in their order, at most so many at once; what is not MIDI may take long, and is by itself."""
    some: list[Task] = []
    for task in tasks:
        small = task[0].lower().endswith(MIDI_SUFFIXES)
        if some and (len(some) == most or not small):
            yield some
            some = []
        if small:
            some.append(task)
        else:
            yield [task]
    if some:
        yield some


class Crew(Generic[R]):
    """Worker processes that answer with one query, each of which a thread talks to."""

    def __init__(self, query: Query[R], options: Options) -> None:
        self._query = query
        self._options = options
        self._lock = threading.Lock()
        self._workers: set[Worker[R]] = set()
        self._over = False
        self._glanced = time.monotonic()

    def disband(self) -> None:
        """Stop everything, finished or not."""
        with self._lock:
            self._over = True
            for worker in self._workers:
                worker.kill()

    def kill_overdue(self) -> None:
        """Look at the clock; to be called every GLANCE_SECONDS while there are files."""
        now = time.monotonic()
        # Time in which this process did not run either (it was stopped, or its rows were not taken) is nobody's fault.
        stood_still = max(0.0, now - self._glanced - 10 * GLANCE_SECONDS)
        self._glanced = now
        with self._lock:
            for worker in self._workers:
                worker.kill_if_overdue(now, stood_still)

    def answer_all(self, worker: 'Worker[R] | None', tasks: Sequence[Task]) -> tuple['Worker[R] | None', list[list[R]]]:
        """The rows of some files, and the worker to go on with; see :meth:`answer`."""
        if len(tasks) > 1:
            if worker is None:
                worker = self.start(tasks[0][0])
            found, alive = worker.ask(tasks)
            answered = worker.answered
            if not alive:
                self.dismiss(worker)
                worker = None
            if answered or self._over:
                return worker, found
            # One of them hangs, crashes or eats the memory: each by itself is told which.
        found = []
        for task in tasks:
            worker, rows = self.answer(worker, task)
            found.append(rows)
        return worker, found

    def answer(self, worker: 'Worker[R] | None', task: Task) -> tuple['Worker[R] | None', list[R]]:
        """The rows of a file, and the worker to go on with, if it still can; without one, a new one is started."""
        for last in (False, True):
            if worker is None:
                worker = self.start(task[0])
            (rows,), alive = worker.ask([task])
            if alive:
                break
            answered = worker.answered
            self.dismiss(worker)
            worker = None
            # A worker that died may have been killed for another's fault, or be full of what other files left: a new
            # one tries the same file once more, and what becomes of it then is the file's own.
            if last or answered or rows[0].status == Status.TIMEOUT or self._over:
                break
        return worker, rows

    def start(self, name: str) -> 'Worker[R]':
        """Start a worker whose first file is of this name."""
        try:
            worker = Worker(self._query, self._options, with_music21=self._query.needs_music21(name))
        except OSError as error:
            raise errors.KdicError(f'a worker process could not be started ({error.strerror or error})') from error
        with self._lock:
            self._workers.add(worker)
            if self._over:
                worker.kill()
        try:
            worker.wait_until_ready()
        except errors.KdicError:
            self.dismiss(worker)
            raise
        return worker

    def dismiss(self, worker: 'Worker[R]') -> None:
        """End a worker that has no file."""
        with self._lock:
            self._workers.discard(worker)
        worker.close()


class _Team(Crew[R]):
    """A crew for a list of files, with a thread for each worker."""

    def __init__(
        self, tasks: Iterator[Sequence[Task]], query: Query[R], options: Options, jobs: int, at_once: int
    ) -> None:
        super().__init__(query, options)
        self._tasks = tasks
        self._jobs = jobs
        # A bound: files are not read faster than their answers are taken. Room for what each thread may still say when
        # nobody listens any more: the answers to the files that it has, an error, and that it ends.
        room = 64 + (at_once + 2) * jobs
        self._answers: queue.Queue[tuple[str, list[R]] | BaseException | None] = queue.Queue(maxsize=room)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(jobs)]

    def answers(self) -> Iterator[tuple[str, list[R]]]:
        for thread in self._threads:
            thread.start()
        working = self._jobs
        self._glanced = time.monotonic()
        while working:
            self.kill_overdue()
            try:
                answer = self._answers.get(timeout=GLANCE_SECONDS)
            except queue.Empty:
                continue
            if isinstance(answer, BaseException):
                raise answer
            if answer is None:
                working -= 1
            else:
                yield answer

    def disband(self) -> None:
        super().disband()
        with contextlib.suppress(queue.Empty):
            while True:  # a thread may wait for room
                self._answers.get_nowait()
        until = time.monotonic() + DISBAND_SECONDS
        for thread in self._threads:  # each removes what its worker has left
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))

    def _next(self) -> Sequence[Task] | None:
        with self._lock:
            return None if self._over else next(self._tasks, None)

    def _work(self) -> None:
        worker: Worker[R] | None = None
        try:
            while (tasks := self._next()) is not None:
                worker, found = self.answer_all(worker, tasks)
                for (name, _), rows in zip(tasks, found, strict=True):
                    self._answers.put((name, rows))
        except BaseException as error:
            self._answers.put(error)
        finally:
            if worker is not None:
                self.dismiss(worker)
            self._answers.put(None)
