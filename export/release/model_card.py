"""Write the model card beside a model's folder: from its contract, the results and the manifest."""

import csv
import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import Any

from tabulate import tabulate

from export.arguments import RESULTS
from export.data.files import read_json, write_text
from export.data.sources import NEVER_LEARNT
from export.release.onnx import sha256
from music21_kdic.classes import CLASSES
from music21_kdic.model.checks import CONTRACT, PART, REFERENCE, SCORE, SHIPPED
from music21_kdic.model.contract import LEVELS
from music21_kdic.model.session import Model

FILES = (PART, SCORE, CONTRACT, REFERENCE)
LIMITS = """\
- It knows eight classes. It says how likely a part is of another instrument (a celesta, a choir, a synthesizer), and is
  often wrong about that.
- It has read General MIDI arrangements and engraved scores of the kinds named above; other music may surprise it. The
  table of left-out collections says by how much.
- Brass, Reed, Pipe and Organ are told apart poorly from notes alone: see the tables by class in `docs/results`.
- A class is what a program number said. Some `pop` tracks carry a program that nobody chose, most often 0 (Piano).
- The audio teacher heard synthesized notes at one velocity, without effects: it knows few sounds of each class."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``model-card``."""
    parser.add_argument('--model', type=Path, default=SHIPPED, help='folder (default: the shipped model)')
    parser.add_argument('--results', type=Path, default=RESULTS, help=f'of evaluate (default: {RESULTS})')
    parser.add_argument('--manifest', type=Path, help="of the collections (default: an earlier card's data section)")


def run(args: Namespace) -> None:
    """Run ``model-card``."""
    print(f'wrote {write_card(args.model, args.results, args.manifest)}')


def write_card(folder: Path, results: Path, manifest: Path | None) -> Path:
    """Write ``MODEL.md`` beside the folder ``MODEL``.

    Args:
        folder: of the model.
        results: of ``evaluate``.
        manifest: of the training collections, for their licences; without it an earlier card's are kept.
    """
    model, figures = Model(folder), read_json(results)
    path = folder.with_suffix('.md')
    sections = {
        f'# Model card: {folder.name}': _summary(model, folder, figures),
        '## Data': _data(manifest) if manifest else _section(path, '## Data'),
        '## Recipe': f'```json\n{json.dumps(figures["recipe"], indent=1)}\n```',
        '## Class priors of the training parts': _table(
            [(name, f'{prior:.3f}') for name, prior in zip(CLASSES, model.contract.priors, strict=True)],
            ('class', 'share'),
        ),
        '## Figures': _figures(figures),
        '## Limits': LIMITS,
    }
    write_text(path, '\n\n'.join(f'{title}\n\n{body}' for title, body in sections.items()) + '\n')
    return path


def _summary(model: Model, folder: Path, figures: dict[str, Any]) -> str:
    contract, parts = model.contract, figures['recipe']['parts']
    label = 1 - parts['assistants'] - parts['audio']
    rows = [
        *((name, f'{(folder / name).stat().st_size:,} bytes, SHA-256 `{sha256(folder / name)}`') for name in FILES),
        ('input', 'float32 numbers of parts and of how they stand in their score (`music21_kdic/features`)'),
        (
            'output',
            'log probabilities of the eight classes under equal priors, were it music, and of the instruments within '
            'each, the log-odds of being music and of an instrument outside the classes, and an embedding of '
            f'{contract.embedding} numbers',
        ),
        ('classes', ', '.join(CLASSES)),
        ('instruments', ', '.join(one.name for one in contract.instruments)),
        (
            'unclear',
            f'a part that is music with less than {contract.least_music:.3f}, or whose likeliest class has less '
            f'than {contract.least_confidence:.3f}',
        ),
        *(
            (f'sure, {level}', ', '.join(f'{name} {least:.2f}' for name, least in zip(CLASSES, sure, strict=True)))
            for level, sure in contract.sure.items()
        ),
        ('made with', f'torch {figures["torch"]}'),
        ('licence', 'BSD-3-Clause, as the code; the training data is not redistributed'),
    ]
    return (
        'Written by `python -m export model-card`.\n\n'
        f'A student of notes, taught by assistants that were not trained on its songs ({parts["assistants"]:g}), by an '
        f'audio teacher where that heard the part ({parts["audio"]:g}) and by labels ({label:g}); and on notes that '
        'are no music (`export/data/noise.py`). Beside its layers it holds symmetric decision trees that learnt from '
        f'labels: {parts["shape"]["trees"]:,} for parts by themselves, as many for parts with their score. See '
        '`docs/results.md` for what that brings.\n\n' + _table(rows, ('', ''))
    )


def _data(manifest: Path) -> str:
    with manifest.open(encoding='utf-8', newline='') as stream:
        rows = [row for row in csv.DictReader(stream) if row['split'] == 'train' and row['source'] != NEVER_LEARNT]
    counts = Counter((row['collection'], row['source'], row['licence']) for row in rows)
    note = (
        'Training split of the manifest, by source and licence as found there. What states no licence was used to '
        'train and to measure, and is not redistributed.'
    )
    cells = [(*key, f'{count:,}') for key, count in sorted(counts.items())]
    return f'{note}\n\n{_table(cells, ("collection", "source", "licence", "files"))}'


def _section(path: Path, title: str) -> str:
    if not path.exists():
        raise FileNotFoundError(f'{path}: no earlier card to take the data section from; give --manifest')
    text = path.read_text(encoding='utf-8')
    return text.split(f'{title}\n\n', 1)[1].split('\n\n## ', 1)[0]


def _figures(figures: dict[str, Any]) -> str:
    rows = [
        (
            name,
            f'{found["parts"]:,}',
            *(f'{figures[level][name][key]:.3f}' for level in LEVELS for key in ('macro_f1', 'accuracy')),
            *(f'{figures["left_out"][name][level][0]:.3f}' if name in figures['left_out'] else '' for level in LEVELS),
        )
        for name, found in figures[LEVELS[0]].items()
    ]
    measures = [f'{measure}, {level}' for level in LEVELS for measure in ('macro-F1', 'accuracy')]
    headings = ('test set', 'parts', *measures, *(f'left out, macro-F1, {level}' for level in LEVELS))
    seeds = ', '.join(map(str, figures['seeds']))
    return (
        f'Decided under equal priors; means over the seeds {seeds}, of which the first is shipped. *Left out*: of a '
        'student that was not shown that collection.\n\n' + _table(rows, headings)
    )


def _table(rows: list[Any], headings: tuple[str, ...]) -> str:
    return str(tabulate(rows, headings, tablefmt='github', disable_numparse=True))
