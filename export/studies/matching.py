"""Train audio teachers to match notes with instruments, and students from their answers: does that teach notes more?

An audio teacher that is given a window on its own instrument needs only the timbre to name it, and what it answers says
nothing about the notes. So each window is rendered eight times, once on a random program of every class, all in one
soundfont, and the network learns to tell the true pairing of notes and instrument from the other seven. Which
instruments occur is the same for every window; only the notes can tell. Its eight scores of a window are the soft
targets from which a student of notes learns.

They are *out of sample*: the songs are in two folds, and each fold is classified by a teacher that was trained on the
other. So is what a NIC says, from which its rival is born again (Furlanello et al. 2018).
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from export.arguments import add_jobs, add_recipe, add_work
from export.data.files import check_plan, write_json, write_npz
from export.data.spectrograms import MEL_BINS, Spectrograms
from export.data.window_table import SPLITS, WindowTable, load_windows
from export.networks.losses import HardTargets
from export.networks.teachers import MatchingTeacher
from export.recipe import Recipe, load_recipe
from export.studies.folds import cross_fitted, folds_by_song, out_of_sample, teacher_facts
from export.studies.matching_students import Students
from export.studies.renderings import Renderings, render_all
from export.studies.store import Study, StudyRow, TestSet, run_path, store_answers, write_study, write_test_set
from export.training.fit import Inputs, fit, macro_f1_on, predict
from export.training.stored_logits import read_logits
from music21_kdic.classes import CLASS_PROGRAMS, CLASSES

SOUNDFONTS = ('TimGM6mb.sf2', 'FluidR3_GM.sf2', 'MuseScore_General.sf3')
WINDOWS_PER_PART = 2  # of the training set: many parts say more than many windows of a part
SOURCE = 'pop'
RENDERED_FRAMES = 200  # the first 4.6 seconds of a window
TEACHER_EPOCHS = 8
# Matching against all that does without it; the ordinary teacher; and what matching adds to another NIC's answers.
DIFFERENCES = (
    *(
        ('matching', row)
        for row in ('nic', 'smoothing', 'born-again', 'audio', 'matching-shuffled', 'matching-averaged')
    ),
    ('audio', 'nic'),
    ('matching-born-again', 'born-again'),
)
WINDOWS_AT_ONCE = 16  # each in eight renderings


@dataclass(frozen=True)
class MatchingSettings:
    """How large the study is.

    Attributes:
        windows: training windows of each class, at most WINDOWS_PER_PART a part.
        validation_windows: of each class, on which students are tuned; the first ``rendered`` of them are rendered.
        rendered: see above.
        test_parts: of each class, with all their windows.
        seed: of the sample, the programs, the soundfonts and the folds.
    """

    windows: int = 1000
    validation_windows: int = 600
    rendered: int = 100
    test_parts: int = 100
    seed: int = 5


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``matching``."""
    add_recipe(parser, default='controls')
    add_work(parser)
    add_jobs(parser)
    parser.add_argument('--windows', type=int, default=1000, help='training windows of each class')
    parser.add_argument('--validation-windows', type=int, default=600, help='the same of each class')
    parser.add_argument('--rendered', type=int, default=100, help='validation windows of each class to be rendered')
    parser.add_argument('--test-parts', type=int, default=100, help='test parts of each class')
    parser.add_argument('--seeds', type=int, default=5, help='how often each row is trained')


def run(args: Namespace) -> None:
    """Run ``matching``."""
    settings = MatchingSettings(args.windows, args.validation_windows, args.rendered, args.test_parts)
    print(f'wrote {matching(load_recipe(args.recipe), args.work, settings, args.seeds, args.jobs)}')


def draw_sample(table: WindowTable, settings: MatchingSettings) -> tuple[WindowTable, np.ndarray]:
    """The windows of the study, in which the classes are equally frequent, and their rows in ``table``, rising.

    The test set's classes are equally frequent in parts; in windows, as nearly as whole parts allow.

    Raises:
        ValueError: where there are not as many.
    """
    rng = np.random.default_rng(settings.seed)
    drawn: list[np.ndarray] = []
    for label, name in enumerate(CLASSES):
        of_class = rng.permutation(np.flatnonzero((table.label == label) & (table.source == SOURCE)))
        train, val, test = (
            of_class[table.split[of_class] == SPLITS.index(split)] for split in ('train', 'val', 'test')
        )
        train = train[_rank_within(table.part[train]) < WINDOWS_PER_PART]
        test_parts = np.unique(table.part[test])
        found = {'train windows': train.size, 'val windows': val.size, 'test parts': test_parts.size}
        wanted = (settings.windows, settings.validation_windows, settings.test_parts)
        for (what, there), enough in zip(found.items(), wanted, strict=True):
            if there < enough:
                raise ValueError(f'{name}: {there} {what} of {SOURCE}, wanted {enough}')
        tested = rng.permutation(test_parts)[: settings.test_parts]
        drawn += [
            train[: settings.windows],
            val[: settings.validation_windows],
            test[np.isin(table.part[test], tested)],
        ]
    rows = np.sort(np.concatenate(drawn))
    return table.select(rows), rows


def rendered_rows(sample: WindowTable, settings: MatchingSettings) -> np.ndarray:
    """The rows of the sample that are rendered, rising: all but most of the validation windows."""
    val = sample.rows('val')
    some = [val[sample.label[val] == label][: settings.rendered] for label in range(len(CLASSES))]
    return np.sort(np.concatenate([sample.rows('train'), sample.rows('test'), *some]))


def on_every_class(rows: np.ndarray, seed: int) -> Renderings:
    """Each window on a random program of each class, in the order of CLASSES, all eight in one random soundfont."""
    rng = np.random.default_rng([seed, 1])
    programs = np.stack([rng.choice(CLASS_PROGRAMS[name], rows.size) for name in CLASSES], axis=1)
    soundfonts = rng.choice(SOUNDFONTS, rows.size)
    return Renderings(np.repeat(rows, len(CLASSES)), programs.ravel(), np.repeat(soundfonts, len(CLASSES)))


def _rank_within(parts: np.ndarray) -> np.ndarray:
    """How many of the same part come before each."""
    order = np.argsort(parts, kind='stable')
    _, first, counts = np.unique(parts[order], return_index=True, return_counts=True)
    rank = np.empty(parts.size, dtype=np.int64)
    rank[order] = np.arange(parts.size) - np.repeat(first, counts)
    return rank


def renderings_of(spectrograms: Spectrograms, rendered: np.ndarray) -> Inputs:
    """The eight renderings of windows, shape (windows, 8, 128, frames), asked for by their rows of the sample."""

    def draw(rows: np.ndarray, rng: np.random.Generator | None) -> tuple[Tensor]:
        first = len(CLASSES) * np.searchsorted(rendered, rows)
        images = spectrograms.batch((first[:, None] + np.arange(len(CLASSES))).ravel())
        return (torch.from_numpy(images.reshape(rows.size, len(CLASSES), MEL_BINS, -1)),)

    return draw


def silent_share(spectrograms: Spectrograms, windows: int) -> list[float]:
    """Of the renderings on each class, the share that is silent: notes beyond an instrument's samples."""
    silent = np.zeros(len(CLASSES))
    for window in range(windows):
        images = spectrograms.batch(len(CLASSES) * window + np.arange(len(CLASSES)))
        silent += images.max(axis=(1, 2, 3)) == 0
    return [round(float(share), 4) for share in silent / windows]


def matching(recipe: Recipe, work: Path, settings: MatchingSettings, seeds: int, jobs: int) -> Path:
    """Run the study, or the rest of it; say in which folder its answers lie.

    Args:
        recipe: whose networks are trained; its ordinary audio teacher's logits are there.
        work: the working folder, with shards.
        settings: of the study.
        seeds: how often each student is trained.
        jobs: processes that render.

    Raises:
        FileExistsError: where the study was begun with other settings.
    """
    folder, out = work / 'matching', work / 'experiment' / 'matching'
    check_plan(out / 'settings.json', {**asdict(settings), 'recipe': recipe.name})
    table = load_windows(work)
    sample, rows = draw_sample(table, settings)
    rendered = rendered_rows(sample, settings)
    fold = folds_by_song(sample, settings.seed)
    render_all(on_every_class(rows[rendered], settings.seed), work, folder, jobs)
    both = _teacher_logits(recipe, sample, rendered, fold, folder, out)
    tested = sample.rows('test')
    write_test_set(out, TestSet.of(sample, tested))
    watched = np.intersect1d(rendered, sample.rows('val'))
    for number in range(2):
        if not run_path(out, 'teacher', number).exists():
            store_answers(
                out, 'teacher', number, both[number], sample, watched, np.full(len(CLASSES), 1 / len(CLASSES))
            )
    verb = f'train-aic --recipe {recipe.teacher_recipe}'
    audio = read_logits(work / recipe.teacher_recipe / 'teacher_logits.npz', table, verb).logits[rows]
    students = Students(sample, fold, watched, recipe, folder, out)
    trained = students.rows(out_of_sample(both, fold), audio - np.log(table.class_frequencies()), seeds)
    half = sample.rows('train').size // 2
    teacher = StudyRow('teacher', 'the matching teacher itself, of either half', half, TEACHER_EPOCHS, 'matching')
    question = 'Do the answers of a matching teacher, out of sample, teach notes more than labels and another NIC do?'
    write_study(out, Study('matching', question, (*trained, teacher), DIFFERENCES))
    return out


def _teacher_logits(
    recipe: Recipe, sample: WindowTable, rendered: np.ndarray, fold: np.ndarray, folder: Path, out: Path
) -> np.ndarray:
    """Logits of both matching teachers, shape (2, windows, 8), 0 where a window is not rendered; trained if need be."""
    path = folder / 'matching_logits.npz'
    if path.exists():
        with np.load(path) as file:
            return np.asarray(file['logits'])
    spectrograms = Spectrograms(folder, frames=RENDERED_FRAMES)
    inputs = renderings_of(spectrograms, rendered)
    watched = np.intersect1d(rendered, sample.rows('val'))
    settings = replace(recipe.teacher, epochs=TEACHER_EPOCHS, batch_size=WINDOWS_AT_ONCE, max_windows=0)

    validate = macro_f1_on(watched, sample.label[watched], inputs, WINDOWS_AT_ONCE)

    def train_on(number: int, rows: np.ndarray) -> np.ndarray:
        targets = HardTargets(sample.label[rows])
        checkpoint = folder / f'teacher.{number}.pt'
        model = fit(MatchingTeacher, rows, inputs, targets, settings, number, checkpoint, validate)
        logits = np.zeros((sample.label.size, len(CLASSES)), dtype=np.float32)
        logits[rendered] = predict(model, rendered, inputs, WINDOWS_AT_ONCE)
        return logits

    both = cross_fitted(train_on, sample, fold)
    train, tested = sample.rows('train'), sample.rows('test')
    facts = {
        'train, out of sample': teacher_facts(out_of_sample(both, fold)[train], sample.label[train]),
        'train, its own': teacher_facts(out_of_sample(both, 1 - fold)[train], sample.label[train]),
        **{f'test, teacher {n}': teacher_facts(both[n, tested], sample.label[tested]) for n in range(2)},
        'silent_renderings': dict(zip(CLASSES, silent_share(spectrograms, rendered.size), strict=True)),
    }
    write_json(out / 'teacher.json', facts)
    write_npz(path, {'logits': both})
    return both
