import io
import os
from collections import Counter

import pretty_midi
import pytest
from music21 import stream

from music21_kdic import InputError, audit, label, report, tag
from music21_kdic.collection.engine.inputs import LINKS, find_inputs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ('b.mid', 'a.MID', 'deep/er/c.kar', 'deep/d.musicxml', 'deep/notes.txt', 'e.wav'):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_gives_its_music_by_name(folder):
    assert find_inputs(['.']) == ['./a.MID', './b.mid', './deep/d.musicxml', './deep/er/c.kar']


def test_each_file_once_where_it_is_first_named(folder):
    assert find_inputs(['b.mid', '.', './b.mid', folder / 'a.MID']) == [
        'b.mid', './a.MID', './deep/d.musicxml', './deep/er/c.kar',
    ]  # fmt: skip


def test_globs(folder):
    assert find_inputs(['*.mid']) == ['b.mid']
    assert find_inputs(['**/*.kar', 'deep/e*']) == ['deep/er/c.kar']
    with pytest.raises(InputError, match=r'\*.nothing: matches no file'):
        find_inputs(['*.nothing'])


def test_a_file_whose_name_looks_like_a_glob(folder):
    (folder / 'song [live].mid').touch()
    assert find_inputs(['song [live].mid']) == ['song [live].mid']


def test_a_list_on_standard_input(folder, monkeypatch):
    listed = b'b.mid\n\ndeep\nnone.mid\r\nodd-\xff.mid\n'
    monkeypatch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(listed), encoding='utf-8'))
    assert find_inputs(['-']) == ['b.mid', 'deep/d.musicxml', 'deep/er/c.kar', 'none.mid', os.fsdecode(b'odd-\xff.mid')]


def test_what_is_not_there_is_told_at_once(folder):
    for name in ('none.mid', 'notes', ''):
        with pytest.raises(InputError, match='no such file or folder'):
            find_inputs(['b.mid', name])


def test_a_folder_without_music_stays_and_fails_later(folder):
    (folder / 'empty').mkdir()
    assert find_inputs(['empty', 'corpus:none']) == ['empty', 'corpus:none']


@pytest.mark.parametrize('verb', [label, audit, lambda paths: tag(paths, 'out'), lambda paths: report(paths, 'p.html')])
@pytest.mark.parametrize(
    ('paths', 'found'),
    [
        (None, 'NoneType None'),
        (stream.Score(), 'Score <music21.stream.Score '),
        ([stream.Score()], 'Score <music21.stream.Score '),
        (['b.mid', None], 'NoneType None'),
        (pretty_midi.PrettyMIDI(), 'PrettyMIDI <pretty_midi.'),
        (b'b.mid', "bytes b'b.mid'"),
        (60, 'int 60'),
    ],
)
def test_what_is_no_path_is_told(verb, paths, found, folder):
    with pytest.raises(TypeError, match=rf'^{found}.*: wanted paths; for streams, .* rank\(\)'):
        verb(paths)
    assert not {'out', 'p.html'} & {path.name for path in folder.iterdir()}


def test_what_is_passed_over_in_folders_is_counted(folder):
    (folder / 'deep' / 'README').touch()
    skipped = Counter()
    find_inputs(['.', 'e.wav'], skipped)
    assert skipped == {'.txt': 1, '.wav': 1, '': 1}


def test_what_macos_keeps_about_a_file_is_no_music(folder):
    (folder / '__MACOSX').mkdir()
    (folder / '__MACOSX' / '._a.mid').touch()
    skipped = Counter()
    assert find_inputs(['__MACOSX/._a.mid', '.'], skipped)[0] == '__MACOSX/._a.mid'  # one that is named is wanted
    assert '__MACOSX' not in ' '.join(find_inputs(['.']))
    assert skipped['._*'] == 1


def test_a_folder_that_cannot_be_opened_is_not_passed_over(folder, monkeypatch):
    walk = os.walk

    def walk_without_rights(top, onerror=None):
        onerror(PermissionError(13, 'Permission denied', os.path.join(top, 'secret')))
        yield from walk(top)

    monkeypatch.setattr(os, 'walk', walk_without_rights)
    assert find_inputs(['deep']) == ['deep/d.musicxml', 'deep/er/c.kar', 'deep/secret']


def test_links_in_a_circle_end(folder):
    os.symlink('..', folder / 'deep' / 'up')
    skipped = Counter()
    assert len(find_inputs(['.'], skipped)) == 4
    assert skipped[LINKS] == 1


def test_a_link_to_a_folder_is_followed_where_it_is_named(folder):
    os.symlink('deep', folder / 'link')
    skipped = Counter()
    assert find_inputs(['link'], skipped) == ['link/d.musicxml', 'link/er/c.kar']
    assert LINKS not in skipped


def test_the_order_is_that_of_the_arguments_then_of_the_names(folder):
    assert find_inputs(['deep', 'b.mid']) == ['deep/d.musicxml', 'deep/er/c.kar', 'b.mid']
