"""Stored answers: small files of what trained rows answered, from which every table and figure is made.

A *study* is a folder: what its rows share, and the class that each row, trained with each seed, gave to each window
and part. Nothing else is needed to count anything again, so weights and logits need not be kept.

    STUDY/study.json          the question, and what each row is
    STUDY/test_set.npz        whose windows they are
    STUDY/<row>.<seed>.npz    the answers
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from export.data.files import read_json, write_atomically, write_json
from export.data.window_table import WindowTable
from export.evaluation.calibration import Scaling, fit_temperature
from export.training.stored_logits import part_means
from music21_kdic.classes import CLASSES

STUDY_LEVELS = ('windows', 'parts')
# The network's own answer (classes are as frequent as in training), and that under equal priors.
DECISIONS = ('trained', 'equal')
PLACES = ('pop', 'scores', 'lakh')


@dataclass(frozen=True)
class StudyRow:
    """What a row is, for the reader of the table.

    Attributes:
        drawn_as: the name that it had when its interval was first drawn, where it has another now; see :class:`Study`.
    """

    name: str
    title: str
    training_windows: int
    epochs: int
    network: str
    drawn_as: str = ''


@dataclass(frozen=True)
class Study:
    """A question, and the rows that answer it; all are tested on the same windows.

    Attributes:
        differences: pairs of row names, the first is held against the second.
        drawn_as: the name that it had when its intervals were first drawn, where it has another now. Names seed the
            draws: a new name alone shall not move a published interval.
    """

    name: str
    question: str
    rows: tuple[StudyRow, ...]
    differences: tuple[tuple[str, str], ...] = ()
    drawn_as: str = ''


@dataclass(frozen=True)
class TestSet:
    """The windows that every row of a study is tested on.

    Attributes:
        part: the part of each window, index into the next three, shape (windows,).
        label: class of each part, index into CLASSES, shape (parts,).
        song: each part's cluster of near-duplicate songs, numbered from 0, shape (parts,).
        source: where each part comes from ('pop', 'lakh', or one of those that make up ``scores``), shape (parts,).
    """

    __test__ = False  # not one of pytest's

    part: np.ndarray
    label: np.ndarray
    song: np.ndarray
    source: np.ndarray

    @classmethod
    def of(cls, table: WindowTable, rows: np.ndarray) -> 'TestSet':
        """The test set of some rows of the window table; its windows are in their order, its parts in rising order."""
        _, first, part = np.unique(table.part[rows], return_index=True, return_inverse=True)
        _, song = np.unique(table.group[rows][first], return_inverse=True)
        return cls(part, table.label[rows][first], song, table.source[rows][first])

    def hash(self) -> str:
        """What the test set is known by: two of the same windows have the same."""
        columns = [getattr(self, each.name).tolist() for each in fields(self)]
        return hashlib.sha256(repr(columns).encode()).hexdigest()

    @property
    def place(self) -> np.ndarray:
        """The collection of each part, one of PLACES, shape (parts,)."""
        return np.where(np.isin(self.source, PLACES), self.source, 'scores')


Decided = Mapping[str, Mapping[str, np.ndarray]]  # decision -> level -> class of each window or part, uint8


def decide(logits: np.ndarray, scaling: Scaling, test_set: TestSet) -> Decided:
    """The likeliest class of each test window and part, from a network's logits of the windows, shape (windows, 8).

    A part's is that of its windows' mean log probabilities.
    """
    logs = scaling(logits)
    means, _ = part_means(logs, test_set.part)
    priors = {'trained': np.log(scaling.priors), 'equal': np.zeros(len(CLASSES))}
    return {
        decision: {
            level: (values + priors[decision]).argmax(axis=1).astype(np.uint8)
            for level, values in (('windows', logs), ('parts', means))
        }
        for decision in DECISIONS
    }


def write_test_set(folder: Path, test_set: TestSet) -> None:
    """Write the test set of a study."""
    arrays = {f.name: getattr(test_set, f.name) for f in fields(test_set)}
    _write_compressed(folder / 'test_set.npz', arrays)


def write_study(folder: Path, study: Study) -> None:
    """Write what the rows of a study are."""
    write_json(folder / 'study.json', asdict(study))


def run_path(folder: Path, row: str, seed: int) -> Path:
    """The file of a row trained with a seed; a row whose file is there need not be trained again."""
    return folder / f'{row}.{seed}.npz'


def write_run(folder: Path, row: str, seed: int, decided: Decided) -> None:
    """Write the answers of a row trained with a seed."""
    arrays = {
        f'{level}.{decision}': answers for decision, levels in decided.items() for level, answers in levels.items()
    }
    _write_compressed(run_path(folder, row, seed), arrays)


def store_answers(
    folder: Path, row: str, seed: int, logits: np.ndarray, sample: WindowTable, watched: np.ndarray, priors: np.ndarray
) -> None:
    """Store what a network answered to the test windows of a sample.

    Args:
        folder: of the study.
        row: its name in the study.
        seed: that the network was trained with.
        logits: of every window of the sample, shape (windows, 8); only those of ``watched`` and the test set count.
        sample: the windows that the study draws.
        watched: rows of the sample on which the temperature is fitted.
        priors: how frequent the classes were in training, shape (8,).
    """
    tested = sample.rows('test')
    scaling = Scaling(fit_temperature(logits[watched], sample.label[watched]), priors)
    write_run(folder, row, seed, decide(logits[tested], scaling, TestSet.of(sample, tested)))


def read_test_set(folder: Path) -> TestSet:
    """Read the test set of a study."""
    with np.load(folder / 'test_set.npz') as file:
        return TestSet(**file)


def read_study(folder: Path) -> Study:
    """Read what the rows of a study are."""
    content = read_json(folder / 'study.json')
    rows = tuple(StudyRow(**row) for row in content['rows'])
    differences = tuple((first, second) for first, second in content.get('differences', ()))
    return Study(content['name'], content['question'], rows, differences, content.get('drawn_as', ''))


def read_runs(folder: Path, row: str) -> dict[int, Decided]:
    """Read the answers of a row, by seed."""
    runs: dict[int, Decided] = {}
    for path in sorted(folder.glob(f'{row}.[0-9]*.npz')):
        with np.load(path) as file:
            runs[int(path.stem.rpartition('.')[2])] = {
                decision: {
                    level: file[f'{level}.{decision}'] for level in STUDY_LEVELS if f'{level}.{decision}' in file
                }
                for decision in DECISIONS
            }
    return runs


def _write_compressed(path: Path, arrays: dict[str, np.ndarray]) -> None:
    write_atomically(path, lambda part: np.savez_compressed(part, **arrays))  # type: ignore[arg-type]
