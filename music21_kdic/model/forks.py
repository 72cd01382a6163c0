"""A fork waits until no other thread is inside onnxruntime, and none goes in until it is done.

A child made by fork has only the thread that forked. What another thread held at that moment, a lock of onnxruntime's
or of an import, stays held in the child, which waits for it for ever: of children forked beside three threads that ran
the model, one of the first twenty hung. Python's own ``logging`` guards its locks in the same way.
"""

import os
import threading
import time
from contextlib import suppress
from weakref import WeakSet

# A run of a network takes no second. Whoever is inside for longer waits for something else, perhaps for the thread that
# forks: a child that may hang is better than a fork that does.
PATIENCE_SECONDS = 10.0


class Gate:
    """What threads are inside of, any number at a time, and forks are not.

    Each thread has a lock of its own, which it holds while it is inside; a fork takes those of all others. There is no
    count that a KeyboardInterrupt could leave wrong: between ``with`` and a lock of Python's is no moment for one.
    """

    def __init__(self) -> None:
        self._mine = threading.local()  # `.lock`, and while this thread forks `.taken`: those of others
        self._locks: WeakSet[threading.RLock] = WeakSet()
        self._making = threading.RLock()  # held while a thread gets its lock
        if hasattr(os, 'register_at_fork'):
            os.register_at_fork(before=self._close, after_in_parent=self._open, after_in_child=self._open)

    def inside(self) -> 'threading.RLock':
        """The lock that this thread holds while it is inside: ``with gate.inside():``."""
        if not hasattr(self._mine, 'lock'):
            with self._making:
                lock = threading.RLock()
                self._locks.add(lock)
                self._mine.lock = lock
        mine: threading.RLock = self._mine.lock
        return mine

    def _close(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        self._mine.taken = [self._making]  # first, so that whatever is taken is given back
        self._making.acquire(timeout=PATIENCE_SECONDS)
        mine = getattr(self._mine, 'lock', None)
        others = [lock for lock in self._locks if lock is not mine]
        self._mine.taken += others
        for lock in others:
            lock.acquire(timeout=max(0.0, until - time.monotonic()))

    def _open(self) -> None:
        for lock in reversed(self._mine.taken):
            with suppress(RuntimeError):  # it was not to be had
                lock.release()
