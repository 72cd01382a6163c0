"""The student of parts: a small network that reads a part's numbers and, where there are any, those of its context.

It is exported to one ONNX graph. Its inputs are plain numbers; how they are encoded is inside.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from export.data.instruments import INSTRUMENTS
from export.networks.trees import Trees, empty_trees
from export.recipe import ShapeSettings
from music21_kdic.classes import CLASSES

EMBEDDING = 64
SPREAD_ROWS = 20_000  # from which the commonest value of a number is found
NARROW = 1e-7  # a bin no wider holds nothing
# Log-odds of being music at which trees have half their share, alone and together. Of real parts alone 19 of 20 have
# more than 4, of corrupted ones most have less; what stands in a score is doubted less.
DOUBTFUL = (4.0, 0.0)
Floats = npt.NDArray[np.float32]
Outputs = tuple[Tensor, Tensor, Tensor, Tensor]


def bin_edges(values: Floats, bins: int) -> Floats:
    """Edges of bins that hold about as many values each, rising; float32, shape (numbers, bins + 1).

    Of a number that is most often one value (as the share of what seldom occurs is 0), the other values share the bins.

    >>> bin_edges(np.array([[0], [1], [2], [3], [4]], np.float32), 2).tolist()
    [[0.0, 2.0, 4.0]]
    """
    edges = np.zeros((values.shape[1], bins + 1))
    at = np.linspace(0, 1, bins + 1)
    for row, column in zip(edges, values.T.astype(np.float64), strict=True):
        found = np.unique(np.quantile(column, at))
        if found.size < bins + 1:
            kinds, counts = np.unique(column[:: max(1, column.size // SPREAD_ROWS)], return_counts=True)
            rest = column[column != kinds[counts.argmax()]]
            more = np.unique(np.concatenate([found, np.quantile(rest, at)])) if rest.size else found
            keep = np.round(np.linspace(0, more.size - 1, bins + 1)).astype(int)
            found = more[keep]
        row[:] = found
    return edges.astype(np.float32)


class Encoding(nn.Module):
    """Piecewise linear encoding (Gorishniy et al. 2022): how far each bin is filled, from 0 to 1."""

    low: Tensor
    scale: Tensor

    def __init__(self, edges: Floats) -> None:
        super().__init__()
        low, width = edges[:, :-1], np.diff(edges, axis=1)
        scale = np.where(width > NARROW, 1 / np.maximum(width, NARROW), 0)
        self.register_buffer('low', torch.from_numpy(low.copy()))
        self.register_buffer('scale', torch.from_numpy(scale.astype(np.float32)))
        self.size = low.size

    @property
    def numbers(self) -> int:
        """How many numbers it encodes."""
        return self.low.shape[0]

    def forward(self, numbers: Tensor) -> Tensor:
        """(parts, numbers) -> (parts, numbers * bins)."""
        return torch.clamp((numbers.unsqueeze(2) - self.low) * self.scale, 0, 1).flatten(1)


class PartStudent(nn.Module):
    """Numbers of parts to classes, instruments, and whether a part is music at all and of the eight classes.

    Inputs: ``numbers`` (parts, F), ``context`` (parts, C), ``known`` (parts, 1): 1 where the context holds, else 0.
    Outputs: logits of ``classes`` (parts, 8) and ``instruments`` (parts, INSTRUMENTS), ``kinds`` (parts, 2): logits of
    being music, and of being of the eight classes; ``embedding`` (parts, EMBEDDING), of which what the layers say is
    linear functions.

    A student may hold trees, which are learnt apart (:meth:`hold`): then its logits of classes are a weighted mean of
    what its layers and its trees say. The less it takes a part for music, the less its trees count, since they know
    nothing but music.
    """

    def __init__(self, edges: Floats, context_edges: Floats, shape: ShapeSettings) -> None:
        super().__init__()
        self.encode, self.encode_context = Encoding(edges), Encoding(context_edges)
        self.own = nn.Linear(self.encode.size, shape.hidden)
        self.around = nn.Linear(self.encode_context.size, shape.hidden)
        self.drop = nn.Dropout(shape.dropout)
        self.layers = nn.ModuleList([nn.Linear(shape.hidden, shape.hidden) for _ in range(shape.layers - 1)])
        self.embed = nn.Linear(shape.hidden, EMBEDDING)
        self.heads = nn.Linear(EMBEDDING, len(CLASSES) + len(INSTRUMENTS) + 2)
        self.trees, self.share = nn.ModuleList(), shape.share

    def hold(self, alone: Trees, together: Trees) -> None:
        """Hold the trees for parts by themselves, and those that read the context, too."""
        self.trees = nn.ModuleList([alone, together])

    def forward(self, numbers: Tensor, context: Tensor, known: Tensor) -> Outputs:
        """Logits of classes, instruments and kinds, and the embedding; see the class."""
        together, alone = (torch.nonzero(known[:, 0] == there).squeeze(1) for there in (1, 0))
        first = self.first_layer(numbers)
        around = self.around(self.encode_context(context[together]))
        classes, instruments, kinds, embedding = self._after(first.index_add(0, together, around))
        if self.trees:
            said = torch.zeros_like(classes).index_add(0, alone, self.trees[0](numbers[alone]))
            said = said.index_add(0, together, self.trees[1](torch.cat([numbers, context], dim=1)[together]))
            classes = self._mean(classes, kinds, said, torch.where(known > 0, DOUBTFUL[1], DOUBTFUL[0]))
        return classes, instruments, kinds, embedding

    def first_layer(self, numbers: Tensor) -> Tensor:
        """What the first layer makes of parts by themselves: (parts, F) -> (parts, hidden)."""
        first: Tensor = self.own(self.encode(numbers))
        return first

    def alone(self, numbers: Tensor, first: Tensor) -> Outputs:
        """As ``forward`` of parts by themselves, of which the first layer has made ``first``."""
        classes, instruments, kinds, embedding = self._after(first)
        if self.trees:
            classes = self._mean(classes, kinds, self.trees[0](numbers), DOUBTFUL[0])
        return classes, instruments, kinds, embedding

    def together(self, numbers: Tensor, context: Tensor, first: Tensor) -> Outputs:
        """The same of parts with their scores."""
        classes, instruments, kinds, embedding = self._after(first + self.around(self.encode_context(context)))
        if self.trees:
            classes = self._mean(classes, kinds, self.trees[1](torch.cat([numbers, context], dim=1)), DOUBTFUL[1])
        return classes, instruments, kinds, embedding

    def _after(self, x: Tensor) -> Outputs:
        """What the layers after the first say."""
        x = self.drop(torch.relu(x))
        for layer in self.layers:
            x = x + self.drop(torch.relu(layer(x)))
        embedding = self.embed(x)
        sizes = [len(CLASSES), len(INSTRUMENTS), 2]
        classes, instruments, kinds = torch.split(self.heads(embedding), sizes, dim=1)
        return classes, instruments, kinds, embedding

    def _mean(self, classes: Tensor, kinds: Tensor, of_trees: Tensor, doubtful: Tensor | float) -> Tensor:
        """What layers and trees say of the classes, the trees the less, the less a part is taken for music."""
        music, _ = torch.split(kinds, 1, dim=1)
        return classes + self.share * torch.sigmoid(music - doubtful) * (of_trees - classes)


def empty_student(numbers: int, context: int, shape: ShapeSettings) -> PartStudent:
    """A student of so many numbers, into which trained weights and edges can be loaded."""
    edges = np.zeros((numbers, shape.bins + 1), np.float32)
    student = PartStudent(edges, np.zeros((context, shape.context_bins + 1), np.float32), shape)
    if shape.trees:
        student.hold(empty_trees(shape.trees, shape.depth), empty_trees(shape.trees, shape.depth))
    return student
