import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('scipy')
from export.training.stored_logits import part_means


def test_parts_are_means_of_their_windows():
    logs = np.arange(32.0).reshape(4, 8)
    means, first = part_means(logs, np.array([7, 3, 7, 3]))
    assert first.tolist() == [1, 0]
    assert means.tolist() == [((logs[1] + logs[3]) / 2).tolist(), ((logs[0] + logs[2]) / 2).tolist()]
