import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')
from export.evaluation.calibration import (
    fit_spread,
)
from export.evaluation.reliability import (
    calibration_of_parts,
    interval_coverage,
    ranking,
    reliability,
    sure_answers,
    unclear_answers,
)
from music21_kdic.classes import CLASSES
from music21_kdic.model.session import log_softmax
from tests.export.evaluation.worlds import SKEWED, with_confidence, world


def test_sure_answers_counted_by_hand():
    """Four answers: 0.95 right, 0.95 wrong, 0.85 right, 0.3 right."""
    top = np.array([0.95, 0.95, 0.85, 0.3])
    logs = np.log(np.column_stack([top, np.tile((1 - top[:, None]) / 7, 7)]))
    found = sure_answers(logs, np.array([0, 3, 0, 0]))
    assert found['0.5'] == {'share': 0.75, 'right': pytest.approx(2 / 3, abs=1e-4)}
    assert found['0.8'] == {'share': 0.75, 'right': pytest.approx(2 / 3, abs=1e-4)}
    assert found['0.9'] == {'share': 0.5, 'right': 0.5}


def test_unclear_answers_counted_by_hand():
    """Of four answers two are less sure than 0.4; one of them would have been right."""
    found = unclear_answers(with_confidence([0.9, 0.3, 0.35, 0.5]), np.array([0, 0, 3, 1]), 0.4)
    assert found == {'share': 0.5, 'right': 0.5}
    assert unclear_answers(with_confidence([0.9]), np.array([0]), 0.4) == {'share': 0.0, 'right': 0.0}


def test_intervals_hold_as_often_as_they_promise(noisy):
    """One window against five others: normal with a variance of 1 + 1/5, so 1.645 / 1.095 deviations hold 86.7 %."""
    windows, first, others = (some[:2000] for some in noisy)
    five = np.full(2000, 5)
    spread = fit_spread(first, others, five)
    found = interval_coverage(windows, first, others, five, spread)
    assert (found['windows'], found['parts'], found['expected']) == (1, 2000, pytest.approx(0.867, abs=1e-3))
    assert found['inside'] == pytest.approx(0.867, abs=0.01)
    assert interval_coverage(windows, first, others, five, spread / 2)['inside'] < 0.6


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


def test_the_error_under_a_collections_frequencies_and_under_others():
    logs, labels = world(20000, SKEWED, seed=4)
    found = calibration_of_parts(logs, labels, SKEWED)
    assert found['ece'] == reliability(np.exp(log_softmax(logs + np.log(SKEWED))), labels)['ece'] < 0.01
    assert found['priors'] == dict(zip(CLASSES, SKEWED, strict=True))
    # With wrong priors it is off, and would be right if one knew better.
    wrong = calibration_of_parts(logs, labels, SKEWED[::-1])
    assert wrong['ece'] > 0.03
    assert wrong['ece_of_own'] < 0.01


def test_ranking_counted_by_hand():
    """Of the likenesses 0.9 0.3 (Guitars) and 0.5 0.1 (Pianos), three of four pairs stand in the right order."""
    found = ranking(with_confidence([0.9, 0.3, 0.5, 0.1]), np.array([0, 0, 1, 1]))
    assert found['Guitar'] == 0.75
    assert set(found) == {'Guitar', 'Piano', 'mean'}  # of the others there are none
    assert ranking(with_confidence([0.9, 0.3]), np.array([0, 0])) == {}
