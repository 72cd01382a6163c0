"""The command's words that all verbs share: output, format, width, help."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from music21_kdic import InputError, MissingExtraError, label
from music21_kdic.classes import CLASSES
from music21_kdic.cli import main
from music21_kdic.collection.label import LabelQuery
from music21_kdic.errors import KdicError, OutputError, WriteError, needs
from music21_kdic.statuses import HEARD_MEANINGS, Status

README = Path(__file__).parents[1] / 'README.md'
VERBS = ('label', 'rank', 'audit', 'tag', 'report')


@pytest.fixture
def midi(write_midi, midi_note):
    return write_midi([[event for i in range(8) for event in midi_note(i * 96, i * 96 + 96, 40 + i)]])


def test_the_table_in_readme_is_what_its_command_shows(capsys):
    text = README.read_text(encoding='utf-8')
    command, table = re.search(r'music21-kdic (label .*?)\n```.*?```text\n(.*?)```', text, re.DOTALL).groups()
    assert main([*command.split(), '--jobs', '1']) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == table.splitlines()


def test_csv_and_json_lines_on_standard_output(midi, capfdbinary):
    (wanted,) = label(midi, jobs=1)
    for words in (['-o', '-'], ['--format', 'csv'], ['-o', '-', '--format', 'csv']):
        assert main(['label', str(midi), '--jobs', '1', *words]) == 0
        (row,) = csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode()))
        assert (list(row), float(row['confidence'])) == (list(LabelQuery().columns), wanted.confidence)
    assert main(['label', str(midi), '--jobs', '1', '-o', '-', '--format', 'jsonl']) == 0
    assert json.loads(capfdbinary.readouterr().out).items() <= dict(wanted).items()


def test_a_format_is_for_standard_output(midi, tmp_path, capsys):
    assert main(['label', str(midi), '-o', str(tmp_path / 't.csv'), '--format', 'jsonl']) == 2
    assert 'follows from its ending' in capsys.readouterr().err
    assert not (tmp_path / 't.csv').exists()


@pytest.mark.parametrize('verb', VERBS)
def test_a_path_that_is_not_there_is_wrong_usage_and_writes_nothing(verb, midi, tmp_path, capsys):
    output = tmp_path / 'out.csv'
    before = sorted(tmp_path.iterdir())
    for path, reason in (('none.mid', 'no such file or folder'), ('*.none', 'matches no file')):
        assert main([verb, str(midi), str(tmp_path / path), '-o', str(output)]) == 2
        assert f'{path}: {reason}' in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
    with pytest.raises(InputError):
        label(tmp_path / 'none.mid')


def test_force_replaces_a_table(midi, tmp_path):
    output = tmp_path / 't.csv'
    output.write_text('old')
    assert main(['label', str(midi), '-o', str(output), '--jobs', '1']) == 2
    assert output.read_text() == 'old'
    assert main(['label', str(midi), '-o', str(output), '--jobs', '1', '--force']) == 0
    assert output.read_text().startswith('path,')


def test_the_line_that_sums_up_is_left_out_where_it_is_quiet(midi, capsys):
    for words, last in (([], True), (['--quiet'], False)):
        main(['label', str(midi), '--jobs', '1', *words])
        assert capsys.readouterr().out.splitlines()[-1].startswith('1 file, 1 part') == last


def test_wide_shows_all_columns(midi, capsys):
    main(['label', str(midi), '--jobs', '1', '--wide'])
    assert capsys.readouterr().out.splitlines()[0].split() == list(LabelQuery().columns)


@pytest.mark.parametrize('verb', [*VERBS, 'serve'])
def test_help_says_what_one_needs_to_know(verb, capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '80')
    with pytest.raises(SystemExit):
        main([verb, '--help'])
    text = capsys.readouterr().out
    assert f'examples:\n  music21-kdic {verb} ' in text
    for word in (*CLASSES, *Status, 'equal', 'training', 'counted from 0', 'exit status'):
        assert word in text
    assert max(map(len, text.splitlines())) <= 100


def test_help_for_recordings_says_what_one_needs_to_know(capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '80')
    with pytest.raises(SystemExit):
        main(['listen', '--help'])
    text = capsys.readouterr().out
    assert 'examples:\n  music21-kdic listen ' in text
    for word in (*CLASSES, *HEARD_MEANINGS.values(), 'synthesizers only', 'exit status', '(default: 600)'):
        assert word in text
    assert '--priors' not in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ('option', 'value', 'wanted'),
    [
        ('--jobs', 'two', 'a whole number above 0'),
        ('--jobs', '0', 'a whole number above 0'),
        ('--timeout', 'nan', 'a number above 0'),
        ('--min-confidence', 'abc', 'a number from 0 to 1'),
        ('--min-confidence', '1.1', 'a number from 0 to 1'),
    ],
)
def test_a_number_that_is_none_is_told_with_what_was_wanted(option, value, wanted, midi, capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['label', option, value, str(midi)])
    assert f'argument {option}: {value}: wanted {wanted}\n' in capsys.readouterr().err


def test_a_warning_is_a_line(midi, capsys):
    assert main(['rank', '--like', 'violin', str(midi), '--jobs', '1']) == 0
    assert "music21-kdic: 'violin' is taken for its class, Strings\n" in capsys.readouterr().err


def test_exit_statuses_belong_to_the_errors():
    assert (KdicError.exit_status, WriteError.exit_status) == (1, 1)
    assert (OutputError.exit_status, InputError.exit_status, MissingExtraError.exit_status) == (2, 2, 2)


def test_what_is_not_installed_is_told_with_the_line_that_installs_it(midi, tmp_path):
    """In a process in which none of the packages of the extras can be imported."""
    script = f"""
import sys
for name in ('pandas', 'pyarrow', 'distributed', 'matplotlib', 'matplotlib.pyplot', 'jinja2', 'uvicorn'):
    sys.modules[name] = None
from music21_kdic import MissingExtraError, NoteSequence, label
from music21_kdic.answers.classify import classify
from music21_kdic.cli import main
from music21_kdic.model.session import load_model
(answer,) = classify([NoteSequence([0, 1], [1, 2], [40, 41], [0, 4, 8])], load_model())
for use in (label({str(midi)!r}, jobs=1).to_pandas, answer.to_pandas, answer.plot):
    try:
        use()
    except ImportError as error:
        print(type(error) is MissingExtraError, error)
print(main(['label', {str(midi)!r}, '-o', {str(tmp_path / 't.parquet')!r}]))
print(main(['label', {str(midi)!r}, '-o', {str(tmp_path / 't')!r}, '--scheduler', 'tcp://127.0.0.1:1']))
print(main(['report', {str(midi)!r}, '-o', {str(tmp_path / 't.html')!r}]))
print(main(['serve', '--port', '0']))
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        *['True a table of pandas needs pandas: pip install "music21-kdic[pandas]"'] * 2,
        'True a plot needs matplotlib: pip install "music21-kdic[plot]"',
        *['2'] * 4,
    ]
    assert [line.split(': ', 1)[1] for line in done.stderr.splitlines()] == [
        f'{tmp_path / "t.parquet"}: Parquet needs pyarrow: pip install "music21-kdic[parquet]"',
        '--scheduler needs distributed: pip install "music21-kdic[dask]"',
        'a page needs jinja2: pip install "music21-kdic[report]"',
        'serve needs jinja2: pip install "music21-kdic[web]"',
    ]


def test_an_import_that_succeeds_needs_nothing():
    with needs('pandas', 'nothing'):
        import os as imported
    assert imported is os


def test_integers_stay_integers_in_pandas(midi, tmp_path):
    (tmp_path / 'bad.mid').write_bytes(b'none')
    table = label([midi, tmp_path / 'bad.mid'], jobs=1).to_pandas()
    assert list(table.columns) == list(LabelQuery().columns)
    kinds = {str(kind): set(table.columns[table.dtypes == kind]) for kind in table.dtypes.unique()}
    assert kinds['Int64'] == {'track', 'channel', 'program', 'notes', 'windows'}
    assert kinds['boolean'] == {'drum', 'sure'}
    assert kinds['float64'] == {'confidence', *CLASSES}
    assert table['track'].tolist()[0] == 0
    assert table['track'].isna().tolist() == [False, True]
