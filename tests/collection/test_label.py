"""``label``: its rows, its files, its words and exit statuses."""

import csv
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
from functools import partial

import mido
import numpy as np
import pytest
from music21 import converter, corpus

from music21_kdic import (
    CLASSES,
    LimitError,
    NoteSequence,
    OutputError,
    PriorError,
    audit,
    instrument_likelihood,
    label,
    rank,
    tag,
)
from music21_kdic.cli import main
from music21_kdic.collection.engine.tables import read_table
from music21_kdic.collection.label import LabelQuery
from music21_kdic.model.checks import SHIPPED
from tests.collection.conftest import COMMAND, table_of
from tests.hand_made_model import make_model

COLUMNS = [
    'path', 'track', 'channel', 'name', 'program', 'gm_instrument', 'gm_family', 'drum', 'notes', 'windows',
    'label', 'confidence', 'sure', 'plausible', 'status', 'error', 'remark',
    'Guitar', 'Piano', 'Bass', 'Strings', 'Organ', 'Brass', 'Pipe', 'Reed',
]  # fmt: skip


def test_a_row_a_part(collection):
    batch = label(collection, jobs=2)
    assert (batch.files, batch.failed, len(batch)) == (12, 0, 36)
    assert list(batch.columns) == COLUMNS
    first = batch[:3]
    assert [row['path'] for row in first] == [str(collection / 'a' / '00.mid')] * 3
    assert [(row['track'], row['channel'], row['name'], row['program']) for row in first] == [
        (1, 0, 'Bass', 33), (2, 1, 'Piano', 0), (3, 2, 'Flute', 73),
    ]  # fmt: skip
    assert [(row['notes'], row['windows'], row['drum']) for row in first] == [
        (32, 2, False),
        (24, 2, False),
        (16, 2, False),
    ]
    for row in batch:
        values = {name: row[name] for name in CLASSES}
        assert sum(values.values()) == pytest.approx(1, abs=1e-5)
        likeliest, confidence = max(values.items(), key=lambda item: item[1])
        assert row['confidence'] == confidence
        assert row['label'] == (likeliest if row['status'] == 'ok' else 'unknown')
    assert {row['status'] for row in batch} == {'ok'}
    assert [(row.gm_instrument, row.gm_family) for row in first] == [
        ('Electric Bass (finger)', 'Bass'), ('Acoustic Grand Piano', 'Piano'), ('Flute', 'Pipe'),
    ]  # fmt: skip


def test_the_rows_are_what_music21_users_get(tmp_path):
    score = corpus.parse('bwv66.6')
    rows = label(score.write('musicxml', tmp_path / 'choral.musicxml'), jobs=1)
    answers = instrument_likelihood(score)
    assert [row['label'] for row in rows] == [best or 'unknown' for best in answers.best]
    assert [[row[name] for name in CLASSES] for row in rows] == [
        pytest.approx(list(answer.probabilities), abs=1e-5) for answer in answers
    ]
    assert [row.plausible for row in rows] == [' '.join(answer.plausible) for answer in answers]
    assert [(row['track'], row['channel'], row['name']) for row in rows] == [
        (0, None, 'Soprano'), (1, None, 'Alto'), (2, None, 'Tenor'), (3, None, 'Bass'),
    ]  # fmt: skip


def test_what_has_no_answer_has_a_status_and_no_numbers(write_midi, midi_note):
    strokes = [event for i in range(8) for event in midi_note(48 * i, 48 * i + 40, 36, channel=9)]
    path = write_midi(
        [strokes, [*midi_note(0, 96, 60)], [*midi_note(0, 96, 60, channel=1), *midi_note(96, 192, 64, channel=1)]]
    )
    drums, short, fine, empty = label([path, write_midi([[]], name='empty.mid')], jobs=1)
    assert (drums['status'], drums['drum'], drums['notes'], drums['windows'], drums['label']) == (
        'drums',
        True,
        8,
        0,
        'unknown',
    )
    assert (short['status'], short['drum'], short['notes'], short['label']) == ('too-short', False, 1, 'unknown')
    assert all(row[name] is None for row in (drums, short) for name in ('confidence', 'sure', 'plausible', *CLASSES))
    assert (drums.gm_instrument, drums.gm_family) == (None, None)
    assert fine['status'] == 'ok'
    assert (empty['status'], empty['label'], empty['track']) == ('empty', 'unknown', None)


def test_less_sure_than_asked_for_is_unknown(collection):
    rows = label(collection, jobs=1, min_confidence=0.6)
    assert {row['label'] for row in rows if row['confidence'] < 0.6} == {'unknown'}
    assert 'unknown' not in {row['label'] for row in rows if row['confidence'] >= 0.6}


def test_only_sure_answers_are_named_where_they_are_asked_for(collection, tmp_path, capsys):
    """Every part is Guitar at 0.3, in a model that is right nine times in ten from 0.29 or from 0.31 on."""
    path = str(collection / 'a' / '00.mid')
    for confidence, wanted in ((0.29, 'Guitar'), (0.31, 'unknown')):
        contract = {'sure': {'alone': [confidence] * 8, 'together': [confidence] * 8}}
        model = make_model(tmp_path / str(confidence), contract, logits=np.log([3.0, 1, 1, 1, 1, 1, 1, 1]), less=0)
        for sure, name in ((False, 'Guitar'), (True, wanted)):
            rows = LabelQuery(model=str(model), sure=sure).answer(path, None)
            assert [(row['label'], row['status'], row['confidence'], row['sure']) for row in rows] == [
                (name, 'ok', pytest.approx(0.3), wanted == 'Guitar')
            ] * 3
        assert main(['label', path, '--sure', '--model', str(model), '--jobs', '1']) == 0
        table = capsys.readouterr().out.splitlines()[2:5]  # after the file and the head
        assert [wanted in row.split() for row in table] == [True] * 3
        assert ['sure' in row.split() for row in table] == [wanted == 'Guitar'] * 3


def test_the_likeliest_instrument_of_the_class(collection, capsys):
    """Read by mido, asked of the method; General MIDI's programs are counted from 0 and lie in octaves of a family."""
    path = collection / 'a' / '00.mid'
    second = sorted(row.confidence for row in label(path, alone=True, jobs=1))[1] - 1e-5  # it is rounded
    rows = label(path, instruments=True, alone=True, min_confidence=second, jobs=1)
    contract = json.loads((SHIPPED / 'contract.json').read_text())
    tracks = mido.MidiFile(path).tracks[1:]
    named = [(row, track) for row, track in zip(rows, tracks, strict=True) if row.label != 'unknown']
    unnamed = [row for row in rows if row.label == 'unknown']
    assert (len(named), len(unnamed)) == (2, 1)
    assert [(row.instrument, row.instrument_probability) for row in unnamed] == [(None, None)]
    for row, track in named:
        sounding, now = {}, 0
        notes = []
        for message in track:
            now += message.time
            if message.type == 'note_on':
                sounding[message.note] = now
            elif message.type == 'note_off':
                notes.append((sounding[message.note] / 96, now / 96, message.note))
        answer = instrument_likelihood(NoteSequence(*zip(*sorted(notes), strict=True), range(0, 36, 4)))
        of_class = [one for one in contract['instruments'] if one['class'] == row.label]
        within = {one['name']: answer.instruments[one['name']] for one in of_class}
        assert sum(within.values()) == pytest.approx(row.confidence, abs=1e-5)
        assert row.instrument == max(within, key=within.get)
        assert row.instrument_probability == pytest.approx(within[row.instrument], abs=1e-5)
        (programs,) = [one['programs'] for one in of_class if one['name'] == row.instrument]
        assert row.instrument_program in programs
    assert main(['label', str(path), '--instruments', '--alone', '--jobs', '1']) == 0
    shown = capsys.readouterr().out
    first, _ = named[0]
    assert f'{first.instrument_program} {first.instrument} {first.instrument_probability:.2f}' in shown


TUNE = """X:1
T:{title}
M:4/4
L:1/4
V:1
V:2
K:{key}
V:1
{upper}
V:2
{lower}
"""


def test_the_tunes_of_a_file_do_not_see_one_another(tmp_path):
    """Together in a file each tune has the answers that it has in a file of its own."""
    tunes = [
        TUNE.format(title='One', key='C', upper='cdef|gage|fedc|c4|' * 4, lower='C,2G,2|C,2E,2|F,2G,2|C,4|' * 4),
        TUNE.format(title='Two', key='G', upper="g'f'e'd'|b'2g'2|e'd'c'b|a4|" * 4, lower='bdbd|gBgB|ecec|d4|' * 4),
    ]
    for name, content in (('both', '\n'.join(tunes)), ('one', tunes[0]), ('two', tunes[1])):
        (tmp_path / f'{name}.abc').write_text(content)
    both, one, two = (label(tmp_path / f'{name}.abc', jobs=1) for name in ('both', 'one', 'two'))
    assert [row.confidence for row in both] == [row.confidence for row in (*one, *two)]
    assert [row.confidence for row in both] != [
        row.confidence for row in label(tmp_path / 'both.abc', alone=True, jobs=1)
    ]


def test_what_is_unknown_has_no_instrument(collection):
    (row, *_) = label(collection / 'a' / '00.mid', instruments=True, min_confidence=1.0, jobs=1)
    assert (row.label, row.instrument, row.instrument_program, row.instrument_probability) == ('unknown', *[None] * 3)


def test_a_table_has_more_columns_where_they_are_asked_for(collection):
    path = collection / 'a' / '00.mid'
    more = ['instrument', 'instrument_program', 'instrument_probability']
    assert list(LabelQuery(instruments=True).columns) == COLUMNS + more
    both = label(path, instruments=True, why=True, jobs=1)
    assert list(both.to_pandas().columns) == [*COLUMNS, *more, 'why']
    assert all(row.why for row in both)
    assert [(row.why, row.instrument) for row in LabelQuery().answer(str(path), None)] == [(None, None)] * 3


def test_priors(collection):
    path = collection / 'a' / '00.mid'
    plain = label(path, jobs=1)
    assert label(path, priors='training', jobs=1)[0]['Bass'] != plain[0]['Bass']
    assert label(path, priors='equal', jobs=1).rows == label(path, priors=[3] * 8, jobs=1).rows == plain.rows
    with pytest.raises(PriorError):
        label(path, priors=[1, 2], jobs=1)


def test_the_answers_do_not_depend_on_the_jobs(collection):
    assert label(collection, jobs=1).rows == label(collection, jobs=2).rows


def test_each_format_holds_the_same(collection, tmp_path):
    wanted = table_of(label(collection, jobs=1))
    for ending in ('csv', 'jsonl', 'parquet'):
        folder = tmp_path / ending
        folder.mkdir()
        output = folder / f'table.{ending}'
        batch = label(collection, output, jobs=1)
        assert (batch.files, batch.failed, len(batch)) == (12, 0, 0)
        assert list(folder.iterdir()) == [output]
        found = list(read_table(output, COLUMNS))
        assert [list(row) for row in found] == [COLUMNS] * 36
        if ending == 'csv':
            assert [float(row['Guitar']) for row in found] == [row['Guitar'] for row in wanted]
        else:
            assert found == wanted


def test_nothing_that_is_there_is_overwritten(collection, tmp_path, run):
    output = tmp_path / 'table.csv'
    output.write_text('mine')
    with pytest.raises(OutputError, match='is there already, and is left as it is'):
        label(collection, output, jobs=1)
    assert run('label', collection, '-o', output)[0] == 2
    assert output.read_text() == 'mine'


@pytest.mark.parametrize(
    ('limits', 'wanted'),
    [
        ({'jobs': 0}, 'jobs = 0: wanted a whole number, at least 1'),
        ({'jobs': 0.5}, 'jobs = 0.5: wanted a whole number, at least 1'),
        ({'jobs': 2.5}, 'jobs = 2.5: wanted a whole number, at least 1'),
        ({'jobs': float('inf')}, 'jobs = inf: wanted a whole number, at least 1'),
        ({'jobs': '2'}, "jobs = '2': wanted a whole number, at least 1"),
        ({'timeout': 0}, 'timeout = 0: wanted more than 0'),
        ({'timeout': float('nan')}, 'timeout = nan: wanted more than 0'),
        ({'timeout': '60'}, "timeout = '60': wanted more than 0"),
        ({'memory': 1024}, 'memory = 1024: wanted at least 1048576 bytes'),
        ({'min_confidence': 50}, 'min_confidence = 50: wanted a number from 0 to 1'),
        ({'min_confidence': float('nan')}, 'min_confidence = nan: wanted a number from 0 to 1'),
        ({'min_confidence': '0.5'}, "min_confidence = '0.5': wanted a number from 0 to 1"),
    ],
)
def test_limits_that_let_nothing_through(limits, wanted, collection):
    with pytest.raises(LimitError, match=wanted):
        label(collection, **limits)
    if 'min_confidence' in limits:
        for verb in (audit, partial(tag, output='copies')):
            with pytest.raises(LimitError, match=wanted.replace('min_confidence', 'threshold')):
                verb(collection, threshold=limits['min_confidence'])


def test_limits_without_end(collection):
    path = collection / 'a' / '00.mid'
    assert label(path, jobs=1, timeout=float('inf'), memory=10**30).failed == 0
    assert label(path, jobs=1, memory=2.5e9).failed == 0


@pytest.mark.parametrize('closed', ['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])
def test_streams_that_are_closed(closed, collection, tmp_path):
    command = f'"{COMMAND[0]}" -m music21_kdic label --jobs 1 "{collection}" - -o "{tmp_path}/t.csv" {closed}'
    if '<' not in closed:
        command += ' < /dev/null'
    assert subprocess.run(['bash', '-c', command], check=False).returncode == 0
    assert len(list(read_table(tmp_path / 't.csv', COLUMNS))) == 36
    assert (
        subprocess.run(['bash', '-c', command.split(' -o ')[0] + f' {closed} < /dev/null'], check=False).returncode == 0
    )


def test_equal_songs_in_another_order_of_arrival(collection, tmp_path, slow):
    """The first file is the last to be answered; its rows stay first."""
    slow('songs/a/!slow.mid')
    rows = label(collection, jobs=2, timeout=1).rows
    assert [row['path'] for row in rows] == sorted(row['path'] for row in rows)
    assert rows[0]['path'].endswith('!slow.mid')


def test_the_command(collection, tmp_path, run):
    output = tmp_path / 'table.csv'
    status, out, err = run('label', collection, '-o', output)
    assert (status, out, err) == (0, '', '')  # no progress, since standard error is no terminal
    with output.open(newline='', encoding='utf-8') as file:
        assert next(csv.reader(file)) == COLUMNS
    status, out, err = run('label', collection / 'a' / '00.mid')
    assert (status, err) == (0, '')
    assert out.splitlines()[0] == str(collection / 'a' / '00.mid')
    assert len(out.splitlines()) == 6
    status, out, _ = run('label', '--top', '2', collection / 'a' / '00.mid')
    assert out.splitlines()[2].count(', ') == 1


def test_the_exit_status(collection, tmp_path, run):
    (collection / 'bad.mid').write_bytes(b'none')
    status, _, err = run('label', '--jobs', '1', collection)
    assert (status, err) == (1, 'music21-kdic: 1 of 13 files could not be read, see their rows\n')
    assert run('label')[0] == 2
    assert run('label', collection, '--jobs', '0')[0] == 2
    assert run('label', collection, '--timeout', '-1')[0] == 2
    assert run('label', collection, '--top', '3', '-o', tmp_path / 'x.csv')[0] == 2
    status, out, err = run('label', collection, '--top', '3', '--wide')
    assert (status, out) == (2, '')
    assert '--top shows the likeliest classes, --wide all columns' in err
    status, out, err = run('label', collection, '-o', tmp_path / 'x.xlsx')
    assert (status, out) == (2, '')
    assert "ends in '.xlsx', wanted one of .csv, .jsonl, .parquet" in err


def test_progress_is_shown_on_a_terminal_only(collection):
    (collection / 'bad.mid').write_bytes(b'none')
    for words, shown in (([], True), (['--quiet'], False)):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 25, 120, 0, 0))
        process = subprocess.Popen(
            [*COMMAND, 'label', '--jobs', '1', str(collection), *words],
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        out, _ = process.communicate()
        os.close(theirs)
        seen = b''
        try:
            while chunk := os.read(ours, 4096):
                seen += chunk
        except OSError:  # how the end of a terminal reads
            pass
        os.close(ours)
        assert len(out.splitlines()) == 13 + 1 + 36 + 1 + shown  # files, head, parts, what failed, what sums up
        assert (b'13/13' in seen) == (b'file/s' in seen) == (b'failed=1' in seen) == shown


def test_a_list_on_standard_input(collection, run):
    names = '\n'.join(str(path) for path in sorted(collection.rglob('*.mid'))[:3])
    status, out, _ = run('label', '-', '--jobs', '1', input=names)
    assert (status, len(out.splitlines())) == (0, 3 + 1 + 9 + 1)


def test_a_name_cannot_break_the_table(write_midi, midi_note, tmp_path, run):
    name = mido.MetaMessage('track_name', name='evil\n\x1b[31m,\x00 "name"\x00')
    notes = [event for i in range(4) for event in midi_note(i * 96, i * 96 + 96, 60 + i)]
    path = write_midi([[(0, name), *notes], notes])
    status, out, _ = run('label', path)
    assert (status, len(out.splitlines())) == (0, 5)
    assert '\x1b' not in out
    label(path, tmp_path / 'table.csv', jobs=1)
    with (tmp_path / 'table.csv').open(newline='', encoding='utf-8') as file:
        assert [row['name'] for row in csv.DictReader(file)] == ['evil\ufffd\ufffd[31m,\ufffd "name"', '']


def test_a_file_name_that_is_not_utf8(write_midi, midi_note, tmp_path, run):
    path = write_midi([[*midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    odd = os.path.join(os.fsencode(tmp_path), b'odd-\xff.mid')
    os.rename(path, odd)
    for ending in ('csv', 'jsonl', 'parquet'):
        label(os.fsdecode(odd), tmp_path / f'table.{ending}', jobs=1)
        (row,) = read_table(tmp_path / f'table.{ending}', COLUMNS)
        assert row['status'] == 'ok'
        assert row['path'].encode('utf-8', 'surrogateescape').endswith((b'odd-\\udcff.mid', b'odd-\xff.mid'))
    assert run('label', os.fsdecode(odd))[0] == 0


def test_a_full_disk_is_a_sentence(collection):
    with open('/dev/full', 'w') as full:
        done = subprocess.run(
            [*COMMAND, 'label', '--jobs', '1', str(collection)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith('music21-kdic: standard output: cannot be written')


def test_a_reader_that_stops_early_is_no_error(collection):
    command = f'"{COMMAND[0]}" -m music21_kdic label --jobs 1 "{collection}" | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(['bash', '-c', command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, '')


def test_a_terminal_that_cannot_show_a_name(write_midi, midi_note, run):
    name = mido.MetaMessage('track_name', name='Flöte')
    path = write_midi([[(0, name), *midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    status, out, _ = run('label', path, env={**os.environ, 'PYTHONIOENCODING': 'ascii'})
    assert status == 0
    assert 'Fl' in out


def test_another_model_must_be_one(tmp_path, collection, run):
    bad = tmp_path / 'bad'
    bad.write_bytes(b'no model')
    status, out, err = run('label', collection, '--model', bad)
    assert (status, out) == (2, '')
    assert 'a file, wanted the folder of a model, with contract.json, part.onnx, score.onnx' in err


def test_a_bad_score_is_a_row_too(tmp_path):
    bad = {
        'text.musicxml': (b'Dear Sir or Madam', 'not an XML document (syntax error'),
        'broken.xml': (b'<score-partwise><part>', 'it cannot be read (ParseError'),
        'zip.mxl': (b'PK\3\4 and no more', 'it cannot be unpacked (BadZipFile'),
    }
    for name, (content, _) in bad.items():
        (tmp_path / name).write_bytes(content)
    good = converter.parse('tinynotation: 4/4 c4 d e f').write('midi', tmp_path / 'good.mid')
    *rows, last = label([*(tmp_path / name for name in bad), good], jobs=1)
    assert [row['status'] for row in rows] == ['unreadable'] * 3
    for row, (_, error) in zip(rows, bad.values(), strict=True):
        assert row['error'].startswith(error)
    assert last['status'] == 'ok'


def test_a_midi_file_by_any_other_name(tmp_path, collection):
    other = tmp_path / 'song.bin'
    (collection / 'a' / '00.mid').rename(other)
    assert [row['status'] for row in label(other, jobs=1)] == ['ok'] * 3


def test_numbers_of_numpy_are_numbers(collection, tmp_path):
    plain, numpy, best = (tmp_path / name for name in ('plain.csv', 'numpy.csv', 'best.csv'))
    label(collection, plain, min_confidence=0.5, timeout=60, sure=True, jobs=1)
    limits = {'min_confidence': np.float32(0.5), 'timeout': np.float32(60), 'sure': np.bool_(True), 'jobs': np.int64(1)}
    label(collection, numpy, **limits)
    assert len(numpy.read_text().splitlines()) > 1
    assert numpy.read_text() == plain.read_text()
    rank(collection, 'bass', best, top=np.int64(3), jobs=1)
    assert len(best.read_text().splitlines()) == 4  # and the names of the columns


def test_priors_by_name_in_a_series_of_pandas_count_as_in_a_dictionary():
    pandas = pytest.importorskip('pandas')
    part = corpus.parse('bwv66.6').parts[3]
    named = {'Strings': 60, 'Organ': 20, 'Reed': 8, 'Brass': 5, 'Pipe': 4, 'Guitar': 1, 'Piano': 1, 'Bass': 1}
    by_name = instrument_likelihood(part, priors=pandas.Series(named))
    assert dict(by_name) == dict(instrument_likelihood(part, priors=named))
    by_place = instrument_likelihood(part, priors=pandas.Series([8, 1, 1, 1, 1, 1, 1, 1]))
    assert dict(by_place) == dict(instrument_likelihood(part, priors=[8, 1, 1, 1, 1, 1, 1, 1]))
