import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.data.files import write_npz  # noqa: E402
from export.networks import separators  # noqa: E402
from export.networks.listeners import Listener  # noqa: E402
from export.networks.separators import SAMPLES, patches  # noqa: E402
from export.recipe import TrainSettings  # noqa: E402
from export.training import train_sound  # noqa: E402
from export.training.train_sound import Listening, Separating, StemBank, calibrate, heard, sound_path, train  # noqa: E402
from music21_kdic.sound.networks import TARGETS  # noqa: E402
from music21_kdic.sound.spectra import BINS, FRAMES  # noqa: E402# noqa: E402

LONG = 2 * SAMPLES


@pytest.fixture(scope='module')
def work(tmp_path_factory):
    """Mixes of three songs a split: constant stems, so that what is drawn can be told apart. Song 2 has no lead."""
    work = tmp_path_factory.mktemp('sound')
    for split in ('train', 'val'):
        for song in range(3):
            targets = np.array([0, 3, 8, 8]) if song < 2 else np.array([1, 3])
            levels = 100 * (song + 1) + np.arange(targets.size)
            lead = np.array([False, False, False, True]) if song < 2 else np.zeros(2, bool)
            stems = {str(rate): np.repeat(levels[:, None], LONG, axis=1).astype(np.int16) for rate in (8192, 16000)}
            write_npz(work / 'mixes' / split / f'{song}.npz', {'targets': targets, 'lead': lead, **stems})
    return work


def levels(stems):
    """The level of each stem, in units of 16 bits."""
    assert torch.equal(stems.amin(dim=-1), stems.amax(dim=-1))
    return (stems[..., 0] * 32768).round().int().numpy()


def test_a_bank_has_the_stems_of_each_song_and_adds_up_the_rows_of_a_target(work):
    bank = StemBank(work, 'val', 8192)
    assert len(bank) == 3
    assert bank.targets == len(TARGETS) == 10
    assert levels(bank.song(1)).tolist() == [200, 0, 0, 201, 0, 0, 0, 0, 405, 0]
    halves = levels(bank.batch(np.array([2, 3]), None))
    assert halves.tolist() == [levels(bank.song(1)).tolist()] * 2


def test_songs_without_a_lead_are_left_out_of_the_two_way_bank(work):
    bank = StemBank(work, 'val', 8192, lead=True)
    assert bank.names == ['0', '1']
    assert levels(bank.song(0)).tolist() == [103, 100 + 101 + 102]


def test_half_of_the_training_mixtures_are_of_one_song_and_their_gains_stay_within_six_decibels(work):
    bank = StemBank(work, 'train', 8192)
    stems = bank.batch(np.arange(60), np.random.default_rng(0))[..., 0].numpy() * 32768
    songs = [levels(bank.song(number)) for number in range(3)]

    def could_be(mixture, song):
        sounds = song > 0
        gain = mixture[sounds] / song[sounds]
        return not mixture[~sounds].any() and (np.abs(20 * np.log10(np.maximum(gain, 1e-9))) <= 6.01).all()

    of_one = sum(any(could_be(mixture, song) for song in songs) for mixture in stems)
    assert 0.35 < of_one / 60 < 0.85  # a mixture of several may look like one
    assert len({tuple(np.flatnonzero(mixture)) for mixture in stems}) > 10


def test_without_mixes_it_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match='python -m export mixes'):
        StemBank(tmp_path, 'train', 8192)


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


def test_training_writes_weights_that_another_network_begins_with_and_goes_on_from_a_checkpoint(work, monkeypatch):
    tiny = separators.Separator(channels=(2, 2, 2, 2, 2, 2))
    for name in ('small', 'shipped'):
        monkeypatch.setitem(train_sound.SEPARATORS, name, tiny)
    banks = {}
    path = train('small', work, TrainSettings('small', 1, 2, 1e-3, 0.01), 2, banks)
    assert path == sound_path(work, 'small')
    before = path.read_bytes()
    train('small', work, TrainSettings('small', 1, 2, 1e-3, 0.01), 2, banks)  # there is nothing left to train
    assert path.read_bytes() == before
    train('shipped', work, TrainSettings('shipped', 1, 2, 1e-9, 0.0), 2, banks, begin_with='small')
    begun, went_on = (torch.load(sound_path(work, name))['encoder.0.0.weight'] for name in ('small', 'shipped'))
    assert torch.allclose(begun, went_on, atol=1e-6)
    with pytest.raises(ValueError, match='other settings'):
        train('small', work, TrainSettings('small', 2, 2, 1e-3, 0.01), 2, banks)


def test_a_calibrated_listener_is_as_sure_as_it_is_right(monkeypatch):
    """Log-odds that are three times too large and one too small, of coins with known odds."""
    rng = np.random.default_rng(0)
    odds = rng.normal(size=(2000, 8, 16))
    truth = rng.random(odds.shape) < 1 / (1 + np.exp(-odds))
    listening = Listening(None, Listener())
    monkeypatch.setattr(train_sound, 'heard', lambda *_: (3 * odds - 1, truth.astype(float)))
    calibrate(listening, None, None, 1)
    assert listening.listener.scale.numpy() == pytest.approx(np.full(8, 1 / 3), abs=0.02)
    assert listening.listener.shift.numpy() == pytest.approx(np.full(8, 1 / 3), abs=0.05)


def test_what_is_heard_comes_with_the_truth_of_the_stems(work):
    bank = StemBank(work, 'val', 8192)
    said, truth = heard(Listening(None, Listener(separated=False)), bank, np.arange(6), 4)
    assert said.shape == truth.shape == (6, 8, 16)
    assert set(np.unique(truth)) <= {0.0, 1.0}
