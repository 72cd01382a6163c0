"""The shipped model gives the answers that were recorded of it (tests/recorded/make.py), wherever it is installed."""

import json

import pytest

from music21_kdic.classes import CLASSES
from music21_kdic.model.checks import SHIPPED_SHA256
from tests.recorded.make import ANSWERS, answers

RECORDED = json.loads(ANSWERS.read_text(encoding='utf-8'))


@pytest.fixture(scope='module')
def found():
    return answers()


def test_they_are_of_the_shipped_model():
    assert RECORDED['sha256'] == SHIPPED_SHA256
    assert RECORDED['classes'] == list(CLASSES)


def test_nothing_was_recorded_that_is_not_asked_again(found):
    assert set(RECORDED['answers']) == set(found)


@pytest.mark.parametrize('name', RECORDED['answers'])
def test_it_answers_as_recorded(found, name):
    wanted = RECORDED['answers'][name]
    assert found[name].status == wanted['status']
    assert found[name].probabilities.tolist() == pytest.approx(wanted['likelihoods'], abs=1e-3)
