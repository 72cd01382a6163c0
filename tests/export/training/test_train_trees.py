import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
catboost = pytest.importorskip('catboost', reason='export needs the extra `train`')

from export.networks.trees import Trees  # noqa: E402
from export.recipe import PartSettings  # noqa: E402
from export.training.part_students import Beside  # noqa: E402
from export.training.train_trees import OF_MADE_UP, SETTINGS, _arrays, _drawn  # noqa: E402


@pytest.mark.parametrize('depth', [2, 6])
def test_the_layer_says_what_catboost_says(depth):
    """Also where few numbers are left to ask about, so that some trees are smaller than they may be."""
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 3, (400, 8)).astype(np.float32)
    numbers[:, 2:] = 7
    label = (numbers[:, 0] + 3 * (numbers[:, 1] > 0)).astype(int)
    boosting = catboost.CatBoostClassifier(**SETTINGS, iterations=20, depth=depth)
    boosting.fit(numbers, label)
    arrays = _arrays(boosting, depth)
    asked = rng.uniform(-1, 4, (50, 8)).astype(np.float32)
    said = Trees(arrays['column'], arrays['border'], arrays['leaves'])(torch.from_numpy(asked)).numpy()
    assert said[:, :6] == pytest.approx(boosting.predict(asked, prediction_type='RawFormulaVal'), abs=1e-5)
    assert (said[:, 6:] < -20).all()  # classes that no part has


def test_what_is_made_up_has_its_class_or_one_drawn_from_the_frequencies():
    """Of 4,000 parts of class 3, three quarters are to be class frequencies: 0.8 of class 1, 0.2 of class 2."""
    size = 4000
    flat, weight = np.full(size, 0.75, np.float32), np.full(size, 2.0, np.float32)
    beside = {'corrupted': Beside(np.zeros((size, 2), np.float32), np.full(size, 3), flat, weight, weight)}
    priors = np.array([0, 0.8, 0.2, 0, 0, 0, 0, 0])
    numbers, label, weights = _drawn(beside, PartSettings(corrupted=0.1), priors, unchanged=500.0)
    assert numbers.shape == (size, 2)
    assert np.bincount(label, minlength=8) / size == pytest.approx([0, 0.6, 0.15, 0.25, 0, 0, 0, 0], abs=0.03)
    assert weights.sum() == pytest.approx(OF_MADE_UP * 0.1 * 2 * 500)
