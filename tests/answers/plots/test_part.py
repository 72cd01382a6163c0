import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from music21 import corpus

from music21_kdic import CLASSES
from tests.hand_made_answers import EVEN, answer, eight, kit, notes, violin

mpl.use('Agg')


def drawn(part, width=9.0):
    """The Axes of the windows, of the whole part and of the bar."""
    axes = Figure(figsize=(width, 3)).subplots()
    part.plot(axes)
    return axes, *axes.child_axes


def cells(axes):
    """(first moment, last moment, class): the colour that is drawn there."""
    (mesh,) = axes.collections
    mesh.update_scalarmappable()
    corners, colors = mesh.get_coordinates(), mesh.get_facecolors().reshape(*mesh.get_array().shape, 4)
    return {
        (corners[0, column, 0], corners[0, column + 1, 0], CLASSES[row]): tuple(colors[row, column])
        for row in range(8)
        for column in range(corners.shape[1] - 1)
    }


def numbers(axes):
    return [text.get_text() for text in axes.texts]


def test_each_window_is_drawn_where_it_sounds_and_rests_are_gaps():
    found = cells(drawn(violin())[0])
    assert {(start, end) for start, end, _ in found} == {(0, 8), (8, 16), (16, 24)}
    scale = mpl.colormaps['cividis']
    assert found[0, 8, 'Reed'] == pytest.approx(scale(0.72))
    assert found[16, 24, 'Guitar'] == pytest.approx(scale(0.44))
    assert found[16, 24, 'Strings'] == pytest.approx(scale(0.3))
    assert [found[8, 16, name][3] for name in CLASSES] == [0] * 8  # nothing is painted
    assert found[0, 8, 'Reed'][3] == 1


def test_the_whole_part_is_drawn_beside_its_windows_which_say_otherwise():
    windows, whole, _ = drawn(violin())
    assert cells(whole)[0, 1, 'Strings'] == pytest.approx(mpl.colormaps['cividis'](0.86))
    assert numbers(whole) == ['.02', '.02', '.02', '.86', '.02', '.02', '.02', '.02']
    assert [label.get_text() for label in whole.get_xticklabels()] == ['whole\npart']
    assert [label.get_text() for label in windows.get_yticklabels()] == list(CLASSES)
    bold = [label.get_text() for label in windows.get_yticklabels() if label.get_fontweight() == 'bold']
    assert bold == ['Strings']


def test_the_bar_says_which_colour_is_which_probability():
    bar = drawn(violin())[2]
    assert (bar.get_ylim(), bar.get_ylabel()) == ((0, 1), 'probability')


def test_values_are_written_where_they_fit():
    """Of two wide windows, not of the many, nor where a figure is small; and one that fills its cell is 1.0."""
    assert numbers(drawn(violin())[0])[:2] == ['.04', '.44']
    assert len(numbers(drawn(violin())[0])) == 16
    assert numbers(drawn(violin(), width=0.8)[0]) == []
    many = [(8 * window, 8 * window + 8, EVEN) for window in range(300)]
    assert numbers(drawn(answer(None, many))[0]) == []
    assert '1.0' in numbers(drawn(answer(None, [(0, 8, eight(Bass=1.0))]))[0])


def test_values_can_be_read_on_their_colour():
    assert {text.get_text(): text.get_color() for text in drawn(violin())[1].texts} == {'.02': 'white', '.86': 'black'}


def test_one_window_and_hundreds():
    part = notes((0, 1, 60), bars=range(0, 2404, 4))
    for count in (1, 300):
        windows = [(8 * window, 8 * window + 8, eight(Brass=0.6)) for window in range(count)]
        axes, *_ = drawn(answer(part, windows))
        assert len(cells(axes)) == 8 * count
        assert axes.get_xlim() == (0, 2400)


def test_of_what_is_not_classified_no_value_is_drawn():
    windows, whole, _ = drawn(kit())
    assert not windows.collections
    assert not whole.collections
    assert [label.get_text() for label in windows.get_yticklabels()] == list(CLASSES)


def test_the_picture_of_music():
    """A violoncello that rests for some measures; two of them are a window."""
    part = corpus.parse('haydn/opus74no1/movement3').parts[3]
    measures = list(part.getElementsByClass('Measure'))
    found = part.instrumentLikelihood()
    painted = cells(drawn(found)[0])
    resting = 0
    for first, last in zip(measures[::2], measures[1::2], strict=False):
        begun = [n for n in [*first.notes, *last.notes] if n.tie is None]
        span = [color for place, color in painted.items() if place[0] <= first.offset < place[1]]
        if not [*first.notes, *last.notes]:
            resting += 1
            assert {color[3] for color in span} == {0}
        elif len(begun) > 1:
            assert {color[3] for color in span} == {1}
    assert resting > 2
    shown = np.array([painted[start, end, 'Reed'] for start, end in found.offsets.tolist()])
    assert shown == pytest.approx(mpl.colormaps['cividis'](found.matrix[:, CLASSES.index('Reed')]))
