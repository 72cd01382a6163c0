import numpy as np
import pytest

from music21_kdic.model.session import log_softmax


@pytest.fixture
def sure_of_guitar(tmp_path):
    """A model that gives Guitar odds of 7 to 1 to each of the others, a half in all, whatever it is given."""

    def make(sure):
        pytest.importorskip('onnx')
        from tests.hand_made_model import head, make_model

        odds = np.log([7.0, 1, 1, 1, 1, 1, 1, 1])
        contract = {'kdic.head': head((np.zeros((3, 8)), odds)), 'kdic.sure_confidence': str(sure)}
        return make_model(tmp_path / 'guitar.onnx', contract)

    return make


@pytest.fixture(scope='module')
def noisy():
    """10,000 parts of six windows: each class scatters by 0.1 within and between parts.

    Returns the first window, and log probabilities of the parts, from it and from the five others.
    """
    rng = np.random.default_rng(3)
    logs = rng.normal(scale=0.1, size=(10000, 1, 8)) + rng.normal(scale=0.1, size=(10000, 6, 8))
    windows = log_softmax(logs)
    return windows[:, :1], windows[:, 0], log_softmax(windows[:, 1:].mean(axis=1))
