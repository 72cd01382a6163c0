import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('yaml', reason='export needs the extra `train`')

from export.networks.part_student import EMBEDDING, Encoding, PartStudent, bin_edges  # noqa: E402
from export.networks.trees import Trees  # noqa: E402
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


@pytest.fixture
def with_trees(student):
    """Trees that say -4 of every class of a part alone, and 5 with its score."""
    column, border = np.zeros((1, 1), np.int64), np.full((1, 1), 1e9, np.float32)
    student.share = 0.25
    student.hold(*(Trees(column, border, np.full((1, 16), said, np.float32)) for said in (-4, 5)))
    return student.eval()


def test_trees_have_their_share_of_the_answer_as_far_as_a_part_is_music(student, with_trees):
    numbers, context, known = torch.randn(6, 5), torch.randn(6, 3), torch.tensor([[1.0]] * 3 + [[0.0]] * 3)
    with torch.no_grad():
        classes, _, kinds, _ = with_trees(numbers, context, known)
        with_trees.trees = torch.nn.ModuleList()
        of_layers = with_trees(numbers, context, known)[0]
    share = 0.25 / (1 + np.exp(np.array([[0.0]] * 3 + [[4.0]] * 3) - kinds[:, :1].numpy()))
    wanted = (1 - share) * of_layers.numpy() + share * np.array([[5.0]] * 3 + [[-4.0]] * 3)
    assert classes.numpy() == pytest.approx(wanted, abs=1e-5)


def test_parts_alone_and_together_are_answered_by_themselves_as_among_others(with_trees):
    numbers, context, known = torch.randn(6, 5), torch.randn(6, 3), torch.tensor([[1.0]] * 3 + [[0.0]] * 3)
    first = with_trees.first_layer(numbers)
    together, alone = with_trees.together(numbers, context, first), with_trees.alone(numbers, first)
    for mixed, in_score, by_itself in zip(with_trees(numbers, context, known), together, alone, strict=True):
        assert mixed[:3].detach().numpy() == pytest.approx(in_score[:3].detach().numpy(), abs=1e-5)
        assert mixed[3:].detach().numpy() == pytest.approx(by_itself[3:].detach().numpy(), abs=1e-5)


def test_it_answers_alike_in_training_and_after(student):
    inputs = torch.randn(6, 5), torch.randn(6, 3), torch.tensor([[1.0], [0.0]] * 3)
    for one, other in zip(student.train()(*inputs), student.eval()(*inputs), strict=True):
        assert one.detach().numpy() == pytest.approx(other.detach().numpy(), abs=1e-5)
