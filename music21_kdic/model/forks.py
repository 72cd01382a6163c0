"""A fork waits until no other thread is inside onnxruntime, and none goes in until it is done.

A child made by fork has only the thread that forked. What another thread held at that moment, a lock of onnxruntime's
or of an import, stays held in the child, which waits for it for ever: of children forked beside three threads that ran
the model, one of the first twenty hung. Python's own ``logging`` guards its locks in the same way.
"""

import os
import threading


class Gate:
    """A context that threads are in, any number at a time, and forks are not."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0  # how many threads are
        self._forking = False
        self._mine = threading.local()  # `.depth`: how often this thread is inside, and need not wait for itself
        if hasattr(os, 'register_at_fork'):
            os.register_at_fork(before=self._close, after_in_parent=self._open, after_in_child=self._open)

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._forking or self._depth)
            self._inside += 1
            self._mine.depth = self._depth + 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._inside -= 1
            self._mine.depth -= 1
            self._changed.notify_all()

    @property
    def _depth(self) -> int:
        return getattr(self._mine, 'depth', 0)

    def _close(self) -> None:
        self._changed.acquire()
        self._changed.wait_for(lambda: not self._forking)
        self._forking = True
        self._changed.wait_for(lambda: self._inside == self._depth)

    def _open(self) -> None:
        self._forking = False
        self._changed.notify_all()
        self._changed.release()
