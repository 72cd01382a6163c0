"""The ways to end a server beside Ctrl-C."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def all_as_interrupts() -> Iterator[None]:
    """SIGTERM, and the SIGHUP of a terminal that is closed, end the server as Ctrl-C does: files are deleted first."""
    former: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # others cannot set what a signal does
        for name in ('SIGTERM', 'SIGHUP'):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # nohup
                former[number] = signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
