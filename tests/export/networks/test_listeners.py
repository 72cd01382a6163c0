import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.listeners import STEPS, Listener, sounding  # noqa: E402
from music21_kdic.classes import CLASSES  # noqa: E402
from music21_kdic.sound.networks import TARGETS  # noqa: E402
from music21_kdic.sound.spectra import BINS, FRAMES  # noqa: E402# noqa: E402


def stems_with(**magnitudes):
    """Stems of one patch: each named target has one magnitude in the bin 9, in all frames or as a function of them."""
    stems = torch.zeros(1, len(TARGETS), BINS, FRAMES)
    for name, magnitude in magnitudes.items():
        stems[0, TARGETS.index(name), 9] = magnitude
    return stems


def test_a_class_sounds_from_a_thousandth_of_the_energy_on():
    truth = sounding(stems_with(Drums=1.0, Guitar=0.04, Reed=0.02))  # energies 1, 0.0016, 0.0004
    assert truth.shape == (1, 8, STEPS)
    assert truth[0, CLASSES.index('Guitar')].tolist() == [1] * STEPS
    assert truth[0, CLASSES.index('Reed')].tolist() == [0] * STEPS


def test_it_sounds_in_the_steps_in_which_it_does_and_not_in_the_faint_end_of_a_patch():
    loud = torch.ones(FRAMES)
    loud[64:] = 0.001  # -60 dB
    truth = sounding(stems_with(Piano=loud))
    assert truth[0, CLASSES.index('Piano')].tolist() == [1] * 8 + [0] * 8


@pytest.mark.parametrize('separated', [True, False])
def test_a_listener_answers_for_each_class_and_step(separated):
    listener = Listener(separated=separated).eval()
    with torch.no_grad():
        said = listener(torch.rand(2, 10 if separated else 1, BINS, FRAMES))
    assert said.shape == (2, 8, STEPS)


def test_scale_and_shift_calibrate_each_class():
    listener = Listener().eval()
    stems = torch.rand(1, 10, BINS, FRAMES)
    with torch.no_grad():
        before = listener(stems)
        listener.scale[2], listener.shift[2] = 3.0, -1.0
        after = listener(stems)
    assert torch.allclose(after[:, 2], 3 * before[:, 2] - 1, atol=1e-5)
    assert torch.equal(after[:, 3:], before[:, 3:])
