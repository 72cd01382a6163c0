"""What the students of the controls learn from, by hand."""

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
from export.studies.control_targets import (  # noqa: E402
    averaged_over_classes,
    shuffled_within_classes,
    teacher_of_labels,
)

RNG = np.random.default_rng(4)


TEACHER = RNG.normal(size=(6, 8)).astype(np.float32)


LABELS = np.array([2, 5, 2, 5, 2, 2])


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


def test_a_class_mean_is_that_of_the_softened_answers():
    soft = softmax(TEACHER / 2.0)
    found = softmax(averaged_over_classes(TEACHER, LABELS, 2.0) / 2.0)
    for label in (2, 5):
        wanted = soft[label == LABELS].mean(axis=0)
        assert found[label == LABELS] == pytest.approx(np.tile(wanted, ((label == LABELS).sum(), 1)), abs=1e-6)


def test_shuffled_answers_are_those_of_the_class_in_another_order():
    found = shuffled_within_classes(TEACHER, LABELS, np.random.default_rng(0))
    for label in (2, 5):
        assert sorted(map(tuple, found[label == LABELS])) == sorted(map(tuple, TEACHER[label == LABELS]))
    assert not np.array_equal(found, TEACHER)


def test_a_teacher_of_labels_gives_nine_tenths_to_the_label():
    found = softmax(teacher_of_labels(np.array([3])))
    assert found[0].tolist() == pytest.approx([0.1 / 7] * 3 + [0.9] + [0.1 / 7] * 4)
