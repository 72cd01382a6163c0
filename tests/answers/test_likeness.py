"""The likeness score and its interval, held against the formulas worked by hand."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.special import log_softmax

from music21_kdic import CLASSES, ClassNameError, Scorer, WishError, rank
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.likeness import Likeness, class_named, likeness, weights_of
from music21_kdic.model.session import load_model
from music21_kdic.reading.notes import NoteSequence


class Spread:
    """A contract of which only the spread is asked."""

    spread = np.repeat([[0.5], [0.4], [0.3], [0.1]], 8, axis=1)  # after 1, 2, 4 and 8 windows


def answer(rows):
    logs = log_softmax(np.array(rows, dtype=float), axis=-1)
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
    """Logits 2, 0, ..., 0: odds e^2 to 7; one window, so the margin is 1.645 * 0.5."""
    found = likeness(answer([[2, 0, 0, 0, 0, 0, 0, 0]]), 'Guitar', Spread())
    odds = math.log(math.exp(2) / 7)
    assert found.score == pytest.approx(1 / (1 + math.exp(-odds)))
    assert found.low == pytest.approx(1 / (1 + math.exp(-(odds - 1.645 * 0.5))))
    assert found.high == pytest.approx(1 / (1 + math.exp(-(odds + 1.645 * 0.5))))
    assert found.windows == 1


@pytest.mark.parametrize(('windows', 'error'), [(1, 0.5), (2, 0.4), (4, 0.3), (6, None), (8, 0.1), (50, 0.1)])
def test_the_score_is_the_part_s_and_its_error_that_of_so_many_different_windows(windows, error):
    """The part's odds are e^2 to 7; between four and eight windows the error is on a line over the logarithm."""
    error = error or 0.3 - 0.2 * math.log2(6 / 4)
    different = np.random.default_rng(1).normal(size=(windows, 8))
    part = np.exp(log_softmax(np.array([2.0] + [0] * 7)))
    judged = dataclasses.replace(answer(np.concatenate([different, different])), probabilities=part)
    found = likeness(judged, 'Guitar', Spread())
    odds, margin = math.log(math.exp(2) / 7), 1.645 * error
    assert found.score == pytest.approx(1 / (1 + math.exp(-odds)))
    assert (found.low, found.high) == pytest.approx([1 / (1 + math.exp(-(odds + side * margin))) for side in (-1, 1)])
    assert found.windows == windows


@pytest.mark.parametrize('priors', [[1] * 8, [1, 2, 3, 4, 5, 6, 7, 8]])
def test_the_score_is_the_probability_of_music_of_the_class(priors):
    """By Bayes' rule from the answer under equal priors, in which each class has an eighth of what is no music."""
    part = NoteSequence(np.arange(32.0), np.arange(32.0) + 1, 40 + np.arange(32) % 7, 4 * np.arange(9.0))
    (plain,), (judged,) = (classify([part], load_model(), given) for given in (None, priors))
    none = (1 - plain.music) / 8
    every = sum(prior * plain[name] for prior, name in zip(priors, CLASSES, strict=True))
    for prior, name in zip(priors, CLASSES, strict=True):
        found = likeness(judged, name.lower(), load_model().contract)
        assert found.score == pytest.approx(prior * (plain[name] - none) / every)
        assert found.log_odds == pytest.approx(math.log(found.score / (1 - found.score)))
        assert 0 <= found.low < found.score < found.high <= 1


def test_noise_is_like_nothing_and_no_way_out_of_a_wish_against():
    """With one chance in a thousand of being music each class has an eighth, of which nearly all is owed to noise."""
    noise = dataclasses.replace(answer([[0] * 8]), music=0.001)
    assert likeness(noise, 'Guitar', Spread()).score == pytest.approx(0.001 / 8)
    other_music = 7 * 0.001 / 8
    assert likeness(noise, {'Guitar': -1}, Spread()).score == pytest.approx(other_music)
    guitar, piano = (likeness(noise, like, Spread()).log_odds for like in ('Guitar', {'Piano': -1}))
    assert likeness(noise, {'Guitar': 1, 'Piano': -2}, Spread()).log_odds == pytest.approx(guitar + 2 * piano)
    assert likeness(dataclasses.replace(noise, music=0.0), 'Guitar', Spread()).score == 0


def test_a_repeated_melody_scores_the_same_and_is_as_sure():
    """Two bars a hundred times over are the evidence of two bars: no more guitar-like, and known no better."""
    two = answer([[2, 0, 0, 0, 0, 0, 0, 0]])
    two_hundred = answer([[2, 0, 0, 0, 0, 0, 0, 0]] * 100)
    once, again = (likeness(one, 'Guitar', Spread()) for one in (two, two_hundred))
    assert (again.score, again.low, again.high, again.windows) == pytest.approx(
        (once.score, once.low, once.high, once.windows)
    )


def test_log_odds_by_hand():
    """Logits 2, 0, ..., 0: e^2 to 7, whose logarithm is the log-odds."""
    found = likeness(answer([[2, 0, 0, 0, 0, 0, 0, 0]]), 'Guitar', Spread())
    assert found.log_odds == pytest.approx(2 - math.log(7))
    assert (found.status, found.best) == ('ok', 'Guitar')


def test_log_odds_go_on_where_the_probability_is_one_in_floating_point():
    odds = [likeness(answer([[top, 0, 0, 0, 0, 0, 0, 0]]), 'Guitar', Spread()).log_odds for top in (40, 80, 160)]
    assert odds == pytest.approx([top - math.log(7) for top in (40, 80, 160)])
    assert likeness(answer([[80] + [0] * 7]), 'Guitar', Spread()) < likeness(
        answer([[160] + [0] * 7]), 'Guitar', Spread()
    )


def test_wishes_are_a_weighted_sum_of_log_odds():
    """Logits 2, 1, 0, ..., 0: Guitar e^2 to e + 6, Piano e to e^2 + 6."""
    one = answer([[2, 1, 0, 0, 0, 0, 0, 0]])
    guitar, piano = 2 - math.log(math.e + 6), 1 - math.log(math.e**2 + 6)
    found = likeness(one, {'Guitar': 1.0, 'Piano': -0.5}, Spread())
    assert found.log_odds == pytest.approx(guitar - 0.5 * piano)
    assert found.score == pytest.approx(1 / (1 + math.exp(-found.log_odds)))
    margin = 1.645 * 0.5 * math.sqrt(1 + 0.25)  # independent spreads of 0.5, one of them halved
    assert found.low == pytest.approx(1 / (1 + math.exp(-(found.log_odds - margin))))
    assert likeness(one, {'guitar': 1}, Spread()) == likeness(one, 'Guitar', Spread())


def test_what_cannot_be_classified_has_a_status_and_ranks_last():
    nothing = likeness(dataclasses.replace(answer([[0] * 8]), status='empty'), 'Guitar', Spread())
    assert nothing == Likeness(status='empty')
    assert (nothing.score, nothing.log_odds, nothing.low, nothing.high, nothing.typicality) == (None,) * 5
    some = [likeness(answer([[top] + [0] * 7]), 'Guitar', Spread()) for top in (-50, 3, -2)]
    assert sorted([some[0], nothing, *some[1:]], reverse=True) == [some[1], some[2], some[0], nothing]
    assert max([nothing, some[0]], key=float) is some[0]
    assert float(some[1]) == some[1].score
    assert nothing <= some[0]
    assert some[0] >= nothing >= Likeness(status='empty')
    assert some[1] > some[2]


def test_typicality_is_that_of_the_class():
    one = dataclasses.replace(answer([[0] * 8]), typical=np.arange(8) / 10)
    assert likeness(one, 'Bass', Spread()).typicality == pytest.approx(0.2)
    assert likeness(one, {'Bass': 1, 'Reed': 3, 'Piano': -1}, Spread()).typicality == pytest.approx((0.2 + 3 * 0.7) / 4)
    assert likeness(one, {'Piano': -1}, Spread()).typicality is None
    assert likeness(answer([[0] * 8]), 'Bass', Spread()).typicality is None  # the model does not say


def test_names_of_classes():
    assert [class_named(name) for name in ('guitar', ' BASS ', 'Reed')] == ['Guitar', 'Bass', 'Reed']


@pytest.mark.parametrize(('written', 'name'), [('violin', 'Strings'), ('E-Gitarre', 'Guitar'), ('Trompete', 'Brass')])
def test_an_instrument_is_taken_for_its_class_and_that_is_said(written, name):
    with pytest.warns(UserWarning, match=f"'{written}' is taken for its class, {name}"):
        assert class_named(written) == name


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize(
    ('written', 'name'),
    [('e-guitar', 'Guitar'), ('bass guitar', 'Bass'), ('Synth Strings 1', 'Strings'), ('synth brass 2', 'Brass')],
)
def test_a_name_that_has_its_class_in_it_needs_no_word(written, name):
    assert class_named(written) == name


def test_the_line_that_is_warned_of_is_the_callers():
    found = answer([[0] * 8])
    for call in (
        lambda: Scorer('violin'),
        lambda: rank([], like='violin'),
        lambda: likeness(found, {'violin': 1}, load_model().contract),
    ):
        with pytest.warns(UserWarning, match="'violin' is taken for its class, Strings") as caught:
            call()
        assert [each.filename for each in caught] == [__file__]
        assert caught[0].lineno == call.__code__.co_firstlineno


@pytest.mark.parametrize(('written', 'name'), [('Tango Accordion', 'Organ'), ('Pan Flute', 'Pipe')])
def test_names_of_general_midi_are_programs(written, name):
    with pytest.warns(UserWarning, match=f"'{written}' is taken for its class, {name}"):
        assert class_named(written) == name


@pytest.mark.parametrize(('written', 'program'), [('Guitar Fret Noise', 120), ('Choir Aahs', 52), ('banjo', 105)])
def test_a_program_of_no_class_is_none(written, program):
    with pytest.raises(ClassNameError, match=f"'{written}' is program {program}, of no class; wanted one of Guitar, "):
        class_named(written)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ClassNameError, match=r"'guittar' is no class \(nearest: Guitar.*\); wanted one of Guitar, "):
        class_named('guittar')
    with pytest.raises(ClassNameError, match="'xyzzy' is no class; wanted one of Guitar, "):
        class_named('xyzzy')


@pytest.mark.parametrize(
    ('like', 'error', 'message'),
    [
        ({}, WishError, 'wishes for nothing'),
        ({'Guitar': 0}, WishError, 'wishes for nothing'),
        ({'Guitar': 'much'}, WishError, "'Guitar' with the weight 'much': wanted a number"),
        ({'Guitar': math.nan}, WishError, 'wanted a number, at most 1,000,000 either way'),
        ({'Guitar': 1e308, 'Piano': -1e308}, WishError, 'wanted a number, at most 1,000,000 either way'),
        ({'Guitar': 1, 'xyzzy': 1}, ClassNameError, "'xyzzy' is no class"),
        (['Guitar'], ClassNameError, r"list \['Guitar'\]: wanted the name of a class"),
    ],
)
def test_what_is_no_wish(like, error, message):
    with pytest.raises(error, match=message):
        weights_of(like)


def test_a_likeness_is_compared_with_likenesses():
    with pytest.raises(TypeError, match='not supported between'):
        _ = Likeness(0.9, 2.2) > 0.5
