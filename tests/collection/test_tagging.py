"""What ``tag`` adds, and that nothing else is touched, by the event lists that mido reads."""

from collections import Counter

import mido
import pytest

from music21_kdic import tag
from music21_kdic.classes import class_of_program
from music21_kdic.collection.tag import TagQuery
from music21_kdic.collection.tagging import PROGRAMS
from music21_kdic.reading import midi_repair
from tests.collection.conftest import added, bass_only, events, programmed, song, untagged


def test_names_and_programs_are_added_and_nothing_else_changes(plain, tmp_path):
    batch = tag(plain, tmp_path / 'tagged.mid', threshold=0.0)
    assert (batch.files, batch.failed) == (1, 0)
    before, after = events(plain), events(tmp_path / 'tagged.mid')
    assert len(before) == len(after) == 4
    assert added(before[0], after[0]) == []
    count = Counter()
    for row in batch:
        label, channel = row['label'], row['channel']
        count[label] += 1
        name = label if count[label] == 1 else f'{label} {count[label]}'  # no two parts get the same
        assert added(before[row['track']], after[row['track']]) == [
            (0, mido.MetaMessage('track_name', name=name)),
            (0, mido.Message('program_change', channel=channel, program=PROGRAMS[label])),
        ]
        assert (row['new_name'], row['new_program']) == (name, PROGRAMS[label])
        assert class_of_program(PROGRAMS[label]) == label
    assert mido.MidiFile(plain).ticks_per_beat == mido.MidiFile(tmp_path / 'tagged.mid').ticks_per_beat


def test_what_is_there_stays(write_midi, tmp_path):
    path = write_midi(song(0), name='full.mid')
    batch = tag(path, tmp_path / 'tagged.mid', threshold=0.0)
    assert [row['new_name'] for row in batch] == [row['new_program'] for row in batch] == [None] * 3
    assert (tmp_path / 'tagged.mid').read_bytes() == path.read_bytes()


def test_a_name_without_a_program_and_the_other_way_round(write_midi, tmp_path):
    named = write_midi(bass_only(names=False), name='named.mid')
    programmed = write_midi(bass_only(programs=False), name='programmed.mid')
    by_name, by_program = tag([named, programmed], tmp_path / 'tagged', threshold=0.0, jobs=1)
    assert by_name['label'] == by_program['label'] == 'Bass'
    assert (by_name['new_name'], by_name['new_program']) == (None, 33)
    assert (by_program['new_name'], by_program['new_program']) == ('Bass', None)


def test_what_the_file_says_is_not_contradicted(write_midi, tmp_path):
    """A bass line whose track is named "Flute", or has the program of one."""
    (bass,) = bass_only()
    named = write_midi([[(0, mido.MetaMessage('track_name', name='Flute')), *bass]], name='named.mid')
    program = mido.Message('program_change', channel=0, program=73)
    programmed = write_midi([[(0, program), *bass]], name='programmed.mid')
    rows = tag([named, programmed], tmp_path / 'tagged', threshold=0.0, jobs=1)
    assert rows[0]['label'] != 'Pipe'
    assert [(row['new_name'], row['new_program']) for row in rows] == [(None, None)] * 2


@pytest.mark.parametrize('name', ['Kick 2', 'Lead Vox', 'Banjo', 'Keys'])
def test_a_part_that_is_named_as_of_no_class_gets_no_program(name, write_midi, tmp_path):
    (bass,) = bass_only()
    path = write_midi([[(0, mido.MetaMessage('track_name', name=name)), *bass]])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row.label, row.new_name, row.new_program) == ('Bass', None, None)
    assert row.remark == 'no program is added: its name is not that of a Bass part'
    assert (tmp_path / 't.mid').read_bytes() == path.read_bytes()


@pytest.mark.parametrize('name', ['Sax Solo', 'Solo Violin', 'Flute Duo', 'Guitar Solo', 'Drummer'])
def test_a_solo_of_another_instrument_gets_no_program(name, write_midi, tmp_path):
    (bass,) = bass_only()
    path = write_midi([[(0, mido.MetaMessage('track_name', name=name)), *bass]])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row.label, row.new_name, row.new_program) == ('Bass', None, None)
    assert row.remark == 'no program is added: its name is not that of a Bass part'


@pytest.mark.parametrize(('beside', 'wanted'), [('Soprano', None), ('Lead', 33)])
def test_a_bass_of_a_choir_gets_no_program(beside, wanted, write_midi, tmp_path):
    (bass,) = bass_only()
    named = [[(0, mido.MetaMessage('track_name', name=name)), *bass] for name in ('Bass', beside)]
    named[1] = [(time, m if m.is_meta else m.copy(channel=1)) for time, m in named[1]]
    row, _ = tag(write_midi(named), tmp_path / 't.mid', threshold=0.0)
    assert (row.label, row.new_program, bool(row.remark)) == ('Bass', wanted, wanted is None)


def test_the_program_of_a_set_up_track_holds(write_midi, tmp_path):
    (bass,) = bass_only()
    path = write_midi([[(0, mido.Message('program_change', channel=0, program=34))], bass])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row['program'], row['new_program']) == (34, None)


def test_parts_that_share_a_channel_and_differ_get_no_program(write_midi, tmp_path):
    _, bass, _, tune = untagged(song(0))
    tune = [(time, message.copy(channel=0) if not message.is_meta else message) for time, message in tune]
    batch = tag(write_midi([bass, tune]), tmp_path / 't.mid', threshold=0.0)
    assert len({row['label'] for row in batch}) == 2
    assert [row['new_program'] for row in batch] == [None, None]
    assert [row['new_name'] for row in batch] == [row['label'] for row in batch]


def test_parts_that_share_a_track_and_differ_get_no_name(write_midi, tmp_path):
    _, bass, _, tune = untagged(song(0))
    batch = tag(write_midi([[*bass, *tune]]), tmp_path / 't.mid', threshold=0.0)
    assert [row['new_name'] for row in batch] == [None, None]
    assert [row['new_program'] for row in batch] == [PROGRAMS[row['label']] for row in batch]


def test_strings_of_a_guitar_that_share_their_track_with_a_bass_get_no_name(write_midi, midi_note, tmp_path):
    """Six channels of one program are one guitar, which has no channel of its own."""
    guitar = [
        event
        for string, pitch in enumerate((40, 45, 50, 55, 59, 64))
        for event in (
            (0, mido.Message('program_change', channel=string, program=24)),
            *(one for beat in range(16) for one in midi_note(96 * beat + 8 * string, 96 * beat + 90, pitch, string)),
        )
    ]
    bass = [
        (0, mido.Message('program_change', channel=7, program=33)),
        *(event for beat in range(16) for event in midi_note(96 * beat, 96 * beat + 90, 28 + beat % 5, 7)),
    ]
    rows = tag(write_midi([[*guitar, *bass]]), tmp_path / 't.mid', threshold=0.0)
    assert {row.label for row in rows} == {'Guitar', 'Bass'}
    assert [row.new_name for row in rows] == [None, None]


def test_less_sure_than_asked_for_and_drums_are_left_alone(plain, write_midi, midi_note, tmp_path):
    batch = tag(plain, tmp_path / '1.mid', threshold=1.0)
    assert {row['label'] for row in batch} == {'unknown'}
    assert (tmp_path / '1.mid').read_bytes() == plain.read_bytes()
    drums = write_midi([[event for i in range(8) for event in midi_note(48 * i, 48 * i + 40, 36, channel=9)]])
    tag(drums, tmp_path / '2.mid', threshold=0.0)
    assert (tmp_path / '2.mid').read_bytes() == drums.read_bytes()


def test_a_melody_that_shares_its_track_with_drums_gets_no_name(write_midi, midi_note, tmp_path):
    (bass,) = bass_only()
    strokes = [event for i in range(8) for event in midi_note(48 * i, 48 * i + 40, 36, channel=9)]
    batch = tag(write_midi([[*bass, *strokes]]), tmp_path / 't.mid', threshold=0.0)
    assert [row['new_name'] for row in batch] == [None, None]
    assert [row['new_program'] is None for row in batch] == [False, True]


def test_a_program_comes_after_the_message_that_resets_the_synthesizer(write_midi, tmp_path):
    (bass,) = bass_only()
    reset = mido.Message('sysex', data=(0x7E, 0x7F, 0x09, 0x01))
    path = write_midi([[(0, mido.MetaMessage('copyright', text='nobody')), (0, reset), *bass]])
    tag(path, tmp_path / 't.mid', threshold=0.0)
    kinds = [message.type for message in mido.MidiFile(tmp_path / 't.mid').tracks[0]][:5]
    assert kinds == ['copyright', 'sysex', 'track_name', 'program_change', 'note_on']


def test_a_placeholder_counts_as_no_name_and_goes(write_midi, tmp_path):
    names = ['Track 1', 'track_02', 'MIDI', 'MIDI out', 'Untitled', 'New Track', 'Staff-1', 'Part #3', '7']
    (bass,) = bass_only()
    text = (0, mido.MetaMessage('text', text='stays'))
    paths = [
        write_midi([[(0, mido.MetaMessage('track_name', name=name)), text, *bass]], name=f'{number}.mid')
        for number, name in enumerate(names)
    ]
    rows = tag(paths, tmp_path / 'tagged', threshold=0.0, jobs=1)
    assert [(row.name, row.new_name, row.new_program) for row in rows] == [(name, 'Bass', 33) for name in names]
    for path in paths:
        (track,) = events(tmp_path / 'tagged' / path.name)
        assert track[:3] == [
            text, (0, mido.MetaMessage('track_name', name='Bass')), (0, mido.Message('program_change', program=33)),
        ]  # fmt: skip
        assert [message.type for _, message in added(bass, track[3:])] == ['end_of_track']


@pytest.mark.parametrize(('name', 'program'), [('808', 33), ('303', 33), ('909', None), ('TR-707', None)])
def test_the_number_of_a_machine_is_a_name(name, program, write_midi, tmp_path):
    """Of Roland's, the TR-808 and the TB-303 play basses; the others are no instrument of a class."""
    (bass,) = bass_only()
    path = write_midi([[(0, mido.MetaMessage('track_name', name=name)), *bass]])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row.label, row.name, row.new_name, row.new_program) == ('Bass', name, None, program)


def test_a_placeholder_that_comes_late_stays(write_midi, tmp_path):
    """It could not be replaced at the start of the track."""
    (bass,) = bass_only()
    path = write_midi([[*bass, (5, mido.MetaMessage('track_name', name='Track 1'))]])
    (row,) = tag(path, tmp_path / 't.mid', threshold=0.0)
    assert (row.name, row.new_name) == ('Track 1', None)


def test_no_two_parts_get_the_same_new_name(write_midi, tmp_path):
    """Three bass lines without names, beside a part that is called Bass."""
    (bass,) = bass_only()
    on = [[(time, m.copy(channel=c) if not m.is_meta else m) for time, m in bass] for c in range(4)]
    named = [(0, mido.MetaMessage('track_name', name='bass')), *on[3]]
    rows = tag(write_midi([*on[:3], named]), tmp_path / 't.mid', threshold=0.0)
    assert [row.new_name for row in rows] == ['Bass 2', 'Bass 3', 'Bass 4', None]


@pytest.mark.parametrize('name', ['', 'Track 1'])
def test_a_program_0_that_nobody_chose_is_replaced(name, write_midi, tmp_path):
    """In a file in which others have other programs."""
    before = programmed(0, name)
    row, flute = tag(write_midi(before), tmp_path / 't.mid', threshold=0.0)
    assert (row.label, row.program, row.new_program) == ('Bass', 0, 33)
    assert flute.new_program is None
    changes = [[m for _, m in track if m.type == 'program_change'] for track in events(tmp_path / 't.mid')]
    assert [[m.program for m in track] for track in changes] == [[33], [73]]


def test_a_program_0_that_somebody_may_have_chosen_stays(write_midi, tmp_path):
    again = (20, mido.Message('program_change', program=0))
    paths = [
        write_midi(programmed(0, 'Grand'), name='0.mid'),  # it has a name
        write_midi(programmed(1, ''), name='1.mid'),  # it is another
        write_midi(programmed(0, '', again), name='2.mid'),  # it is set twice
        write_midi(programmed(0, '')[:1], name='3.mid'),  # no part of the file has another
    ]
    rows = tag(paths, tmp_path / 'tagged', threshold=0.0, jobs=1)
    firsts = [next(row for row in rows if row.path == str(path)) for path in paths]
    assert [row.new_program for row in firsts] == [None] * 4


@pytest.mark.parametrize(('controller', 'value'), [(0, 127), (0, 8), (32, 1)])
def test_a_program_of_another_bank_was_chosen(controller, value, write_midi, tmp_path, monkeypatch):
    """A drum kit of XG, a variation of GS, a bank of a synthesizer: another program would be another sound there.

    So may it be in a track of more events than are looked at.
    """
    setup, bass, *others = untagged(song(0), programs=False)
    bank = (0, mido.Message('control_change', channel=0, control=controller, value=value))
    program = (0, mido.Message('program_change', channel=0, program=0))
    bass = [event for event in bass if event[1].type != 'program_change']
    melodic = (0, mido.Message('control_change', channel=0, control=0, value=121))  # of General MIDI 2
    starts = {'chosen': [bank, program], 'set': [bank], 'usual': [program], 'usual-2': [melodic, program]}
    for name, start in starts.items():
        path = write_midi([setup, [*start, *bass], *others], name=f'{name}.mid')
        (row, *_) = tag(path, tmp_path / f'{name}-out.mid', threshold=0.3, quiet=True)
        assert row.new_program == (PROGRAMS['Bass'] if name.startswith('usual') else None)
    monkeypatch.setattr(midi_repair, 'MAX_EVENTS', 20)
    (row, *_) = TagQuery(threshold=0.3, dry_run=True).read(str(tmp_path / 'usual.mid'), None)
    assert (row.status, row.new_program) == ('ok', None)
