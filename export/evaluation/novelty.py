"""Compare scores that tell music of the eight classes from everything else: confidence, energy, an auto-encoder.

* confidence: the likeliest class's probability under equal priors, of the part, which is what the runtime goes by;
* energy: log sum exp of the part's raw logits (Liu et al. 2020, temperature 1);
* autoencoder: how badly a network that has learnt to squeeze windows of music through a few numbers draws a window
  again (binary cross-entropy a cell), averaged over the part;
* autoencoder by note: the same as a share of the window's sounding cells, since few notes are soon drawn.

Each is asked to tell the parts of the test sets from noise (:mod:`export.data.noise`) and from the parts of other
instruments (:mod:`export.data.outside_classes`). Everything is written to ``WORK/RECIPE/novelty.json``, which
``evaluate`` puts into the results.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

from export.arguments import add_training
from export.data.files import write_json
from export.data.noise import load_noise
from export.data.outside_classes import load_outside_classes
from export.data.window_table import WindowTable, load_windows
from export.evaluation.calibration import Calibration, Scaling, calibrate, confidence
from export.recipe import Recipe, load_recipe
from export.training.autoencoder import train_autoencoder
from export.training.fit import predict
from export.training.part_students import load_student, predict_parts
from export.training.stored_logits import part_means, read_logits
from export.training.window_inputs import PackedRolls

Scores = dict[str, np.ndarray]  # by score, how much each part looks like music, shape (parts,)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``novelty``."""
    add_training(parser)


def run(args: Namespace) -> None:
    """Run ``novelty``."""
    print(f'wrote {novelty(load_recipe(args.recipe), args.work, args.shards)}')


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
    """Figures of the answers to other parts than music of the eight classes, and how well each score tells them apart.

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
    table, noise, outside = load_windows(work, shards), load_noise(work), load_outside_classes(work)
    stored = read_logits(work / recipe.name / 'kdic_logits.npz', table, f'train-kdic --recipe {recipe.name}')
    calibration = calibrate(stored, table, noise)
    student, autoencoder = load_student('kdic', recipe, work), train_autoencoder(recipe, work, table)

    def scored(some: WindowTable) -> Scores:
        errors = predict(autoencoder, np.arange(some.label.size), PackedRolls(some, recipe.grid).inputs)
        return part_scores(predict_parts(student, some, recipe.grid)[0], errors, some.part, calibration.part_scaling)

    content: dict[str, Any] = {}
    for split in ('test', 'lakh'):
        rows = table.rows(split)
        if not rows.size:
            continue
        music = scored(table.select(rows))
        content[split] = {'music': _answered(music, calibration)}
        for kind, others in (('noise', noise), ('outside_classes', outside)):
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
