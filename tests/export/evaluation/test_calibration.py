"""Parts drawn from probabilities that are known: the temperature comes back."""

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')

from export.data.window_table import WindowTable
from export.evaluation.calibration import Scaling, fit_scaling


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
