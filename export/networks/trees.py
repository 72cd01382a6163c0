"""Symmetric decision trees as a layer of a network: of a tree all nodes at one depth ask the same.

A part falls into the leaf whose number has the answers as its bits; the layer adds up what the leaves of all trees say
of the classes. That is the network of Popov et al. 2020 (Neural Oblivious Decision Ensembles) with hard choices, and
the trees of CatBoost (Prokhorenkova et al. 2018), by which they are learnt (:mod:`export.training.train_trees`).
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from music21_kdic.classes import CLASSES

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Trees(nn.Module):
    """(parts, numbers) -> logits (parts, 8).

    Args:
        column: which number each question is about, shape (trees, depth).
        border: what that number is to be above, shape (trees, depth).
        leaves: what each leaf says, shape (trees, 2 ** depth * 8); bit 0 of a leaf's number is the first answer.
    """

    column: Tensor
    border: Tensor
    bits: Tensor
    first: Tensor

    def __init__(self, column: Ints, border: Floats, leaves: Floats) -> None:
        super().__init__()
        self.trees, self.depth = column.shape
        # The first question of every tree, then the second: with the parts side by side, that is the fastest in ONNX.
        self.register_buffer('column', torch.from_numpy(column.T.ravel().copy()))
        self.register_buffer('border', torch.from_numpy(border.T.ravel().copy())[:, None])
        self.register_buffer('bits', 2.0 ** torch.arange(self.depth)[None])
        self.register_buffer('first', torch.arange(self.trees)[:, None] * 2**self.depth)
        self.leaves = nn.Parameter(torch.from_numpy(leaves.copy()), requires_grad=False)

    def forward(self, numbers: Tensor) -> Tensor:
        """See the class."""
        answers = (numbers.T[self.column] > self.border).float().view(self.depth, -1)
        leaf = (self.bits @ answers).view(self.trees, -1).long() + self.first
        return self.leaves.view(-1, len(CLASSES))[leaf].sum(0)


def empty_trees(trees: int, depth: int) -> Trees:
    """So many trees, into which learnt ones can be loaded."""
    column = np.zeros((trees, depth), np.int64)
    return Trees(column, column.astype(np.float32), np.zeros((trees, 2**depth * len(CLASSES)), np.float32))
