import json

import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.evaluation.said import Fitted, read_fitted, write_fitted
from music21_kdic.model.contract import LEVELS, Plausible

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
