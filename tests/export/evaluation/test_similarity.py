import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from scipy.spatial.distance import pdist

from export.data.part_table import PartTable
from export.evaluation.similarity import ROLE, correlation, of_teacher, similarity
from export.training.opinions import Opinion
from music21_kdic.features.number_names import CONTEXT_NUMBERS, MEAN_PITCH, PART_NUMBERS

PROGRAMS = np.array([24, 25, 40, 42, 56, 57])  # two guitars, two strings, two brass


def parts(pitch, notes_at_once) -> PartTable:
    """Twelve parts of each program."""
    size = 12 * PROGRAMS.size
    numbers = np.zeros((size, len(PART_NUMBERS)), np.float32)
    numbers[:, MEAN_PITCH], numbers[:, ROLE[0]] = np.repeat(pitch, 12), np.repeat(notes_at_once, 12)
    none, false = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    split = np.array(['test'] * size)
    label = np.repeat([0, 0, 3, 3, 5, 5], 12)
    context = np.zeros((size, len(CONTEXT_NUMBERS)), np.float32)
    program = np.repeat(PROGRAMS, 12)
    return PartTable(
        numbers, context, none, false, label, false, program, none, split, split, false, false, np.arange(size)
    )


def test_a_network_that_confuses_by_register_is_told_from_one_that_confuses_by_family():
    low_and_high = np.array([40, 80, 40, 80, 40, 80])
    table = parts(pitch=low_and_high, notes_at_once=[1, 1, 1, 4, 4, 4])
    by_family = similarity(table, np.repeat(np.eye(8)[[0, 0, 3, 3, 5, 5]] * 0.9 + 0.0125, 12, axis=0))
    by_register = similarity(table, np.repeat(np.eye(8)[[2, 6] * 3] * 0.9 + 0.0125, 12, axis=0))
    assert list(by_family.means) == ['nylon guitar', 'steel guitar', 'violin', 'cello', 'trumpet', 'trombone']
    assert by_family.families[0] == by_register.register[0] == 1
    assert by_family.register[0] < 0.1
    assert by_register.families[0] < 0.1
    assert by_family.cophenetic == by_register.cophenetic == 1
    assert similarity(table.select(table.label == 0), np.full((24, 8), 1 / 8)) is None  # two instruments


def test_the_teacher_is_asked_about_what_it_heard_under_equal_priors():
    table = parts(pitch=range(6), notes_at_once=range(6))
    heard = np.flatnonzero(table.program != 57)
    frequent = np.array([3.0, 1, 1, 1, 1, 1, 1, 1])  # it answers three times as often with the first class
    equal = np.eye(8)[table.label[heard]] * 0.5 + 1 / 16
    said = equal * frequent
    said /= said.sum(axis=1, keepdims=True)
    opinion = Opinion(table.collection[heard], table.row[heard], said.astype(np.float32), said.astype(np.float32))
    found = of_teacher(opinion, table)
    assert 'trombone' not in found.means
    said = said / said.mean(axis=0)
    assert found.means['violin'] == pytest.approx((said / said.sum(axis=1, keepdims=True))[24], abs=1e-4)


def test_distances_that_follow_families_are_told_from_those_that_do_not():
    family = np.repeat([0, 1, 2], 5)
    apart = pdist(family[:, None], lambda one, other: float(one[0] != other[0]))
    noise = np.random.default_rng(1).normal(scale=0.1, size=apart.size)
    assert correlation(apart + noise, apart)[0] > 0.9
    assert correlation(apart + noise, apart)[1] < 0.01
    assert correlation(np.abs(noise), apart)[1] > 0.05
