import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks import separators  # noqa: E402
from export.networks.listeners import Listener  # noqa: E402
from export.networks.separators import SAMPLES, patches  # noqa: E402
from export.recipe import TrainSettings  # noqa: E402
from export.training import train_sound  # noqa: E402
from export.training.stem_bank import StemBank  # noqa: E402
from export.training.train_sound import Listening, Separating, calibrate, heard, sound_path, train  # noqa: E402
from music21_kdic.sound.spectra import BINS, FRAMES  # noqa: E402# noqa: E402


class Constant(torch.nn.Module):
    """Masks that are the same everywhere."""

    def __init__(self, shares):
        super().__init__()
        self.shares = torch.nn.Parameter(torch.tensor(shares))

    def forward(self, mixture):
        return self.shares[:, None, None].expand(len(mixture), -1, BINS, FRAMES)


def two_noises(seed):
    """Two stems of noise: the second sounds in one mixture of four, and is as loud as the first there."""
    generator = torch.Generator().manual_seed(seed)
    stems = torch.randn((4, 2, SAMPLES), generator=generator)
    stems[1:, 1] = 0
    return stems


def test_the_papers_loss_is_least_at_the_median_and_that_of_shares_at_their_mean():
    stems = two_noises(0)
    shares = np.linspace(0.01, 0.99, 25)

    def best(ratio):
        losses = [
            float(Separating(Constant([1 - share, share]), ratio=ratio)(stems).mean().detach()) for share in shares
        ]
        return shares[int(np.argmin(losses))]

    assert best(ratio=False) == pytest.approx(0.01)  # it sounds in fewer than half of them: nothing is left of it
    mixture, targets = patches(stems)
    of_second = targets[:, 1] / targets.sum(dim=1)
    mean_share = float((of_second * mixture[:, 0]).sum() / mixture.sum())
    assert best(ratio=True) == pytest.approx(mean_share, abs=0.03)


def test_the_papers_loss_is_the_mean_absolute_difference_summed_over_targets():
    stems = two_noises(1)[:1]
    mixture, targets = patches(stems)
    wanted = sum(np.abs(0.5 * mixture[0, 0].numpy() - target.numpy()).mean() for target in targets[0])
    found = Separating(Constant([0.5, 0.5]), ratio=False)(stems)
    assert float(found.detach()) == pytest.approx(wanted, rel=1e-5)


def test_training_writes_weights_that_another_network_begins_with_and_goes_on_from_a_checkpoint(mixes, monkeypatch):
    tiny = separators.Separator(channels=(2, 2, 2, 2, 2, 2))
    for name in ('small', 'shipped'):
        monkeypatch.setitem(train_sound.SEPARATORS, name, tiny)
    banks = {}
    path = train('small', mixes, TrainSettings('small', 1, 2, 1e-3, 0.01), 2, banks)
    assert path == sound_path(mixes, 'small')
    before = path.read_bytes()
    train('small', mixes, TrainSettings('small', 1, 2, 1e-3, 0.01), 2, banks)  # there is nothing left to train
    assert path.read_bytes() == before
    train('shipped', mixes, TrainSettings('shipped', 1, 2, 1e-9, 0.0), 2, banks, begin_with='small')
    begun, went_on = (torch.load(sound_path(mixes, name))['encoder.0.0.weight'] for name in ('small', 'shipped'))
    assert torch.allclose(begun, went_on, atol=1e-6)
    with pytest.raises(ValueError, match='other settings'):
        train('small', mixes, TrainSettings('small', 2, 2, 1e-3, 0.01), 2, banks)


def test_a_calibrated_listener_is_as_sure_as_it_is_right(monkeypatch):
    """Log-odds that are three times too large and one too small, of coins with known odds."""
    rng = np.random.default_rng(0)
    odds = rng.normal(size=(2000, 8, 16))
    truth = rng.random(odds.shape) < 1 / (1 + np.exp(-odds))
    listening = Listening(None, Listener())
    monkeypatch.setattr(train_sound, 'heard', lambda *_: (3 * odds - 1, truth.astype(float)))
    calibrate(listening, None, 1)
    assert listening.listener.scale.numpy() == pytest.approx(np.full(8, 1 / 3), abs=0.02)
    assert listening.listener.shift.numpy() == pytest.approx(np.full(8, 1 / 3), abs=0.05)


def test_what_is_heard_comes_with_the_truth_of_the_stems(mixes):
    bank = StemBank(mixes, 'val', 8192)
    said, truth = heard(Listening(None, Listener(separated=False)), bank, 4)
    assert said.shape == truth.shape == (6, 8, 16)
    assert set(np.unique(truth)) <= {0.0, 1.0}
