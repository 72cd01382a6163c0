"""What the streams around a stream, and those that it was made from, set for it; held against music21."""

import pytest
from music21 import clef, corpus, instrument, meter, note, stream

from music21_kdic.reading.around import in_force
from music21_kdic.reading.streams import note_sequence


@pytest.mark.parametrize('name', ['bwv66.6', 'schoenberg/opus19/movement2', 'mozart/k545/movement1_exposition'])
def test_what_is_in_force_is_what_music21_finds(name):
    score = corpus.parse(name)
    asked = list(score.parts)
    for part in score.parts:
        measures = list(part.getElementsByClass('Measure'))[:12]
        taken = [part.flatten(), part.flatten().notes.stream(), part.measures(2, 4), part.measures(3, 4).measure(4)]
        asked += [*measures, *(voice for measure in measures for voice in measure.voices), *taken]
    for kind in (instrument.Instrument, clef.Clef, meter.TimeSignature):
        found = [in_force(s, kind) for s in asked]
        assert any(each is not None for each in found)
        for s, each in zip(asked, found, strict=True):
            assert each is s.getContextByClass(kind)


def in_place(s, method):
    getattr(s, method)(inPlace=True)
    return s


@pytest.mark.parametrize(
    'made_of',
    [
        lambda part: part.toSoundingPitch(),
        lambda part: part.toSoundingPitch().flatten(),
        lambda part: part.toSoundingPitch().flatten().notes.stream(),
        lambda part: part.flatten().toSoundingPitch(),
        lambda part: part.toSoundingPitch().flatten().stripTies(),
        lambda part: part.toSoundingPitch().toWrittenPitch().flatten(),
        lambda part: part.flatten().flatten(),
        lambda part: in_place(part, 'toSoundingPitch').flatten(),
        lambda part: in_place(part.flatten(), 'toSoundingPitch'),
    ],
)
@pytest.mark.parametrize('in_score', [False, True])
@pytest.mark.parametrize('in_measures', [False, True])
def test_what_was_flattened_at_any_pitch_sounds_once_where_it_sounds(made_of, in_score, in_measures):
    """A double bass sounds an octave lower than it is written."""
    part = stream.Part([instrument.Contrabass(), *(note.Note(pitch) for pitch in ('e4', 'g4', 'b4', 'e5'))])
    part = part.makeMeasures() if in_measures else part
    part.atSoundingPitch = False
    score = stream.Score([part])
    assert note_sequence(made_of(score.parts[0] if in_score else part)).pitches.tolist() == [52, 55, 59, 64]


@pytest.mark.parametrize('made_of', [lambda score: score.flatten(), lambda score: score.parts[0].flatten()])
def test_what_was_flattened_of_a_score_at_sounding_pitch_sounds_once_where_it_sounds(made_of):
    part = stream.Part([instrument.Contrabass(), *(note.Note(pitch) for pitch in ('e4', 'g4', 'b4', 'e5'))])
    part.atSoundingPitch = False
    assert note_sequence(made_of(stream.Score([part]).toSoundingPitch())).pitches.tolist() == [52, 55, 59, 64]


def in_three_four():
    """Six measures of three quarters."""
    part = stream.Part()
    for number in range(1, 7):
        part.append(stream.Measure([note.Note(60 + number) for _ in range(3)], number=number))
    part.measure(1).insert(0, meter.TimeSignature('3/4'))
    return part


@pytest.mark.parametrize('in_score', [False, True])
@pytest.mark.parametrize(
    'made_of',
    [
        lambda part: part.flatten().notes.stream(),
        lambda part: part.recurse().notes.stream(),
        lambda part: part.flatten().getElementsByClass(note.Note).stream(),
        lambda part: stream.Score([part]).flatten().notes.stream(),
    ],
)
def test_notes_that_were_taken_out_keep_their_meter(made_of, in_score):
    score = stream.Score([in_three_four()])
    part = score.parts[0] if in_score else in_three_four()
    assert note_sequence(made_of(part)).bars.tolist() == [0, 3, 6, 9, 12, 15, 18]


def test_notes_of_two_parts_keep_their_meter():
    score = stream.Score([in_three_four(), in_three_four()])
    assert note_sequence(score.flatten().notes.stream()).bars.tolist() == [0, 3, 6, 9, 12, 15, 18]


def test_a_stream_that_is_flat_and_keeps_its_measures_has_each_note_once():
    part = in_three_four()
    part.insert(18, stream.Measure([stream.Voice([note.Note(80)]), stream.Voice([note.Note(50)])], number=7))
    flat = note_sequence(part.flatten(retainContainers=True))
    own = note_sequence(part.flatten())
    assert len(flat) == 20
    assert (flat.onsets.tolist(), flat.pitches.tolist()) == (own.onsets.tolist(), own.pitches.tolist())


def test_a_note_that_stands_at_two_offsets_sounds_twice():
    twice = note.Note(60)
    part = stream.Part([stream.Measure([twice]), stream.Measure([twice])])
    part.setElementOffset(part[1], 4.0)
    assert note_sequence(part).onsets.tolist() == [0, 4]


@pytest.mark.parametrize('of_voice', [False, True])
def test_a_measure_is_as_long_as_its_own_part_says(of_voice):
    """Two parts, the second one in another meter."""
    upper, lower = stream.Part(), stream.Part()
    for part, time, length in ((upper, '3/4', 3), (lower, '4/4', 4)):
        for number in range(1, 4):
            measure = stream.Measure([stream.Voice([note.Note(quarterLength=1)])], number=number)
            part.insert(length * (number - 1), measure)
        part.measure(1).insert(0, meter.TimeSignature(time))
    score = stream.Score([upper, lower])
    for part, length in zip(score.parts, (3, 4), strict=True):
        for measure in part.getElementsByClass('Measure'):
            asked = measure.voices[0] if of_voice else measure
            assert note_sequence(asked).bars.tolist() == [0, length]
