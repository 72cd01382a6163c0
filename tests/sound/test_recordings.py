"""``listen`` over many recordings, in worker processes: rows, tables, stems, pictures, the terminal."""

import csv
import io
import json
import re
import shutil
import threading

import numpy as np
import pytest
import soundfile
from rich.console import Console

from music21_kdic import CLASSES, InputError, MissingExtraError, OutputError, listen
from music21_kdic.cli import main
from music21_kdic.collection.engine.inputs import find_inputs
from music21_kdic.collection.engine.journal import Journal, journal_path
from music21_kdic.collection.engine.run import Run
from music21_kdic.collection.engine.tables import read_table
from music21_kdic.collection.label import LabelQuery
from music21_kdic.reading.endings import AUDIO_SUFFIXES
from music21_kdic.sound.networks import TARGETS
from music21_kdic.sound.recordings import HeardQuery, listen_to, stems_folder
from music21_kdic.sound.stems import stems_in
from music21_kdic.sound.terminal import heard_summary, show_heard
from tests.sound.hand_made_sound import pitch_of, sine


@pytest.fixture(scope='module')
def folder(tune, tmp_path_factory):
    """Four recordings, one of them silent and one damaged, and a text."""
    folder = tmp_path_factory.mktemp('recordings')
    (folder / 'a.wav').write_bytes(tune.read_bytes())
    soundfile.write(folder / 'b.ogg', sine(pitch_of('Organ'), 4, 44100), 44100)
    soundfile.write(folder / 'c.flac', np.zeros(44100), 44100)
    (folder / 'd.wav').write_bytes(b'RIFF, and then nothing')
    (folder / 'read me.txt').write_text('none')
    return folder


@pytest.fixture(scope='module')
def run(folder, sound_model, tmp_path_factory):
    """One run for all: the table, and where it and the stems are."""
    output = tmp_path_factory.mktemp('heard')
    batch = listen_to(
        folder, output / 'heard.csv', stems=output / 'stems', steps=True, model=sound_model, jobs=1, quiet=True
    )
    return batch, output


@pytest.fixture(scope='module')
def rows(folder, sound_model):
    """The rows, made in this process."""
    query = HeardQuery(model=str(sound_model))
    return [row for name in ('a.wav', 'b.ogg', 'c.flac', 'd.wav') for row in query.answer(str(folder / name))]


def test_a_run_writes_a_row_a_class(run, folder, rows):
    batch, output = run
    assert (batch.files, batch.failed, dict(batch.counts.skipped)) == (4, 1, {'.txt': 1})
    assert dict(batch.counts.labels) == {'Guitar': 1, 'Bass': 1, 'Pipe': 1, 'Organ': 1}
    table = list(read_table(output / 'heard.csv', HeardQuery(steps=True).columns))
    assert [row['label'] for row in table] == [*CLASSES, *CLASSES, '', '']
    for found, wanted in zip(table, rows, strict=True):
        told = {key: '' if wanted[key] is None else str(wanted[key]) for key in HeardQuery().columns}
        assert {key: value for key, value in found.items() if key != 'steps'} == told
    bass = table[CLASSES.index('Bass')]
    assert (bass['spans'], bass['sounds_for'], bass['seconds']) == ('0.00-6.00 18.00-21.00', '9.0', '21.0')
    steps = [float(value) for value in bass['steps'].split()]
    assert [value > 0.5 for value in steps] == [True] * 8 + [False] * 16 + [True] * 4
    assert [(row['status'], row['seconds']) for row in table[16:]] == [('empty', '1.0'), ('unreadable', '')]
    assert not journal_path(output / 'heard.csv').exists()


def test_the_rows_are_those_of_listen(rows, folder, sound_model):
    activity = listen(folder / 'a.wav', model=sound_model)
    for row in rows[:8]:
        assert row.probability == pytest.approx(activity[row.label], abs=1e-6)
        assert row.sounds_for == activity.sounds_for(row.label)
        assert row.share == pytest.approx(activity.share(row.label), abs=1e-6)


def test_the_stems_of_each_recording_are_in_a_folder_of_its_name(run):
    _, output = run
    # Those of a damaged one are not written.
    assert sorted(path.name for path in (output / 'stems').iterdir()) == ['a', 'b', 'c']
    assert sorted(path.stem for path in (output / 'stems' / 'a').iterdir()) == sorted(TARGETS)
    assert soundfile.info(output / 'stems' / 'b' / 'Organ.wav').frames == 4 * 8192


def test_nothing_that_is_there_is_overwritten(run, folder, sound_model, tmp_path):
    _, output = run
    before = {path: path.read_bytes() for path in output.rglob('*.*')}
    words = {'model': sound_model, 'jobs': 1, 'quiet': True}
    (tmp_path / 'a.png').write_text('mine')
    for wrong, reason in (
        ({'output': output / 'heard.csv'}, 'heard.csv: is there already'),
        ({'stems': output / 'stems'}, 'Drums.wav: is there already, and is left as it is; --force replaces it'),
        ({'stems': output / 'stems', 'output': tmp_path / 'x.csv', 'resume': True}, 'Drums.wav: is there already'),
        ({'picture': tmp_path / 'b.png'}, 'a picture is of one recording, and here are 4'),
    ):
        with pytest.raises(OutputError, match=re.escape(reason)):
            listen_to(folder, **wrong, **words)
    for picture, reason in (
        (tmp_path / 'a.png', 'is there already'),
        (tmp_path / 'a.gif', "ends in '.gif', wanted one of .svg, .png, .pdf"),
        (tmp_path / 'none' / 'a.png', 'there is no folder'),
    ):
        with pytest.raises(OutputError, match=re.escape(reason)):
            listen_to(folder / 'a.wav', picture=picture, **words)
    assert {path: path.read_bytes() for path in output.rglob('*.*')} == before
    assert [path.name for path in tmp_path.iterdir()] == ['a.png']


def test_a_run_that_was_stopped_goes_on_over_stems_that_it_had_begun(folder, sound_model, tmp_path):
    output, stems = tmp_path / 'heard.csv', tmp_path / 'stems'
    query = HeardQuery(model=str(sound_model), stems=str(stems))
    asked = [str(folder / 'a.wav'), str(folder / 'b.ogg')]
    with Journal(journal_path(output), {**Run(query).made_with(), 'wanted': {}}, False, False) as journal:
        journal.add(asked[0], query.answer(asked[0]))
    (stems / 'b').mkdir()
    (stems / 'b' / 'Drums.wav').write_bytes(b'begun')
    listened = (stems / 'a' / 'Bass.wav').stat().st_mtime_ns
    batch = listen_to(asked, output, stems=stems, model=sound_model, jobs=1, quiet=True, resume=True)
    assert (batch.files, batch.failed) == (2, 0)
    assert soundfile.info(stems / 'b' / 'Drums.wav').frames == 4 * 8192
    assert (stems / 'a' / 'Bass.wav').stat().st_mtime_ns == listened
    assert [row['label'] for row in read_table(output, query.columns)] == [*CLASSES, *CLASSES]


def test_two_recordings_of_one_name_do_not_share_stems(folder, tmp_path):
    (tmp_path / 'a.wav').write_bytes((folder / 'a.wav').read_bytes())
    with pytest.raises(OutputError, match=r'stems/a: would hold the stems of .*a.wav and of .*a.wav'):
        listen_to([folder / 'a.wav', tmp_path / 'a.wav'], stems=tmp_path / 'stems')
    assert not (tmp_path / 'stems').exists()


def test_no_stem_takes_the_place_of_a_recording(folder, sound_model, tmp_path):
    music = tmp_path / 'b'
    music.mkdir()
    for name in ('b/Bass.wav', 'b.wav'):
        (tmp_path / name).write_bytes((folder / 'a.wav').read_bytes())
    with pytest.raises(OutputError, match=r'b/Bass\.wav: is a recording that is read, and is left as it is'):
        listen_to(tmp_path, stems=tmp_path, model=sound_model, jobs=1, quiet=True, force=True)
    assert (music / 'Bass.wav').read_bytes() == (folder / 'a.wav').read_bytes()
    assert sorted(path.name for path in tmp_path.rglob('*')) == ['Bass.wav', 'b', 'b.wav']


@pytest.mark.parametrize('name', ['...wav', '..wav', '. .wav'])
def test_stems_stay_in_their_folder_whatever_a_recording_is_called(name, folder, sound_model, tmp_path):
    path = tmp_path / 'music' / name
    path.parent.mkdir()
    path.write_bytes((folder / 'a.wav').read_bytes())
    batch = listen_to(path, stems=tmp_path / 'stems', model=sound_model, jobs=1, quiet=True)
    assert batch.failed == 0
    written = [each for each in tmp_path.rglob('*.wav') if each != path]
    assert [each.parent.parent for each in written] == [tmp_path / 'stems'] * len(TARGETS)


@pytest.mark.parametrize('name', ['.', '..', '/', 'music/..'])
def test_the_folder_of_stems_is_never_one_above(name, tmp_path):
    found = stems_folder(str(tmp_path), name)
    assert found.parent == tmp_path
    assert found.name not in ('', '.', '..')


def test_a_recording_that_takes_too_long_leaves_nothing(sound_model, tmp_path):
    path, stems = tmp_path / 'long.flac', tmp_path / 'stems'
    soundfile.write(path, np.zeros(6 * 3600 * 1000, np.int16), 1000)
    begun = []

    def look():
        while not over.wait(0.02):
            begun.extend(each.suffix for each in stems.rglob('*.*') if each.is_file())

    over = threading.Event()
    looking = threading.Thread(target=look)
    looking.start()
    try:
        (row,) = listen_to(path, stems=stems, model=sound_model, jobs=1, timeout=2, quiet=True)
    finally:
        over.set()
        looking.join()
    assert row.status == 'timeout'
    assert set(begun) == {'.part'}  # which is not read as a recording
    assert list(stems.rglob('*.*')) == []


def test_what_a_run_that_was_killed_has_left_is_no_recording_and_goes(folder, sound_model, tmp_path):
    stems = tmp_path / 'stems'
    with stems_in(tmp_path / 'other', 0):
        (scratch,) = (tmp_path / 'other').iterdir()
        shutil.copytree(scratch, stems / 'a' / scratch.name)
    shutil.rmtree(tmp_path / 'other')
    assert len(list(stems.rglob('*.part'))) == len(TARGETS)
    assert find_inputs([tmp_path], endings=AUDIO_SUFFIXES) == [str(tmp_path)]  # a folder without any
    listen_to(folder / 'a.wav', stems=stems, model=sound_model, jobs=1, quiet=True, force=True)
    assert sorted(path.stem for path in (stems / 'a').iterdir()) == sorted(TARGETS)


def test_what_cannot_be_found(tmp_path, sound_model):
    with pytest.raises(InputError, match='no such file or folder'):
        listen_to(tmp_path / 'none.wav', model=sound_model)
    (row,) = HeardQuery(model=str(sound_model)).answer(str(tmp_path))
    assert (row.status, row.error) == ('unreadable', 'a folder without recordings, or one that cannot be opened')


def test_label_names_the_verb_for_recordings(folder):
    (row,) = LabelQuery().answer(str(folder / 'a.wav'))
    assert (row.status, row.error) == ('unreadable', 'a recording, which listen hears')


def test_a_run_depends_on_its_model_and_not_on_what_it_replaces(sound_model, tmp_path):
    query = HeardQuery(model=str(sound_model))
    assert query.depends_on() == HeardQuery(model=str(sound_model), replace=True).depends_on()
    assert query.depends_on() != HeardQuery(model=str(sound_model), steps=True).depends_on()
    other = tmp_path / 'model'
    other.mkdir()
    for path in sound_model.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    assert HeardQuery(model=str(other)).depends_on() == query.depends_on()
    (other / 'contract.json').write_text(json.dumps({'version': 9}))
    assert HeardQuery(model=str(other)).depends_on() != query.depends_on()


def shown(rows, width=80):
    file = io.StringIO()
    show_heard(Console(file=file, width=width, highlight=False, markup=False, emoji=False), rows)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_the_table_on_a_terminal(rows, folder):
    assert shown(rows) == [
        f'{folder}/a.wav',
        '  class   probability      of the time  sure   when',
        '  Bass    1.00 ██████████  43 %         43 %   0:00-0:06, 0:18-0:21',
        '  Pipe    1.00 ██████████  29 %         29 %   0:06-0:12',
        '  Guitar  1.00 ██████████  14 %         14 %   0:18-0:21',
        f'{folder}/b.ogg',
        '  Organ   1.00 ██████████  100 %        100 %  0:00-0:04',
        f'{folder}/c.flac',
        '  empty',
        f'{folder}/d.wav',
        f'  unreadable: {rows[-1].error}',
    ]
    assert '…' in shown(rows, 52)[2]


def test_the_command(folder, sound_model, tmp_path, capsys):
    words = [str(folder / 'a.wav'), '--model', str(sound_model), '--jobs', '1']
    assert main(['listen', *words, '--picture', str(tmp_path / 'a.svg')]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[2].split()[:2] == ['Bass', '1.00']
    assert said[-1] == '1 file, 3 classes heard: Guitar 1, Bass 1, Pipe 1'
    assert (tmp_path / 'a.svg').read_text().count('<svg ') == 1
    assert main(['listen', str(folder / 'd.wav'), *words[1:], '-o', '-', '--quiet']) == 1
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert list(row) == list(HeardQuery().columns)
    assert row['status'] == 'unreadable'


def test_a_run_that_failed_sums_up(run):
    batch, _ = run
    assert heard_summary(batch) == (
        '4 files, 4 classes heard: Guitar 1, Bass 1, Pipe 1, Organ 1; 1 file not read; '
        'passed over for their endings: 1 .txt'
    )


def test_the_extra_is_named_where_it_is_missing(tune, sound_model, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'soxr', None)
    with pytest.raises(MissingExtraError, match=r'a recording needs soxr: pip install "music21-kdic\[audio\]"'):
        listen(tune, model=sound_model)
