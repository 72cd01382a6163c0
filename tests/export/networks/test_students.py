import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.students import STUDENTS  # noqa: E402
from music21_kdic.features.windows import PAPER_GRID, WindowGrid  # noqa: E402
from tests.export.networks.table1 import TABLE_1, multiply_adds, shapes  # noqa: E402

FINE = WindowGrid(32, ('sounding', 'onset'))


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
def test_multiply_adds():
    """The count that the docstring states."""
    assert round(multiply_adds(STUDENTS['fast'](FINE), torch.zeros(1, *FINE.shape)) / 1e6) == 2
