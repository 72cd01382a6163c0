"""Figures of what is not like the collections' labelled parts (other instruments, noise, plain music made by rule), and
of real parts that are taken for noise."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from export.data.generators import TAUGHT
from export.data.made_up import NOISE, PLAIN_MUSIC, MadeUp
from export.data.part_table import PartTable
from export.data.sources import COLLECTIONS, TESTED_SPLITS
from export.evaluation.by_collection import tested_collections
from export.evaluation.said import Said, logs_alone
from export.training.opinions import ALONE
from export.training.part_students import Trained, answers_alone
from music21_kdic.classes import CLASSES


def of_others(said: list[Said]) -> dict[str, list[float]]:
    """How well instruments outside the classes are told from the eight: AUROC alone and together, mean over seeds."""
    table = said[0].table
    among = np.isin(table.split, TESTED_SPLITS) & ((table.label >= 0) | table.outside)
    found = {}
    for name in (*COLLECTIONS, 'all'):
        rows = np.flatnonzero(among) if name == 'all' else said[0].of(name, among)
        outside = table.label[rows] < 0
        if outside.any() and not outside.all():
            of_levels = [
                np.mean([roc_auc_score(outside, -each.answers[level].ours[rows]) for each in said]) for level in (0, 1)
            ]
            found[name] = [round(float(each), 3) for each in of_levels]
    return found


def of_noise(students: list[Trained], said: list[Said], made_up: MadeUp) -> dict[str, float]:
    """How well real parts are told from each kind of noise by the log-odds of being music: AUROC, mean over seeds."""
    tested = said[0].table.tested
    found = {}
    for kind in made_up.kinds(NOISE, 'test'):
        noise = made_up.select(NOISE, 'test', kind)
        is_real = np.repeat([True, False], [tested.sum(), len(noise)])
        figures = [
            roc_auc_score(is_real, np.concatenate([each.answers[ALONE].music[tested], _music(student, noise.numbers)]))
            for student, each in zip(students, said, strict=True)
        ]
        found[kind] = round(float(np.mean(figures)), 4)
    return found


def of_real_parts(students: list[Trained], said: list[Said], cut: dict[int, PartTable]) -> dict[str, dict[str, float]]:
    """Which share of real test parts is more probably noise than music: by collection and bars, mean over seeds.

    Args:
        students: asked about the parts that are cut.
        said: what they say of whole parts.
        cut: parts, by how many bars they are cut to.
    """
    found: dict[str, dict[str, float]] = {}
    for name in tested_collections(said[0].table):
        whole = said[0].of(name, said[0].table.tested)
        shares = {'all': [(each.answers[ALONE].music[whole] < 0).mean() for each in said]}
        for bars, table in cut.items():
            some = table.numbers[table.tested & table.of_collections([name])]
            if len(some):
                shares[str(bars)] = [(_music(student, some) < 0).mean() for student in students]
        found[name] = {bars: round(float(np.mean(each)), 4) for bars, each in shares.items()}
    return found


def of_plain_music(
    students: list[Trained], said: list[Said], made_up: MadeUp, least_music: float
) -> dict[str, dict[str, Any]]:
    """Plain music by rule: its class, how often it gets it, the answer it gets most, how often it passes for music.

    Args:
        students: the first is the one that ships; the answer that is commonest, and what passes for music, are its own.
        said: what they say of real parts, for their temperatures.
        made_up: what is made up.
        least_music: the probability of being music from which the first takes a part for music.
    """
    found = {}
    for kind in made_up.kinds(PLAIN_MUSIC, 'test'):
        plain = made_up.select(PLAIN_MUSIC, 'test', kind)
        logs = [
            logs_alone(student, each.temperatures[ALONE], plain.numbers)
            for student, each in zip(students, said, strict=True)
        ]
        answer = int(np.bincount(logs[0].argmax(axis=1)).argmax())
        found[kind] = {
            'class': CLASSES[int(plain.label[0])],
            'right': round(float(np.mean([(each.argmax(axis=1) == plain.label).mean() for each in logs])), 3),
            'answer': CLASSES[answer],
            'music': round(float((expit(_music(students[0], plain.numbers)) >= least_music).mean()), 3),
            'taught': kind in TAUGHT,
        }
    return found


def _music(student: Trained, numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return answers_alone(student.student, numbers).music
