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
