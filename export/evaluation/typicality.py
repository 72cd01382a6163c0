"""Ways to say how typical a part is of a class, compared: on real parts, noise, corrupted parts and other classes.

Each way gives a part a number for each class. The table says how well it tells the real parts of a class from what is
none (area under the ROC curve, mean over classes), beside the typicality that ships.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from tabulate import tabulate

from export.arguments import OF_SAMPLE, add_sample, settings_of
from export.data.files import write_json
from export.data.noise import hiss_part, permuted, random_part, replaced, rows_part, walk_part
from export.data.real_parts import RealPart, answers_to, real_parts
from export.data.sources import TESTED_SPLITS, manifest_files
from export.evaluation.corruption import moved_to_sixteenths
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import cut_windows
from music21_kdic.model.reference import log_odds
from music21_kdic.model.session import Model, NetworkAnswers, load_model

Way = Callable[[NetworkAnswers], np.ndarray]  # (parts, 8), larger where more typical
NEIGHBOURS, NORMALS = 5, 4
CORRUPTED = 0.6  # of the notes
NOISE = 100  # parts of each kind


def ways(model: Model, fitted: Sequence[RealPart]) -> dict[str, Way]:
    """The ways by name, fitted to some real parts."""
    labels = np.array([part.label for part in fitted])
    embedding = answers_to(model, fitted).embedding
    of_class = [embedding[labels == label] for label in range(len(CLASSES))]
    means = [points.mean(axis=0) for points in of_class]
    shared = LedoitWolf().fit(np.concatenate([one - mean for one, mean in zip(of_class, means, strict=True)]))
    own = [LedoitWolf().fit(points) for points in of_class]
    whiten = np.linalg.cholesky(np.linalg.inv(shared.covariance_))
    neighbours = [NearestNeighbors(n_neighbors=NEIGHBOURS).fit(points @ whiten) for points in of_class]
    mixtures = [GaussianMixture(NORMALS, reg_covar=0.1, random_state=0).fit(points @ whiten) for points in of_class]

    def columns(each: Callable[[int, np.ndarray], np.ndarray]) -> Way:
        return lambda answers: np.stack([each(label, answers.embedding) for label in range(len(CLASSES))], axis=1)

    found: dict[str, Way] = {
        'Mahalanobis, one covariance': columns(lambda c, x: -shared.mahalanobis(x - means[c])),
        "Mahalanobis, each class's covariance": columns(lambda c, x: -own[c].mahalanobis(x)),
        f'{NEIGHBOURS} nearest real parts': columns(lambda c, x: -neighbours[c].kneighbors(x @ whiten)[0][:, -1]),
        f'mixture of {NORMALS} normals': columns(lambda c, x: mixtures[c].score_samples(x @ whiten)),
        'log probability': lambda answers: answers.logs,
        'odds of being music': lambda answers: np.repeat(log_odds(answers.music)[:, None], len(CLASSES), axis=1),
        'log probability and odds': lambda answers: answers.logs + np.log(np.maximum(answers.music, 1e-12))[:, None],
    }
    if model.reference is not None:
        reference = model.reference
        found['typicality, as shipped'] = lambda answers: reference.typicality(answers.embedding, answers.music)
    return found


def compare(model: Model, fitted: Sequence[RealPart], tested: Sequence[RealPart], seed: int) -> list[dict[str, Any]]:
    """A row a way: its area under the curve for each kind of parts that are none of the class."""
    rng = np.random.default_rng(seed)
    noise = [
        RealPart(kind(rng), 0, 'noise', 'test')
        for kind in (random_part, walk_part, hiss_part, rows_part)
        for _ in range(NOISE)
    ]
    corrupted = []
    for part in tested:
        corrupt = (replaced, permuted, moved_to_sixteenths)[int(rng.integers(3))]
        some = rng.permutation(len(part.notes))[: round(CORRUPTED * len(part.notes))]
        corrupted.append(RealPart(corrupt(part.notes, some, rng), part.label, 'corrupted', 'test'))
    kinds = {
        name: [part for part in parts if len(cut_windows(part.notes))]
        for name, parts in (('real', tested), ('noise', noise), ('corrupted', corrupted))
    }
    answers = {name: answers_to(model, parts) for name, parts in kinds.items()}
    labels = {name: np.array([part.label for part in parts]) for name, parts in kinds.items()}
    rows = []
    for name, way in ways(model, fitted).items():
        values = {kind: way(answer) for kind, answer in answers.items()}
        areas = []
        for label in range(len(CLASSES)):
            real = values['real'][labels['real'] == label, label]
            others = (
                values['noise'][:, label],
                values['corrupted'][labels['corrupted'] == label, label],
                values['real'][labels['real'] != label, label],
            )
            areas.append([_area(real, other) for other in others])
        of_kinds = zip(('noise', 'corrupted', 'others'), np.mean(areas, axis=0).round(4).tolist(), strict=True)
        rows.append({'way': name, **dict(of_kinds)})
    return rows


def _area(real: np.ndarray, other: np.ndarray) -> float:
    truth = np.concatenate([np.ones(real.size), np.zeros(other.size)])
    return float(roc_auc_score(truth, np.concatenate([real, other])))


def add_arguments(parser: ArgumentParser) -> None:
    """The collection, how many parts, and the file to write."""
    add_sample(parser, 60)
    parser.add_argument('--out', type=Path, default=Path('typicality.json'), help='(default: typicality.json)')


def run(args: Namespace) -> None:
    """Write and print the table."""
    files = manifest_files(args.data, args.manifest, args.collections)
    fitted = real_parts(files, ['train'], args.most, args.seed)
    tested = real_parts(files, TESTED_SPLITS, args.most, args.seed)
    rows = compare(load_model(args.model), fitted, tested, args.seed)
    write_json(args.out, {'settings': settings_of(args, *OF_SAMPLE), 'rows': rows})
    print(tabulate(rows, headers='keys', tablefmt='github', floatfmt='.3f'))
