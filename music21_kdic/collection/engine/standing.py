"""Workers that stay, for files that come one by one and from many threads, as to a server."""

import queue
import threading

from music21_kdic.collection.engine.pool import GLANCE_SECONDS, Crew
from music21_kdic.collection.engine.process import Worker
from music21_kdic.collection.engine.query import Query
from music21_kdic.collection.engine.rows import R
from music21_kdic.collection.options import Options
from music21_kdic.errors import KdicError


class StandingWorkers(Crew[R]):
    """So many worker processes at most, started when they are needed; the limits of a file are those of a run.

    Attributes:
        jobs: how many they are at most.

    Raises:
        KdicError: where no worker can answer at all, as with a model that cannot be loaded.
    """

    def __init__(self, query: Query[R], options: Options, jobs: int) -> None:
        super().__init__(query, options)
        self.jobs = jobs
        # The last one that worked comes first; None is one that is yet to be started.
        self._idle: queue.LifoQueue[Worker[R] | None] = queue.LifoQueue()
        for _ in range(jobs - 1):
            self._idle.put(None)
        self._idle.put(self.start(''))
        self._gone = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def ask(self, name: str) -> list[R]:
        """The rows of a file; waits for a worker that has none."""
        worker = self._idle.get()
        try:
            if self._over:
                raise KdicError(f'{name}: not read, the workers were stopped')
            worker, rows = self.answer(worker, (name, None))
        except BaseException:
            worker = None
            raise
        finally:
            self._idle.put(worker)
        return rows

    def disband(self) -> None:
        """Stop everything, finished or not; a file that was not finished counts as unreadable."""
        super().disband()
        self._gone.set()
        idle = [self._idle.get() for _ in range(self._idle.qsize())]
        for worker in idle:
            if worker is not None:
                self.dismiss(worker)
        for _ in idle:
            self._idle.put(None)  # who waits for one is told

    def _watch(self) -> None:
        while not self._gone.wait(GLANCE_SECONDS):
            self.kill_overdue()
