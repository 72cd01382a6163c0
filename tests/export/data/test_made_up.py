import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.cli import main
from export.data.made_up import CORRUPTED_PARTS, NOISE, MadeUp, made_up_path
from export.data.note_store import CORPUS_STORE, store_path

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


@pytest.mark.parametrize(
    ('words', 'path_in'),
    [(['made-up', '--data', '/nowhere'], made_up_path), (['corpus'], lambda work: store_path(work, CORPUS_STORE))],
    ids=['made-up', 'corpus'],
)
def test_what_is_there_is_not_made_again(words, path_in, tmp_path, capsys):
    path = path_in(tmp_path)
    path.parent.mkdir()
    path.write_bytes(b'an hour of work')
    main([*words, '--work', str(tmp_path)])
    assert path.read_bytes() == b'an hour of work'
    assert f'{path} is there' in capsys.readouterr().out
