"""Audio teachers: the paper's Table 1, a compact one, and one that matches notes with instruments.

A teacher maps a batch of log-mel spectrograms (1 x 128 x 528, values 0 to 1) to eight logits.
"""

from collections.abc import Callable

from torch import Tensor, nn

from export.data.spectrograms import FRAMES, MEL_BINS
from music21_kdic.classes import CLASSES

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


class MatchingTeacher(nn.Module):
    """Scores renderings of the same notes, each read alone by one network; their softmax says which suits the notes.

    A network that reads a rendering knows its instrument: the score of the rendering on a class is the network's
    output for that class. With a single output, which timbre goes with which notes was learnt only after a long
    plateau.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scorer = CompactTeacher(bands=4)

    def forward(self, renderings: Tensor) -> Tensor:
        """Scores, shape (windows, 8), of spectrograms, shape (windows, 8, 128, frames); the n-th is on class n."""
        windows, classes, height, width = renderings.shape
        outputs: Tensor = self.scorer(renderings.reshape(windows * classes, 1, height, width))
        return outputs.view(windows, classes, classes).diagonal(dim1=1, dim2=2)


TEACHERS: dict[str, Callable[[], nn.Module]] = {
    'table1': lambda: Table1(MEL_BINS, FRAMES),
    'compact': CompactTeacher,
}
