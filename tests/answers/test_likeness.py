"""The likeness score and its interval, held against the formulas worked by hand."""

import dataclasses
import math

import numpy as np
import pytest

from music21_kdic import CLASSES, ClassNameError
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import class_named, contributions, likeness
from music21_kdic.model.session import load_model, log_softmax
from music21_kdic.reading.notes import NoteSequence


class Spread:
    """A contract of which only the spread is asked."""

    spread = np.full(8, 0.5)


def answer(rows):
    logs = log_softmax(np.array(rows, dtype=float))
    return InstrumentLikelihood(
        probabilities=np.exp(log_softmax(logs.mean(axis=0))),
        kinds=(),
        within=np.zeros(0),
        plausible=(),
        matrix=np.exp(logs),
        offsets=np.zeros((len(rows), 2)),
        measures=((1, 2),) * len(rows),
        windows=len(rows),
        name='',
        notes=2,
        status='ok',
        sure=False,
        music=1.0,
        other=0.0,
    )


def test_one_window_by_hand():
    """Logits 2, 0, ..., 0: odds e^2 to 7; one window, so its variance is the usual one, 0.25: margin 1.645 * 0.5."""
    found = likeness(answer([[2, 0, 0, 0, 0, 0, 0, 0]]), 'Guitar', Spread())
    odds = math.log(math.exp(2) / 7)
    assert found.score == pytest.approx(1 / (1 + math.exp(-odds)))
    assert found.low == pytest.approx(1 / (1 + math.exp(-(odds - 1.645 * 0.5))))
    assert found.high == pytest.approx(1 / (1 + math.exp(-(odds + 1.645 * 0.5))))
    assert found.windows == 1


def test_the_score_is_the_part_s_and_its_error_that_of_the_windows():
    """The head says odds of e^2 to 7; windows of even odds and of e to 7, the usual variance counts four times.

    What they add differs by 1, so the squares sum to a half: (4 * 0.25 + 0.5) / (4 + 2 - 1) is the variance of one.
    """
    windows = answer([[0] * 8, [1] + [0] * 7])
    part = np.exp(log_softmax(np.array([2.0] + [0] * 7)))
    found = likeness(dataclasses.replace(windows, probabilities=part), 'Guitar', Spread())
    odds, margin = math.log(math.exp(2) / 7), 1.645 * math.sqrt(0.3 / 2)
    assert found.score == pytest.approx(1 / (1 + math.exp(-odds)))
    assert (found.low, found.high) == pytest.approx([1 / (1 + math.exp(-(odds + side * margin))) for side in (-1, 1)])
    assert found.windows == 2


def test_the_score_is_the_part_s_likelihood():
    part = NoteSequence(np.arange(32.0), np.arange(32.0) + 1, 40 + np.arange(32) % 7, 4 * np.arange(9.0))
    (judged,) = classify([part], load_model())
    for name in CLASSES:
        found = likeness(judged, name.lower(), load_model().contract)
        assert found.score == pytest.approx(judged[name])
        assert 0 <= found.low < found.score < found.high <= 1


def test_a_repeated_melody_scores_the_same_and_is_as_sure():
    """Two bars a hundred times over are the evidence of two bars: no more guitar-like, and known no better."""
    two = answer([[2, 0, 0, 0, 0, 0, 0, 0]])
    two_hundred = answer([[2, 0, 0, 0, 0, 0, 0, 0]] * 100)
    once, again = (likeness(one, 'Guitar', Spread()) for one in (two, two_hundred))
    assert (again.score, again.low, again.high, again.windows) == pytest.approx(
        (once.score, once.low, once.high, once.windows)
    )


def test_more_different_windows_are_surer():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(64, 8))
    found = [likeness(answer(rows[:count]), 'Bass', Spread()) for count in (1, 4, 16, 64)]
    widths = [one.high - one.low for one in found]
    assert widths == sorted(widths, reverse=True)
    assert widths[3] < widths[1] / 2


def test_contributions_average_to_the_log_odds_to_first_order():
    rng = np.random.default_rng(2)
    logs = log_softmax(0.01 * rng.normal(size=(10, 8)))
    mean = log_softmax(logs.mean(axis=0))
    p = np.exp(mean)
    by_hand = [
        math.log(row[3]) - sum(p[j] / (1 - p[3]) * math.log(row[j]) for j in range(8) if j != 3) for row in np.exp(logs)
    ]
    assert contributions(logs, mean, 3) == pytest.approx(by_hand)
    shifted = logs.mean(axis=0) + np.eye(8)[3] * 1e-4
    change = np.log(np.exp(shifted)[3] / np.exp(np.delete(shifted, 3)).sum()) - np.log(p[3] / (1 - p[3]))
    assert change == pytest.approx(1e-4, rel=1e-3)


def test_names_of_classes():
    assert [class_named(name) for name in ('guitar', ' BASS ', 'Reed')] == ['Guitar', 'Bass', 'Reed']
    with pytest.raises(ClassNameError, match="'violin' is no class, wanted one of Guitar, "):
        class_named('violin')
