"""The pictures as they are, drawn from answers made by hand.

Without letters, which every version of matplotlib and FreeType draws otherwise; what is written is tested beside.
"""

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from music21_kdic import ScoreLikelihood
from tests.hand_made_answers import kit, piano, violin

pictures = pytest.mark.mpl_image_compare(
    baseline_dir='pictures', style='default', tolerance=1, savefig_kwargs={'dpi': 50}
)


def axes(width, height):
    return Figure(figsize=(width, height)).subplots()


def without_letters(axes):
    axes.figure.draw_without_rendering()
    for text in axes.figure.findobj(Text):
        text.set_visible(False)
    return axes.figure


@pictures
def test_part():
    return without_letters(violin().plot(axes(8, 3)))


@pictures
def test_empty_part():
    return without_letters(kit().plot(axes(8, 3)))


@pictures
def test_notes():
    return without_letters(piano()[0].plot_notes(axes(8, 3)))


@pictures
def test_score():
    return without_letters(ScoreLikelihood([violin(), *piano(), kit()]).plot(axes(8, 3)))


@pictures
def test_confusion():
    answers = ScoreLikelihood([violin(), *piano(), kit()])
    return without_letters(answers.plot_confusion(['Strings', 'Organ', None, None], axes(6, 5)))
