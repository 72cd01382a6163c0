"""Hand-made scores, and what each of them sounds."""

import pytest
from music21 import (
    bar,
    chord,
    clef,
    converter,
    corpus,
    duration,
    harmony,
    instrument,
    meter,
    note,
    percussion,
    pitch,
    spanner,
    stream,
    tie,
)  # fmt: skip

from music21_kdic.reading import streams
from music21_kdic.reading.notes import GRAIN
from music21_kdic.reading.pieces import parts_of, placed_pieces
from music21_kdic.reading.streams import note_sequence


def heard(s):
    notes = note_sequence(s)
    return list(zip(notes.onsets.tolist(), notes.ends.tolist(), notes.pitches.tolist(), strict=True))


def measures(*contents, meter_ratio='4/4'):
    part = stream.Part()
    for number, elements in enumerate(contents, start=1):
        m = stream.Measure(number=number)
        if number == 1:
            m.append(meter.TimeSignature(meter_ratio))
        m.append(list(elements))
        part.append(m)
    return part


@pytest.mark.parametrize(
    ('ratio', 'length'), [('3/4', 3.0), ('6/8', 3.0), ('5/4', 5.0), ('7/8', 3.5), ('12/8', 6.0), ('2/2', 4.0)]
)
def test_bars_are_the_measures(ratio, length):
    part = measures([note.Note(quarterLength=length)], [note.Note(quarterLength=length)], meter_ratio=ratio)
    assert note_sequence(part).bars.tolist() == [0, length, 2 * length]


@pytest.mark.parametrize('ratio', ['3/4', '6/8', '5/4', '7/8', '12/8'])
def test_a_flat_stream_gets_its_bars_from_its_meter(ratio):
    flat = stream.Stream([meter.TimeSignature(ratio)])
    flat.repeatAppend(note.Note('C4', quarterLength=0.5), 30)
    assert note_sequence(flat).bars[1] == meter.TimeSignature(ratio).barDuration.quarterLength
    assert note_sequence(flat).bars[-1] >= 15


def test_changing_meters():
    tiny = converter.parse('tinynotation: 3/4 c4 d e 4/4 f g a b 2/4 c d')
    assert note_sequence(tiny).bars.tolist() == [0, 3, 7, 9]


def test_a_pickup_keeps_its_length_and_number():
    chorale = corpus.parse('bwv66.6').parts[0]
    notes = note_sequence(chorale)
    assert notes.bars[:3].tolist() == [0, 1, 5]
    assert notes.measure_numbers[:2] == ('0', '1')


def test_ties_make_one_note():
    first, second = note.Note('C4', quarterLength=4), note.Note('C4', quarterLength=2)
    first.tie, second.tie = tie.Tie('start'), tie.Tie('stop')
    assert heard(measures([first], [second, note.Note('C4', quarterLength=2)])) == [(0, 6, 60), (6, 8, 60)]


def test_ties_inside_chords_join_only_their_own_pitch():
    first, second = chord.Chord('C4 E4', quarterLength=4), chord.Chord('C4 E4', quarterLength=4)
    first.notes[0].tie, second.notes[0].tie = tie.Tie('start'), tie.Tie('stop')
    assert heard(measures([first], [second])) == [(0, 8, 60), (0, 4, 64), (4, 8, 64)]


def tied(name, *lengths):
    pieces = [note.Note(name, quarterLength=length) for length in lengths]
    for piece, kind in zip(pieces, ['start'] + ['continue'] * (len(pieces) - 2) + ['stop'], strict=True):
        piece.tie = tie.Tie(kind)
    return pieces


def voices(*contents):
    part = stream.Part()
    for elements in contents:
        voice = stream.Voice()
        voice.append(list(elements))
        part.insert(0, voice)
    return part


def test_voices_in_tied_unison_are_two_long_notes():
    assert heard(voices(tied('C4', 4, 4), tied('C4', 4, 4))) == [(0, 8, 60), (0, 8, 60)]


def test_a_tie_is_not_lost_to_a_short_note_of_another_voice():
    short = [note.Rest(quarterLength=1), note.Note('C4', quarterLength=1)]
    assert heard(voices(tied('C4', 4, 4), short)) == [(0, 8, 60), (1, 2, 60)]


def test_a_tie_with_nothing_before_it_is_a_note():
    loose = note.Note('C4', quarterLength=4)
    loose.tie = tie.Tie('stop')
    assert heard(measures([loose])) == [(0, 4, 60)]


def test_triplets_keep_their_thirds():
    part = measures([note.Note('C4', quarterLength=duration.opFrac(1 / 3)) for _ in range(12)])
    assert note_sequence(part).onsets[1] == pytest.approx(1 / 3, abs=GRAIN)


def test_grace_notes_do_not_sound():
    grace = note.Note('D4', quarterLength=0.5).getGrace()
    assert heard(measures([grace, note.Note('C4', quarterLength=4)])) == [(0, 4, 60)]


def test_chords_sound_all_their_notes():
    assert [p for _, _, p in heard(measures([chord.Chord('C4 E4 G4', quarterLength=4)]))] == [60, 64, 67]


def test_voices_sound_together():
    m = stream.Measure(number=1)
    for names in ('C5 D5', 'E4 F4'):
        voice = stream.Voice()
        voice.append([note.Note(name, quarterLength=2) for name in names.split()])
        m.insert(0, voice)
    assert heard(stream.Part([m])) == [(0, 2, 64), (0, 2, 72), (2, 4, 65), (2, 4, 74)]


def test_chord_symbols_are_silent_unless_written_as_chords():
    symbol = harmony.ChordSymbol('C', quarterLength=4)
    part = stream.Part([symbol, note.Note('C6', quarterLength=4)])
    assert {p for _, _, p in heard(part)} == {84}
    symbol.writeAsChord = True
    assert len({p for _, _, p in heard(part)}) > 1


def test_a_transposing_instrument_sounds_where_it_sounds():
    part = stream.Part([instrument.Clarinet(), note.Note('D5', quarterLength=4)])
    part.atSoundingPitch = False
    assert heard(part) == [(0, 4, 72)]  # a B-flat clarinet's D is a C
    part.atSoundingPitch = True
    assert heard(part) == [(0, 4, 74)]
    assert part.flatten().notes[0].pitch.nameWithOctave == 'D5'  # the stream is not changed


def test_a_change_of_transposing_instrument_holds_from_where_it_stands():
    part = stream.Part()
    part.insert(0, instrument.Clarinet())
    part.insert(4, instrument.Horn())
    part.insert(0, note.Note('C5', quarterLength=4))
    part.insert(4, note.Note('C5', quarterLength=4))
    part.atSoundingPitch = False
    assert heard(part) == [(0, 4, 70), (4, 8, 65)]
    assert heard(part) == [
        (float(n.offset), float(n.offset + 4), n.pitch.midi) for n in part.toSoundingPitch().flatten().notes
    ]


def test_a_measure_of_a_transposing_part_knows_its_instrument():
    part = measures([note.Note('D5', quarterLength=4)], [note.Note('D5', quarterLength=4)])
    part.insert(0, instrument.Clarinet())
    part.atSoundingPitch = False
    assert heard(part.measure(2)) == [(0, 4, 72)]


def test_an_ottava_sounds_its_octave():
    part = measures([note.Note('C4', quarterLength=2), note.Note('D4', quarterLength=2)])
    notes = list(part.recurse().notes)
    part.insert(0, spanner.Ottava(notes[:1], type='8va', transposing=True))
    assert heard(part) == [(0, 2, 72), (2, 4, 62)]


def test_a_measure_alone_knows_the_ottava_of_its_part():
    part = measures([note.Note('C4', quarterLength=4)])
    part.insert(0, spanner.Ottava(list(part.recurse().notes), type='8va', transposing=True))
    assert heard(part.measure(1)) == [(0, 4, 72)]


def test_parts_inside_a_stream_keep_their_own_instruments():
    players = stream.Score()
    for player in (instrument.Clarinet(), instrument.Flute()):
        part = stream.Part([player, note.Note('C5', quarterLength=4)])
        part.atSoundingPitch = False
        players.insert(0, part)
    assert heard(players) == [(0, 4, 70), (0, 4, 72)]


def test_the_stream_is_left_as_it_was():
    chorale = corpus.parse('bwv66.6').parts[0]
    flat = chorale.flatten()
    before = [(n.activeSite, n.offset) for n in flat.notes]
    note_sequence(chorale)
    assert [(n.activeSite, n.offset) for n in flat._elements if isinstance(n, note.Note)] == before


def test_repeats_are_read_once_as_written():
    part = measures([note.Note('C4', quarterLength=4)], [note.Note('D4', quarterLength=4)])
    part.getElementsByClass(stream.Measure)[1].rightBarline = bar.Repeat(direction='end')
    assert len(heard(part.expandRepeats())) == 4
    assert heard(part) == [(0, 4, 60), (4, 8, 62)]


def test_unpitched_percussion_is_counted_and_left_out():
    hits = [note.Unpitched(quarterLength=1), percussion.PercussionChord([note.Unpitched()], quarterLength=1)]
    notes = note_sequence(stream.Part([clef.PercussionClef(), *hits]))
    assert (len(notes), notes.unpitched) == (0, 2)


def test_of_a_chord_of_percussion_the_members_with_a_pitch_sound():
    members = [note.Unpitched(), note.Note('C5'), note.Unpitched()]
    notes = note_sequence(stream.Part([percussion.PercussionChord(members, quarterLength=2), note.Note('D5')]))
    assert notes.pitches.tolist() == [72, 74]
    assert notes.ends.tolist() == [2, 3]
    assert notes.unpitched == 2


def with_head(element, head):
    element.notehead = head
    return element


def test_slashes_do_not_sound():
    """They stand for what the player makes up; in a MusicXML file, too, they are rests."""
    some = chord.Chord('C4 E4 G4')
    some.setNotehead('slash', some.pitches[1])
    elements = [
        with_head(note.Note('B4'), 'slash'),
        note.Note('D4'),
        with_head(note.Note('D4'), 'slashed'),  # another sign
        some,
        chord.Chord([with_head(note.Note(each), 'slash') for each in ('C4', 'E4')]),
        with_head(chord.Chord('C4 E4'), 'slash'),
        with_head(note.Unpitched(), 'slash'),
        percussion.PercussionChord([with_head(note.Unpitched(), 'slash')]),
        percussion.PercussionChord([with_head(note.Unpitched(), 'slash'), note.Unpitched()]),
    ]
    part = stream.Part()
    part.append(elements)
    assert heard(part) == [(1, 2, 62), (2, 3, 62), (3, 4, 60), (3, 4, 67)]
    assert (note_sequence(part).unpitched, note_sequence(part).bars[-1]) == (1, 12)


@pytest.mark.parametrize('elements', [[], [note.Rest(quarterLength=4)]])
def test_silence_is_no_note(elements):
    notes = note_sequence(stream.Part(elements))
    assert len(notes) == notes.unpitched == 0
    assert notes.bars.tolist() == [0, 4]


@pytest.mark.parametrize('s', [stream.Measure(number=3), stream.Part([stream.Measure(number=3)])])
def test_an_empty_measure_is_a_bar_of_silence(s):
    notes = note_sequence(s)
    assert (len(notes), notes.bars.tolist(), notes.measure_numbers) == (0, [0, 4], ('3',))


def test_microtones_sound_at_the_nearest_semitone():
    quarter_sharp = pitch.Pitch('C4')
    quarter_sharp.microtone = 20
    assert heard(stream.Part([note.Note(quarter_sharp, quarterLength=1)])) == [(0, 1, 60)]


def test_a_part_sees_the_meter_of_another_part():
    score = stream.Score([stream.Part([meter.TimeSignature('3/4')]), stream.Part()])
    second = score.parts[1]
    second.repeatAppend(note.Note('C4', quarterLength=1), 6)
    assert note_sequence(second).bars.tolist() == [0, 3, 6]


def test_a_measure_alone_is_one_bar():
    third = corpus.parse('bwv66.6').parts[0].measure(3)
    notes = note_sequence(third)
    assert notes.bars.tolist() == [0, 4]
    assert notes.measure_numbers == ('3',)


def test_a_voice_knows_its_measure():
    m = stream.Measure(number=12)
    voice = stream.Voice([note.Note(quarterLength=4)])
    m.insert(0, voice)
    assert note_sequence(voice).measure_numbers == ('12',)


def test_against_strip_ties_of_music21():
    for part in corpus.parse('bwv269').parts:
        wanted = [
            (float(n.offset), float(n.offset + n.quarterLength), n.pitch.midi) for n in part.stripTies().flatten().notes
        ]
        assert heard(part) == wanted


def test_a_last_measure_without_a_meter_is_not_guessed_at():
    part = stream.Part([stream.Measure([note.Note(quarterLength=40.3), note.Note(quarterLength=57)])])
    assert note_sequence(part).bars.tolist() == [0, pytest.approx(97.3)]


def test_what_music21_says_of_the_stream_is_as_it_was():
    part = stream.Part([note.Note(), note.Note()])
    first, second = stream.Score(), stream.Score()
    first.insert(7, part)
    second.insert(0, part)
    assert [note_sequence(p).pitches.size for p in parts_of(first)] == [2]
    assert (part.activeSite, part.offset) == (second, 0)
    chorale = corpus.parse('bwv66.6').parts[0]
    signature = chorale.recurse().getElementsByClass(meter.TimeSignature).first()
    before = signature.activeSite, signature.measureNumber
    note_sequence(chorale)
    assert (signature.activeSite, signature.measureNumber) == before


def test_scores_inside_scores_and_opera():
    chorale = corpus.parse('bwv66.6')
    assert len(parts_of(stream.Score([chorale]))) == 4
    assert len(parts_of(stream.Opus([stream.Part([note.Note()]), stream.Opus([corpus.parse('bwv269')])]))) == 5
    assert parts_of(stream.Opus()) == []


def test_parts_of_scores_and_opera():
    score = corpus.parse('bwv66.6')
    assert [part.partName for part in parts_of(score)] == ['Soprano', 'Alto', 'Tenor', 'Bass']
    assert len(parts_of(stream.Opus([score, corpus.parse('bwv269')]))) == 8
    assert parts_of(score.parts[1]) == [score.parts[1]]
    lone = stream.Score([note.Note()])
    assert parts_of(lone) == [lone]


def test_notes_that_were_taken_out_of_a_part_keep_its_instrument():
    """A double bass sounds an octave lower than it is written; percussion has no pitch."""
    bass = stream.Part([instrument.Contrabass(), *(note.Note(48 + step) for step in range(8))])
    bass.atSoundingPitch = False
    wanted = list(range(36, 44))
    notes = [bass.flatten().notes.stream(), bass.getElementsByClass(note.Note).stream()]
    assert [note_sequence(each).pitches.tolist() for each in (bass, *notes)] == [wanted] * 3
    drums = stream.Part([instrument.UnpitchedPercussion(), *(note.Note(36) for _ in range(8))])
    assert note_sequence(drums.flatten().notes.stream()).unpitched == note_sequence(drums).unpitched == 8
    score = stream.Score([bass, stream.Part([note.Note(72)])])
    assert note_sequence(score.flatten().notes.stream()).pitches.max() == 72


def test_streams_with_notes_in_the_place_of_parts_are_parts():
    upper, lower, silent = (stream.Stream([note.Note(60)]), stream.Part([note.Note(40)]), stream.Stream([note.Rest()]))
    score = stream.Score([upper, lower, silent])
    assert parts_of(score) == [upper, lower]
    first, _ = placed_pieces(stream.Opus([score, stream.Stream([note.Note(50)])]))
    assert [placed.part for placed in first] == [upper, lower]
    bars = stream.Score([stream.Measure([note.Note(60)]), stream.Measure([note.Note(62)])])
    assert parts_of(bars) == [bars]


@pytest.fixture
def bass_line():
    return converter.parse('tinynotation: 4/4 CC4 EE GG AA BB- AA GG EE FF4 AA C D E- D C AA')


def test_an_ottava_counts_once_however_often_music21_copies_it(bass_line):
    bass_line.insert(0, spanner.Ottava(list(bass_line.recurse().notes), type='8va'))
    score = stream.Score([bass_line])
    written = [48, 52, 55, 57]
    for _ in range(3):
        assert note_sequence(bass_line).pitches[:4].tolist() == written
        copies = [score.chordify(), bass_line.expandRepeats(), score.toSoundingPitch()]
    assert [each.pitch.midi for each in copies[-1].recurse().notes][:4] == written


@pytest.mark.parametrize(
    'made_of',
    [
        lambda s: s.parts[0],
        lambda s: s.parts[0].flatten(),
        lambda s: s.flatten(),
        lambda s: s.flatten().notes.stream(),
        lambda s: s.recurse().notes.stream(),
    ],
)
def test_what_was_made_of_a_part_at_written_pitch_sounds_as_the_part(bass_line, made_of):
    bass_line.insert(0, instrument.Contrabass())
    bass_line.atSoundingPitch = False
    assert note_sequence(made_of(stream.Score([bass_line]))).pitches[:4].tolist() == [24, 28, 31, 33]


def test_a_part_at_written_pitch_does_not_speak_for_what_stands_beside_it(bass_line):
    bass_line.atSoundingPitch = False
    beside = stream.Stream([instrument.Clarinet(), note.Note(60)])
    assert note_sequence(stream.Score([bass_line, beside]).elements[1]).pitches.tolist() == [60]


@pytest.mark.parametrize(('first', 'numbers'), [(1, [-1, 0, 1]), (0, [-2, -1, 0]), (17, [15, 16, 17])])
def test_notes_before_the_first_measure_are_in_bars(first, numbers):
    intro = [note.Note(60, quarterLength=1) for _ in range(8)]
    part = stream.Part(intro)
    part.append(stream.Measure([note.Note(60, quarterLength=4)], number=first))
    found = note_sequence(part)
    assert found.bars.tolist() == [0, 4, 8, 12]
    assert [found.measure(bar) for bar in range(3)] == numbers


def test_an_instrument_inside_a_measure_is_left_behind_too(bass_line):
    bass_line.makeMeasures(inPlace=True)
    bass_line.measure(1).insert(0, instrument.Contrabass())
    bass_line.atSoundingPitch = False
    alone = bass_line.recurse().notes.stream()
    alone.atSoundingPitch = False
    assert note_sequence(alone).pitches[:4].tolist() == [24, 28, 31, 33]


def test_a_time_limit_is_no_fault_of_the_stream(bass_line, monkeypatch, time_limit):
    error, strike = time_limit
    monkeypatch.setattr(streams, 'measures_begin', strike)
    with pytest.raises(error):
        note_sequence(bass_line)
