"""The page of the likeness, as Markdown: what the verbs found that ask the model about real and made-up parts."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.evaluation.climb import STARTS
from export.evaluation.corruption import BARS, CORRUPTIONS, MOVES
from export.evaluation.planted import HOSTS, LOWERED, MEASURES
from export.studies.report.tables import made_by, measured, table
from music21_kdic.classes import CLASSES

GOAL = -0.8  # of the correlation of the score with the share of notes that are corrupted
OF_A_ROW = ('starts', 'edits', 'evaluations')  # options of climb, which the rows tell
COUNTED = ('named', 'sure', 'above_lower_quarter', 'above_median')  # of the climbs of a class


def read_likeness(folder: Path) -> dict[str, Any]:
    """What the verbs wrote into a folder, by file name without its ending; empty where there is no such folder."""
    return {path.stem: json.loads(path.read_text(encoding='utf-8')) for path in sorted(folder.glob('*.json'))}


def page(found: dict[str, Any]) -> str:
    """All that was measured of the likeness."""
    sections: dict[str, tuple[Callable[[Any], str], Any]] = {
        'Climbs': (climbs, [found[name] for name in found if name.startswith('climb')]),
        'Corrupted parts': (corruption, found.get('corruption')),
        'What should not matter': (moves, found.get('corruption')),
        'Planted measures': (planted, [found[name] for name in found if name.startswith('planted')]),
        'Intervals of the first bars': (intervals, found.get('intervals')),
        'Typicality': (typicality, found.get('typicality')),
    }
    head = (
        'What the score, the typicality and the explanation of a likeness are worth, asked of parts by themselves. '
        '[Composing with it](../composing.md) says how they are used.'
    )
    parts = (f'## {title}\n\n{measured(told)(of)}' for title, (told, of) in sections.items())
    return '\n\n'.join(['# What a likeness is worth', head, *parts])


def climbs(found: Sequence[dict[str, Any]]) -> str:
    """Where climbs ended: a row for each start and choice of edits, and the same by class."""
    together, by_class, commands = [], [], []
    for each in sorted(found, key=_order_of_climbs):
        edits = ' '.join(f'`{name}`' for name in each['settings']['edits'])
        for start in each['settings']['starts']:
            of_classes = [each['classes'][name][start] for name in CLASSES]
            counts = [sum(row[what] for row in of_classes) for what in COUNTED]
            means = [np.mean([row[what] for row in of_classes]) for what in ('to', 'typicality')]
            candidates = f'{each["settings"]["evaluations"]:,}'
            climbed = sum(row['climbs'] for row in of_classes)
            together.append([start, edits, candidates, climbed, *(f'{mean:.2f}' for mean in means), *counts])
            by_class.append([start, edits, candidates, *(row['above_median'] for row in of_classes)])
            # How many climbs of each class there are is what --each was.
            shared = {name: value for name, value in each['settings'].items() if name not in OF_A_ROW}
            commands.append(made_by('climb', shared | {'each': of_classes[0]['climbs']}))
    real = found[0]['classes']
    of_real = [[name, real[name]['real']['lower_quarter'], real[name]['real']['median']] for name in CLASSES]
    return '\n\n'.join(
        [
            'Small edits are made, and what is more like a class is kept. Score and typicality at the end: the '
            'median of a class, mean over the classes. *Named*: the answer is the class; *above*: the score is above '
            'the lower quarter, or the median, of real parts of the class, cut to as many bars. What climbs with '
            'edits of `notes`, `passages` and `textures` ended in was learnt from as noise; what the `other` edits '
            'end in never was.',
            table(
                together,
                ('start', 'edits', 'candidates', 'climbs', 'score', 'typicality', 'named', 'sure',
                 'above the lower quarter', 'above the median'),
            ),
            'Above the median, by class:',
            table(by_class, ('start', 'edits', 'candidates', *CLASSES)),
            'The scores of real parts:',
            table(((name, f'{low:.2f}', f'{middle:.2f}') for name, low, middle in of_real),
                  ('class', 'lower quarter', 'median')),
            ' '.join(['With `--starts`, `--edits` and `--evaluations` of the row:', *dict.fromkeys(commands)]),
        ]
    )  # fmt: skip


def corruption(found: dict[str, Any]) -> str:
    """The mean score by the share of notes that are corrupted."""
    rows = [
        [name, *(f'{mean:.2f}' for mean in found[name]['mean']), f'{found[name]["correlation"]:.2f}']
        for name in CORRUPTIONS
    ]
    note = (
        f'The mean score of {found["parts"]:,} parts of {BARS} bars for their own class, by the share of '
        "notes that are corrupted, and Spearman's correlation of share and score in the median part. *Permuted*: "
        f'pitches are exchanged; *onsets shuffled*: times are. {made_by("corruption", found.get("settings"))}'
    )
    by_class = [
        [name, *(f'{of[each]["correlation"]:.2f}' if each in of else '' for each in CLASSES)]
        for name in CORRUPTIONS
        for of in [found[name]['by_class']]
    ]
    return '\n\n'.join(
        [
            note,
            table(rows, ('', *(f'{share:.0%}' for share in found['shares']), 'correlation')),
            f'The correlation by class (the goal is {GOAL} or below in each):',
            table(by_class, ('', *CLASSES)),
        ]
    )


def moves(found: dict[str, Any]) -> str:
    """How much the score changes where a musician hears the same part."""
    rows = [[name, f'{found["moves"][name]:.3f}'] for name in MOVES]
    # What was stored without its settings was moved by four quarter notes, whatever its bars.
    bar = "as long as the part's own first" if 'settings' in found else 'four quarter notes'
    note = (
        'How much the score of the same parts changes in the mean, up or down (the goal is at most 0.05). A beat is a '
        f'quarter note, a bar {bar}.'
    )
    return f'{note}\n\n{table(rows, ("the part", "change"))}'


def planted(found: Sequence[dict[str, Any]]) -> str:
    """How often measures of another part are found, with every seed."""
    names = {**{name: name for name in HOSTS}, 'all': 'all', 'lowered': f'lowered by {LOWERED:g} at least'}
    rows = [
        [each['seed'], title, row['parts'], f'{row["first"]:.3f}', f'{row["both"]:.3f}']
        for each in found
        for name, title in names.items()
        for row in [each['found'][name]]
    ]
    of_all = [each['found']['all'] for each in found]
    parts = [row['parts'] for row in of_all]
    means = [np.average([row[what] for row in of_all], weights=parts) for what in ('first', 'both')]
    rows.append(['each', 'all', f'{sum(parts):,}', *(f'{mean:.3f}' for mean in means)])
    note = (
        f'{MEASURES} measures of another class are written into real parts whose class is found. *First*: '
        'one of them is the measure that speaks most against the class (the goal is 0.9 of all); *both*: the two that '
        'do are these. *Lowered*: the planting lowered the probability of the class.'
    )
    commands = ' '.join(dict.fromkeys(made_by('planted', each.get('settings')) for each in found))
    return f'{note} {commands}\n\n{table(rows, ("seed", "parts of", "parts", "first", "both"))}'


def intervals(found: dict[str, Any]) -> str:
    """How often the interval of the first bars holds the score of the whole part."""
    rows = [[row['bars'], f'{row["parts"]:,}', f'{row["held"]:.3f}'] for row in found['rows']]
    note = 'In how many parts the score of the whole lies between `low` and `high` of its first bars (0.9 is wanted).'
    note = f'{note} {made_by("intervals", found.get("settings"))}'
    return f'{note}\n\n{table(rows, ("first bars", "parts", "held"))}'


def typicality(found: dict[str, Any]) -> str:
    """How well each way tells real parts of a class from what is none."""
    rows = [[row['way'], *(f'{row[kind]:.3f}' for kind in ('noise', 'corrupted', 'others'))] for row in found['rows']]
    note = 'How well real parts of a class are told from others (AUROC, mean over classes).'
    note = f'{note} {made_by("typicality", found.get("settings"))}'
    return f'{note}\n\n{table(rows, ("", "noise", "corrupted parts", "parts of other classes"))}'


def _order_of_climbs(found: dict[str, Any]) -> tuple[int, int, list[str], int]:
    settings = found['settings']
    return STARTS.index(settings['starts'][0]), len(settings['edits']), settings['edits'], settings['evaluations']
