"""From a collection of MIDI files to the model, in one command; what is there already is not made again.

python reproduce.py --data DATA --manifest MANIFEST.csv --corpus CORPUS.npz --work WORK --out FOLDER
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from export.data.made_up import Kinds, beside, corrupt, draw_noise, write_plain_music
from export.data.note_store import Store, write_store
from export.data.part_numbers import begun_view, read_tables, view_of, write_table
from export.data.part_table import COLLECTIONS, PartTable
from export.data.sources import manifest_files
from export.evaluation.evaluate import evaluate
from export.networks.student import Student
from export.release.model_folder import ship
from export.training.assistants import opinion_of_assistants
from export.training.learn import Beside, Opinion, Settings, Trained, train

VIEWS = (0, 1, 2, 3)
BARS = (2, 4, 8, 16)
# Collections that a student of the same kind is not shown, to see what it makes of them.
LEFT_OUT = (('classical',), ('orchestra',), ('guitar', 'jazz'), ('pop',))
LEFT_OUT_SETTINGS = replace(Settings(), epochs=8, assistants=0.0)


def main() -> None:
    """Run every step that has not been run."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ('data', 'manifest', 'corpus', 'work', 'out'):
        parser.add_argument(f'--{name}', type=Path, required=True)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3], help='the first is shipped')
    args = parser.parse_args()
    torch.set_num_threads(1)
    work: Path = args.work
    work.mkdir(parents=True, exist_ok=True)
    for collection in COLLECTIONS:
        path = work / f'notes_{collection}.npz'
        if not path.exists():
            write_store(manifest_files(args.data, args.manifest, (collection,)), path, args.jobs)
    with ProcessPoolExecutor(args.jobs) as pool:
        list(pool.map(partial(_tables, work, args.corpus), COLLECTIONS))
    tables = [
        read_tables(work / f'view{view}_{c}.npz' for c in COLLECTIONS if (work / f'view{view}_{c}.npz').exists())
        for view in VIEWS
    ]
    whole = tables[0]
    kinds, noise, plain = _beside(work)
    asked = whole.of((whole.label >= 0) & (whole.split != 'train'))
    opinion, boosting = _assistants(work, whole, asked)
    students = [
        _trained(work / f'student_{seed}.pt', tables, kinds, opinion, Settings(), seed, ()) for seed in args.seeds
    ]
    without = {
        names: _trained(work / f'without_{"_".join(names)}.pt', tables, kinds, None, LEFT_OUT_SETTINGS, 1, names)
        for names in LEFT_OUT
    }
    cut = {bars: read_tables(work / f'begun{bars}_{c}.npz' for c in COLLECTIONS) for bars in BARS}
    figures, judgement = evaluate(students, without, whole, cut, noise, plain, asked, boosting)
    ship(students[0], judgement, whole, noise, cut[BARS[0]], figures, args.out)
    (args.out / 'tables.json').write_text(json.dumps(figures, indent=1))


def _tables(work: Path, corpus: Path, collection: str) -> None:
    store = Store(work / f'notes_{collection}.npz')
    near = store.near(Store(corpus))
    for view in VIEWS:
        path = work / f'view{view}_{collection}.npz'
        if not path.exists() and (view == 0 or collection != 'lakh'):
            write_table(view_of(store, collection, near, view), path)
    for bars in BARS:
        path = work / f'begun{bars}_{collection}.npz'
        if not path.exists():
            write_table(begun_view(store, collection, near, bars), path)


def _beside(work: Path) -> tuple[Beside, Kinds, Kinds]:
    stores = {name: Store(work / f'notes_{name}.npz') for name in ('pop', 'scores', 'orchestra', 'classical', 'guitar')}
    noise, plain = draw_noise(stores), write_plain_music()
    corrupted, share = corrupt(stores)
    return beside(noise, plain, corrupted, share), noise, plain


def _assistants(work: Path, whole: PartTable, asked: PartTable) -> tuple[Opinion, tuple[np.ndarray, np.ndarray]]:
    path = work / 'assistants.npz'
    if not path.exists():
        opinion, alone, in_score = opinion_of_assistants(whole, asked)
        np.savez(path, **asdict(opinion), asked_alone=alone, asked_in_score=in_score)
    with np.load(path) as file:
        opinion = Opinion(*(file[name] for name in Opinion.__dataclass_fields__))
        return opinion, (file['asked_alone'], file['asked_in_score'])


def _trained(
    path: Path,
    tables: list[PartTable],
    kinds: Beside,
    opinion: Opinion | None,
    settings: Settings,
    seed: int,
    leave_out: tuple[str, ...],
) -> Trained:
    if not path.exists():
        views = [table.taught(leave_out) for table in tables]
        opinions = [] if opinion is None else [(settings.assistants, opinion)]
        trained = train(views, kinds, opinions, settings, seed)
        torch.save({'state': trained.student.state_dict(), 'priors': trained.priors}, path)
    saved = torch.load(path, weights_only=False)
    low, low_context = saved['state']['encode.low'], saved['state']['encode_context.low']
    edges, context_edges = (np.zeros((rows, bins + 1), np.float32) for rows, bins in (low.shape, low_context.shape))
    student = Student(edges, context_edges, settings.shape)
    student.load_state_dict(saved['state'])
    return Trained(student.eval(), saved['priors'])


if __name__ == '__main__':
    main()
