"""``novelty``: can it be told that something is not music of the eight classes? Scores are compared.

* confidence: the likeliest class's probability under equal priors, of the part, which is what the runtime goes by;
* energy: log sum exp of the part's raw logits (Liu et al. 2020, temperature 1);
* autoencoder: how badly a network that has learnt to squeeze windows of music through a few numbers draws a window
  again (binary cross-entropy a cell), averaged over the part;
* autoencoder by note: the same as a share of the window's sounding cells, since few notes are soon drawn.

Each is asked to tell the parts of the test sets from nonsense (:mod:`export.data.noise`) and from the parts of other
instruments (:mod:`export.data.outside_classes`). Everything is written to ``WORK/RECIPE/novelty.json``, which
``evaluate`` puts into the results.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

from export.data.noise import load_nonsense
from export.data.outside_classes import load_outsiders
from export.data.window_table import WindowTable, load_windows, write_json
from export.evaluation.calibration import Calibration, Scaling, calibrate, confidence, part_means, read_answers
from export.recipe import Recipe, TrainSettings
from export.training.loop import predict, train
from export.training.part_students import judge, load_student
from export.training.window_networks import PackedRolls
from music21_kdic.features.windows import WindowGrid

SETTINGS = TrainSettings(network='autoencoder', epochs=3, batch_size=256, learning_rate=2e-3, max_windows=60_000)
SQUEEZED = 32
WATCHED = 4000  # validation windows


class AutoEncoder(nn.Module):
    """Dense layers down to SQUEEZED numbers and up again; its outputs are how far the drawing is off."""

    def __init__(self, grid: WindowGrid) -> None:
        super().__init__()
        cells = int(np.prod(grid.shape))
        self.body = nn.Sequential(
            nn.Flatten(),
            nn.Linear(cells, 256),
            nn.ReLU(),
            nn.Linear(256, SQUEEZED),
            nn.ReLU(),
            nn.Linear(SQUEEZED, 256),
            nn.ReLU(),
            nn.Linear(256, cells),
        )

    def forward(self, roll: Tensor) -> Tensor:
        """Binary cross-entropy of piano-rolls, shape (windows, planes, 128, columns), as (windows, 2).

        The mean over all cells, and the sum over as many as are 1.
        """
        cells = roll.flatten(1).float()
        off = F.binary_cross_entropy_with_logits(self.body(roll).float(), cells, reduction='none')
        return torch.stack([off.mean(dim=1), off.sum(dim=1) / cells.sum(dim=1).clamp(min=1.0)], dim=1)


def train_autoencoder(recipe: Recipe, work: Path, table: WindowTable) -> nn.Module:
    """Train the auto-encoder on training windows of music; what is there already is kept."""
    rng = np.random.default_rng(recipe.seed)
    rows = rng.permutation(table.rows('train'))[: SETTINGS.max_windows or None]
    music = table.select(np.concatenate([np.sort(rows), np.sort(rng.permutation(table.rows('val'))[:WATCHED])]))
    inputs = PackedRolls(music, recipe.grid).inputs
    mark = hashlib.sha256(repr((SETTINGS, SQUEEZED, recipe.seed, recipe.grid)).encode() + rows.tobytes()).hexdigest()
    torch.manual_seed(recipe.seed)
    return train(
        AutoEncoder(recipe.grid),
        music.rows('train'),
        inputs,
        lambda errors, positions: errors[:, 0].mean(),
        SETTINGS,
        recipe.seed,
        work / recipe.name / 'autoencoder.pt',
        mark,
        lambda model: float(predict(model, music.rows('val'), inputs)[:, 0].mean()),
    )


Scores = dict[str, np.ndarray]  # by score, how much each part looks like music, shape (parts,)


def part_scores(logits: np.ndarray, errors: np.ndarray, parts: np.ndarray, scaling: Scaling) -> Scores:
    """The scores of each part, higher for what is more like music.

    Args:
        logits: raw, of parts in rising order, shape (parts, 8).
        errors: of the auto-encoder, of windows, shape (windows, 2).
        parts: the part of each window, shape (windows,).
        scaling: of the parts' logits.
    """
    off, off_by_note = part_means(errors.astype(np.float64), parts)[0].T
    return {
        'confidence': confidence(scaling(logits)),
        'energy': logsumexp(logits.astype(np.float64), axis=1),
        'autoencoder': -off,
        'autoencoder by note': -off_by_note,
    }


def told_apart(music: Scores, other: Scores, calibration: Calibration) -> dict[str, Any]:
    """What is answered to parts that are not music of the eight classes, and how well each score tells them from it.

    Returns:
        ``parts``; ``classed`` and ``sure``, the shares that are answered with a class, and surely; ``confidence``, the
        mean; ``auroc`` by score: the share of pairs of music and other in which the music scores higher.
    """
    count = other['confidence'].size
    is_music = np.repeat([True, False], [music['confidence'].size, count])
    return {
        **_answered(other, calibration),
        'auroc': {
            name: round(float(roc_auc_score(is_music, np.concatenate([music[name], other[name]]))), 4) for name in music
        },
    }


def _answered(scores: Scores, calibration: Calibration) -> dict[str, Any]:
    sure = scores['confidence']
    return {
        'parts': sure.size,
        'classed': round(float((sure >= calibration.least_confidence).mean()), 4),
        'sure': round(float((sure >= calibration.sure_confidence).mean()), 4),
        'confidence': round(float(sure.mean()), 4),
    }


def novelty(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Compare the scores on the KDIC of a recipe; write ``WORK/RECIPE/novelty.json``."""
    table, nonsense, outsiders = load_windows(work, shards), load_nonsense(work), load_outsiders(work)
    answers = read_answers(work / recipe.name / 'kdic_logits.npz', table, f'distil --recipe {recipe.name}')
    calibration = calibrate(answers, table, nonsense)
    student, autoencoder = load_student('kdic', recipe, work), train_autoencoder(recipe, work, table)

    def scored(some: WindowTable) -> Scores:
        errors = predict(autoencoder, np.arange(some.label.size), PackedRolls(some, recipe.grid).inputs)
        return part_scores(judge(student, some, recipe.grid)[0], errors, some.part, calibration.part_scaling)

    content: dict[str, Any] = {}
    for split in ('test', 'lakh'):
        rows = table.rows(split)
        if not rows.size:
            continue
        music = scored(table.select(rows))
        content[split] = {'music': _answered(music, calibration)}
        for kind, others in (('noise', nonsense), ('outside_classes', outsiders)):
            content[split][kind] = _by_source(others.select(others.rows(split)), scored, music, calibration)
    path = work / recipe.name / 'novelty.json'
    write_json(path, content)
    return path


def _by_source(
    others: WindowTable, scored: Callable[[WindowTable], Scores], music: Scores, calibration: Calibration
) -> dict[str, Any]:
    """As :func:`told_apart`, of all together and of each source; nothing where there are none."""
    each = {
        str(name): scored(others.select(np.flatnonzero(others.source == name))) for name in np.unique(others.source)
    }
    if not each:
        return {}
    every = {name: np.concatenate([scores[name] for scores in each.values()]) for name in music}
    return {name: told_apart(music, scores, calibration) for name, scores in {'all': every, **each}.items()}
