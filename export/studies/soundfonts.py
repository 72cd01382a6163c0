"""Train the audio teacher on one, two and three soundfonts, and test it in those and in another.

The audio teacher learns from the same windows, each in one soundfont, drawn from one, two or three of them; every
teacher is tested on the same windows in each soundfont, and in one that none was trained on. TimGM6mb and FluidR3_GM
are samples of their own; MuseScore_General descends from FluidR3_GM; OPL-3_FM_128M is the frequency modulation of a
sound card's chip.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass, replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from export.arguments import add_jobs, add_recipe, add_work
from export.data.files import check_plan
from export.data.spectrograms import Spectrograms
from export.data.window_table import WindowTable, load_windows
from export.networks.losses import HardTargets
from export.networks.teachers import TEACHERS
from export.recipe import Recipe, load_recipe
from export.studies.renderings import Renderings, own_programs, render_all
from export.studies.store import Study, StudyRow, TestSet, run_path, store_answers, write_study, write_test_set
from export.training.fit import Inputs, fit, macro_f1_on, predict
from music21_kdic.classes import CLASSES

SOUNDFONTS = ('TimGM6mb.sf2', 'FluidR3_GM.sf2', 'MuseScore_General.sf3', 'OPL-3_FM_128M.sf2')
COUNTS = ('one', 'two', 'three')  # of soundfonts in training: so many, from the first
BATCH_SIZE = 64


@dataclass(frozen=True)
class SoundfontSettings:
    """How large the study is: windows of each split, filled up to whole parts; and the seed of what is drawn."""

    train: int = 5000
    val: int = 600
    test: int = 1600
    epochs: int = 5
    seed: int = 5


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``soundfonts``."""
    add_recipe(parser, default='controls')
    add_work(parser)
    add_jobs(parser)
    parser.add_argument('--windows', type=int, default=5000, help='training windows')
    parser.add_argument('--validation-windows', type=int, default=600, help='the same of validation')
    parser.add_argument('--test-windows', type=int, default=1600, help='the same of the test set')
    parser.add_argument('--seeds', type=int, default=3, help='how often each teacher is trained')


def run(args: Namespace) -> None:
    """Run ``soundfonts``."""
    settings = SoundfontSettings(args.windows, args.validation_windows, args.test_windows)
    print(f'wrote {soundfonts(load_recipe(args.recipe), args.work, settings, args.seeds, args.jobs)}')


def draw_sample(table: WindowTable, settings: SoundfontSettings) -> tuple[WindowTable, np.ndarray]:
    """Whole parts of each split, drawn alike, and the rows of their windows in ``table``, rising.

    Raises:
        ValueError: where a split has fewer windows.
    """
    rng = np.random.default_rng(settings.seed)
    drawn = []
    for split in ('train', 'val', 'test'):
        rows, wanted = table.rows(split), getattr(settings, split)
        if rows.size < wanted:
            raise ValueError(f'{split}: {rows.size} windows, wanted {wanted}')
        parts, counts = np.unique(table.part[rows], return_counts=True)
        order = rng.permutation(parts.size)
        enough = np.searchsorted(np.cumsum(counts[order]), wanted) + 1
        drawn.append(rows[np.isin(table.part[rows], parts[order[:enough]])])
    chosen = np.sort(np.concatenate(drawn))
    return table.select(chosen), chosen


def draw_soundfonts(windows: int, seed: int) -> np.ndarray:
    """The soundfont of each window in each teacher's training: index into SOUNDFONTS, shape (3, windows).

    The first has one, the second two, the third three, all equally often; of two teachers that share a soundfont, as
    many windows as possible are in the same one, which saves rendering.
    """
    rng = np.random.default_rng([seed, 1])
    of_two = rng.integers(2, size=windows)
    of_three = np.where(rng.integers(3, size=windows) == 2, 2, of_two)
    return np.stack([np.zeros_like(of_two), of_two, of_three])


def needed_renderings(
    fonts: np.ndarray, tested: np.ndarray, rows: np.ndarray, programs: np.ndarray
) -> tuple[Renderings, np.ndarray]:
    """What is to be rendered of a sample, and where.

    Args:
        fonts: see :func:`draw_soundfonts`.
        tested: the windows that are needed in every soundfont.
        rows: of each window, its row in the window table.
        programs: of each window.

    Returns:
        The renderings, and the place of each window in each soundfont among them: shape (windows, soundfonts), -1
        where it is not rendered.
    """
    needed = np.zeros((rows.size, len(SOUNDFONTS)), dtype=bool)
    needed[np.arange(rows.size), fonts] = True
    needed[tested] = True
    window, font = np.nonzero(needed)
    place = np.full(needed.shape, -1)
    place[needed] = np.arange(window.size)
    return Renderings(rows[window], programs[window], np.array(SOUNDFONTS)[font]), place


def soundfonts(recipe: Recipe, work: Path, settings: SoundfontSettings, seeds: int, jobs: int) -> Path:
    """Run the study, or the rest of it; say in which folder its answers lie.

    Args:
        recipe: whose teacher is trained.
        work: the working folder, with shards.
        settings: of the study.
        seeds: how often each teacher is trained.
        jobs: processes that render.

    Raises:
        FileExistsError: where the study was begun with other settings.
    """
    folder, out = work / 'soundfonts', work / 'experiment' / 'soundfonts'
    check_plan(out / 'settings.json', {**asdict(settings), 'recipe': recipe.name})
    sample, rows = draw_sample(load_windows(work), settings)
    fonts = draw_soundfonts(rows.size, settings.seed)
    tested = sample.rows('test')
    renderings, place = needed_renderings(fonts, tested, rows, own_programs(work)[rows])
    render_all(renderings, work, folder, jobs)
    write_test_set(out, TestSet.of(sample, tested))
    spectrograms = Spectrograms(folder)
    train_settings = replace(recipe.teacher, epochs=settings.epochs, batch_size=BATCH_SIZE, max_windows=0)
    train, val = sample.rows('train'), sample.rows('val')
    asked = np.concatenate([val, tested])
    make, targets = TEACHERS[recipe.teacher.network], HardTargets(sample.label[train])

    def inputs(font_of: np.ndarray) -> Inputs:
        def draw(rows: np.ndarray, rng: np.random.Generator | None) -> tuple[Tensor]:
            return (torch.from_numpy(spectrograms.batch(place[rows, font_of[rows]])),)

        return draw

    for seed, (taught, number) in product(range(seeds), enumerate(COUNTS)):
        names = [row_name(number, soundfont) for soundfont in SOUNDFONTS]
        if all(run_path(out, name, seed).exists() for name in names):
            continue
        checkpoint = folder / f'{number}.{seed}.pt'
        given = inputs(fonts[taught])
        validate = macro_f1_on(val, sample.label[val], given)
        model = fit(make, train, given, targets, train_settings, seed, checkpoint, validate)
        logits = np.zeros((rows.size, len(CLASSES)), dtype=np.float32)
        for index, name in enumerate(names):
            font_of = fonts[taught].copy()
            font_of[tested] = index
            logits[asked] = predict(model, asked, inputs(font_of))
            store_answers(out, name, seed, logits, sample, val, sample.class_frequencies())
        checkpoint.unlink()
    write_study(out, _described(train.size, settings.epochs, recipe.teacher.network))
    return out


def _described(training_windows: int, epochs: int, network: str) -> Study:
    """What the rows of the study are, and which of them are compared."""
    rows = tuple(
        StudyRow(row_name(number, soundfont), _title(count + 1, index), training_windows, epochs, network)
        for count, number in enumerate(COUNTS)
        for index, soundfont in enumerate(SOUNDFONTS)
    )
    question = 'What is the figure of AIC worth in a soundfont that it was not trained on?'
    # In the last soundfont, which is in no training, against one that is in all; and what each more teaches about it.
    known, new = SOUNDFONTS[0], SOUNDFONTS[-1]
    differences = (
        *((row_name(number, new), row_name(number, known)) for number in COUNTS),
        *((row_name(more, new), row_name(fewer, new)) for fewer, more in pairwise(COUNTS)),
    )
    return Study('soundfonts', question, rows, differences)


def row_name(number: str, soundfont: str) -> str:
    """The row of the teacher trained on so many soundfonts, tested in one: 'one-TimGM6mb'."""
    return f'{number}-{Path(soundfont).stem}'


def _title(count: int, tested: int) -> str:
    taught = ', '.join(Path(name).stem for name in SOUNDFONTS[:count])
    new = '' if tested < count else ', not in training'
    return f'AIC trained on {taught}; tested in {Path(SOUNDFONTS[tested]).stem}{new}'
