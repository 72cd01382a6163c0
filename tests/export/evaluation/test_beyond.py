"""Which real parts are taken for noise, of students whose answers are given."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.data.sources import COLLECTIONS
from export.evaluation import beyond


class Parts:
    """Test parts of collections, whose only number is their log-odds of being music."""

    def __init__(self, **odds):
        self.numbers = np.concatenate([np.float32(each) for each in odds.values()])[:, None]
        self.collection = np.repeat([COLLECTIONS.index(name) for name in odds], [len(each) for each in odds.values()])
        self.tested = np.ones(len(self.numbers), np.bool_)
        self.label = np.zeros(len(self.numbers), np.int64)

    def of_collections(self, names):
        return np.isin(self.collection, [COLLECTIONS.index(name) for name in names])


def test_plain_music_passes_for_music_from_the_least_probability_that_ships(monkeypatch):
    """Probabilities 0.1, 0.5 and 0.9: log-odds of -ln 9, 0 and ln 9."""
    plain = SimpleNamespace(numbers=np.float32([[-np.log(9)], [0], [np.log(9)]]), label=np.zeros(3, np.int64))
    made_up = SimpleNamespace(kinds=lambda what, split: ['scales'], select=lambda what, split, kind: plain)
    monkeypatch.setattr(beyond, '_music', lambda student, numbers: numbers[:, 0])
    monkeypatch.setattr(beyond, 'logs_alone', lambda student, temperature, numbers: np.log(np.eye(8)[[0, 0, 2]] + 1e-9))
    said = SimpleNamespace(temperatures=(1.0, 1.0))
    for least, share in ((0.05, 1.0), (0.5, 0.667), (0.95, 0.0)):
        found = beyond.of_plain_music([None], [said], made_up, least)['scales']
        assert (found['music'], found['right'], found['answer']) == (share, 0.667, 'Guitar')


def test_the_share_of_real_parts_that_are_held_for_noise(monkeypatch):
    whole, cut = Parts(pop=[3, -1, 2, 4], guitar=[5]), Parts(pop=[-1, 1])
    said = SimpleNamespace(
        table=whole,
        answers=[SimpleNamespace(music=whole.numbers[:, 0])],
        of=lambda name, rows: np.flatnonzero(rows & whole.of_collections([name])),
    )
    monkeypatch.setattr(beyond, '_music', lambda student, numbers: numbers[:, 0])
    found = beyond.of_real_parts([None], [said], {8: cut})
    assert found == {'pop': {'all': 0.25, '8': 0.5}, 'guitar': {'all': 0.0}}
