import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from tests.hand_made_answers import answer, eight, kit, notes, piano, violin

mpl.use('Agg')
SKY_BLUE, BLUE, WHITE = '#56B4E9', '#0072B2', '#FFFFFF'  # Okabe and Ito's, of Piano and Organ


def drawn(part):
    axes = Figure(figsize=(9, 3)).subplots()
    part.plot_notes(axes)
    return axes


def pieces(axes):
    """(first moment, last moment, pitch): the colour of each piece of a note."""
    (collection,) = axes.collections
    boxes = [path.get_extents() for path in collection.get_paths()]
    assert len(boxes) == len(collection.get_facecolors())
    return {
        (box.x0, box.x1, (box.y0 + box.y1) / 2): tuple(color[:3])
        for box, color in zip(boxes, collection.get_facecolors(), strict=True)
    }


def nearest(color):
    """Of the three colours that whose hue it has."""
    if np.allclose(color, 1):
        return WHITE
    ink = 1 - np.array(color)
    alike = {name: ink @ (1 - np.array(to_rgb(name))) for name in (SKY_BLUE, BLUE)}
    lengths = {name: np.linalg.norm(1 - np.array(to_rgb(name))) for name in alike}
    return max(alike, key=lambda name: alike[name] / lengths[name])


def test_notes_have_the_colour_of_their_window_and_a_held_note_of_each():
    """Piano up to 8, Organ up to 16, and a note in no window."""
    found = {place: nearest(color) for place, color in pieces(drawn(piano()[0])).items()}
    assert found == {
        (0, 8, 40): SKY_BLUE,
        (8, 12, 40): BLUE,
        (2, 4, 52): SKY_BLUE,
        (9, 10, 67): BLUE,
        (16, 20, 70): WHITE,
    }


def test_all_notes_are_drawn_where_they_sound():
    part = violin().asked.part
    found = pieces(drawn(violin()))
    assert np.array(sorted(found)) == pytest.approx(np.stack([part.onsets, part.ends, part.pitches], axis=1))


def test_pitches_are_named_by_octaves():
    axes = drawn(answer(notes((0, 1, 47), (1, 2, 73), bars=[0, 4])))
    assert [label.get_text() for label in axes.get_yticklabels()] == ['C3', 'C4', 'C5']
    assert axes.get_yticks().tolist() == [48, 60, 72]  # middle C is 60
    low, high = axes.get_ylim()
    assert (low < 47, high > 73) == (True, True)


@pytest.mark.parametrize('pitch', [0, 127])
def test_a_single_pitch_has_an_octave_around_it(pitch):
    low, high = drawn(answer(notes((0, 1, pitch), bars=[0, 4]))).get_ylim()
    assert (high - low, (high + low) / 2) == (12, pitch)


def test_the_title_and_the_axis_are_those_of_the_part():
    axes = drawn(violin())
    assert axes.get_title('left') == 'Violin: Strings 0.86, sure'
    assert axes.get_xlim() == (0, 24)
    assert drawn(kit()).get_xlim() == (0, 24)


def test_an_answer_without_its_notes_says_so():
    axes = drawn(answer(None, [(0, 8, eight(Reed=0.5))]))
    assert not axes.collections
    assert [text.get_text() for text in axes.texts] == ['the answer does not hold the notes']


def test_the_notes_of_what_is_not_classified_are_white():
    part = answer(notes((0, 1, 10), (1, 2, 12), bars=[0, 4]), status='out-of-range')
    assert set(map(nearest, pieces(drawn(part)).values())) == {WHITE}
