"""Listen to recordings of real instruments, of which a list says what sounds, and store what was heard.

The list, docs/experiment/sound/recordings.csv, has one row a recording: its path below the folder that is named, the
class (in the column ``family``) and the instrument that sound, and the Debian package and the licence that it comes
under. Where no class, or not one alone, sounds, ``family`` is ``mixed``, ``Drums`` or ``Other``: no answer is right
there, but some are wrong.
"""

import csv
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from export.data.files import write_json
from export.evaluation.evaluate_sound import SOUND
from music21_kdic.classes import CLASSES
from music21_kdic.sound.activity import InstrumentActivity, listen

LIST = SOUND / 'recordings.csv'
COLUMNS = {'path', 'family', 'instrument', 'package', 'licence'}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``recordings``."""
    parser.add_argument('folder', type=Path, help='where the recordings of the list are')
    parser.add_argument('--list', type=Path, default=LIST, help=f'(default: {LIST})')
    parser.add_argument('--out', type=Path, default=SOUND / 'recordings.json', help='(default: beside the list)')


def run(args: Namespace) -> None:
    """Run ``recordings``."""
    write_json(args.out, {'recordings': hear_all(args.folder, args.list)})
    print(f'wrote {args.out}')


def hear_all(folder: Path, listed: Path) -> list[dict[str, Any]]:
    """What is heard in each recording of a list.

    Raises:
        ValueError: where the list lacks a column.
        music21_kdic.errors.UnreadableError: where a recording is missing or damaged.
    """
    with listed.open(encoding='utf-8', newline='') as stream:
        rows = list(csv.DictReader(stream))
    missing = COLUMNS - set(rows[0] if rows else ())
    if missing:
        raise ValueError(f'{listed}: no column {", ".join(sorted(missing))}')
    return [row | heard_in(listen(folder / row['path'])) for row in tqdm(rows, unit='recording')]


def heard_in(activity: InstrumentActivity) -> dict[str, Any]:
    """A recording in short.

    Returns:
        ``seconds``; ``status``; ``best``: the class with the highest mean probability over all steps, and ``second``,
        None where nothing was heard; ``mean``: those means, by class; ``sure``: classes that are sure in some step.
    """
    mean = activity.probabilities.mean(axis=0) if len(activity.probabilities) else None
    order = [] if mean is None else [CLASSES[i] for i in (-mean).argsort(kind='stable')]
    return {
        'seconds': round(activity.seconds, 2),
        'status': str(activity.status),
        'best': order[0] if order else None,
        'second': order[1] if order else None,
        'mean': {}
        if mean is None
        else {name: round(float(value), 3) for name, value in zip(CLASSES, mean, strict=True)},
        'sure': [name for name in CLASSES if activity.sure_for(name) > 0],
    }
