"""Recordings on a page: a line for each class that sounds, and when."""

from functools import partial

import numpy as np
import pytest
import soundfile

from music21_kdic import listen
from music21_kdic.collection.engine.run import Counts
from music21_kdic.collection.options import Options
from music21_kdic.pages import drawing
from music21_kdic.pages.drawing import MOST_WINDOWS, drawn_query, read_picture
from music21_kdic.pages.page import Contents, render
from tests.sound.hand_made_sound import pitch_of, sine


@pytest.fixture
def ask(sound_model, monkeypatch):
    """The rows of a file, heard by the stand-in."""
    monkeypatch.setattr(drawing, 'listen', partial(listen, model=sound_model))
    return drawn_query(Options(), alone=False, join_channels=False).answer


def page_of(*files):
    contents = Contents(Counts(files=len(files)))
    for rows in files:
        contents.add_file(rows)
    return contents


def test_each_class_that_sounds_is_a_row(ask, tune):
    rows = ask(str(tune))
    assert [(row.name, row.label, row.status, row.sure) for row in rows] == [
        (label, label, 'ok', True) for label in ('Bass', 'Pipe', 'Guitar')
    ]
    assert [row.remark for row in rows] == [f'sounds for {share} of 0:21' for share in ('43 %', '29 %', '14 %')]


def test_its_picture_says_when(ask, tune):
    contents = page_of(ask(str(tune)))
    (file,) = contents.files
    bass, pipe, guitar = file.strips
    assert [(s.first, s.last) for s in bass.stretches] == [('0:00', '0:06'), ('0:18', '0:21')]
    assert [(round(s.begin), round(s.width)) for s in bass.stretches] == [(0, 29), (86, 14)]
    assert [(s.first, s.last) for s in pipe.stretches] == [('0:06', '0:12')]
    assert guitar.stretches[0].cells[0][3] == '0:18 to 0:18: Guitar 1.00'
    assert file.axis[:3] == [(0.0, '0:00'), (12.5, '0:02'), (25.0, '0:05')]
    assert len(file.axis) == 8
    text = render(contents)
    assert 'The networks that hear it have heard synthesizers only.' in text
    assert '<h2 id="pictures">When each class sounds</h2>' in text
    assert 'id="tempo"' not in text
    assert '<th scope="col">Time</th>' in text
    assert '<div class="name">time</div>' in text


def test_no_moment_stands_twice_below_a_short_one(ask, tmp_path):
    soundfile.write(tmp_path / 'a.wav', sine(pitch_of('Reed'), 3), 8192)
    (file,) = page_of(ask(str(tmp_path / 'a.wav'))).files
    assert file.axis == [(0.0, '0:00'), (37.5, '0:01'), (75.0, '0:02')]


def test_the_last_lines_say_what_confidence_is(ask, tune, tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.zeros(9000), 8192)
    heard, silent, notes = ask(str(tune)), ask(str(tmp_path / 'a.wav')), ask('corpus:bwv66.6')
    of_notes, of_sound = 'From the notes alone: no name', 'the highest probability, of all steps of 0.75 seconds'
    for files, said in (
        ([], (True, False)),
        ([notes], (True, False)),
        ([heard], (False, True)),
        ([silent], (False, True)),
        ([heard, notes], (True, True)),
    ):
        footer = render(page_of(*files)).partition('<footer>')[2]
        assert (of_notes in footer, of_sound in footer) == said


def test_what_is_not_read_is_told_all_that_is(ask, tmp_path):
    path = tmp_path / 't3.mp3'
    path.write_bytes(b'\xff\xfb\x90\0' * 100)
    (row,) = ask(str(path))
    assert row.error == (
        "ends in '.mp3', wanted one of .mid, .midi, .kar, .rmi, .abc, .krn, .mei, .musicxml, .mxl, .xml, "
        '.wav, .flac, .ogg, .oga, .opus'
    )


def test_a_long_recording_is_drawn_whole(ask, tmp_path):
    path = tmp_path / 'long.flac'
    sound = np.concatenate([sine(pitch_of('Reed'), 450), np.zeros(8192 * 300, np.float32), sine(pitch_of('Bass'), 9)])
    soundfile.write(path, sound, 8192)
    bass, reed = sorted(ask(str(path)), key=lambda row: row.label)
    cells = read_picture(reed)
    assert len(cells) == 200  # 1012 steps, three at a time, of which the first 600 are Reed
    assert len(cells) + len(read_picture(bass)) <= MOST_WINDOWS
    assert (cells[0][0], cells[-1][1]) == (0.0, 450.0)
    assert page_of([bass]).files[0].strips[0].stretches[0].begin == pytest.approx(100 * 750 / 759, abs=0.1)


def test_a_recording_without_an_answer_is_a_row(ask, tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.zeros(9000), 8192)
    (tmp_path / 'b.wav').write_bytes(b'RIFF')
    silent, damaged = [ask(str(tmp_path / name)) for name in ('a.wav', 'b.wav')]
    assert [(row.status, row.name) for row in (*silent, *damaged)] == [('empty', None), ('unreadable', None)]
    text = render(page_of(silent, damaged))
    assert '1 file not read' in text
    assert 'it is damaged' in text


def test_a_page_of_notes_says_nothing_of_recordings(ask):
    text = render(page_of(ask('corpus:bwv66.6')))
    assert 'synthesizers' not in text
    assert '<th scope="col">Measures</th>' in text
    assert '<h2 id="pictures">Every two bars</h2>' in text
    assert 'id="tempo"' in text
