"""A worker's process, as who started it sees it; what runs in it is :mod:`music21_kdic.collection.engine.worker`."""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic

from music21_kdic import errors
from music21_kdic.collection.engine.query import Query, Task
from music21_kdic.collection.engine.rows import R
from music21_kdic.collection.options import Options
from music21_kdic.statuses import Status

STARTUP_SECONDS = 120.0
_PACKAGES = str(Path(__file__).resolve().parents[3])  # where this package lies


class Worker(Generic[R]):
    """One process and the clock that runs while it has files."""

    def __init__(self, query: Query[R], options: Options, with_music21: bool) -> None:
        if not sys.executable:  # Python did not find it, or it is inside another program
            raise errors.KdicError('a worker process could not be started (sys.executable names no Python)')
        self._query = query
        self._row = query.row
        self._options = options
        self._deadline: float | None = time.monotonic() + STARTUP_SECONDS
        self._overdue = False
        self._tasks: Sequence[Task] = ()  # the last files
        self.answered = False  # those: their rows are the worker's own
        self._clock = threading.Lock()  # between the thread that asks and the one that looks at the clock
        told = {
            'query': [type(query).__module__, type(query).__name__, dataclasses.asdict(query)],
            'memory': options.memory,
            'timeout': options.timeout,
            'with_music21': with_music21,
        }
        # What a worker that is killed leaves behind goes with its folder.
        self._scratch = tempfile.TemporaryDirectory(prefix='kdic-', ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            # -P: the folder that the user is in holds files, not modules.
            [sys.executable, '-P', '-m', 'music21_kdic.collection.engine.worker', json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding='utf-8',
            env={
                **os.environ,
                'PYTHONPATH': os.pathsep.join(
                    [*(path for path in sys.path if path and isinstance(path, str)), _PACKAGES]
                ),
                'TMPDIR': self._scratch.name,
                'OMP_NUM_THREADS': '1',
                'OPENBLAS_NUM_THREADS': '1',
            },
        )

    def wait_until_ready(self) -> None:
        """Wait for its first word; raises what it raised where it cannot answer."""
        answer = self._read()
        with self._clock:
            self._deadline = None
        if 'failure' in answer:
            kind, message = answer['failure']
            raise getattr(errors, kind)(message)
        if 'ready' not in answer:
            raise errors.KdicError(f'a worker process did not start (exit status {self._process.wait()})')

    def ask(self, tasks: Sequence[Task]) -> tuple[list[list[R]], bool]:
        """Have some files answered for, which have the time of one: their rows, and whether the worker can go on."""
        self._tasks, self.answered = tasks, False
        with self._clock:
            self._deadline = time.monotonic() + self._options.timeout
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(tasks) + '\n')
            self._process.stdin.flush()
        except OSError:
            pass  # it is gone; what it said, or did not say, follows
        answer = self._read()
        self.answered = 'rows' in answer
        with self._clock:
            self._deadline = None
            overdue = self._overdue
        if 'rows' in answer:
            return [[self._row.from_dict(cells) for cells in of_file] for of_file in answer['rows']], not overdue
        status = Status.UNREADABLE
        if overdue:
            status, reason = Status.TIMEOUT, f'no answer within {self._options.timeout:g} s'
        elif 'out_of_memory' in answer:
            reason = f'needs more than {self._options.memory // 2**20} MiB of memory'
        else:
            reason = f'its reader crashed (exit status {self._process.wait()})'
        return [[self._row.without_answer(name, status, reason)] for name, _ in tasks], False

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line.endswith('\n') else {}
        return answer

    def kill_if_overdue(self, now: float, stood_still: float) -> None:
        """End the process where its file has taken too long, less the seconds in which nobody could look."""
        with self._clock:
            if self._deadline is not None:
                self._deadline += stood_still
                if now > self._deadline:
                    self._overdue = True
                    self.kill()

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def close(self) -> None:
        """End the process, its pipes, its scratch folder and what it had begun elsewhere."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._scratch.cleanup()
        for name, _ in () if self.answered else self._tasks:
            with contextlib.suppress(OSError):
                self._query.clear(name)
