"""Which tracks and staves are one instrument; what is right is known from how the files are made."""

import copy

import mido
import numpy as np
import pytest
from music21 import chord, clef, corpus, instrument, layout, note, stream

from music21_kdic import instrument_likelihood
from music21_kdic.collection.label import LabelQuery
from music21_kdic.reading.instruments import instruments_among, joined, over_tracks
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.reading.staves import instruments_of
from music21_kdic.reading.streams import note_sequence


def named(name, *events):
    return [(0, mido.MetaMessage('track_name', name=name)), *events]


def program(number, channel=0):
    return (0, mido.Message('program_change', program=number, channel=channel))


def controller(number, value, channel=0):
    return (0, mido.Message('control_change', control=number, value=value, channel=channel))


@pytest.mark.parametrize(
    ('right', 'left', 'channels', 'number', 'one'),
    [
        ('Piano right', 'Piano left', (0, 1), 0, True),
        ('RH', 'LH', (0, 1), 0, True),
        ('RH:', 'LH:', (0, 1), None, True),
        ('Klavier rechts', 'Klavier links', (2, 3), 0, True),
        ('mano destra', 'mano sinistra', (0, 1), 6, True),
        ('Harp R.H.', 'Harp L.H.', (0, 1), 46, True),
        ('', '', (0, 0), 0, True),
        ('Sonata', 'Sonata', (0, 0), None, True),
        ('Guitar L', 'Guitar R', (0, 1), 25, False),  # loudspeakers
        ('Piano 1', 'Piano 2', (0, 1), 0, False),
        ('Piano 1 RH', 'Piano 2 LH', (0, 1), 0, False),
        ('Flute', 'Cello', (0, 0), None, False),
        ('', '', (0, 1), 0, False),
        ('', '', (0, 0), None, False),
        ('', '', (0, 0), 40, False),
    ],
)
def test_two_hands(write_midi, midi_note, right, left, channels, number, one):
    tracks = [
        named(name, *([program(number, channel)] if number is not None else []), *midi_note(0, 96, pitch, channel))
        for name, channel, pitch in ((right, channels[0], 72), (left, channels[1], 48))
    ]
    parts = read_midi(write_midi(tracks))
    assert instruments_among(parts) == ([0, 0] if one else [0, 1])


def test_hands_on_two_ports_are_two_keyboards(write_midi, midi_note):
    tracks = [
        [(0, mido.MetaMessage('midi_port', port=port)), program(0), *midi_note(0, 96, 60 + port)] for port in (0, 1)
    ]
    parts = read_midi(write_midi(tracks))
    assert instruments_among(parts) == [0, 1]


def test_a_port_that_is_named_and_the_first_one_are_the_same(write_midi, midi_note):
    setup = [program(56, 2)]
    path = write_midi([setup, [(0, mido.MetaMessage('midi_port', port=0)), *midi_note(0, 96, 60, channel=2)]])
    assert [part.program for part in read_midi(path)] == [56]


def strings(midi_note, channels, begin=0):
    return [
        event
        for i, channel in enumerate(channels)
        for event in midi_note(begin + 48 * i, begin + 48 * i + 48, 40 + i, channel)
    ]


@pytest.mark.parametrize(
    ('channels', 'number', 'alone', 'parts'),
    [
        (range(6), 25, False, 1),  # a guitar, a string each
        (range(6), 25, True, 1),
        (range(3), 25, True, 3),  # perhaps three guitars, all in one track
        (range(4), None, True, 4),  # no program: four voices
        ([*range(1, 9), *range(10, 16)], None, False, 1),  # a note each, as MPE controllers play
        (range(16), None, False, 1),  # the channel of drums among them
    ],
)
def test_one_program_over_many_channels(write_midi, midi_note, channels, number, alone, parts):
    track = [*([program(number, channel) for channel in channels] if number is not None else [])]
    track += strings(midi_note, channels)
    tracks = [track] if alone else [track, midi_note(0, 96, 80, channel=0)]
    read = [part for part in read_midi(write_midi(tracks)) if part.track == 0]
    assert len(read) == parts
    assert sum(len(part.notes) for part in read) == len(list(channels))


def test_chords_on_many_channels_are_as_many_parts(write_midi, midi_note):
    """A string sounds one note at a time: six channels with chords are six guitars."""
    chords = [event for i in range(6) for pitch in (40, 44, 47) for event in midi_note(0, 96, pitch + i, i)]
    track = [*(program(25, channel) for channel in range(6)), *chords, *strings(midi_note, range(6), 192)]
    assert len(read_midi(write_midi([sorted(track, key=lambda event: event[0]), midi_note(0, 96, 80)]))) == 7


def test_drums_beside_a_note_each_are_drums(write_midi, midi_note):
    """Eight channels without a program, as a controller plays, and channel 10; drums may sound at once."""
    track = [*strings(midi_note, range(8)), *midi_note(0, 96, 36, 9), *midi_note(0, 96, 42, 9)]
    parts = read_midi(write_midi([sorted(track, key=lambda event: event[0]), midi_note(0, 96, 80)]))
    assert [(part.is_drum, len(part.notes)) for part in parts if part.track == 0] == [(False, 8), (True, 0)]


@pytest.mark.parametrize('order', [(101, 100), (100, 101)])
@pytest.mark.parametrize(('master', 'members'), [(0, [1, 2, 3]), (15, [12, 13, 14])])
def test_an_mpe_configuration_message(write_midi, midi_note, order, master, members):
    message = [controller(number, {101: 0, 100: 6}[number], master) for number in order]
    track = [*message, controller(6, 3, master), program(25, master), *strings(midi_note, members)]
    (part,) = read_midi(write_midi([track]))
    assert (len(part.notes), part.channel, part.program) == (3, None, 25)


def test_an_mpe_configuration_of_no_members_is_none(write_midi, midi_note):
    track = [controller(101, 0), controller(100, 6), controller(6, 0), *strings(midi_note, [1, 2])]
    assert len(read_midi(write_midi([track]))) == 2


def test_tracks_that_differ_by_channel_alone_are_offered_joined(write_midi, midi_note):
    notes = [event for i in range(8) for event in midi_note(48 * i, 48 * i + 48, 52 + i)]
    tracks = [named('Guitar', program(25, c), *[(t, m.copy(channel=c)) for t, m in notes]) for c in range(3)]
    path = write_midi(tracks)
    parts = read_midi(path)
    assert instruments_among(parts) == [0, 1, 2]
    assert over_tracks(parts) == [0, 0, 0]
    apart = LabelQuery().answer(str(path))
    assert apart[0].remark == 'differs by nothing but channel from track 1, 2'
    together = LabelQuery(join_channels=True).answer(str(path))
    assert together[0].remark == 'one instrument with track 1, 2'
    assert len({row.confidence for row in together}) == 1


def test_a_key_that_two_staves_strike_is_struck_once():
    one = NoteSequence(onsets=[0, 1], ends=[1, 2], pitches=[60, 62], bars=[0, 4])
    other = NoteSequence(onsets=[0, 1, 1], ends=[4, 2, 2], pitches=[60, 50, 50], bars=[0, 4, 8], unpitched=1)
    both = joined([one, other])
    assert both.pitches.tolist() == [60, 50, 50, 62]
    assert both.ends.tolist() == [4, 2, 2, 2]
    assert (both.bars.tolist(), both.unpitched) == ([0, 4, 8], 1)
    assert joined([one]) is one


def piano(kind=stream.PartStaff, names=('Piano', 'Piano')):
    """Eight bars of a melody over broken chords."""
    staves = []
    for name, pitches in zip(names, (('C5', 'D5', 'E5', 'G5'), ('C3', 'G3', 'E3', 'G3')), strict=True):
        staff = kind([instrument.Piano()])
        staff.partName = name
        for i in range(32):
            staff.append(note.Note(pitches[i % 4], quarterLength=0.5))
        staves.append(staff)
    return staves


def test_staves_share_the_answer_of_all_their_notes_and_say_so():
    right, left = piano()
    flute = stream.Part([note.Note('C6', quarterLength=0.5) for _ in range(32)])
    score = stream.Score([flute, right, left])
    score.insert(0, layout.StaffGroup([right, left], symbol='brace'))
    answers = instrument_likelihood(score)
    assert [answer.joined for answer in answers] == [(), (1, 2), (1, 2)]
    assert answers[1].probabilities.tolist() == answers[2].probabilities.tolist()
    assert [answer.notes for answer in answers] == [32, 64, 64]
    whole = stream.Part(
        [chord.Chord([a.pitch, b.pitch], quarterLength=0.5) for a, b in zip(right.notes, left.notes, strict=True)]
    )
    assert answers[1].alone.probabilities == pytest.approx(instrument_likelihood(whole).probabilities)
    assert 'staves 1, 2' in repr(answers[1])
    assert answers[1].to_dict()['joined'] == [1, 2]
    assert instrument_likelihood(right).joined == ()


@pytest.mark.parametrize(
    ('staves', 'group', 'numbers'),
    [
        (piano(), {'symbol': 'brace'}, [0, 0]),
        (piano(), None, [0, 0]),  # side by side, of one name
        (piano(names=('Harp', 'Organ')), None, [0, 1]),
        (piano(stream.Part), {'symbol': 'brace'}, [0, 0]),  # a piano written as two parts
        (piano(stream.Part), {'symbol': 'bracket'}, [0, 1]),
        (piano(stream.Part, ('Piano RH', 'Piano LH')), None, [0, 0]),
        (piano(stream.Part), None, [0, 1]),
    ],
)
def test_staves_of_a_stream(staves, group, numbers):
    score = stream.Score(staves)
    if group is not None:
        score.insert(0, layout.StaffGroup(staves, **group))
    assert instruments_of(score, staves) == numbers


def test_a_part_beside_a_staff_in_a_brace_is_no_staff():
    staff, flute = piano()[0], stream.Part([instrument.Flute(), note.Note('C6')])
    score = stream.Score([staff, flute, layout.StaffGroup([staff, flute], symbol='brace')])
    assert instruments_of(score, [staff, flute]) == [0, 1]


def test_a_spine_of_humdrum_and_another_part_are_no_two_hands():
    parts = piano(stream.Part)
    parts[0].id, parts[1].id = 'spine_1', 'another'
    assert instruments_of(stream.Score(parts), parts) == [0, 1]


def test_the_braces_of_scores_inside_are_found():
    first, second = piano(stream.Part), piano(stream.Part)
    scores = [stream.Score([*staves, layout.StaffGroup(staves, symbol='brace')]) for staves in (first, second)]
    assert instruments_of(stream.Opus(scores), [*first, *second]) == [0, 0, 2, 2]


def test_a_staff_that_was_taken_out_is_still_in_its_brace():
    staves = piano(stream.Part)
    gone = stream.Part([note.Note('C2')])
    score = stream.Score([*staves, layout.StaffGroup([*staves, gone], symbol='brace')])
    assert instruments_of(score, staves) == [0, 0]


def test_two_pianos_are_two_instruments():
    staves = [*piano(), *piano()]
    score = stream.Score(staves)
    for pair in (staves[:2], staves[2:]):
        score.insert(0, layout.StaffGroup(pair, symbol='brace'))
    score.insert(0, layout.StaffGroup(staves, symbol='brace'))
    assert instruments_of(score, staves) == [0, 0, 2, 2]


def measured(kind, player, lows, bars=6):
    """A Part or PartStaff of so many measures for each lowest note."""
    staves = []
    for low in lows:
        staff = kind([player()])
        for number in range(1, bars + 1):
            staff.append(stream.Measure([note.Note(low + i) for i in range(4)], number=number))
        staves.append(staff)
    return staves


def in_braces(*instruments, beside=()):
    """A Score of instruments, the staves of each in a brace."""
    score = stream.Score([*(staff for staves in instruments for staff in staves), *beside])
    for staves in instruments:
        score.insert(0, layout.StaffGroup(staves, symbol='brace'))
    return score


EXCERPTS = {
    'measures': lambda score: score.measures(2, 5),
    'a measure': lambda score: score.measure(3),
    'measures of measures': lambda score: score.measures(2, 5).measures(3, 4),
    'a copy of measures': lambda score: copy.deepcopy(score.measures(2, 5)),
    'parts': lambda score: score.parts.stream(),
    'repeats': lambda score: score.expandRepeats(),
    'in another Score': lambda score: stream.Score([part.measures(2, 5) for part in score.parts]),
}


@pytest.mark.parametrize('excerpt', EXCERPTS.values(), ids=EXCERPTS)
def test_staves_of_one_instrument_are_so_in_an_excerpt(excerpt):
    organ = measured(stream.PartStaff, instrument.Organ, (64, 52, 36))
    hands = measured(stream.Part, instrument.Piano, (64, 40))
    flute = measured(stream.Part, instrument.Flute, (76,))
    score = in_braces(organ, hands, beside=flute)
    for whole in (score, excerpt(score)):
        assert instruments_of(whole, list(whole.parts)) == [0, 0, 0, 3, 3, 5]


def test_an_excerpt_joins_nothing_that_its_score_does_not():
    flute, violin = measured(stream.Part, instrument.Flute, (76,)), measured(stream.Part, instrument.Violin, (67,))
    five = measured(stream.Part, instrument.Piano, (64, 60, 56, 52, 48))
    mixed = [*measured(stream.Part, instrument.Piano, (64, 40)), *flute]
    for staves in (five, mixed, [*flute, *violin]):  # too many, a flute beside a piano, no staves
        score = in_braces(staves)  # music21 forgets a StaffGroup that is in no stream
        assert instruments_of(score, staves) == list(range(len(staves)))
        for parts in (staves, staves[:2]):
            excerpt = stream.Score([part.measures(2, 5) for part in parts])
            assert instruments_of(excerpt, list(excerpt.parts)) == list(range(len(parts)))


def test_a_staff_without_its_others_is_an_instrument_alone():
    first, second = (measured(stream.PartStaff, instrument.Organ, (64, 52, 36)) for _ in range(2))
    score = in_braces(first, second)
    excerpt = stream.Score([part.measures(2, 5) for part in (first[2], second[0])])
    assert instruments_of(excerpt, list(excerpt.parts)) == [0, 1]
    # The brace around both joins nothing, since each has its own.
    score.insert(0, layout.StaffGroup([*first[:2], *second[:2]], symbol='brace'))
    excerpt = stream.Score([part.measures(2, 5) for part in (first[0], second[1])])
    assert instruments_of(excerpt, list(excerpt.parts)) == [0, 1]


def test_two_excerpts_of_a_staff_are_not_two_staves():
    hands = measured(stream.Part, instrument.Piano, (64, 40))
    score = in_braces(hands)
    twice = stream.Score([hands[0].measures(1, 3), hands[0].measures(4, 6), hands[1].measures(1, 3)])
    assert instruments_of(twice, list(twice.parts)) == [0, 1, 2]
    assert instruments_of(score, hands) == [0, 0]


def test_a_brace_that_was_taken_out_joins_no_excerpt():
    hands = measured(stream.Part, instrument.Piano, (64, 40))
    score = in_braces(hands)
    score.remove(score.getElementsByClass(layout.StaffGroup).first())
    for whole in (score, score.measures(2, 5), score.parts.stream()):
        assert instruments_of(whole, list(whole.parts)) == [0, 1]


@pytest.mark.parametrize('make', [instrument.BassDrum, instrument.SnareDrum, instrument.UnpitchedPercussion])
def test_pitched_notes_of_an_unpitched_instrument_are_drums(make):
    part = stream.Part([make(), note.Note('C2'), note.Note('D2')])
    notes = note_sequence(part)
    assert (len(notes), notes.unpitched) == (0, 2)
    assert instrument_likelihood(part).status == 'drums'


def test_pitched_notes_on_channel_10_are_drums_from_there_on():
    drums = instrument.Instrument()
    drums.midiChannel = 9
    part = stream.Part([instrument.Timpani(), note.Note('C2'), drums, note.Note('D2')])
    notes = note_sequence(part)
    assert (notes.pitches.tolist(), notes.unpitched) == ([36], 1)


def test_a_measure_knows_its_drums():
    part = stream.Part([instrument.BassDrum(), stream.Measure([note.Note('C2')])])
    assert note_sequence(part.getElementsByClass(stream.Measure).first()).unpitched == 1


def test_of_several_instruments_at_once_one_with_pitches_is_heard():
    part = stream.Part([clef.TrebleClef()])
    for each in (instrument.Flute(), instrument.BassDrum()):
        part.insert(0, each)
    part.append(note.Note('C5'))
    assert np.array_equal(note_sequence(part).pitches, [72])


def test_staves_that_begin_and_end_apart_have_the_bars_of_both():
    def staff(start, numbers):
        bars = [start + 4.0 * bar for bar in range(len(numbers) + 1)]
        return NoteSequence([start], [start + 1], [60], bars, measure_numbers=numbers)

    overlapping = joined([staff(8, ('3', '4', '5')), staff(0, ('1', '2', '3'))])
    assert overlapping.bars.tolist() == [0, 4, 8, 12, 16, 20]
    assert overlapping.measure_numbers == ('1', '2', '3', '4', '5')
    later = joined([staff(0, ('1', '2', '3')), staff(16, ('5', '6'))])
    assert later.bars.tolist() == [0, 4, 8, 12, 16, 20, 24]
    assert later.measure_numbers == ('1', '2', '3', '', '5', '6')


def test_parts_of_one_track_are_told_by_their_channels(write_midi, midi_note):
    """No part differs from its own track: what is told is the channel, counted from 0."""
    notes = [event for i in range(8) for event in midi_note(48 * i, 48 * i + 48, 52 + i)]
    one_track = [event for c in range(3) for event in (program(25, c), *((t, m.copy(channel=c)) for t, m in notes))]
    path = str(write_midi([one_track]))
    first, second, _ = LabelQuery().answer(path)
    assert first.remark == 'differs by nothing but channel from track 0 channel 1, track 0 channel 2'
    assert second.remark == 'differs by nothing but channel from track 0 channel 0, track 0 channel 2'
    together, *_ = LabelQuery(join_channels=True).answer(path)
    assert together.remark == 'one instrument with track 0 channel 1, track 0 channel 2'


@pytest.mark.parametrize('pianos', [1, 2, 3])
def test_staves_side_by_side_in_no_group_are_two_an_instrument(pianos):
    """Two rags of a piano each in one Score are two pianos; a rag is one (its file says so)."""
    rags = [corpus.parse('joplin/maple_leaf_rag') for _ in range(pianos)]
    staves = [staff for rag in rags for staff in rag.parts]
    assert [len(rag.parts) for rag in rags] == [2] * pianos
    assert instruments_of(stream.Score(staves), staves) == [2 * (i // 2) for i in range(2 * pianos)]


def test_a_third_staff_in_no_group_is_an_instrument_alone():
    staves = [stream.PartStaff() for _ in range(3)]
    assert instruments_of(stream.Score(staves), staves) == [0, 0, 2]
    pedalled = stream.Score([*staves, layout.StaffGroup(staves, symbol='brace')])
    assert instruments_of(pedalled, staves) == [0, 0, 0]
