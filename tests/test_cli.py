import subprocess
import sys

import pytest
from music21 import converter, corpus

from music21_kdic import CLASSES, instrument_likelihood
from music21_kdic.cli import main


def rows(text):
    """The table's rows, split at two spaces or more."""
    return [[cell.strip() for cell in line.split('  ') if cell.strip()] for line in text.splitlines()[2:]]


def test_a_corpus_score(capsys):
    assert main(['label', 'corpus:bwv66.6']) == 0
    output = capsys.readouterr().out
    assert output.split('\n')[0].split() == ['file', 'part', 'label', *CLASSES, 'windows', 'status']
    table = rows(output)
    answers = instrument_likelihood(corpus.parse('bwv66.6'))
    assert [row[1] for row in table] == ['Soprano', 'Alto', 'Tenor', 'Bass']
    assert [row[2] for row in table] == answers.best
    assert [row[3:11] for row in table] == [[f'{p:.2f}' for p in part.probabilities] for part in answers]


def test_the_training_priors(capsys):
    assert main(['label', '--prior', 'training', 'corpus:bwv66.6']) == 0
    answers = instrument_likelihood(corpus.parse('bwv66.6'), priors='training')
    assert [row[2] for row in rows(capsys.readouterr().out)] == answers.best


def test_midi_and_musicxml_give_the_same(tmp_path, capsys):
    score = converter.parse('tinynotation: 4/4 c4 d e f g a b c')
    main(['label', str(score.write('midi', tmp_path / 'a.mid'))])
    midi = rows(capsys.readouterr().out)
    main(['label', str(score.write('musicxml', tmp_path / 'a.musicxml'))])
    xml = rows(capsys.readouterr().out)
    midi_values, xml_values = (row[-10:-2] for row in (midi[0], xml[0]))
    assert midi_values == xml_values
    assert sum(map(float, midi_values)) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('text.mid', b'Dear Sir or Madam'),
        ('cut.mid', b'MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\1\0\0\x90'),
        ('text.musicxml', b'Dear Sir or Madam'),
        ('broken.xml', b'<score-partwise><part>'),
        ('zip.mxl', b'PK\3\4 and no more'),
        ('none.krn', None),
    ],
)
def test_one_bad_file_is_a_row_and_a_sentence(name, content, tmp_path, capsys):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    good = converter.parse('tinynotation: 4/4 c4 d e f').write('midi', tmp_path / 'good.mid')
    assert main(['label', str(path), str(good)]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[2].split()[-1] == 'unreadable'
    assert captured.out.splitlines()[3].split()[-1] == 'ok'
    assert captured.err.startswith(f'music21-kdic: {path}')
    assert 'Traceback' not in captured.err


def test_a_name_cannot_break_the_table(write_midi, midi_note, capsys):
    import mido

    name = mido.MetaMessage('track_name', name='evil\n\x1b[31m name')
    notes = [event for i in range(4) for event in midi_note(i * 96, i * 96 + 96, 60 + i)]
    assert main(['label', str(write_midi([[(0, name), *notes], notes]))]) == 0
    table = capsys.readouterr().out
    assert len(table.splitlines()) == 4
    assert '\x1b' not in table
    assert 'part 2' in table.splitlines()[3]


def test_a_file_too_long_to_read_is_a_row_and_the_others_stay(write_midi, midi_note, capsys):
    long = write_midi([midi_note(0, 500_000 * 4, 60)], name='long.mid', ticks=4)
    good = write_midi([[*midi_note(0, 96, 60), *midi_note(96, 192, 62)]], name='good.mid')
    assert main(['label', str(good), str(long)]) == 1
    captured = capsys.readouterr()
    assert [line.split()[-1] for line in captured.out.splitlines()[2:]] == ['ok', 'unreadable']
    assert captured.err.startswith(f'music21-kdic: {long}: more than 100000 bars')


def test_a_file_without_notes_is_a_row(write_midi, capsys):
    assert main(['label', str(write_midi([[]]))]) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[-1] == 'empty'


def test_a_full_disk_is_a_sentence(write_midi, midi_note):
    path = write_midi([[*midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    with open('/dev/full', 'w') as full:
        done = subprocess.run(
            [sys.executable, '-m', 'music21_kdic', 'label', str(path)], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith('music21-kdic: standard output: cannot be written')


def test_a_reader_that_stops_early_is_no_error(write_midi, midi_note):
    path = write_midi([[*midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    command = f'"{sys.executable}" -m music21_kdic label "{path}" | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(['bash', '-c', command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, '')


def test_a_terminal_that_cannot_show_a_name(write_midi, midi_note):
    import mido

    name = mido.MetaMessage('track_name', name='Flöte')
    path = write_midi([[(0, name), *midi_note(0, 96, 60), *midi_note(96, 192, 62)]])
    done = subprocess.run(
        [sys.executable, '-m', 'music21_kdic', 'label', str(path)],
        capture_output=True, text=True, check=True, env={'PYTHONIOENCODING': 'ascii', 'PATH': ''},
    )  # fmt: skip
    assert 'Fl' in done.stdout


def test_another_model_must_be_one(tmp_path, capsys):
    bad = tmp_path / 'bad.onnx'
    bad.write_bytes(b'no model')
    assert main(['label', 'corpus:bwv66.6', '--model', str(bad)]) == 1
    assert 'not a readable ONNX model' in capsys.readouterr().err


def test_wrong_usage_exits_with_two():
    done = subprocess.run([sys.executable, '-m', 'music21_kdic', 'label'], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'FILE' in done.stderr


def test_help():
    done = subprocess.run([sys.executable, '-m', 'music21_kdic', '--help'], capture_output=True, text=True, check=True)
    assert 'label' in done.stdout
