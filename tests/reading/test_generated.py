"""Notes that a generator has, held against the MIDI reader on the same notes."""

import types
from fractions import Fraction

import mido
import numpy as np
import pytest
from music21 import converter, corpus, layout, meter, note, stream

import music21_kdic
from music21_kdic.errors import NoteError
from music21_kdic.reading.generated import is_one, is_score, one_part, parts_in
from music21_kdic.reading.instruments import instruments_among
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.note_rows import Assumed
from music21_kdic.reading.notes import NoteSequence

FIELDS = ('onsets', 'ends', 'pitches', 'bars')


def same(found, wanted, tolerance=0.0):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.notes.unpitched == other.notes.unpitched
        for name in FIELDS:
            np.testing.assert_allclose(getattr(one.notes, name), getattr(other.notes, name), atol=tolerance, rtol=0)


@pytest.fixture
def song(write_midi, midi_note):
    """3/4, a change of tempo in bar 2, a line, a part of chords of which some note is very short, and drums."""
    line = [event for beat in range(12) for event in midi_note(96 * beat, 96 * beat + 70, 60 + beat)]
    chords = [
        event for bar in range(4) for pitch in (40, 47) for event in midi_note(288 * bar, 288 * bar + 144, pitch, 1)
    ]
    drums = [event for beat in range(12) for event in midi_note(96 * beat, 96 * beat + 10, 36, 9)]
    conductor = [
        (0, mido.MetaMessage('time_signature', numerator=3, denominator=4)),
        (0, mido.MetaMessage('set_tempo', tempo=600_000)),
        (300, mido.MetaMessage('set_tempo', tempo=333_333)),
    ]
    return write_midi([conductor, [(0, mido.MetaMessage('track_name', name='Tune')), *line], chords, drums])


def test_arrays_and_lists_are_what_the_midi_reader_reads(write_midi, midi_note):
    notes = [(0.0, 1.0, 60), (0.0, 2.0, 52), (1.5, 0.25, 67), (6.0, 3.0, 60)]
    events = [event for on, length, pitch in notes for event in midi_note(int(96 * on), int(96 * (on + length)), pitch)]
    wanted = read_midi(write_midi([events]))
    for given in (notes, tuple(notes), [list(row) for row in notes], np.array(notes), [np.array(row) for row in notes]):
        same(parts_in(given), wanted)


def test_the_meter_that_is_assumed_is_that_of_all_that_do_not_say(write_midi, midi_note):
    """Of notes as numbers, as a Stream, and in a MIDI file of any library."""
    import pretty_midi
    import symusic

    notes = [(beat, 1.0, 60 + beat) for beat in range(8)]
    part = stream.Part()
    for onset, length, pitch in notes:
        part.insert(onset, note.Note(pitch, quarterLength=length))
    path = write_midi([[event for on, _, pitch in notes for event in midi_note(96 * on, 96 * on + 96, pitch)]])
    given = [
        notes,
        part,
        stream.Score([part]),
        symusic.Score(path),
        pretty_midi.PrettyMIDI(str(path)),
        mido.MidiFile(path),
    ]
    for each in given:
        assert one_part(each, Assumed(meter='3/4')).bars[:3].tolist() == [0, 3, 6]
        assert one_part(each).bars[:2].tolist() == [0, 4]
    part.insert(0, meter.TimeSignature('2/4'))
    assert one_part(part, Assumed(meter='3/4')).bars[:3].tolist() == [0, 2, 4]


def test_the_class_of_meters_is_no_meter():
    with pytest.raises(NoteError, match='wanted one such as 3/4'):
        Assumed(meter=meter.TimeSignature)


def test_a_meter_of_music21_of_two_groups_is_added_up():
    assert Assumed(meter=meter.TimeSignature('3/8+2/8')).bar == 2.5


def test_two_hands_are_one_instrument_in_every_library(write_midi, midi_note):
    import miditoolkit
    import pretty_midi
    import symusic

    def track(name, channel, pitch):
        events = [
            event for beat in range(16) for event in midi_note(96 * beat, 96 * beat + 90, pitch + beat % 5, channel)
        ]
        return [(0, mido.MetaMessage('track_name', name=name)), *events]

    path = write_midi([track('Piano right', 0, 72), track('Piano left', 1, 40), track('Flute', 2, 84)])
    given = [
        mido.MidiFile(path),
        symusic.Score(path),
        pretty_midi.PrettyMIDI(str(path)),
        miditoolkit.MidiFile(str(path)),
    ]
    for each in given:
        assert instruments_among(parts_in(each)) == instruments_among(read_midi(path)) == [0, 0, 2]
        assert [answer.joined for answer in music21_kdic.instrument_likelihood(each)] == [(0, 1), (0, 1), ()]


def test_the_meter_of_numbers():
    assert one_part([(0, 9, 60)]).bars.tolist() == [0, 4, 8, 12]
    for six in ('6/8', meter.TimeSignature('6/8')):
        assert one_part([(0, 9, 60)], Assumed(meter=six)).bars.tolist() == [0, 3, 6, 9]


@pytest.mark.parametrize('no_meter', ['', '3', '0/4', '3/0', '-3/4', '4/3', 'waltz', '3/4/4', '9999/4'])
def test_no_meter(no_meter):
    with pytest.raises(NoteError, match=r'meter .*: wanted one such as 3/4'):
        Assumed(meter=no_meter)


def test_a_mido_file(song):
    same(parts_in(mido.MidiFile(song)), read_midi(song))


def test_the_drums_of_a_file_count_for_its_other_parts(song):
    """A path is answered as `label` answers the file, and as the file of another library is."""
    rows = music21_kdic.label(song, jobs=1).rows
    for given in (song, mido.MidiFile(song)):
        answers = music21_kdic.instrument_likelihood(given)
        assert [answer.status for answer in answers] == [row.status for row in rows]
        for answer, row in zip(answers, rows, strict=True):
            if row.status != 'drums':
                wanted = [row[name] for name in music21_kdic.CLASSES]
                np.testing.assert_allclose(answer.probabilities, wanted, atol=1e-3)
    assert [row.status for row in rows].count('drums') == 1


def test_a_file_of_drums_only_has_a_part(write_midi, midi_note):
    path = write_midi([[event for beat in range(64) for event in midi_note(96 * beat, 96 * beat + 10, 36, 9)]])
    (row,) = music21_kdic.label(path, jobs=1).rows
    for given in (path, mido.MidiFile(path)):
        (answer,) = music21_kdic.instrument_likelihood(given)
        assert answer.status == music21_kdic.Scorer('Bass')(given).status == row.status == 'drums'


@pytest.mark.parametrize('ask', [music21_kdic.Scorer('Bass'), music21_kdic.instrument_likelihood])
def test_a_folder_is_no_file(ask, song):
    with pytest.raises(music21_kdic.UnreadableError, match='a folder: wanted one file; rank and label take folders'):
        ask(song.parent)


def test_pretty_midi(song):
    pretty_midi = pytest.importorskip('pretty_midi')
    file = pretty_midi.PrettyMIDI(str(song))
    found, wanted = parts_in(file), read_midi(song)
    same(found, wanted, tolerance=1e-9)
    assert next(part.name for part in found) == 'Tune'
    assert found[0].given is file.instruments[0]


def test_a_pretty_midi_instrument_by_itself_is_at_the_tempo_that_is_assumed():
    pretty_midi = pytest.importorskip('pretty_midi')
    track = pretty_midi.Instrument(0)
    track.notes = [pretty_midi.Note(64, 60 + beat, beat * 0.5, beat * 0.5 + 0.25) for beat in range(8)]
    assert one_part(track).onsets.tolist() == list(range(8))
    assert one_part(track, Assumed(tempo=60)).onsets.tolist() == [0.5 * beat for beat in range(8)]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'start': float('nan')}, r'a note \[nan, nan, 60.0\]: wanted finite numbers'),
        ({'end': float('nan')}, 'wanted finite numbers'),
        ({'start': -1.0}, r'a note \[-1.0, 1.25, 60.0\]: wanted an onset and a duration of at least 0'),
        ({'end': -1.0}, 'wanted an onset and a duration of at least 0'),
        ({'pitch': 60.9}, r'pitch 60\.9: wanted whole MIDI pitches'),
        ({'pitch': 'C4'}, 'wanted rows of three numbers'),
        ({'end': None}, 'wanted finite numbers'),
    ],
)
def test_what_no_note_of_pretty_midi_may_be(change, message):
    pretty_midi = pytest.importorskip('pretty_midi')
    track = pretty_midi.Instrument(0)
    track.notes = [pretty_midi.Note(64, 60 + beat, beat * 0.5, beat * 0.5 + 0.25) for beat in range(8)]
    for name, value in change.items():
        setattr(track.notes[0], name, value)
    with pytest.raises(NoteError, match=message):
        parts_in(track)


def test_a_mido_file_that_mido_cannot_write_and_names_that_its_charset_has_not(song):
    file = mido.MidiFile(song)
    file.tracks[1][0] = mido.MetaMessage('track_name', name='ギター')
    assert next(part.name for part in parts_in(file)) == 'ギター'
    assert file.charset == 'latin1'  # as it was
    file.tracks.append([7])
    with pytest.raises(NoteError, match='a mido MidiFile: mido cannot write it as MIDI'):
        parts_in(file)
    del file.tracks[-1]
    for ticks, message in ((40_000, 'mido cannot write it as MIDI'), (0, '0 ticks a quarter note, wanted at least 1')):
        file.ticks_per_beat = ticks
        with pytest.raises(NoteError, match=f'a mido MidiFile: {message}'):
            parts_in(file)


def test_a_meter_at_no_time_and_ticks_that_are_none(song):
    pretty_midi, miditoolkit = pytest.importorskip('pretty_midi'), pytest.importorskip('miditoolkit')
    file = pretty_midi.PrettyMIDI(str(song))
    file.time_signature_changes[0].time = float('nan')
    with pytest.raises(NoteError, match='a meter at nan: wanted a finite time'):
        parts_in(file)
    other = miditoolkit.MidiFile(str(song))
    other.ticks_per_beat = None
    with pytest.raises(NoteError, match='None ticks a quarter note, wanted at least 1'):
        parts_in(other)
    for ticks in (float('inf'), 0, '480'):
        with pytest.raises(NoteError, match='wanted ticks a quarter note, at least 1'):
            Assumed(ticks=ticks)


def test_symusic(song):
    symusic = pytest.importorskip('symusic')
    score, wanted = symusic.Score(str(song)), read_midi(song)
    same(parts_in(score), wanted)
    same(parts_in(score.to('quarter')), wanted, tolerance=1e-6)
    same(parts_in(score.to('second')), wanted, tolerance=1 / 96)  # to the nearest tick
    (track,) = parts_in(score.tracks[0], Assumed(meter='3/4', ticks=96))
    same([track], wanted[:1])
    (track,) = parts_in(score.to('quarter').tracks[0], Assumed(meter='3/4'))
    same([track], wanted[:1], tolerance=1e-6)
    with pytest.raises(NoteError, match=r'TrackTick: its times are ticks, .* wanted the score that it is in, or ticks'):
        parts_in(score.tracks[0])


def test_miditoolkit(song):
    miditoolkit = pytest.importorskip('miditoolkit')
    file, wanted = miditoolkit.MidiFile(str(song)), read_midi(song)
    same(parts_in(file), wanted)
    same(parts_in(file.instruments[0], Assumed(meter='3/4', ticks=96)), wanted[:1])
    with pytest.raises(NoteError, match='Instrument: its times are ticks'):
        parts_in(file.instruments[0])


def test_a_type_that_is_derived_from_a_library_s_is_known():
    pretty_midi = pytest.importorskip('pretty_midi')

    class Mine(pretty_midi.Instrument):
        pass

    assert is_one(Mine(0))


def test_several_parts_are_never_one(song):
    with pytest.raises(NoteError, match='MidiFile with 3 parts: wanted one part; give each part by itself'):
        one_part(mido.MidiFile(song))
    score = stream.Score([converter.parse('tinynotation: 4/4 c1').flatten() for _ in range(2)])
    score = stream.Score([stream.Part(part.notes) for part in score])
    with pytest.raises(NoteError, match='Score with 2 parts'):
        one_part(score)


def test_a_part_of_nothing_but_rests_is_left_out():
    def part(*notes):
        return stream.Part(notes)

    tune = (note.Note(60), note.Note(62))
    rests = (note.Rest(quarterLength=2),)
    assert one_part(stream.Score([part(*rests), part(*tune), part(*rests)])).pitches.tolist() == [60, 62]
    assert len(one_part(stream.Score([part(*rests), part(*rests)]))) == 0
    with pytest.raises(NoteError, match='Score with 2 parts'):
        one_part(stream.Score([part(*tune), part(note.Unpitched()), part(*rests)]))


def test_tables_are_read_as_notes():
    """Tensors are asked in tests/export/test_tensors.py, where torch is."""
    pandas = pytest.importorskip('pandas')
    notes = [(0.0, 1.0, 60), (1.5, 0.5, 64)]
    named = pandas.DataFrame(notes, columns=['onset', 'duration', 'pitch'])
    for table in (named, pandas.DataFrame(notes)):
        assert is_one(table)
        same(parts_in(table), parts_in(notes))
    assert len(one_part(named.iloc[:0])) == 0
    for columns in (['pitch', 'onset', 'duration'], ['start', 'end', 'pitch']):
        with pytest.raises(NoteError, match=r'DataFrame of the columns .*: wanted onset, duration and pitch'):
            one_part(pandas.DataFrame(notes, columns=columns))


def test_staves_of_one_instrument_are_one_part(write_midi, midi_note):
    right, left = (stream.PartStaff([note.Note(pitch), note.Note(pitch + 2)]) for pitch in (72, 48))
    braced = stream.Score()
    for each in (right, left, layout.StaffGroup([right, left], symbol='brace')):
        braced.insert(0, each)
    hands = [
        [
            (0, mido.MetaMessage('track_name', name='Piano')),
            (0, mido.Message('program_change', program=0)),
            *midi_note(0, 96, pitch),
            *midi_note(96, 192, pitch + 2),
        ]
        for pitch in (72, 48)
    ]
    for given in (braced, mido.MidiFile(write_midi(hands))):
        found = one_part(given)
        assert (found.onsets.tolist(), found.pitches.tolist()) == ([0, 0, 1, 1], [48, 72, 50, 74])
    braced.append(stream.Part([note.Note(60)]))
    with pytest.raises(NoteError, match='Score with 3 parts'):
        one_part(braced)


def test_what_is_one_thing_and_what_are_several(song):
    notes = [(0, 1, 60), (1, 1, 62)]
    one = [notes, tuple(notes), np.array(notes), [], np.array([]), np.zeros((0, 3)), NoteSequence([], [], [], [0, 4])]
    assert all(is_one(each) for each in one)
    assert is_one(mido.MidiFile(song))
    assert is_one('a.mid')
    assert is_score('a.mid')
    several = [[notes, notes], np.array([notes, notes]), [[], notes], [np.array(notes)], iter([notes]), ['a.mid'], 3]
    assert not any(is_one(each) for each in several)
    scores = [stream.Score(), stream.Opus(), stream.Stream([stream.Part(), stream.Part()]), mido.MidiFile()]
    assert all(is_score(each) for each in scores)
    assert not any(is_score(each) for each in (stream.Part(), stream.Stream([stream.Part()]), notes))


def test_the_scores_of_an_opus_are_pieces():
    duo = stream.Score([stream.Part([note.Note()]), stream.Part([note.Note()])])
    solo = stream.Score([stream.Part([note.Note()])])
    found = parts_in(stream.Opus([duo, solo]))
    assert [(part.piece, part.instrument) for part in found] == [(0, 0), (0, 1), (1, 2)]


def test_nothing_is_a_part_without_notes(song):
    for nothing in ([], np.zeros((0, 3)), mido.MidiFile()):
        assert len(one_part(nothing)) == 0


def test_notes_of_no_length_do_not_sound():
    assert one_part([(0, 0, 60), (0, 1, 62)]).pitches.tolist() == [62]


@pytest.mark.parametrize(
    ('notes', 'message'),
    [
        ([(0, 1)], r'notes of shape \(1, 2\): wanted \(notes, 3\)'),
        ([(0, 1, 60, 64)], r'notes of shape \(1, 4\)'),
        ([(0, 1, 60), (0, 1)], 'wanted rows of three numbers'),
        ([(0, 1, 'C4')], 'wanted rows of three numbers'),
        ([(0, 1, 60.5)], 'pitch 60.5: wanted whole MIDI pitches'),
        ([(0, 1, 128)], 'wanted MIDI pitches, 0 to 127'),
        ([(-1, 1, 60)], r'a note \[-1.0, 1.0, 60.0\]: wanted an onset and a duration of at least 0'),
        ([(0, -1, 60)], 'wanted an onset and a duration of at least 0'),
        ([(0, float('nan'), 60)], 'wanted finite numbers'),
        ([(0, float('inf'), 60)], 'wanted finite numbers'),
        ([(0, 1e12, 60)], 'more than 100000 bars'),
        (np.zeros((2, 2)), r'notes of shape \(2, 2\)'),
        (np.array([['a', 'b', 'c']]), 'wanted rows of three numbers'),
        (np.array([['0', '1', '60']]), 'wanted rows of three numbers'),
        (np.array([[0, 1, 60j]]), 'wanted rows of three numbers'),
        ([(Fraction(0), 1, '60')], 'wanted rows of three numbers'),
        ([np.ma.array([0, 1, 60.0], mask=[0, 1, 0])], 'some are masked'),
        ([(1e308, 1e308, 60)], 'more than 100000 bars'),
        ([(0, 1, 1e300)], r'pitch 1e\+300: wanted whole MIDI pitches'),
        (np.ma.masked_array([[0, 1, 60], [1, 1, 62]], [[0, 0, 0], [1, 1, 1]]), 'some are masked'),
    ],
)
def test_what_is_no_notes(notes, message):
    with pytest.raises(NoteError, match=message), np.errstate(all='raise'):  # whatever NumPy is told to make of them
        parts_in(notes)


@pytest.mark.parametrize('thing', [3, None, {'a': 1}, object()])
def test_what_is_not_read_at_all(thing):
    with pytest.raises(TypeError, match='wanted a music21 Stream, a NoteSequence, notes as'):
        parts_in(thing)


OF_MUSIC21 = {
    'recurse().notes': lambda part: part.recurse().notes,
    'flatten().notes': lambda part: part.flatten().notes,
    '[Note]': lambda part: part[note.Note],
    'list': lambda part: list(part.flatten().notes),
    'tuple': lambda part: tuple(part.flatten().notes),
    'generator': lambda part: (each for each in part.flatten().notes),
}
WANTED_STREAM = r'wanted a music21 Stream: `\.\.\.\.stream\(\)`, or stream\.Part\(notes\)$'


@pytest.mark.parametrize('made', OF_MUSIC21.values(), ids=OF_MUSIC21)
def test_notes_of_music21_want_a_stream_around_them(made):
    part = stream.Part([note.Note(40 + eighth % 5, quarterLength=0.5) for eighth in range(32)])
    with pytest.raises(TypeError, match=f'^candidate 0: Note .*: {WANTED_STREAM}'):
        music21_kdic.Scorer(like='bass')(made(part))
    with pytest.raises(TypeError, match=f'^candidate 0: Note .*: {WANTED_STREAM}'):
        music21_kdic.rank(made(part), like='bass')
    with pytest.raises(TypeError, match=f'^candidate 1: .*: {WANTED_STREAM}'):
        music21_kdic.Scorer(like='bass')([part, list(part.flatten().notes)])
    if not isinstance(thing := made(part), types.GeneratorType):
        with pytest.raises(TypeError, match=f'^{type(thing).__name__} .*: {WANTED_STREAM}'):
            music21_kdic.instrument_likelihood(thing)
        # What the error says: it works, and gives the same answer.
        answer = music21_kdic.instrument_likelihood(part)
        asked = stream.Part(thing) if isinstance(thing, list | tuple) else thing.stream()
        assert music21_kdic.instrument_likelihood(asked).probabilities.tolist() == answer.probabilities.tolist()


def test_parts_of_a_score_are_candidates():
    score = corpus.parse('bwv66.6')
    scorer = music21_kdic.Scorer(like='organ')
    assert [each.score for each in scorer(score.parts)] == pytest.approx([scorer(part).score for part in score.parts])


def test_a_note_by_itself_is_no_candidate():
    with pytest.raises(TypeError, match=r'\(0, 1, 60\): may be one note; wanted a list of notes for each candidate'):
        parts_in((0, 1, 60))


def test_an_empty_array_is_a_candidate_without_notes_wherever_it_stands():
    some = np.array([(0.5 * eighth, 0.5, 40 + eighth % 5) for eighth in range(32)])
    none, scorer = np.array([]), music21_kdic.Scorer(like='bass')
    assert [found.status for found in scorer([none, some])] == ['empty', 'ok']
    assert [found.status for found in scorer([none, none])] == ['empty', 'empty']
    assert len(music21_kdic.rank([none, some, some], like='bass')) == 3


def test_a_time_limit_is_no_fault_of_a_table(time_limit):
    error, strike = time_limit

    class Table:
        shape = (1, 3)
        __array__ = strike

    with pytest.raises(error):
        one_part(Table())
