"""Write the model card beside a model, from the model's own metadata, the results and the manifest."""

import csv
import hashlib
import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import Any

from music21_kdic.features.timing import NUMBERS
from tabulate import tabulate

from export.arguments import DOCS
from export.data.files import read_json, write_text
from music21_kdic.classes import CLASSES
from music21_kdic.model.checks import SHIPPED
from music21_kdic.model.session import Model

LIMITS = """\
- It knows eight classes. A celesta, a choir or a synthesizer gets the class it most resembles.
- It has read General MIDI arrangements and engraved scores of the kinds named above; other music may surprise it.
- Brass, Reed, Pipe and Organ are told apart poorly from notes alone: see the table by class in `docs/results.md`.
- A class is what a program number said. Some `pop` tracks carry a program that nobody chose, most often 0 (Piano).
- All notes were synthesized at one velocity and without effects, from the soundfonts of the recipe, so the teacher
  knows few sounds of each class."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``model-card``."""
    parser.add_argument('--model', type=Path, default=SHIPPED, help='ONNX file (default: the shipped model)')
    results = DOCS / 'results.json'
    parser.add_argument('--results', type=Path, default=results, help='of evaluate (default: docs/results.json)')
    parser.add_argument('--manifest', type=Path, help="of the collection (default: an earlier card's data section)")


def run(args: Namespace) -> None:
    """Run ``model-card``."""
    print(f'wrote {write_card(args.model, args.results, args.manifest)}')


def write_card(model_path: Path, results_path: Path, manifest: Path | None) -> Path:
    """Write ``MODEL.md`` beside ``MODEL.onnx``.

    Args:
        model_path: the ONNX model.
        results_path: ``results.json`` of ``evaluate``.
        manifest: of the training collection, for its licences; without it an earlier card's are kept.
    """
    model = Model(model_path)
    content = read_json(results_path)
    facts = model.contract.facts
    path = model_path.with_suffix('.md')
    sections = {
        f'# Model card: {model_path.name}': _summary(model, model_path),
        '## Data': _data(manifest) if manifest else _section(path, '## Data'),
        '## Recipe': '```json\n' + json.dumps(facts['recipe'], indent=1) + '\n```\n\nHashes (SHA-256) of what it was '
        'made from:\n\n' + tabulate(sorted(facts['sha256'].items()), ('what', 'SHA-256'), tablefmt='github'),
        '## Class priors of the training windows': tabulate(
            [(name, f'{prior:.3f}') for name, prior in zip(CLASSES, model.contract.priors, strict=True)],
            ('class', 'share'),
            tablefmt='github',
            disable_numparse=True,
        ),
        '## Figures': _figures(content['results'][facts['model']]),
        '## Limits': LIMITS,
    }
    text = '\n\n'.join(f'{title}\n\n{body}' for title, body in sections.items()) + '\n'
    write_text(path, text)
    return path


def _summary(model: Model, path: Path) -> str:
    content = path.read_bytes()
    facts, grid = model.contract.facts, model.contract.grid
    return (
        'Written by `python -m export model-card`.\n\n'
        f'A student of notes, {_taught_by(facts["model"], facts["recipe"])}, on {facts["training_windows"]:,} windows '
        'of two bars and on windows that are no music (`export/data/noise.py`); see `docs/results.md` for what that '
        'brings.\n\n'
        + str(
            tabulate(
                [
                    ('file', f'{len(content):,} bytes, SHA-256 `{hashlib.sha256(content).hexdigest()}`'),
                    (
                        'input',
                        f'uint8 piano-rolls, windows x {" x ".join(map(str, grid.shape))}: {grid.planes}; '
                        f'float32 timing, windows x {NUMBERS}',
                    ),
                    (
                        'output',
                        'float32 logits of the eight classes under equal priors, and an embedding of '
                        f'{model.contract.head.embedding} numbers, from which parts are classified',
                    ),
                    ('classes', ', '.join(CLASSES)),
                    (
                        'temperature',
                        ', '.join(f'{level} {value:.3f}' for level, value in model.contract.temperature.items())
                        + ', fitted on validation data, built in',
                    ),
                    ('sure', f'an answer of at least {model.contract.sure_confidence} (equal priors)'),
                    (
                        'unclear',
                        f'a part whose likeliest class has less than {model.contract.least_confidence} (equal priors)',
                    ),
                    ('made with', f'torch {facts["torch"]}'),
                    ('licence', 'BSD-3-Clause, as the code; the training data is not redistributed'),
                ],
                tablefmt='github',
                headers=('', ''),
            )
        )
    )


def _taught_by(name: str, recipe: dict[str, Any]) -> str:
    """What the student learnt from, in words."""
    if name == 'nic':
        return 'taught by labels'
    parts = recipe['parts']
    label = 1 - parts['teacher_weight'] - parts['assistant_weight']
    return (
        f'taught by the audio teacher ({parts["teacher_weight"]:g}), by assistants that were not trained on its songs '
        f'({parts["assistant_weight"]:g}) and by labels ({label:g})'
    )


def _data(manifest: Path) -> str:
    with manifest.open(encoding='utf-8', newline='') as stream:
        rows = [row for row in csv.DictReader(stream) if row['split'] == 'train' and row['source'] != 'lakh']
    counts = Counter((row['collection'], row['source'], row['licence']) for row in rows)
    return (
        'Training split of the manifest, by source and licence as found there. What states no licence was used to '
        'train and to measure, and is not redistributed.\n\n'
        + str(
            tabulate(
                [(*key, count) for key, count in sorted(counts.items())],
                ('collection', 'source', 'licence', 'files'),
                tablefmt='github',
            )
        )
    )


def _section(path: Path, title: str) -> str:
    if not path.exists():
        raise FileNotFoundError(f'{path}: no earlier card to take the data section from; give --manifest')
    text = path.read_text(encoding='utf-8')
    return text.split(f'{title}\n\n', 1)[1].split('\n\n## ', 1)[0]


def _figures(result: dict[str, dict[str, dict[str, dict[str, dict[str, float]]]]]) -> str:
    rows = []
    for place, levels in result['scores'].items():
        if '/' in place:
            continue
        for level, found in levels.items():
            some = found['equal priors']
            rows.append(
                (place, level, some['count'], *(f'{some[key]:.3f}' for key in ('macro_f1', 'weighted_f1', 'accuracy')))
            )
    headings = ('test set', 'level', 'count', 'macro-F1', 'weighted-F1', 'accuracy')
    return 'Decided under equal priors.\n\n' + str(tabulate(rows, headings, tablefmt='github', disable_numparse=True))
