"""Names of files and tracks hold anything; tables and terminals stay well-formed."""

import csv
import json
import os

import pytest

from music21_kdic import label
from music21_kdic.collection.engine.tables import read_table
from music21_kdic.collection.label import LabelQuery
from tests.fuzz.extremes import END, NOTES, midi

COLUMNS = list(LabelQuery().columns)
ODD = 'a\n=b\r,"c";\x1b[2J\x07\u202e\x85\t.mid'
EVIL_NAME = b'=cmd\n\r\x00\x1b[31m\xff\xfe"\xc3\xa9'


@pytest.fixture
def odd_files(tmp_path, monkeypatch):
    """Names of files that break a line, a cell or a terminal, one of them with such a track name inside."""
    name = b'\0\xff\3' + bytes([len(EVIL_NAME)]) + EVIL_NAME
    folder = tmp_path / 'odd'
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / ODD).write_bytes(midi(name + NOTES + END))
    (folder / '=1+1.mid').write_bytes(midi(NOTES + END))
    (folder / os.fsdecode(b'-\xff\xfe.mid')).write_bytes(b'no MIDI')
    return ['=1+1.mid', ODD, os.fsdecode(b'-\xff\xfe.mid')]


def test_no_name_breaks_a_table(odd_files, tmp_path):
    csv_path, jsonl_path = tmp_path / 't.csv', tmp_path / 't.jsonl'
    for path in (csv_path, jsonl_path):
        assert label(odd_files, path, jobs=1).failed == 1
    with csv_path.open(encoding='utf-8', newline='') as file:
        header, *cells = csv.reader(file)
    assert header == COLUMNS
    assert [len(row) for row in cells] == [len(COLUMNS)] * 3
    assert [row[0] for row in cells] == ["'=1+1.mid", ODD, "'-\\udcff\\udcfe.mid"]
    lines = jsonl_path.read_text(encoding='utf-8').split('\n')
    assert lines.pop() == ''
    assert [json.loads(line)['path'] for line in lines] == [*odd_files[:2], '-\\udcff\\udcfe.mid']
    # What is not printable in a track's name is a sign that says so.
    (_, named, _) = read_table(csv_path, COLUMNS)
    assert named['name'].startswith('=cmd\ufffd\ufffd\ufffd\ufffd[31m')
    assert named['name'].isprintable()
    assert cells[1][header.index('name')] == f"'{named['name']}"


def test_no_name_breaks_json_lines_on_standard_output(odd_files, run):
    _, out, _ = run('label', './' + odd_files[2], '-o', '-', '--format', 'jsonl')
    assert json.loads(out)['path'] == './-\\udcff\\udcfe.mid'


def test_no_name_breaks_a_line_of_the_terminal(odd_files, run):
    status, out, err = run('label', *odd_files[:2], './' + odd_files[2])
    assert status == 1
    assert len(out.splitlines()) == 3 + 1 + 3 + 1  # a line a file, the head, a line a part or failure, the summary
    assert err.splitlines() == ['music21-kdic: 1 of 3 files could not be read, see their rows']
    assert all(character.isprintable() or character == '\n' for character in out)


def test_no_name_breaks_a_sentence_of_the_terminal(odd_files, run):
    status, out, err = run('label', odd_files[0], '-o', ODD + '.csv', '--model', ODD)
    assert (status, out) == (2, '')
    assert err.removesuffix('\n').isprintable()
