"""``report``: fill the tables of docs/results.md and draw its figures, from stored results alone.

The page is prose with slots: what stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->`` is written by this
module, all else by people. It is made from ``results.json`` (of ``evaluate``) and from the studies, see
:mod:`export.studies.store`.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from export.data.window_table import write_atomically
from export.studies.report import shipped, tables
from export.studies.statistics import Answered

STUDIES = ('songs', 'windows', 'table1', 'table1-fast', 'matching', 'soundfonts')
MARKER = re.compile(r'^<!-- (begin|end): (.+?) -->$', re.MULTILINE)
NOT_RUN = 'Not run.'
ALTERNATIVE = {
    'confusion': 'Confusion matrices of teacher and student',
    'reliability': 'Share of answers that is right, by confidence',
    'similarity': 'Dendrograms of the instruments as teacher and student confuse them',
}

Slots = Mapping[str, Callable[[], str]]


class PageError(ValueError):
    """A page whose slots are not those that there are."""


class Results:
    """All that is stored: ``results.json`` and the studies of which any row was run.

    Raises:
        FileNotFoundError, ValueError: where a file is not there or is not what it should be.
    """

    def __init__(self, results: Path, experiment: Path) -> None:
        self.content: dict[str, Any] = json.loads(results.read_text(encoding='utf-8'))
        found = {name: Answered(experiment / name) for name in STUDIES if (experiment / name).exists()}
        self.studies = {name: answered for name, answered in found.items() if answered.levels}
        unknown = {path.parent.name for path in experiment.glob('*/study.json')} - set(STUDIES)
        if unknown:
            raise ValueError(f'{experiment}: has studies {sorted(unknown)}, wanted some of {", ".join(STUDIES)}')

    @property
    def model(self) -> dict[str, Any] | None:
        """The figures of the shipped model, if it was evaluated."""
        found: dict[str, Any] | None = self.content['results'].get(shipped.SHIPPED)
        return found

    def shown(self) -> dict[str, Any]:
        """What the figures of teacher and student are drawn from, by name; empty what was not measured."""
        two = {
            shipped.ROWS[name]: self.content['results'][name]
            for name in ('teacher', shipped.SHIPPED)
            if 'pop' in self.content['results'].get(name, {'scores': {}})['scores']
        }
        return {
            'confusion': {
                title: result['scores']['pop']['parts']['equal priors']['confusion'] for title, result in two.items()
            },
            'reliability': dict(shipped.by_place((self.model or {}).get('calibration', {}))),
            'similarity': {
                title: result['similarity']['pop'] for title, result in two.items() if 'similarity' in result
            },
        }


def slots_of(results: Results) -> Slots:
    """Every slot that a page can have, and what fills it."""
    slots: dict[str, Callable[[], str]] = {
        'shipped summary': partial(shipped.summary, results.content),
        'shipped recipe': partial(shipped.settings, results.content),
    }
    for place in ('pop', 'scores', 'lakh'):
        slots[f'shipped {place}'] = partial(shipped.comparison, results.content, place)
    of_model = {
        'classes': shipped.by_class,
        'sources': shipped.by_source,
        'sure answers': shipped.sure_answers,
        'answered': shipped.answered,
        'ranking': shipped.ranking,
        'noise': shipped.noise,
        'novelty': shipped.novelty,
        'sanity': shipped.sanity,
        'likeness': shipped.likeness_intervals,
    }
    for name, made in of_model.items():
        slots[f'shipped {name}'] = partial(made, results.model) if results.model else lambda: shipped.NOT_MEASURED
    for name, shown in results.shown().items():
        slots[f'figure {name}'] = partial(_image, name, ALTERNATIVE[name]) if shown else lambda: shipped.NOT_MEASURED
    of_study = {'table': tables.main_table, 'details': tables.details, 'differences': _differences}
    for name in STUDIES:
        answered = results.studies.get(name)
        for kind, write in of_study.items():
            slots[f'{kind} {name}'] = partial(write, answered) if answered else lambda: NOT_RUN
        image = partial(_image, f'forest-{name}', f'Macro-F1 of the rows of study {name}, with intervals')
        slots[f'forest {name}'] = image if answered else lambda: NOT_RUN
    songs, windows = (results.studies.get(name) for name in ('songs', 'windows'))
    slots['protocols'] = lambda: tables.protocols(songs, windows) if songs and windows else NOT_RUN
    return slots


def fill(page: str, slots: Slots) -> str:
    """Write what fills them into the slots of a page; its prose stays as it is.

    Raises:
        PageError: for a slot that is not known, not closed, or there twice.
    """
    pieces, position, opened = [], 0, ''
    seen: set[str] = set()
    for marker in MARKER.finditer(page):
        kind, name = marker.groups()
        if (kind == 'begin') == bool(opened) or (opened and name != opened):
            wanted = f'the end of {opened!r}' if opened else 'the beginning of a slot'
            raise PageError(f'results.md: found {marker.group()!r}, wanted {wanted}')
        if kind == 'begin':
            if name not in slots:
                raise PageError(f'results.md: no such slot {name!r}, wanted one of {", ".join(sorted(slots))}')
            if name in seen:
                raise PageError(f'results.md: slot {name!r} is there twice')
            seen.add(name)
            pieces.append(page[position : marker.end()] + f'\n\n{slots[name]()}\n\n')
        position = marker.start() if kind == 'end' else marker.end()
        opened = name if kind == 'begin' else ''
    if opened:
        raise PageError(f'results.md: slot {opened!r} has no end')
    return ''.join(pieces) + page[position:]


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw all figures that there are results for, into a folder."""
    from export.studies.report import figures

    paths = []
    for name, shown in results.shown().items():
        if shown:
            paths.append(folder / f'{name}.svg')
            figures.DRAWINGS[name](paths[-1], shown)
    for name, answered in results.studies.items():
        paths.append(folder / f'forest-{name}.svg')
        figures.draw_forest(paths[-1], answered)
        if answered.differences_run:
            paths.append(folder / f'differences-{name}.svg')
            figures.draw_differences(paths[-1], answered)
    return paths


def report(experiment: Path, results_path: Path, out: Path) -> list[Path]:
    """Write ``out/results.md`` and ``out/figures``; the prose is that of ``out/results.md``, or of docs/ where none is.

    Raises:
        FileNotFoundError, ValueError: where results are missing or broken, or the page asks for others.
    """
    page = out / 'results.md'
    template = page if page.exists() else Path(__file__).parents[3] / 'docs' / 'results.md'
    results = Results(results_path, experiment)
    text = fill(template.read_text(encoding='utf-8'), slots_of(results))
    figures = draw(results, out / 'figures')
    write_atomically(page, lambda part: part.write_text(text, encoding='utf-8'))
    return [page, *figures]


def _differences(answered: Answered) -> str:
    name = answered.study.name
    image = _image(f'differences-{name}', f'Differences in macro-F1 between rows of study {name}, with intervals')
    return (f'{image}\n\n' if answered.differences_run else '') + tables.differences(answered)


def _image(name: str, alternative: str) -> str:
    return f'![{alternative}](figures/{name}.svg)'
