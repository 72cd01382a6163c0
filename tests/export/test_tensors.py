"""Tensors of torch are read as notes, as arrays are."""

import pytest

from music21_kdic import NoteError
from music21_kdic.reading.generated import is_one, one_part

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')

NOTES = [(0.0, 1.0, 60), (1.5, 0.5, 64)]


def columns(part):
    return [part.onsets.tolist(), part.ends.tolist(), part.pitches.tolist()]


def test_a_tensor_of_rows_is_one_candidate():
    tensor = torch.tensor(NOTES, dtype=torch.float32)
    assert is_one(tensor)
    assert columns(one_part(tensor)) == columns(one_part(NOTES)) == [[0.0, 1.5], [1.0, 2.0], [60, 64]]


def test_a_tensor_of_several_is_none_by_itself():
    several = torch.tensor([NOTES, NOTES])
    assert not is_one(several)
    assert [columns(one_part(each)) for each in several] == [columns(one_part(NOTES))] * 2


def test_a_tensor_that_numpy_cannot_read_says_so():
    with pytest.raises(NoteError, match='Tensor: numpy makes no array of it'):
        one_part(torch.tensor(NOTES, requires_grad=True))
