import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.data.made_up import CORRUPTED_PARTS, NOISE, MadeUp

MADE = MadeUp(
    numbers=np.arange(4, dtype=np.float32)[:, None],
    what=np.array([NOISE, NOISE, CORRUPTED_PARTS, CORRUPTED_PARTS]),
    kind=np.array(['walk', 'scattered', 'replaced', 'replaced']),
    collection=np.array(['', 'pop', 'pop', 'guitar']),
    split=np.array(['train', 'train', 'train', 'test']),
    label=np.array([-1, -1, 2, 0]),
    share=np.ones(4, np.float32),
)


def test_what_is_made_from_a_collection_can_be_left_out():
    """A student that is not shown a collection is not shown its corrupted parts, with their classes, either."""
    assert MADE.without(['pop']).numbers[:, 0].tolist() == [0, 3]
    assert MADE.without(['guitar', 'jazz']).numbers[:, 0].tolist() == [0, 1, 2]
    assert len(MADE.without([])) == 4


def test_a_split_and_a_kind_can_be_chosen():
    assert MADE.select(NOISE, 'train').numbers[:, 0].tolist() == [0, 1]
    assert MADE.select(NOISE, 'train', 'walk').numbers[:, 0].tolist() == [0]
    assert MADE.kinds(CORRUPTED_PARTS, 'test') == ['replaced']
