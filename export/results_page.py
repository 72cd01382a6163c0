"""The figures of ``evaluate`` as a page: tables for people, from what ``results.json`` holds."""

import json
from typing import Any

from tabulate import tabulate

from music21_kdic.classes import CLASSES

ROWS = {
    'range': 'Pitch range, boosting',
    'boosting': 'Hand-made features, boosting',
    'teacher': 'AIC (audio teacher)',
    'assistant_nic': 'NIC, the larger network',
    'assistant': 'KDIC, the larger network',
    'nic': 'NIC (hard labels)',
    'kdic': 'KDIC (distilled)',
}
PLACES = ('pop', 'scores', 'slakh', 'lakh')


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
        lines += ['', '## When the notes say nothing', '', _nothing(best)]
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
    headings = ('test set', *(f'confidence {confidence}' for confidence in next(iter(result['sure'].values()))))
    return f'{note}\n\n' + tabulate(rows, headings, tablefmt='github', disable_numparse=True)


def _nothing(result: dict[str, Any]) -> str:
    if 'nonsense' not in result:
        return 'Not measured: it was not shown any nonsense.'
    kinds = [
        (
            kind,
            found['parts'],
            *(f'{found[key]:.3f}' for key in ('classed', '0.5', '0.8', 'auroc')),
        )
        for kind, found in result['nonsense'].items()
    ]
    music = [
        (place, f'{found["share"]:.3f}', f'{found["right"]:.3f}')
        for place, found in result['unclear'].items()
        if '/' not in place
    ]
    return '\n\n'.join(
        [
            f'A part whose likeliest class has less than {result["least_confidence"]:.3f} under equal priors is '
            '`unclear` and is given no class. What became of parts that are no music (`export/nonsense.py` says what '
            'they are; it learnt from other parts of the kinds random, walk, cluster and drums, and has never seen the '
            'kinds hiss and rows), as shares of them, and the area under the ROC curve if confidence is to tell them '
            'from the music of all test sets but lakh:',
            tabulate(
                kinds,
                ('kind', 'parts', 'given a class', 'confidence 0.5', 'confidence 0.8', 'AUROC'),
                tablefmt='github',
                disable_numparse=True,
            ),
            'What it costs: parts that are music and unclear, and how many of those would have been right.',
            tabulate(music, ('test set', 'unclear', 'of them right'), tablefmt='github', disable_numparse=True),
        ]
    )


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
