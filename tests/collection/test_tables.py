"""Tables are read back by other libraries: csv, json, pyarrow."""

import csv
import json

import pyarrow.parquet
import pytest

from music21_kdic import OutputError
from music21_kdic.collection.tables import check_output, read_table, write_table

COLUMNS = {'path': str, 'track': int, 'drum': bool, 'confidence': float}
ROWS = [
    {'path': 'a, "b"\n.mid', 'track': 3, 'drum': False, 'confidence': 0.25},
    {'path': 'Fl\u00f6te', 'track': None, 'drum': None, 'confidence': None},
    {'path': 'not utf-8: \udcff', 'track': 0, 'drum': True, 'confidence': 1.0},
]


def test_csv(tmp_path):
    write_table(tmp_path / 't.csv', COLUMNS, iter(ROWS))
    with (tmp_path / 't.csv').open(encoding='utf-8', newline='') as file:
        assert list(csv.reader(file)) == [
            ['path', 'track', 'drum', 'confidence'],
            ['a, "b"\n.mid', '3', 'false', '0.25'],
            ['Flöte', '', '', ''],
            ['not utf-8: \\udcff', '0', 'true', '1.0'],
        ]


def test_json_lines(tmp_path):
    write_table(tmp_path / 't.jsonl', COLUMNS, iter(ROWS))
    lines = (tmp_path / 't.jsonl').read_text(encoding='utf-8').split('\n')
    assert [json.loads(line) for line in lines if line] == ROWS


def test_parquet(tmp_path):
    write_table(tmp_path / 't.parquet', COLUMNS, iter(ROWS))
    table = pyarrow.parquet.read_table(tmp_path / 't.parquet')
    assert [str(kind) for kind in table.schema.types] == ['string', 'int64', 'bool', 'double']
    assert table.to_pylist() == [*ROWS[:2], {**ROWS[2], 'path': 'not utf-8: \\udcff'}]


@pytest.mark.parametrize('name', ['t.csv', 't.jsonl', 't.parquet'])
def test_reading_back_and_an_empty_table(name, tmp_path):
    write_table(tmp_path / name, COLUMNS, iter(ROWS))
    assert [row['path'] for row in read_table(tmp_path / name)][:2] == [row['path'] for row in ROWS[:2]]
    write_table(tmp_path / name, COLUMNS, iter([]))
    assert list(read_table(tmp_path / name)) == []


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
    with pytest.raises(OutputError, match='there is no folder'):
        check_output(tmp_path / 'none' / 't.csv')


def test_a_full_disk(tmp_path):
    with pytest.raises(OutputError, match='cannot be written'):
        write_table(tmp_path / 'none' / 't.csv', COLUMNS, iter(ROWS))
