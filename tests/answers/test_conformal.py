"""Conformal sets, held against sets worked out by hand."""

import numpy as np
import pytest

from music21_kdic.answers.conformal import plausible_classes
from music21_kdic.model.contract import Plausible

FALLING = np.array([0.4, 0.3, 0.2, 0.1, 0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ('threshold', 'penalty', 'free', 'wanted'),
    [
        (0.65, 0.0, 8, 2),  # before the third class lie 0.7
        (0.7, 0.0, 8, 3),
        (0.7, 0.1, 2, 2),  # 0.7 and one penalty
        (0.8, 0.1, 2, 3),
        (0.45, 0.1, 2, 2),  # the first two are free
        (-1.0, 0.0, 8, 1),  # never none
        (9.0, 0.0, 8, 8),
    ],
)
def test_a_class_is_plausible_while_what_lies_before_it_is_small(threshold, penalty, free, wanted):
    (found,) = plausible_classes(FALLING[None], Plausible(threshold, penalty, free))
    assert found == ('Guitar', 'Piano', 'Bass', 'Strings', 'Organ', 'Brass', 'Pipe', 'Reed')[:wanted]


def test_the_likeliest_comes_first():
    both = plausible_classes(np.stack([FALLING[::-1], FALLING]), Plausible(0.5, 0.0, 8))
    assert both == [('Reed', 'Pipe'), ('Guitar', 'Piano')]
