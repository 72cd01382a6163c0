import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')

from export.data.window_table import WindowTable
from export.evaluation.calibration import (
    Calibration,
    Scaling,
)
from export.evaluation.evaluate import evaluate_noise, scores, similarity
from export.training.stored_logits import StoredLogits
from tests.export.evaluation.worlds import with_confidence


def test_scores_counted_by_hand():
    """True 0 0 0 1 1 5, guessed 0 0 1 1 1 1: F1 of 0 is 4/5, of 1 it is 4/6, of 5 it is 0."""
    labels = np.array([0, 0, 0, 1, 1, 5])
    logs = np.eye(8)[[0, 0, 1, 1, 1, 1]]
    found = scores(logs, labels)
    assert found['f1'] == {'Guitar': 0.8, 'Piano': pytest.approx(2 / 3, abs=1e-4), 'Brass': 0.0}
    assert found['macro_f1'] == pytest.approx((0.8 + 2 / 3) / 3, abs=1e-4)
    assert found['weighted_f1'] == pytest.approx((3 * 0.8 + 2 * 2 / 3) / 6, abs=1e-4)
    assert found['accuracy'] == pytest.approx(4 / 6, abs=1e-4)
    assert found['confusion'][0][:2] == [2, 1]
    assert found['confusion'][5][1] == 1


def test_similarity_averaged_by_hand():
    """Two parts of Guitar, one given 0.6 and one 0.8 to it, one part of Reed that is given 1 to Guitar."""
    probabilities = np.zeros((3, 8))
    probabilities[:, 0] = 0.6, 0.8, 1.0
    probabilities[:2, 1] = 0.4, 0.2
    found = similarity(np.log(np.maximum(probabilities, 1e-30)), np.array([0, 0, 7]))
    assert found == {'Guitar': [0.7, 0.3, 0, 0, 0, 0, 0, 0], 'Reed': [1, 0, 0, 0, 0, 0, 0, 0]}


def test_noise_counted_by_hand():
    """Four parts of one kind, beside two of music that are surer than three of them."""
    none, even = np.zeros((0, 8)), Scaling(1.0, np.full(8, 1 / 8))
    logs = with_confidence([0.15, 0.2, 0.3, 0.85])
    noise = WindowTable(None, np.full(4, -1), np.arange(4), np.full(4, 2), np.array(['random'] * 4), np.array([''] * 4))
    calibration = Calibration(even, even, np.ones(8), 0.25, 1.0)
    wanted = {'random': {'parts': 4, 'classed': 0.5, '0.5': 0.25, '0.8': 0.25, '0.9': 0.0, 'auroc': 7 / 8}}
    music = np.array([0.5, 0.9])
    assert evaluate_noise(StoredLogits(none, np.zeros(0), none, logs, none), calibration, noise, music) == wanted
    # Of a part student it is the answers to parts that count.
    unsure = with_confidence(np.full(4, 0.15))
    with_head = StoredLogits(none, np.zeros(0), np.zeros((1, 8)), unsure, logs)
    assert evaluate_noise(with_head, calibration, noise, music) == wanted
