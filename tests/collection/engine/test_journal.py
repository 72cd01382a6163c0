"""A run that is stopped, killed or crossed by another: what is left, and what ``--resume`` makes of it."""

import json
import random
import signal
import subprocess
import time

import pytest

from music21_kdic import ModelError, OutputError, audit, label
from music21_kdic.collection.engine.journal import Journal, journal_path
from music21_kdic.collection.engine.publish import _prefix
from tests.collection.conftest import COMMAND


def whole(collection, tmp_path, name='whole.csv'):
    label(collection, tmp_path / name, jobs=1)
    return (tmp_path / name).read_bytes()


def stopped(collection, output, monkeypatch):
    """Answer for every file and stop before the table is written; what the journal then holds."""
    monkeypatch.setattr(
        'music21_kdic.collection.engine.run.write_table', lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        label(collection, output, jobs=2)
    monkeypatch.undo()
    assert not output.exists()
    return journal_path(output).read_bytes()


def lines_of(path):
    try:
        return path.read_bytes().count(b'\n')
    except FileNotFoundError:
        return 0


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_table(collection, tmp_path):
    """kill -9 after 1, 2, 3, ... further files, each time started again with --resume."""
    wanted = whole(collection, tmp_path)
    output = tmp_path / 'table.csv'
    kills = 0
    status = -signal.SIGKILL
    while status == -signal.SIGKILL:  # until a run ends by itself
        process = subprocess.Popen(
            [*COMMAND, 'label', str(collection), '-o', str(output), '--resume', '--jobs', '2'],
            stderr=subprocess.DEVNULL,
        )
        lines = lines_of(journal_path(output))
        while process.poll() is None:
            if lines_of(journal_path(output)) > lines + kills // 2:
                process.kill()
                kills += 1
            time.sleep(0.001)
        status = process.wait()
        assert kills < 30
    assert status in (0, 2)  # 2 where the last one was killed with its work all done: there is nothing to resume
    assert kills > 1
    assert output.read_bytes() == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ['songs', 'table.csv', 'whole.csv']


@pytest.mark.parametrize('seed', range(5))
def test_a_journal_cut_off_anywhere_is_gone_on_from(seed, collection, tmp_path, monkeypatch):
    """Killed while writing: the journal ends in the middle of a line, or of its first one."""
    wanted = whole(collection, tmp_path)
    output = tmp_path / 'table.csv'
    content = stopped(collection, output, monkeypatch)
    journal_path(output).write_bytes(content[: random.Random(seed).randrange(len(content))])
    output.with_name(f'{_prefix(output)}0123.part').write_text('path,tra')
    assert label(collection, output, jobs=2, resume=True).files == 12
    assert output.read_bytes() == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ['songs', 'table.csv', 'whole.csv']


def test_a_finished_run_is_not_resumed(collection, tmp_path, run):
    """Whether it was made with these files and settings cannot be told from the table."""
    output = tmp_path / 'table.csv'
    assert run('label', collection, '-o', output)[0] == 0
    before = output.stat().st_mtime_ns
    status, _, err = run('label', collection, '-o', output, '--resume', '--prior', 'training')
    assert status == 2
    assert 'is there already, and is left as it is' in err
    assert output.stat().st_mtime_ns == before
    assert run('label', collection, '--resume')[0] == 2


def test_a_start_that_failed_leaves_nothing_in_the_way(collection, tmp_path):
    (tmp_path / 'bad.onnx').write_bytes(b'no model')
    with pytest.raises(ModelError):
        label(collection, tmp_path / 'table.csv', model=tmp_path / 'bad.onnx', jobs=1)
    assert label(collection, tmp_path / 'table.csv', jobs=2).files == 12


def test_an_unfinished_run_is_not_resumed_with_fewer_files(collection, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    content = stopped(collection, output, monkeypatch)
    with pytest.raises(OutputError, match='has answers for 6 files that are not to be read now'):
        label(collection / 'a', output, jobs=1, resume=True)
    assert journal_path(output).read_bytes() == content
    (collection / 'c.mid').write_bytes((collection / 'a' / '00.mid').read_bytes())
    assert label(collection, output, jobs=1, resume=True).files == 13


def test_an_unfinished_run_is_not_mixed_with_another(collection, tmp_path):
    output = tmp_path / 'table.csv'
    Journal(journal_path(output), {'settings': 'others'}, resume=False)
    before = journal_path(output).read_bytes()
    with pytest.raises(OutputError, match='an unfinished run is there'):
        label(collection, output, jobs=1)
    with pytest.raises(OutputError, match='wanted a journal made with'):
        label(collection, output, jobs=1, resume=True)
    assert not output.exists()
    assert journal_path(output).read_bytes() == before


def test_a_file_that_is_no_journal_is_left_alone(collection, tmp_path):
    journal_path(tmp_path / 'table.csv').write_text('mine\n')
    with pytest.raises(OutputError, match="begins with b'mine"):
        label(collection, tmp_path / 'table.csv', jobs=1, resume=True)
    assert journal_path(tmp_path / 'table.csv').read_text() == 'mine\n'


def test_a_damaged_journal_is_gone_on_from_before_the_damage(collection, tmp_path, monkeypatch):
    """A block of NULs in the middle, as a power failure leaves it."""
    wanted = whole(collection, tmp_path)
    output = tmp_path / 'table.csv'
    content = stopped(collection, output, monkeypatch)
    journal_path(output).write_bytes(content[:9000] + bytes(3000) + content[12000:])
    label(collection, output, jobs=2, resume=True)
    assert output.read_bytes() == wanted


def test_a_file_that_took_too_long_is_read_again_on_resuming(collection, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    content = stopped(collection, output, monkeypatch)
    journal_path(output).write_bytes(content.replace(b'"status": "ok"', b'"status": "timeout"'))
    assert label(collection, output, jobs=2, resume=True).failed == 0


def test_two_runs_do_not_write_one_output(collection, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    stopped(collection, output, monkeypatch)
    made_with = json.loads(journal_path(output).read_bytes().split(b'\n')[0])['journal']
    with (
        Journal(journal_path(output), made_with, resume=True),
        pytest.raises(OutputError, match='another run is writing'),
    ):
        label(collection, output, jobs=1, resume=True)
    assert label(collection, output, jobs=1, resume=True).files == 12


def test_a_file_that_comes_in_meanwhile_is_left_as_it_is(collection, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    stopped(collection, output, monkeypatch)
    output.write_text('mine')
    with pytest.raises(OutputError, match='is there already, and is left as it is'):
        label(collection, output, jobs=1, resume=True)
    assert output.read_text() == 'mine'


def test_killed_with_its_table_named_and_a_file_that_took_too_long(collection, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    content = stopped(collection, output, monkeypatch)
    journal_path(output).write_bytes(content)
    monkeypatch.setattr(Journal, 'remove', lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        label(collection, output, jobs=2, resume=True)
    monkeypatch.undo()
    table = output.read_bytes()
    late = journal_path(output).read_bytes()
    for judged in (b'"ok"', b'"unclear"'):
        late = late.replace(b'"status": ' + judged, b'"status": "timeout"')
    journal_path(output).write_bytes(late)
    assert label(collection, output, jobs=2, resume=True).failed == 36
    assert (output.read_bytes(), journal_path(output).exists()) == (table, False)


def test_a_journal_without_a_word_is_none(collection, tmp_path):
    journal_path(tmp_path / 'table.csv').touch()
    assert label(collection, tmp_path / 'table.csv', jobs=2).files == 12


def test_a_run_of_another_verb_is_not_resumed(collection, tmp_path, monkeypatch):
    output = tmp_path / 'table.csv'
    stopped(collection, output, monkeypatch)
    with pytest.raises(OutputError, match='wanted a journal made with'):
        audit(collection, output, jobs=1, resume=True)


def test_killed_between_naming_the_table_and_taking_the_journal_away(collection, tmp_path, monkeypatch):
    wanted = whole(collection, tmp_path)
    output = tmp_path / 'table.csv'
    monkeypatch.setattr(Journal, 'remove', lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        label(collection, output, jobs=2)
    monkeypatch.undo()
    assert (output.exists(), journal_path(output).exists()) == (True, True)
    assert label(collection, output, jobs=2, resume=True).files == 12
    assert (output.read_bytes(), journal_path(output).exists()) == (wanted, False)
