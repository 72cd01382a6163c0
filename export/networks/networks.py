"""The networks: the paper's Table 1, and compact ones with the same inputs and outputs.

Every network maps a batch of images to eight logits: teachers read log-mel spectrograms (1 x 128 x 528, values
0 to 1), students read piano-rolls (planes x 128 x columns, 0 or 1).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from export.data.render import FRAMES, MEL_BINS
from export.networks.hand_made_features import FEATURES_WITHOUT_INTERVALS, hand_made_features
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import PAPER_GRID, WindowGrid

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
    output for that class. With a single output, which timbre goes with which notes was learnt only after a long plateau.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scorer = CompactTeacher(bands=4)

    def forward(self, renderings: Tensor) -> Tensor:
        """Scores, shape (windows, 8), of spectrograms, shape (windows, 8, 128, frames); the n-th is on class n."""
        windows, classes, height, width = renderings.shape
        outputs: Tensor = self.scorer(renderings.reshape(windows * classes, 1, height, width))
        return outputs.view(windows, classes, classes).diagonal(dim1=1, dim2=2)


class FastStudent(nn.Module):
    """Two strided convolutions beside hand-made features: 2 million multiply-adds, for collections of files.

    The first kernel spans an octave and two quarter lengths (on a grid of 32), so it sees intervals and chords; its
    stride leaves an eighth of the cells in each direction. What it loses of where exactly notes lie, the features and
    the time that each pitch sounds make up for.

    Args:
        planes, columns: of the window that it reads.
        embedding: how many numbers a window comes down to before the classes; a part head reads them.
        timing: how many numbers say how exactly the notes are timed (:mod:`music21_kdic.features.timing`); 0 is none.
    """

    def __init__(self, planes: int, columns: int, embedding: int = 256, timing: int = 0) -> None:
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
        counted = FEATURES_WITHOUT_INTERVALS + planes * (128 + columns) + timing
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

    def embed(self, roll: Tensor, timing: Tensor | None = None) -> Tensor:
        """What the network makes of windows before it names a class: (windows, embedding), none below 0."""
        features = hand_made_features(roll, intervals=False)
        blocks = [features, roll.mean(dim=3).flatten(1), roll.mean(dim=2).flatten(1)]
        counted = torch.cat(blocks if timing is None else [*blocks, timing], dim=1)
        # A feature that is almost always 0 has almost no deviation, and would drown the rest when it is not.
        clamped = torch.clamp(self.normalize(counted), -5.0, 5.0)
        embedded: Tensor = self.dense(torch.cat([self.shapes(roll), clamped], dim=1))
        return embedded

    def forward(self, roll: Tensor, timing: Tensor | None = None) -> Tensor:
        """Logits of piano-rolls, shape (windows, planes, 128, columns), and their timing, (windows, numbers)."""
        logits: Tensor = self.classes(self.embed(roll, timing))
        return logits


def pool(embedded: Tensor, part: Tensor, parts: int) -> Tensor:
    """Sum up the windows of each part: mean, deviation and maximum of what they are embedded as.

    Not how many there are, which tells the length of a part and not what it is.

    Args:
        embedded: shape (windows, numbers).
        part: of each window, from 0, none without windows, shape (windows,).
        parts: how many there are.

    Returns:
        Shape (parts, 3 numbers).
    """
    count = torch.bincount(part, minlength=parts).to(embedded.dtype).unsqueeze(1)
    empty = embedded.new_zeros((parts, embedded.shape[1]))
    mean = empty.index_add(0, part, embedded) / count
    variance = empty.index_add(0, part, (embedded - mean[part]) ** 2) / count
    largest = empty.scatter_reduce(0, part.unsqueeze(1).expand_as(embedded), embedded, 'amax', include_self=False)
    return torch.cat([mean, torch.sqrt(variance + 1e-4), largest], dim=1)


class PartStudent(nn.Module):
    """A window network, and a head that reads all windows of a part at once (a set network, Zaheer et al. 2017).

    A window at a time, a part's range, its variety and its one telling passage go unseen.
    """

    def __init__(self, windows: FastStudent, embedding: int, hidden: int = 128) -> None:
        super().__init__()
        self.windows = windows
        pooled = 3 * embedding
        self.head = nn.Sequential(
            nn.BatchNorm1d(pooled),
            nn.Dropout(0.3),
            nn.Linear(pooled, hidden),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(hidden, len(CLASSES)),
        )

    def forward(self, rolls: Tensor, timing: Tensor) -> Tensor:
        """Judge parts and each of their windows.

        Args:
            rolls: the windows of some parts, shape (parts, windows, planes, 128, columns); parts of fewer windows are
                filled up with silent ones, at least one of each sounds.
            timing: of the same windows, shape (parts, windows, numbers).

        Returns:
            Logits, shape (parts, 1 + windows, 8): the part's, then its windows'; NaN for those that are silent.
        """
        sounds = rolls.flatten(2).amax(dim=2) > 0
        embedded = self.windows.embed(rolls[sounds], timing[sounds])
        part = sounds.nonzero()[:, 0]
        logits = rolls.new_full((*sounds.shape, len(CLASSES)), torch.nan)
        logits[sounds] = self.windows.classes(embedded).to(rolls.dtype)
        of_parts = self.head(pool(embedded.float(), part, len(rolls)))
        return torch.cat([of_parts.to(rolls.dtype).unsqueeze(1), logits], dim=1)


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
    'fast': lambda grid: FastStudent(len(grid.planes), grid.columns),
}
