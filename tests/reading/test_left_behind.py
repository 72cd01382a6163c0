"""What was taken out of a part is read with the part's instruments; ottavas count where they stand."""

import copy
import gc

import pytest
from music21 import instrument, note, spanner, stream

from music21_kdic.reading.streams import note_sequence
from music21_kdic.reading.walk import AnyStream

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
