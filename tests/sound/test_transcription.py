"""The second opinion: notes of stems. The transcriber is a stand-in: its own network is not ours to test."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from music21_kdic import MissingExtraError, NoteSequence, listen
from music21_kdic.answers.classify import classify
from music21_kdic.model.session import load_model
from music21_kdic.sound import transcription
from music21_kdic.sound.recordings import HeardQuery
from tests.sound.test_recordings import shown

# Per stem: a bass line, which a model should know; the same, where Pipe should be; and one note.
LINE = [(0.5 * i, 0.5 * i + 0.45, pitch, 0.8) for i, pitch in enumerate([28, 28, 35, 28, 33, 33, 40, 33] * 4)]
EVENTS = {'Bass': LINE, 'Pipe': LINE, 'Guitar': LINE[:1]}


@pytest.fixture
def transcriber(monkeypatch):
    """A package that is called as Basic Pitch is; the files that it was asked about."""
    asked = []
    package, inference = ModuleType('basic_pitch'), ModuleType('basic_pitch.inference')
    package.FilenameSuffix = type('FilenameSuffix', (), {'onnx': 'onnx'})
    package.build_icassp_2022_model_path = lambda kind: f'nmp.{kind}'
    inference.Model = lambda path: ('network', path)

    def predict(path, network):
        print('Predicting')
        assert network == ('network', 'nmp.onnx')
        assert Path(path).is_file()
        asked.append(Path(path))
        return {}, None, EVENTS[Path(path).stem]

    inference.predict = predict
    monkeypatch.setitem(sys.modules, 'basic_pitch', package)
    monkeypatch.setitem(sys.modules, 'basic_pitch.inference', inference)
    transcription.load_transcriber.cache_clear()
    yield asked
    transcription.load_transcriber.cache_clear()


def test_notes_are_taken_at_a_tempo_of_120():
    found = transcription.notes_of(LINE)
    assert isinstance(found, NoteSequence)
    np.testing.assert_allclose(found.onsets, np.arange(32))  # a quarter is half a second
    np.testing.assert_allclose(found.ends, np.arange(32) + 0.9)
    assert found.bars.tolist() == [4.0 * bar for bar in range(9)]
    assert len(transcription.notes_of([])) == 0


def test_the_student_answers_for_the_notes_of_each_class_that_sounds(tune, sound_model, transcriber, tmp_path, capsys):
    activity = listen(tune, notes=True, stems=tmp_path, model=sound_model)
    assert transcriber == [tmp_path / f'{name}.wav' for name in ('Bass', 'Pipe', 'Guitar')]
    parts = [transcription.notes_of(EVENTS[name]) for name in activity.by_notes]
    wanted = classify(parts, load_model(), together=True)
    assert [dict(one) for one in activity.by_notes.values()] == [dict(one) for one in wanted]
    assert activity.by_notes['Bass'].best == 'Bass'
    assert [activity.agrees(name) for name in ('Bass', 'Pipe', 'Guitar', 'Reed')] == [True, False, None, None]
    assert capsys.readouterr().out == ''


def test_without_a_folder_the_stems_do_not_stay(tune, sound_model, transcriber):
    assert list(listen(tune, notes=True, model=sound_model).by_notes) == ['Bass', 'Pipe', 'Guitar']
    assert not any(path.exists() for path in transcriber)
    assert listen(tune, model=sound_model).by_notes == {}


def test_rows_where_the_two_disagree_say_so(tune, sound_model, transcriber):
    query = HeardQuery(model=str(sound_model), notes=True)
    assert {'notes', 'notes_label', 'notes_confidence', 'agree'} == {*query.columns} - {*HeardQuery().columns}
    rows = {row.label: row for row in query.answer(str(tune))}
    assert [(rows[name].notes, rows[name].notes_label, rows[name].agree) for name in ('Bass', 'Pipe', 'Guitar')] == [
        (32, 'Bass', True), (32, 'Bass', False), (1, 'unknown', None),
    ]  # fmt: skip
    assert (rows['Reed'].notes, rows['Reed'].agree) == (None, None)
    lines = shown(list(rows.values()))
    value = f'{rows["Pipe"].notes_confidence:.2f}'
    assert 'by its notes' in lines[1]
    assert f' no: Bass {value} ' in lines[3]
    assert ' unknown ' in lines[4]


@pytest.mark.parametrize('missing', ['basic_pitch', 'basic_pitch.inference'])
def test_how_to_install_the_transcriber_is_told(missing, tune, sound_model, transcriber, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(
        MissingExtraError, match=r'basic_pitch: pip install "music21-kdic\[transcribe\]" && pip install'
    ):
        listen(tune, notes=True, stems=tmp_path / 'stems', model=sound_model)
    assert not (tmp_path / 'stems').exists()
