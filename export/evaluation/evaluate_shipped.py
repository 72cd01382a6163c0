"""How often a model's folder names the parts of MIDI files right, asked as a user asks; nothing else is needed.

``evaluate`` asks students of a working folder about stored numbers. Here the files are read, classified one by one and
with their scores, as ``label`` does, and held against the same labels: the two differ by what a file may lack there (a
hand, a part that says too little).
"""

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from tabulate import tabulate
from tqdm import tqdm

from export.arguments import add_collection, add_model
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
Answered = tuple[int, InstrumentLikelihood]  # the label of a part, and what was said of it


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``evaluate-shipped``."""
    add_collection(parser, collections=COLLECTIONS)
    add_model(parser)


def run(args: Namespace) -> None:
    """Print the table."""
    model = load_model(args.model)
    found: dict[str, list[Answered]] = defaultdict(list)
    for file in tqdm(manifest_files(args.data, args.manifest, args.collections), unit='file', disable=None):
        if file.split in TESTED_SPLITS:
            found[file.name.partition('/')[0]] += answered(file, model)
    rows = [figures for name, answers in found.items() for figures in figures_of(name, answers)]
    print(tabulate(rows, headers='keys', tablefmt='github', floatfmt='.3f'))


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
    return [
        (CLASSES.index(label), answer)
        for label, answer in zip(labels, answers, strict=True)
        if label is not None and answer.status in CLASSIFIED
    ]


def figures_of(name: str, answers: Sequence[Answered]) -> Iterator[dict[str, str | int | float]]:
    """The figures of a collection, of parts by themselves and with their scores; none where it has no part."""
    if not answers:
        return
    label = np.array([each for each, _ in answers])
    for level, said in (('alone', [each.alone for _, each in answers]), ('together', [each for _, each in answers])):
        probabilities = np.array([each.probabilities for each in said], np.float64)
        logs = np.log(probabilities)
        macro, accuracy, _ = right(logs, label)
        yield {
            'test set': name,
            'classified': level,
            'parts': label.size,
            'macro-F1': macro,
            'accuracy': accuracy,
            'AUC': ranking(logs, label),
            'calibration error': calibration_error(probabilities, label),
        }
