"""Figures of students of parts by collection: how often right, short parts, left-out collections, instruments, trust.

Each function returns what goes into the results' JSON: figures by collection, or by kind of music. What is asked twice,
by itself and with its score, is by level (LEVELS) too.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from export.data.instruments import CLASS_OF_INSTRUMENT, instruments_of
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS, NEVER_LEARNT
from export.evaluation.measures import (
    calibration_error,
    deviation,
    intervals,
    lower_bound,
    ranking,
    right,
    under_priors,
)
from export.evaluation.said import Fitted, Said, ask, logs_alone
from export.evaluation.thresholds import Classified, marked, marked_by_class, plausible_sets
from export.training.part_students import FAR_FROM, Trained
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import LEVELS

FIRST = (1, 2, 3)  # of the likeliest classes
NAMED_FIRST = (1, 3)  # of the likeliest instruments of the true class
Figures = dict[str, Any]
Sets = tuple[dict[str, Classified], dict[str, Classified]]  # by what they are: alone, and together


def rounded(figures: npt.ArrayLike, digits: int = 4) -> list[float]:
    """Figures as they are stored."""
    found: list[float] = np.round(np.asarray(figures, dtype=np.float64), digits).tolist()
    return found


def tested_collections(table: PartTable) -> list[str]:
    """The collections that have parts to test on."""
    return [name for name in COLLECTIONS if (table.tested & table.of_collections([name])).any()]


def of_collections(said: list[Said], level: int, boosting: npt.NDArray[np.float64]) -> Figures:
    """Each collection's test parts: mean over seeds, their deviation, and intervals over groups and seeds.

    Args:
        said: by students of several seeds, of the same table.
        level: ALONE or TOGETHER.
        boosting: what the assistants say of the same parts, NaN where nothing, shape (parts, 8).
    """
    table = said[0].table
    found: Figures = {}
    for name in tested_collections(table):
        rows = said[0].of(name, table.tested)
        label, single = table.label[rows], rows[~table.doubled[rows]]
        logs = [each.logs[level][rows] for each in said]
        of_seeds = [right(each, label) for each in logs]
        macro, accuracy, weighted = rounded(np.mean(of_seeds, axis=0))
        frequencies = _frequencies(table, name)
        shown = [calibration_error(np.exp(each), label) for each in logs]
        own = [calibration_error(np.exp(under_priors(each, frequencies)), label) for each in logs]
        order = np.argsort(-logs[0], axis=1)
        found[name] = {
            'parts': int(rows.size),
            'macro_f1': macro,
            'accuracy': accuracy,
            'weighted_f1': weighted,
            'deviation_over_seeds': rounded(deviation(of_seeds)),
            'interval': intervals(logs, label, table.group[rows]),
            'without_doubled_parts': rounded(
                np.mean([right(each.logs[level][single], table.label[single]) for each in said], axis=0)
            ),
            'auc': round(float(np.mean([ranking(each, label) for each in logs])), 4),
            'boosting': rounded([*right(boosting[rows], label), ranking(boosting[rows], label)]),
            'calibration_error': round(float(np.mean(shown)), 4),
            'calibration_error_own_frequencies': round(float(np.mean(own)), 4),
            'among_the_first': rounded([(order[:, :n] == label[:, None]).any(axis=1).mean() for n in FIRST], 3),
            'classes': {
                class_name: [int((label == each).sum()), round(float((order[label == each, 0] == each).mean()), 3)]
                for each, class_name in enumerate(CLASSES)
                if (label == each).any()
            },
        }
    return found


def in_short(said: list[Said]) -> Figures:
    """Macro-F1 and accuracy by collection and level: mean over seeds, and the deviation of macro-F1."""
    table = said[0].table
    found: Figures = {}
    for name in tested_collections(table):
        rows = said[0].of(name, table.tested)
        for level, title in enumerate(LEVELS):
            of_seeds = [right(each.logs[level][rows], table.label[rows])[:2] for each in said]
            found.setdefault(name, {})[title] = rounded([*np.mean(of_seeds, axis=0), deviation(of_seeds)[0]])
    return found


def _frequencies(table: PartTable, collection: str) -> npt.NDArray[np.float64]:
    """How frequent the classes are among a collection's validation parts; lakh has none, and takes those of pop."""
    like = 'pop' if collection == NEVER_LEARNT else collection
    counts = np.bincount(table.label[table.validation & table.of_collections([like])], minlength=len(CLASSES)) + 0.5
    frequencies: npt.NDArray[np.float64] = counts / counts.sum()
    return frequencies


def by_bars(students: list[tuple[Trained, float]], cut: dict[int, PartTable]) -> Figures:
    """Macro-F1 and accuracy of parts that are cut to so many bars, classified alone: by collection and bars.

    Args:
        students: each with its temperature alone.
        cut: the parts, by how many bars.
    """
    found: Figures = {}
    for bars, table in cut.items():
        for name in tested_collections(table):
            some = table.select(table.tested & table.of_collections([name]))
            figures = [right(logs_alone(*student, some.numbers), some.label)[:2] for student in students]
            found.setdefault(name, {})[str(bars)] = rounded(np.mean(figures, axis=0))
    return found


def of_left_out(without: dict[str, Trained], whole: PartTable) -> tuple[Figures, Sets]:
    """What students make of collections that they were not shown: figures of all parts, and answers to fit to.

    What is tested on is not among those answers: thresholds that were fitted to it would be measured on it, too.

    Args:
        without: the students, by those collections (with a space between them).
        whole: parts as they are, of all splits: all parts of such a collection are new to the student.

    Returns:
        Macro-F1, accuracy, weighted F1 and AUC of all parts of each collection by level; and by level the answers to
        those that are not tested on. Collections of which every part is tested (lakh) have figures, and no answers.
    """
    figures: Figures = {}
    sets: Sets = ({}, {})
    for names, student in without.items():
        collections = names.split()
        new = whole.of_collections(collections)
        said = ask(student, whole.select(new | (whole.split != 'train')), collections)
        labelled = said.table.label >= 0
        for name in collections:
            rows = said.of(name, labelled)
            if rows.size:
                figures[name] = {
                    level: rounded([*right(logs, label), ranking(logs, label)])
                    for number, level in enumerate(LEVELS)
                    for logs, label in ((said.logs[number][rows], said.table.label[rows]),)
                }
        rows = np.flatnonzero(labelled & ~said.table.tested & said.table.of_collections(collections))
        for number in range(len(LEVELS)):
            if rows.size:
                sets[number][f'{", ".join(collections)}, left out'] = said.classified(number, rows)
    return figures, sets


def of_instruments(said: Said, learnt: PartTable) -> Figures:
    """How often the instrument within the true class is right: at once, and among the first three.

    Args:
        said: by the shipped student.
        learnt: what it learnt from; its commonest instrument of each class is what it is held against.
    """
    known = instruments_of(learnt.label, learnt.program)
    counts = np.bincount(known[known >= 0], minlength=CLASS_OF_INSTRUMENT.size)
    in_class = CLASS_OF_INSTRUMENT[None] == np.arange(len(CLASSES))[:, None]
    common = np.argsort(-np.where(in_class, counts + 1, 0), axis=1)
    true = instruments_of(said.table.label, said.table.program)
    found: Figures = {}
    for name in tested_collections(said.table):
        rows = said.of(name, said.table.tested & (true >= 0))
        if not rows.size:
            continue
        label, instrument = said.table.label[rows], true[rows]
        found[name] = {'commonest': _among(common[label], instrument)}
        for number, level in enumerate(LEVELS):
            order = np.argsort(-np.where(in_class[label], said.answers[number].instruments[rows], FAR_FROM), axis=1)
            found[name][level] = _among(order, instrument)
            found[name][f'{level}_by_class'] = {
                CLASSES[each]: round(float((order[:, 0] == instrument)[label == each].mean()), 3)
                for each in np.unique(label)
            }
    return found


def _among(order: npt.NDArray[np.int64], true: npt.NDArray[np.int64]) -> list[float]:
    return rounded([(order[:, :n] == true[:, None]).any(axis=1).mean() for n in NAMED_FIRST], 3)


def of_sure_answers(sets: Sets, fitted: Fitted) -> Figures:
    """Of each set: the share marked sure, how much of that is right, and the lower bound of that."""
    found: Figures = {}
    for of_level, level in zip(sets, LEVELS, strict=True):
        found[level] = {}
        for title, classified in of_level.items():
            hits, count = marked(classified, np.array(fitted.sure[level]))
            shares = count / classified.label.size, hits / max(1, count), lower_bound(hits, count)
            found[level][title] = rounded(shares, 3)
    return found


def of_sure_answers_by_class(sets: Sets, fitted: Fitted) -> Figures:
    """Of each set: of the answers that name each class, how many that are marked sure are right, and how many are."""
    return {
        level: {
            title: marked_by_class(classified, np.array(fitted.sure[level])).T.tolist()
            for title, classified in of_level.items()
        }
        for of_level, level in zip(sets, LEVELS, strict=True)
    }


def of_plausible_sets(sets: Sets, fitted: Fitted) -> Figures:
    """Of each set: how many plausible sets hold the right class, and their mean size."""
    found: Figures = {}
    for of_level, level in zip(sets, LEVELS, strict=True):
        found[level] = {}
        for title, classified in of_level.items():
            inside = plausible_sets(np.exp(classified.logs), fitted.plausible[level])
            covered = inside[np.arange(classified.label.size), classified.label].mean()
            found[level][title] = rounded([covered, inside.sum(axis=1).mean()], 3)
    return found
