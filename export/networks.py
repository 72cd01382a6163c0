"""The networks: the paper's Table 1, and compact ones with the same inputs and outputs.

Every network maps a batch of images to eight logits: teachers read log-mel spectrograms (1 x 128 x 528, values
0 to 1), students read piano-rolls (planes x 128 x columns, 0 or 1).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from export.features import FEATURES, FEATURES_WITHOUT_INTERVALS, hand_made_features
from export.render import FRAMES, MEL_BINS
from music21_kdic.classes import CLASSES
from music21_kdic.windows import PAPER_GRID, WindowGrid

LEAK = 0.01


class Table1(nn.Sequential):
    """Table 1 of the paper: two stride-2 convolutions, a pooling that keeps the size, one dense layer.

    The table gives sizes only. Kernels are 3 x 3, the smallest that see their neighbours; with stride 2 and
    padding 1 they give the table's sizes, as does 3 x 3 pooling with stride 1 and padding 1.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(1, 256, 3, stride=2, padding=1),  # teacher 256 x 64 x 264, student 256 x 64 x 8
            nn.LeakyReLU(LEAK),
            nn.MaxPool2d(3, stride=1, padding=1),  # the same size
            nn.Conv2d(256, 512, 3, stride=2, padding=1),  # 512 x 32 x 132, 512 x 32 x 4
            nn.Flatten(),
            nn.Linear(512 * (height // 4) * (width // 4), len(CLASSES)),
        )


class CompactTeacher(nn.Sequential):
    """Five strided convolutions with batch normalisation, mean over time and frequency: 22 million multiply-adds.

    Args:
        bands: of frequency, over each of which the mean is taken; with more than one it knows high from low.
    """

    def __init__(self, bands: int = 1) -> None:
        sizes = (1, 12, 24, 48, 96, 128)
        strides = ((2, 4), (2, 2), (2, 2), (2, 2), (2, 2))
        layers: list[nn.Module] = []
        for before, after, stride in zip(sizes[:-1], sizes[1:], strides, strict=True):
            layers += [
                nn.Conv2d(
                    before,
                    after,
                    (3, 5) if before == 1 else 3,
                    stride=stride,
                    padding=(1, 2) if before == 1 else 1,
                    bias=False,
                ),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(LEAK),
            ]
        pool = nn.AdaptiveAvgPool2d((bands, 1))
        super().__init__(*layers, pool, nn.Flatten(), nn.Linear(sizes[-1] * bands, len(CLASSES)))


class TeacherByEar(nn.Module):
    """Scores renderings of the same notes, each heard alone by one network; their softmax says which sounds right.

    Who hears an instrument knows which one it is: the score of the rendering on a class is the network's output for
    that class. With a single output, which timbre goes with which notes was learnt only after a long plateau.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scorer = CompactTeacher(bands=4)

    def forward(self, renderings: Tensor) -> Tensor:
        """Scores, shape (windows, 8), of spectrograms, shape (windows, 8, 128, frames); the n-th is on class n."""
        windows, classes, height, width = renderings.shape
        outputs: Tensor = self.scorer(renderings.reshape(windows * classes, 1, height, width))
        return outputs.view(windows, classes, classes).diagonal(dim1=1, dim2=2)


class _Residual(nn.Module):
    """Depthwise, then pointwise convolutions with a shortcut (the inverted bottleneck of MobileNetV2)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, (5, 3), padding=(2, 1), groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.Conv2d(channels, 2 * channels, 1),
            nn.LeakyReLU(LEAK),
            nn.Conv2d(2 * channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Add the body's answer to its input."""
        out: Tensor = x + self.body(x)
        return out


def _down(before: int, after: int, kernel: tuple[int, int]) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride=2, padding=padding, bias=False),
        nn.BatchNorm2d(after),
        nn.LeakyReLU(LEAK),
    )


class CompactStudent(nn.Module):
    """A residual network over the roll, beside a dense one over what a musician would count in it.

    Convolutions see shapes wherever they are; the hand-made features and the time that each pitch sounds say where
    they are. A million weights, 26 million multiply-adds on a grid of 32 columns.
    """

    def __init__(self, planes: int, columns: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _down(planes, 32, (7, 5)),
            _down(32, 64, (3, 3)),
            _Residual(64),
            _down(64, 128, (3, 3)),
            _Residual(128),
            _Residual(128),
        )
        self.squeeze = nn.Sequential(nn.Conv2d(128, 32, 1), nn.LeakyReLU(LEAK), nn.Flatten())
        self.normalize = nn.BatchNorm1d(FEATURES, affine=False)
        self.dense = nn.Sequential(
            nn.Linear(FEATURES + 128 * planes, 256),
            nn.LeakyReLU(LEAK),
            nn.Dropout(0.1),
            nn.Linear(256, 256),
            nn.LeakyReLU(LEAK),
        )
        seen = 2 * 128 + 32 * 16 * -(-columns // 8)
        self.head = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(seen + 256, 256),
            nn.LeakyReLU(LEAK),
            nn.Dropout(0.1),
            nn.Linear(256, len(CLASSES)),
        )

    def forward(self, roll: Tensor) -> Tensor:
        """Logits of piano-rolls, shape (windows, planes, 128, columns)."""
        # Clamped: a feature that is almost always 0 has almost no deviation, and would drown the rest when it is not.
        features = torch.clamp(self.normalize(hand_made_features(roll)), -5.0, 5.0)
        counted = self.dense(torch.cat([features, roll.mean(dim=3).flatten(1)], dim=1))
        x = self.body(roll)
        shapes = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3)), self.squeeze(x)], dim=1)
        logits: Tensor = self.head(torch.cat([shapes, counted], dim=1))
        return logits


class FastStudent(nn.Module):
    """Two strided convolutions beside hand-made features: 2 million multiply-adds, for collections of files.

    The first kernel spans an octave and two quarter lengths (on a grid of 32), so it sees intervals and chords; its
    stride leaves an eighth of the cells in each direction. What it loses of where exactly notes lie, the features and
    the time that each pitch sounds make up for.
    """

    def __init__(self, planes: int, columns: int) -> None:
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
        self.head = nn.Sequential(
            nn.Linear(64 * 8 * (columns // 8) + counted, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(256, len(CLASSES)),
        )

    def forward(self, roll: Tensor) -> Tensor:
        """Logits of piano-rolls, shape (windows, planes, 128, columns)."""
        features = hand_made_features(roll, intervals=False)
        counted = torch.cat([features, roll.mean(dim=3).flatten(1), roll.mean(dim=2).flatten(1)], dim=1)
        clamped = torch.clamp(self.normalize(counted), -5.0, 5.0)  # as in CompactStudent
        logits: Tensor = self.head(torch.cat([self.shapes(roll), clamped], dim=1))
        return logits


def _table1_student(grid: WindowGrid) -> nn.Module:
    if grid != PAPER_GRID:
        raise ValueError(f"the Table-1 student reads the paper's {PAPER_GRID.shape}, not {grid.shape}")
    return Table1(grid.shape[1], grid.columns)


TEACHERS: dict[str, Callable[[], nn.Module]] = {
    'table1': lambda: Table1(MEL_BINS, FRAMES),
    'compact': CompactTeacher,
}
STUDENTS: dict[str, Callable[[WindowGrid], nn.Module]] = {
    'table1': _table1_student,
    'compact': lambda grid: CompactStudent(len(grid.planes), grid.columns),
    'fast': lambda grid: FastStudent(len(grid.planes), grid.columns),
}
