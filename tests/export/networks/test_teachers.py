import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.teachers import TEACHERS  # noqa: E402
from tests.export.networks.table1 import TABLE_1, multiply_adds, shapes  # noqa: E402


@torch.inference_mode()
def test_table_1_teacher():
    wanted = [(name, teacher) for name, teacher, _ in TABLE_1]
    assert shapes(TEACHERS['table1'](), torch.zeros(1, 1, 128, 528)) == wanted


@torch.inference_mode()
def test_the_compact_teacher_has_the_same_input_and_output():
    assert TEACHERS['compact']().eval()(torch.zeros(2, 1, 128, 528)).shape == (2, 8)


@torch.inference_mode()
def test_multiply_adds():
    """Table 1's worked out by hand from its sizes and 3 x 3 kernels; the compact one's is that of its docstring."""
    convolutions = 64 * 264 * 256 * 9 + 32 * 132 * 512 * 256 * 9
    dense = 32 * 132 * 512 * 8
    assert multiply_adds(TEACHERS['table1'](), torch.zeros(1, 1, 128, 528)) == convolutions + dense
    assert round(multiply_adds(TEACHERS['compact'](), torch.zeros(1, 1, 128, 528)) / 1e6) == 22
