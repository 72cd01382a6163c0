"""The tables of a study, as Markdown."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np
from tabulate import tabulate

from export.evaluation.measures import METRICS, Estimate, Sample, f1_by_class
from export.studies.statistics import Answered
from export.studies.store import DECISIONS
from music21_kdic.classes import CLASSES

NOT_MEASURED = 'Not measured.'
NOT_STORED = 'With which arguments it was made was not stored.'
FEWEST_SONGS = 10  # of a source that is given an interval: fewer hardly say how much songs differ
IN_WORDS = {'trained': "decided under the training set's priors", 'equal': 'decided under equal priors'}


def table(rows: Iterable[Sequence[object]], headings: Sequence[str]) -> str:
    """A Markdown table; what is written in it stays as it is."""
    return str(tabulate(rows, headings, tablefmt='github', disable_numparse=True))


def measured(told: Callable[[Any], str]) -> Callable[[Any], str]:
    """A section of a page that says so where nothing was measured.

    >>> measured(str)({}), measured(str)([1])
    ('Not measured.', '[1]')
    """

    @wraps(told)
    def section(found: Any) -> str:
        return told(found) if found else NOT_MEASURED

    return section


def area(value: float) -> str:
    """An area under the ROC curve; 0 is that of a test set of one class."""
    return f'{value:.3f}' if value else '-'


def made_by(verb: str, settings: Mapping[str, Any] | None) -> str:
    """The command that makes a measurement again, from the options that were stored with it.

    >>> made_by('planted', {'collections': ['pop', 'guitar'], 'parts': 60})
    'Made by `python -m export planted --data DATA --collections pop guitar --parts 60`.'
    """
    if not settings:
        return NOT_STORED
    words = ['python', '-m', 'export', verb, '--data', 'DATA']
    for name, value in settings.items():
        words += [f'--{name}', *map(str, value if isinstance(value, list | tuple) else [value])]
    return f'Made by `{shlex.join(words)}`.'


def study_page(answered: Answered) -> str:
    """All that was found in a study: its rows, their figures everywhere, and how they differ."""
    name = answered.study.name
    blocks = [
        f'# {answered.study.question}',
        main_table(answered),
        image(f'forest-{name}', f'Macro-F1 of the rows of study {name}, with intervals'),
        'Macro-F1: dots are means with their intervals, strokes are single seeds.',
        '## Differences',
    ]
    if answered.differences_run:
        blocks.append(image(f'differences-{name}', f'Differences in macro-F1 between rows of study {name}'))
    blocks += [
        'In macro-F1. *Better* and *worse* speak of the first row; there is a verdict where the interval excludes 0.',
        differences(answered),
        '## Everywhere',
        details(answered),
    ]
    return '\n\n'.join(blocks)


def image(name: str, alternative: str) -> str:
    """A figure, as the pages in ``docs/results`` show it."""
    return f'![{alternative}](../figures/{name}.svg)'


def main_table(answered: Answered) -> str:
    """What each row is, and its macro-F1 at each level on the first place under the training priors."""
    place = answered.places[0]
    samples = _samples(answered, place, 'trained')
    rows = []
    for row in answered.study.rows:
        facts = (row.title, row.network, f'{row.training_windows:,}', row.epochs, len(answered.seeds(row.name)) or '')
        macro = [_with_interval(sample.estimate('macro')) if sample else 'not run' for sample in samples(row.name)]
        rows.append([*facts, *macro])
    levels = (f'{level}, macro-F1' for level in answered.levels)
    headings = ('row', 'network', 'training windows', 'epochs', 'seeds', *levels)
    return f'{_caption(answered, place, "trained")}\n\n{table(rows, headings)}'


def details(answered: Answered) -> str:
    """All figures everywhere and under both decisions, with the deviation over seeds; by class; by source."""
    blocks = [
        (_caption(answered, place, decision), _whole(answered, place, decision))
        for place in answered.places
        for decision in DECISIONS
    ]
    level = answered.levels[-1]
    blocks.append(
        (
            f'F1 by class, {level} of {answered.places[0]}, {IN_WORDS["trained"]}, mean over seeds.',
            _by_class(answered, answered.places[0], level),
        )
    )
    blocks.append(
        (f'Macro-F1 by source, {level}, {IN_WORDS["trained"]}, mean over seeds.', _by_source(answered, level))
    )
    return '\n\n'.join(f'{caption}\n\n{content}' for caption, content in blocks)


def differences(answered: Answered) -> str:
    """How much better one row's macro-F1 is than another's, on the same songs."""
    titles = {row.name: row.title for row in answered.study.rows}
    unknown = {name for pair in answered.study.differences for name in pair} - set(titles)
    if unknown:
        raise ValueError(f'study {answered.study.name!r}: differences name {sorted(unknown)}, rows are {list(titles)}')
    rows = []
    for first, second in answered.study.differences:
        for place in answered.places:
            row: list[str] = [titles[first], titles[second], place]
            for level in answered.levels:
                for decision in DECISIONS:
                    one, other = (answered.sample(name, place, level, decision) for name in (first, second))
                    row += _difference(one.minus(other, 'macro') if one and other else None)
            rows.append(row)
    if not rows:
        return 'No differences were asked for.'
    headings = [
        heading
        for level in answered.levels
        for decision in DECISIONS
        for heading in (f'{level}, {decision}', 'verdict')
    ]
    return table(rows, ('row', 'minus', 'on', *headings))


def protocols(songs: Answered, windows: Answered) -> str:
    """Rows that were tested both ways: macro- and weighted-F1 of windows on the first place."""
    place = songs.places[0]
    rows = []
    for row in windows.study.rows:
        split, whole = (study.sample(row.name, place, 'windows', 'trained') for study in (windows, songs))
        if split and whole:
            for metric in METRICS[:2]:
                both = (_with_interval(each.estimate(metric)) for each in (split, whole))
                rows.append([row.title, metric, *both, _difference(split.minus(whole, metric))[0]])
    return table(rows, ('row', 'F1', 'windows at random', 'whole songs', 'difference'))


def _caption(answered: Answered, place: str, decision: str) -> str:
    windows, parts, songs = answered.counts(place)
    return f'On {place}, {IN_WORDS[decision]}: {windows:,} windows of {parts:,} parts of {songs:,} songs.'


def _headings(answered: Answered) -> list[str]:
    return [f'{level}, {metric}-F1' for level in answered.levels for metric in METRICS]


def _samples(answered: Answered, where: str, decision: str) -> Callable[[str], list[Sample | None]]:
    return lambda row: [answered.sample(row, where, level, decision) for level in answered.levels]


def _cells(samples: list[Sample | None], cell: Callable[[Estimate], str]) -> list[str]:
    return [cell(sample.estimate(metric)) if sample else 'not run' for sample in samples for metric in METRICS]


def _whole(answered: Answered, place: str, decision: str) -> str:
    samples = _samples(answered, place, decision)
    rows = [[row.title, *_cells(samples(row.name), _with_deviation)] for row in answered.study.rows]
    return table(rows, ('row', *_headings(answered)))


def _by_class(answered: Answered, place: str, level: str) -> str:
    rows = []
    for row in answered.study.rows:
        if not answered.seeds(row.name, level):
            continue
        counts = [of_seed.sum(axis=0) for of_seed in answered.confusions(row.name, place, level, 'trained')]
        rows.append([row.title, *(f'{score:.3f}' for score in np.mean(f1_by_class(np.stack(counts)), axis=0))])
    return table(rows, ('row', *CLASSES))


def _by_source(answered: Answered, level: str) -> str:
    counts = {source: answered.counts(source) for source in answered.sources}
    rows = [
        ['parts', *(f'{parts:,}' for _, parts, _ in counts.values())],
        ['songs', *(f'{songs:,}' for _, _, songs in counts.values())],
    ]
    for row in answered.study.rows:
        cells = []
        for source, (_, _, songs) in counts.items():
            found = answered.sample(row.name, source, level, 'trained')
            estimate = found and found.estimate('macro')
            cell = _with_interval if songs >= FEWEST_SONGS else _alone
            cells.append(cell(estimate) if estimate else 'not run')
        rows.append([row.title, *cells])
    return table(rows, ('', *counts))


def _alone(estimate: Estimate) -> str:
    return f'{estimate.value:.3f}'


def _with_interval(estimate: Estimate) -> str:
    return f'{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]'


def _with_deviation(estimate: Estimate) -> str:
    deviation = '' if estimate.deviation is None else f' ± {estimate.deviation:.3f}'
    return f'{estimate.value:.3f}{deviation} [{estimate.low:.3f}, {estimate.high:.3f}]'


def _difference(estimate: Estimate | None) -> list[str]:
    if estimate is None:
        return ['not run', '']
    return [f'{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]', estimate.verdict]
