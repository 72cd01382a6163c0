"""The page's limits, and what it says of them."""

import json

from music21_kdic.collection.engine.run import Counts
from music21_kdic.pages import page as pages
from music21_kdic.pages.drawing import DrawnRow
from music21_kdic.pages.page import Contents, render
from music21_kdic.statuses import Status


def row(name='Bass', windows=2, **cells):
    """A part of two bars after two bars, all of them Bass, with a note in each."""
    picture = json.dumps([[8 * i, 8 * i + 8, 2 * i + 1, 2 * i + 2, 2, 0.5] for i in range(windows)])
    tune = json.dumps([value for _ in range(windows) for value in (8 * 96, 96, 40)])
    told = {'label': 'Bass', 'confidence': 0.5, 'status': Status.OK, 'path': 'a.mid'}
    drawn = {'windows': windows, 'notes': windows, 'quarters': 8.0 * windows, 'picture': picture, 'tune': tune}
    return DrawnRow(**{**told, **drawn, 'name': name, **cells})


def contents(*files):
    found = Contents(Counts(files=len(files)))
    for of_file in files:
        found.add_file(of_file)
    return found


def test_rows_beyond_the_limit_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(pages, 'MOST_ROWS', 3)
    found = contents([row(), row()], [row(), row()], [row()])
    assert (len(found.rows), found.counts.parts) == (3, 5)
    assert found.left_out() == ['The table ends after 3 rows. 2 are left out; label writes them all.']
    assert 'The table ends after 3 rows.' in render(found)


def test_pictures_beyond_the_limits_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(pages, 'MOST_FILES', 2)
    found = contents([row()], [row()], [row(), row()])
    assert [file.number for file in found.files] == [1, 2]
    assert found.left_out() == [
        '2 parts have no picture and cannot be played: '
        'a page draws at most 2 files, and 200,000 windows and notes in all.'
    ]
    monkeypatch.setattr(pages, 'MOST_DRAWN', 12)  # a row of two windows and two notes takes 4 or 5
    found = contents([row(), row(windows=20), row()], [row()])
    assert [[strip.name for strip in file.strips] for file in found.files] == [['Bass']]
    assert (found.left_parts, list(found.tunes)) == (3, ['1-1'])


def test_a_long_part_says_what_is_drawn_and_played():
    text = render(contents([row(windows=400, notes=5000), row(windows=500, notes=20)]))
    assert 'The first 2,000 of 5,000 notes are played.' in text
    assert 'The first 400 of 500 windows are drawn.' not in text.split('The first 2,000')[0]
    assert 'The first 400 of 500 windows are drawn.' in text


def test_windows_of_one_class_are_one_stretch_where_they_lie():
    (file,) = contents([row(windows=2, quarters=32.0)]).files
    (stretch,) = file.strips[0].stretches
    assert (stretch.label, stretch.first, stretch.last, stretch.begin, stretch.width) == ('Bass', 1, 4, 0.0, 50.0)
    assert [cell[:2] for cell in stretch.cells] == [('0.00', '25.00'), ('25.00', '25.00')]
    assert stretch.cells[0][3] == 'measures 1 to 2: Bass 0.50'


def test_a_file_without_parts_is_a_row_without_a_picture():
    failed = DrawnRow.without_answer('b.mid', Status.UNREADABLE, 'not a MIDI file')
    found = contents([failed], [row()])
    assert [file.path for file in found.files] == ['a.mid']
    text = render(found)
    assert 'not a MIDI file' in text
    assert '1 file not read' in text


def test_the_likeliest_class_is_named_where_it_is_no_label():
    eight = {'Strings': 0.37, 'Guitar': 0.2, 'Piano': 0.05}
    unclear = row(label='unknown', confidence=0.37, status=Status.UNCLEAR, **eight)
    found = contents([unclear, row(label='Strings', confidence=0.37, **eight)])
    told = [[cells[name] for name in ('label', 'likeliest', 'runner_up')] for cells in found.rows]
    assert told == [['unclear', 'Strings', 'Guitar 0.20'], ['Strings', '', 'Guitar 0.20']]
    assert '</svg> Strings</td>' in render(found)


def test_parts_of_one_track_are_told_by_their_channels_too():
    """In the table and in the picture; a file whose parts have a track each needs none."""
    shared = [row(name='', track=0, channel=0), row(name='', track=0, channel=3)]
    found = contents(shared, [row(name='', track=0, channel=3), row(name='', track=1, channel=3)])
    wanted = ['track 0 channel 0', 'track 0 channel 3', 'track 0', 'track 1']
    assert [cells['part'] for cells in found.rows] == wanted
    assert [strip.name for file in found.files for strip in file.strips] == wanted


def test_parts_of_one_name_on_a_track_are_told_by_their_channels_too():
    """In the table and in the picture."""
    found = contents([row(name='My Song', track=0, channel=channel) for channel in (0, 2)], [row(track=0, channel=2)])
    wanted = ['My Song, channel 0', 'My Song, channel 2', 'Bass']
    assert [cells['part'] for cells in found.rows] == wanted
    assert [strip.name for file in found.files for strip in file.strips] == wanted
