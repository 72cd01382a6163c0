"""``tag``: where copies go, and what a run leaves and finds."""

import io
import os
import time
from pathlib import Path

import pytest

from music21_kdic import InputError, OutputError, tag
from music21_kdic.collection.engine.publish import _prefix
from music21_kdic.collection.tag import TagQuery
from music21_kdic.errors import ModelError, WriteError
from tests.collection.conftest import bass_only, programmed, song
from tests.conftest import save_midi


def test_a_dry_run_writes_nothing(plain, tmp_path):
    before = sorted(tmp_path.rglob('*'))
    batch = tag(plain, tmp_path / 'tagged.mid', threshold=0.0, dry_run=True)
    assert all(row['new_name'].startswith(row['label']) for row in batch)
    assert sorted(tmp_path.rglob('*')) == before


@pytest.mark.parametrize('other_name', ['plain.mid', './plain.mid', 'link.mid', 'hard.mid'])
def test_the_input_is_never_written_over(other_name, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.symlink('plain.mid', 'link.mid')
    os.link('plain.mid', 'hard.mid')
    before = plain.read_bytes()
    with pytest.raises(OutputError, match='is the input, and is left as it is'):
        tag('plain.mid', other_name)
    assert plain.read_bytes() == before


def test_nothing_that_is_there_is_overwritten(plain, tmp_path, run):
    (tmp_path / 'mine.mid').write_text('mine')
    status, _, err = run('tag', plain, '-o', tmp_path / 'mine.mid')
    assert (status, (tmp_path / 'mine.mid').read_text()) == (2, 'mine')
    assert 'is there already' in err


def test_several_files_want_a_folder(collection, tmp_path, run):
    there = tmp_path / 'there.mid'
    there.write_text('mine')
    for force in (False, True):
        with pytest.raises(OutputError, match=r'there\.mid: is a file, wanted a folder for the copies'):
            tag(collection, there, force=force)
    assert run('tag', collection, '-o', there)[0] == 2
    assert there.read_text() == 'mine'


def test_a_folder(collection, tmp_path):
    (collection / 'a' / 'bad.mid').write_bytes(b'none')
    out = tmp_path / 'out'
    batch = tag(collection, out, threshold=0.0, jobs=2)
    assert (batch.files, batch.failed) == (13, 1)
    names = {path.relative_to(collection) for path in collection.rglob('*.mid')}
    assert {path.relative_to(out) for path in out.rglob('*') if path.is_file()} == {n for n in names if n.stem != 'bad'}
    with pytest.raises(OutputError, match='is there already'):
        tag(collection, out, jobs=2)
    (out / 'a' / '00.mid').unlink()
    again = tag(collection, out, jobs=1, resume=True)
    assert sorted({row['path'][-8:] for row in again}) == ['/bad.mid', 'a/00.mid']


def test_files_that_cannot_be_tagged_are_rows(tmp_path, plain, run):
    (tmp_path / 'bad.mid').write_bytes(b'none')
    riff = b'RIFF' + bytes(4) + b'RMIDdata' + bytes(4)
    (tmp_path / 'song.rmi').write_bytes(riff + plain.read_bytes())
    batch = tag([tmp_path / 'bad.mid', tmp_path / 'song.rmi'], tmp_path / 'out', jobs=1)
    assert batch.failed == 2
    for row, error in zip(batch, ('wanted a MIDI file', 'wanted a plain one'), strict=True):
        assert row['status'] == 'unreadable'
        assert error in row['error']
    assert not list((tmp_path / 'out').glob('*'))
    assert run('tag', tmp_path / 'bad.mid', '-o', tmp_path / 'out.mid')[0] == 1
    assert not (tmp_path / 'out.mid').exists()
    status, out, _ = run('tag', plain, '-o', tmp_path / 'out.mid', '--threshold', '0')
    assert (status, len(out.splitlines())) == (0, 6)
    assert (tmp_path / 'out.mid').exists()


def test_a_file_that_takes_too_long_is_a_row_like_the_others(slow, tmp_path, run):
    status, out, err = run('tag', slow(), '-o', tmp_path / 'out.mid', '--timeout', '0.2')
    assert (status, 'no answer within 0.2 s' in out) == (1, True), err
    assert not (tmp_path / 'out.mid').exists()


def test_a_worker_killed_as_soon_as_it_had_written_is_no_failure(plain, tmp_path):
    """Another worker is asked for the same file, and finds its copy there."""
    query, copy = TagQuery(threshold=0.0), str(tmp_path / 'tagged.mid')
    first = query.answer(str(plain), copy)
    assert query.answer(str(plain), copy) == first
    (tmp_path / 'tagged.mid').write_bytes(b'mine')
    assert query.answer(str(plain), copy)[0].status == 'unreadable'
    assert (tmp_path / 'tagged.mid').read_bytes() == b'mine'


def test_copies_do_not_lie_among_their_originals(collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for output in (collection / 'tagged', collection, 'songs/../songs/tagged'):
        with pytest.raises(OutputError, match='lies inside'):
            tag(collection, output)


def test_many_paths_go_to_one_folder(collection, plain, tmp_path, monkeypatch):
    """As the originals lie in the folders that were named; a file lies in the folder itself."""
    monkeypatch.chdir(tmp_path)
    assert tag(['songs/a/0*.mid', 'songs/b', plain], 'out', jobs=1).failed == 0
    names = [f'{number:02}.mid' for number in range(12) if number % 2 or number < 10]
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == sorted(['plain.mid', *names])
    assert tag('songs/a/00.mid', 'new/folder/00.mid').failed == 0
    assert tag('songs/a/00.mid', 'other/').failed == 0
    assert (tmp_path / 'other' / '00.mid').read_bytes() == (tmp_path / 'new' / 'folder' / '00.mid').read_bytes()


def test_a_folder_is_laid_out_alike_however_it_is_named(collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tag('songs', 'folder', jobs=1)
    tag('song*', 'glob', jobs=1)
    monkeypatch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(b'songs\n')))
    tag('-', 'listed', jobs=1)
    folder, *others = (
        sorted(path.relative_to(out) for path in Path(out).rglob('*.mid')) for out in ('folder', 'glob', 'listed')
    )
    assert len(folder) > 2
    assert others == [folder, folder]
    with pytest.raises(OutputError, match='lies inside'):
        tag('song*', 'songs/tagged')
    tag('songs/a/00*.mid', 'one', jobs=1)  # a glob stands for many, also where it matches one
    assert [path.name for path in Path('one').iterdir()] == ['00.mid']


def test_a_file_that_is_named_twice_is_copied_once(collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    batch = tag(['songs/a/00.mid', './songs/../songs/a/00.mid'], 'one')
    assert [path.name for path in (tmp_path / 'one').iterdir()] == ['00.mid']
    assert {row.path for row in batch} == {'songs/a/00.mid'}
    tag(['songs', 'songs/a/00.mid'], 'all', jobs=1)
    assert sorted(path.name for path in (tmp_path / 'all').iterdir()) == ['a', 'b']


def test_two_files_do_not_get_one_copy(collection, tmp_path):
    (collection / 'b' / '00.mid').write_bytes((collection / 'a' / '00.mid').read_bytes())
    with pytest.raises(OutputError, match=r'out/00.mid: would be the copy of .*a/00.mid and of .*b/00.mid'):
        tag([collection / 'a' / '00.mid', collection / 'b' / '00.mid'], tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_a_path_that_is_not_there_writes_nothing(tmp_path, plain, run):
    for name in ('none.mid', '*.kar'):
        with pytest.raises(InputError, match=r'no such file or folder|matches no file'):
            tag([plain, tmp_path / name], tmp_path / 'out')
    assert run('tag', tmp_path / 'none.mid', '-o', tmp_path / 'out.mid')[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ['plain.mid']


def test_scores_are_said_to_be_no_files_that_can_be_tagged(collection, tmp_path, run):
    (collection / 'a' / 'song.musicxml').write_text('<score-partwise/>')
    (row,) = tag(collection / 'a' / 'song.musicxml', tmp_path / 'out.mid')
    assert (row.status, row.error) == ('unreadable', 'a score; only MIDI files can be tagged')
    (row,) = tag('corpus:bwv66.6', tmp_path / 'out.mid')
    assert (row.status, row.error) == ('unreadable', 'a score; only MIDI files can be tagged')
    status, out, _ = run('tag', collection / 'a', '-o', tmp_path / 'out', '--jobs', '1')
    assert (status, out.splitlines()[-1].endswith('passed over for their endings: 1 .musicxml')) == (0, True)


def test_copies_are_replaced_where_that_is_asked_for_and_inputs_never(collection, tmp_path, run):
    out = tmp_path / 'out'
    tag(collection, out, jobs=1)
    wanted = (out / 'a' / '00.mid').read_bytes()
    (out / 'a' / '00.mid').write_text('old')
    assert run('tag', collection, '-o', out, '--force', '--jobs', '1')[0] == 0
    assert (out / 'a' / '00.mid').read_bytes() == wanted
    original = (collection / 'a' / '00.mid').read_bytes()
    with pytest.raises(OutputError, match='is the input'):
        tag([collection / 'a' / '00.mid', collection / 'b' / '01.mid'], collection / 'a', force=True)
    assert (collection / 'a' / '00.mid').read_bytes() == original


def test_what_a_killed_run_left_is_taken_away_on_resuming(collection, tmp_path):
    out = tmp_path / 'out'
    (out / 'a').mkdir(parents=True)
    left = out / 'a' / f'{_prefix(out / "a" / "00.mid")}123.part'
    left.write_bytes(b'MThd')
    tag(collection, out, jobs=1, resume=True)
    assert not left.exists()
    assert len(list(out.rglob('*'))) == 2 + 12


def aged(path, seconds):
    """Set when a file was changed, in seconds from now."""
    when = time.time() + seconds
    os.utime(path, (when, when))


@pytest.mark.parametrize('other_name', ['plain.mid', 'link.mid', 'hard.mid'])
@pytest.mark.parametrize('options', [{'resume': True}, {'resume': True, 'force': True}, {'dry_run': True}])
def test_the_input_is_no_copy_of_itself(other_name, options, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.symlink('plain.mid', 'link.mid')
    os.link('plain.mid', 'hard.mid')
    before = plain.read_bytes()
    with pytest.raises(OutputError, match='is the input, and is left as it is'):
        tag('plain.mid', other_name, **options)
    assert plain.read_bytes() == before


def test_a_copy_older_than_its_input_is_made_again_only_with_force(collection, tmp_path, run):
    """It may be somebody's work: who wants it replaced says so. The finished copies stay."""
    out = tmp_path / 'out'
    tag(collection, out, threshold=0.0, jobs=1)
    changed, copy = collection / 'a' / '00.mid', out / 'a' / '00.mid'
    save_midi(changed, song(50))
    aged(changed, 100)
    old = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob('*.mid')}
    with pytest.raises(OutputError, match=r'out/a/00.mid: is older than .*songs/a/00.mid, or no copy of it, .*--force'):
        tag(collection, out, threshold=0.0, jobs=1, resume=True)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob('*.mid')} == old
    batch = tag(collection, out, threshold=0.0, jobs=1, resume=True, force=True)
    assert (batch.files, batch.counts.there, {row.path for row in batch}) == (1, 11, {str(changed)})
    assert copy.read_bytes() == changed.read_bytes()  # which has names and programs
    assert [path for path, before in old.items() if path.stat().st_mtime_ns != before[1]] == [copy]
    aged(changed, -100)
    words = ('tag', collection, '-o', out, '--threshold', '0', '--jobs', '1', '--resume')
    status, told, _ = run(*words)
    assert (status, told.splitlines()[-1]) == (0, '0 files, 0 parts; 12 copied before')
    status, told, _ = run(*words[:-1], '--force')
    assert (status, told.splitlines()[-1].startswith('12 files, 36 parts: ')) == (0, True)
    assert 'before' not in told.splitlines()[-1]


@pytest.mark.parametrize(
    'there', ['no music', 'another song', 'the tracks of another', 'a folder', 'a link to nothing']
)
def test_what_is_no_copy_is_none_on_resuming(there, plain, write_midi, tmp_path):
    copy = tmp_path / 'copy.mid'
    if there == 'a folder':
        copy.mkdir()
        (copy / 'mine').touch()
        copy = copy / 'plain.mid'
        copy.mkdir()
    elif there == 'a link to nothing':
        copy.symlink_to('nothing')
    else:
        other = write_midi(song(7)[: 2 if there == 'the tracks of another' else None], name='other.mid')
        copy.write_bytes(other.read_bytes() if 'another' in there else b'mine')
        aged(copy, 100)
    output = tmp_path / 'copy.mid'
    before = sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob('*'))
    with pytest.raises(OutputError, match=r'or no copy of it, and is left as it is; --force replaces it'):
        tag(plain, output, resume=True)
    assert sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob('*')) == before


def test_a_changed_input_that_looks_old_is_seen_by_its_notes(plain, tmp_path):
    tag(plain, tmp_path / 'copy.mid', threshold=0.0)
    save_midi(plain, song(9))
    aged(plain, -1000)
    with pytest.raises(OutputError, match='or no copy of it'):
        tag(plain, tmp_path / 'copy.mid', resume=True)


@pytest.mark.parametrize('name', ['', 'Track 1'])
def test_all_that_is_added_leaves_a_copy_one(name, plain, write_midi, tmp_path):
    """Names, programs, a program 0 that goes, a placeholder that goes."""
    paths = [plain, write_midi(programmed(0, name), name='0.mid'), write_midi(bass_only(), name='1.mid')]
    rows = tag(paths, tmp_path / 'out', threshold=0.0, jobs=1)
    assert {row.path for row in rows if row.new_name and row.new_program is not None} == set(map(str, paths))
    again = tag(paths, tmp_path / 'out', threshold=0.0, jobs=1, resume=True)
    assert (again.files, again.counts.there, list(again)) == (0, 3, [])


def test_a_copy_has_to_go_somewhere(plain):
    for output in (None, 5):
        with pytest.raises(OutputError, match=f'output = {output}: wanted the path of the copy, or of a folder'):
            tag(plain, output)


def test_a_folder_without_midi_files_is_said_to_be_one(tmp_path):
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'empty' / 'readme.txt').touch()
    (row,) = tag(tmp_path / 'empty', tmp_path / 'out', jobs=1)
    assert (row.status, row.error) == ('unreadable', 'a folder without MIDI files, or one that cannot be opened')


def test_a_folder_that_takes_no_file_is_an_error_of_its_own(plain, tmp_path):
    """And not one of the input's."""
    (tmp_path / 'file').write_text('no folder')
    with pytest.raises(WriteError, match=r'file/copies: cannot be written'):
        tag(plain, f'{tmp_path}/file/copies/', quiet=True)


def test_a_model_that_is_not_there_leaves_no_folder(plain, tmp_path):
    with pytest.raises(ModelError):
        tag(plain, f'{tmp_path}/copies/', model=tmp_path / 'none', quiet=True)
    assert not (tmp_path / 'copies').exists()
