import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.heads import PartStudent, pool  # noqa: E402
from export.networks.students import FastStudent  # noqa: E402
from music21_kdic.features.windows import WindowGrid  # noqa: E402

FINE = WindowGrid(32, ('sounding', 'onset'))


def test_windows_are_pooled_by_part():
    """Two parts, of two windows and of one, by hand: mean, deviation and maximum."""
    embedded = torch.tensor([[1.0, 0.0], [5.0, 2.0], [3.0, 3.0]])
    found = pool(embedded, torch.tensor([0, 1, 0]), 2)
    wanted = [[2.0, 1.5, 1.0, 1.5, 3.0, 3.0], [5.0, 2.0, 0.01, 0.01, 5.0, 2.0]]
    torch.testing.assert_close(found, torch.tensor(wanted), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_part_is_classified_by_its_windows_in_any_order_and_silence_is_none_of_them():
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
