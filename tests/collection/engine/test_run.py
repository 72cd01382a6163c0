"""Where the progress of a run is shown: on a terminal, and nowhere else."""

import io

import pytest

from music21_kdic.collection.engine import run
from music21_kdic.collection.engine.run import Run


class Log:
    """What a service puts in the place of standard error: it can be written to, and no more."""

    def __init__(self):
        self.written = ''

    def write(self, text):
        self.written += text


class Terminal(Log):
    def flush(self):
        pass

    def isatty(self):
        return True


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize(('stderr', 'shown'), [(Terminal(), True), (Log(), False), (closed(), False), (None, False)])
def test_progress_is_shown_on_a_terminal_alone(stderr, shown, monkeypatch):
    monkeypatch.setattr(run, 'answer_files', lambda *_: (answer for answer in [('song.mid', [])]))
    monkeypatch.setattr('sys.stderr', stderr)
    assert list(Run(query=None).answers([('song.mid', None)])) == [('song.mid', [])]
    assert ('1/1' in getattr(stderr, 'written', '')) == shown
