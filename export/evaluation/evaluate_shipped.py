"""How often a model's folder names the parts of MIDI files right, asked as a user asks; nothing else is needed.

``evaluate`` asks students of a working folder about stored numbers. Here the files are read, classified one by one and
with their scores, as ``label`` does, and held against the same labels: the two differ by what a file may lack there (a
hand, a part that says too little).
"""

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate
from tqdm import tqdm

from export.arguments import add_collection, add_model
from export.data.files import write_json
from export.data.sources import TESTED_SPLITS, ManifestFile, manifest_files
from export.evaluation.measures import calibration_error, ranking, right
from music21_kdic.answers.classify import classify_scores
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.errors import KdicError
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.instruments import instruments_among
from music21_kdic.reading.midi import read_midi
from music21_kdic.statuses import CLASSIFIED

COLLECTIONS = ('pop', 'scores', 'lakh', 'classical', 'orchestra', 'guitar')
FEWEST = 3  # parts of an ensemble
WINDS = {'Brass', 'Pipe', 'Reed'}


@dataclass(frozen=True)
class Answered:
    """What was said of a part.

    Attributes:
        label: its class, a number in CLASSES.
        answer: with the other parts of its score in view, if it has any.
        ensemble: see :func:`ensemble_of`.
    """

    label: int
    answer: InstrumentLikelihood
    ensemble: str


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``evaluate-shipped``."""
    add_collection(parser, collections=COLLECTIONS)
    add_model(parser)
    parser.add_argument('--out', type=Path, help='JSON to write the tables to, too (default: none)')


def run(args: Namespace) -> None:
    """Print the tables."""
    model = load_model(args.model)
    found: dict[str, list[Answered]] = defaultdict(list)
    for file in tqdm(manifest_files(args.data, args.manifest, args.collections), unit='file', disable=None):
        if file.split in TESTED_SPLITS:
            found[file.name.partition('/')[0]] += answered(file, model)
    tables = {
        'collections': [figures for name, answers in found.items() for figures in figures_of(name, answers)],
        'ensembles': [figures for name, answers in found.items() for figures in by_ensemble(name, answers)],
    }
    for rows in tables.values():
        print(tabulate(rows, headers='keys', tablefmt='github', floatfmt='.3f'))
    if args.out:
        write_json(args.out, tables)


def answered(file: ManifestFile, model: Model) -> list[Answered]:
    """The parts of a file that have a label and were classified; none of one that cannot be read."""
    try:
        parts = read_midi(file.path)
        (answers,) = classify_scores(
            [([part.notes for part in parts], instruments_among(parts))], model, together=len(parts) > 1
        )
    except KdicError:
        return []
    labels = [label for label, _ in file.labels_of(parts)]
    ensemble = ensemble_of([label for label in labels if label is not None])
    return [
        Answered(CLASSES.index(label), answer, ensemble)
        for label, answer in zip(labels, answers, strict=True)
        if label is not None and answer.status in CLASSIFIED
    ]


def ensemble_of(labels: Sequence[str]) -> str:
    """Who plays, by the classes of a score's parts: strings, winds, both together, or others.

    >>> ensemble_of(['Strings'] * 4), ensemble_of(['Reed', 'Pipe', 'Brass']), ensemble_of(['Pipe', 'Pipe', 'Strings'])
    ('strings', 'winds', 'strings and winds')
    >>> ensemble_of(['Strings', 'Strings']), ensemble_of(['Piano', 'Strings', 'Strings'])
    ('others', 'others')
    """
    classes = set(labels)
    if len(labels) < FEWEST or not classes <= WINDS | {'Strings'}:
        return 'others'
    return ' and '.join(name for name, some in (('strings', {'Strings'}), ('winds', WINDS)) if classes & some)


def figures_of(name: str, answers: Sequence[Answered]) -> Iterator[dict[str, Any]]:
    """The figures of a collection, of parts by themselves and with their scores; none where it has no part.

    *Sure* is the share of the answers that are sure, *right* the share of those that name the label: None of none.
    """
    if not answers:
        return
    label = np.array([each.label for each in answers])
    for level, said in _levels(answers):
        probabilities = np.array([each.probabilities for each in said], np.float64)
        logs = np.log(probabilities)
        macro, accuracy, _ = right(logs, label)
        sure = np.array([each.sure for each in said])
        yield {
            'test set': name,
            'classified': level,
            'parts': label.size,
            'macro-F1': macro,
            'accuracy': accuracy,
            'AUC': ranking(logs, label),
            'calibration error': calibration_error(probabilities, label),
            'sure': float(sure.mean()),
            'right': float((logs.argmax(axis=1) == label)[sure].mean()) if sure.any() else None,
        }


def by_ensemble(name: str, answers: Sequence[Answered]) -> Iterator[dict[str, Any]]:
    """How many parts of each ensemble of a collection are right, by themselves and with their scores."""
    for ensemble in sorted({each.ensemble for each in answers}):
        some = [each for each in answers if each.ensemble == ensemble]
        label = [CLASSES[each.label] for each in some]
        shares = {
            level: float(np.mean([one.ranked()[0][0] == own for one, own in zip(said, label, strict=True)]))
            for level, said in _levels(some)
        }
        yield {'test set': name, 'ensemble': ensemble, 'parts': len(some), **shares}


def _levels(answers: Sequence[Answered]) -> tuple[tuple[str, list[InstrumentLikelihood]], ...]:
    return ('alone', [each.answer.alone for each in answers]), ('together', [each.answer for each in answers])
