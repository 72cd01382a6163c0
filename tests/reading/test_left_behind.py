"""What was taken out of a part is read with the part's instruments; ottavas count where they stand."""

import copy
import gc

import pytest
from music21 import clef, instrument, note, spanner, stream

from music21_kdic.reading.nested import AnyStream
from music21_kdic.reading.streams import note_sequence

MADE_OF = {
    'flatten().notes': lambda part: part.flatten().notes.stream(),
    'flatten().notesAndRests': lambda part: part.flatten().notesAndRests.stream(),
    'recurse().notes': lambda part: part.recurse().notes.stream(),
}


@pytest.fixture
def changing() -> stream.Part:
    """A written C4, two measures long, of each of three players; a clarinet in B flat, a flute, an alto saxophone."""
    part = stream.Part()
    part.atSoundingPitch = False
    for number, player in enumerate((instrument.Clarinet(), instrument.Flute(), instrument.AltoSaxophone())):
        for bar in (0, 1):
            measure = stream.Measure(number=2 * number + bar + 1)
            if not bar:
                measure.insert(0, player)
            measure.insert(0, note.Note('C4', quarterLength=4))
            part.append(measure)
    return part


SOUNDING = [58, 58, 60, 60, 51, 51]  # two below what is written, as written, and nine below


def sounding(s: AnyStream) -> list[int]:
    return note_sequence(s).pitches.tolist()


@pytest.mark.parametrize('made_of', MADE_OF.values(), ids=MADE_OF)
def test_each_player_of_a_part_keeps_the_notes_that_were_taken_out(changing, made_of):
    onsets = [4.0 * bar for bar in range(6)]
    assert note_sequence(changing).onsets.tolist() == note_sequence(made_of(changing)).onsets.tolist() == onsets
    assert sounding(changing) == sounding(made_of(changing)) == SOUNDING


@pytest.mark.parametrize('bar', range(6))
def test_the_player_in_force_there_keeps_the_notes(changing, bar):
    taken = changing.flatten().getElementsByOffset(4 * bar, 24, includeEndBoundary=False).notes.stream()
    assert sounding(taken) == SOUNDING[bar:]
    assert sounding(changing.measure(bar + 1)) == SOUNDING[bar : bar + 1]


@pytest.mark.parametrize('drums_first', [True, False])
def test_strokes_and_pitches_stay_what_they_are(drums_first):
    """Eight strokes of a woodblock and 32 notes of a flute, played one after the other."""
    part = stream.Part()
    players = [(instrument.Woodblock(), 8), (instrument.Flute(), 32)]
    for player, count in players if drums_first else players[::-1]:
        part.append(player)
        part.append([note.Note(72) for _ in range(count)])
    for taken in (part, part.notes.stream(), part.flatten().notes.stream()):
        assert (len(note_sequence(taken)), note_sequence(taken).unpitched) == (32, 8)


def test_to_read_what_was_taken_out_leaves_the_instruments_where_they_are(changing):
    players = list(changing.recurse().getElementsByClass(instrument.Instrument))
    before = [(player.activeSite, player.offset) for player in players]
    sounding(changing.flatten().notes.stream())
    assert [(player.activeSite, player.offset) for player in players] == before


@pytest.fixture
def under_an_ottava() -> tuple[stream.Part, spanner.Ottava]:
    part = stream.Part([note.Note(60), note.Note(62)])
    ottava = spanner.Ottava(list(part.notes), type='15ma')
    return part, ottava


def test_an_ottava_counts_while_it_stands_in_the_part(under_an_ottava):
    part, ottava = under_an_ottava
    assert sounding(part) == [60, 62]  # it was made, and not yet put in
    part.insert(0, ottava)
    assert sounding(part) == sounding(part.flatten().notes.stream()) == [84, 86]
    part.remove(ottava)
    assert sounding(part) == [60, 62]
    del ottava
    gc.collect()
    assert sounding(part) == [60, 62]


def test_an_ottava_in_the_score_counts_for_its_part(under_an_ottava):
    part, ottava = under_an_ottava
    score = stream.Score([part])
    score.insert(0, ottava)
    assert sounding(part) == [84, 86]
    assert score.instrumentLikelihood()[0].asked.part.pitches.tolist() == [84, 86]


def test_notes_that_are_put_together_anew_leave_their_ottava_behind(under_an_ottava):
    part, ottava = under_an_ottava
    part.insert(0, ottava)
    assert sounding(stream.Part([copy.deepcopy(each) for each in part.notes])) == [60, 62]
    assert sounding(copy.deepcopy(part)) == [84, 86]


COPIES = {
    'deepcopy': copy.deepcopy,
    'of a copy': lambda part: copy.deepcopy(copy.deepcopy(part)),
    'makeMeasures': lambda part: part.makeMeasures(),
    'transpose': lambda part: part.transpose(0),
    'flatten': lambda part: part.flatten(),
    'in a Score': lambda part: copy.deepcopy(stream.Score([part])).parts[0],
    'template': lambda part: part.template(removeClasses=['Instrument'], fillWithRests=False),
}


@pytest.mark.parametrize('copied', COPIES.values(), ids=COPIES)
@pytest.mark.parametrize('kind', [instrument.UnpitchedPercussion, clef.PercussionClef])
def test_what_was_removed_from_a_copy_is_gone_from_it(copied, kind):
    part = stream.Part([kind(), *(note.Note(pitch) for pitch in range(60, 68))])
    made = copied(part)
    for s in list(made.recurse(streamsOnly=True, includeSelf=True)):
        s.removeByClass(['Instrument', 'Clef'])
    for taken in (made, made.flatten().notes.stream(), copy.deepcopy(made)):
        read = note_sequence(taken)
        assert (read.pitches.tolist(), read.unpitched) == (list(range(60, 68)), 0)
    assert note_sequence(part).unpitched == 8


def test_a_part_at_written_pitch_that_lost_its_instrument_in_a_copy_sounds_as_it_is_written():
    part = stream.Part([instrument.Clarinet(), note.Note('C4')])
    part.atSoundingPitch = False
    lost = copy.deepcopy(part)
    lost.removeByClass('Instrument')
    assert sounding(lost) == [note_.pitch.midi for note_ in lost.toSoundingPitch().notes] == [60]
    assert sounding(part) == sounding(copy.deepcopy(part)) == [58]


@pytest.mark.parametrize('name', [None, 'mine'])
def test_notes_in_an_empty_frame_of_a_part_have_none_of_its_instruments(name):
    part = stream.Part([instrument.UnpitchedPercussion(), note.Note(60)])
    made = part.cloneEmpty(name)
    made.append(note.Note(62))
    assert sounding(made) == [62]


COPIED_LATER = {
    'deepcopy': copy.deepcopy,
    'makeMeasures': lambda taken: taken.makeMeasures(),
    'stripTies': lambda taken: taken.stripTies(),
    'added': lambda taken: taken + stream.Part(),
}


@pytest.mark.parametrize('copied', COPIED_LATER.values(), ids=COPIED_LATER)
def test_a_copy_of_what_was_taken_out_keeps_the_players(changing, copied):
    assert sounding(copied(changing.flatten().notes.stream())) == SOUNDING
    assert sounding(copied(changing.flatten().getElementsByOffset(4, 24).stream())) == SOUNDING[1:]


def as_music21(changes, begin, end):
    """What a part sounds from ``begin`` to ``end``, one note a quarter, by music21."""
    return [each.pitch.midi for each in changes.toSoundingPitch().notes if begin <= each.offset < end]


@pytest.fixture
def clarinets() -> stream.Part:
    part = stream.Part([note.Note(60 + step % 12) for step in range(32)])
    part.insert(0, instrument.Flute())
    part.insert(10, instrument.Clarinet())
    part.insert(22, instrument.BassClarinet())
    part.atSoundingPitch = False
    return part


def a_slice(part, begin, end):
    return part.flatten().getElementsByOffset(begin, end, includeEndBoundary=False).stream()


def moved_to_the_start(part, begin, end):
    found = a_slice(part, begin, end)
    found.shiftElements(-begin)
    return found


SLICES = {
    'a slice': a_slice,
    'moved': moved_to_the_start,
    'its notes': lambda *of: a_slice(*of).notes.stream(),
    'of a slice': lambda part, begin, end: a_slice(a_slice(part, begin - 1, end + 1), begin, end),
    'notes of a slice of one': lambda part, begin, end: a_slice(
        a_slice(part, begin - 1, end + 1), begin, end
    ).notes.stream(),
    'a copy': lambda *of: copy.deepcopy(a_slice(*of)),
}


@pytest.mark.parametrize('sliced', SLICES.values(), ids=SLICES)
@pytest.mark.parametrize(('begin', 'end'), [(4, 12), (10, 22), (16, 28), (5, 30), (12, 20), (24, 28)])
def test_a_slice_begins_with_the_player_in_force_there(clarinets, sliced, begin, end):
    assert sounding(sliced(clarinets, begin, end)) == as_music21(clarinets, begin, end)


@pytest.mark.parametrize('before', [instrument.UnpitchedPercussion, clef.PercussionClef])
def test_a_slice_of_drums_and_pitches_has_both(before):
    part = stream.Part([note.Note(60 + step % 12) for step in range(32)])
    part.insert(0, before())
    part.insert(24, instrument.Xylophone() if before is instrument.UnpitchedPercussion else clef.TrebleClef())
    read = note_sequence(a_slice(part, 8, 32))
    assert (len(read), read.unpitched) == (8, 16)


def test_an_instrument_that_is_put_in_plays_what_was_taken_out(clarinets):
    taken = clarinets.flatten().notes.stream()
    taken.insert(0, instrument.Flute())
    assert sounding(taken) == [each.pitch.midi for each in clarinets.notes]


def test_a_measure_that_changes_its_player_begins_with_the_one_before(clarinets):
    measures = clarinets.makeMeasures()
    measures.atSoundingPitch = False
    wanted = as_music21(clarinets, 20, 24)
    taken = measures.measure(6)
    for made in (taken, taken.flatten(), taken.notes.stream(), taken.flatten().notes.stream(), copy.deepcopy(taken)):
        assert sounding(made) == wanted


def changing_beside(second: instrument.Instrument) -> stream.Part:
    """A written C5 in each of eight measures, of a flute and, from measure 5, another that stands beside them."""
    part = stream.Part([stream.Measure([note.Note('C5', quarterLength=4)], number=bar + 1) for bar in range(8)])
    part.insert(0, instrument.Flute())
    part.insert(16, second)
    part.atSoundingPitch = False
    return part


EXCERPTS = {
    'part.measures': lambda part, *bars: part.measures(*bars),
    'score.measures': lambda part, *bars: stream.Score([part]).measures(*bars).parts[0],
    'flattened': lambda part, *bars: part.measures(*bars).flatten(),
    'an excerpt of an excerpt': lambda part, *bars: part.measures(1, 8).measures(*bars),
}


@pytest.mark.parametrize('excerpt', EXCERPTS.values(), ids=EXCERPTS)
@pytest.mark.parametrize(('first', 'last'), [(1, 8), (3, 6), (4, 5), (5, 8), (6, 8), (1, 4)])
def test_an_excerpt_keeps_the_changes_beside_its_measures(excerpt, first, last):
    """A piccolo sounds an octave above what is written, a contrabass one below, and a snare drum no pitch."""
    flute, others = [72] * len(range(first, min(last, 4) + 1)), len(range(max(first, 5), last + 1))
    assert sounding(excerpt(changing_beside(instrument.Piccolo()), first, last)) == flute + [84] * others
    assert sounding(excerpt(changing_beside(instrument.Contrabass()), first, last)) == flute + [60] * others
    drum = note_sequence(excerpt(changing_beside(instrument.SnareDrum()), first, last))
    assert (drum.pitches.tolist(), drum.unpitched) == (flute, others)


def test_an_excerpt_keeps_the_clefs_beside_its_measures():
    part = changing_beside(instrument.Flute())
    part.insert(0, clef.TrebleClef())
    part.insert(24, clef.PercussionClef())
    assert note_sequence(part.measures(5, 8)).unpitched == 2


@pytest.mark.parametrize('flattened', [False, True])
def test_an_excerpt_that_was_given_another_player_keeps_that(flattened):
    excerpt = changing_beside(instrument.Piccolo()).measures(1, 8)
    excerpt = excerpt.flatten() if flattened else excerpt
    excerpt.removeByClass('Instrument')
    excerpt.insert(0, instrument.Contrabass())
    assert sounding(excerpt) == [60] * 8


def test_a_change_within_a_measure_counts_in_an_excerpt_too():
    """A clarinet in B flat within measure 6, behind the piccolo that is beside measure 5."""
    part = changing_beside(instrument.Piccolo())
    part.measure(6).insert(0, instrument.Clarinet())
    assert sounding(part.measures(4, 7)) == [72, 84, 70, 70]
    assert sounding(part.measures(7, 8)) == [70, 70]
