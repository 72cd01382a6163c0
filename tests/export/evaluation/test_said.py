import json

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.data.sources import COLLECTIONS
from export.evaluation import said
from export.evaluation.said import Fitted, read_fitted, write_fitted
from export.training.part_students import Answers, Trained
from music21_kdic.model.contract import LEVELS, Plausible
from tests.export.data.test_part_table import table

FITTED = Fitted(2, (1.5, 1.25), dict.fromkeys(LEVELS, [0.5] * 8), dict.fromkeys(LEVELS, Plausible(0.9, 0.0, 1)))


def test_what_was_fitted_comes_back_with_the_seed_of_its_student(tmp_path):
    write_fitted(tmp_path / 'fitted.json', FITTED)
    assert read_fitted(tmp_path / 'fitted.json') == FITTED


def test_what_does_not_say_of_which_student_it_is_is_refused(tmp_path):
    path = tmp_path / 'fitted.json'
    write_fitted(path, FITTED)
    content = json.loads(path.read_text())
    del content['seed']
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match='does not say which seed it was fitted to; run `python -m export evaluate` a'):
        read_fitted(path)


def test_what_is_not_there_names_the_verb_that_makes_it(tmp_path):
    with pytest.raises(FileNotFoundError, match='export evaluate'):
        read_fitted(tmp_path / 'fitted.json')


@pytest.fixture
def flat(monkeypatch):
    """A student that knows nothing."""

    def nothing(_, numbers, *rest):
        return Answers(np.zeros((len(numbers), 8)), np.zeros((len(numbers), 1)), *np.zeros((2, len(numbers))))

    monkeypatch.setattr(said, 'answers', nothing)
    monkeypatch.setattr(said, 'answers_alone', nothing)
    return Trained(None, np.full((2, 8), 1 / 8))


def test_without_a_validation_part_that_stands_in_a_score_no_temperature_is_fitted_together(flat):
    jazz = table(
        3, split=['val', 'val', 'test'], known=[False, False, True], collection=[COLLECTIONS.index('jazz')] * 3
    )
    wanted = 'jazz: 0 labelled parts of the split val to fit the temperature together to, wanted at least one that stan'
    with pytest.raises(ValueError, match=wanted):
        said.ask(flat, jazz)


def test_without_a_validation_part_of_a_collection_that_was_shown_no_temperature_is_fitted_alone(flat):
    with pytest.raises(ValueError, match='0 labelled parts of the split val to fit the temperature alone to, wanted'):
        said.ask(flat, table(3, split=['val', 'val', 'test']), ['pop'])
