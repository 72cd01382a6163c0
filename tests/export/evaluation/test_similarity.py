import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from scipy.spatial.distance import pdist

from export.data.instruments import FAMILY, INSTRUMENTS
from export.evaluation.similarity import correlation, probabilities


def test_probabilities_of_instruments_are_those_of_their_class():
    rng = np.random.default_rng(0)
    logs = np.log(rng.dirichlet(np.ones(8), 5))
    found = probabilities(logs, rng.normal(size=(5, len(INSTRUMENTS))).astype(np.float32))
    sums = np.stack([found[:, each == FAMILY].sum(axis=1) for each in range(8)], axis=1)
    assert sums == pytest.approx(np.exp(logs))


def test_distances_that_follow_families_are_told_from_those_that_do_not():
    family = np.repeat([0, 1, 2], 5)
    apart = pdist(family[:, None], lambda one, other: float(one[0] != other[0]))
    noise = np.random.default_rng(1).normal(scale=0.1, size=apart.size)
    assert correlation(apart + noise, apart)[0] > 0.9
    assert correlation(apart + noise, apart)[1] < 0.01
    assert correlation(np.abs(noise), apart)[1] > 0.05
