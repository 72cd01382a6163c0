import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from export.evaluation.measures import calibration_error, interval, lower_bound, ranking, right
from tests.export.evaluation.worlds import with_confidence, world


def answered(*classes):
    """Log probabilities that name these classes."""
    return np.log(np.eye(8)[list(classes)] * 0.93 + 0.01)


def test_right_by_hand():
    """Of two Guitars one is called Piano; the Piano is right. F1: Guitar 2/3, Piano 2/3; two of three parts."""
    macro, accuracy, weighted = right(answered(0, 1, 1), np.array([0, 0, 1]))
    assert (macro, accuracy, weighted) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_ranking_is_the_share_of_pairs_in_the_right_order():
    """Six Guitars and six Pianos; one Guitar is held for a Piano: 30 of 36 pairs, and half of six that tie."""
    logs = answered(*[0] * 5, 1, *[1] * 6)
    assert ranking(logs, np.repeat([0, 1], 6)) == pytest.approx((30 + 3) / 36)


def test_answers_of_a_true_world_are_calibrated_and_exaggerated_ones_are_not():
    logs, label = world(20000, np.full(8, 1 / 8), seed=4)
    plain = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    assert calibration_error(plain, label) < 0.015
    much = plain**3 / (plain**3).sum(axis=1, keepdims=True)
    assert calibration_error(much, label) > 0.05


def test_calibration_error_by_hand():
    """Four answers of 0.8, of which three are right."""
    assert calibration_error(np.exp(with_confidence([0.8] * 4)), np.array([0, 0, 0, 1])) == pytest.approx(0.05)


def test_an_interval_knows_that_parts_of_a_group_are_alike():
    """100 parts of 10 groups, each wholly right or wrong: as uncertain as ten parts, not as a hundred."""
    label = np.repeat([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], 10)
    answer = np.where(np.repeat(np.arange(10) < 7, 10), label, 1 - label)
    (_, _), (low, high) = interval(answered(*answer), label, np.repeat(np.arange(10), 10).astype(str))
    assert 0.3 <= low <= 0.5
    assert 0.9 <= high <= 1.0


def test_the_lower_bound_of_all_right():
    """Wilson's of n right ones of n is n / (n + z * z)."""
    assert lower_bound(25, 25) == pytest.approx(25 / (25 + 1.644854**2))
    assert lower_bound(0, 0) == 0
