"""Tables are read back by other libraries: csv, json, pyarrow."""

import csv
import json
import os
import shutil
import stat

import pandas
import pyarrow.parquet
import pytest

from music21_kdic import OutputError
from music21_kdic.collection.engine.publish import leftovers
from music21_kdic.collection.engine.tables import check_output, read_table, write_table

COLUMNS = {'path': str, 'track': int, 'drum': bool, 'confidence': float}
ROWS = [
    {'path': 'a, "b"\n.mid', 'track': 3, 'drum': False, 'confidence': 0.25},
    {'path': 'Fl\u00f6te', 'track': None, 'drum': None, 'confidence': None},
    {'path': 'two\rlines', 'track': 1, 'drum': False, 'confidence': 0.5},
    {'path': 'not utf-8: \udcff', 'track': 0, 'drum': True, 'confidence': 1.0},
]


def test_csv(tmp_path):
    write_table(tmp_path / 't.csv', COLUMNS, iter(ROWS))
    with (tmp_path / 't.csv').open(encoding='utf-8', newline='') as file:
        assert list(csv.reader(file)) == [
            ['path', 'track', 'drum', 'confidence'],
            ['a, "b"\n.mid', '3', 'false', '0.25'],
            ['Flöte', '', '', ''],
            ['two\rlines', '1', 'false', '0.5'],
            ['not utf-8: \\udcff', '0', 'true', '1.0'],
        ]


FORMULAS = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '\uff1d1+1',
    "'=1",
    "''=1",
    '=HYPERLINK("x", "y")\n',
]
HARMLESS = ["'", "'quoted'", 'a=1', '', ' ', '3/4', '\'"']


@pytest.mark.parametrize('text', FORMULAS + HARMLESS)
def test_a_text_that_looks_like_a_formula_is_a_text_in_csv(text, tmp_path):
    """As OWASP has it: no cell may begin with such a sign, an apostrophe before it makes it a text."""
    row = {'path': text, 'track': -3, 'drum': True, 'confidence': -0.5}
    write_table(tmp_path / 't.csv', COLUMNS, [row])
    with (tmp_path / 't.csv').open(encoding='utf-8', newline='') as file:
        _, (cell, *numbers) = csv.reader(file)
    assert cell == (f"'{text}" if text in FORMULAS else text)
    assert numbers == ['-3', 'true', '-0.5']
    assert [found['path'] for found in read_table(tmp_path / 't.csv', COLUMNS)] == [text]
    write_table(tmp_path / 't.jsonl', COLUMNS, [row])
    assert list(read_table(tmp_path / 't.jsonl', COLUMNS)) == [row]


def test_json_lines(tmp_path):
    write_table(tmp_path / 't.jsonl', COLUMNS, iter(ROWS))
    lines = (tmp_path / 't.jsonl').read_text(encoding='utf-8').split('\n')
    # No escape of half a surrogate pair, with which other programs do what they like (RFC 8259, 8.2).
    told = [*ROWS[:3], {**ROWS[3], 'path': 'not utf-8: \\udcff'}]
    assert [json.loads(line) for line in lines if line] == told
    assert list(pandas.read_json(tmp_path / 't.jsonl', lines=True)['path']) == [row['path'] for row in told]


def test_parquet(tmp_path):
    write_table(tmp_path / 't.parquet', COLUMNS, iter(ROWS))
    table = pyarrow.parquet.read_table(tmp_path / 't.parquet')
    assert [str(kind) for kind in table.schema.types] == ['string', 'int64', 'bool', 'double']
    assert table.to_pylist() == [*ROWS[:3], {**ROWS[3], 'path': 'not utf-8: \\udcff'}]


@pytest.mark.parametrize('name', ['t.csv', 't.jsonl', 't.parquet'])
def test_reading_back_and_an_empty_table(name, tmp_path):
    write_table(tmp_path / name, COLUMNS, iter(ROWS))
    assert [row['path'] for row in read_table(tmp_path / name, COLUMNS)][:3] == [row['path'] for row in ROWS[:3]]
    (tmp_path / name).unlink()
    write_table(tmp_path / name, COLUMNS, iter([]))
    assert list(read_table(tmp_path / name, COLUMNS)) == []


@pytest.mark.parametrize('name', ['t.csv', 't.jsonl', 't.parquet'])
def test_what_is_no_table_of_ours_is_told(name, tmp_path):
    (tmp_path / name).write_text('{"a": 1}\n{"a": 2}\n')
    with pytest.raises(
        OutputError, match=r't.*: (has a row .* wanted the columns path, track|cannot be read as a table)'
    ):
        list(read_table(tmp_path / name, COLUMNS))


def test_a_table_never_takes_the_place_of_another(tmp_path):
    (tmp_path / 't.csv').write_text('mine')
    os.symlink('nowhere', tmp_path / 'link.csv')
    for name in ('t.csv', 'link.csv'):
        with pytest.raises(OutputError, match='is there already, and is left as it is'):
            write_table(tmp_path / name, COLUMNS, iter(ROWS))
    assert (tmp_path / 't.csv').read_text() == 'mine'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['link.csv', 't.csv']


def test_a_file_system_without_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, 'Operation not permitted')

    monkeypatch.setattr(os, 'link', refuse)
    write_table(tmp_path / 't.csv', COLUMNS, iter(ROWS))
    with pytest.raises(OutputError, match='is there already'):
        write_table(tmp_path / 't.csv', COLUMNS, iter(ROWS))
    assert [path.name for path in tmp_path.iterdir()] == ['t.csv']


def test_what_takes_the_place_of_a_file_has_its_mode_and_links_stay(tmp_path):
    (tmp_path / 'kept').mkdir()
    kept = tmp_path / 'kept' / 'then.csv'
    kept.write_text('old')
    kept.chmod(0o600)
    link = tmp_path / 'latest.csv'
    link.symlink_to('kept/then.csv')
    write_table(link, COLUMNS, iter(ROWS), replace=True)
    assert link.is_symlink()
    assert len(list(read_table(kept, COLUMNS))) == len(ROWS)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.rglob('*')) == ['kept', 'latest.csv', 'then.csv']


def test_a_link_to_nothing_is_replaced(tmp_path):
    link = tmp_path / 't.csv'
    link.symlink_to('none/t.csv')
    write_table(link, COLUMNS, iter(ROWS), replace=True)
    assert len(list(read_table(link, COLUMNS))) == len(ROWS)
    assert not link.is_symlink()


def test_what_was_left_beside_the_file_of_a_link_is_found(tmp_path):
    (tmp_path / 'kept').mkdir()
    (tmp_path / 'kept' / 'then.csv').write_text('old')
    link = tmp_path / 'latest.csv'
    link.symlink_to('kept/then.csv')
    left = []

    def killed(part):
        left.append(shutil.copy(part, part.with_name(part.name.removesuffix('.part') + '0.part')))

    write_table(link, COLUMNS, iter(ROWS), killed, replace=True)
    assert [path.resolve() for path in leftovers([link])] == [path.resolve() for path in left]


def test_the_longest_name_that_the_file_system_takes(tmp_path):
    write_table(tmp_path / ('n' * 251 + '.csv'), COLUMNS, iter(ROWS))
    with pytest.raises(OutputError, match='cannot be written'):
        write_table(tmp_path / ('n' * 252 + '.csv'), COLUMNS, iter(ROWS))


@pytest.mark.parametrize('name', ['t.csv', 't.jsonl', 't.parquet'])
def test_a_table_that_cannot_be_made_whole_is_not_there(name, tmp_path):
    def rows():
        yield ROWS[0]
        raise RuntimeError('the lights went out')

    with pytest.raises(RuntimeError):
        write_table(tmp_path / name, COLUMNS, rows())
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_told_beforehand(tmp_path):
    with pytest.raises(OutputError, match=r"ends in '.xlsx', wanted one of .csv, .jsonl, .parquet"):
        check_output(tmp_path / 't.xlsx')
    (tmp_path / 'd.csv').mkdir()
    with pytest.raises(OutputError, match='is a folder, wanted the name of a file'):
        check_output(tmp_path / 'd.csv')
    with pytest.raises(OutputError, match='there is no folder'):
        check_output(tmp_path / 'none' / 't.csv')


def test_a_full_disk(tmp_path):
    with pytest.raises(OutputError, match='cannot be written'):
        write_table(tmp_path / 'none' / 't.csv', COLUMNS, iter(ROWS))


def test_a_link_to_something_else_than_a_table_is_replaced(tmp_path):
    """It may lead to what the table was made from."""
    song = tmp_path / 'song.mid'
    song.write_bytes(b'MThd')
    link = tmp_path / 't.csv'
    link.symlink_to('song.mid')
    write_table(link, COLUMNS, iter(ROWS), replace=True)
    assert song.read_bytes() == b'MThd'
    assert len(list(read_table(link, COLUMNS))) == len(ROWS)
