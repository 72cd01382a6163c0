"""ABC, held against its standard (2.1), whose sections are named."""

import pytest

from music21_kdic.errors import UnreadableError
from music21_kdic.reading.abc import read_abc
from music21_kdic.reading.scores import read_score

HEAD = 'X:1\nT:A title\nM:4/4\nL:1/4\nK:C\n'


def only(body, head=HEAD):
    (voice,) = read_abc(head + body)
    return voice.notes


def notes(body, head=HEAD):
    found = only(body, head)
    return list(zip(found.onsets.tolist(), (found.ends - found.onsets).tolist(), found.pitches.tolist(), strict=True))


SPELLINGS = [  # of two voices (7): c2 d2 e2 f2 in the first, C,4 G,4 in the second
    'V:1\nc2d2|\nV:2\nC,4|\nV:1\ne2f2|\nV:2\nG,4|\n',
    'V:1\nc2d2|e2f2|\nV:2\nC,4|G,4|\n',
    '[V:1]c2d2|e2f2|\n[V:2]C,4|G,4|\n',
    '[V:1]c2d2|\n[V:2]C,4|\n[V:1]e2f2|\n[V:2]G,4|\n',
    '[V:1]c2d2|[V:2]C,4|[V:1]e2f2|[V:2]G,4|\n',
    'V:1 clef=treble\nc2d2|e2f2|\nV:2 clef=bass\nC,4|G,4|\n',
]


@pytest.mark.parametrize('body', SPELLINGS)
@pytest.mark.parametrize('declared', ['', 'V:1 name="Upper"\nV:2 nm="Lower" clef=bass\n', '%%score (1 2)\n'])
def test_voices(body, declared):
    upper, lower = read_abc(HEAD.replace('K:C', declared + 'K:C') + body)
    assert (upper.notes.onsets.tolist(), upper.notes.pitches.tolist()) == ([0, 2, 4, 6], [72, 74, 76, 77])
    assert (lower.notes.onsets.tolist(), lower.notes.pitches.tolist()) == ([0, 4], [48, 55])
    assert (upper.name, lower.name) == (('Upper', 'Lower') if 'name' in declared else ('', ''))
    assert {upper.tune, lower.tune} == {'A title'}


@pytest.mark.parametrize('blank', [' ', '\t', ' \t '])
def test_any_blank_parts_a_voice_from_its_properties(blank):
    head = HEAD.replace('K:C', f'V:1{blank}name="Flute"\nV:2{blank}name="Cello" clef=bass octave=-2\nK:C')
    voices = read_abc(head + f'V:1\nc4|\nV:2\nc2|[V:2{blank}octave=-1]c2|\n')
    assert [(voice.name, voice.notes.pitches.tolist()) for voice in voices] == [('Flute', [72]), ('Cello', [48, 60])]


def test_letters_and_a_voice_without_music():
    head = HEAD.replace('K:C', 'V:Fl name="Flute"\nV:Ob name="Oboe"\nV:Bs\nK:C')
    voices = read_abc(head + 'V:Fl\ncdef|\nV:Bs\nC,4|\n')
    assert [voice.name for voice in voices] == ['Flute', 'Bs']


def test_the_staves_of_a_keyboard():
    head = HEAD.replace('K:C', '%%score {RH LH} F\nV:RH\nV:LH\nV:F\nK:C')
    content = head + 'V:RH\nc4|\nV:LH\nC4|\nV:F\ng4|\n'
    assert [part.instrument for part in read_score(content.encode(), 'a.abc')] == [0, 0, 2]
    by_name = content.replace('%%score {RH LH} F\n', '')
    assert [part.instrument for part in read_score((by_name * 2).encode(), 'a.abc')] == [0, 0, 2, 3, 3, 5]


@pytest.mark.parametrize(
    ('body', 'pitches'),
    [
        ('^CC|C=C|', [61, 61, 60, 60]),  # an accidental holds to the end of the bar (4.2)
        ('_B,B,b^^F__E', [58, 58, 83, 67, 62]),
        ('CDEF|[K:D]FC|', [60, 62, 64, 65, 66, 61]),  # in mid-line (3.2)
        ('CDEF|\nK:D\nFC|', [60, 62, 64, 65, 66, 61]),
        ('[K:Gmin]BE|', [70, 63]),
        ('[K:D]F|[K:none]F|[K:D]F|[K:clef=bass]F|', [66, 65, 66, 66]),  # no key; a clef alone (3.1.14)
        ('[K:Bb]BE|[K:F#m]FCG|', [70, 63, 66, 61, 68]),
        ('[K:EB]EA|', [63, 68]),
        ('[K:F♯m]FC|[K:B♭]BE|[K:E♭ dor]DG|[K:C♮]BF|', [66, 61, 70, 63, 61, 66, 71, 65]),  # in Unicode
        ('[K:D exp ♭b]FB|[K:D ♮c ♯g]CFG|', [65, 70, 60, 66, 68]),
        ('[K:D exp _b]FB|[K:D =c]CF|', [65, 70, 60, 66]),
        ("C,,Cc''", [36, 60, 96]),
        ('^C-|C C|', [61, 60]),  # a tie goes over the bar, with its accidental
    ],
)
def test_pitches(body, pitches):
    assert only(body).pitches.tolist() == pitches


@pytest.mark.parametrize('sign', '♯♭♮𝄪𝄫')
def test_accidentals_of_unicode_among_the_notes_are_refused(sign):
    """The standard (4.2) has ^, _ and = before a note."""
    for body in (f'C{sign} D E F|', f'{sign}C D E F|', f'V:1 C{sign}DEF|', f'CDEF|\n\nC{sign}D{sign}E{sign}F{sign}|'):
        with pytest.raises(UnreadableError, match=rf'{sign!r} among the notes, wanted \^, _ or = before the note'):
            read_abc(HEAD + body)


def test_accidentals_of_unicode_in_texts_stay():
    body = (
        '"F♯m"C "^♭ here"D E F| % ♮\nw: la♯ la ♭ la\nT:In C♯\n+: ♯\n[r: C♯]G4|\n%%text B♭\n\nA letter about B♭ and me\n'
    )
    (voice,) = read_abc(
        HEAD.replace('A title', 'Prelude in F♯').replace('K:C', 'V:1 name="Clarinet in B♭"\nK:C') + body
    )
    assert (voice.notes.pitches.tolist(), voice.name, voice.tune) == (
        [60, 62, 64, 65, 67],
        'Clarinet in B♭',
        'Prelude in F♯',
    )


@pytest.mark.parametrize(
    ('line', 'pitches'),
    [
        ('', [61, 61, 72, 60]),  # as abc2xml has it, and every other notation
        ('%%propagate-accidentals octave', [61, 61, 72, 60]),
        ('%%propagate-accidentals pitch', [61, 61, 73, 60]),
        ('I:propagate-accidentals not', [61, 60, 72, 60]),
        ('%abc-2.1', [61, 61, 73, 60]),  # the default of 2.1 (11.3), where a file says that it follows it
    ],
)
def test_how_far_an_accidental_goes(line, pitches):
    found = only('^CCc|C|', f'{line}\n{HEAD}' if line.startswith('%abc') else HEAD.replace('K:C', f'{line}\nK:C'))
    assert found.pitches.tolist() == pitches


def test_what_players_read_of_midi_directives():
    """As abc2midi has them: a transposition, and the channel of drums."""
    assert only('%%MIDI transpose -12\nC4|').pitches.tolist() == [48]
    assert only('C4|', HEAD.replace('K:C', '%%MIDI transpose -12\nK:C')).pitches.tolist() == [48]
    assert only('V:1\n%%MIDI channel 10\nC2D2|').unpitched == 2
    assert only('%%MIDI channel 2\nC2D2|').pitches.tolist() == [60, 62]
    ended = only('V:1\n%%MIDI channel 10\nCD|\n%%MIDI channel 1\nEF|')
    assert (ended.unpitched, ended.pitches.tolist()) == (2, [64, 65])
    assert only('V:1\n%%MIDI channel 10\nCD|\nV:1 clef=treble\nEF|').unpitched == 4


def test_a_tune_without_a_key_and_music_behind_a_voice():
    assert only('CDEF|', HEAD.replace('K:C\n', '')).pitches.tolist() == [60, 62, 64, 65]
    assert only('V:1 CDEF|\n').pitches.tolist() == [60, 62, 64, 65]


@pytest.mark.parametrize(
    ('key', 'voice', 'pitch'),
    [
        ('C clef=bass', '', 60),  # a clef does not transpose (4.6)
        ('C treble-8', '', 48),
        ('C', 'clef=treble+8', 72),
        ('C octave=-1', '', 48),
        ('C', 'transpose=-2', 58),
    ],
)
def test_transposition(key, voice, pitch):
    head = f'X:1\nM:4/4\nL:1/4\nV:1 {voice}\nK:{key}\n'
    assert only('V:1\nC4|', head).pitches.tolist() == [pitch]


@pytest.mark.parametrize(
    ('body', 'pitches'),
    [  # K: and V: fields may give a clef, an octave and a transposition (4.6), and hold from where they stand (3.2)
        ('CD|[K:C octave=-1]CD|[K:C octave=0]CD|', [60, 62, 48, 50, 60, 62]),
        ('CD|[K:C clef=treble-8]CD|[K:C clef=treble]CD|', [60, 62, 48, 50, 60, 62]),
        ('CDEF|\nK:D transpose=-2\nCDEF|', [60, 62, 64, 65, 59, 60, 62, 64]),
        ('[V:1]C4|\n[V:1 octave=-1]C4|\n[V:1 octave=1]C4|', [60, 48, 72]),
        ('[V:1]C4|\n[V:1 clef=treble-8]C4|\n[V:1 bass]C4|', [60, 48, 60]),
        ('V:1\nC4|\nV:1 t=-2\nC4|\nV:1 t=3\nC4|', [60, 58, 63]),
        # What is left out stays as it is.
        ('C4|[K:C octave=-1]C4|[K:G]F4|[V:1]C4|', [60, 48, 54, 60]),
        ('[V:1 transpose=-2]C4|[V:1]C4|[K:G]F4|[V:1 octave=-1]C4|', [58, 58, 64, 46]),
        ('C4|[K:C clef=treble-8]C4|[K:C octave=1]C4|[K:none]C4|', [60, 48, 60, 60]),
        # An octave, the 8 of a clef and a transposition add up.
        ('C4|[K:C treble+8 octave=-2 transpose=3]C4|', [60, 51]),
        # As abc2midi has them; in mid-line they stand in I: (3.1.17).
        ('V:1\n%%MIDI transpose -2\nC4|\n%%MIDI transpose -9\nC4|', [58, 51]),
        ('%%MIDI transpose -2\nC4|\n%%MIDI rtranspose -3\nC4|', [58, 55]),
        ('C4|[I:MIDI transpose -2]C4|', [60, 58]),
        # A tie joins two notes of one pitch (4.11).
        ('C4-|[K:C octave=-1]c4|C4|', [60, 48]),
        ('C4-|[K:C octave=-1]C4|', [60, 48]),
        ('^C4-|[K:C clef=treble-8]c4|', [61]),
        ('C4-|[K:C transpose=-2]C4|', [60, 58]),
    ],
)
def test_a_change_of_octave_or_transposition_holds_from_where_it_stands(body, pitches):
    voices = read_abc(HEAD + body)
    assert [pitch for voice in voices for pitch in voice.notes.pitches.tolist()] == pitches


def test_a_change_holds_for_the_voice_that_is_read():
    upper, lower = read_abc(HEAD + 'V:1\nC4|\nV:2\nC4|\nV:1\n[K:C octave=1]C4|\nV:2 octave=-1\nC4|\nV:1\nC4|\n')
    assert (upper.notes.pitches.tolist(), lower.notes.pitches.tolist()) == ([60, 72, 72], [60, 48])


@pytest.mark.parametrize(
    ('voice', 'key', 'pitches'),
    [
        ('octave=-1', 'C', [48, 48, 60]),
        ('', 'C octave=-1', [48, 48, 60]),
        ('octave=-1', 'C clef=treble-8', [36, 36, 48]),  # the 8 stays
        ('clef=treble octave=1', 'C clef=treble-8', [72, 72, 60]),  # the voice's own clef
        ('octave=-1', 'C octave=2', [72, 72, 60]),  # all voices two octaves up, and this one down from there
        ('transpose=-2', 'C octave=-1', [46, 46, 58]),
    ],
)
def test_what_the_header_defines_holds_for_the_whole_voice(voice, key, pitches):
    head = f'X:1\nM:4/4\nL:1/4\nV:1 {voice}\nV:2\nK:{key}\n'
    assert only('V:1\nC4|\nV:1\n[K:C]C4|[K:C octave=0]C4|', head).pitches.tolist() == pitches


def test_the_key_of_the_header_is_that_of_all_voices():
    head = 'X:1\nM:4/4\nL:1/4\nV:1\nV:2\n%%MIDI transpose 1\nK:G octave=1\n'
    voices = read_abc(head + 'V:1\nF4|\nV:2\nF4|\n')
    assert [voice.notes.pitches.tolist() for voice in voices] == [[79], [78]]


@pytest.mark.parametrize('body', ['CDEF|[K:C clef=perc]CDE-|[K:C treble]EF|', 'CDEF|\nV:1 perc\nCDE-|[V:1 bass]EF|'])
def test_a_percussion_clef_holds_from_where_it_stands(body):
    found = only('V:1\n' + body)
    assert (found.pitches.tolist(), found.onsets.tolist(), found.unpitched) == (
        [60, 62, 64, 65, 64, 65], [0, 1, 2, 3, 7, 8], 3,
    )  # fmt: skip
    (part,) = read_score((HEAD + 'V:1\n' + body).encode(), 'a.abc')
    assert not part.is_drum


@pytest.mark.parametrize(
    ('body', 'found'),
    [
        ('C/D/E//F3/2G/4', [(0, 0.5, 60), (0.5, 0.5, 62), (1, 0.25, 64), (1.25, 1.5, 65), (2.75, 0.25, 67)]),
        ('C>DE<<F', [(0, 1.5, 60), (1.5, 0.5, 62), (2, 0.25, 64), (2.25, 1.75, 65)]),
        ('(3:2:2C2D F', [(0, 4 / 3, 60), (4 / 3, 2 / 3, 62), (2, 1, 65)]),
        ('xC|Z2|D4|', [(1, 1, 60), (10, 4, 62)]),  # rests: invisible, and of whole bars (4.5)
        ('[CE]2-[CE]2|', [(0, 4, 60), (0, 4, 64)]),
        ('C4&E2F2|G4|', [(0, 4, 60), (0, 2, 64), (2, 2, 65), (4, 4, 67)]),  # an overlay (7.4)
        ('[L:1/8]CD|[M:2/4]E4|', [(0, 0.5, 60), (0.5, 0.5, 62), (1, 2, 64)]),
        ('|:C4::D4:|[1E4:|[2F4|]', [(0, 4, 60), (4, 4, 62), (8, 4, 64), (12, 4, 65)]),
        ('C4|["last"D2E2|', [(0, 4, 60), (4, 2, 62), (6, 2, 64)]),  # an ending, and no chord (4.9)
        ('[CE2|D4|', [(0, 1, 60), (1, 2, 64), (3, 4, 62)]),  # a chord without an end
        ('C4.-|C4|', [(0, 8, 60)]),  # a dotted tie (4.11)
        ('[C-E]C>D|', [(0, 2.5, 60), (0, 1, 64), (2.5, 0.5, 62)]),  # a tied note is lengthened, and no other (4.4)
    ],
)
def test_times(body, found):
    read = notes(body)
    assert [pitch for *_, pitch in read] == [pitch for *_, pitch in found]
    assert [each[:2] for each in read] == [pytest.approx(each[:2]) for each in found]


@pytest.mark.parametrize(
    'between',
    ['"Am"', '"^a b c"', '!trill!', '+fermata+', '{gab}', '~', 'T', '[r: a b c]', 'y', '% abc\n',
     '\nw: a b c\n', '\nN: abc\n', '\n%%begintext\nC D E\n%%endtext\n', '[P:A]',
     '\\\n', '`', '[I:MIDI program 32]', '\n%%MIDI program 32\n', '\ns: !f!\n'],
)  # fmt: skip
def test_what_does_not_sound(between):
    assert notes(f'C{between}D|') == [(0, 1, 60), (1, 1, 62)]


@pytest.mark.parametrize(
    ('body', 'found'),
    [  # A-G, X-Z, a-g and x-z are notes, rests and spaces in the body of a tune, and no fields (3)
        ('CDE\nG:|\nA4|]', [(0, 1, 60), (1, 1, 62), (2, 1, 64), (3, 1, 67), (4, 4, 69)]),
        ('C4|\nc::d|', [(0, 4, 60), (4, 1, 72), (5, 1, 74)]),
        ('C3\nz:|\nD4|', [(0, 3, 60), (4, 4, 62)]),
        ('C3\nx::D4|', [(0, 3, 60), (4, 4, 62)]),
        ('C4|\nZ:|\nD4|', [(0, 4, 60), (8, 4, 62)]),
        ('C4|\nX:|D4|', [(0, 4, 60), (8, 4, 62)]),
        ('C4\ny:|D4|', [(0, 4, 60), (4, 4, 62)]),
        ('C3\nB:|]\nD4|', [(0, 3, 60), (3, 1, 71), (4, 4, 62)]),
    ],
)
def test_a_line_may_begin_with_a_note_and_a_repeat(body, found):
    assert notes(body) == found


@pytest.mark.parametrize(
    'line', ['w:|la la', 'w::', 'W:|: a b', 'N:|A4|', 'T:: C4|', 'H:|c', '+:|c d|', 'K:|', 'C:Trad. |']
)
def test_text_that_begins_as_a_barline_does_is_text(line):
    assert notes(f'C4|\n{line}\nD4|') == [(0, 4, 60), (4, 4, 62)]


@pytest.mark.parametrize('letter', 'ACDFGZ')
def test_in_the_header_the_letters_of_notes_are_fields(letter):
    assert notes('C4|', HEAD.replace('K:C', f'{letter}:|a b|\nK:C')) == [(0, 4, 60)]


def test_bars_and_a_pickup():
    found = only('C|DEFG|A4|]')
    assert (found.bars.tolist(), found.measure_numbers) == ([0, 1, 5, 9], ('0', '1', '2'))


def test_tunes_and_the_text_between_them():
    text = HEAD + 'C4|\n\nAbc, a text about bags.\n\n' + HEAD.replace('A title', 'Another') + 'D4|\n'
    parts = read_score(text.encode(), 'a.abc')
    assert [part.notes.pitches.tolist() for part in parts] == [[60], [62]]
    assert [part.remark for part in parts] == ['of the tune "A title"', 'of the tune "Another"']
    assert [part.name for part in parts] == ['', '']


@pytest.mark.parametrize('number', ['', ' ', '% two'])
def test_a_tune_whose_number_is_left_out_is_a_tune(number):
    text = HEAD + 'C4|\n\n' + f'X:{number}\n' + HEAD.partition('\n')[2].replace('A title', 'Second') + 'D4|\n'
    parts = read_score((text + '\n' + HEAD.replace('A title', 'Third') + 'E4|\n').encode(), 'a.abc')
    assert [part.notes.pitches.tolist() for part in parts] == [[60], [62], [64]]
    assert [part.remark for part in parts] == [f'of the tune "{title}"' for title in ('A title', 'Second', 'Third')]


def test_percussion():
    assert only('CDEF|', HEAD.replace('K:C', 'K:C clef=perc')).unpitched == 4


@pytest.mark.parametrize(('text', 'error'), [('', 'no tune'), (HEAD + 'C4|D4&&E4|', 'an overlay of several bars')])
def test_what_is_refused(text, error):
    with pytest.raises(UnreadableError, match=error):
        read_abc(text)
    with pytest.raises(UnreadableError, match=f'a.abc.*{error}'):
        read_score(text.encode(), 'a.abc')


@pytest.mark.parametrize('second', ['2/4', '3/4', '6/8'])
def test_a_meter_in_the_body_does_not_change_the_unit_length(second):
    """3.1.7: by default it is an eighth, where the first meter is 3/4 or longer; a sixteenth where it is shorter."""
    read = only(f'C4D4|\nM:{second}\nE2F2|\n', 'X:1\nM:4/4\nK:C\n')
    assert (read.ends - read.onsets).tolist() == [2, 2, 1, 1]
    read = only('C4D4|\nM:4/4\nE2F2|\n', 'X:1\nM:2/4\nK:C\n')
    assert (read.ends - read.onsets).tolist() == [1, 1, 0.5, 0.5]


@pytest.mark.parametrize(
    ('body', 'bars', 'numbers'),
    [
        ('M:3/4\nK:C\nCDE|CDE|\nM:4/4\nCDEF|CDEF|', [0, 3, 6, 10, 14], '1234'),
        ('M:4/4\nK:C\nCDE|CDEF|\nM:3/4\nCDE|', [0, 3, 7, 10], '012'),  # a pickup
        ('M:2/4\nK:C\nCDEFGA [M:3/4] CDE CDE', [0, 2, 4, 6, 9, 12], '12345'),  # no barlines
    ],
)
def test_bars_where_the_meter_changes(body, bars, numbers):
    read = only(body, 'X:1\nL:1/4\n')
    assert read.bars.tolist() == bars
    assert read.measure_numbers == tuple(numbers)


def test_text_after_a_tune_is_not_played():
    assert only('C4|\n\nFrom a book | page 3, by Abe\n').pitches.tolist() == [60]
    assert only('C4|\n\nTD2 .E2|\n').pitches.tolist() == [60, 62, 64]


@pytest.mark.parametrize(
    ('properties', 'pitches', 'strokes'),
    [
        ('clef=treble-8 name="First Tenor Voice"', [48, 50], 0),
        ('name="First Tenor Voice" clef=treble-8', [48, 50], 0),
        ('name="The bass drum" clef=perc', [], 2),
        ('clef=perc name="The bass drum"', [], 2),
        ('clef="treble-8"', [48, 50], 0),
    ],
)
def test_a_name_is_no_clef(properties, pitches, strokes):
    notes = only(f'V:1 {properties}\nK:C\n[V:1] CD|', HEAD.replace('K:C\n', ''))
    assert (notes.pitches.tolist(), notes.unpitched) == (pitches, strokes)


def test_a_name_that_comes_later_leaves_the_octave():
    assert only('V:1 clef=treble-8\nCD|\nV:1 name="Solo tenor part"\nEF|').pitches.tolist() == [48, 50, 52, 53]
