import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from music21_kdic import CLASSES, ScoreLikelihood
from tests.hand_made_answers import answer, eight, kit, notes, piano, violin

mpl.use('Agg')
YELLOW, SKY_BLUE, GREY = '#F0E442', '#56B4E9', '#999999'  # Okabe and Ito's, of Strings and Piano; and Reed's


def drawn(*parts, **size):
    axes = Figure(**{'figsize': (9, 3)} | size).subplots()
    ScoreLikelihood(parts).plot(axes)
    return axes


def cells(axes):
    """By row the (first moment, last moment, colour) of each cell."""
    rows = {}
    for collection in axes.collections:
        for path, color in zip(collection.get_paths(), collection.get_facecolors(), strict=True):
            box = path.get_extents()
            rows.setdefault(round((box.y0 + box.y1) / 2), []).append((box.x0, box.x1, tuple(color[:3])))
    return rows


def fullness(color, full):
    """How full a colour is: 1 where it is all there, 0 where it is white."""
    channels = [(1 - own) / (1 - most) for own, most in zip(color, to_rgb(full), strict=True)]
    assert channels == pytest.approx([channels[0]] * 3)
    return channels[0]


def test_one_row_a_part_from_top_to_bottom_and_the_staves_of_one_instrument_are_one():
    axes = drawn(violin(), *piano(), kit())
    assert [label.get_text() for label in axes.get_yticklabels()] == ['Violin', 'Piano, 2 staves', 'Kit']
    assert axes.get_ylim() == (2.5, -0.5)
    assert axes.get_xlim() == (0, 24)
    assert axes.get_title('left') == '3 parts: Strings 1, Piano 1, drums 1; 1 sure'
    assert len(ScoreLikelihood([*piano(), *piano()])) == 4
    assert len(drawn(*piano(), *piano()).get_yticks()) == 2  # of two scores


def test_windows_are_cells_and_rests_are_gaps():
    rows = cells(drawn(violin(), piano()[0]))
    assert [(start, end) for start, end, _ in rows[0]] == [(0, 8), (16, 24)]
    assert [(start, end) for start, end, _ in rows[1]] == [(0, 8), (8, 16)]


def test_the_colour_is_the_class_and_its_strength_the_confidence():
    said = [(8 * k, 8 * k + 8, eight(Piano=likely)) for k, likely in enumerate([0.2, 0.5, 0.8, 1.0])]
    strengths = [fullness(color, SKY_BLUE) for *_, color in cells(drawn(answer(None, said)))[0]]
    assert strengths == sorted(strengths)
    assert strengths[1] - strengths[0] == pytest.approx(strengths[2] - strengths[1])
    assert strengths[0] > 0.15  # none is as white as a gap
    assert strengths[3] == 1


def test_the_whole_part_is_drawn_beside_its_windows_which_say_otherwise():
    axes = drawn(violin(), piano()[0], answer(violin().asked.part, status='unclear'))
    whole, _ = axes.child_axes
    assert [text.get_text() for text in whole.texts] == ['Strings 0.86 sure', 'Piano 0.70', 'unclear']
    (strings,), (piano_,), (unclear,) = cells(whole).values()
    assert fullness(strings[2], YELLOW) > fullness(piano_[2], SKY_BLUE)
    assert unclear[2] == (1, 1, 1)
    assert fullness(cells(axes)[0][0][2], GREY) > 0.5  # Reed


def test_the_key_names_the_classes():
    _, key = drawn(violin()).child_axes
    assert [label.get_text() for label in key.get_yticklabels()] == list(CLASSES)
    (mesh,) = key.collections
    assert mesh.get_array()[CLASSES.index('Strings'), -1].tolist() == pytest.approx(to_rgb(YELLOW))


def test_a_part_without_windows_says_why_in_its_row():
    axes = drawn(violin(), kit(), figsize=(9, 6))
    (words,) = axes.texts
    assert (words.get_position()[1], words.get_text()) == (1, 'drums: unpitched percussion only')


def test_the_axis_is_that_of_the_longest_part():
    short = answer(notes((0, 1, 60), bars=[0, 4], numbers=('x',)), [(0, 4, eight(Reed=0.5))])
    axes = drawn(short, violin())
    assert axes.get_xlim() == (0, 24)
    assert [label.get_text() for label in axes.get_xticklabels()] == ['1', '2', '3', '4', '5', '6']


def test_a_score_without_parts_says_so():
    axes = drawn()
    assert [text.get_text() for text in axes.texts] == ['no parts']
    assert axes.get_title('left') == '0 parts'


def test_the_figure_grows_with_the_score():
    few, many = (ScoreLikelihood([violin()] * count).plot() for count in (2, 49))
    assert many.figure.get_figheight() > 3 * few.figure.get_figheight()
    for axes in (few, many):
        mpl.pyplot.close(axes.figure)
