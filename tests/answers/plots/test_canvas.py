import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from music21_kdic import ScoreLikelihood
from music21_kdic.answers.plots.canvas import SCALE, short
from tests.hand_made_answers import answer, eight, kit, notes, piano, violin

mpl.use('Agg')

# What linear RGB becomes for readers without green, red or blue cones (Machado, Oliveira and Fernandes 2009).
CONES = {
    'all': np.eye(3),
    'no green': np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    'no red': np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    'no blue': np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lightness(rgb, cones):
    """CIE lightness L*, 0 to 100, of sRGB colours, shape (colours, 3)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = (linear @ cones.T).clip(0, 1) @ (0.2126, 0.7152, 0.0722)
    return np.where(luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27)


@pytest.mark.parametrize('cones', CONES)
def test_equal_steps_of_the_scale_look_equal_to_everybody(cones):
    light = lightness(SCALE(np.linspace(0, 1, 9))[:, :3], CONES[cones])
    steps = np.diff(light)
    assert steps.min() > 0
    assert steps.max() < 2 * steps.min()
    assert np.ptp(light) > 60


PLOTS = {
    'part': violin().plot,
    'notes': violin().plot_notes,
    'score': ScoreLikelihood([violin(), kit()]).plot,
    'confusion': lambda ax: ScoreLikelihood([violin()]).plot_confusion(['Strings'], ax),
    'empty part': kit().plot,
    'empty notes': kit().plot_notes,
    'empty score': ScoreLikelihood([]).plot,
    'empty confusion': lambda ax: ScoreLikelihood([]).plot_confusion([], ax),
}


@pytest.mark.parametrize(
    ('plot', 'layout'),
    [
        *((plot, None) for plot in PLOTS),
        *((plot, each) for plot in ('part', 'score') for each in ('constrained', 'tight')),
    ],
)
def test_what_is_drawn_into_given_axes_stays_where_they_were(plot, layout):
    """Neither a new figure nor room of the Axes beside them."""
    figures = mpl.pyplot.get_fignums()
    figure = Figure(figsize=(12, 5), layout=layout)
    given, neighbour = figure.subplots(1, 2)
    box, beside = given.get_position(), neighbour.get_position()
    assert PLOTS[plot](given) is given
    figure.draw_without_rendering()
    assert mpl.pyplot.get_fignums() == figures
    assert figure.axes == [given, neighbour]
    if layout is None:
        assert neighbour.get_position().bounds == beside.bounds
        assert given.get_tightbbox().x1 <= (box.x1 + 0.01) * figure.bbox.width
    else:
        assert given.get_tightbbox().x1 < neighbour.get_tightbbox().x0


@pytest.mark.parametrize('plot', PLOTS)
def test_without_axes_there_is_a_new_figure(plot):
    axes = PLOTS[plot](None)
    assert axes.figure.number in mpl.pyplot.get_fignums()
    mpl.pyplot.close(axes.figure)


def drawn(plot, **size):
    axes = Figure(**size).subplots()
    plot(axes)
    return axes


def ticks(axes):
    return {tick: label.get_text() for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)}


def test_measures_are_called_what_the_score_calls_them():
    """A pickup of one beat, a measure 12a, a name that is too long, bars of three and four beats."""
    part = notes((0, 1, 60), bars=[0, 1, 5, 8, 12], numbers=('0', '12a', '12b', 'the second ending'))
    axes = drawn(answer(part, [(0, 8, eight(Reed=0.5))]).plot, figsize=(9, 3))
    assert ticks(axes) == {0: '0', 1: '12a', 5: '12b', 8: 'the sec…'}
    assert axes.get_xlim() == (0, 12)


def test_of_many_measures_some_are_named():
    part = notes((0, 1, 60), bars=range(0, 4004, 4))
    named = ticks(drawn(answer(part).plot, figsize=(9, 3)))
    assert 4 < len(named) < 20
    assert all(tick == 4 * (int(name) - 1) for tick, name in named.items())


def test_the_measures_of_an_answer_without_its_notes_are_those_of_its_windows():
    axes = drawn(answer(None, [(0, 8, eight(Reed=0.5)), (16, 20, eight(Reed=0.5))]).plot)
    assert ticks(axes) == {0: '1', 16: '2'}


def test_parts_stack_on_one_axis_of_time():
    """A part that rests at the end, one without windows, and one of drums."""
    parts = [violin(), piano()[0], answer(violin().asked.part, whole=eight(Reed=0.7)), kit()]
    figure = Figure(figsize=(9, 9))
    stacked = figure.subplots(len(parts), 1, sharex=True)
    for part, axes in zip(parts, stacked, strict=True):
        part.plot(axes)
    figure.draw_without_rendering()
    assert {axes.get_xlim() for axes in stacked} == {(0, 24)}
    assert len({(axes.get_window_extent().x0, axes.get_window_extent().x1) for axes in stacked}) == 1
    alone = [drawn(part.plot).get_xlim() for part in parts]
    assert alone == [(0, 24)] * 4


def title(**fields):
    return drawn(answer(violin().asked.part, **fields).plot).get_title('left')


def test_the_title_says_the_verdict_and_how_sure_it_is():
    assert title(whole=eight(Strings=0.86), sure=True) == 'Viola: Strings 0.86, sure'
    assert title(whole=eight(Strings=0.86)) == 'Viola: Strings 0.86, not sure'
    assert title(whole=eight(Organ=0.2), status='unclear') == 'Viola: unclear (likeliest Organ 0.20)'
    assert title(status='too-short') == 'Viola: too-short'
    assert title(status='empty', name='') == 'Part: empty'


def test_any_name_can_be_drawn():
    """Neither is it mathematics, nor does it fill the picture."""
    part = answer(violin().asked.part, name='$\\frac{1}$ \x00\n' + 99 * 'Viola', status='ok', whole=eight(Reed=0.5))
    for axes in (drawn(part.plot), drawn(part.plot_notes), drawn(ScoreLikelihood([part]).plot)):
        axes.figure.draw_without_rendering()
    assert len(drawn(part.plot).get_title('left')) < 70
    assert short('a' * 41) == 'a' * 39 + '…'


@pytest.mark.parametrize(
    ('status', 'words'),
    [
        ('drums', 'drums: unpitched percussion only'),
        ('empty', 'empty: no notes'),
        ('out-of-range', "out-of-range: most notes lie beyond the piano's keyboard"),
        ('ok', 'single windows were not asked for'),
    ],
)
def test_where_there_are_no_windows_the_picture_says_why(status, words):
    part = answer(violin().asked.part, status=status)
    for plot in (part.plot, part.plot_notes, ScoreLikelihood([part]).plot):
        assert words in [text.get_text() for text in drawn(plot).texts]
