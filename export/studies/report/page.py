"""``report``: write the pages of ``docs/results`` and ``docs/numbers.md``, draw ``docs/figures``, from what is stored.

Nobody edits these pages. What people write about the results (``docs/results.md``, ``docs/sound.md``) copies rows of
their tables; a test holds the copies to them. The pages are made from what ``evaluate``
found, and from the studies, see :mod:`export.studies.store`. What was measured of the earlier model, kdic-4, is a page
that was written once.
"""

from pathlib import Path

from export.data.files import write_text
from export.studies.report import likeness, parts, similarity, sound, tables
from export.studies.report.numbers import numbers_page
from export.studies.statistics import Answered

STUDIES = ('songs', 'windows', 'table1', 'table1-fast', 'matching', 'soundfonts')
NOTICE = '<!-- Written by `python -m export report`. Do not edit: the next run writes it again. -->'


class Results:
    """All that is stored: of the shipped model, and of the studies of which any row was run.

    Args:
        experiment: folder of the studies.
        shipped: of ``evaluate``; other results lie beside it.

    Raises:
        FileNotFoundError, ValueError: where a file is not there or is not what it should be.
    """

    def __init__(self, experiment: Path, shipped: Path | None = None) -> None:
        self.shipped = parts.read_part_results(shipped) if shipped else None
        self.sound = sound.read_sound(experiment / 'sound')
        self.likeness = likeness.read_likeness(experiment / 'likeness')
        found = {name: Answered(experiment / name) for name in STUDIES if (experiment / name).exists()}
        self.studies = {name: answered for name, answered in found.items() if answered.levels}
        unknown = {path.parent.name for path in experiment.glob('*/study.json')} - set(STUDIES)
        if unknown:
            raise ValueError(f'{experiment}: has studies {sorted(unknown)}, wanted some of {", ".join(STUDIES)}')


def pages_of(results: Results) -> dict[str, str]:
    """Every page by its file name: of the shipped model, one of each study that was run."""
    pages: dict[str, str] = {}
    if results.shipped:
        pages['kdic-5.md'] = parts.page(results.shipped)
    if results.likeness:
        pages['likeness.md'] = likeness.page(results.likeness)
    if results.sound:
        pages['separation.md'] = sound.page(results.sound)
    for name, answered in results.studies.items():
        pages[f'{name}.md'] = tables.study_page(answered)
    songs, windows = (results.studies.get(name) for name in ('songs', 'windows'))
    if songs and windows:
        pages['windows.md'] += f'\n\n## Held against whole songs\n\n{tables.protocols(songs, windows)}'
    return {name: f'{NOTICE}\n\n{text}\n' for name, text in pages.items()}


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw all figures that there are results for, into a folder."""
    from export.studies.report import figures

    paths = []
    alike = similarity.alike(results.shipped.evaluated) if results.shipped else {}
    if alike:
        paths.append(folder / f'{similarity.SIMILARITY}.svg')
        figures.draw_similarity(paths[-1], {title: each['means'] for title, each in alike.items()})
    for name, answered in results.studies.items():
        paths.append(folder / f'forest-{name}.svg')
        figures.draw_forest(paths[-1], answered)
        if answered.differences_run:
            paths.append(folder / f'differences-{name}.svg')
            figures.draw_differences(paths[-1], answered)
    return paths


def report(experiment: Path, shipped: Path, out: Path) -> list[Path]:
    """Write ``out/results/*.md``, ``out/figures`` and ``out/numbers.md``.

    Raises:
        FileNotFoundError, ValueError: where results are missing or broken.
    """
    results = Results(experiment, shipped)
    written = []
    for name, text in pages_of(results).items():
        written.append(out / 'results' / name)
        write_text(written[-1], text)
    written.append(out / 'numbers.md')
    write_text(written[-1], f'{NOTICE}\n\n{numbers_page()}\n')
    return [*written, *draw(results, out / 'figures')]
