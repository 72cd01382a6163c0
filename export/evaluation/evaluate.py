"""Score every model that is trained, on windows and on parts, by source; write results.json.

A part's answer is that of the runtime, its head's; the audio teacher has none, and its windows' log probabilities are
averaged. Two decisions are scored: under equal priors, as the plugin decides, and under the training set's class
frequencies, which a collection like the training set would call for. How far the answers can be trusted is in
:mod:`export.evaluation.reliability`. Everything is written as JSON, of which ``report`` makes a page.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix, f1_score, roc_auc_score
from tqdm import tqdm

from export.arguments import DOCS, add_training
from export.data.files import read_json, write_json
from export.data.noise import load_noise
from export.data.window_table import WindowTable, frequencies_of, load_windows
from export.evaluation.calibration import Calibration, calibrate, confidence
from export.evaluation.reliability import (
    CLASS_INDICES,
    CONFIDENCES,
    calibration_of_parts,
    interval_coverage,
    ranking,
    sure_answers,
    unclear_answers,
)
from export.networks.heads import PartStudent
from export.recipe import Recipe, load_recipe
from export.training.part_students import load_student, predict_apart
from export.training.stored_logits import StoredLogits, read_logits
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import WindowGrid
from music21_kdic.model.session import log_softmax

# Whose validation split says how frequent classes are; the others have none, and are held to be as these.
LIKE_POP = 'pop'
MODELS = {'teacher': 'train-aic', 'nic': 'train-nic', 'kdic': 'train-kdic'}  # and the verbs that train them
BESIDE = ('sanity', 'novelty')  # what verbs of these names have measured of the KDIC, where they were run


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``evaluate``."""
    add_training(parser)
    parser.add_argument('--out', type=Path, default=DOCS, help='folder (default: docs)')


def run(args: Namespace) -> None:
    """Run ``evaluate``."""
    print(f'wrote {evaluate(load_recipe(args.recipe), args.work, args.out, args.shards)}')


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


def evaluate_noise(
    stored: StoredLogits, calibration: Calibration, noise: WindowTable, music: np.ndarray
) -> dict[str, dict[str, float]]:
    """Figures of the answers to each kind of noise of the test split.

    Args:
        stored: of one model.
        calibration: of the same.
        noise: the window table that ``stored.noise`` is about.
        music: how sure the model is of parts that are music, shape (parts,).

    Returns:
        By kind: how many parts; the share that is given a class; the shares of answers that are at least so sure,
        class given or not; the area under the ROC curve, if confidence is to tell music from it.
    """
    tested = noise.rows('test')
    found = {}
    for kind in np.unique(noise.source[tested]):
        rows = tested[noise.source[tested] == kind]
        sure = confidence(calibration.of_parts(stored.of_noise, noise, rows)[0])
        is_music = np.repeat([True, False], [music.size, sure.size])
        found[str(kind)] = {
            'parts': sure.size,
            'classed': round(float((sure >= calibration.least_confidence).mean()), 4),
            **{str(least): round(float((sure >= least).mean()), 4) for least in CONFIDENCES},
            'auroc': round(float(roc_auc_score(is_music, np.concatenate([music, sure]))), 4),
        }
    return found


def evaluate_model(
    stored: StoredLogits, calibration: Calibration, table: WindowTable, noise: WindowTable | None = None
) -> dict[str, Any]:
    """The figures of one model: by collection and source, by level, by priors; and on noise, if it was given any."""
    scaling, logits = calibration.scaling, stored.logits
    tested, collection = stored.known(table.rows('test')), table.collection
    result: dict[str, Any] = {
        'temperature': round(scaling.temperature, 4),
        'part_temperature': round(calibration.part_scaling.temperature, 4),
        'least_confidence': calibration.least_confidence,
        'sure_confidence': calibration.sure_confidence,
        **{name: {} for name in ('sure', 'answered', 'unclear', 'calibration', 'ranking', 'similarity', 'scores')},
    }
    places = {name: tested[collection[tested] == name] for name in ('pop', 'scores', 'slakh')}
    places['lakh'] = stored.known(table.rows('lakh'))
    for source in np.unique(table.source[places['scores']]):
        places[f'scores/{source}'] = places['scores'][table.source[places['scores']] == source]
    for place, rows in places.items():
        if not rows.size:
            continue
        means, first = calibration.of_parts(stored, table, rows)
        labels = table.label[rows][first]
        levels = {
            'windows': (scaling(logits[rows]), table.label[rows], scaling.priors),
            'parts': (means, labels, table.part_frequencies()),
        }
        result['sure'][place] = sure_answers(means, labels)
        result['answered'][place] = sure_answers(means, labels, calibration.sure_confidence)
        result['unclear'][place] = unclear_answers(means, labels, calibration.least_confidence)
        if '/' not in place:
            like, frequencies = _own_frequencies(table, place)
            found = calibration_of_parts(means, labels, frequencies)
            result['calibration'][place] = {**found, 'priors_of': like}
            result['ranking'][place] = ranking(means, labels)
            result['similarity'][place] = similarity(means, labels)
        result['scores'][place] = {
            level: {
                'equal priors': scores(values, labels),
                'training priors': scores(values + np.log(priors), labels),
            }
            for level, (values, labels, priors) in levels.items()
        }
    if noise is not None:
        sure = confidence(calibration.of_parts(stored, table, tested)[0])
        result['noise'] = evaluate_noise(stored, calibration, noise, sure)
    return result


def likeness_intervals(
    student: PartStudent, table: WindowTable, grid: WindowGrid, calibration: Calibration, count: int
) -> dict[str, float]:
    """How often the likeness from the first ``count`` windows of test parts holds for their others.

    See :func:`~export.evaluation.reliability.interval_coverage`.
    Parts with fewer than three times as many windows are left out.
    """
    apart = predict_apart(student, table, table.rows('test'), count, grid)
    first, others = calibration.part_scaling(apart.first), calibration.part_scaling(apart.others)
    windows = calibration.scaling(apart.windows)
    return interval_coverage(windows, first, others, apart.other_windows, calibration.spread)


def _own_frequencies(table: WindowTable, collection: str) -> tuple[str, np.ndarray]:
    """How frequent each class is among a collection's validation parts; pop's where it has none. Whose, and (8,)."""
    rows = table.rows('val')
    if collection not in table.collection[rows]:
        collection = LIKE_POP
    rows = rows[table.collection[rows] == collection]
    _, first = np.unique(table.part[rows], return_index=True)
    return collection, frequencies_of(table.label[rows][first])


def evaluate(recipe: Recipe, work: Path, out: Path, shards: int = 0) -> Path:
    """Score every model whose logits are in the working folder; write ``out/results.json``."""
    table = load_windows(work, shards)
    noise = load_noise(work)
    results: dict[str, Any] = {}
    for name, verb in tqdm(MODELS.items(), desc='evaluate', unit='model'):
        path = work / (recipe.teacher_recipe if name == 'teacher' else recipe.name) / f'{name}_logits.npz'
        if path.exists():
            stored = read_logits(path, table, f'{verb} --recipe {path.parent.name}')
            known = noise if len(stored.noise) else None
            calibration = calibrate(stored, table, known)
            scored = evaluate_model(stored, calibration, table, known)
            results[name] = {'training_windows': int(stored.trained_on.size), **scored}
            if name == 'kdic':
                student = load_student(name, recipe, work)
                longest = np.bincount(table.part[table.rows('test')]).max(initial=0)
                results[name]['intervals'] = [
                    likeness_intervals(student, table, recipe.grid, calibration, count)
                    for count in (1, 2)
                    if longest >= 3 * count
                ]
    for name in BESIDE:
        path = work / recipe.name / f'{name}.json'
        if path.exists() and 'kdic' in results:
            results['kdic'][name] = read_json(path)
    if not results:
        raise FileNotFoundError(f'{work / recipe.name}: no *_logits.npz there; run `python -m export train-nic` first')
    content = {'recipe': recipe.as_dict(), 'results': results}
    write_json(out / 'results.json', content)
    return out / 'results.json'
