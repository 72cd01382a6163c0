import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
pytest.importorskip('mir_eval', reason='export needs mir_eval (extra `train`)')

from export.cli import main  # noqa: E402
from export.data.files import write_npz  # noqa: E402
from export.data.no_music import KINDS  # noqa: E402
from export.evaluation.evaluate_sound import (  # noqa: E402
    IDEAL,
    bss_measures,
    measure_no_music,
    network_of,
    read_evaluated,
    separate,
)
from export.networks.listeners import Listener  # noqa: E402
from export.networks.separators import SAMPLES, AutoEncoder, Separator  # noqa: E402
from export.training import train_sound  # noqa: E402
from export.training.train_sound import sound_path  # noqa: E402
from music21_kdic.classes import CLASSES  # noqa: E402
from music21_kdic.sound.networks import TARGETS  # noqa: E402
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


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A test song of a low and a high sine, in both soundfonts, a validation song, and untrained networks."""
    tiny = Separator(channels=(2, 2, 2, 2, 2, 2))
    monkeypatch.setitem(train_sound.SEPARATORS, 'shipped', tiny)
    low, high = (np.round(20000 * sine(hertz, 2 * SAMPLES / RATE)).astype(np.int16) for hertz in (100, 2000))
    columns = {'targets': np.array([3, 7]), 'lead': np.array([False, True]), '8192': np.stack([low // 2, high // 2])}
    for split in ('val', 'test', 'unheard'):
        write_npz(tmp_path / 'mixes' / split / 'pop-0.npz', columns)
    networks = {
        'shipped': tiny.make(), 'listener': Listener(), 'listener-mixture': Listener(separated=False),
        'auto-encoder': AutoEncoder(),
    }  # fmt: skip
    (tmp_path / 'sound').mkdir()
    for name, network in networks.items():
        torch.save(network.state_dict(), sound_path(tmp_path, name))
    return tmp_path


def test_the_verb_measures_what_is_named(work):
    out = work / 'out'
    words = ['--work', str(work), '--jobs', '1', '--out', str(out)]
    main(['evaluate-sound', 'ideal', 'listener-mixture', '--songs', '1', *words])
    assert sorted(path.name for path in out.iterdir()) == [
        'evaluated.json', 'listener-mixture.npz', 'separation-ideal.npz',
    ]  # fmt: skip
    assert read_evaluated(out) == {'separation-ideal': {'songs': 1, 'every': 1}}
    with np.load(out / 'separation-ideal.npz') as found:
        assert found['target'].tolist() == ['Bass', 'Pipe'] * 2
        assert found['split'].tolist() == ['test'] * 2 + ['unheard'] * 2
        assert found['song'].tolist() == ['pop-0'] * 4
        assert (found['nsdr'] > 20).all()  # sines that do not meet
    with np.load(out / 'listener-mixture.npz') as found:
        assert found['unheard_said'].shape == found['unheard_truth'].shape == (2, 8, 16)
        sounds = found['test_truth'].all(axis=(0, 2))
        assert [CLASSES[i] for i in np.flatnonzero(sounds)] == ['Bass', 'Pipe']
        assert not found['test_truth'][:, ~sounds].any()


def test_music_and_each_kind_of_no_music_get_an_error_and_a_confidence(work, monkeypatch):
    monkeypatch.setattr('export.evaluation.evaluate_sound.NO_MUSIC', 1)
    monkeypatch.setattr('export.evaluation.evaluate_sound.KINDS', KINDS[2:4])
    found = measure_no_music(work)
    assert found['kind'].tolist() == ['music', 'music', *KINDS[2:4]]
    assert found['error'].shape == found['confidence'].shape == found['kind'].shape
    assert (found['error'] > 0).all()
    assert ((found['confidence'] > 0) & (found['confidence'] < 1)).all()


def test_a_system_that_is_none_is_named(work, capsys):
    with pytest.raises(SystemExit):
        main(['evaluate-sound', 'wavenet', '--work', str(work)])
    assert 'wavenet: no such system, wanted some of ideal, installed, u-net' in capsys.readouterr().err
