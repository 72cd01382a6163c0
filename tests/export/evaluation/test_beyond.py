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
