"""Make reference.npz of a model: what real parts of each class are like."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.covariance import LedoitWolf

from export.arguments import add_collection
from export.data.files import write_atomically
from export.data.real_parts import RealPart, answers_to, real_parts
from export.data.sources import SourceFile, manifest_files
from music21_kdic.classes import CLASSES
from music21_kdic.features.musical import musical_features
from music21_kdic.features.windows import cut_windows
from music21_kdic.model.checks import REFERENCE
from music21_kdic.model.reference import PERCENTILES, Reference, log_odds
from music21_kdic.model.session import Model

COLLECTIONS = ('pop', 'scores', 'classical', 'orchestra', 'guitar', 'jazz', 'games', 'songs')
MOST = 500  # parts of a class of a source


def make_reference(model: Model, fitted: Sequence[RealPart], held_back: Sequence[RealPart]) -> Reference:
    """Describe the classes by some parts; their places are those among others, which were held back.

    Each class needs a few of both.
    """
    labels = np.array([part.label for part in fitted])
    embedding = answers_to(model, fitted).embedding
    quantiles, mean, whiten = [], [], []
    for label in range(len(CLASSES)):
        rows = np.flatnonzero(labels == label).tolist()
        quantiles.append(_percentiles([fitted[row] for row in rows]))
        normal = LedoitWolf().fit(embedding[rows])
        mean.append(normal.location_)
        whiten.append(np.linalg.cholesky(np.linalg.inv(normal.covariance_)))
    arrays = {
        name: np.asarray(array, dtype=np.float32)
        for name, array in (('quantiles', quantiles), ('mean', mean), ('whiten', whiten))
    }
    # The places among held-back parts are worked out from the outside in: distance and odds, then the lesser of both.
    arrays |= dict.fromkeys(('distances', 'music', 'least'), np.zeros((len(CLASSES), 1), dtype=np.float32))
    answers, of_class = answers_to(model, held_back), np.array([part.label for part in held_back])
    own = [np.flatnonzero(of_class == label) for label in range(len(CLASSES))]
    size = min(rows.size for rows in own)
    own = [rows[np.arange(size) * rows.size // size] for rows in own]  # as many of each
    arrays['distances'] = _rising(Reference(**arrays).distances_of(answers.embedding), own)
    arrays['music'] = _rising(np.repeat(log_odds(answers.music)[:, None], len(CLASSES), axis=1), own)
    arrays['least'] = _rising(Reference(**arrays).least_place(answers.embedding, answers.music), own)
    return Reference(**arrays)


def _rising(values: np.ndarray, own: Sequence[np.ndarray]) -> np.ndarray:
    """Of values (parts, 8), those of each class for its own parts, in order: (8, parts)."""
    each = [values[rows, label] for label, rows in enumerate(own)]
    return np.sort(np.stack(each).astype(np.float32), axis=1)


def _percentiles(parts: Sequence[RealPart]) -> np.ndarray:
    values = np.stack([musical_features(part.notes, cut_windows(part.notes)) for part in parts])
    percentiles: np.ndarray = np.percentile(values, np.linspace(0, 100, PERCENTILES), axis=0).T
    return percentiles


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, and the model's folder, into which the file is written."""
    add_collection(parser, collections=COLLECTIONS)
    parser.add_argument('--model', type=Path, required=True, help='folder of the model')
    parser.add_argument('--most', type=int, default=MOST, help=f'parts a class and source (default: {MOST})')
    parser.add_argument('--seed', type=int, default=0, help='which parts (default: 0)')


def run(args: Namespace) -> None:
    """Run ``reference``."""
    files = manifest_files(args.data, args.manifest, args.collections)
    print(f'wrote {write_reference(args.model, files, args.most, args.seed)}')


def write_reference(folder: Path, files: Sequence[SourceFile], most: int = MOST, seed: int = 0) -> Path:
    """Write ``reference.npz``: classes described by training parts, places among validation parts.

    Args:
        folder: of the model.
        files: of the collections.
        most: parts of a class of a source: `scores` has several, and `classical`.
        seed: draws which.
    """
    fitted, held_back = (real_parts(files, [split], most, seed) for split in ('train', 'val'))
    reference = make_reference(Model(folder), fitted, held_back)
    path = folder / REFERENCE
    arrays = {name: getattr(reference, name) for name in Reference.__dataclass_fields__}
    write_atomically(path, lambda part: np.savez_compressed(part, **arrays))
    return path
