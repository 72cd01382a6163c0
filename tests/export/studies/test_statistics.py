import numpy as np
import pytest

pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')

from export.studies import store
from export.studies.statistics import Answered
from export.studies.store import Study, StudyRow, TestSet


@pytest.fixture
def study(tmp_path):
    """Four parts of two songs, a window each but for the first, which has two; one row, two seeds."""
    test_set = TestSet(
        np.array([0, 0, 1, 2, 3]), np.array([0, 1, 2, 2]), np.array([5, 5, 7, 7]),
        np.array(['pop', 'pop', 'mutopia', 'lakh']),
    )  # fmt: skip
    store.write_test_set(tmp_path, test_set)
    rows = (StudyRow('nic', 'NIC', 100, 2, 'compact'), StudyRow('kdic', 'KDIC', 100, 2, 'compact'))
    store.write_study(tmp_path, Study('songs', 'Does it?', rows, (('kdic', 'nic'),)))
    for seed, parts in enumerate([[0, 1, 2, 2], [0, 2, 2, 2]]):
        levels = {'windows': np.array(parts, np.uint8)[test_set.part], 'parts': np.array(parts, np.uint8)}
        store.write_run(tmp_path, 'nic', seed, {'trained': levels, 'equal': levels})
    return tmp_path


def test_a_study_is_counted_by_place(study):
    answered = Answered(study)
    assert answered.study.differences == (('kdic', 'nic'),)
    assert (answered.places, answered.levels) == (['pop', 'scores', 'lakh'], ['windows', 'parts'])
    assert answered.sources == ['lakh', 'mutopia', 'pop']
    assert [answered.counts(place) for place in answered.places] == [(3, 2, 1), (1, 1, 1), (1, 1, 1)]
    assert answered.sample('nic', 'pop', 'windows', 'trained').values[:, 2] == pytest.approx([1, 2 / 3])
    assert answered.sample('nic', 'pop', 'parts', 'trained').values[:, 2] == pytest.approx([1, 1 / 2])
    assert answered.sample('nic', 'mutopia', 'parts', 'equal').values[:, 0] == pytest.approx([1, 1])


def test_a_row_that_was_not_trained_has_no_figure(study):
    answered = Answered(study)
    assert answered.seeds('kdic') == []
    assert answered.sample('kdic', 'pop', 'parts', 'trained') is None


def test_the_same_draws_in_every_run(study):
    first, second = (Answered(study).sample('nic', 'pop', 'parts', 'trained') for _ in range(2))
    assert np.array_equal(first.replicates, second.replicates)


def test_answers_to_another_test_set_are_refused(study):
    levels = {'windows': np.zeros(5, np.uint8), 'parts': np.zeros(3, np.uint8)}
    store.write_run(study, 'nic', 7, {'trained': levels, 'equal': levels})
    with pytest.raises(ValueError, match=r"row 'nic', seed 7, answers to 3 parts, wanted 4"):
        Answered(study)
