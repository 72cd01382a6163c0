"""What a trained student of parts says of a table, and what was fitted to its answers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export.data.files import read_json, write_json
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS
from export.evaluation.calibration import equal_priors, fit_part_temperature
from export.evaluation.thresholds import Classified
from export.training.opinions import ALONE, TOGETHER
from export.training.part_students import Answers, Trained, answers, answers_alone
from music21_kdic.model.contract import LEVELS, Plausible

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """What is fitted to a student.

    Attributes:
        seed: that the student was trained with.
        temperatures: of its logits, alone and together.
        sure: by level (LEVELS) for each class the probability from which an answer is sure.
        plausible: by level, see :mod:`music21_kdic.answers.conformal`.
    """

    seed: int
    temperatures: tuple[float, float]
    sure: dict[str, list[float]]
    plausible: dict[str, Plausible]


def write_fitted(path: Path, fitted: Fitted) -> None:
    """Write what was fitted."""
    write_json(path, asdict(fitted))


def read_fitted(path: Path) -> Fitted:
    """Read what :func:`write_fitted` wrote.

    Raises:
        FileNotFoundError: where it is not there.
        ValueError: where it does not say to which seed's student it was fitted.
    """
    if not path.exists():
        raise FileNotFoundError(f'{path}: not there; run `python -m export evaluate` first')
    content = read_json(path)
    if 'seed' not in content:
        raise ValueError(f'{path}: does not say which seed it was fitted to; run `python -m export evaluate` again')
    plausible = {level: Plausible(**content['plausible'][level]) for level in LEVELS}
    alone, together = content['temperatures']
    return Fitted(content['seed'], (alone, together), content['sure'], plausible)


@dataclass(frozen=True, eq=False)
class Said:
    """What a student says of a table's parts, alone and together with their scores.

    Attributes:
        table: the parts.
        temperatures: fitted to its validation parts, without those of collections that the student was not shown.
        logs: log probabilities under equal priors, each of shape (parts, 8).
        answers: everything else.
    """

    table: PartTable
    temperatures: tuple[float, float]
    logs: tuple[Floats, Floats]
    answers: tuple[Answers, Answers]

    def of(self, collection: str, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Which parts of a collection are among some rows."""
        return np.flatnonzero(rows & self.table.of_collections([collection]))

    def classified(self, level: int, rows: npt.NDArray[np.int64]) -> Classified:
        """What is answered to some labelled parts, ALONE or TOGETHER."""
        return Classified(self.logs[level][rows], self.table.label[rows])


def ask(trained: Trained, table: PartTable, left_out: Sequence[str] = ()) -> Said:
    """Ask a student about all parts of a table, and fit the temperatures to those of its validation split.

    Args:
        trained: the student.
        table: the parts.
        left_out: collections that the student was not shown; the temperatures are not fitted to them either.

    Raises:
        ValueError: where no validation part is there that a temperature could be fitted to.
    """
    fitted_to = table.validation & ~table.of_collections(left_out)
    alone = answers_alone(trained.student, table.numbers)
    fitted_alone, logs_of_alone = _fit(trained, table, alone, ALONE, fitted_to)
    context = table.told(np.exp(logs_of_alone)).context
    together = answers(trained.student, table.numbers, context, table.known)
    fitted_together, logs_of_together = _fit(trained, table, together, TOGETHER, fitted_to & table.known)
    logs_of_together[~table.known] = logs_of_alone[~table.known]
    return Said(table, (fitted_alone, fitted_together), (logs_of_alone, logs_of_together), (alone, together))


def _fit(
    trained: Trained, table: PartTable, said: Answers, level: int, rows: npt.NDArray[np.bool_]
) -> tuple[float, Floats]:
    """The temperature of a level, fitted to some parts, and the log probabilities of all under equal priors."""
    if not rows.any():
        wanted = 'one' if level == ALONE else 'one that stands in a score of several parts'
        names = ' '.join(COLLECTIONS[number] for number in np.unique(table.collection))
        raise ValueError(
            f'{names}: 0 labelled parts of the split val to fit the temperature {LEVELS[level]} to, wanted at least '
            f'{wanted}: give --collections that have some'
        )
    priors = trained.priors[level]
    fitted = fit_part_temperature(
        said.classes[rows], said.music[rows], table.label[rows], table.collection[rows], priors
    )
    return fitted, equal_priors(said.classes, said.music, priors, fitted)


def logs_alone(trained: Trained, temperature: float, numbers: npt.NDArray[np.float32]) -> Floats:
    """Log probabilities under equal priors of parts, each by itself: shape (parts, 8)."""
    said = answers_alone(trained.student, numbers)
    return equal_priors(said.classes, said.music, trained.priors[ALONE], temperature)
