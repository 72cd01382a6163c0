import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from export.training.opinions import Opinion, mixed_targets
from tests.export.data.test_part_table import table


def test_an_opinion_finds_its_parts_and_is_silent_about_others():
    said = np.full((2, 8), 1 / 8, np.float32)
    opinion = Opinion(np.array([0, 1]), np.array([2, 0]), said, said)
    found = opinion.of(table(3, collection=[0, 0, 1], row=[2, 0, 0]))
    assert np.isnan(found[:, 0, 0]).tolist() == [False, True, False]


def test_what_is_taught_by_hand():
    """A half of an even opinion, a quarter of one that is sure of Bass; one part has only the first."""
    even = np.full((2, 2, 8), 1 / 8, np.float32)
    bass = np.full((2, 2, 8), np.nan, np.float32)
    bass[0] = np.eye(8)[2]
    target = mixed_targets(np.array([0, 7]), [(0.5, even), (0.25, bass)])
    assert target[0, 0] == pytest.approx([0.25 + 1 / 16, 1 / 16, 0.25 + 1 / 16, *[1 / 16] * 5])
    assert target[1, 1] == pytest.approx([*[1 / 16] * 7, 0.5 + 1 / 16])
    assert target.sum(axis=2) == pytest.approx(1)
