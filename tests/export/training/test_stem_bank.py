import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.training.stem_bank import StemBank  # noqa: E402
from music21_kdic.sound.networks import TARGETS  # noqa: E402


def levels(stems):
    """The level of each stem, in units of 16 bits."""
    assert torch.equal(stems.amin(dim=-1), stems.amax(dim=-1))
    return (stems[..., 0] * 32768).round().int().numpy()


def test_a_bank_has_the_stems_of_each_song_and_adds_up_the_rows_of_a_target(mixes):
    bank = StemBank(mixes, 'val', 8192)
    assert len(bank) == 3
    assert bank.targets == len(TARGETS) == 10
    assert levels(bank.song(1)).tolist() == [200, 0, 0, 201, 0, 0, 0, 0, 405, 0]
    halves = levels(bank.batch(np.array([2, 3]), None))
    assert halves.tolist() == [levels(bank.song(1)).tolist()] * 2


def test_songs_without_a_lead_are_left_out_of_the_two_way_bank(mixes):
    bank = StemBank(mixes, 'val', 8192, lead=True)
    assert bank.names == ['0', '1']
    assert levels(bank.song(0)).tolist() == [103, 100 + 101 + 102]


def test_half_of_the_training_mixtures_are_of_one_song_and_their_gains_stay_within_six_decibels(mixes):
    bank = StemBank(mixes, 'train', 8192)
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


def test_varied_mixtures_have_solos_and_noise_in_the_last_target(mixes, monkeypatch):
    monkeypatch.setattr('export.training.stem_bank.SOLOS', 0.5)  # all that are not of one song
    stems = StemBank(mixes, 'train', 8192).batch(np.arange(40), np.random.default_rng(1), varied=True)
    sounds = [tuple(np.flatnonzero(mixture)) for mixture in stems[:, :-1].abs().amax(dim=-1).numpy()]
    assert all(len(one) <= 1 or one in ((0, 3, 8), (1, 3)) for one in sounds)
    assert 10 <= sum(len(one) > 1 for one in sounds) <= 30
    loud = stems[:, :-1].sum(dim=1).square().mean(dim=-1).sqrt()
    noise = stems[:, -1].square().mean(dim=-1).sqrt()
    below = -20 * torch.log10(noise[loud > 0] / loud[loud > 0])
    assert 24 < float(below.min()) <= float(below.max()) < 71


def test_varied_stems_are_filtered_each_in_its_own_way(mixes):
    bank = StemBank(mixes, 'train', 8192)
    plain, varied = (bank.batch(np.arange(40), np.random.default_rng(1), varied=varied) for varied in (False, True))
    of_song = [number for number in range(40) if (plain[number, 3] > 0).all() and (varied[number, 3] != 0).all()]
    # A filter of first order leaves a constant constant, and lifts or lowers it by at most 1 + FILTER.
    kept = [float(varied[number, 3, 1] / varied[number, 3, -1]) for number in of_song]
    assert kept == pytest.approx([1.0] * len(kept))
    assert len({round(float(varied[number, 3, 1]), 5) for number in of_song}) > 5
