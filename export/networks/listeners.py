"""The audio teacher on stems: which classes sound in a mixture, and when, given what a separator makes of it."""

import librosa
import torch
from torch import Tensor, nn

from export.networks.separators import LEAK
from music21_kdic.classes import CLASSES
from music21_kdic.sound.networks import TARGETS
from music21_kdic.sound.spectra import BINS, FRAMES, STEP, WINDOW

MEL_BINS = 64
STEPS = FRAMES // STEP
FLOOR = 1e-4  # of a magnitude; the mixture's largest is 1
FIRST = TARGETS.index(CLASSES[0])


class Listener(nn.Module):
    """Log-odds that each class sounds in each step, from stems.

    Each class's stem is read beside the mixture, as two log-mel spectrograms, by one network for all, which answers
    for all eight; what it says of the class whose stem it is counts, as in
    :class:`~export.networks.teachers.MatchingTeacher`. Another layer weighs that with what it says of the other stems.

    Args:
        rate: of the audio, Hz.
        separated: False reads the mixture alone, for comparison.
    """

    mel: Tensor

    def __init__(self, rate: int = 8192, *, separated: bool = True) -> None:
        super().__init__()
        self.separated = separated
        mel = librosa.filters.mel(sr=rate, n_fft=WINDOW, n_mels=MEL_BINS)[:, 1 : BINS + 1]
        self.register_buffer('mel', torch.from_numpy(mel / mel.sum(axis=1, keepdims=True)))
        layers: list[nn.Module] = []
        sizes = (2 if separated else 1, 24, 48, 96, 128)
        for before, after, stride in zip(sizes[:-1], sizes[1:], ((2, 1), (2, 2), (2, 2), (2, 2)), strict=True):
            layers += [
                nn.Conv2d(before, after, 5 if before < 3 else 3, stride, 2 if before < 3 else 1, bias=False),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(LEAK),
            ]
        self.network = nn.Sequential(*layers)
        bands = MEL_BINS // 2 ** (len(sizes) - 1)
        classes = len(CLASSES)
        self.answer = nn.Conv1d(sizes[-1] * bands, classes, 3, padding=1)
        self.weigh = nn.Sequential(nn.Conv1d(classes * classes, 64, 1), nn.LeakyReLU(LEAK), nn.Conv1d(64, classes, 1))
        # Calibrated on validation mixtures when all else is trained.
        self.scale = nn.Parameter(torch.ones(classes), requires_grad=False)
        self.shift = nn.Parameter(torch.zeros(classes), requires_grad=False)

    def forward(self, stems: Tensor) -> Tensor:
        """Log-odds, shape (patches, 8, 16), of stems, shape (patches, 10, 512, 128), which sum to the mixture.

        A mixture alone is a sum already, shape (patches, 1, 512, 128).
        """
        count = stems.shape[0]
        mixture = stems.sum(dim=1, keepdim=True)
        if self.separated:
            of_classes = stems[:, FIRST : FIRST + len(CLASSES)]
            images = torch.stack([of_classes, mixture.expand_as(of_classes)], dim=2).flatten(0, 1)
        else:
            images = mixture
        x = self.network(torch.log(torch.matmul(self.mel, images) + FLOOR) / 4 + 1)
        said = self.answer(x.flatten(1, 2)).float()
        if self.separated:
            said = said.view(count, len(CLASSES), len(CLASSES), STEPS)
            own = torch.stack([said[:, i, i] for i in range(len(CLASSES))], dim=1)
            said = own + self.weigh(said.flatten(1, 2)).float()
        log_odds: Tensor = said * self.scale[:, None] + self.shift[:, None]
        return log_odds


def sounding(stems: Tensor) -> Tensor:
    """Which classes sound in each step of true stems, shape (patches, 10, 512, 128): (patches, 8, 16), 0 or 1.

    A stem sounds where it has a thousandth of the mixture's energy there (-30 dB), and the mixture is not fainter than
    50 dB below the patch's loudest step.
    """
    energy = stems.square().sum(dim=2).reshape(*stems.shape[:2], STEPS, STEP).sum(dim=-1)
    whole = energy.sum(dim=1, keepdim=True)
    audible = whole > 1e-5 * whole.amax(dim=2, keepdim=True)
    loud: Tensor = energy[:, FIRST : FIRST + len(CLASSES)] > 1e-3 * whole
    return (loud & audible).float()
