import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
onnx = pytest.importorskip('onnx')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
pytest.importorskip('mir_eval', reason='export needs mir_eval (extra `train`)')

from export.networks.listeners import Listener  # noqa: E402
from export.networks.separators import UNet  # noqa: E402
from export.release.onnx_file import ParityError  # noqa: E402
from export.release.sound_onnx import NEVER, contract_of, sure_from, write_network  # noqa: E402
from music21_kdic.model.checks import LISTEN, STEMS  # noqa: E402
from music21_kdic.sound.networks import TARGETS, SoundModel  # noqa: E402


@pytest.fixture
def networks():
    torch.manual_seed(0)
    return UNet(len(TARGETS), (4, 4, 8, 8, 8, 8)).eval(), Listener().eval()


def test_what_is_written_is_half_as_large_and_read_by_the_runtime_with_the_same_answers(networks, tmp_path):
    from export.data.files import write_json

    separator, listener = networks
    mixture = torch.rand(2, 1, 512, 128)
    with torch.no_grad():
        masks = separator(mixture)
        log_odds = listener(masks * mixture)
    write_network(separator, mixture, 'mixture', 'masks', tmp_path / STEMS)
    write_network(listener, masks * mixture, 'stems', 'log_odds', tmp_path / LISTEN)
    truth = np.random.default_rng(0).random((4, 8, 16)) < 0.5
    write_json(tmp_path / 'contract.json', contract_of([(truth.astype(float), truth)], 2))
    weights = sum(weight.numel() for weight in listener.state_dict().values())
    assert (tmp_path / LISTEN).stat().st_size < 2.2 * weights
    model = SoundModel(tmp_path)
    assert np.abs(model.masks(mixture.numpy()) - masks.numpy()).max() < 0.02
    assert np.abs(model.log_odds((masks * mixture).numpy()) - log_odds.numpy()).max() < 0.2
    assert model.contract.sure.tolist() == [1.0] * 8


def test_a_file_that_answers_otherwise_is_refused(networks, tmp_path, monkeypatch):
    separator, _ = networks
    monkeypatch.setattr('export.release.sound_onnx.CLOSE', {STEMS: 0.0})
    with pytest.raises(ParityError, match='apart'):
        write_network(separator, torch.rand(1, 1, 512, 128), 'mixture', 'masks', tmp_path / STEMS)


def test_what_is_sure_is_so_in_each_set_of_validation_mixtures():
    probabilities = np.tile(np.linspace(0.5, 0.9, 16), (4, 8, 1))
    easy, hard = np.ones((4, 8, 16), bool), probabilities > 0.8
    sure = [
        contract_of(found, 2)['sure']
        for found in ([(probabilities, easy)], [(probabilities, easy), (probabilities, hard)])
    ]
    assert sure[0] == [0.5] * 8
    assert all(0.75 < one <= 0.82 for one in sure[1])


def test_sure_is_where_nine_in_ten_are_right():
    probabilities = np.linspace(0.51, 0.99, 100)
    truth = np.ones(100, bool)
    truth[:50:2] = False  # of the lower half every other one is wrong
    found = sure_from(probabilities, truth)
    chosen = probabilities >= found
    assert truth[chosen].mean() >= 0.9
    assert truth[probabilities >= probabilities[np.flatnonzero(chosen)[0] - 2]].mean() < 0.9
    assert sure_from(probabilities, np.zeros(100, bool)) == NEVER
    assert sure_from(np.array([0.1, 0.2]), np.array([True, True])) == NEVER  # below a half it is said not to sound
