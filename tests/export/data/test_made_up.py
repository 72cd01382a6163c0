import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.arguments import EXPERIMENT
from export.cli import main
from export.data.climb_ends import ClimbEnd, read_climb_ends, write_climb_ends
from export.data.made_up import CORRUPTED_PARTS, NOISE, MadeUp, made_up_path, write_made_up
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


NOTES = np.array([[0.0, 1.0, 60.0], [1.0, 0.5, 62.0]])


@pytest.mark.parametrize('split', ['test', 'lakh'])
@pytest.mark.parametrize('kind', ['climbs', 'climbs_from_noise'])
def test_climbs_that_began_with_parts_that_are_tested_on_are_not_learnt_from(kind, split, tmp_path):
    ends = [ClimbEnd(NOTES, 0, 'random', ''), ClimbEnd(NOTES, 1, 'corrupted', split)]
    write_climb_ends(tmp_path / 'climb.npz', ends)
    with pytest.raises(ValueError, match=rf'climb\.npz: climbs .* tested on \(1 of split {split}\): wanted'):
        write_made_up(tmp_path, tmp_path, (), **{kind: [tmp_path / 'climb.npz']})
    assert not made_up_path(tmp_path).exists()


def test_where_climbs_ended_comes_back_with_the_split_that_they_began_in(tmp_path):
    ends = [ClimbEnd(NOTES, 3, 'random', ''), ClimbEnd(NOTES[:1], 1, 'other class', 'train')]
    write_climb_ends(tmp_path / 'climb.npz', ends)
    found = list(read_climb_ends(tmp_path / 'climb.npz'))
    assert [(end.notes.tolist(), *end[1:]) for end in found] == [(end.notes.tolist(), *end[1:]) for end in ends]


def test_the_stored_climbs_do_not_tell_their_splits():
    """As many of them began with random notes as docs/training.md says."""
    found = list(read_climb_ends(EXPERIMENT / 'kdic-5-climbs.npz'))
    assert {end.split for end in found} == {''}
    assert [sum(end.start == start for end in found) for start in ('random', 'other class', 'corrupted')] == [320] * 3
