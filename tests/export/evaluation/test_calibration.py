"""Parts drawn from probabilities that are known: the temperature comes back."""

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')

from scipy.special import log_softmax

from export.data.window_table import WindowTable
from export.evaluation.calibration import Scaling, equal_priors, fit_part_temperature, fit_scaling
from tests.export.evaluation.worlds import SKEWED, world

EVEN = np.full(8, 1 / 8)


class Table:
    """As much of a WindowTable as fit_scaling needs: half training, half validation."""

    def __init__(self, label):
        self.label = label

    def rows(self, split):
        half = self.label.size // 2
        return {'train': np.arange(half), 'val': np.arange(half, self.label.size)}[split]

    class_frequencies = WindowTable.class_frequencies


def test_the_fitted_temperature_is_the_one_that_was_there():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20000, 8)) * 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (probabilities.cumsum(axis=1) > rng.random((20000, 1))).argmax(axis=1)
    assert fit_scaling(3.0 * logits, Table(labels)).temperature == pytest.approx(3.0, rel=0.05)


def test_equal_priors_take_the_training_frequencies_out():
    """A network that has learnt nothing but the priors says nothing under equal ones."""
    priors = np.array([0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
    assert Scaling(1.0, priors)(np.log(priors)[None]) == pytest.approx(np.log(np.full((1, 8), 1 / 8)))


def test_the_temperature_of_parts_is_the_one_that_was_there():
    """Two collections whose classes are differently frequent; what the logits were multiplied by is taken back."""
    some, some_labels = world(6000, SKEWED, seed=1)
    others, other_labels = world(6000, SKEWED[::-1], seed=2)
    logs, labels = np.concatenate([some, others]), np.concatenate([some_labels, other_labels])
    collection = np.repeat([0, 1], 6000)
    learnt = 1.6 * logs + np.log(SKEWED)
    music = np.full(labels.size, 50.0)
    temperature = fit_part_temperature(learnt, music, labels, collection, SKEWED)
    assert temperature == pytest.approx(1.6, rel=0.05)
    assert equal_priors(learnt, music, SKEWED, 1.6) == pytest.approx(log_softmax(logs, axis=1))


def test_the_less_a_part_is_taken_for_music_the_more_even_is_its_answer():
    """By hand: of 1 and 7 times 1/2 as likelihoods, where it is music with a probability of 1, 3/4 and 0."""
    logits = np.tile(np.log([1.0, *[0.5] * 7]), (3, 1))
    logs = equal_priors(logits, np.array([800.0, np.log(3), -800.0]), EVEN, 1.0)
    assert np.exp(logs[:, 0]) == pytest.approx([2 / 9, 0.75 * 2 / 9 + 0.25 / 8, 1 / 8])
    assert np.exp(logs).sum(axis=1) == pytest.approx([1, 1, 1])
