"""Whose an error is: what a signal handler raises is the user's own."""

import functools
import signal

import pytest

from music21_kdic.errors import is_of_a_signal


class Limit:
    def __call__(self, *_):
        raise TimeoutError

    def reached(self, number, frame):
        self(number, frame)


def with_more(_more, number, frame):
    raise TimeoutError


def once(number, frame):
    """Ends in order the first time, so that a second signal kills."""
    signal.signal(number, signal.SIG_DFL)
    raise TimeoutError


@pytest.mark.parametrize(
    'handler',
    [lambda *_: Limit()(), Limit().reached, Limit(), functools.partial(with_more, 'more'), once],
    ids=['function', 'method', 'object', 'partial', 'once'],
)
def test_what_a_signal_handler_raises_is_known_by_the_handler(handler):
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with pytest.raises(TimeoutError) as found:
            signal.raise_signal(signal.SIGTERM)
        assert is_of_a_signal(found.value)
    finally:
        signal.signal(signal.SIGTERM, before)
    with pytest.raises(TimeoutError) as found:
        Limit().reached(0, None)
    assert not is_of_a_signal(found.value)
