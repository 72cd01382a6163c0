"""What the folder that ships says of test files when it is asked as a user asks, of ``evaluate-shipped``."""

from typing import Any

from export.studies.report.tables import area, measured, table

FIGURES = ('macro-F1', 'accuracy', 'AUC', 'calibration error', 'sure', 'right')


@measured
def collections(found: dict[str, Any]) -> str:
    """The figures of each collection."""
    rows = [
        [row['test set'], row['classified'], f'{row["parts"]:,}', *(_figure(name, row[name]) for name in FIGURES)]
        for row in found['collections']
    ]
    note = (
        'The folder that ships, the student of the first seed, asked through the code of `label`: files are read anew, '
        'and a part may lack there what the stored numbers have. *Sure*: the share of the answers that are sure, as '
        'the package says it: above the threshold of the class, and the part typical of it. *Right*: the share of '
        'those that name the label.'
    )
    return f'{note}\n\n{table(rows, ("test set", "classified", "parts", *FIGURES))}'


@measured
def ensembles(found: dict[str, Any]) -> str:
    """How many parts of each ensemble are right."""
    rows = [
        [row['test set'], row['ensemble'], f'{row["parts"]:,}', f'{row["alone"]:.3f}', f'{row["together"]:.3f}']
        for row in found['ensembles']
    ]
    note = (
        'The same: the share of the parts that is right, by who plays in the score: three parts or more of Strings, '
        'of winds (Brass, Pipe, Reed), of both and nothing else, or others.'
    )
    return f'{note}\n\n{table(rows, ("test set", "ensemble", "parts", "alone", "together"))}'


def _figure(name: str, value: float | None) -> str:
    """A figure; of no answers there is none."""
    if name == 'AUC':
        return area(value or 0.0)
    return '-' if value is None else f'{value:.3f}'
