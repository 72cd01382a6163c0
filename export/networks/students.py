"""Students of one window: the paper's Table 1, and a fast one.

A student maps a batch of piano-rolls (planes x 128 x columns, 0 or 1) to eight logits.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from export.networks.hand_made_features import FEATURES_WITHOUT_INTERVALS, hand_made_features
from export.networks.teachers import Table1
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import PAPER_GRID, WindowGrid


class FastStudent(nn.Module):
    """Two strided convolutions beside hand-made features: 2 million multiply-adds, for collections of files.

    The first kernel spans an octave and two quarter lengths (on a grid of 32), so it sees intervals and chords; its
    stride leaves an eighth of the cells in each direction. What it loses of where exactly notes lie, the features and
    the time that each pitch sounds make up for.

    Args:
        planes, columns: of the window that it reads.
        embedding: how many numbers a window comes down to before the classes.
    """

    def __init__(self, planes: int, columns: int, embedding: int = 256) -> None:
        super().__init__()
        self.shapes = nn.Sequential(
            nn.Conv2d(planes, 32, (12, 4), stride=4, padding=(4, 0), bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 64, (4, 2), stride=(4, 2), bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Flatten(),
        )
        counted = FEATURES_WITHOUT_INTERVALS + planes * (128 + columns)
        self.normalize = nn.BatchNorm1d(counted, affine=False)
        self.dense = nn.Sequential(
            nn.Linear(64 * 8 * (columns // 8) + counted, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(256, embedding),
            nn.ReLU(),
        )
        self.classes = nn.Sequential(nn.Dropout(0.1), nn.Linear(embedding, len(CLASSES)))

    def forward(self, roll: Tensor) -> Tensor:
        """Logits of piano-rolls, shape (windows, planes, 128, columns)."""
        features = hand_made_features(roll, intervals=False)
        blocks = [features, roll.mean(dim=3).flatten(1), roll.mean(dim=2).flatten(1)]
        counted = torch.cat(blocks, dim=1)
        # A feature that is almost always 0 has almost no deviation, and would drown the rest when it is not.
        clamped = torch.clamp(self.normalize(counted), -5.0, 5.0)
        logits: Tensor = self.classes(self.dense(torch.cat([self.shapes(roll), clamped], dim=1)))
        return logits


def _table1_student(grid: WindowGrid) -> nn.Module:
    if grid != PAPER_GRID:
        raise ValueError(f"the Table-1 student reads the paper's {PAPER_GRID.shape}, not {grid.shape}")
    return Table1(grid.shape[1], grid.columns)


STUDENTS: dict[str, Callable[[WindowGrid], nn.Module]] = {
    'table1': _table1_student,
    'fast': lambda grid: FastStudent(len(grid.planes), grid.columns),
}
