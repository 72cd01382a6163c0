"""Which streams of a Score are its parts; and that a part is read as it stands in the Score that was asked."""

import pytest
from music21 import chord, clef, harmony, instrument, meter, note, stream

import music21_kdic
from music21_kdic.errors import NoteError
from music21_kdic.reading import streams
from music21_kdic.reading.generated import parts_in
from music21_kdic.reading.nested import inside
from music21_kdic.reading.pieces import parts_of, placed_pieces
from music21_kdic.reading.streams import note_sequence, placed_notes
from music21_kdic.statuses import Status

TUNE = [72, 74, 76, 79, 76, 74] * 8
BASS = [36, 43, 43, 41, 48, 48] * 4


def part_of(pitches, length, *first):
    part = stream.Part()
    for each in first:
        part.insert(0, each)
    for i, pitch in enumerate(pitches):
        part.insert(i * length, note.Note(pitch, quarterLength=length))
    return part


def bars_of(score):
    return [placed_notes(placed).bars[1] for piece in placed_pieces(score) for placed in piece]


def test_a_part_in_two_scores_has_the_meter_of_the_score_that_was_asked():
    bass = part_of(BASS, 1)
    scores = [stream.Score([part_of(TUNE, 0.5, meter.TimeSignature(each)), bass]) for each in ('3/4', '2/4', '4/4')]
    assert [bars_of(score) for score in scores] == [[3, 3], [2, 2], [4, 4]]


@pytest.mark.parametrize('inner', [False, True])
def test_a_score_is_looked_through_once_for_the_meters_of_all_its_parts(inner, monkeypatch):
    walked = []
    monkeypatch.setattr(streams, 'inside', lambda s: walked.append(s) or inside(s))
    parts = [part_of(BASS, 1) for _ in range(9)]
    within = stream.Score(parts)
    score = stream.Score([within]) if inner else within
    assert [part.notes.bars[1] for part in parts_in(score)] == [4] * 9
    assert sum(s is within for s in walked) == 1
    assert sum(s is score for s in walked) == 1
    parts[4].insert(0, meter.TimeSignature('3/4'))  # is found by the next call
    assert [part.notes.bars[1] for part in parts_in(score)] == [3] * 9
    assert len(score.instrumentLikelihood()) == 9
    assert sum(s is within for s in walked) == 3


def test_the_meter_of_a_score_is_counted_from_where_each_part_begins():
    score = stream.Score([part_of(TUNE, 0.5, meter.TimeSignature('3/4'))])
    score.parts[0].insert(6, meter.TimeSignature('2/4'))
    for offset in (0, 3):
        score.insert(offset, part_of(BASS, 1))
    first, *others = ([0, 3, 6, 8, 10], [0, 3, 6, 8, 10], [0, 3, 5, 7, 9])
    bars = [placed_notes(placed).bars - placed.offset for piece in placed_pieces(score) for placed in piece]
    assert [each[:5].tolist() for each in bars] == [first, *others]


def test_to_look_at_the_parts_of_a_score_changes_no_answer():
    score = stream.Score([part_of(TUNE, 0.5, meter.TimeSignature('3/4')), part_of(BASS, 1)])
    before = bars_of(score)
    assert len(list(score.parts)) == 2
    assert bars_of(score) == before == [3, 3]


def test_parts_in_a_plain_stream_are_parts():
    tune, bass = part_of(TUNE, 0.5), part_of(BASS, 1)
    plain = stream.Stream()
    plain.insert(0, tune)
    plain.insert(0, bass)
    assert parts_of(plain) == [tune, bass]
    assert parts_of(stream.Score([stream.System([tune, bass])])) == [tune, bass]
    assert [answer.notes for answer in music21_kdic.instrument_likelihood(plain)] == [48, 24]
    with pytest.raises(NoteError, match='2 parts'):
        music21_kdic.Scorer('bass')(plain)


def test_one_part_in_a_plain_stream_is_that_stream():
    plain = stream.Stream([part_of(BASS, 1)])
    assert parts_of(plain) == [plain]
    assert music21_kdic.instrument_likelihood(plain).notes == 24


@pytest.mark.parametrize(
    'beside',
    [
        note.Note(60),
        chord.Chord('C4 E4'),
        stream.Voice([note.Note(60)]),
        stream.Measure([stream.Voice([note.Note(60)])]),
    ],
)
def test_notes_beside_parts_are_refused_and_not_lost(beside):
    score = stream.Score([part_of(BASS, 1)])
    score.insert(0, beside)
    with pytest.raises(NoteError, match=f'Score: a {type(beside).__name__} beside its parts'):
        score.instrumentLikelihood()
    with pytest.raises(NoteError, match='Opus: a Measure beside'):
        parts_of(stream.Opus([stream.Score([part_of(BASS, 1)]), stream.Measure([note.Note(60)])]))


def test_what_is_not_played_may_stand_beside_parts():
    score = stream.Score([part_of(BASS, 1)])
    slash = note.Note(71)
    slash.notehead = 'slash'
    score.insert(0, slash)
    for each in (harmony.ChordSymbol('C'), note.Rest(), meter.TimeSignature('3/4'), stream.Measure([note.Rest()])):
        score.insert(0, each)
    assert len(score.instrumentLikelihood()) == 1


def test_under_a_percussion_clef_there_are_drums_in_a_stream_as_in_its_file(tmp_path):
    """Written to MusicXML, a part under a percussion clef is read as drums."""
    hits = part_of([36, 38, 42, 38] * 8, 0.5, clef.PercussionClef())
    score = stream.Score([part_of(TUNE, 0.5, instrument.Flute()), hits])
    assert [answer.status for answer in score.instrumentLikelihood()] == [Status.OK, Status.DRUMS]
    path = score.write('musicxml', tmp_path / 'drums.musicxml')
    assert [row.status for row in music21_kdic.label(path, quiet=True)] == [Status.OK, Status.DRUMS]
    assert hits.flatten().notes.stream().instrumentLikelihood().status == Status.DRUMS
    assert hits.makeMeasures().measure(2).instrumentLikelihood().status == Status.DRUMS


def test_another_clef_ends_the_drums():
    part = part_of(BASS, 1, clef.PercussionClef())
    part.insert(8, clef.BassClef())
    answer = part.instrumentLikelihood()
    assert (answer.notes, answer.asked.part.unpitched) == (16, 8)


@pytest.mark.parametrize('drums_first', [True, False])
def test_the_clef_of_the_drums_does_not_silence_a_flattened_score(drums_first):
    drums = part_of([], 1, clef.PercussionClef())
    drums.repeatAppend(note.Unpitched(), 8)
    parts = [part_of(TUNE, 0.5, clef.TrebleClef()), drums]
    score = stream.Score(parts[::-1] if drums_first else parts)
    for flat in (score.flatten(), score.flatten().notes.stream(), stream.Stream(parts).flatten().notes.stream()):
        read = note_sequence(flat)
        assert (len(read), read.unpitched) == (len(TUNE), 8)
