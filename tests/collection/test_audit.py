"""What is held against a part: rows made by hand, then files."""

import math

import mido
import pytest

from music21_kdic import CLASSES, audit, label
from music21_kdic.cli import main
from music21_kdic.collection.audit import AuditQuery, AuditRow, HeardRow, examine, findings_in, sentence, silent_names
from music21_kdic.collection.engine.tables import read_table
from music21_kdic.collection.label import LabelRow
from music21_kdic.statuses import Status


def row(name='', program=None, label='Bass', confidence=0.93, **others):
    rest = (1 - confidence) / 7
    values = {one: confidence if one == label else rest for one in CLASSES}
    claims = {'path': 'x.mid', 'track': 1, 'channel': 0, 'name': name, 'program': program, 'drum': False}
    answers = {'notes': 9, 'windows': 2, 'label': label, 'confidence': confidence, 'status': 'ok', 'error': ''}
    return LabelRow.from_dict(claims | answers | values | others)


def test_the_issue_s_example():
    found = examine(row('Bass', 53))
    assert (found['finding'], found['named'], found['programmed']) == ('program', 'Bass', None)
    assert sentence(found) == 'named "Bass", program 53; the notes say Bass 0.93'


def test_an_accusation_of_what_is_plausible_is_weak():
    weak = examine(row('Guitar', 24, plausible='Bass Guitar'))
    assert weak.plausible == 'Bass Guitar'
    assert sentence(weak) == 'named "Guitar", program 24; the notes say Bass 0.93 (Guitar would be plausible, too)'
    assert sentence(examine(row('Guitar', 73, plausible='Bass Guitar Pipe'))).endswith(
        '(Guitar and Pipe would be plausible, too)'
    )
    assert 'plausible' not in sentence(examine(row('Guitar', 24, plausible='Bass Pipe')))
    assert 'plausible' not in sentence(examine(row('Bass', None, plausible='Bass Pipe')))


@pytest.mark.parametrize(
    ('name', 'program', 'finding'),
    [
        ('Flute', 73, 'name and program'),
        ('Flute', 33, 'name'),
        ('Flute', None, 'name'),
        ('Bass', 73, 'program'),
        ('Bass', 33, None),
        ('Melody', 33, None),
        ('Melody', 73, 'program'),
        ('Choir', 52, None),  # a program of no class is nothing that the notes could deny
        ('', 33, 'missing'),
        ('Bass', None, 'missing'),
        ('', None, 'missing'),
        ('Track 1', 33, 'missing'),  # nobody chose it
        ('(No Name)', 33, 'missing'),
        ('808', 33, None),
    ],
)
def test_what_disagrees(name, program, finding):
    found = examine(row(name, program))
    assert (found and found['finding']) == finding


def test_a_title_on_every_track_is_no_instrument():
    """Found in the wild: a song called "Whistle", whose every track is."""
    rows = [row('Whistle', 33), row('Whistle', 25, label='Guitar'), row('Whistle', 81)]
    titles = silent_names(rows)
    assert titles == {'Whistle'}
    assert [examine(one, silent=titles) for one in rows] == [None] * 3
    assert silent_names([row('Violin', 40), row('Violin', 41), row('Bass', 33), row('Bass', 64)]) == set()


def test_only_the_sure_accuse_or_suggest():
    assert examine(row('Flute', 73, confidence=0.7)) is None
    assert examine(row('Flute', 73, confidence=0.7), threshold=0.6)['finding'] == 'name and program'
    assert examine(row('', None, confidence=0.7))['label'] == 'unknown'
    assert examine(row('', None))['label'] == 'Bass'


def test_how_bad_it_is():
    """The log of how much likelier the notes' class is than the claimed one."""
    assert examine(row('Flute', 73))['disagreement'] == pytest.approx(math.log(0.93 / 0.01), abs=1e-3)
    assert examine(row('Bass', 53))['disagreement'] == pytest.approx(math.log(0.93 / 0.07), abs=1e-3)


def test_a_program_of_no_class_is_held_against_all_other_classes_together():
    """So it is 0 where the notes' class is as likely as they are, and less where it is less likely."""
    for confidence in (0.6, 0.5, 0.4):
        found = examine(row('Bass', 53, confidence=confidence), threshold=0.3)
        assert found['disagreement'] == pytest.approx(math.log(confidence / (1 - confidence)), abs=1e-3)
    # Of the eight classes the likeliest is as likely as the claimed one at least.
    assert examine(row('Flute', 73, confidence=0.126), threshold=0.1)['disagreement'] >= 0


def test_what_has_no_answer_accuses_nobody():
    for status in (Status.DRUMS, Status.EMPTY, Status.TOO_SHORT):
        assert examine(row('Flute', 73, status=status)) is None


@pytest.fixture
def mislabelled(collection):
    """Song 00 with its bass called a flute, song 02 with one program too few, and a file that is none."""
    path = collection / 'a' / '00.mid'
    file = mido.MidiFile(path)
    for index, message in enumerate(file.tracks[1]):
        if message.type == 'track_name':
            file.tracks[1][index] = message.copy(name='Flute')
        elif message.type == 'program_change':
            file.tracks[1][index] = message.copy(program=73)
    file.save(path)
    path = collection / 'a' / '02.mid'
    file = mido.MidiFile(path)
    file.tracks[1].pop(1)
    file.save(path)
    (collection / 'bad.mid').write_bytes(b'none')
    return collection


def test_files(mislabelled):
    batch = audit(mislabelled, threshold=0.5, missing=True, jobs=1)
    assert batch.failed == 1
    assert all(list(row) == list(AuditRow.columns()) for row in batch)
    (flute,) = [row for row in batch if row['path'].endswith('a/00.mid') and row['track'] == 1]
    assert (flute['finding'], flute['named'], flute['programmed'], flute['label']) == (
        'name and program', 'Pipe', 'Pipe', 'Bass',
    )  # fmt: skip
    (missing,) = [row for row in batch if row['finding'] == 'missing']
    assert (missing['path'][-8:], missing['track'], missing['label']) == ('a/02.mid', 1, 'Bass')
    worst = [row['disagreement'] for row in batch if row['finding'] not in (None, 'missing')]
    assert worst == sorted(worst, reverse=True)
    assert [row['status'] for row in batch][-2:] == ['ok', 'unreadable']
    assert batch[-2] is missing
    assert len(audit(mislabelled, threshold=0.5, top=1, jobs=1)) == 2  # the worst, and the file that was not read


def test_what_is_missing_is_listed_only_where_it_is_asked_for(mislabelled, run):
    path = mislabelled / 'a' / '02.mid'
    assert [row.finding for row in audit(path, threshold=0.999, jobs=1)] == []
    assert [row.finding for row in audit(path, threshold=0.999, missing=True, jobs=1)] == ['missing']
    status, out, _ = run('audit', '--threshold', '0.999', path)
    assert (status, 'no program' in out) == (0, False)
    status, out, _ = run('audit', '--threshold', '0.999', '--missing', path)
    assert (status, 'track 1: named "Bass", no program; the notes are not sure' in out) == (0, True)


def test_the_exit_status(mislabelled, tmp_path, run):
    flute = mislabelled / 'a' / '00.mid'
    status, out, _ = run('audit', '--threshold', '0.5', flute)
    assert status == 3
    assert 'track 1: named "Flute", program 73; the notes say Bass' in out
    assert run('audit', '--threshold', '0.5', flute, '-o', tmp_path / 'a.csv')[:2] == (3, '')
    assert next(read_table(tmp_path / 'a.csv', AuditRow.columns()))['named'] == 'Pipe'
    assert run('audit', '--threshold', '1', flute)[0] == 0
    assert (
        run('audit', mislabelled / 'a' / '02.mid', '--threshold', '0.999')[0] == 0
    )  # what is missing is no disagreement
    assert run('audit', '--threshold', '0.5', '--jobs', '1', mislabelled)[0] == 1
    assert run('audit', '--threshold', '2', flute)[0] == 2


def test_that_nothing_disagrees_is_said(capsys):
    assert main(['audit', 'corpus:bwv66.6', '--threshold', '1', '--jobs', '1']) == 0
    assert capsys.readouterr().out.splitlines()[0] == 'nothing disagrees'


def test_which_tune_of_a_file_disagrees(tmp_path, run):
    path = tmp_path / 'book.abc'
    tune = 'X:1\nT:{0}\nM:4/4\nL:1/8\nV:1 name="Bass"\nK:C\n[V:1] {1}\n'
    path.write_text(
        '\n'.join([tune.format('One', "c'd'e'f' g'a'b'c''|" * 8), tune.format('Two', 'C,,D,,E,,F,, G,,A,,B,,C,|' * 8)])
    )
    found = audit(path, threshold=0.0, jobs=1)
    assert [(row.named, row.remark) for row in found] == [('Bass', 'of the tune "One"')]
    assert '(of the tune "One")' in run('audit', '--threshold', '0', path)[1]


def test_which_part_of_a_track_disagrees(one_track, run):
    """In a file of type 0 all parts are on track 0, also where only one of them is found: the worst."""
    found = audit(one_track, threshold=0.0, missing=True, jobs=1)
    assert [(row.track, row.channel) for row in sorted(found, key=lambda row: row.channel)] == [(0, 0), (0, 1), (0, 2)]
    lines = run('audit', '--threshold', '0', '--missing', '--top', '1', one_track)[1].splitlines()
    assert lines[1].startswith(f'  track 0 channel {found[0].channel}: no name, program {found[0].program};')


def test_either_answer_accuses_and_that_in_the_score_comes_first():
    """Of each part the row with its score in view, then that by itself; a file of one part has no second row."""
    heard = [
        HeardRow(path='a.mid', track=0, name='Violin', program=40, label='Strings', confidence=0.9, status='ok'),
        HeardRow(
            path='a.mid', track=0, name='Violin', program=40, notes=9, label='Bass', confidence=0.95, status='ok',
            Strings=0.01, Bass=0.95, by_itself=True,
        ),
        HeardRow(
            path='a.mid', track=1, name='Viola', program=41, notes=9, label='Reed', confidence=0.9, status='ok',
            Strings=0.05, Reed=0.9,
        ),
        HeardRow(
            path='a.mid', track=1, name='Viola', program=41, notes=9, label='Bass', confidence=0.95, status='ok',
            Strings=0.01, Bass=0.95, by_itself=True,
        ),
        HeardRow(path='a.mid', track=2, name='Cello', program=42, label='Strings', confidence=0.9, status='ok'),
        HeardRow(
            path='a.mid', track=2, name='Cello', program=42, notes=9, label='Bass', confidence=0.7, status='ok',
            Strings=0.2, Bass=0.7, by_itself=True,
        ),
    ]  # fmt: skip
    found = findings_in(heard, 0.8)
    assert [(row.track, row.label, row.by_itself) for row in found] == [(0, 'Bass', True), (1, 'Reed', False)]
    assert [sentence(row) for row in found] == [
        'named "Violin", program 40; the notes by themselves say Bass 0.95',
        'named "Viola", program 41; the notes say Reed 0.90',
    ]
    assert [row.counted_as for row in heard] == ['Strings', None, 'Reed', None, 'Strings', None]


@pytest.mark.parametrize(
    ('in_score', 'by_itself', 'suggested'),
    [
        (0.9, 0.95, ('Bass', False)),
        (0.6, 0.95, ('Bass', True)),
        (0.9, 0.6, ('Bass', False)),
        (0.6, 0.6, ('unknown', False)),
    ],
)
def test_the_first_answer_that_is_sure_suggests(in_score, by_itself, suggested):
    heard = [
        HeardRow(
            path='a.mid', track=0, name='', notes=9, label='Bass', confidence=confidence, status='ok',
            Bass=confidence, by_itself=second,
        )
        for confidence, second in ((in_score, False), (by_itself, True))
    ]  # fmt: skip
    (found,) = findings_in(heard, 0.8)
    assert (found.finding, found.label, found.by_itself) == ('missing', *suggested)


def test_the_parts_of_a_score_are_heard_twice_and_counted_once(mislabelled):
    path = mislabelled / 'a' / '00.mid'
    parts = len(label(path, jobs=1).rows)
    assert [row.by_itself for row in AuditQuery().answer(str(path))] == [False, True] * parts
    assert [row.by_itself for row in AuditQuery(alone=True).answer(str(path))] == [False] * parts
    assert audit(path, threshold=0.0, missing=True, jobs=1).counts.parts == parts
