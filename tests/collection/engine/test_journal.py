"""A run that is stopped, killed or crossed by another: what is left, and what ``--resume`` makes of it."""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from music21_kdic import ModelError, OutputError, audit, label, rank
from music21_kdic.cli import main
from music21_kdic.collection.engine.journal import Journal, journal_path
from music21_kdic.collection.engine.publish import _prefix
from tests.collection.conftest import COMMAND, song, write_songs


def log_of(journal):
    """Where SQLite logs what it has not yet put into a journal."""
    return journal.with_name(f'{journal.name}-wal')


@dataclass
class Stopped:
    """A run that had answered for all its songs, and was stopped before it wrote their table."""

    songs: Path
    table: bytes  # of a run that was not stopped
    journal: bytes
    killed: tuple[bytes, bytes]  # the journal and its log as a kill leaves them

    def leave(self, output):
        """Its journal, where a run to this output looks for it."""
        journal_path(output).write_bytes(self.journal)
        return self.songs


@pytest.fixture(scope='module')
def stopped(tmp_path_factory):
    folder = tmp_path_factory.mktemp('stopped')
    songs, output, left = write_songs(folder / 'songs'), folder / 'table.csv', []

    def stop(*_):
        left.extend(path.read_bytes() for path in (journal_path(output), log_of(journal_path(output))))
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr('music21_kdic.collection.engine.run.write_table', stop)
        with pytest.raises(KeyboardInterrupt):
            label(songs, output, jobs=2)
    assert not output.exists()
    assert not log_of(journal_path(output)).exists()
    label(songs, folder / 'whole.csv', jobs=1)
    table = (folder / 'whole.csv').read_bytes()
    return Stopped(songs, table, journal_path(output).read_bytes(), tuple(left))


def ask(output, query, *values):
    """Read or change the journal of an output; no run has it open."""
    with contextlib.closing(sqlite3.connect(journal_path(output), isolation_level=None)) as database:
        return database.execute(query, values).fetchall()


def size_of(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_table(stopped, tmp_path):
    """kill -9 after 1, 2, 3, ... further files, each time started again with --resume."""
    output = tmp_path / 'table.csv'
    kills = 0
    status = -signal.SIGKILL
    while status == -signal.SIGKILL:  # until a run ends by itself
        process = subprocess.Popen(
            [*COMMAND, 'label', str(stopped.songs), '-o', str(output), '--resume', '--jobs', '2'],
            stderr=subprocess.DEVNULL,
        )
        size, grown = size_of(log_of(journal_path(output))), 0
        while process.poll() is None:
            before, size = size, size_of(log_of(journal_path(output)))
            grown += size > before
            if grown > kills:
                process.kill()
                kills += 1
            time.sleep(0.001)
        status = process.wait()
        assert kills < 30
    assert status in (0, 2)  # 2 where the last one was killed with its work all done: there is nothing to resume
    assert kills > 1
    assert output.read_bytes() == stopped.table
    assert [path.name for path in tmp_path.iterdir()] == ['table.csv']


@pytest.mark.parametrize('seed', range(5))
def test_a_journal_cut_off_anywhere_is_gone_on_from(seed, stopped, tmp_path):
    """Killed while writing: the log ends in the middle of an answer, or of its first one."""
    output = tmp_path / 'table.csv'
    journal, log = stopped.killed
    journal_path(output).write_bytes(journal)
    log_of(journal_path(output)).write_bytes(log[: random.Random(seed).randrange(len(log))])
    output.with_name(f'{_prefix(output)}0123.part').write_text('path,tra')
    assert label(stopped.songs, output, jobs=1, resume=True).files == 12
    assert output.read_bytes() == stopped.table
    assert [path.name for path in tmp_path.iterdir()] == ['table.csv']


def test_a_file_that_was_mended_meanwhile_is_read_again(stopped, tmp_path, monkeypatch):
    """It was cut off when the run that was stopped read it; the others are not read again."""
    songs, output = write_songs(tmp_path / 'songs'), tmp_path / 'table.csv'
    mended = songs / 'a' / '00.mid'
    whole = mended.read_bytes()
    mended.write_bytes(whole[:-200])
    with monkeypatch.context() as patched:
        patched.setattr('music21_kdic.collection.engine.run.write_table', _interrupt)
        with pytest.raises(KeyboardInterrupt):
            label(songs, output, jobs=1)
    assert ask(output, "SELECT count(*) FROM journal WHERE content LIKE '%unreadable%'") == [(1,)]
    mended.write_bytes(whole)
    added = []
    add = Journal.add
    monkeypatch.setattr(Journal, 'add', lambda self, name, rows: added.append(name) or add(self, name, rows))
    label(songs, output, jobs=1, resume=True)
    assert output.read_bytes() == stopped.table.replace(os.fsencode(stopped.songs), os.fsencode(songs))
    assert added == [str(mended)]


def _interrupt(*_):
    raise KeyboardInterrupt


def test_a_finished_run_is_not_resumed(collection, tmp_path, run):
    """Whether it was made with these files and settings cannot be told from the table."""
    output = tmp_path / 'table.csv'
    assert run('label', collection, '-o', output, '--jobs', '1')[0] == 0
    before = output.stat().st_mtime_ns
    status, _, err = run('label', collection, '-o', output, '--resume', '--priors', 'training')
    assert status == 2
    assert 'is there already, and is left as it is' in err
    assert output.stat().st_mtime_ns == before
    assert run('label', collection, '--resume')[0] == 2


def test_a_start_that_failed_leaves_nothing_in_the_way(collection, tmp_path):
    (tmp_path / 'bad').mkdir()
    with pytest.raises(ModelError):
        label(collection, tmp_path / 'table.csv', model=tmp_path / 'bad', jobs=1)
    assert label(collection, tmp_path / 'table.csv', jobs=1).files == 12


def test_an_unfinished_run_is_not_resumed_with_fewer_files(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    before = ask(output, 'SELECT * FROM journal')
    assert len(before) == 13
    with pytest.raises(OutputError, match='has answers for 6 files that are not to be read now'):
        label(songs / 'a', output, jobs=1, resume=True)
    assert ask(output, 'SELECT * FROM journal') == before
    (tmp_path / 'c.mid').write_bytes((songs / 'a' / '00.mid').read_bytes())
    assert label([songs, tmp_path / 'c.mid'], output, jobs=1, resume=True).files == 13


def test_an_unfinished_run_goes_on_without_files_that_are_gone(stopped, tmp_path, capsys):
    output = tmp_path / 'table.csv'
    songs = shutil.copytree(stopped.leave(output), tmp_path / 'songs')
    for name, *_ in ask(output, "SELECT name FROM journal WHERE kind = 'answer'"):
        moved = os.fsencode(songs / os.path.relpath(os.fsdecode(name), stopped.songs))
        ask(output, 'UPDATE journal SET name = ? WHERE name = ?', moved, name)
    (songs / 'a' / '00.mid').unlink()
    assert main(['label', str(songs), '-o', str(output), '--jobs', '1', '--resume']) == 0
    assert 'left out, since no longer there: 1 that the unfinished run read' in capsys.readouterr().err
    lines = output.read_text().splitlines()
    assert len(lines) > 11
    assert not any('a/00.mid' in line for line in lines)


def test_an_unfinished_run_is_kept_where_no_file_of_it_is_there(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    for name, *_ in ask(output, "SELECT name FROM journal WHERE kind = 'answer'"):
        ask(output, 'UPDATE journal SET name = ? WHERE name = ?', b'/none' + name, name)
    before = ask(output, 'SELECT * FROM journal')
    with pytest.raises(OutputError, match='none of the 12 files that it has answers for is there any more'):
        label(songs, output, jobs=1, resume=True)
    assert ask(output, 'SELECT * FROM journal') == before


def test_an_unfinished_run_is_not_mixed_with_another(collection, tmp_path):
    output = tmp_path / 'table.csv'
    with Journal(journal_path(output), {'settings': 'others'}, resume=False):
        pass
    before = journal_path(output).read_bytes()
    with pytest.raises(OutputError, match='an unfinished run is there'):
        label(collection, output, jobs=1)
    with pytest.raises(OutputError, match=r'begun with settings others, .*, now settings is none, '):
        label(collection, output, jobs=1, resume=True)
    assert not output.exists()
    assert journal_path(output).read_bytes() == before


def test_with_force_the_old_table_stays_until_the_new_one_is_whole(stopped, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    output.write_text('old')
    monkeypatch.setattr(
        'music21_kdic.collection.engine.run.write_table', lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        label(stopped.songs, output, jobs=1, force=True)
    monkeypatch.undo()
    assert output.read_text() == 'old'
    label(stopped.songs, output, jobs=1, resume=True, force=True)
    assert output.read_bytes() == stopped.table
    assert [path.name for path in tmp_path.iterdir()] == ['table.csv']


def test_with_force_an_unfinished_run_is_begun_anew(stopped, tmp_path):
    """Also one over other files, with other settings; but what is no journal of ours is left alone."""
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    assert label(songs / 'a', output, priors='training', jobs=1, force=True).files == 6
    output.unlink()
    journal_path(output).write_text('mine')
    with pytest.raises(OutputError, match='no journal of music21-kdic'):
        label(songs / 'a', output, jobs=1, force=True)
    assert journal_path(output).read_text() == 'mine'


def test_a_file_that_is_no_journal_is_left_alone(collection, tmp_path):
    journal_path(tmp_path / 'table.csv').write_text('mine\n')
    with pytest.raises(OutputError, match='damaged, or no journal of music21-kdic'):
        label(collection, tmp_path / 'table.csv', jobs=1, resume=True)
    assert journal_path(tmp_path / 'table.csv').read_text() == 'mine\n'


@pytest.mark.parametrize('begin', range(0, 24_000, 3000))
def test_a_damaged_journal_is_told_and_left_alone(begin, stopped, tmp_path):
    """A block of NULs, as a bad disk leaves it."""
    output = tmp_path / 'table.csv'
    content = stopped.journal
    assert len(content) > 24_000
    damaged = content[:begin] + bytes(3000) + content[begin + 3000 :]
    journal_path(output).write_bytes(damaged)
    with pytest.raises(OutputError, match='damaged, or no journal of music21-kdic'):
        label(stopped.songs, output, jobs=1, resume=True)
    assert (journal_path(output).read_bytes(), output.exists()) == (damaged, False)


def test_another_database_is_left_alone(collection, tmp_path):
    output = tmp_path / 'table.csv'
    ask(output, 'CREATE TABLE mine (name TEXT)')
    before = journal_path(output).read_bytes()
    with pytest.raises(OutputError, match='no journal of music21-kdic'):
        label(collection, output, jobs=1, resume=True)
    assert journal_path(output).read_bytes() == before


def test_a_file_that_took_too_long_is_read_again_on_resuming(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    ask(output, "UPDATE journal SET kind = 'late', content = replace(content, 'ok', 'timeout') WHERE kind = 'answer'")
    assert label(songs, output, jobs=1, resume=True).failed == 0


def test_two_runs_do_not_write_one_output(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    ((made_with,),) = ask(output, 'SELECT content FROM journal WHERE name = ?', b'made with')
    with (
        Journal(journal_path(output), json.loads(made_with), resume=True),
        pytest.raises(OutputError, match='another run is writing'),
    ):
        label(songs, output, jobs=1, resume=True)
    assert label(songs, output, jobs=1, resume=True).files == 12


def test_a_file_that_comes_in_meanwhile_is_left_as_it_is(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    output.write_text('mine')
    with pytest.raises(OutputError, match='is there already, and is left as it is'):
        label(songs, output, jobs=1, resume=True)
    assert output.read_text() == 'mine'


def test_killed_with_its_table_named_and_a_file_that_took_too_long(stopped, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    monkeypatch.setattr(Journal, 'remove', lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        label(songs, output, jobs=1, resume=True)
    monkeypatch.undo()
    table = output.read_bytes()
    ask(output, "UPDATE journal SET kind = 'late', content = replace(content, 'ok', 'timeout') WHERE kind = 'answer'")
    assert label(songs, output, jobs=1, resume=True).failed == 36
    assert (output.read_bytes(), journal_path(output).exists()) == (table, False)


def test_a_journal_without_a_word_is_none(collection, tmp_path):
    journal_path(tmp_path / 'table.csv').touch()
    assert label(collection, tmp_path / 'table.csv', jobs=1).files == 12


def test_a_run_of_another_verb_is_not_resumed(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    with pytest.raises(
        OutputError, match='begun with asked LabelQuery, verb none, now asked is AuditQuery, verb is audit; '
    ):
        audit(songs, output, jobs=1, resume=True)
    with pytest.raises(OutputError, match='begun with asked LabelQuery, now asked is RankQuery; '):
        rank(songs, 'Bass', output, jobs=1, resume=True)


def test_a_run_with_other_options_is_told_those_that_differ(stopped, tmp_path):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    what_to_do = 'use the same options, another output, or --force in place of --resume to begin anew'
    for options, told in (
        ({'why': True}, 'begun with why False, now why is True'),
        (
            {'min_confidence': 0.5, 'priors': 'training'},
            'begun with priors None, min_confidence 0.0, now priors is training, min_confidence is 0.5',
        ),
    ):
        with pytest.raises(OutputError) as refused:
            label(songs, output, jobs=1, resume=True, **options)
        assert str(refused.value) == f'{journal_path(output)}: {told}; {what_to_do}'
    assert label(songs, output, why=True, jobs=1, force=True).files == 12  # as it says


def test_killed_between_naming_the_table_and_taking_the_journal_away(stopped, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    songs = stopped.leave(output)
    monkeypatch.setattr(Journal, 'remove', lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        label(songs, output, jobs=1, resume=True)
    monkeypatch.undo()
    assert (output.exists(), journal_path(output).exists()) == (True, True)
    assert label(songs, output, jobs=1, resume=True).files == 12
    assert (output.read_bytes(), journal_path(output).exists()) == (stopped.table, False)


@pytest.mark.parametrize('letters', ['a' * 235, 'a' * 236, 'a' * 238, 'a' * 245, '\u97f3' * 82])
def test_a_name_as_long_as_the_file_system_takes(letters, write_midi, tmp_path):
    path = write_midi(song(0))
    output = tmp_path / f'{letters}.csv'
    label(path, output=output, quiet=True)
    assert output.exists()
    assert not journal_path(output).exists()
