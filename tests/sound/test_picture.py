"""The picture of a recording, and what is written in it."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from music21_kdic import CLASSES, InstrumentActivity
from music21_kdic.statuses import Status
from tests.answers.plots.test_pictures import pictures, without_letters


def activity(status=Status.OK, steps=100, path='songs/a$b$.wav'):
    begins = 0.75 * np.arange(steps + 1)
    wave = 0.5 + 0.5 * np.sin(np.arange(steps)[:, None] / 10 + np.arange(8))
    return InstrumentActivity(
        path, 0.75 * steps, status, np.column_stack([begins[:-1], begins[1:]]), wave, np.full(8, 0.9), 'model'
    )


def axes():
    return Figure(figsize=(8, 3)).subplots()


@pictures
def test_recording():
    return without_letters(activity().plot(axes()))


def test_what_is_written():
    found = activity().plot(axes())
    assert found.get_title(loc='left').startswith('a$b$.wav: ')
    assert [label.get_text() for label in found.get_yticklabels()] == list(CLASSES)
    assert found.get_xlim() == (0.0, 75.0)
    assert found.xaxis.get_major_formatter()(62.0) == '1:02'


def test_the_names_of_what_sounds_are_bold():
    one = InstrumentActivity('a.wav', 0.75, Status.OK, np.array([[0, 0.75]]), np.eye(8)[[2]], np.full(8, 0.9), 'm')
    bold = [label.get_text() for label in one.plot(axes()).get_yticklabels() if label.get_fontweight() == 'bold']
    assert bold == ['Bass']


@pytest.mark.parametrize(('status', 'words'), [(Status.EMPTY, 'empty: silence'), (Status.TOO_SHORT, 'too-short: ')])
def test_what_has_no_answer_says_so(status, words):
    found = activity(status, steps=0).plot(axes())
    assert [text.get_text().startswith(words) for text in found.texts] == [True]
