"""Of the page of the shipped model: what is no music or of no class, and how far one can trust an answer."""

from typing import Any

from export.data.views import BARS
from export.studies.report.tables import table
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS


def others(found: dict[str, Any]) -> str:
    """How well other instruments are told from the eight classes."""
    rows = [[name, *(f'{area:.3f}' for area in each)] for name, each in found['others'].items()]
    note = 'Area under the ROC curve, if the answer `other` is to tell instruments outside the classes from the eight.'
    return f'{note}\n\n{table(rows, ("test set", *LEVELS))}'


def noise(found: dict[str, Any]) -> str:
    """How well noise is told from music."""
    rows = [[kind, f'{area:.4f}'] for kind, area in found['noise'].items()]
    note = (
        'Area under the ROC curve, if the answer `music` is to tell real test parts from noise '
        '(`export/data/noise.py`). Nothing was learnt of the kinds hiss and rows.'
    )
    return f'{note}\n\n{table(rows, ("kind", "AUROC"))}'


def held_for_noise(found: dict[str, Any]) -> str:
    """Real parts that are taken for noise."""
    lengths = [*(str(bars) for bars in BARS), 'all']
    rows = [
        [name, *(f'{each[bars]:.3f}' if bars in each else '' for bars in lengths)]
        for name, each in found['held_for_noise'].items()
    ]
    note = (
        'The share of real test parts, each by itself, of which `music` is below one half: of their first bars, '
        'and of all.'
    )
    return f'{note}\n\n{table(rows, ("test set", *(f"{bars} bars" for bars in BARS), "all bars"))}'


def plain_music(found: dict[str, Any]) -> str:
    """What is answered to plain music made by rule."""
    rows = [
        [
            kind,
            each['class'],
            f'{each["right"]:.3f}',
            each['answer'],
            f'{each["music"]:.3f}',
            'yes' if each['taught'] else '',
        ]
        for kind, each in found['plain_music'].items()
    ]
    note = (
        'Parts written by small rules (`export/data/generators.py`). *Music*: the share '
        'that is music with the least probability or a higher one, below which the shipped model says `unclear`. '
        '*Taught*: other parts of the kind were learnt from.'
    )
    return f'{note}\n\n{table(rows, ("kind", "class", "right", "commonest answer", "music", "taught"))}'


def sure(found: dict[str, Any]) -> str:
    """How right the answers are that are marked sure."""
    rows = [
        [title, level, *(f'{figure:.3f}' for figure in each)]
        for level in LEVELS
        for title, each in found['sure'][level].items()
    ]
    note = (
        'Of the answers that are marked sure: how many they are, how many of them are right, and the lower bound of '
        'that (95 %). Thresholds were fitted to the sets *left out* and *validation*: the parts of left-out '
        'collections that are not tested on, and the validation parts of the large ones. None of the parts *test* is '
        'among them.'
    )
    by_class = [
        [title, level, *(f'{hits} of {of}' if of else '' for hits, of in each)]
        for level in LEVELS
        for title, each in found['sure_by_class'][level].items()
    ]
    return '\n\n'.join(
        [
            note,
            table(rows, ('parts', 'classified', 'marked', 'right', 'at least')),
            'By the class that is named: how many of the answers that are marked are right.',
            table(by_class, ('parts', 'classified', *CLASSES)),
        ]
    )


def plausible(found: dict[str, Any]) -> str:
    """How often the plausible classes hold the right one."""
    rows = [
        [title, level, f'{each[0]:.3f}', f'{each[1]:.2f}']
        for level in LEVELS
        for title, each in found['plausible'][level].items()
    ]
    note = (
        'How often the plausible classes hold the right one, and how many they are in the mean. The threshold was '
        'fitted to the same sets as those of sure answers.'
    )
    return f'{note}\n\n{table(rows, ("parts", "classified", "holds", "size"))}'
