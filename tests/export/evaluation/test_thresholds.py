"""Parts drawn from probabilities that are known: thresholds that are fitted to some hold for others, too."""

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from scipy.special import log_softmax

from export.evaluation.thresholds import (
    NEVER,
    Classified,
    fit_plausible,
    fit_sure,
    marked,
    marked_by_class,
    plausible_sets,
)
from music21_kdic.answers.conformal import plausible_classes
from music21_kdic.classes import CLASSES
from music21_kdic.model.contract import Plausible
from tests.export.evaluation.worlds import with_confidence, world

EVEN = np.full(8, 1 / 8)


def classified(count, seed, sharpness=3.0):
    logs, label = world(count, EVEN, seed, sharpness)
    return Classified(log_softmax(logs, axis=1), label)


def test_sure_answers_are_right_as_often_as_wanted_on_the_worst_of_the_sets_and_on_others():
    sets = [classified(4000, seed, sharpness) for seed, sharpness in ((1, 6.0), (2, 4.0))]
    thresholds = np.array(fit_sure(sets))
    for each in (*sets, classified(20000, 3, 4.0)):
        hits, of = marked(each, thresholds)
        assert hits / of > 0.895
        assert of > 0.1 * each.label.size


def test_of_a_class_that_is_wrong_too_often_nothing_is_sure():
    """Answers of 0.95 to the first class, of which one in five is wrong."""
    label = np.where(np.arange(500) % 5 == 0, 3, 0)
    assert fit_sure([Classified(with_confidence(np.full(500, 0.95)), label)]) == [NEVER] * 8


def test_marked_answers_are_counted_by_the_class_that_they_name():
    """Three answers of 0.9 to the first class, of which two are right; from 0.95 on none of them is marked."""
    some = Classified(with_confidence(np.full(3, 0.9)), np.array([0, 0, 5]))
    assert marked_by_class(some, np.full(8, 0.85)).T.tolist() == [[2, 3], *[[0, 0]] * 7]
    assert marked(some, np.full(8, 0.85)) == (2, 3)
    assert marked(some, np.full(8, 0.95)) == (0, 0)


def test_plausible_sets_hold_the_class_as_often_as_wanted_in_every_set():
    sets = [classified(4000, 1, 3.0), classified(4000, 2, 1.5)]
    fitted = fit_plausible(sets)
    for each, lowest in ((sets[0], 0.9), (sets[1], 0.9), (classified(20000, 5, 1.5), 0.885)):
        inside = plausible_sets(np.exp(each.logs), fitted)
        assert inside[np.arange(each.label.size), each.label].mean() >= lowest
    sizes = [plausible_sets(np.exp(each.logs), fitted).sum(axis=1).mean() for each in sets]
    assert 1 <= sizes[0] < sizes[1] < 8  # of what is less certain more is plausible


@pytest.mark.parametrize('fitted', [Plausible(0.6, 0.1, 2), Plausible(0.9, 0.0, 1), Plausible(0.01, 0.03, 1)])
def test_they_are_the_sets_that_the_package_answers_with(fitted):
    probabilities = np.exp(classified(200, 7).logs)
    theirs = plausible_classes(probabilities, fitted)
    ours = [{CLASSES[i] for i in np.flatnonzero(row)} for row in plausible_sets(probabilities, fitted)]
    assert ours == [set(each) for each in theirs]
