"""What music21 would lose of MusicXML, or take for the part's: documents made by hand, so the right value is known."""

import pytest
from music21 import converter

from music21_kdic.errors import UnreadableError
from music21_kdic.reading import scores
from music21_kdic.reading.generated import parts_in
from music21_kdic.reading.instruments import joined
from music21_kdic.reading.scores import read_score


def note(step, *more, chord=False, octave=4, duration=1):
    inside = ''.join(more) + ('<chord/>' if chord else '')
    pitch = f'<pitch><step>{step}</step><octave>{octave}</octave></pitch>'
    return f'<note>{inside}{pitch}<duration>{duration}</duration></note>'


def score(*measures, instrument=''):
    music = ''.join(f'<measure number="{i}">{measure}</measure>' for i, measure in enumerate(measures, start=1))
    attributes = (
        '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
    )
    return (
        '<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>P</part-name>'
        f'{instrument}</score-part></part-list><part id="P1">'
        + music.replace('<measure number="1">', '<measure number="1">' + attributes, 1)
        + '</part></score-partwise>'
    ).encode()


def read(content):
    (part,) = read_score(content, 'a.musicxml')
    return list(zip(part.notes.onsets.tolist(), part.notes.pitches.tolist(), strict=True))


@pytest.mark.parametrize(
    'between',
    [
        '<direction><direction-type><words>a</words></direction-type></direction>',
        '<attributes><clef><sign>F</sign><line>4</line></clef></attributes>',
        '<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony>',
        '<print/>',
        '<sound tempo="90"/>',
    ],
)
def test_an_element_between_the_notes_of_a_chord(between):
    content = score(
        note('C') + between + note('E', chord=True) + between + note('G', chord=True) + note('D', duration=3)
    )
    assert read(content) == [(0, 60), (0, 64), (0, 67), (1, 62)]


@pytest.mark.parametrize('element', ['direction', 'harmony'])
def test_a_sign_that_is_drawn_behind_its_bar_does_not_make_it_longer(element):
    """Found in movement 2 of Beethoven's op. 59 no. 3 (music21's corpus), by partitura's count: the tie was lost."""
    inside = {
        'direction': '<direction-type><dynamics><pp/></dynamics></direction-type>',
        'harmony': '<root><root-step>C</root-step></root><kind>major</kind>',
    }
    sign = f'<{element}>{inside[element]}<offset>3</offset></{element}>'
    tied = note('C', duration=4).replace('</note>', '<tie type="start"/></note>')
    stop = note('C', duration=4).replace('</note>', '<tie type="stop"/></note>')
    (part,) = read_score(score(tied + sign, stop), 'a.xml')
    assert (part.notes.onsets.tolist(), part.notes.ends.tolist(), part.notes.bars.tolist()) == ([0], [8], [0, 4, 8])


def test_cues():
    cue = '<cue/>'
    assert read(score(note('C', cue) + note('D') + note('E', cue, duration=2))) == [(1, 62)]
    assert read(score(note('C', cue) + note('E', cue, chord=True) + note('D'))) == [(1, 62)]
    assert read(score(note('C', cue) + note('E', chord=True) + note('D'))) == [(0, 64), (1, 62)]
    assert read(score(note('C') + note('E', cue, chord=True) + note('D'))) == [(0, 60), (1, 62)]
    assert read(score('<note><grace/><cue/><pitch><step>C</step><octave>4</octave></pitch></note>' + note('D'))) == [
        (0, 62)
    ]


def test_a_small_note_that_is_no_cue_sounds():
    small = note('C').replace('</duration>', '</duration><type size="cue">quarter</type>')
    assert read(score(small + note('D'))) == [(0, 60), (1, 62)]


def test_slashes():
    slash = note('B').replace('</duration>', '</duration><notehead>slash</notehead>')
    assert read(score(slash + note('D'))) == [(1, 62)]
    style = '<attributes><measure-style><slash type="{}"/></measure-style></attributes>'
    assert read(score(style.format('start') + note('B', duration=4), style.format('stop') + note('D'))) == [(4, 62)]


def test_slashes_of_a_lead_sheet_in_a_stream_as_in_its_file():
    slash = note('B').replace('</duration>', '</duration><notehead>slash</notehead>')
    chord = slash + slash.replace('<pitch>', '<chord/><pitch>').replace('B', 'D')
    document = score(note('C') + chord + slash + note('E'), slash * 4, note('G', duration=4))
    (of_stream,) = parts_in(converter.parseData(document.decode(), format='musicxml'))
    (of_file,) = read_score(document, 'a.musicxml')
    for name in ('onsets', 'ends', 'pitches', 'bars'):
        assert getattr(of_stream.notes, name).tolist() == getattr(of_file.notes, name).tolist()
    assert of_file.notes.pitches.tolist() == [60, 64, 67]


@pytest.mark.parametrize(('start', 'stop'), [('', ' number="1"'), (' number="1"', ''), (' number="1"', ' number="1"')])
def test_slashes_of_the_only_staff_by_number(start, stop):
    style = '<attributes><measure-style{}><slash type="{}"/></measure-style></attributes>'
    first = style.format(start, 'start') + note('B', duration=4)
    assert read(score(first, style.format(stop, 'stop') + note('D'))) == [(4, 62)]


BACK = '<backup><duration>4</duration></backup>'


def staff_type(said, number=''):
    return f'<attributes><staff-details{number}><staff-type>{said}</staff-type></staff-details></attributes>'


@pytest.mark.parametrize('said', ['ossia', 'cue'])
def test_a_staff_of_an_ossia_or_of_cues_does_not_sound(said):
    one, two = '<staff>1</staff>', '<staff>2</staff>'
    played = ''.join(note(step, two, octave=3) for step in 'CDEF')
    beside = ''.join(note(step, one) for step in 'EFGA')
    head = '<attributes><staves>2</staves></attributes>'
    first, second = head + played + BACK + beside, played + BACK + beside
    parts = read_score(score(played, played).replace(b'<staff>2</staff>', b''), 'a.xml')
    for number in ('', ' number="1"'):
        staves = read_score(score(staff_type(said, number) + first, second), 'a.xml')
        assert {part.instrument for part in staves} == {0}
        both, alone = (joined([part.notes for part in each]) for each in (staves, parts))
        for name in ('onsets', 'ends', 'pitches', 'bars'):
            assert getattr(both, name).tolist() == getattr(alone, name).tolist()
        assert both.measure_numbers == alone.measure_numbers


def test_the_type_of_a_staff_holds_until_another():
    assert read(score(note('C') + staff_type('ossia') + note('D') + staff_type('regular') + note('E'))) == [
        (0, 60),
        (2, 64),
    ]
    assert read(score(staff_type('cue') + note('C', duration=4), note('D') + staff_type('editorial') + note('E'))) == [
        (5, 64)
    ]
    lines = '<attributes><staff-details><staff-lines>5</staff-lines></staff-details></attributes>'
    assert read(score(staff_type('ossia') + note('C', duration=4), lines + note('D', duration=4))) == []
    for said in ('regular', 'editorial', 'alternate'):
        assert read(score(staff_type(said) + note('C'))) == [(0, 60)]


DRUM = '<score-instrument id="I{0}"><instrument-name>{1}</instrument-name></score-instrument>'
ON = '<midi-instrument id="I{0}"><midi-channel>{1}</midi-channel></midi-instrument>'


def test_a_pitch_on_channel_10_is_a_drum_and_its_neighbour_is_not():
    (part,) = read_score(score(note('C') + note('D'), instrument=DRUM.format(1, 'x') + ON.format(1, 10)), 'a.xml')
    assert (part.is_drum, part.notes.unpitched) == (True, 2)
    instrument = DRUM.format(1, 'Flute') + DRUM.format(2, 'x') + ON.format(1, 1) + ON.format(2, 10)
    first, second = note('C', '<instrument id="I1"/>'), note('D', '<instrument id="I2"/>')
    (part,) = read_score(score(first + second, instrument=instrument), 'a.xml')
    assert (part.notes.pitches.tolist(), part.notes.unpitched) == ([60], 1)


def test_a_xylophone_beside_a_drum_kit_that_stands_first():
    instrument = DRUM.format(1, 'One') + DRUM.format(2, 'Two') + ON.format(1, 10) + ON.format(2, 2)
    kit, xylophone = (note('C', f'<instrument id="I{number}"/>', duration=4) for number in (1, 2))
    for first in ('<midi-program>1</midi-program>', ''):
        document = score(kit, xylophone, kit, instrument=instrument).replace(
            b'10</midi-channel>', b'10</midi-channel>' + first.encode()
        )
        (part,) = read_score(document, 'a.xml')
        assert (part.notes.onsets.tolist(), part.notes.unpitched, part.is_drum) == ([4], 2, False)


def programs(*sounds, name='Violin', part_name='P'):
    """Of a part with these MIDI instruments, each a channel and a program, and instruments of this name."""
    instrument = ''.join(DRUM.format(number, name) for number in range(len(sounds)))
    for number, (channel, program) in enumerate(sounds):
        stated = '' if program is None else f'<midi-program>{program}</midi-program>'
        instrument += ON.format(number, channel).replace('</midi-channel>', f'</midi-channel>{stated}')
    document = score(note('C') + note('D'), instrument=instrument)
    parts = read_score(document.replace(b'<part-name>P<', f'<part-name>{part_name}<'.encode()), 'a.xml')
    return [part.program for part in parts]


@pytest.mark.parametrize('name', ['Violin', 'Rhodes', 'Instrument 1', 'Drumset'])
@pytest.mark.parametrize('program', [1, 5, 6, 7, 41, 128])
def test_the_program_of_the_file_is_that_of_the_part_whatever_its_instrument_is_called(name, program):
    """The standard counts them from 1. music21 takes those of pianos for programs that nobody chose."""
    assert programs((1, program), name=name, part_name=name) == [program - 1]


def test_of_several_programs_the_first_that_is_one_is_the_part_s():
    assert programs((1, 1), (2, 74)) == [0]
    assert programs((1, None), (2, 1)) == [0]
    assert programs((10, 1), (2, 14)) == [13]  # that of channel 10 is a drum kit
    assert programs((1, 129), (2, 5)) == [4]


def test_the_staves_of_a_part_have_its_program():
    document = score(
        note('C', '<staff>1</staff>', duration=4) + BACK + note('E', '<staff>2</staff>', duration=4),
        instrument=DRUM.format(1, 'Violin') + ON.format(1, 1).replace('</midi-channel>', '</midi-channel>{}'),
    ).replace(b'{}', b'<midi-program>1</midi-program>')
    assert [part.program for part in read_score(document, 'a.xml')] == [0, 0]


def test_a_piano_s_program_that_stands_for_none_joins_no_violins():
    """Finale writes program 1 for every part of a score whose sounds nobody chose."""
    names = ['Violin 1', 'Violin 2']
    listed = ''.join(
        f'<score-part id="P{i}"><part-name>{name}</part-name>{DRUM.format(i, f"Instrument {i}")}'
        f'<midi-instrument id="I{i}"><midi-channel>1</midi-channel><midi-program>1</midi-program></midi-instrument>'
        '</score-part>'
        for i, name in enumerate(names)
    )
    brace = '<part-group number="1" type="{}"><group-symbol>brace</group-symbol></part-group>'
    one = score(note('C', duration=4)).decode()
    measures = one[one.index('<measure') : one.index('</part>')]
    body = ''.join(f'<part id="P{i}">{measures}</part>' for i in range(2))
    grouped = brace.format('start') + listed + brace.format('stop')
    document = f'<score-partwise><part-list>{grouped}</part-list>{body}</score-partwise>'
    parts = read_score(document.encode(), 'a.xml')
    assert [(part.name, part.program, part.instrument) for part in parts] == [('Violin 1', 0, 0), ('Violin 2', 0, 1)]


@pytest.mark.parametrize('name', ['Tom', 'Siren', 'Conga', 'Bass Drum and Flute', 'Xylophone'])
def test_a_name_makes_no_drums_of_pitches(name):
    """music21 guesses the instrument from it."""
    for more in ('', ON.format(1, 1)):
        document = score(note('C') + note('D'), instrument=DRUM.format(1, name) + more)
        assert read(document.replace(b'<part-name>P<', f'<part-name>{name}<'.encode())) == [(0, 60), (1, 62)]


@pytest.mark.parametrize('program', [114, 116, 117, 118, 119])
def test_a_program_makes_no_drums_of_pitches(program):
    on = ON.format(1, 1).replace('</midi-channel>', f'</midi-channel><midi-program>{program}</midi-program>')
    assert read(score(note('C') + note('D'), instrument=DRUM.format(1, 'P') + on)) == [(0, 60), (1, 62)]


def test_a_percussion_clef_is_for_drums_on_its_staff_and_until_another():
    clef = '<attributes><clef><sign>{}</sign></clef></attributes>'
    content = score(clef.format('percussion') + note('C') + note('D') + clef.format('G') + note('E', duration=2))
    (part,) = read_score(content, 'a.xml')
    assert (part.notes.onsets.tolist(), part.notes.pitches.tolist(), part.notes.unpitched) == ([2], [64], 2)


EFGA = ''.join(note(step) for step in 'EFGA')


@pytest.mark.parametrize(
    ('first', 'then', 'pitches', 'strokes'),
    [('G', 'percussion', [60, 64, 65, 62, 67, 69], 1), ('percussion', 'G', [71], 6)],
)
def test_a_clef_at_the_end_of_a_measure_is_not_for_the_voice_that_is_written_behind_it(first, then, pitches, strokes):
    clef = '<attributes><clef><sign>{}</sign></clef></attributes>'
    one = clef.format(first) + note('C', duration=2) + note('D', duration=2) + clef.format(then)
    (part,) = read_score(score(one + BACK + EFGA, note('B', duration=4)), 'a.xml')
    assert (part.notes.pitches.tolist(), part.notes.unpitched) == (pitches, strokes)


def test_a_clef_in_mid_measure_is_for_all_voices_of_its_staff_from_its_time_on():
    clef, back = (
        '<attributes><clef><sign>percussion</sign></clef></attributes>',
        '<backup><duration>4</duration></backup>',
    )
    two = ''.join(note(step) for step in 'EFGA')
    one = note('C', duration=2) + clef + note('D', duration=2)
    for content in (score(one + back + two), score(two + back + one)):
        (part,) = read_score(content, 'a.xml')
        assert (part.notes.pitches.tolist(), part.notes.unpitched) == ([60, 64, 65], 3)


def test_slashes_in_mid_measure_are_for_all_voices():
    style = '<attributes><measure-style><slash type="{}"/></measure-style></attributes>'
    one = note('C', duration=2) + style.format('start') + note('D', duration=2)
    after = style.format('stop') + note('B', duration=4)
    assert read(score(one + BACK + EFGA, after)) == [(0, 60), (0, 64), (1, 65), (4, 71)]
    assert read(score(EFGA + BACK + one, after)) == [(0, 60), (0, 64), (1, 65), (4, 71)]


def test_a_chord_of_a_pitch_and_a_stroke_is_both():
    # music21 9.1 takes an <unpitched> without a place on the staff for a pitch.
    place = '<display-step>E</display-step><display-octave>4</display-octave>'
    stroke = f'<note><unpitched>{place}</unpitched><duration>4</duration></note>'
    (part,) = read_score(score(stroke + note('C', octave=5, chord=True, duration=4)), 'a.musicxml')
    assert (part.notes.pitches.tolist(), part.notes.unpitched, part.is_drum) == ([72], 1, False)


def test_a_score_that_is_written_measure_by_measure():
    by_parts = score(note('C', duration=4), note('D', duration=4))
    measures = by_parts[by_parts.index(b'<measure') : by_parts.index(b'</part></score')]
    by_measures = measures.replace(b'"1">', b'"1"><part id="P1">').replace(b'"2">', b'"2"><part id="P1">')
    by_measures = by_measures.replace(b'</measure>', b'</part></measure>')
    content = by_parts.replace(b'score-partwise', b'score-timewise')
    content = content.replace(b'<part id="P1">' + measures + b'</part>', by_measures)
    assert b'<part id="P1"><attributes>' in content
    assert read(content) == read(by_parts) == [(0, 60), (4, 62)]


@pytest.mark.parametrize(
    ('lost', 'error'),
    [
        ('<duration>1</duration>', 'a note without a duration'),
        ('<divisions>1</divisions>', "part 'P1' has no divisions"),
    ],
)
def test_notes_of_no_length_by_mistake_are_told(lost, error):
    with pytest.raises(UnreadableError, match=f'a.musicxml: {error}'):
        read(score(note('C') + note('D')).replace(lost.encode(), b''))


def test_notes_that_music21_loses_are_told(monkeypatch):
    monkeypatch.setattr(scores, '_count_notes', lambda part: 1)
    with pytest.raises(UnreadableError, match=r'a.musicxml: music21 reads 1 of 2 notes'):
        read(score(note('C') + note('D')))
