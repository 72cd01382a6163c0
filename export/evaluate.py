"""``evaluate``: how right the models are, on windows and on parts, per source, on ``test`` and on ``lakh``.

A part's answer is that of the runtime: log probabilities averaged over its windows. Two decisions are scored:
under equal priors, as the plugin decides, and under the training set's class frequencies, which a collection like
the training set would call for. Everything is computed from stored logits and written as JSON, of which ``report``
makes a page.
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.metrics import classification_report, confusion_matrix, f1_score, roc_auc_score
from tqdm import tqdm

from export.calibration import Answers, Calibration, calibrate, confidence, part_means, read_answers, rows_by_part
from export.experiment.shipped import ROWS
from export.nonsense import load_nonsense
from export.recipe import Recipe
from export.shards import WindowTable, load_windows, write_json
from music21_kdic.classes import CLASSES
from music21_kdic.likeness import NINETY, log_odds
from music21_kdic.model import log_softmax

# Collections of one source; `scores` is made of several.
WHOLE_COLLECTIONS = ('pop', 'lakh', 'slakh')
CONFIDENCES = (0.5, 0.8, 0.9)
CLASS_INDICES = list(range(len(CLASSES)))


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
    for rows in rows_by_part(parts):
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


def similarity(logs: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    """The mean probabilities that are given to the parts of each class that occurs: how alike classes are to a model.

    Args:
        logs: log probabilities of parts, shape (parts, 8).
        labels: shape (parts,).
    """
    probabilities = np.exp(log_softmax(logs))
    return {
        CLASSES[index]: probabilities[labels == index].mean(axis=0).round(4).tolist()
        for index in sorted(set(labels.tolist()))
    }


def sure_answers(logs: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, float]]:
    """Of the answers at least so sure: how many there are (a share of all), and how many of them are right."""
    probabilities = np.exp(log_softmax(logs))
    right = probabilities.argmax(axis=1) == labels
    found = {}
    for least in CONFIDENCES:
        sure = probabilities.max(axis=1) >= least
        found[str(least)] = {
            'share': round(float(sure.mean()), 4),
            'right': round(float(right[sure].mean()), 4) if sure.any() else 0.0,
        }
    return found


def unclear_answers(logs: np.ndarray, labels: np.ndarray, least: float) -> dict[str, float]:
    """The share of answers that are less sure than ``least``, and how many of them would have been right."""
    unclear = confidence(logs) < least
    right = logs.argmax(axis=1) == labels
    return {
        'share': round(float(unclear.mean()), 4),
        'right': round(float(right[unclear].mean()), 4) if unclear.any() else 0.0,
    }


def evaluate_nonsense(
    answers: Answers, calibration: Calibration, nonsense: WindowTable, music: np.ndarray
) -> dict[str, dict[str, float]]:
    """What is answered to each kind of nonsense of the test split.

    Args:
        answers: of one model.
        calibration: of the same.
        nonsense: what ``answers.nonsense`` are about.
        music: how sure the model is of parts that are music, shape (parts,).

    Returns:
        By kind: how many parts; the share that is given a class; the shares of answers that are at least so sure,
        class given or not; the area under the ROC curve, if confidence is to tell music from it.
    """
    tested = nonsense.rows('test')
    found = {}
    for kind in np.unique(nonsense.source[tested]):
        rows = tested[nonsense.source[tested] == kind]
        means, _ = part_means(calibration.scaling(answers.nonsense[rows]), nonsense.part[rows])
        sure = confidence(means)
        is_music = np.repeat([True, False], [music.size, sure.size])
        found[str(kind)] = {
            'parts': sure.size,
            'classed': round(float((sure >= calibration.least_confidence).mean()), 4),
            **{str(least): round(float((sure >= least).mean()), 4) for least in CONFIDENCES},
            'auroc': round(float(roc_auc_score(is_music, np.concatenate([music, sure]))), 4),
        }
    return found


def evaluate_answers(
    answers: Answers, table: WindowTable, collection: np.ndarray, nonsense: WindowTable | None = None
) -> dict[str, Any]:
    """Score one model: by collection and source, by level, by priors; and on nonsense, if it was shown any."""
    calibration = calibrate(answers, table, nonsense)
    scaling, logits = calibration.scaling, answers.logits
    tested = table.rows('test')
    result: dict[str, Any] = {
        'temperature': round(scaling.temperature, 4),
        'least_confidence': calibration.least_confidence,
        'intervals': [
            interval_coverage(scaling(logits[tested]), table.part[tested], calibration.spread, n) for n in (1, 2)
        ],
        'sure': {},
        'unclear': {},
        'similarity': {},
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
        result['unclear'][place] = unclear_answers(means, table.label[rows][first], calibration.least_confidence)
        if '/' not in place:
            result['similarity'][place] = similarity(means, table.label[rows][first])
        result['scores'][place] = {
            level: {
                'equal priors': scores(values, labels),
                'training priors': scores(values + np.log(scaling.priors), labels),
            }
            for level, (values, labels) in levels.items()
        }
    if nonsense is not None:
        means, _ = part_means(scaling(logits[tested]), table.part[tested])
        result['nonsense'] = evaluate_nonsense(answers, calibration, nonsense, confidence(means))
    return result


def evaluate(recipe: Recipe, work: Path, out: Path, shards: int = 0) -> Path:
    """Score every model whose logits are in the working folder; write ``out/results.json``."""
    table = load_windows(work, shards)
    collection = np.where(np.isin(table.source, WHOLE_COLLECTIONS), table.source, 'scores')
    nonsense = load_nonsense(work) if recipe.nonsense else None
    results: dict[str, Any] = {}
    for name, path in tqdm(_logits_of(recipe, work).items(), desc='evaluate', unit='model'):
        if path.exists():
            answers = read_answers(path, table, f'teach, student, distil or baseline --recipe {path.parent.name}')
            shown = nonsense if len(answers.nonsense) else None
            scored = evaluate_answers(answers, table, collection, shown)
            results[name] = {'training_windows': int(answers.trained_on.size), **scored}
    if not results:
        raise FileNotFoundError(f'{work / recipe.name}: no *_logits.npz there; run `python -m export teach` and so on')
    content = {'recipe': recipe.as_dict(), 'results': results}
    write_json(out / 'results.json', content)
    return out / 'results.json'


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
