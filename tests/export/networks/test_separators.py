import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')

from scipy.signal import stft  # noqa: E402

from export.networks.separators import SAMPLES, SEPARATORS, AutoEncoder, UNet, patches, spectrogram  # noqa: E402
from music21_kdic.sound.spectra import BINS, FRAMES, HOP, MARGIN, WINDOW, frames, scaled  # noqa: E402


def shapes(network, layers, patch):
    """The shapes that come out of each of some layers."""
    found = []
    hooks = [layer.register_forward_hook(lambda _, __, out: found.append(tuple(out.shape[1:]))) for layer in layers]
    with torch.no_grad():
        network.eval()(patch)
    for hook in hooks:
        hook.remove()
    return found


# Jansson et al. 2017, figure 1: channels, frequency, time of each layer; the masks are the targets'.
ENCODER = [(16, 256, 64), (32, 128, 32), (64, 64, 16), (128, 32, 8), (256, 16, 4), (512, 8, 2)]
DECODER = [(256, 16, 4), (128, 32, 8), (64, 64, 16), (32, 128, 32), (16, 256, 64), (10, 512, 128)]


@pytest.mark.parametrize('name', ['u-net', 'no-skips', 'kernel-4'])
def test_layer_by_layer_the_network_has_the_papers_shapes(name):
    network = SEPARATORS[name].make()
    patch = torch.rand(1, 1, BINS, FRAMES)
    assert shapes(network, network.encoder, patch) == ENCODER
    assert shapes(network, network.decoder, patch) == DECODER


def test_it_has_the_papers_kernels_strides_norms_and_dropout():
    network = SEPARATORS['u-net'].make()
    for layer in network.encoder:
        convolution, norm, activation = layer
        assert convolution.kernel_size == (5, 5)
        assert convolution.stride == (2, 2)
        assert isinstance(norm, torch.nn.BatchNorm2d)
        assert activation.negative_slope == 0.2
    for layer in network.decoder:
        assert layer[0].kernel_size == (5, 5)
        assert layer[0].stride == (2, 2)
    dropped = [[type(each).__name__ for each in layer].count('Dropout') for layer in network.decoder]
    assert dropped == [1, 1, 1, 0, 0, 0]
    assert SEPARATORS['kernel-4'].make().encoder[0][0].kernel_size == (4, 4)


def test_a_layer_of_the_decoder_reads_the_encoders_of_its_size_unless_there_are_no_skips():
    ins = [layer[0].in_channels for layer in SEPARATORS['u-net'].make().decoder]
    assert ins == [512, 512, 256, 128, 64, 32]
    ins = [layer[0].in_channels for layer in SEPARATORS['no-skips'].make().decoder]
    assert ins == [512, 256, 128, 64, 32, 16]


def test_masks_sum_to_one_or_lie_between_0_and_1():
    patch = torch.rand(2, 1, BINS, FRAMES)
    with torch.no_grad():
        softmax = UNet(3, (2, 2, 2, 2, 2, 2)).eval()(patch)
        sigmoid = UNet(3, (2, 2, 2, 2, 2, 2), softmax=False).eval()(patch)
    assert torch.allclose(softmax.sum(dim=1), torch.ones(2, BINS, FRAMES), atol=1e-5)
    assert 0 <= float(sigmoid.min()) <= float(sigmoid.max()) <= 1
    assert not torch.allclose(sigmoid.sum(dim=1), torch.ones(2, BINS, FRAMES), atol=1e-2)


def test_the_auto_encoder_gives_back_the_shape_through_a_code_of_a_sixteenth_of_each_side():
    network = AutoEncoder((2, 2, 2, 2))
    with torch.no_grad():
        made = network(torch.rand(1, 1, BINS, FRAMES))
    assert made.shape == (1, 1, BINS, FRAMES)
    assert shapes(network, network.encoder, torch.rand(1, 1, BINS, FRAMES))[-1] == (2, BINS // 8, FRAMES // 8)


def test_the_spectrogram_is_scipys():
    audio = np.random.default_rng(0).standard_normal(WINDOW + 3 * HOP).astype(np.float32)
    ours = spectrogram(torch.from_numpy(audio)).numpy()
    theirs = stft(audio, window='hann', nperseg=WINDOW, noverlap=WINDOW - HOP, boundary=None, padded=False)[2]
    assert ours.shape == theirs.shape == (WINDOW // 2 + 1, 4)
    assert ours == pytest.approx(theirs * (WINDOW / 2), abs=1e-3)  # scipy divides by the window's sum


def test_patches_of_mixture_and_targets_are_divided_by_the_mixtures_own_maximum():
    generator = torch.Generator().manual_seed(0)
    stems = torch.zeros(2, 3, SAMPLES)
    stems[:, :2] = torch.rand((2, 2, SAMPLES), generator=generator) - 0.5
    mixture, targets = patches(stems)
    assert mixture.shape == (2, 1, BINS, FRAMES)
    assert targets.shape == (2, 3, BINS, FRAMES)
    assert mixture.amax(dim=(1, 2, 3)).tolist() == pytest.approx([1, 1])
    whole = spectrogram(stems.sum(dim=1))[:, 1:].abs()
    one = spectrogram(stems[:, 1])[:, 1:].abs()
    assert torch.allclose(targets[:, 1], one / whole.amax(dim=(1, 2), keepdim=True), atol=1e-6)
    assert float(targets[:, 2].abs().max()) == 0


def test_a_silent_mixture_is_a_patch_of_zeros():
    mixture, targets = patches(torch.zeros(1, 2, SAMPLES))
    assert float(mixture.abs().max()) == float(targets.abs().max()) == 0


def test_patches_are_what_the_installed_package_reads():
    audio = np.random.default_rng(1).standard_normal(SAMPLES).astype(np.float32)
    mixture, _ = patches(torch.from_numpy(audio)[None, None])
    # There a frame stands for the samples in its middle: from the first frame on, it begins a margin earlier.
    theirs = np.concatenate(list(frames([audio[MARGIN:]])))[1:FRAMES]
    ours = mixture[0, 0, :, 1:].numpy()
    theirs = np.concatenate([theirs, theirs[:1]])  # a patch of FRAMES; what is doubled changes no maximum
    read = scaled(theirs[None])[0, 0, :, : FRAMES - 1]
    assert read * ours.max() == pytest.approx(ours, abs=1e-4)
