"""What a batch may hold, worked out by hand, and what of that a user sees."""

import numpy as np
import pytest

from music21_kdic import NoteError, NoteSequence, Scorer, rank
from music21_kdic.answers import batches as module
from music21_kdic.answers import classify as classifier
from music21_kdic.answers.batches import batches, sounding

LINE = NoteSequence(np.arange(16) / 2, np.arange(1, 17) / 2, [40, 43, 45, 47] * 4, [0, 4, 8])
# 300 notes that each last 250 windows: about 75,300 times a note sounds in a window.
DRONE = NoteSequence(np.zeros(300), np.full(300, 2000.0), np.arange(300) % 60 + 30, np.arange(0, 2001, 4))


def test_a_batch_has_at_most_so_many_parts_and_notes():
    assert [len(some) for some in batches([LINE] * 257, sounding)] == [256, 1]
    assert [len(some) for some in batches([DRONE] * 5, sounding)] == [2, 2, 1]
    assert [len(some) for some in batches([LINE, LINE, DRONE, DRONE, DRONE], sounding)] == [4, 1]
    assert list(batches([], sounding)) == []


def test_one_part_is_a_batch_however_much_it_holds(monkeypatch):
    monkeypatch.setattr(module, 'SOUNDING', 10)
    assert [len(some) for some in batches([LINE] * 3, sounding)] == [1, 1, 1]


def test_rank_scores_many_as_it_scores_one():
    lines = [[(0.5 * i, 0.5, 40 + (i * step) % 12) for i in range(16)] for step in range(1, 8)]
    lines[3] = []
    together = {id(row['stream']): row['score'] for row in rank(iter(lines), like='Bass')}
    for line in lines:
        (alone,) = rank(line, like='Bass') if line else rank([line], like='Bass')
        assert together[id(line)] == pytest.approx(alone['score'], abs=1e-5)


def test_what_is_too_much_is_told_by_its_place(monkeypatch):
    """Sixteen notes sound in one window, forty in more: the second and the last candidate are too much."""
    monkeypatch.setattr(classifier, 'MAX_SOUNDING', 20)
    more = [(0.5 * i, 0.5, 40 + i % 12) for i in range(40)]
    line = more[:16]
    with pytest.raises(NoteError, match='candidate 0 to 1: 56 times a note sounds in a window, in 2 parts'):
        Scorer('bass')([line, more])
    monkeypatch.setattr(module, 'SOUNDING', 20)
    with pytest.raises(NoteError, match='candidate 1: 40 times a note sounds'):
        Scorer('bass')([line, more, line])
    rows = rank([line, more, line, more], like='Bass')
    assert [row.status for row in rows] == ['ok', 'ok', 'unreadable', 'unreadable']
    assert '40 times a note sounds' in rows[2].error
