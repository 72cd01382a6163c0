"""Which instruments are alike to a student, and whether that follows families or register.

Two instruments are alike if the student gives their parts the same probabilities: their distance is the Jensen-Shannon
distance between the mean probabilities of their test parts (Endres and Schindelin 2003), from 0 to 1.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform
from scipy.special import softmax

from export.data.instruments import FAMILY, INSTRUMENTS, instruments_of
from export.evaluation.said import Said
from export.training.opinions import ALONE
from music21_kdic.features.number_names import MEAN_PITCH

FEWEST = 10  # parts of an instrument
PERMUTATIONS = 2000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """How alike instruments are to a student.

    Attributes:
        means: by instrument the mean probabilities that its test parts get, of all instruments.
        cophenetic: correlation of the dendrogram (average linkage) with the distances that it is drawn from.
        families: correlation of those distances with being of two families, and the share of random orders of the
            instruments with at least as much.
        register: the same with the distance of their mean pitches.
    """

    means: dict[str, list[float]]
    cophenetic: float
    families: tuple[float, float]
    register: tuple[float, float]


def similarity(said: Said) -> Similarity | None:
    """What a student says of test parts, each by itself, by instrument; None of fewer than three instruments."""
    rows = np.flatnonzero(said.table.tested)
    true = instruments_of(said.table.label[rows], said.table.program[rows])
    counts = np.bincount(true[true >= 0], minlength=len(INSTRUMENTS))
    there = np.flatnonzero(counts >= FEWEST)
    if there.size < 3:
        return None
    likelihoods = probabilities(said.logs[ALONE][rows], said.answers[ALONE].instruments[rows])
    means = np.stack([likelihoods[true == each].mean(axis=0) for each in there])
    height = said.table.numbers[rows, MEAN_PITCH]
    pitch = np.array([[height[true == each].mean()] for each in there])
    distances = pdist(means, 'jensenshannon') / np.sqrt(np.log(2))
    families = pdist(FAMILY[there][:, None], lambda one, other: float(one[0] != other[0]))
    return Similarity(
        {INSTRUMENTS[each].name: np.round(mean, 5).tolist() for each, mean in zip(there, means, strict=True)},
        round(float(cophenet(linkage(distances, 'average'), distances)[0]), 3),
        correlation(distances, families),
        correlation(distances, pdist(pitch)),
    )


def probabilities(logs: Floats, instruments: npt.NDArray[np.float32]) -> Floats:
    """Of every instrument: that of its class times that within the class, shape (parts, INSTRUMENTS)."""
    found = np.zeros(instruments.shape)
    for family in np.unique(FAMILY):
        members = np.flatnonzero(family == FAMILY)
        found[:, members] = np.exp(logs[:, [family]]) * softmax(instruments[:, members].astype(np.float64), axis=1)
    return found


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
