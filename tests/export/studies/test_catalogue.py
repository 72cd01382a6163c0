import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')
from export.recipe import load_recipe  # noqa: E402
from export.studies.catalogue import CONTROL_STUDIES  # noqa: E402
from export.studies.control_targets import (  # noqa: E402
    CONTROLS,
)


@pytest.mark.parametrize('study', CONTROL_STUDIES.values(), ids=CONTROL_STUDIES)
def test_the_studies_name_rows_and_recipes_that_there_are(study):
    assert set(study.rows) <= set(CONTROLS)
    assert {row for pair in study.differences for row in pair} <= {*study.rows, *study.references}
    recipe = load_recipe(study.recipe)
    assert recipe.teacher_recipe == 'controls'
    assert len(study.seeds) >= 3
