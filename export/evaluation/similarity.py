"""Which instruments are alike to a student, to one that learnt from labels alone, and to the audio teacher.

Two instruments are alike to a network if it gives their parts the same probabilities of the eight classes: their
distance is the Jensen-Shannon distance between the means over their parts (Endres and Schindelin 2003), from 0 to 1.
Whether that follows families, register or role is asked of the distances themselves (Mantel 1967).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from export.data.instruments import CLASS_OF_INSTRUMENT, INSTRUMENTS, instruments_of
from export.data.part_table import PartTable
from export.evaluation.said import Said
from export.training.opinions import ALONE, Opinion
from music21_kdic.features.number_names import MEAN_PITCH, NAMES

FEWEST = 10  # parts of an instrument
PERMUTATIONS = 2000
# What a part does in a score, whatever its register.
ROLE = np.array(
    [
        NAMES.index(name)
        for name in (
            'sounding at once, mean',
            'notes a quarter',
            'time with nothing sounding',
            'length, mean',
            'highest voice, size of steps',
            'highest voice, repeated',
        )
    ]
)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """How alike instruments are to a network.

    Attributes:
        means: by instrument the mean probabilities of the classes that its parts get.
        cophenetic: correlation of the dendrogram (average linkage) with the distances that it is drawn from.
        families: correlation of those distances with being of two families, and the share of random orders of the
            instruments with at least as much.
        register: the same with the distance of their mean pitches.
        role: the same with the distance of the means of the numbers ROLE, each in deviations over the instruments.
    """

    means: dict[str, list[float]]
    cophenetic: float
    families: tuple[float, float]
    register: tuple[float, float]
    role: tuple[float, float]


def of_student(said: Said) -> Similarity | None:
    """What a student says of test parts, each by itself; None of fewer than three instruments."""
    rows = np.flatnonzero(said.table.tested)
    return similarity(said.table.select(rows), np.exp(said.logs[ALONE][rows]))


def of_teacher(opinion: Opinion, table: PartTable) -> Similarity | None:
    """What the audio teacher says of a table's parts that it heard, under equal priors; None as above."""
    said = opinion.of(table)[:, ALONE].astype(np.float64)
    heard = np.flatnonzero(~np.isnan(said[:, 0]) & (table.label >= 0))
    frequencies = opinion.alone.mean(axis=0)  # in the mean it answers with what it was trained on
    likelihoods = said[heard] / frequencies
    return similarity(table.select(heard), likelihoods / likelihoods.sum(axis=1, keepdims=True))


def similarity(table: PartTable, likelihoods: Floats) -> Similarity | None:
    """How alike instruments are by the probabilities that their parts get; None of fewer than three instruments.

    Args:
        table: the parts.
        likelihoods: of the classes, shape (parts, 8).
    """
    true = instruments_of(table.label, table.program)
    there = np.flatnonzero(np.bincount(true[true >= 0], minlength=len(INSTRUMENTS)) >= FEWEST)
    if there.size < 3:
        return None

    def mean(values: npt.NDArray[np.floating]) -> Floats:
        return np.stack([values[true == each].mean(axis=0, dtype=np.float64) for each in there])

    means, role = mean(likelihoods), mean(table.numbers[:, ROLE])
    distances = pdist(means, 'jensenshannon') / np.sqrt(np.log(2))
    families = pdist(CLASS_OF_INSTRUMENT[there][:, None], lambda one, other: float(one[0] != other[0]))
    return Similarity(
        {INSTRUMENTS[each].name: np.round(row, 5).tolist() for each, row in zip(there, means, strict=True)},
        round(float(cophenet(linkage(distances, 'average'), distances)[0]), 3),
        correlation(distances, families),
        correlation(distances, pdist(mean(table.numbers[:, [MEAN_PITCH]]))),
        correlation(distances, pdist(role / np.maximum(role.std(axis=0), 1e-9))),
    )


def correlation(distances: Floats, others: Floats) -> tuple[float, float]:
    """Pearson's correlation of two lists of pairwise distances, and its p by permutation (Mantel 1967)."""
    rng = np.random.default_rng(0)
    square = squareform(distances)
    found = float(np.corrcoef(distances, others)[0, 1])
    size = len(square)
    upper = np.triu_indices(size, 1)
    as_much = 0
    for _ in range(PERMUTATIONS):
        order = rng.permutation(size)
        as_much += np.corrcoef(square[np.ix_(order, order)][upper], others)[0, 1] >= found
    return round(found, 3), round((1 + int(as_much)) / (1 + PERMUTATIONS), 4)
