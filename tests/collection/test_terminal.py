"""What a terminal shows, by rows made here: widths, columns, colours."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from music21_kdic.classes import CLASSES
from music21_kdic.collection.audit import AuditRow
from music21_kdic.collection.engine.run import Batch, Counts
from music21_kdic.collection.label import LabelRow
from music21_kdic.collection.rank import RankRow
from music21_kdic.collection.tag import TagRow
from music21_kdic.collection.terminal import (
    show_everything,
    show_findings,
    show_labels,
    show_ranking,
    show_tags,
)
from music21_kdic.statuses import Status


def lines_of(show, *values, width=80, **console):
    file = io.StringIO()
    show(Console(file=file, width=width, highlight=False, markup=False, emoji=False, **console), *values)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def label_row(path='a.mid', label='Bass', confidence=0.72, **others):
    rest = {'Guitar': 0.2, 'Piano': 0.05}
    eight = {name: confidence if name == label else rest.get(name, 0.0) for name in CLASSES}
    cells = {'path': path, 'track': 1, 'name': 'Slap', 'program': 36, 'drum': False, 'label': label}
    return LabelRow.from_dict(cells | {'confidence': confidence, 'sure': True, 'status': Status.OK} | eight | others)


DRUMS = label_row(
    name='', drum=True, label='unknown', confidence=None, sure=None, status=Status.DRUMS, **dict.fromkeys(CLASSES)
)
UNREAD = LabelRow.without_answer('b.mid', Status.UNREADABLE, 'damaged MIDI file')


def test_each_file_once_then_a_line_a_part():
    assert lines_of(show_labels, [label_row(), DRUMS, UNREAD, label_row('c.mid', name='Lead')]) == [
        'a.mid',
        '  part     program         label  confidence       runner-up    sure',
        '  Slap     36 Slap Bass 1  Bass   0.72 ███████░░░  Guitar 0.20  sure',
        '  track 1  drums           drums',
        'b.mid',
        '  unreadable: damaged MIDI file',
        'c.mid',
        '  Lead     36 Slap Bass 1  Bass   0.72 ███████░░░  Guitar 0.20  sure',
    ]


@pytest.mark.parametrize(('status', 'said'), [(Status.UNCLEAR, 'unclear'), (Status.OK, 'unknown')])
def test_the_likeliest_class_is_named_where_it_is_no_label(status, said):
    """Of 0.37, 0.2 and 0.05 the second is the runner-up; with --sure a part that is ok is unknown."""
    row = label_row(label='unknown', confidence=0.37, sure=None, status=status, Strings=0.37)
    assert lines_of(show_labels, [row])[1:] == [
        '  part  program         label    confidence               runner-up',
        f'  Slap  36 Slap Bass 1  {said}  0.37 ████░░░░░░ Strings  Guitar 0.20',
    ]
    assert lines_of(lambda *given: show_labels(*given, top=2), [row])[2].endswith('  Strings 0.37, Guitar 0.20')


def test_a_remark_is_shown_where_there_is_one():
    _, head, line = lines_of(show_labels, [label_row(remark='one instrument with track 2')], width=120)
    assert head.split()[-1] == 'remark'
    assert line.endswith('sure  one instrument with track 2')


def test_the_instrument_beside_its_class_and_its_program():
    """Slap bass is program 36 of General MIDI, counted from 0."""
    told = {'instrument': 'electric bass', 'instrument_program': 36, 'instrument_probability': 0.5}
    _, head, line = lines_of(show_labels, [label_row(**told)], width=120)
    assert head.split()[:4] == ['part', 'program', 'label', 'instrument']
    assert 'Bass   36 electric bass 0.50  0.72' in line


def test_parts_of_one_track_are_told_by_their_channels_too():
    """Counted from 0; a file whose parts have a track each needs none, and several channels of one guitar are none."""
    shared = [label_row(name='', track=0, channel=channel) for channel in (0, 3, None)]
    lines = lines_of(show_labels, [*shared, label_row('b.mid', name='', track=0, channel=3)])
    assert [line.split('  ')[1].strip() for line in lines if 'Slap' in line] == [
        'track 0 channel 0', 'track 0 channel 3', 'track 0', 'track 0',
    ]  # fmt: skip
    tagged = [
        TagRow(path='a.mid', name='', track=0, channel=channel, new_program=new, label='Bass', status=Status.OK)
        for channel, new in ((0, None), (3, 33))
    ]
    assert lines_of(show_tags, tagged)[2].startswith('  track 0 channel 3  33 Electric Bass (finger)')


def test_parts_of_one_name_on_a_track_are_told_by_their_channels_too():
    """A type 0 file has one track, whose name is that of the song; programs of one channel stay alike."""
    song = [label_row(name='My Song', track=0, channel=channel) for channel in (0, 2, None)]
    others = [
        label_row('b.mid', name='Lead', track=track, channel=3, program=program)
        for track, program in ((1, 24), (1, 25), (2, 24))
    ]
    wanted = ['My Song, channel 0', 'My Song, channel 2', 'My Song', 'Lead', 'Lead', 'Lead']
    lines = [line for line in lines_of(show_labels, [*song, *others]) if 'Bass  ' in line]
    assert [line.strip().split('  ')[0] for line in lines] == wanted
    ranked = [
        RankRow(rank=1, score=0.5, path='a.mid', name='My Song', track=0, channel=channel, status=Status.OK)
        for channel in (0, 2)
    ]
    assert ['My Song, channel 2' in line for line in lines_of(show_ranking, ranked)] == [False, False, True]


@pytest.mark.parametrize('width', [40, 60, 80])
def test_a_place_is_whole_where_other_columns_can_give_way(width):
    """Not even of the last channel of a high track; 'track 10 channel 15' is 19 cells."""
    rows = [label_row(name='', track=10, channel=channel, remark='one instrument with track 2') for channel in (3, 15)]
    lines = lines_of(show_labels, rows, width=width)
    assert [line.split('  ')[1].strip() for line in lines[2:]] == ['track 10 channel 3', 'track 10 channel 15']
    assert max(map(cell_len, lines)) <= width


def test_what_a_column_that_goes_leaves_is_given_to_those_that_stay():
    """Of 58 cells at 60 columns: the runner-up goes, and the program has room for its name."""
    head, line = lines_of(show_labels, [label_row(track=1, name='A name of a part')], width=60)[1:]
    assert head.split() == ['part', 'program', 'label', 'confidence']
    assert line.startswith('  A name of a part  36 Slap Bass 1  Bass   0.72')


def test_a_ranking_may_hold_one_part_of_a_track_alone():
    row = RankRow(rank=1, score=0.5, path='a.mid', name='', track=0, channel=3, status=Status.OK)
    assert '  track 0 channel 3  ' in lines_of(show_ranking, [row])[1]


def test_columns_that_are_empty_are_not_shown():
    _, head, *_ = lines_of(show_labels, [label_row(program=None, sure=False)])
    assert head.split() == ['part', 'label', 'confidence', 'runner-up']


def test_a_terminal_without_blocks_gets_plain_signs():
    file = io.TextIOWrapper(io.BytesIO(), encoding='ascii')
    show_labels(Console(file=file, width=80), [label_row()])
    file.flush()
    assert b'0.72 #######...' in file.buffer.getvalue()


@pytest.mark.parametrize('width', [40, 60, 80, 160])
def test_no_line_is_wider_than_the_terminal(width):
    long = label_row(name='A very long name of a part, as some people give them, \u97f3\u697d', program=24)
    ranked = RankRow(
        rank=1, score=0.5, low=0.25, high=0.75, path='songs/' * 9 + 'a.mid', name='A long name', status=Status.OK,
        label='Guitar', sure=True,
    )  # fmt: skip
    tagged = TagRow(path='a.mid', name='', track=1, new_name='Guitar', new_program=24, label='Guitar', status=Status.OK)
    found = AuditRow(path='a.mid', name='Bass ' * 9, track=1, program=24, confidence=0.9, status=Status.OK)
    for show, row in ((show_labels, long), (show_ranking, ranked), (show_tags, tagged), (show_findings, found)):
        assert max(cell_len(line) for line in lines_of(show, [row], width=width)) <= width


def test_the_end_of_a_path_is_what_tells_it_from_others():
    row = RankRow(rank=1, score=0.5, low=0.25, high=0.75, path='x' * 60 + '/a.mid', name='Lead', status=Status.OK)
    head, line = lines_of(show_ranking, [row], width=60)
    assert head.split() == ['rank', 'score', 'range', 'part', 'label', 'path']
    assert re.fullmatch(r'1     0\.50   0\.25-0\.75  Lead  unknown  \u2026x+/a\.mid', line)


def test_labels_have_the_colours_of_their_classes_where_there_are_colours():
    """Bass is the third of Okabe and Ito's colours: 0, 158, 115."""
    colour = '\x1b[38;2;0;158;115mBass'
    terminal = {'force_terminal': True, 'color_system': 'truecolor'}
    assert any(colour in line for line in lines_of(show_labels, [label_row()], **terminal))
    assert not any('\x1b[38' in line for line in lines_of(show_labels, [label_row()], **terminal, no_color=True))


def test_everything_is_all_columns_whole():
    batch = Batch(Counts(), LabelRow.columns(), [label_row(), UNREAD])
    head, first, second = lines_of(show_everything, batch, width=20)
    assert head.split() == list(LabelRow.columns())
    assert first.split()[:2] == ['a.mid', '1']
    assert 'damaged MIDI file' in second


def test_a_name_is_no_command():
    """Not to rich, and not to the terminal."""
    lines = lines_of(show_labels, [label_row(name='[red]x[/] :smile: \x1b[31m\n')], width=120)
    assert '[red]x[/] :smile: ?[31m?' in lines[2]
