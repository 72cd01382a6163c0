"""Any stream gets eight good values for each part, or an error of ours with a sentence; and it is not changed.

The properties are as in tests/test_properties.py, which says how to draw many more. After them, by hand, what
hypothesis does not come upon: hundreds of streams in one another, thousands of meters, streams that hold themselves.
"""

import numpy as np
import pytest
from hypothesis import given
from music21 import instrument, interval, meter, note, spanner, stream

from music21_kdic import InstrumentLikelihood, NoteError, instrument_likelihood
from music21_kdic.reading.pieces import parts_of
from music21_kdic.reading.streams import note_sequence
from music21_kdic.statuses import CLASSIFIED, Status
from tests.drawn import STREAMS

# music21's Instruments draw themselves an id.
pytestmark = pytest.mark.filterwarnings('ignore:Do not use the .random. module')
# music21 9 asks such a stream for its duration, and does not come back.
HOLDS_ITSELF = 'a stream that holds itself|streams nested deeper than music21 follows'
STATUSES = {*CLASSIFIED, Status.EMPTY, Status.DRUMS, Status.TOO_SHORT, Status.OUT_OF_RANGE}


def inside(s):
    """A stream and all that is in it, however deep; streams in streams are drawn as trees."""
    yield s
    for element in s.elements:
        yield from inside(element) if isinstance(element, stream.Stream) else [element]


def what_a_stream_says(s):
    """All that a user could notice, were it changed."""
    return [
        (
            id(element),
            id(element.activeSite),
            element.offset,
            element.quarterLength,
            len(element.sites),
            str(element.id),
            sorted(vars(element)),
            getattr(element, 'pitches', None),
            getattr(element, 'tie', None),
            getattr(element, 'transposition', None),
            (
                element.atSoundingPitch,
                [id(e) for e in element.elements],
                [element.elementOffset(e) for e in element.elements],
            )
            if isinstance(element, stream.Stream)
            else None,
        )
        for element in inside(s)
    ]


def answers_of(s, **keywords):
    """What the method says, as a list of answers; an error must be of ours, and a sentence."""
    try:
        found = s.instrumentLikelihood(**keywords)
    except NoteError as error:
        text = str(error)
    else:
        return [found] if isinstance(found, InstrumentLikelihood) else list(found)
    assert len(text) > 20
    assert text.isprintable()
    return []


def check(answer):
    assert answer.probabilities.shape == (8,)
    assert ((answer.probabilities >= 0) & (answer.probabilities <= 1)).all()
    assert answer.probabilities.sum() == pytest.approx(1)
    assert answer.matrix.shape == (len(answer.offsets), 8) == (len(answer.measures), 8)
    assert ((answer.matrix >= 0) & (answer.matrix <= 1)).all()
    assert answer.matrix.sum(axis=1) == pytest.approx(np.ones(len(answer.matrix)))
    assert np.isfinite(answer.offsets).all()
    assert answer.status in STATUSES
    assert (answer.status in CLASSIFIED) == (len(answer.matrix) > 0)
    assert (answer.status == Status.OK) == (answer.best is not None)
    assert isinstance(answer.name, str)
    assert all(isinstance(number, int | str) for pair in answer.measures for number in pair)


@given(STREAMS)
def test_any_stream_gets_eight_good_values_or_an_error_of_ours(s):
    for element in inside(s):
        if isinstance(element, stream.Stream):
            for answer in answers_of(element):
                check(answer)


@given(STREAMS)
def test_the_stream_is_not_changed(s):
    before = what_a_stream_says(s)
    answers_of(s)
    assert what_a_stream_says(s) == before


def test_what_is_drawn_of_an_answer_leaves_the_score_as_it_was():
    """A slur's notes keep their offsets, which a copy that music21 makes of their part would take away."""
    notes = [note.Note(60 + step) for step in range(8)]
    part = stream.Part([instrument.Violin(), *notes]).makeMeasures()
    own = list(part.recurse().notes)
    part.insert(0, spanner.Slur(own[1], own[5]))
    score = stream.Score([part])
    answers = score.instrumentLikelihood()
    before = what_a_stream_says(score)
    answers[0].colored(part)
    answers.plot_confusion(score)
    assert what_a_stream_says(score) == before
    assert own[5].offset == 1


def nested(kind, inner, depth):
    for _ in range(depth):
        outer = kind()
        outer.insert(1, inner)
        inner = outer
    return inner


@pytest.mark.parametrize('kind', [stream.Stream, stream.Part, stream.Score])
def test_two_hundred_streams_in_one_another_are_read(kind):
    """Of more, music21 9 cannot tell the duration, which it sorts by."""
    s = nested(kind, kind([note.Note('C4'), note.Note('E4')]), 200)
    (answer,) = answers_of(s)
    check(answer)
    assert note_sequence(s).onsets.tolist() == [200, 201]


def test_four_hundred_opera_hold_one_part():
    part = stream.Part([note.Note()])
    assert parts_of(nested(stream.Opus, part, 400)) == [part]


def test_thousands_of_streams_in_one_another_are_refused():
    """music21 looks upwards, and sorts, by recursion."""
    voice = stream.Voice([note.Note(), note.Note()])
    outermost = nested(stream.Stream, voice, 3000)
    for s in (voice, outermost):
        with pytest.raises(NoteError, match=f'{type(s).__name__}: streams nested deeper than music21 follows'):
            s.instrumentLikelihood()


def test_thousands_of_meters():
    part = stream.Part()
    ratios = ['4/4', '3/8', '7/16', '5/4', '2/2']
    for i in range(3000):
        part.coreInsert(i * 1.5, meter.TimeSignature(ratios[i % 5]))
        part.coreInsert(i * 1.5, note.Note(40 + i % 40))
    part.coreElementsChanged()
    notes = note_sequence(part)
    assert len(notes) == 3000
    assert set(np.arange(0, 4500, 1.5)) <= set(notes.bars.tolist())
    check(part.instrumentLikelihood())


@pytest.mark.parametrize('kind', [stream.Stream, stream.Part, stream.Score, stream.Opus])
def test_a_stream_that_holds_itself_is_refused(kind):
    """music21 refuses it where one is in the other directly, and says nothing where another is between."""
    outer, inner = kind([note.Note()]), kind()
    outer.insert(0, inner)
    inner.insert(0, outer)
    with pytest.raises(NoteError, match=HOLDS_ITSELF):
        outer.instrumentLikelihood()


def test_a_stream_in_streams_that_hold_each_other_has_an_answer_or_an_error():
    part = stream.Part([note.Note(), note.Note()])
    outer, inner = stream.Score([part]), stream.Score()
    outer.insert(0, inner)
    inner.insert(0, outer)
    with pytest.raises(NoteError, match=HOLDS_ITSELF):
        part.instrumentLikelihood()


def test_few_streams_that_hold_more_than_there_is_are_refused(monkeypatch):
    """Each holds the one before it through two others: 2 ** 40 elements, or Parts."""
    monkeypatch.setattr('music21_kdic.reading.nested.MAX_ELEMENTS', 1000)
    for kind, message in ((stream.Stream, 'more than 1000 elements'), (stream.Score, 'more than 65535 parts')):
        s = stream.Part([note.Note()])
        for _ in range(40):
            s = kind([kind([s]), kind([s])])
        with pytest.raises(NoteError, match=message):
            s.instrumentLikelihood()


@pytest.mark.parametrize('transposition', ['M-2', -2, interval.Interval('M-2'), interval.ChromaticInterval(-2)])
def test_a_transposition_is_what_music21_takes_for_one(transposition):
    """B flat clarinet; Stream.transpose takes names and semitones as well as intervals."""
    part = stream.Part([instrument.Clarinet(), note.Note('D5'), note.Note('E5')])
    part.getElementsByClass(instrument.Instrument).first().transposition = transposition
    part.atSoundingPitch = False
    sounding = part.toSoundingPitch().notes
    assert note_sequence(part).pitches.tolist() == [n.pitch.midi for n in sounding] == [72, 74]


def test_a_transposition_that_is_none_is_an_error_only_where_it_matters():
    part = stream.Part([instrument.Clarinet(), note.Note('D5')])
    part.getElementsByClass(instrument.Instrument).first().transposition = 'nonsense'
    assert note_sequence(part).pitches.tolist() == [74]
    part.atSoundingPitch = False
    with pytest.raises(NoteError, match="an instrument with the transposition 'nonsense': wanted an interval"):
        part.instrumentLikelihood()


def test_a_numbers_suffix_may_be_anything():
    m = stream.Measure([note.Note(quarterLength=2), note.Note(quarterLength=2)], number=12)
    m.numberSuffix = 3
    assert m.instrumentLikelihood().name == 'Measure 123'
    assert stream.Part([m]).instrumentLikelihood().measures == ((123, 123),)


def test_what_music21_cannot_read_is_named():
    odd = note.Note()
    odd.pitch = None
    with pytest.raises(NoteError, match=r'Note in a Part: music21 cannot read it \(AttributeError'):
        stream.Part([odd]).instrumentLikelihood()


def test_a_note_before_the_start_is_in_the_bar_before_it():
    part = stream.Part()
    for offset in (-2, 0, 1):
        part.insert(offset, note.Note())
    answer = part.instrumentLikelihood()
    assert (answer.notes, answer.offsets.tolist()) == (3, [[-4, 4]])  # two bars of 4/4
    assert instrument_likelihood(part).probabilities.tolist() == answer.probabilities.tolist()
