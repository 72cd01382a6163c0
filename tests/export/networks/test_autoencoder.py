import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.autoencoder import AutoEncoder  # noqa: E402
from music21_kdic.features.windows import WindowGrid  # noqa: E402


def test_an_auto_encoder_that_knows_nothing_is_off_by_one_bit_a_cell():
    model = AutoEncoder(WindowGrid(columns=16))
    for weights in model.parameters():
        torch.nn.init.zeros_(weights)
    roll = torch.zeros((2, 1, 128, 16))
    roll[1, 0, 60, :8] = 1
    cells = 128 * 16
    wanted = np.log(2) * np.array([[1, cells], [1, cells / 8]])  # a window without notes counts as one note
    assert model(roll).detach().numpy() == pytest.approx(wanted, rel=1e-5)
