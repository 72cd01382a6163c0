import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
catboost = pytest.importorskip('catboost', reason='export needs the extra `train`')

from export.networks.trees import Trees  # noqa: E402
from export.training.train_trees import SETTINGS, _arrays  # noqa: E402


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
