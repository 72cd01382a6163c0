"""The page of the shipped model, as Markdown: what ``evaluate`` found of the students of parts, and what the model says
of the corpus of music21 and of exchanged parts.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.data.sources import COLLECTIONS
from export.studies.report import as_asked, similarity, trust
from export.studies.report.tables import area, measured, table
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS

STUDENTS = {
    'kdic': 'assistants, audio teacher, labels (KDIC)',
    'without_audio': 'assistants, labels',
    'nic': 'labels alone (NIC)',
}
EXCHANGED = {
    'the least': 'first',
    'by chance': 'first_by_chance',
    'among three': 'among',
    'three by chance': 'among_by_chance',
    'named': 'named',
    'accused': 'accused',
    'accused wrongly': 'accused_wrongly',
}
SHARED = (
    'Trees, assistants and what the other parts are likely to be were made once, for all seeds: only the '
    'layers differ, so the deviation is the noise of the layers alone.'
)


@dataclass(frozen=True)
class PartResults:
    """What the page is made of, as the verbs wrote it; empty what is not there.

    Attributes:
        evaluated: of ``evaluate``.
        corpus: of ``corpus-tables``.
        exchanged: of ``exchanged-parts``.
        ablation: of ``ablation``.
        shipped: of ``evaluate-shipped``.
    """

    evaluated: dict[str, Any]
    corpus: dict[str, Any]
    exchanged: dict[str, Any]
    ablation: dict[str, Any]
    shipped: dict[str, Any]


def read_part_results(path: Path) -> PartResults:
    """Read ``NAME.json``, and what lies beside it: ``NAME-corpus.json`` and so on."""
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export evaluate` first')
    evaluated = json.loads(path.read_text(encoding='utf-8'))
    others = []
    for name in ('corpus', 'exchanged', 'ablation', 'shipped'):
        each = path.with_name(f'{path.stem}-{name}.json')
        others.append(json.loads(each.read_text(encoding='utf-8')) if each.exists() else {})
    for key in (*LEVELS, 'bars', 'left_out', 'instruments'):
        evaluated[key] = {name: evaluated[key][name] for name in COLLECTIONS if name in evaluated[key]}
    return PartResults(evaluated, *others)


def page(results: PartResults) -> str:
    """All that was measured of the shipped model and of students of its kind."""
    found = results.evaluated
    sections = {
        'In short': in_short(found),
        'Without doubled parts': without_doubled_parts(found),
        'Asked as a user asks': as_asked.collections(results.shipped),
        'By class': by_class(found),
        'Among the first': among_the_first(found),
        'Short parts': short_parts(found),
        'Collections that were left out': left_out(found),
        'With and without the audio teacher': students(found),
        'What each thing is worth': ablation(results.ablation),
        'Instruments within the classes': instruments(found),
        'Instruments outside the classes': trust.others(found),
        'Noise': trust.noise(found),
        'Real parts held for noise': trust.held_for_noise(found),
        'Plain music made by rule': trust.plain_music(found),
        'Sure answers': trust.sure(found),
        'Plausible classes': trust.plausible(found),
        'The corpus of music21': corpus(results.corpus),
        'By ensemble': as_asked.ensembles(results.shipped),
        'Exchanged parts': exchanged(results.exchanged),
        'What resembles what': similarity.similarity(found),
        'Recipe': '```json\n' + json.dumps(found['recipe'], indent=1) + '\n```',
    }
    return '\n\n'.join(['# The shipped model, kdic-5', *(f'## {title}\n\n{text}' for title, text in sections.items())])


def in_short(found: dict[str, Any]) -> str:
    """Every collection, alone and together."""
    rows = []
    for level in LEVELS:
        for name, each in found[level].items():
            (low, high), _ = each['interval']
            rows.append(
                [
                    name,
                    level,
                    f'{each["parts"]:,}',
                    f'{each["macro_f1"]:.3f} [{low:.3f}, {high:.3f}]',
                    f'{each["deviation_over_seeds"][0]:.3f}',
                    f'{each["accuracy"]:.3f}',
                    f'{each["weighted_f1"]:.3f}',
                    area(each['auc']),
                    f'{each["calibration_error"]:.3f} / {each["calibration_error_own_frequencies"]:.3f}',
                    f'{each["boosting"][0]:.3f} / {each["boosting"][1]:.3f} / {area(each["boosting"][3])}',
                ]
            )
    headings = (
        'test set', 'classified', 'parts', 'macro-F1', 'deviation', 'accuracy', 'weighted F1', 'AUC',
        'calibration error', 'assistants: macro-F1 / accuracy / AUC',
    )  # fmt: skip
    seeds = ', '.join(map(str, found['seeds']))
    note = (
        f'Parts, decided under equal priors; means over the seeds {seeds}, of which the first is shipped, and their '
        f'deviation. {SHARED} *Alone*: each part by itself; *together*: with the other parts of its score. The '
        'intervals are of the means (95 %, bootstrap over groups of near-duplicates and over seeds). The calibration '
        'error is that of the confidence as it is shown, under equal priors, and after the slash under the '
        "collection's own class frequencies on validation parts; `lakh` has none and takes those of `pop`. "
        '*Assistants* are the gradient boosting that the student learnt from.'
    )
    return f'{note}\n\n{table(rows, headings)}'


def without_doubled_parts(found: dict[str, Any]) -> str:
    """The same without parts whose notes another family plays too."""
    rows = [
        [name, level, *(f'{figure:.3f}' for figure in each['without_doubled_parts'])]
        for level in LEVELS
        for name, each in found[level].items()
    ]
    note = 'Without the parts whose notes a part of another family plays, too.'
    return f'{note}\n\n{table(rows, ("test set", "classified", "macro-F1", "accuracy", "weighted F1"))}'


def by_class(found: dict[str, Any]) -> str:
    """The share of each class's parts that is right."""
    rows = [
        [
            name,
            level,
            *(
                f'{each["classes"][label][1]:.3f} of {each["classes"][label][0]:,}' if label in each['classes'] else ''
                for label in CLASSES
            ),
        ]
        for level in LEVELS
        for name, each in found[level].items()
    ]
    note = 'The share that is right of the parts of each class (recall), by the shipped student.'
    return f'{note}\n\n{table(rows, ("test set", "classified", *CLASSES))}'


def among_the_first(found: dict[str, Any]) -> str:
    """How often the class is among the likeliest."""
    rows = [
        [name, level, *(f'{share:.3f}' for share in each['among_the_first'])]
        for level in LEVELS
        for name, each in found[level].items()
    ]
    return 'The right class is the first, among two, among three.\n\n' + table(
        rows, ('test set', 'classified', '1', '2', '3')
    )


def short_parts(found: dict[str, Any]) -> str:
    """Parts cut to their first bars."""
    lengths = sorted({int(bars) for each in found['bars'].values() for bars in each})
    rows = [
        [
            name,
            *(_pair(each[str(bars)]) if str(bars) in each else '' for bars in lengths),
            _pair([found['alone'][name]['macro_f1'], found['alone'][name]['accuracy']]),
        ]
        for name, each in found['bars'].items()
    ]
    note = 'Macro-F1 / accuracy of parts of which only the first bars are there, each by itself; parts that are longer.'
    return f'{note}\n\n{table(rows, ("test set", *(f"{bars} bars" for bars in lengths), "all bars, all parts"))}'


def left_out(found: dict[str, Any]) -> str:
    """What a student makes of a collection that it was not shown."""
    rows = [
        [name, *(f'{figure:.3f}' for level in LEVELS for figure in (each[level][0], each[level][1], each[level][3]))]
        for name, each in found['left_out'].items()
    ]
    note = (
        'Students of the same kind, taught by labels, that were not shown a collection (guitar and jazz '
        'together), tested '
        'on all of it.'
    )
    figures = [f'{figure}, {level}' for level in LEVELS for figure in ('macro-F1', 'accuracy', 'AUC')]
    return f'{note}\n\n{table(rows, ("left out", *figures))}'


def students(found: dict[str, Any]) -> str:
    """Students of other teachers."""
    rows = [
        [name, STUDENTS[student], *(f'{each[level][0]:.3f} ± {each[level][2]:.3f}' for level in LEVELS)]
        for name in found['alone']
        for student, of_student in found['students'].items()
        for each in (of_student[name],)
    ]
    note = (
        f'Macro-F1 by what a student learnt from: mean over seeds and their deviation. {SHARED} All of these hold the '
        'same trees. *Together* they read what the other parts are likely to be; students of folds said that, which '
        'assistants taught. So there the student of labels alone has something of the assistants, too.'
    )
    return f'{note}\n\n{table(rows, ("test set", "learnt from", *LEVELS))}'


@measured
def ablation(found: dict[str, Any]) -> str:
    """Students that have one thing more each."""
    names = [name for name in COLLECTIONS if name in found['rows'][0]['test']]
    rows = [
        [each['row'], *(f'{macro:.3f} / {accuracy:.3f}' for macro, accuracy in (each['test'][name] for name in names))]
        for each in found['rows']
    ]
    note = (
        'Macro-F1 / accuracy of parts by themselves, under equal priors. Students of one seed; each has one thing '
        'more than the one above. The first reads what kdic-4 read, as near as numbers come to it, of the collections '
        'that kdic-4 learnt from (`pop`, `scores`).'
    )
    return f'{note}\n\n{table(rows, ("the student", *names))}'


def instruments(found: dict[str, Any]) -> str:
    """How often the instrument within the true class is right."""
    rows = [
        [name, *(_pair(each[key]) for key in ('commonest', *LEVELS))] for name, each in found['instruments'].items()
    ]
    class_rows = [
        [name, *(f'{each["together_by_class"][label]:.3f}' if label in each['together_by_class'] else ''
                 for label in CLASSES)]
        for name, each in found['instruments'].items()
    ]  # fmt: skip
    note = (
        'Given the class: how often the instrument is right at once / among the first three; '
        '*commonest* always says the '
        "training parts' commonest instruments of the class."
    )
    classes = 'At once, together with the score, by class:'
    return '\n\n'.join(
        [note, table(rows, ('test set', 'commonest', *LEVELS)), classes, table(class_rows, ('test set', *CLASSES))]
    )


@measured
def corpus(found: dict[str, Any]) -> str:
    """How many parts of music21's corpus are right."""
    rows = [
        [kind, name, each['parts'], *(f'{each[level]:.3f}' for level in LEVELS)]
        for kind, of_kind in found.items()
        for name, each in of_kind.items()
    ]
    note = (
        'The parts whose score names an instrument (`export/data/corpus.py`), never trained on: the '
        'share that is right, '
        'decided under equal priors.'
    )
    return f'{note}\n\n{table(rows, ("by", "which", "parts", *LEVELS))}'


@measured
def exchanged(found: dict[str, Any]) -> str:
    """How often a part that does not belong is found."""
    rows = [
        [name, level, each['scores'], *(f'{each[key]:.3f}' for key in EXCHANGED.values())]
        for name, of_level in found.items()
        for level, each in of_level.items()
    ]
    note = (
        "In each score one part is another piece's, of another class: how often it fits its class the least, is among "
        'the three that do, and is named as what it is. *By chance* is how often a random order of the labelled parts '
        'would have it there. *Accused*: how often `audit` would accuse it, at the threshold that it has where none is '
        'given, were its class what its program claims; in the rows *together* either answer accuses, as it does '
        'there. *Accused wrongly*: the share of the other labelled parts of these scores that it would accuse, some '
        'of which may be mislabelled.'
    )
    return f'{note}\n\n{table(rows, ("test set", "classified", "scores", *EXCHANGED))}'


def _pair(figures: list[float]) -> str:
    return ' / '.join(f'{figure:.3f}' for figure in figures)
