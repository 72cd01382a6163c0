"""Every layer's output against the paper's Table 1, written there as height x width x channels."""

import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.networks import STUDENTS, TEACHERS, FastStudent, PartStudent, pool  # noqa: E402
from music21_kdic.features.windows import PAPER_GRID, WindowGrid  # noqa: E402

FINE = WindowGrid(32, ('sounding', 'onset'))
TABLE_1 = [
    ('Conv2d', (64, 264, 256), (64, 8, 256)),
    ('LeakyReLU', (64, 264, 256), (64, 8, 256)),
    ('MaxPool2d', (64, 264, 256), (64, 8, 256)),
    ('Conv2d', (32, 132, 512), (32, 4, 512)),
    ('Flatten', (32 * 132 * 512,), (32 * 4 * 512,)),
    ('Linear', (8,), (8,)),
]


def shapes(network, x):
    found = []
    for layer in network:
        x = layer(x)
        shape = tuple(x.shape[1:])
        found.append((type(layer).__name__, shape if len(shape) == 1 else (*shape[1:], shape[0])))
    return found


@torch.inference_mode()
def test_table_1_teacher():
    wanted = [(name, teacher) for name, teacher, _ in TABLE_1]
    assert shapes(TEACHERS['table1'](), torch.zeros(1, 1, 128, 528)) == wanted


@torch.inference_mode()
def test_table_1_student():
    wanted = [(name, student) for name, _, student in TABLE_1]
    assert shapes(STUDENTS['table1'](PAPER_GRID), torch.zeros(1, 1, 128, 16)) == wanted


def test_the_table_1_student_reads_the_papers_window_only():
    with pytest.raises(ValueError, match='not \\(2, 128, 32\\)'):
        STUDENTS['table1'](FINE)


@pytest.mark.parametrize('grid', [PAPER_GRID, FINE, WindowGrid(48)], ids=str)
@torch.inference_mode()
def test_our_student_reads_any_grid(grid):
    assert STUDENTS['fast'](grid).eval()(torch.zeros(3, *grid.shape)).shape == (3, 8)


@torch.inference_mode()
def test_the_compact_teacher_has_the_same_input_and_output():
    assert TEACHERS['compact']().eval()(torch.zeros(2, 1, 128, 528)).shape == (2, 8)


def multiply_adds(network, x):
    """Count the multiply-adds of a forward pass in convolutions and dense layers, by their definition."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        total += output[0].numel() * layer.weight[0].numel()

    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            layer.register_forward_hook(count)
    network.eval()(x)
    return total


@torch.inference_mode()
def test_multiply_adds():
    """The counts that the docstrings and the recipe state; Table 1's worked out by hand from its sizes and 3 x 3."""
    convolutions = 64 * 264 * 256 * 9 + 32 * 132 * 512 * 256 * 9
    dense = 32 * 132 * 512 * 8
    assert multiply_adds(TEACHERS['table1'](), torch.zeros(1, 1, 128, 528)) == convolutions + dense
    assert round(multiply_adds(TEACHERS['compact'](), torch.zeros(1, 1, 128, 528)) / 1e6) == 22
    assert round(multiply_adds(STUDENTS['fast'](FINE), torch.zeros(1, *FINE.shape)) / 1e6) == 2


def test_windows_are_pooled_by_part():
    """Two parts, of two windows and of one, by hand: mean, deviation and maximum."""
    embedded = torch.tensor([[1.0, 0.0], [5.0, 2.0], [3.0, 3.0]])
    found = pool(embedded, torch.tensor([0, 1, 0]), 2)
    wanted = [[2.0, 1.5, 1.0, 1.5, 3.0, 3.0], [5.0, 2.0, 0.01, 0.01, 5.0, 2.0]]
    torch.testing.assert_close(found, torch.tensor(wanted), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_part_is_judged_by_its_windows_in_any_order_and_silence_is_none_of_them():
    torch.manual_seed(0)
    student = PartStudent(FastStudent(2, 32, embedding=16, timing=3), 16).eval()
    rolls = (torch.rand(1, 3, *FINE.shape) < 0.02).float()
    timing = torch.rand(1, 3, 3)
    answer = student(rolls, timing)
    order = [2, 0, 1]
    torch.testing.assert_close(student(rolls[:, order], timing[:, order]), answer[:, [0, 3, 1, 2]])
    padded = student(
        torch.cat([rolls, torch.zeros(1, 2, *FINE.shape)], dim=1), torch.cat([timing, torch.ones(1, 2, 3)], dim=1)
    )
    torch.testing.assert_close(padded[:, :4], answer)
    assert padded[:, 4:].isnan().all()
