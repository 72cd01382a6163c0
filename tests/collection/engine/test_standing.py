"""Workers that stay: the same limits, and nothing left when they are stopped."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from music21_kdic import KdicError
from music21_kdic.collection.engine.pool import Crew
from music21_kdic.collection.engine.standing import StandingWorkers
from music21_kdic.collection.label import LabelQuery
from music21_kdic.collection.options import Options
from tests.collection.engine.test_pool import workers


def test_files_come_one_by_one_and_from_many_threads(write_midi, midi_note, slow):
    good = write_midi([[*midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    standing = StandingWorkers(LabelQuery(), Options(timeout=1), jobs=1)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: standing.ask(str(good)), range(8)))
        assert [[row.status for row in rows] for rows in found] == [['ok']] * 8
        assert len(workers()) == 1
        (row,) = standing.ask(str(slow()))
        assert (row.status, row.error) == ('timeout', 'no answer within 1 s')
        assert [row.status for row in standing.ask(str(good))] == ['ok']
    finally:
        standing.disband()
    assert workers() == []
    with pytest.raises(KdicError, match='the workers were stopped'):
        standing.ask(str(good))


def test_all_that_stand_idle_are_dismissed(write_midi, midi_note, monkeypatch):
    good = write_midi([[*midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    standing = StandingWorkers(LabelQuery(), Options(), jobs=3)
    dismissed = []
    monkeypatch.setattr(standing, 'dismiss', lambda worker: (dismissed.append(worker), Crew.dismiss(standing, worker)))
    together = threading.Barrier(3)

    def ask(_):
        together.wait()
        return standing.ask(str(good))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(ask, range(3)))
    there = len(workers())
    standing.disband()
    assert 2 <= there == len(dismissed)
    assert workers() == []
