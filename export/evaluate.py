"""``evaluate``: how right the models are, on windows and on parts, per source, on ``test`` and on ``lakh``.

A part's answer is that of the runtime: log probabilities averaged over its windows. Two decisions are scored:
under equal priors, as the plugin decides, and under the training set's class frequencies, which a collection like
the training set would call for. Everything is computed from stored logits and written as JSON and as a page.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from sklearn.metrics import classification_report, confusion_matrix, f1_score
from tqdm import tqdm

from export.recipe import Recipe
from export.results_page import ROWS, results_page
from export.shards import WindowTable, load_windows, write_json
from music21_kdic.classes import CLASSES
from music21_kdic.likeness import NINETY, contributions, log_odds
from music21_kdic.model import log_softmax

# Collections of one source; `scores` is made of several.
WHOLE_COLLECTIONS = ('pop', 'lakh', 'slakh')
CONFIDENCES = (0.5, 0.8, 0.9)
CLASS_INDICES = list(range(len(CLASSES)))


@dataclass(frozen=True)
class Scaling:
    """How a network's logits become log probabilities under equal priors: logits / temperature - log(priors)."""

    temperature: float
    priors: np.ndarray

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Log probabilities under equal priors, shape (windows, 8)."""
        return log_softmax(logits.astype(np.float64) / self.temperature - np.log(self.priors))


def fit_scaling(logits: np.ndarray, table: WindowTable) -> Scaling:
    """Fit the temperature on the validation windows (Guo et al. 2017); priors are the training set's frequencies."""
    priors = np.bincount(table.label[table.rows('train')], minlength=len(CLASSES)).astype(np.float64) + 1.0
    rows = table.rows('val')
    labels = table.label[rows]

    def loss(log_temperature: float) -> float:
        logs = log_softmax(logits[rows].astype(np.float64) / np.exp(log_temperature))
        return float(-logs[np.arange(rows.size), labels].mean())

    fitted = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method='bounded')
    return Scaling(float(np.exp(fitted.x)), priors / priors.sum())


def _rows_by_part(parts: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(parts, kind='stable')
    return np.split(order, np.flatnonzero(np.diff(parts[order])) + 1)


def fit_spread(logs: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """How much the windows of one part differ in the log-odds of each class: standard deviation, shape (8,).

    Args:
        logs: log probabilities under equal priors of validation windows, shape (windows, 8).
        parts: the part of each, shape (windows,).
    """
    deviations = []
    for rows in _rows_by_part(parts):
        mean = log_softmax(logs[rows].mean(axis=0))
        added = np.stack([contributions(logs[rows], mean, index) for index in CLASS_INDICES], axis=1)
        deviations.append(added - added.mean(axis=0))
    squares = (np.concatenate(deviations) ** 2).sum(axis=0)
    freedom = max(1, parts.size - len(deviations))  # a mean was taken from each part
    return np.maximum(np.sqrt(squares / freedom), 1e-3)


def interval_coverage(logs: np.ndarray, parts: np.ndarray, spread: np.ndarray, heard: int) -> dict[str, float]:
    """How often a part's likeness, judged from a few of its windows, holds for the others, as its interval promises.

    Args:
        logs: log probabilities under equal priors, shape (windows, 8).
        parts: the part of each, shape (windows,).
        spread: of :func:`fit_spread`.
        heard: the first so many windows of a part are judged; parts with fewer than three times as many are left out.

    Returns:
        The number of parts; the share of (part, class) pairs in which the log-odds of the other windows lie in the
        interval; and the share to be expected if it is right: nine tenths, less what the others vary themselves.
    """
    inside, expected, counted = [], [], 0
    for rows in _rows_by_part(parts):
        if rows.size < 3 * heard:
            continue
        counted += 1
        expected.append(2 * norm.cdf(NINETY / np.sqrt(1 + heard / (rows.size - heard))) - 1)
        for index in CLASS_INDICES:
            odds, error, _ = log_odds(logs[rows[:heard]], index, spread[index])
            others, _, _ = log_odds(logs[rows[heard:]], index, spread[index])
            inside.append(abs(odds - others) <= NINETY * error)
    return {
        'heard': heard,
        'parts': counted,
        'inside': round(float(np.mean(inside or [0])), 4),
        'expected': round(float(np.mean(expected or [0])), 4),
    }


def part_means(logs: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average log probabilities over each part: (means, first row of each part), parts in rising order."""
    _, first, row = np.unique(parts, return_index=True, return_inverse=True)
    sums = np.zeros((first.size, logs.shape[1]))
    np.add.at(sums, row, logs)
    return sums / np.bincount(row)[:, None], first


def scores(logs: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Macro-, weighted- and per-class F1 (over the classes that occur), accuracy, confusion (true by guessed)."""
    guess = logs.argmax(axis=1)
    present = sorted(set(labels.tolist()))
    report = classification_report(
        labels, guess, labels=present, target_names=[CLASSES[i] for i in present], output_dict=True, zero_division=0
    )
    return {
        'count': int(labels.size),
        'macro_f1': round(float(f1_score(labels, guess, labels=present, average='macro', zero_division=0)), 4),
        'weighted_f1': round(float(f1_score(labels, guess, labels=present, average='weighted', zero_division=0)), 4),
        'accuracy': round(float((guess == labels).mean()), 4),
        'f1': {CLASSES[i]: round(report[CLASSES[i]]['f1-score'], 4) for i in present},
        'confusion': confusion_matrix(labels, guess, labels=CLASS_INDICES).tolist(),
    }


def sure_answers(logs: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, float]]:
    """Of the answers at least so sure: how many there are (a share of all), and how many of them are right."""
    probabilities = np.exp(log_softmax(logs))
    right = probabilities.argmax(axis=1) == labels
    found = {}
    for confidence in CONFIDENCES:
        sure = probabilities.max(axis=1) >= confidence
        found[str(confidence)] = {
            'share': round(float(sure.mean()), 4),
            'right': round(float(right[sure].mean()), 4) if sure.any() else 0.0,
        }
    return found


def evaluate_logits(logits: np.ndarray, table: WindowTable, collection: np.ndarray) -> dict[str, Any]:
    """Score one model: by collection and source, by level, by priors."""
    scaling = fit_scaling(logits, table)
    watched, tested = table.rows('val'), table.rows('test')
    spread = fit_spread(scaling(logits[watched]), table.part[watched])
    result: dict[str, Any] = {
        'temperature': round(scaling.temperature, 4),
        'intervals': [interval_coverage(scaling(logits[tested]), table.part[tested], spread, n) for n in (1, 2)],
        'sure': {},
        'scores': {},
    }
    places = {name: tested[collection[tested] == name] for name in ('pop', 'scores', 'slakh')}
    places['lakh'] = table.rows('lakh')
    for source in np.unique(table.source[places['scores']]):
        places[f'scores/{source}'] = places['scores'][table.source[places['scores']] == source]
    for place, rows in places.items():
        if not rows.size:
            continue
        logs = scaling(logits[rows])
        means, first = part_means(logs, table.part[rows])
        levels = {'windows': (logs, table.label[rows]), 'parts': (means, table.label[rows][first])}
        result['sure'][place] = sure_answers(means, table.label[rows][first])
        result['scores'][place] = {
            level: {
                'equal priors': scores(values, labels),
                'training priors': scores(values + np.log(scaling.priors), labels),
            }
            for level, (values, labels) in levels.items()
        }
    return result


def evaluate(recipe: Recipe, work: Path, out: Path, shards: int = 0) -> list[Path]:
    """Score every model whose logits are in the working folder; write ``out/results.json`` and ``out/results.md``."""
    table = load_windows(work, shards)
    collection = np.where(np.isin(table.source, WHOLE_COLLECTIONS), table.source, 'scores')
    results: dict[str, Any] = {}
    for name, path in tqdm(_logits_of(recipe, work).items(), desc='evaluate', unit='model'):
        if path.exists():
            with np.load(path) as file:
                logits, trained_on = file['logits'], file['trained_on']
            if len(logits) != table.label.size:
                raise ValueError(f'{path}: {len(logits)} windows, wanted {table.label.size}: make it again')
            results[name] = {'training_windows': int(trained_on.size), **evaluate_logits(logits, table, collection)}
    if not results:
        raise FileNotFoundError(f'{work / recipe.name}: no *_logits.npz there; run `python -m export teach` and so on')
    content = {'recipe': recipe.as_dict(), 'results': results}
    write_json(out / 'results.json', content)
    (out / 'results.md').write_text(results_page(content), encoding='utf-8')
    return [out / 'results.json', out / 'results.md']


def _logits_of(recipe: Recipe, work: Path) -> dict[str, Path]:
    """Where the logits of each row lie; teacher, baselines and controls are those of the assistant, if there is one."""
    own, others = work / recipe.name, work / recipe.teacher_recipe
    folders = {'nic': own, 'kdic': own, 'assistant_nic': others, 'assistant': others}
    files = {'assistant_nic': 'nic', 'assistant': 'kdic'}
    return {
        name: folders.get(name, others) / f'{files.get(name, name)}_logits.npz'
        for name in ROWS
        if recipe.distil.assistant or name not in files
    }
