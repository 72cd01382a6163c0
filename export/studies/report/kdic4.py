"""The tables of kdic-4, the model that shipped before kdic-5, as Markdown, from what was stored of it."""

import json
from typing import Any

from export.studies.report.tables import NOT_MEASURED, image, table
from music21_kdic.classes import CLASSES

ROWS = {
    'teacher': 'AIC (audio teacher)',
    'nic': 'NIC (labels alone)',
    'kdic': 'KDIC (shipped)',
}
PLACES = ('pop', 'scores', 'slakh', 'lakh')
STUDENT = 'kdic'
CONFUSION = 'Parts of `pop` under equal priors: of each true class, the share of each answer.'
SIMILARITY = (
    'Two classes are alike to a network if it gives their parts the same probabilities. The distance of two classes is '
    'the Jensen-Shannon distance between the mean probabilities of their test parts (0: the same, 1: never confused). '
    'The distance of two groups is the mean over their pairs.'
)
CALIBRATION = (
    'On the dashed line, answers to parts are right as often as they claim. Bars are the shares of answers. The priors '
    "are the class frequencies of the collection's own validation parts; `lakh` has none and takes those of `pop`."
)
ALTERNATIVE = {
    'confusion': 'Confusion matrices of teacher and student',
    'reliability': 'Share of answers that is right, by confidence',
    'similarity': 'Dendrograms of the instruments as teacher and student confuse them',
}
SCORES = ('confidence', 'energy', 'autoencoder')  # that are to tell what is no music of the eight classes


def page(content: dict[str, Any], result: dict[str, Any], shown: dict[str, Any]) -> str:
    """All that was measured of kdic-4 and of the models beside it.

    Args:
        content: what was stored of it.
        result: the model's in it.
        shown: what the figures are drawn from, by name; empty what was not measured.
    """
    drawn = {name: image(name, ALTERNATIVE[name]) if found else NOT_MEASURED for name, found in shown.items()}
    sections = {
        'In short': in_short(content),
        **{f'Test set {place}': comparison(content, place) for place in PLACES if place != 'slakh'},
        'By class': by_class(result),
        'Confusion': f'{CONFUSION}\n\n{drawn["confusion"]}',
        'By source of the test set scores': by_source(result),
        'What resembles what': f'{SIMILARITY}\n\n{drawn["similarity"]}',
        'Sure answers': f'{sure_answers(result)}\n\n{answered(result)}',
        'Calibration': f'{CALIBRATION}\n\n{drawn["reliability"]}',
        'Ranking by likeness': ranking(result),
        'Noise': noise(result),
        'Noise, and instruments outside the classes': novelty(result),
        'Notes made unlike the instrument': sanity(result),
        'Intervals of the likeness score': likeness_intervals(result),
        'Models and recipe': f'{summary(content)}\n\n{settings(content)}',
    }
    note = '*Shipped* is kdic-4 here: a student of windows with a head for parts, which shipped before kdic-5.'
    return '\n\n'.join(
        ['# The earlier model, kdic-4', note, *(f'## {title}\n\n{text}' for title, text in sections.items())]
    )


def in_short(content: dict[str, Any]) -> str:
    """All models on parts of all test sets."""
    rows = []
    for place in PLACES:
        for name, result in _known(content).items():
            found = result['scores'].get(place)
            if found:
                figures = (
                    f'{found["parts"][priors][metric]:.3f}'
                    for priors in ('equal priors', 'training priors')
                    for metric in ('macro_f1', 'weighted_f1', 'accuracy')
                )
                rows.append([place, ROWS[name], f'{found["parts"]["equal priors"]["count"]:,}', *figures])
    names = ('macro-F1', 'weighted-F1', 'accuracy')
    headings = (
        'test set',
        'model',
        'parts',
        *(f'{each}, {priors}' for priors in ('equal', 'training') for each in names),
    )
    return table(rows, headings)


def summary(content: dict[str, Any]) -> str:
    """Which recipe it is, and how much each model was trained on."""
    recipe = content['recipe']
    rows = [
        (ROWS[name], f'{result["training_windows"]:,}', f'{result["temperature"]:.3f}')
        for name, result in _known(content).items()
    ]
    note = f'Recipe `{recipe["name"]}`, one run with seed {recipe["seed"]}: the noise between runs was not measured.'
    return f'{note}\n\n' + table(rows, ('model', 'training windows', 'fitted temperature'))


def settings(content: dict[str, Any]) -> str:
    """The recipe."""
    return '```json\n' + json.dumps(content['recipe'], indent=1) + '\n```'


def comparison(content: dict[str, Any], place: str) -> str:
    """All models on one test set."""
    results = _known(content)
    rows = []
    for name, result in results.items():
        if place not in result['scores']:
            continue
        row = [ROWS[name]]
        for level in ('windows', 'parts'):
            for priors in ('equal priors', 'training priors'):
                found = result['scores'][place][level][priors]
                row.append(f'{found["macro_f1"]:.3f} / {found["weighted_f1"]:.3f} / {found["accuracy"]:.3f}')
        rows.append(row)
    if not rows:
        return NOT_MEASURED
    some = next(result['scores'][place] for result in results.values() if place in result['scores'])
    counts = (
        f'{some["windows"]["equal priors"]["count"]:,} windows of {some["parts"]["equal priors"]["count"]:,} parts.'
    )
    headings = ('model', 'windows, equal', 'windows, training', 'parts, equal', 'parts, training')
    note = "Macro-F1 / weighted-F1 / accuracy, decided under equal priors or the training set's."
    return f'{counts} {note}\n\n' + table(rows, headings)


def by_class(result: dict[str, Any]) -> str:
    """F1 of parts by class and test set."""
    if 'scores' not in result:
        return NOT_MEASURED
    places = [place for place in PLACES if place in result['scores']]
    f1 = {place: result['scores'][place]['parts']['equal priors']['f1'] for place in places}
    rows = [[name, *(f'{f1[place][name]:.3f}' if name in f1[place] else '' for place in places)] for name in CLASSES]
    return 'F1 of parts under equal priors.\n\n' + table(rows, ('class', *places))


def by_source(result: dict[str, Any]) -> str:
    """The figures of each source of `scores`."""
    if 'scores' not in result:
        return NOT_MEASURED
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
    return table(rows, headings)


def sure_answers(result: dict[str, Any]) -> str:
    """How right the sure answers are."""
    if 'sure' not in result:
        return NOT_MEASURED
    rows = [
        [
            place,
            *(f'{found["right"]:.3f} of {found["share"]:.3f}' for found in of_place.values()),
        ]
        for place, of_place in by_place(result['sure'])
    ]
    note = (
        'Parts under equal priors. Each cell: of the answers with at least this confidence the share that is right, '
        '*of* their share of all answers.'
    )
    headings = ('test set', *(f'confidence {confidence}' for confidence in next(iter(result['sure'].values()))))
    return f'{note}\n\n' + table(rows, headings)


def answered(result: dict[str, Any]) -> str:
    """What is answered if only sure answers are given, at the confidence that validation chose."""
    if 'answered' not in result:
        return NOT_MEASURED
    rows = [(place, f'{found["share"]:.3f}', f'{found["right"]:.3f}') for place, found in by_place(result['answered'])]
    note = (
        f'An answer is sure from a confidence of {result["sure_confidence"]:.3f} under equal priors. Validation chose '
        'it so that nine tenths of sure answers are right. If only sure answers are given:'
    )
    return f'{note}\n\n' + table(rows, ('test set', 'answered', 'of them right'))


def ranking(result: dict[str, Any]) -> str:
    """How well each class's likeness ranks parts."""
    if 'ranking' not in result:
        return NOT_MEASURED
    places = dict(by_place(result['ranking']))
    rows = [
        [name, *(f'{found[name]:.3f}' if name in found else '' for found in places.values())]
        for name in (*CLASSES, 'mean')
    ]
    note = 'Area under the ROC curve, if the likeness to a class is to tell the parts of that class from all others:'
    return f'{note}\n\n' + table(rows, ('class', *places))


def noise(result: dict[str, Any]) -> str:
    """What is answered where the notes say nothing."""
    if 'noise' not in result:
        return NOT_MEASURED
    kinds = [
        (
            kind,
            found['parts'],
            *(f'{found[key]:.3f}' for key in ('classed', '0.5', '0.8', 'auroc')),
        )
        for kind, found in result['noise'].items()
    ]
    music = [(place, f'{found["share"]:.3f}', f'{found["right"]:.3f}') for place, found in by_place(result['unclear'])]
    return '\n\n'.join(
        [
            f'A part whose likeliest class has less than {result["least_confidence"]:.3f} under equal priors is '
            '`unclear`: it gets no class. The table shows parts that are no music (`export/data/noise.py` describes '
            'the kinds). The model learnt from other parts of the kinds random, walk, cluster and drums, and from none '
            'of the kinds hiss and rows. The shares are of the parts of a kind. AUROC is the area under the ROC curve, '
            'if confidence is to tell noise from the music of all test sets but lakh.',
            table(kinds, ('kind', 'parts', 'given a class', 'confidence 0.5', 'confidence 0.8', 'AUROC')),
            'The cost: the share of music that is unclear, and how much of that would have been right.',
            table(music, ('test set', 'unclear', 'of them right')),
        ]
    )


def novelty(result: dict[str, Any]) -> str:
    """How well it can be told that something is no music, or of an instrument outside the eight."""
    if 'novelty' not in result:
        return NOT_MEASURED
    rows = []
    for split, found in result['novelty'].items():
        kinds = {'music of the eight': found['music']}
        for group, title in (('noise', 'noise'), ('outside_classes', 'outside the classes')):
            kinds |= {f'{title}: {name}': each for name, each in found[group].items()}
        for kind, each in kinds.items():
            shares = (f'{each[key]:.3f}' for key in ('classed', 'sure', 'confidence'))
            areas = (f'{each["auroc"][score]:.3f}' if 'auroc' in each else '' for score in SCORES)
            rows.append([split, kind, f'{each["parts"]:,}', *shares, *areas])
    headings = ('parts', 'given a class', 'surely', 'mean confidence', *(f'AUROC, {score}' for score in SCORES))
    return table(rows, ('test set', 'what', *headings))


def sanity(result: dict[str, Any]) -> str:
    """What becomes of a part's likeness when its notes are made unlike its instrument."""
    if 'sanity' not in result:
        return NOT_MEASURED
    rows = []
    for name in CLASSES:
        for change, found in result['sanity']['classes'].get(name, {}).items():
            low, high = found['interval']
            rows.append(
                [
                    name,
                    change,
                    f'{found["parts"]:,}',
                    f'{found["before"]:.3f}',
                    f'{found["after"]:.3f}',
                    f'{found["change"]:+.3f} [{low:+.3f}, {high:+.3f}]',
                    f'{found["fell"]:.3f}',
                    f'{found["unclassified"]:.3f}',
                ]
            )
    headings = ('parts', 'likeness before', 'after', 'change', 'share that fell', 'not classified any more')
    return table(rows, ('class', 'notes are', *headings))


def likeness_intervals(result: dict[str, Any]) -> str:
    """How sure a likeness score is."""
    if 'intervals' not in result:
        return NOT_MEASURED
    rows = [
        (found['windows'], found['parts'], f'{found["inside"]:.3f}', f'{found["expected"]:.3f}')
        for found in result['intervals']
    ]
    headings = ('windows classified', 'parts', 'the others inside', 'expected')
    note = (
        'Test parts, classified from their first windows only: how often the score of the other windows lies within '
        '`low` and `high` (`music21_kdic/answers/likeness.py`), and how often it should, as those windows are few.'
    )
    return f'{note}\n\n' + table(rows, headings)


def by_place(found: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was found in each test set, but not in single sources, in the order of the page."""
    return [(place, found[place]) for place in PLACES if place in found]


def _known(content: dict[str, Any]) -> dict[str, Any]:
    return {name: content['results'][name] for name in ROWS if name in content['results']}
