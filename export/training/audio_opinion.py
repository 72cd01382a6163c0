"""Match the audio teacher's answers to the parts of the students; it heard one window of each part.

The audio teacher is AIC (Audio Instrument Classification) of the recipe ``parts-teacher``, in a working folder of its
own: ``prepare``, ``render`` and ``train-aic`` make it.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from scipy.special import softmax

from export.arguments import add_collections, add_recipe, add_work
from export.data.note_store import NoteStore, store_path
from export.data.sources import COLLECTIONS
from export.data.window_table import shard_paths
from export.recipe import Recipe, load_recipe
from export.training.opinions import Opinion, write_opinion
from export.training.train_kdic import audio_path


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``audio-opinion``."""
    add_recipe(parser)
    add_work(parser)
    parser.add_argument('--audio', type=Path, required=True, help="the audio teacher's working folder")
    add_collections(parser, COLLECTIONS)


def run(args: Namespace) -> None:
    """Run ``audio-opinion``."""
    print(f'wrote {write_audio_opinion(load_recipe(args.recipe), args.work, args.audio, args.collections)}')


def write_audio_opinion(recipe: Recipe, work: Path, audio: Path, collections: tuple[str, ...]) -> Path:
    """Write the audio teacher's opinion, for ``train-kdic``."""
    logits = audio / recipe.teacher_recipe / 'teacher_logits.npz'
    if not logits.exists():
        raise FileNotFoundError(f'{logits}: not there; run `python -m export train-aic` first')
    path = audio_path(recipe, work)
    write_opinion(path, audio_opinion(audio, logits, work, collections))
    return path


def audio_opinion(audio: Path, logits: Path, work: Path, collections: tuple[str, ...]) -> Opinion:
    """What the audio teacher says of the parts of which it heard a window.

    Args:
        audio: the working folder of the recipe ``parts-teacher``: one window of each part.
        logits: what ``train-aic`` wrote.
        work: the working folder of the students: its stores say which parts those are.
        collections: of the students.
    """
    place = {}
    for collection in collections:
        store = NoteStore(store_path(work, collection))
        index = COLLECTIONS.index(collection)
        for row, (file, part) in enumerate(zip(store.names[store.file_of].tolist(), store.part.tolist(), strict=True)):
            place[file, part] = (index, row)
    heard: list[tuple[int, int]] = []
    for path in shard_paths(audio):
        with np.load(path) as shard:
            files, parts = shard['part_file'][shard['part']].tolist(), shard['part_index'][shard['part']].tolist()
        heard += [place.get(key, (-1, -1)) for key in zip(files, parts, strict=True)]
    with np.load(logits) as file:
        answers = file['logits']
    if len(answers) < len(heard):  # the teacher was given the first shards
        heard = heard[: len(answers)]
    which = np.array(heard, np.int64).reshape(-1, 2)
    asked = (which[:, 0] >= 0) & np.isfinite(answers).all(axis=1)
    said = softmax(answers[asked].astype(np.float64), axis=1).astype(np.float32)
    return Opinion(which[asked, 0], which[asked, 1], said, said)
