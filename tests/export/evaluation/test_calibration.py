"""Parts drawn from probabilities that are known: temperature and thresholds come back."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')

from export.evaluation.reliability import calibration_of_parts, sure_answers
from tests.export.evaluation.worlds import SKEWED, with_confidence, world

from export.data.window_table import WindowTable
from export.evaluation.calibration import (
    Scaling,
    calibrate,
    fit_least_confidence,
    fit_part_scaling,
    fit_scaling,
    fit_spread,
    fit_sure_confidence,
)
from export.evaluation.evaluate import evaluate_model
from export.training.stored_logits import StoredLogits, part_means
from music21_kdic.model.session import log_softmax


def test_the_temperature_of_parts_is_the_one_that_was_there():
    """Two collections whose classes are differently frequent; what the logits were multiplied by is taken back."""
    some, some_labels = world(15000, SKEWED, seed=1)
    others, other_labels = world(15000, SKEWED[::-1], seed=2)
    logs, labels = np.concatenate([some, others]), np.concatenate([some_labels, other_labels])
    collection = np.repeat(['pop', 'scores'], 15000)
    even = np.full(8, 1 / 8)
    assert fit_part_scaling(logs / 1.6, labels, collection, even).temperature == pytest.approx(1 / 1.6, rel=0.03)
    # A head's answers are what it learnt, with the frequencies that it learnt from.
    learnt = fit_part_scaling(1.6 * (logs + np.log(SKEWED)), labels, collection, SKEWED)
    assert learnt.temperature == pytest.approx(1.6, rel=0.03)
    assert learnt(1.6 * (logs + np.log(SKEWED))) == pytest.approx(log_softmax(logs), abs=0.5)
    # What the logits are shifted by, part by part, says nothing.
    shift = np.random.default_rng(3).normal(size=(30000, 1))
    found = fit_part_scaling(logs / 1.6 + shift, labels, collection, even)
    assert found.temperature == pytest.approx(1 / 1.6, rel=0.03)


def test_the_sure_confidence_holds_for_parts_it_was_not_found_on():
    for seed in range(5):
        logs, labels = world(4000, np.full(8, 1 / 8), seed, sharpness=5.0)
        least = fit_sure_confidence(logs, labels)
        found = sure_answers(*world(40000, np.full(8, 1 / 8), seed + 100, sharpness=5.0), least)
        assert 0.89 < found['right'] < 0.95
        assert found['share'] > 0.2


def test_the_sure_confidence_is_the_smallest_that_will_do():
    """Of 500 answers of 0.8 all are right, of 500 of 0.6 all but 25 (975 of 1,000), of 1,000 of 0.4 half."""
    logs = with_confidence(np.repeat([0.8, 0.6, 0.4], [500, 500, 1000]))
    labels = np.zeros(2000, dtype=int)
    labels[500:525] = labels[1000:1500] = 3
    assert fit_sure_confidence(logs, labels) == 0.6


def test_few_right_answers_do_not_make_one_sure():
    """Of 24 answers, all right, the lower bound of Wilson's interval is 24 / (24 + 1.645 ** 2) = 0.899."""
    assert fit_sure_confidence(with_confidence(np.full(24, 0.8)), np.zeros(24, dtype=int)) == 1.0
    assert fit_sure_confidence(with_confidence(np.full(25, 0.8)), np.zeros(25, dtype=int)) == 0.8


@pytest.fixture(scope='module')
def table_and_answers():
    """Parts of four windows in four places; each window has its part's evidence and as much noise of its own."""
    counts = {('val', 'pop'): 2000, ('val', 'mutopia'): 1000, ('test', 'pop'): 2000, ('lakh', 'lakh'): 1000}
    rng = np.random.default_rng(5)
    columns = {'label': [], 'split': [], 'source': [], 'logits': []}
    for seed, ((split, source), count) in enumerate(counts.items()):
        logs, labels = world(count, SKEWED if source != 'mutopia' else SKEWED[::-1], seed, sharpness=2.0)
        noisy = logs[:, None] + rng.normal(size=(count, 4, 8)) + np.log(1 / 8)
        columns['logits'].append(0.5 * noisy.reshape(-1, 8))
        columns['label'].append(np.repeat(labels, 4))
        columns['split'].append(np.full(4 * count, ('train', 'val', 'test', 'lakh').index(split)))
        columns['source'].append(np.full(4 * count, source))
    joined = {name: np.concatenate(column) for name, column in columns.items()}
    logits = joined.pop('logits')
    part = np.repeat(np.arange(logits.shape[0] // 4), 4)
    table = WindowTable(None, part=part, group=part.astype(str), **joined)
    none = np.zeros((0, 8))
    return table, StoredLogits(logits, np.zeros(0), none, none, none)


def test_parts_are_calibrated_whatever_was_done_to_the_logits(table_and_answers):
    table, answers = table_and_answers
    found = evaluate_model(answers, calibrate(answers, table), table)
    assert found['calibration']['pop']['ece'] < 0.03
    assert found['calibration']['pop']['priors_of'] == 'pop'
    # Of lakh no labels are used: what is frequent there is held to be as in pop.
    assert found['calibration']['lakh']['priors'] == found['calibration']['pop']['priors']
    assert found['calibration']['lakh']['priors_of'] == 'pop'
    assert found['calibration']['pop']['priors']['Guitar'] == pytest.approx(0.4, abs=0.03)
    assert set(found['ranking']) == set(found['answered']) == {'pop', 'lakh'}


def test_the_mean_of_windows_is_less_sure_than_it_could_be(table_and_answers):
    """Evidence shared by four windows, and noise of each: of the mean a quarter of the noise is left, in variance."""
    table, answers = table_and_answers
    fitted = calibrate(answers, table)
    assert fitted.part_scaling.temperature < 1
    rows = table.rows('test')
    windows, _ = part_means(fitted.scaling(answers.logits[rows]), table.part[rows])
    labels = table.label[rows][::4]
    plain = calibration_of_parts(windows, labels, SKEWED)
    parts, first = fitted.of_parts(answers, table, rows)
    assert first.tolist() == list(range(0, rows.size, 4))
    assert calibration_of_parts(parts, labels, SKEWED)['ece'] < plain['ece']


def test_a_heads_answers_are_taken_for_those_of_parts(table_and_answers):
    """Evidence of variance 2 with noise of 1/4 is worth 2 / 2.25 of what it says; the head says 1.5 times as much."""
    table, answers = table_and_answers
    evidence = 2.0 * part_means(answers.logits, table.part)[0]
    with_head = replace(answers, parts=1.5 * evidence)
    found = evaluate_model(with_head, calibrate(with_head, table), table)
    assert found['part_temperature'] == pytest.approx(1.5 * 2.25 / 2, rel=0.05)
    assert found['calibration']['pop']['ece'] < 0.03


def test_the_least_confidence_is_one_that_a_tenth_of_noise_reaches():
    assert fit_least_confidence(with_confidence(np.linspace(0.2, 0.6, 101))) == pytest.approx(0.56)


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


def test_the_spread_within_parts(noisy):
    """Log-odds are a class less the weighted mean of seven others: a variance of 0.01 * (1 + 1/7)."""
    _, first, others = noisy
    assert fit_spread(first, others, np.full(10000, 5)) == pytest.approx(np.full(8, 0.1 * np.sqrt(8 / 7)), rel=0.03)
