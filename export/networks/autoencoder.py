"""An auto-encoder of windows: what it cannot draw again is unlike the music that it learnt from."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from music21_kdic.features.windows import WindowGrid

SQUEEZED = 32


class AutoEncoder(nn.Module):
    """Dense layers down to SQUEEZED numbers and up again; its outputs are how far the drawing is off."""

    def __init__(self, grid: WindowGrid) -> None:
        super().__init__()
        cells = int(np.prod(grid.shape))
        self.body = nn.Sequential(
            nn.Flatten(),
            nn.Linear(cells, 256),
            nn.ReLU(),
            nn.Linear(256, SQUEEZED),
            nn.ReLU(),
            nn.Linear(SQUEEZED, 256),
            nn.ReLU(),
            nn.Linear(256, cells),
        )

    def forward(self, roll: Tensor) -> Tensor:
        """Binary cross-entropy of piano-rolls, shape (windows, planes, 128, columns), as (windows, 2).

        The mean over all cells, and the sum over as many as are 1.
        """
        cells = roll.flatten(1).float()
        off = F.binary_cross_entropy_with_logits(self.body(roll).float(), cells, reduction='none')
        return torch.stack([off.mean(dim=1), off.sum(dim=1) / cells.sum(dim=1).clamp(min=1.0)], dim=1)


@dataclass(frozen=True)
class MeanError:
    """The loss of an auto-encoder: its errors are its outputs, the mean over all cells the first."""

    def __call__(self, logits: Tensor, positions: np.ndarray) -> Tensor:
        """Mean loss of a batch."""
        return logits[:, 0].mean()
