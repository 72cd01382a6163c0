"""Write the model's folder: the networks as ONNX, found equal to torch's, and the contract."""

import hashlib
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import expit, logit

from export.arguments import RESULTS, add_collections, add_place, add_recipe, add_work, place_of
from export.data.files import read_json, write_json
from export.data.instruments import INSTRUMENTS
from export.data.made_up import read_made_up
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS
from export.data.views import AS_IT_IS, read_begun, read_view
from export.evaluation.calibration import equal_priors
from export.evaluation.evaluate import fitted_path
from export.evaluation.said import Fitted, read_fitted
from export.evaluation.unclear import noise_thresholds
from export.networks.part_student import EMBEDDING
from export.recipe import Recipe, load_recipe
from export.release.onnx_file import write_onnx
from export.training.opinions import ALONE
from export.training.part_students import Trained, answers_alone, read_student
from export.training.train_kdic import student_path
from music21_kdic.answers.likeness import LEAST, NINETY, owed_to_noise
from music21_kdic.classes import CLASSES
from music21_kdic.features.number_names import CONTEXT_NUMBERS, PART_NUMBERS
from music21_kdic.features.windows import BARS_PER_WINDOW
from music21_kdic.model.checks import CONTRACT, PART, SCORE, SHIPPED
from music21_kdic.model.contract import LEVELS, SPREAD_WINDOWS, VERSION


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``onnx``."""
    add_recipe(parser)
    add_work(parser)
    add_collections(parser, COLLECTIONS)
    add_place(parser, '--results', RESULTS, 'of evaluate')
    add_place(parser, '--out', SHIPPED, 'folder')


def run(args: Namespace) -> None:
    """Run ``onnx``; print the hashes that ``music21_kdic/model/checks.py`` wants."""
    recipe = load_recipe(args.recipe)
    results = place_of('--results', args.results, RESULTS, recipe.name)
    out = write_model(recipe, args.work, args.collections, results, place_of('--out', args.out, SHIPPED, recipe.name))
    for name in (CONTRACT, PART, SCORE):
        print(f'{sha256(out / name)}  {out / name}')


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_model(recipe: Recipe, work: Path, collections: tuple[str, ...], results: Path, out: Path) -> Path:
    """Write the folder of the student that ``evaluate`` fitted to; ``results`` are the figures that it wrote."""
    fitted = read_fitted(fitted_path(recipe, work))
    trained = read_student(student_path(recipe, work, 'kdic', fitted.seed), recipe.parts)
    trained = write_onnx(trained, fitted.temperatures, out)
    whole = read_view(work, collections, AS_IT_IS)
    thresholds = noise_thresholds(trained, fitted, whole.select(whole.validation), read_made_up(work))
    figures = read_json(results)
    facts = {
        'recipe': recipe.of_parts(fitted.seed),
        'seed': fitted.seed,
        'temperatures': list(fitted.temperatures),
        'torch': torch.__version__,
        'sha256': {name: sha256(out / name) for name in (PART, SCORE)},
        'test': {
            name: {level: [figures[level][name][key] for key in ('macro_f1', 'accuracy')] for level in LEVELS}
            for name in figures[LEVELS[ALONE]]
        },
    }
    spread: list[list[float]] = []
    for windows in SPREAD_WINDOWS:
        short = read_begun(work, collections, BARS_PER_WINDOW * windows)
        of_these = spread_of(trained, fitted, whole, short.select(short.split == 'val'))
        if not of_these and not spread:
            raise ValueError('no validation part is longer than two bars')
        spread.append(of_these or spread[-1])  # where no part is longer, as after fewer windows
    write_json(out / CONTRACT, contract(recipe.name, trained, fitted, spread, thresholds, facts))
    return out


def contract(
    name: str,
    trained: Trained,
    fitted: Fitted,
    spread: list[list[float]],
    thresholds: tuple[float, float],
    facts: dict[str, Any],
) -> dict[str, Any]:
    """The content of ``contract.json``, see :mod:`music21_kdic.model.contract`.

    Args:
        name: of the model.
        trained: the student.
        fitted: to it.
        spread: of :func:`spread_of`, after SPREAD_WINDOWS windows.
        thresholds: of :func:`~export.evaluation.unclear.noise_thresholds`.
        facts: for people to read.
    """
    return {
        'version': VERSION,
        'name': name,
        'classes': list(CLASSES),
        'instruments': [
            {'name': one.name, 'class': one.class_name, 'programs': list(one.programs), 'music21': one.music21}
            for one in INSTRUMENTS
        ],
        'priors': trained.priors[ALONE].tolist(),
        'numbers': [number for number, _ in PART_NUMBERS],
        'context': [number for number, _ in CONTEXT_NUMBERS],
        'embedding': EMBEDDING,
        'first_layer': trained.student.own.out_features,
        'sure': fitted.sure,
        'plausible': {level: asdict(one) for level, one in fitted.plausible.items()},
        'least_music': thresholds[0],
        'least_confidence': thresholds[1],
        'spread': spread,
        'facts': facts,
    }


def spread_of(trained: Trained, fitted: Fitted, whole: PartTable, short: PartTable) -> list[float]:
    """How far the log-odds of the first bars are from the whole part's, as a standard deviation: of each class, (8,).

    They are those of being music of the class. What nine tenths stay within, over the 1.645 standard deviations that
    hold nine tenths of a normal distribution. Nothing where there are no parts.

    Args:
        trained: the student.
        fitted: to it.
        whole: parts as they are.
        short: some of them, cut to their first bars.
    """
    place = {key: row for row, key in enumerate(whole.identities())}
    rows = np.array([place.get(key, -1) for key in short.identities()], np.int64)
    there = rows >= 0
    if not there.any():
        return []

    def odds(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        said = answers_alone(trained.student, numbers)
        logs = equal_priors(said.classes, said.music, trained.priors[ALONE], fitted.temperatures[ALONE])
        probabilities = np.exp(logs)
        own = probabilities - owed_to_noise(probabilities, expit(said.music.astype(np.float64))[:, None])
        found: npt.NDArray[np.float64] = logit(np.maximum(own, LEAST))
        return found

    apart = np.abs(odds(short.numbers[there]) - odds(whole.numbers[rows[there]]))
    spread: list[float] = (np.quantile(apart, 0.9, axis=0) / NINETY).round(4).tolist()
    return spread
