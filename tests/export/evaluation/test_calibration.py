"""Parts drawn from probabilities that are known: temperature and thresholds come back."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')

from export.data.window_table import WindowTable
from export.evaluation.calibration import Answers, calibrate, fit_part_scaling, fit_sure_confidence, part_means
from export.evaluation.evaluate import evaluate_answers
from export.evaluation.reliability import calibration_of_parts, ranking, reliability, sure_answers
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import log_softmax

SKEWED = np.array([0.4, 0.2, 0.1, 0.1, 0.08, 0.06, 0.04, 0.02])


def world(count, frequencies, seed, sharpness=3.0):
    """Parts of a world in which evidence is right: (log-likelihoods, labels), classes as frequent as said.

    Eight numbers are drawn for each part, normal around ``sharpness`` for its class and around 0 for the others, with
    deviations of sqrt(sharpness): their log-likelihood ratios are the numbers' differences.
    """
    rng = np.random.default_rng(seed)
    labels = rng.choice(8, count, p=frequencies)
    heard = rng.normal(scale=np.sqrt(sharpness), size=(count, 8))
    heard[np.arange(count), labels] += sharpness
    return heard, labels


def with_confidence(top):
    """Log probabilities whose likeliest class, the first, has so much, the others the rest in equal shares."""
    top = np.asarray(top)
    return np.log(np.column_stack([top, np.tile((1 - top[:, None]) / 7, 7)]))


def test_reliability_counted_by_hand():
    """Bins of a fifteenth: 0.95 right, 0.95 wrong; 0.3 right. Error: 2/3 * |1/2 - 0.95| + 1/3 * |1 - 0.3|."""
    found = reliability(np.exp(with_confidence([0.95, 0.95, 0.3])), np.array([0, 1, 0]))
    assert found['ece'] == pytest.approx(2 / 3 * 0.45 + 1 / 3 * 0.7, abs=1e-4)
    assert found['bins'] == [
        {'low': 0.2667, 'high': 0.3333, 'count': 1, 'confidence': 0.3, 'accuracy': 1.0},
        {'low': 0.9333, 'high': 1.0, 'count': 2, 'confidence': 0.95, 'accuracy': 0.5},
    ]


def test_a_bin_holds_its_upper_edge_and_certainty_lies_in_the_last():
    """As torchmetrics and Guo's own code have it: 0.2 = 3/15 belongs to the third bin."""
    found = reliability(np.array([[0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2], np.eye(8)[0]]), np.array([0, 0]))
    assert [(one['low'], one['high'], one['count']) for one in found['bins']] == [
        (pytest.approx(2 / 15, abs=1e-4), 0.2, 1), (pytest.approx(14 / 15, abs=1e-4), 1.0, 1),
    ]  # fmt: skip


def test_right_evidence_is_calibrated_under_its_own_frequencies_and_not_under_others():
    logs, labels = world(20000, SKEWED, seed=0)
    assert reliability(np.exp(log_softmax(logs + np.log(SKEWED))), labels)['ece'] < 0.01
    assert reliability(np.exp(log_softmax(logs + np.log(SKEWED[::-1]))), labels)['ece'] > 0.03


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


def test_the_error_under_a_collections_frequencies_and_under_others():
    logs, labels = world(20000, SKEWED, seed=4)
    found = calibration_of_parts(logs, labels, SKEWED)
    assert found['ece'] == reliability(np.exp(log_softmax(logs + np.log(SKEWED))), labels)['ece'] < 0.01
    assert found['priors'] == dict(zip(CLASSES, SKEWED, strict=True))
    # With wrong priors it is off, and would be right if one knew better.
    wrong = calibration_of_parts(logs, labels, SKEWED[::-1])
    assert wrong['ece'] > 0.03
    assert wrong['ece_of_own'] < 0.01


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


def test_ranking_counted_by_hand():
    """Of the likenesses 0.9 0.3 (Guitars) and 0.5 0.1 (Pianos), three of four pairs stand in the right order."""
    found = ranking(with_confidence([0.9, 0.3, 0.5, 0.1]), np.array([0, 0, 1, 1]))
    assert found['Guitar'] == 0.75
    assert set(found) == {'Guitar', 'Piano', 'mean'}  # of the others there are none
    assert ranking(with_confidence([0.9, 0.3]), np.array([0, 0])) == {}


@pytest.fixture(scope='module')
def table_and_answers():
    """Parts of four windows in four places; each window hears its part's evidence and as much noise of its own."""
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
    return table, Answers(logits, np.zeros(0), none, none, none)


def test_parts_are_calibrated_whatever_was_done_to_the_logits(table_and_answers):
    table, answers = table_and_answers
    found = evaluate_answers(answers, calibrate(answers, table), table)
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
    heard = 2.0 * part_means(answers.logits, table.part)[0]
    with_head = replace(answers, parts=1.5 * heard)
    found = evaluate_answers(with_head, calibrate(with_head, table), table)
    assert found['part_temperature'] == pytest.approx(1.5 * 2.25 / 2, rel=0.05)
    assert found['calibration']['pop']['ece'] < 0.03
