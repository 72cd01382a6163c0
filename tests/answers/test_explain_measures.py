"""What an explanation says of measures must not contradict what it says it tried."""

import pytest
from music21 import corpus


@pytest.mark.parametrize(
    ('work', 'name', 'count'),
    [('haydn/opus74no1/movement3', 'Violin 2', 0), ('haydn/opus74no1/movement3', 'Viola', 1), ('bwv66.6', 'Tenor', 1)],
)
def test_without_the_measure_that_is_left_out_the_part_is_likelier(work, name, count):
    """Measure 88 of the second violin says little of strings by itself, yet without it the part is less like them."""
    explanation = corpus.parse(work).instrumentLikelihood()[name].explain()
    assert str(explanation).startswith(
        f'{explanation.like} {explanation.likeness.score:.2f} (ok), the part by itself\n'
    )
    left_out = {f'without measure {one.measure}': one.left_out for one in explanation.measures}
    tried = [one for one in explanation.counterfactuals if one.change in left_out]
    assert len(tried) == count
    assert all(left_out[one.change] < 0 for one in tried)
    assert all(one.likeness.log_odds > explanation.likeness.log_odds for one in tried)
