import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('yaml', reason='export needs the extra `train`')

from export.networks.part_student import EMBEDDING, Encoding, PartStudent, bin_edges  # noqa: E402
from export.recipe import ShapeSettings  # noqa: E402


def test_bins_hold_as_many_values_each():
    values = np.random.default_rng(0).exponential(size=(4000, 1)).astype(np.float32)
    edges = bin_edges(values, 4)[0]
    assert np.histogram(values, edges)[0] == pytest.approx(1000, abs=2)


def test_a_number_that_is_most_often_nought_has_bins_for_what_it_is_else():
    values = np.where(np.arange(1000) % 10 == 0, np.arange(1000), 0).astype(np.float32)[:, None]
    edges = bin_edges(values, 4)[0]
    assert edges[0] == 0
    assert (np.diff(edges) > 0).all()


def test_a_constant_number_is_encoded_as_nothing():
    encode = Encoding(bin_edges(np.ones((100, 1), np.float32), 3))
    assert encode(torch.tensor([[1.0], [5.0]])).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_the_encoding_by_hand():
    """Bins from 0 to 1 and from 1 to 3."""
    encode = Encoding(np.array([[0, 1, 3]], np.float32))
    assert encode(torch.tensor([[-1.0], [0.5], [2.0], [9.0]])).tolist() == [[0, 0], [0.5, 0], [1, 0.5], [1, 1]]


@pytest.fixture
def student():
    torch.manual_seed(0)
    edges = np.sort(np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32), axis=1)
    return PartStudent(edges, edges[:3], ShapeSettings(hidden=16, dropout=0.0, bins=3, context_bins=3))


def test_context_counts_only_where_it_is_known(student):
    numbers, context = torch.randn(6, 5), torch.randn(6, 3)
    known = torch.tensor([[1.0]] * 3 + [[0.0]] * 3)
    for mode in (student.eval(), student.train()):
        before, after = mode(numbers, context, known), mode(numbers, context + 5, known)
        changed = [(one - other).abs().amax(dim=1) > 1e-6 for one, other in zip(before[:1], after[:1], strict=True)]
        assert changed[0].tolist() == [True] * 3 + [False] * 3
    assert [tuple(each.shape) for each in before] == [(6, 8), (6, 34), (6, 2), (6, EMBEDDING)]


def test_it_answers_alike_in_training_and_after(student):
    inputs = torch.randn(6, 5), torch.randn(6, 3), torch.tensor([[1.0], [0.0]] * 3)
    for one, other in zip(student.train()(*inputs), student.eval()(*inputs), strict=True):
        assert one.detach().numpy() == pytest.approx(other.detach().numpy(), abs=1e-5)
