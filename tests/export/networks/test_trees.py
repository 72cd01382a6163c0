import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.networks.trees import Trees  # noqa: E402


def test_the_answers_are_the_bits_of_the_leafs_number():
    """By hand: one tree asks whether the second number is above 1, and the first above 5."""
    leaves = np.arange(32, dtype=np.float32)[None]
    trees = Trees(np.array([[1, 0]]), np.array([[1, 5]], np.float32), leaves)
    parts = torch.tensor([[0.0, 0.0], [0.0, 2.0], [9.0, 0.0], [9.0, 2.0], [5.0, 1.0]])
    assert trees(parts)[:, 0].tolist() == [0, 8, 16, 24, 0]


def test_what_the_trees_say_is_added():
    column, border = np.zeros((3, 1), np.int64), np.zeros((3, 1), np.float32)
    leaves = np.stack([np.full(16, 1.0), np.full(16, 10.0), np.arange(16)]).astype(np.float32)
    said = Trees(column, border, leaves)(torch.tensor([[-1.0], [1.0]]))
    assert said.tolist() == [[11.0 + k for k in range(8)], [19.0 + k for k in range(8)]]
