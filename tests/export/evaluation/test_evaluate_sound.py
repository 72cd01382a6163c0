import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('mir_eval', reason='export needs mir_eval (extra `train`)')

from export.data.mixes import TARGETS  # noqa: E402
from export.evaluation.evaluate_sound import IDEAL, bss_measures, network_of, separate  # noqa: E402
from music21_kdic.sound.spectra import Resynthesis, frames  # noqa: E402

RATE = 8192
RNG = np.random.default_rng(0)


def sine(hertz, seconds=3.0):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE).astype(np.float32)


def test_ideal_masks_part_sines_that_do_not_meet():
    stems = torch.from_numpy(np.stack([sine(300), sine(1500), np.zeros(3 * RATE, np.float32)]))
    made = separate(None, stems)
    assert made.shape == stems.shape
    error = (made - stems).square().sum(dim=1) / stems[:2].square().sum(dim=1).mean()
    assert float(error.max()) < 1e-3


def test_masks_that_are_one_for_one_target_give_it_the_whole_mixture():
    def network(mixture):
        masks = torch.zeros(len(mixture), 2, 512, 128)
        masks[:, 1] = 1
        return masks

    stems = torch.from_numpy(RNG.standard_normal((2, 20000)).astype(np.float32))
    stems -= stems.mean(dim=1, keepdim=True)
    made = separate(network, stems)
    mixture = stems.sum(dim=0)
    assert float(made[0].abs().max()) < 1e-4
    # All but 0 Hz, which belongs to no target: a 512th of white noise's energy.
    assert float((made[1] - mixture).square().sum() / mixture.square().sum()) < 0.01


def test_stems_are_made_as_the_installed_package_makes_them():
    """The same spectra through our inverse and through the runtime's, whose frames lie a margin earlier."""
    mixture = RNG.standard_normal(30000).astype(np.float32)
    low = np.zeros(513, np.float32)
    low[1:200] = 1

    def network(patches):
        masks = torch.zeros(len(patches), 2, 512, 128)
        masks[:, 0] = torch.from_numpy(low[1:, None])
        return masks

    ours = separate(network, torch.from_numpy(np.stack([mixture, np.zeros_like(mixture)])))[0].numpy()
    back = Resynthesis()
    theirs = [back.add(piece[None] * low) for piece in frames([mixture])]
    theirs = np.concatenate([*theirs, back.rest(mixture.size)], axis=1)[0, : mixture.size]
    middle = slice(4096, 26000)
    # Frames begin elsewhere, so a filter with steep sides differs a little.
    assert np.corrcoef(ours[middle], theirs[middle])[0, 1] > 0.99


def test_the_measures_are_those_of_bss_eval():
    true, other = RNG.standard_normal((2, 8 * RATE))
    mixture = true + other
    sdr, sir, sar, nsdr = bss_measures(true, true + 0.1 * other, mixture)
    assert sdr == pytest.approx(20, abs=0.2)  # a tenth of the amplitude is a hundredth of the energy
    assert sir == pytest.approx(20, abs=0.2)
    assert sar > 30
    assert nsdr == pytest.approx(20, abs=0.3)  # the mixture itself has 0 dB
    noise = RNG.standard_normal(8 * RATE)
    sdr, sir, sar, _ = bss_measures(true, true + 0.1 * noise, mixture)
    assert sdr == pytest.approx(20, abs=0.3)
    assert sir > 30
    assert sar == pytest.approx(20, abs=0.3)


def test_ideal_is_no_network_and_an_untrained_one_is_missing(tmp_path):
    assert network_of(IDEAL, tmp_path) is None
    with pytest.raises(FileNotFoundError):
        network_of('small', tmp_path)
    assert len(TARGETS) == 10
