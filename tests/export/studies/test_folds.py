import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
from export.data.window_table import load_windows  # noqa: E402
from export.studies.folds import cross_fitted, folds_by_song, out_of_sample, teacher_facts  # noqa: E402
from export.studies.matching import MatchingSettings, draw_sample  # noqa: E402

SMALL = MatchingSettings(windows=12, validation_windows=4, rendered=2, test_parts=2, seed=3)


def test_no_window_is_classified_by_a_teacher_that_was_trained_on_its_song(prepared):
    sample, _ = draw_sample(load_windows(prepared), SMALL)
    fold = folds_by_song(sample, 1)
    trained_on = {}

    def train_on(number, rows):
        trained_on[number] = set(sample.group[rows])
        return np.zeros((sample.label.size, 8))

    cross_fitted(train_on, sample, fold)
    assert not trained_on[0] & trained_on[1]
    assert trained_on[0] | trained_on[1] == set(sample.group[sample.rows('train')])
    teacher = out_of_sample(np.broadcast_to(np.arange(2)[:, None, None], (2, fold.size, 8)), fold)[:, 0]
    for window in sample.rows('train'):
        assert sample.group[window] not in trained_on[int(teacher[window])]


def test_a_folds_class_frequencies_are_taken_out(prepared):
    sample, _ = draw_sample(load_windows(prepared), SMALL)
    fold = np.where(sample.label < 4, 0, 1)  # one fold has the first four classes only, 48 windows and one of each
    both = cross_fitted(lambda number, rows: np.zeros((sample.label.size, 8)), sample, fold)
    assert both[0, 0] == pytest.approx(-np.log(np.array([13] * 4 + [1] * 4) / 56))


def test_facts_of_a_teacher_that_is_right_three_times_of_four():
    """Probability 0.65 for one class, 0.05 for each other; of class 0's windows one is taken for class 1."""
    answers, labels = np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1])
    probabilities = np.full((4, 8), 0.05)
    probabilities[np.arange(4), answers] = 0.65
    facts = teacher_facts(np.log(probabilities), labels)
    assert facts['accuracy'] == 0.75
    assert facts['top_probability'] == 0.65
    assert facts['mean_probability']['Guitar'] == pytest.approx((0.65 + 3 * 0.05) / 4)
    # Of both classes that occur 0.6 moves: within class 0 by 2 * 2 * 0.3 ** 2; in all by 2 * 0.6 ** 2 * (4 * 3/16).
    assert facts['variance_within_classes'] == pytest.approx(0.36 / 0.54, abs=1e-4)
