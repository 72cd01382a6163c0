"""``evaluate``: how right the models are, on windows and on parts, per source, on ``test`` and on ``lakh``.

A part's answer is that of the runtime: log probabilities averaged over its windows. Two decisions are scored:
under equal priors, as the plugin decides, and under the training set's class frequencies, which a collection like
the training set would call for. Everything is computed from stored logits and written as JSON and as a page.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from sklearn.metrics import classification_report, confusion_matrix, f1_score
from tabulate import tabulate
from tqdm import tqdm

from export.recipe import Recipe
from export.shards import WindowTable, load_windows, write_json
from music21_kdic.classes import CLASSES
from music21_kdic.likeness import NINETY, contributions, log_odds
from music21_kdic.model import log_softmax

ROWS = {
    'range': 'Pitch range, boosting',
    'boosting': 'Hand-made features, boosting',
    'teacher': 'AIC (audio teacher)',
    'assistant_nic': 'NIC, the larger network',
    'assistant': 'KDIC, the larger network',
    'nic': 'NIC (hard labels)',
    'kdic': 'KDIC (distilled)',
}
# Collections of one source; `scores` is made of several.
WHOLE_COLLECTIONS = ('pop', 'lakh', 'slakh')
PLACES = ('pop', 'scores', 'slakh', 'lakh')
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
            odds, error = log_odds(logs[rows[:heard]], index, spread[index])
            others, _ = log_odds(logs[rows[heard:]], index, spread[index])
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


def results_page(content: dict[str, Any]) -> str:
    """Write the figures as a page."""
    recipe = content['recipe']
    results = {name: content['results'][name] for name in ROWS if name in content['results']}
    lines = [
        '# Results',
        '',
        'Written by `python -m export evaluate`; the same figures and more are in `results.json`.',
        f'Recipe `{recipe["name"]}` (at the end of the page), seed {recipe["seed"]}.',
        'Songs are split by cluster of near-duplicates, never by window; `lakh` was never trained on.',
        f'A part is up to {recipe["windows_per_part"]} windows of one track, their log probabilities averaged.',
        'The teacher hears the test songs through the soundfonts that it learnt from:',
        ', '.join(recipe['soundfonts']) + '.',
        'One run and one seed: the noise between runs was not measured, so small differences between NIC and KDIC',
        'prove nothing.',
        *(
            (
                'KDIC learns from the audio teacher, from labels, and from the KDIC of recipe '
                f'`{recipe["distil"]["assistant"]}`',
                '(the larger network, more epochs, transposed rolls), so it differs from NIC by more than the audio.',
            )
            if recipe['distil']['assistant']
            else ()
        ),
        '',
        tabulate(
            [(ROWS[name], result['training_windows'], result['temperature']) for name, result in results.items()],
            ('model', 'training windows', 'fitted temperature'),
            tablefmt='github',
        ),
    ]
    for place in [place for place in PLACES if any(place in result['scores'] for result in results.values())]:
        lines += ['', f'## {place}', '']
        lines.append(_comparison(results, place))
    best = results.get('kdic')
    if best:
        lines += ['', '## KDIC by class', '', 'F1 of parts under equal priors.', '', _by_class(best)]
        lines += ['', '## KDIC by source of `scores`', '', _by_source(best)]
        lines += ['', '## How right the sure answers are', '', _sure(best)]
        lines += ['', '## How sure a likeness score is', '', _intervals(best)]
        for place in ('pop', 'lakh'):
            if place in best['scores']:
                lines += ['', f'## KDIC confusion, parts of {place}', '', 'Rows are true classes, equal priors.', '']
                lines.append(_confusion(best['scores'][place]['parts']['equal priors']['confusion']))
    lines += ['', '## Recipe', '', '```json', json.dumps(recipe, indent=1), '```']
    return '\n'.join(lines) + '\n'


def _comparison(results: dict[str, Any], place: str) -> str:
    rows = []
    for name, result in results.items():
        if place not in result['scores']:
            continue
        row: list[str | int] = [ROWS[name]]
        for level in ('windows', 'parts'):
            for priors in ('equal priors', 'training priors'):
                found = result['scores'][place][level][priors]
                row.append(f'{found["macro_f1"]:.3f} / {found["weighted_f1"]:.3f} / {found["accuracy"]:.3f}')
        rows.append(row)
    some = next(result['scores'][place] for result in results.values() if place in result['scores'])
    counts = (
        f'{some["windows"]["equal priors"]["count"]:,} windows of {some["parts"]["equal priors"]["count"]:,} parts.'
    )
    headings = ('model', 'windows, equal', 'windows, training', 'parts, equal', 'parts, training')
    note = "Macro-F1 / weighted-F1 / accuracy, decided under equal priors or the training set's."
    return f'{counts} {note}\n\n' + tabulate(rows, headings, tablefmt='github')


def _by_class(result: dict[str, Any]) -> str:
    places = [place for place in PLACES if place in result['scores']]
    f1 = {place: result['scores'][place]['parts']['equal priors']['f1'] for place in places}
    rows = [[name, *(f'{f1[place][name]:.3f}' if name in f1[place] else '' for place in places)] for name in CLASSES]
    return tabulate(rows, ('class', *places), tablefmt='github', disable_numparse=True)


def _by_source(result: dict[str, Any]) -> str:
    rows = [
        (
            place.removeprefix('scores/'),
            found['parts']['equal priors']['count'],
            f'{found["windows"]["equal priors"]["macro_f1"]:.3f}',
            f'{found["parts"]["equal priors"]["macro_f1"]:.3f}',
            f'{found["parts"]["equal priors"]["accuracy"]:.3f}',
        )
        for place, found in result['scores'].items()
        if place.startswith('scores/')
    ]
    headings = ('source', 'parts', 'windows macro-F1', 'parts macro-F1', 'parts accuracy')
    return tabulate(rows, headings, tablefmt='github', disable_numparse=True)


def _sure(result: dict[str, Any]) -> str:
    rows = [
        [
            place,
            *(f'{found["right"]:.3f} of {found["share"]:.3f}' for found in result['sure'][place].values()),
        ]
        for place in PLACES
        if place in result['sure']
    ]
    note = 'Parts under equal priors: the share that is right of the answers at least so sure, and their share of all.'
    headings = ('test set', *(f'confidence {confidence}' for confidence in CONFIDENCES))
    return f'{note}\n\n' + tabulate(rows, headings, tablefmt='github', disable_numparse=True)


def _intervals(result: dict[str, Any]) -> str:
    rows = [
        (found['heard'], found['parts'], f'{found["inside"]:.3f}', f'{found["expected"]:.3f}')
        for found in result['intervals']
    ]
    headings = ('windows judged', 'parts', 'the others inside', 'expected')
    note = (
        "Test parts, judged from their first windows: how often the other windows' score lies within `low` and `high` "
        '(`music21_kdic/likeness.py`), and how often it should, as they are few themselves.'
    )
    return f'{note}\n\n' + tabulate(rows, headings, tablefmt='github', disable_numparse=True)


def _confusion(matrix: list[list[int]]) -> str:
    rows = [[name, *counts] for name, counts in zip(CLASSES, matrix, strict=True)]
    return tabulate(rows, ('', *CLASSES), tablefmt='github')
