"""What teachers say of parts: the audio teacher, assistants. A student learns from a mixture of them and the labels."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export.data.files import write_npz
from export.data.part_table import PartTable
from music21_kdic.classes import CLASSES

ALONE, TOGETHER = 0, 1  # how a part is classified: by itself, or with the other parts of its score
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Opinion:
    """What a teacher says of some parts.

    Attributes:
        collection, row: which parts, as in :class:`~export.data.part_table.PartTable`, shape (parts,).
        alone, together: probabilities of the classes under the training priors, shape (parts, 8).
    """

    collection: Ints
    row: Ints
    alone: Floats
    together: Floats

    def of(self, table: PartTable) -> Floats:
        """What is said of each row of a table: (rows, 2, 8), NaN where nothing is."""
        place = {key: at for at, key in enumerate(zip(self.collection.tolist(), self.row.tolist(), strict=True))}
        at = np.array([place.get(key, -1) for key in table.identities()], np.int64)
        said = np.full((len(table), 2, len(CLASSES)), np.nan, np.float32)
        asked = at >= 0
        said[asked, ALONE], said[asked, TOGETHER] = self.alone[at[asked]], self.together[at[asked]]
        return said


def mixed_targets(label: Ints, opinions: list[tuple[float, Floats]]) -> Floats:
    """What each part is to be answered, alone and together with its score: (parts, 2, 8).

    Args:
        label: the class of each; a part of no class has no target, and gets that of the first class.
        opinions: the share of each teacher, and what it says (:meth:`Opinion.of`). The label has the rest.

    >>> said = np.full((1, 2, 8), 1 / 8, np.float32)
    >>> mixed_targets(np.array([3]), [(0.5, said)])[0, 0].tolist()
    [0.0625, 0.0625, 0.0625, 0.5625, 0.0625, 0.0625, 0.0625, 0.0625]
    """
    target = np.repeat(np.eye(len(CLASSES), dtype=np.float32)[np.maximum(label, 0)][:, None], 2, axis=1)
    left = np.ones(label.size, np.float32)
    said_all = np.zeros_like(target)
    for share, said in opinions:
        asked = ~np.isnan(said[:, ALONE, 0])
        said_all[asked] += share * said[asked]
        left[asked] -= share
    result: Floats = left[:, None, None] * target + said_all
    return result


def write_opinion(path: Path, opinion: Opinion, **others: npt.NDArray[np.generic]) -> None:
    """Write an opinion, and other arrays beside it, for :func:`read_opinion`."""
    write_npz(path, {field.name: getattr(opinion, field.name) for field in fields(opinion)} | others)


def read_opinion(path: Path, verb: str) -> Opinion:
    """Read an opinion; ``verb`` makes it."""
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export {verb}` first')
    with np.load(path) as file:
        return Opinion(*(file[field.name] for field in fields(Opinion)))
