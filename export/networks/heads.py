"""A head over the windows of a part: it pools what a student makes of each window, and classifies the part."""

import torch
from torch import Tensor, nn

from export.networks.students import FastStudent
from music21_kdic.classes import CLASSES


def pool(embedded: Tensor, part: Tensor, parts: int) -> Tensor:
    """The mean, deviation and maximum of the embeddings of each part's windows.

    Not how many windows there are, which tells the length of a part and not what it is.

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

    From a single window a part's range, its variety and its one telling passage cannot be known.
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
        """Classify parts and each of their windows.

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
