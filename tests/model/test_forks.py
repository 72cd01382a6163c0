"""Threads inside and forks keep out of each other's way, whatever interrupts them."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from music21_kdic.model import forks
from music21_kdic.model.forks import Gate


@pytest.fixture
def other():
    """Another thread."""
    with ThreadPoolExecutor(1) as threads:
        yield lambda run: threads.submit(run).result()


def is_free(lock):
    """Could this thread have it now?"""
    found = lock.acquire(blocking=False)
    if found:
        lock.release()
    return found


def is_let_in(gate):
    return is_free(gate.inside())


def is_empty(gate):
    """Is no other thread inside?"""
    return all(is_free(lock) for lock in (gate._making, *gate._locks))


def go_in(gate):
    with gate.inside(), gate.inside():
        len('something is done')


def is_interrupted(run, moment):
    """Run until Python looks for signals for so many times: on entry into a function, or on return from one of C."""
    moments = 0

    def profile(_frame, event, _what):
        nonlocal moments
        moments += event in ('call', 'c_return')
        if moments == moment:
            raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        run()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


@pytest.mark.parametrize('first', [True, False])
def test_whoever_is_interrupted_is_no_longer_inside(first, other):
    moment, interrupted = 0, True
    while interrupted:
        gate = Gate()
        if not first:  # the thread has its lock already
            gate.inside()
        moment += 1
        interrupted = is_interrupted(partial(go_in, gate), moment)
        assert other(partial(is_empty, gate))
    assert moment > 5


def test_a_fork_keeps_others_out_until_it_is_done(other):
    gate = Gate()
    assert other(lambda: is_let_in(gate))
    with gate.inside():  # who forks may be inside
        gate._close()
        assert is_let_in(gate)
        assert not other(lambda: is_let_in(gate))
        gate._open()
        assert other(lambda: is_let_in(gate))


def test_a_fork_does_not_wait_for_ever(other, monkeypatch):
    monkeypatch.setattr(forks, 'PATIENCE_SECONDS', 0.01)
    gate = Gate()
    entered, leave = Event(), Event()

    def stay():
        with gate.inside():
            entered.set()
            leave.wait()

    with ThreadPoolExecutor(1) as threads:
        staying = threads.submit(stay)
        entered.wait()
        gate._close()
        gate._open()
        assert not other(lambda: is_empty(gate))
        leave.set()
        staying.result()
        assert other(lambda: is_empty(gate))
