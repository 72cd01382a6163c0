"""What the students of the ablation are shown: one thing more from row to row."""

import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from export.recipe import load_recipe
from export.studies.ablation import CLIMBS, ROWS, _settings
from export.training.part_students import COUNTS


def test_climbs_are_shown_from_a_row_of_their_own_on_as_many_as_the_shipped_student_is():
    recipe = load_recipe('kdic-5')
    of_rows = {row.name: _settings(recipe, row) for row in ROWS}
    names = list(of_rows)
    place = names.index('and climbs')
    shown = {name: [getattr(of_rows[name], each) for each in CLIMBS] for name in names}
    assert all(shown[name] == [0, 0] for name in names[:place])
    assert all(shown[name] == [recipe.parts.climbed, recipe.parts.climbed_from_noise] for name in names[place:])
    assert min(shown['and climbs']) > 0


def test_the_row_of_climbs_adds_nothing_else():
    recipe = load_recipe('kdic-5')
    before, climbs = (row for row in ROWS if row.name in ('and noise, plain music, corrupted parts', 'and climbs'))
    others = [name for name in COUNTS if name not in CLIMBS]
    with_climbs, without = _settings(recipe, climbs), _settings(recipe, before)
    assert [getattr(with_climbs, name) for name in others] == [getattr(without, name) for name in others]
    assert without.noise > 0
    assert (before.numbers, before.collections, before.changed) == (climbs.numbers, climbs.collections, climbs.changed)
