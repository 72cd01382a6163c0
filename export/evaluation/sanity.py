"""Measure how the likeness of parts changes when their notes become what the instrument would not play.

Parts of the test split are classified as they are and transformed, as users have them classified
(:func:`music21_kdic.answers.classify.classify`, whole parts, equal priors). The likeness of the part's own class is
compared: see :mod:`export.evaluation.transforms`.
"""

import hashlib
import zlib
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from export.arguments import add_collection, add_recipe, add_work
from export.data.files import write_json
from export.data.sources import ManifestFile, manifest_files
from export.evaluation.transforms import CHORDS, OCTAVES, TRANSFORMS, chords
from export.evaluation.whole_parts import whole_parts
from export.recipe import load_recipe
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.errors import KdicError
from music21_kdic.features.evidence import windows_to_classify
from music21_kdic.model.checks import SHIPPED
from music21_kdic.model.session import Model
from music21_kdic.reading.notes import NoteSequence

MOST_PARTS = 300  # of a class
LEAST_WINDOWS = 4
LEAST_CHORDS = 0.25  # of all strokes: from so many on, widening chords says something of a part
RESAMPLES = 2000


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``sanity``."""
    add_recipe(parser)
    add_work(parser)
    add_collection(parser, collections=('pop',))
    parser.add_argument('--model', type=Path, default=SHIPPED, help='ONNX file (default: the shipped model)')
    parser.add_argument('--most', type=int, default=MOST_PARTS, help=f'parts of a class (default: {MOST_PARTS})')


def run(args: Namespace) -> None:
    """Run ``sanity``."""
    files = manifest_files(args.data, args.manifest, args.collections)
    recipe = load_recipe(args.recipe)
    out = args.work / recipe.name / 'sanity.json'
    print(f'wrote {sanity(files, args.model, out, args.most, recipe.seed)}')


def mean_interval(values: np.ndarray, songs: np.ndarray, rng: np.random.Generator) -> list[float]:
    """95 % interval of a mean over parts, by drawing whole songs with replacement (percentile bootstrap)."""
    _, song = np.unique(songs, return_inverse=True)
    sums, counts = np.bincount(song, values), np.bincount(song)
    drawn = rng.integers(0, counts.size, (RESAMPLES, counts.size))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return [round(float(bound), 4) for bound in np.quantile(means, [0.025, 0.975])]


def compare(
    before: list[InstrumentLikelihood], after: list[InstrumentLikelihood], name: str, songs: np.ndarray, seed: int
) -> dict[str, Any]:
    """What a transformation does to the likeness of a class.

    Args:
        before, after: answers to the same parts, at least one.
        name: the class that they are of.
        songs: what each part is from, shape (parts,).
        seed: of the bootstrap.

    Returns:
        ``parts``, ``songs``; mean likeness ``before`` and ``after``, ``change`` and its 95 % ``interval``; ``fell``,
        the share of parts whose likeness fell, and ``fell_interval``; ``named_before`` and ``named_after``, the share
        whose answer is this class; ``fell_of_named``, as ``fell``, of those that were named so before;
        ``unclassified``, the share that is not classified any more (beyond every instrument's range, say): their
        likeness is the prior's.
    """
    old, new = (np.array([one[name] for one in answers]) for answers in (before, after))
    fell = (new < old).astype(float)
    named = np.array([one.best == name for one in before])
    rng = np.random.default_rng(seed)
    found = {
        'before': old.mean(),
        'after': new.mean(),
        'change': (new - old).mean(),
        'fell': fell.mean(),
        'fell_of_named': fell[named].mean() if named.any() else 0.0,
        'named_before': named.mean(),
        'named_after': np.mean([one.best == name for one in after]),
        'unclassified': np.mean([not len(one.matrix) for one in after]),
    }
    return {
        'parts': old.size,
        'songs': int(np.unique(songs).size),
        **{key: round(float(value), 4) for key, value in found.items()},
        'interval': mean_interval(new - old, songs, rng),
        'fell_interval': mean_interval(fell, songs, rng),
    }


def draw_parts(files: Iterable[ManifestFile], most: int, seed: int) -> dict[str, list[tuple[str, NoteSequence]]]:
    """By class, (song, notes) of up to ``most`` parts of at least LEAST_WINDOWS windows, of files in any order."""
    ordered = sorted(files, key=lambda file: zlib.crc32(f'{seed} {file.name}'.encode()))
    found: dict[str, list[tuple[str, NoteSequence]]] = defaultdict(list)
    for file in tqdm(ordered, desc='read', unit='file'):
        for part in file.read().parts:
            parts = found[CLASSES[part.label]]
            try:
                if len(parts) < most and len(windows_to_classify(part.notes)[0]) >= LEAST_WINDOWS:
                    parts.append((file.group, part.notes))
            except KdicError:  # more windows than are read
                continue
        if len(found) == len(CLASSES) and all(len(parts) >= most for parts in found.values()):
            break
    return found


def sanity(files: list[ManifestFile], model_path: Path, out: Path, most: int, seed: int) -> Path:
    """Classify parts of the test split as they are and transformed; write ``out``."""
    model = Model(model_path)
    content: dict[str, Any] = {
        'model': {'name': model_path.stem, 'sha256': hashlib.sha256(model_path.read_bytes()).hexdigest()},
        'whole_parts': whole_parts(files, model),
        'classes': {},
    }
    drawn = draw_parts([file for file in files if file.split == 'test'], most, seed)
    for name in tqdm([name for name in CLASSES if name in drawn], desc='sanity', unit='class'):
        transforms = TRANSFORMS if name == 'Guitar' else OCTAVES
        songs, parts = np.array([song for song, _ in drawn[name]]), [notes for _, notes in drawn[name]]
        before = classify_each(parts, model)
        struck = np.array([chords(notes) >= LEAST_CHORDS for notes in parts])
        rows = {}
        for title, transform in transforms.items():
            chosen = np.flatnonzero(struck) if title in CHORDS else np.arange(len(parts))
            if not chosen.size:
                continue
            rng = np.random.default_rng([seed, zlib.crc32(title.encode())])
            after = classify_each([transform(parts[i], rng) for i in chosen], model)
            rows[title] = compare([before[i] for i in chosen], after, name, songs[chosen], seed)
        content['classes'][name] = rows
    write_json(out, content)
    return out


def classify_each(parts: list[NoteSequence], model: Model) -> list[InstrumentLikelihood]:
    """The answers to parts, classified one by one: together they may be more than is read at once."""
    return [answer for notes in parts for answer in classify([notes], model)]
