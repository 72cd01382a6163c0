import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')

from export.data.window_table import WindowTable
from export.evaluation.calibration import (
    Answers,
    Calibration,
    Scaling,
    fit_least_confidence,
    fit_scaling,
    fit_spread,
    part_means,
)
from export.evaluation.evaluate import evaluate_nonsense, scores, similarity
from export.evaluation.reliability import interval_coverage, sure_answers, unclear_answers
from music21_kdic.model.session import log_softmax


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


def test_sure_answers_counted_by_hand():
    """Four answers: 0.95 right, 0.95 wrong, 0.85 right, 0.3 right."""
    top = np.array([0.95, 0.95, 0.85, 0.3])
    logs = np.log(np.column_stack([top, np.tile((1 - top[:, None]) / 7, 7)]))
    found = sure_answers(logs, np.array([0, 3, 0, 0]))
    assert found['0.5'] == {'share': 0.75, 'right': pytest.approx(2 / 3, abs=1e-4)}
    assert found['0.8'] == {'share': 0.75, 'right': pytest.approx(2 / 3, abs=1e-4)}
    assert found['0.9'] == {'share': 0.5, 'right': 0.5}


def test_similarity_averaged_by_hand():
    """Two parts of Guitar, one given 0.6 and one 0.8 to it, one part of Reed that is given 1 to Guitar."""
    probabilities = np.zeros((3, 8))
    probabilities[:, 0] = 0.6, 0.8, 1.0
    probabilities[:2, 1] = 0.4, 0.2
    found = similarity(np.log(np.maximum(probabilities, 1e-30)), np.array([0, 0, 7]))
    assert found == {'Guitar': [0.7, 0.3, 0, 0, 0, 0, 0, 0], 'Reed': [1, 0, 0, 0, 0, 0, 0, 0]}


def with_confidence(top):
    """Log probabilities whose likeliest class, the first, has so much, the others the rest in equal shares."""
    top = np.asarray(top)
    return np.log(np.column_stack([top, np.tile((1 - top[:, None]) / 7, 7)]))


def test_unclear_answers_counted_by_hand():
    """Of four answers two are less sure than 0.4; one of them would have been right."""
    found = unclear_answers(with_confidence([0.9, 0.3, 0.35, 0.5]), np.array([0, 0, 3, 1]), 0.4)
    assert found == {'share': 0.5, 'right': 0.5}
    assert unclear_answers(with_confidence([0.9]), np.array([0]), 0.4) == {'share': 0.0, 'right': 0.0}


def test_the_least_confidence_is_one_that_a_tenth_of_nonsense_reaches():
    assert fit_least_confidence(with_confidence(np.linspace(0.2, 0.6, 101))) == pytest.approx(0.56)


def test_nonsense_counted_by_hand():
    """Four parts of one kind, beside two of music that are surer than three of them."""
    none, even = np.zeros((0, 8)), Scaling(1.0, np.full(8, 1 / 8))
    logs = with_confidence([0.15, 0.2, 0.3, 0.85])
    nonsense = WindowTable(
        None, np.full(4, -1), np.arange(4), np.full(4, 2), np.array(['random'] * 4), np.array([''] * 4)
    )
    calibration = Calibration(even, even, np.ones(8), 0.25, 1.0)
    wanted = {'random': {'parts': 4, 'classed': 0.5, '0.5': 0.25, '0.8': 0.25, '0.9': 0.0, 'auroc': 7 / 8}}
    music = np.array([0.5, 0.9])
    assert evaluate_nonsense(Answers(none, np.zeros(0), none, logs, none), calibration, nonsense, music) == wanted
    # Of a part student it is the answers to parts that count.
    unsure = with_confidence(np.full(4, 0.15))
    with_head = Answers(none, np.zeros(0), np.zeros((1, 8)), unsure, logs)
    assert evaluate_nonsense(with_head, calibration, nonsense, music) == wanted


def test_parts_are_means_of_their_windows():
    logs = np.arange(32.0).reshape(4, 8)
    means, first = part_means(logs, np.array([7, 3, 7, 3]))
    assert first.tolist() == [1, 0]
    assert means.tolist() == [((logs[1] + logs[3]) / 2).tolist(), ((logs[0] + logs[2]) / 2).tolist()]


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


@pytest.fixture(scope='module')
def noisy():
    """10,000 parts of six windows: each class scatters by 0.1 within and between parts.

    Returns the first window, and log probabilities of the parts, from it and from the five others.
    """
    rng = np.random.default_rng(3)
    logs = rng.normal(scale=0.1, size=(10000, 1, 8)) + rng.normal(scale=0.1, size=(10000, 6, 8))
    windows = log_softmax(logs)
    return windows[:, :1], windows[:, 0], log_softmax(windows[:, 1:].mean(axis=1))


def test_the_spread_within_parts(noisy):
    """Log-odds are a class less the weighted mean of seven others: a variance of 0.01 * (1 + 1/7)."""
    _, first, others = noisy
    assert fit_spread(first, others, np.full(10000, 5)) == pytest.approx(np.full(8, 0.1 * np.sqrt(8 / 7)), rel=0.03)


def test_intervals_hold_as_often_as_they_promise(noisy):
    """One window against five others: normal with a variance of 1 + 1/5, so 1.645 / 1.095 deviations hold 86.7 %."""
    windows, first, others = (some[:2000] for some in noisy)
    five = np.full(2000, 5)
    spread = fit_spread(first, others, five)
    found = interval_coverage(windows, first, others, five, spread)
    assert (found['windows'], found['parts'], found['expected']) == (1, 2000, pytest.approx(0.867, abs=1e-3))
    assert found['inside'] == pytest.approx(0.867, abs=0.01)
    assert interval_coverage(windows, first, others, five, spread / 2)['inside'] < 0.6
