"""What a student of notes learns from the matching teacher, beside the controls that would do as well without sound.

Every row is tuned on the validation windows with a seed that is not in the table, over six settings each; then it is
trained with every seed of the table under the best of them.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from export.data.files import read_json, write_json
from export.data.window_table import WindowTable
from export.networks.losses import HardTargets, Loss, SoftTargets
from export.networks.students import STUDENTS
from export.recipe import Recipe
from export.studies.control_targets import averaged_over_classes, shuffled_within_classes
from export.studies.folds import cross_fitted, out_of_sample, teacher_facts
from export.studies.store import StudyRow, run_path, store_answers
from export.training.fit import fit, macro_f1, macro_f1_on, predict
from export.training.window_inputs import PackedRolls
from music21_kdic.classes import CLASSES

BATCH_SIZE = 128
EPOCHS = (2, 4, 8)
HARD_WEIGHTS = (0.0, 0.4)
SMOOTHINGS = (0.1, 0.3)
LEARNING_RATES = (3e-3, 6e-3)
LEARNING_RATE = 3e-3
TUNING_SEED = 1000
CONTROL_SEED = 7  # of the shuffled control


@dataclass(frozen=True)
class Setting:
    """One way to train a student; ``share`` is the weight of hard labels, or how much they are smoothed."""

    epochs: int
    share: float
    learning_rate: float


@dataclass(frozen=True)
class Lesson:
    """What the students of a row learn from.

    Attributes:
        title: for the reader of the table.
        targets: of the training set, given a setting's share.
        shares, learning_rates: those that are tried; as many pairs in every lesson.
    """

    title: str
    targets: Callable[[float], Loss]
    shares: tuple[float, ...] = HARD_WEIGHTS
    learning_rates: tuple[float, ...] = (LEARNING_RATE,)

    @property
    def settings(self) -> list[Setting]:
        """All that are tried."""
        return [Setting(*values) for values in product(EPOCHS, self.shares, self.learning_rates)]


class Students:
    """The students of the study.

    Args:
        sample: the windows of the study.
        fold: of each window, 0 or 1.
        watched: validation windows that are predicted after each epoch; the choice is made on all.
        recipe: whose student's network, grid and weight decay are taken.
        checkpoints: a folder.
        out: the study's.
    """

    def __init__(
        self,
        sample: WindowTable,
        fold: np.ndarray,
        watched: np.ndarray,
        recipe: Recipe,
        checkpoints: Path,
        out: Path,
    ) -> None:
        self._sample = sample
        self._fold = fold
        self._recipe = recipe
        self._checkpoints = checkpoints
        self._out = out
        self._inputs = PackedRolls(sample, recipe.grid).inputs
        self._validate = macro_f1_on(watched, sample.label[watched], self._inputs)
        self._train = sample.rows('train')

    def rows(self, matching: np.ndarray, audio: np.ndarray, seeds: int) -> list[StudyRow]:
        """Tune and train every row that is not there yet.

        Args:
            matching: the out-of-sample logits of the matching teacher, of every window, shape (windows, 8).
            audio: those of the ordinary audio teacher, likewise.
            seeds: how often each row is trained.
        """
        labels = self._sample.label[self._train]
        taught = {
            'nic': Lesson('NIC', lambda share: HardTargets(labels), (0.0,), LEARNING_RATES),
            'smoothing': Lesson('NIC, label smoothing', lambda share: HardTargets(labels, share), SMOOTHINGS),
        }
        settings = {name: self._tune(name, lesson) for name, lesson in taught.items()}
        nic = self._cross_fitted_nic(settings['nic'])[self._train]
        matched = matching[self._train]
        both = np.log((softmax(nic, axis=1) + softmax(matched, axis=1)) / 2)
        shuffled = shuffled_within_classes(matched, labels, np.random.default_rng(CONTROL_SEED))
        for name, title, logits in (
            ('born-again', 'born again from a NIC', nic),
            ('audio', 'KDIC, ordinary audio teacher', audio[self._train]),
            ('matching', 'KDIC, matching teacher', matched),
            ('matching-shuffled', 'matching, shuffled within the class', shuffled),
            ('matching-averaged', 'matching, averaged over the class', averaged_over_classes(matched, labels, 1.0)),
            ('matching-born-again', 'matching and born again from a NIC', both),
        ):
            targets = self._distil(logits.astype(np.float32), labels)
            taught[name] = Lesson(title, targets)
            settings[name] = self._tune(name, taught[name])
        for seed, (name, lesson) in product(range(seeds), taught.items()):
            if not run_path(self._out, name, seed).exists():
                logits = self._logits(f'{name}.{seed}', lesson, settings[name], seed)
                priors = np.full(len(CLASSES), 1 / len(CLASSES))
                store_answers(self._out, name, seed, logits, self._sample, self._sample.rows('val'), priors)
        network = self._recipe.student.network
        return [
            StudyRow(name, lesson.title, self._train.size, settings[name].epochs, network)
            for name, lesson in taught.items()
        ]

    @staticmethod
    def _distil(logits: np.ndarray, labels: np.ndarray) -> Callable[[float], Loss]:
        return lambda share: SoftTargets(logits, labels, 1.0, share)

    def _tune(self, name: str, lesson: Lesson) -> Setting:
        """The setting that is best on validation; what was found of each is kept in ``tuning.json``."""
        path = self._out / 'tuning.json'
        found: dict[str, list[dict[str, Any]]] = read_json(path) if path.exists() else {}
        tried = found.setdefault(name, [])
        val = self._sample.rows('val')
        validation: dict[Setting, float] = {}
        for setting in lesson.settings:
            known = [entry['validation'] for entry in tried if asdict(setting).items() <= entry.items()]
            if known:
                validation[setting] = known[0]
                continue
            logits = self._logits(f'{name}.tuning', lesson, setting, TUNING_SEED)
            validation[setting] = round(macro_f1(logits[val], self._sample.label[val]), 4)
            tried.append({**asdict(setting), 'validation': validation[setting]})
            write_json(path, found)
        return max(validation, key=lambda setting: validation[setting])

    def _cross_fitted_nic(self, setting: Setting) -> np.ndarray:
        """Out-of-sample logits of a NIC for each window of the training set, shape (windows of the sample, 8).

        It is trained twice as long, in as many steps, since it has half of the windows.
        """
        longer = replace(setting, epochs=2 * setting.epochs)

        def train_on(number: int, rows: np.ndarray) -> np.ndarray:
            hard = HardTargets(self._sample.label[rows])
            return self._answers(f'nic.fold{number}', rows, hard, longer, number, self._train)

        logits = out_of_sample(cross_fitted(train_on, self._sample, self._fold), self._fold)
        facts = teacher_facts(logits[self._train], self._sample.label[self._train])
        write_json(self._out / 'nic_teacher.json', {'train, out of sample': facts})
        return logits

    def _logits(self, name: str, lesson: Lesson, setting: Setting, seed: int) -> np.ndarray:
        """Of validation and test windows; the others' are 0."""
        asked = np.concatenate([self._sample.rows('val'), self._sample.rows('test')])
        return self._answers(name, self._train, lesson.targets(setting.share), setting, seed, asked)

    def _answers(
        self, name: str, rows: np.ndarray, targets: Loss, setting: Setting, seed: int, asked: np.ndarray
    ) -> np.ndarray:
        """Train a student, and have its logits of the windows asked for; its weights are not kept."""
        train_settings = replace(
            self._recipe.student,
            epochs=setting.epochs,
            batch_size=BATCH_SIZE,
            learning_rate=setting.learning_rate,
        )
        checkpoint = self._checkpoints / f'{name}.pt'
        model = fit(
            lambda: STUDENTS[self._recipe.student.network](self._recipe.grid),
            rows,
            self._inputs,
            targets,
            train_settings,
            seed,
            checkpoint,
            self._validate,
        )
        logits = np.zeros((self._sample.label.size, len(CLASSES)), dtype=np.float32)
        logits[asked] = predict(model, asked, self._inputs)
        checkpoint.unlink()
        return logits
