"""Separation by masks: the U-Net of Jansson et al. (ISMIR 2017), its variants, and an auto-encoder of mixtures.

A patch is the magnitudes of a short-time Fourier transform, WINDOW and HOP samples, BINS x FRAMES (the bin of 0 Hz is
left out: 512 are halved six times), divided by the largest magnitude of the mixture's patch. A separator maps a patch
of the mixture, shape (patches, 1, 512, 128), to one mask a target, shape (patches, targets, 512, 128), 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from music21_kdic.sound.networks import TARGETS
from music21_kdic.sound.spectra import BINS, FRAMES, HOP, WINDOW

SAMPLES = HOP * (FRAMES - 1) + WINDOW  # that a patch is made of
PAPER = (16, 32, 64, 128, 256, 512)  # channels of the encoder's layers
HALF = tuple(count // 2 for count in PAPER)
LEAK = 0.2
DROPPED = 3  # layers of the decoder with dropout
SILENCE = 1e-8


class UNet(nn.Module):
    """The U-Net: strided convolutions, and as many transposed ones, each of which also sees what came in at its size.

    Args:
        targets: masks that it gives.
        channels: of the encoder's layers; the decoder has the same in reverse.
        kernel: 5 is the paper's; 4 is a later re-implementation's.
        skips: False is the paper's baseline, which sees no encoder layer but the last.
        softmax: masks of a point sum to 1; else each is a sigmoid, as the paper's only mask is.
    """

    def __init__(
        self,
        targets: int,
        channels: Sequence[int] = PAPER,
        kernel: int = 5,
        *,
        skips: bool = True,
        softmax: bool = True,
    ) -> None:
        super().__init__()
        self.skips, self.softmax = skips, softmax
        odd = kernel % 2
        padding = (kernel - 2 + odd) // 2
        ins = (1, *channels[:-1])
        self.encoder = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, after, kernel, 2, padding, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(LEAK)
            )
            for before, after in zip(ins, channels, strict=True)
        )
        layers: list[nn.Module] = []
        before = channels[-1]
        for number, after in enumerate((*channels[-2::-1], targets)):
            layer: list[nn.Module] = [nn.ConvTranspose2d(before, after, kernel, 2, padding, odd, bias=after == targets)]
            if number < len(channels) - 1:
                layer += [nn.BatchNorm2d(after), nn.ReLU()]
                if number < DROPPED:
                    layer.append(nn.Dropout(0.5))
            layers.append(nn.Sequential(*layer))
            before = 2 * after if skips else after
        self.decoder = nn.ModuleList(layers)

    def forward(self, mixture: Tensor) -> Tensor:
        """Masks of patches."""
        seen = []
        x = mixture
        for layer in self.encoder:
            x = layer(x)
            seen.append(x)
        for number, layer in enumerate(self.decoder):
            if number and self.skips:
                x = torch.cat([x, seen[-1 - number]], dim=1)
            x = layer(x)
        x = x.float()
        if not self.softmax:
            return x.sigmoid()
        # Written out: onnxruntime's Softmax takes four times as long where the axis is not the last one.
        odds = (x - x.amax(dim=1, keepdim=True)).exp()
        return odds / odds.sum(dim=1, keepdim=True)


class AutoEncoder(nn.Module):
    """A convolutional auto-encoder of patches: max-pooling, undone by max-unpooling at the same places (Zeiler 2011).

    The places are kept beside the code, so that it need not say where something is, only what.
    """

    def __init__(self, channels: Sequence[int] = (16, 32, 64, 64)) -> None:
        super().__init__()
        ins = (1, *channels[:-1])
        self.encoder = nn.ModuleList(
            nn.Sequential(nn.Conv2d(before, after, 5, padding=2), nn.LeakyReLU(LEAK))
            for before, after in zip(ins, channels, strict=True)
        )
        self.decoder = nn.ModuleList(
            nn.ConvTranspose2d(after, before, 5, padding=2)
            for before, after in reversed(list(zip(ins, channels, strict=True)))
        )

    def forward(self, mixture: Tensor) -> Tensor:
        """The patches, made again from what is left of them: same shape."""
        places = []
        x = mixture
        for layer in self.encoder:
            x, where = F.max_pool2d(layer(x), 2, return_indices=True)
            places.append(where)
        for number, layer in enumerate(self.decoder):
            x = layer(F.max_unpool2d(x, places[-1 - number], [2, 2]))
            x = F.leaky_relu(x, LEAK) if number < len(self.decoder) - 1 else x.sigmoid()
        return x


@dataclass(frozen=True)
class Separator:
    """A kind of separator, and the sound that it reads.

    Attributes:
        rate: of the audio, Hz.
        lead: it has two targets, the lead melody and the accompaniment, as in the paper; else those of a mix.
        ratio: it learns the share of each target in the magnitudes; else the paper's absolute differences.
        channels, kernel, skips, softmax: of its :class:`UNet`.
    """

    rate: int = 8192
    lead: bool = False
    ratio: bool = False
    channels: tuple[int, ...] = PAPER
    kernel: int = 5
    skips: bool = True
    softmax: bool = True

    def make(self) -> UNet:
        """The network, untrained."""
        return UNet(
            2 if self.lead else len(TARGETS), self.channels, self.kernel, skips=self.skips, softmax=self.softmax
        )


SEPARATORS = {
    'u-net': Separator(),
    'sigmoid': Separator(softmax=False),
    'no-skips': Separator(skips=False),
    'kernel-4': Separator(rate=16000, kernel=4),
    'lead': Separator(lead=True, softmax=False),
    'small': Separator(channels=HALF),
    'shipped': Separator(channels=HALF, ratio=True),
}


def spectrogram(audio: Tensor) -> Tensor:
    """The short-time Fourier transform of samples, shape (..., samples): complex, (..., 513, frames), Hann window.

    Frame i begins at sample i * HOP; what does not fill a frame is left out. The same as
    :func:`music21_kdic.sound.spectra.frames`, on a GPU and of many at once.
    """
    window = torch.hann_window(WINDOW, device=audio.device)
    flat = audio.reshape(-1, audio.shape[-1])
    spectra = torch.stft(flat, WINDOW, HOP, window=window, center=False, return_complex=True)
    return spectra.view(*audio.shape[:-1], *spectra.shape[-2:])


def patches(stems: Tensor) -> tuple[Tensor, Tensor]:
    """Patches of stems, shape (mixtures, targets, SAMPLES): of their sum, and of each by the same scale.

    Returns:
        (mixtures, 1, 512, 128), 0 to 1, and (mixtures, targets, 512, 128).
    """
    spectra = torch.zeros((*stems.shape[:2], BINS, FRAMES), dtype=torch.complex64, device=stems.device)
    sounds = stems.abs().amax(dim=-1) > 0
    if sounds.any():
        spectra[sounds] = spectrogram(stems[sounds])[:, 1:]  # most targets are silent: time is saved
    return scaled(spectra)


def scaled(spectra: Tensor) -> tuple[Tensor, Tensor]:
    """Magnitudes of spectra, divided by the largest of their sum: of that sum, and of each.

    Args:
        spectra: shape (patches, targets, 512, 128).
    """
    mixture = spectra.sum(dim=1, keepdim=True).abs()
    largest = mixture.amax(dim=(1, 2, 3), keepdim=True).clamp_min(SILENCE)
    return mixture / largest, spectra.abs() / largest


def shares(targets: Tensor) -> Tensor:
    """The share of each target in the magnitudes of each point: the ideal ratio masks; same shape."""
    return targets / targets.sum(dim=1, keepdim=True).clamp_min(SILENCE)
