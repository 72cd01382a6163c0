"""A MidiTrack of mido, which is a list: held against the same notes as numbers, and as a file."""

import mido
import pytest

from music21_kdic import NoteError, Scorer, instrument_likelihood, rank
from music21_kdic.reading.generated import is_one, is_score, one_part, parts_in
from music21_kdic.reading.note_rows import Assumed

NOTES = [(0.5 * eighth, 0.5, 40 + eighth % 5) for eighth in range(32)]
REFUSED = r'MidiTrack: its times are ticks, .* wanted the score that it is in, or ticks=480'


def track_of(notes, ticks, channel=0, name='Tune'):
    """Messages with their times since the one before, of notes that follow one another."""
    track = mido.MidiTrack([mido.MetaMessage('track_name', name=name)])
    for _, length, pitch in notes:
        track.append(mido.Message('note_on', channel=channel, note=pitch))
        track.append(mido.Message('note_off', channel=channel, note=pitch, time=int(ticks * length)))
    return track


@pytest.mark.parametrize('ticks', [24, 480, 480.0])
def test_a_track_has_the_notes_that_were_written(ticks):
    track = track_of(NOTES, ticks)
    (part,) = parts_in(track, Assumed('3/4', ticks=ticks))
    assert list(zip(part.notes.onsets, part.notes.ends - part.notes.onsets, part.notes.pitches, strict=True)) == NOTES
    assert part.notes.bars.tolist() == [3.0 * bar for bar in range(7)]  # 16 quarter notes
    assert (part.name, part.given) == ('Tune', track)


def test_a_track_of_several_channels_is_several_parts():
    track = track_of(NOTES, 480) + track_of(NOTES[:8], 480, channel=1)
    assert [len(part.notes) for part in parts_in(track, Assumed(ticks=480))] == [32, 8]
    for refusing in (lambda: Scorer('Bass', ticks=480)(track), lambda: instrument_likelihood(track, ticks=480)):
        with pytest.raises(NoteError, match='MidiTrack with 2 parts: wanted one part'):
            refusing()


def test_tracks_are_things_and_a_list_of_them_is_several():
    track = track_of(NOTES, 480)
    assert [is_one(each) for each in (track, mido.MidiTrack(), [track], [track, track])] == [True, True, False, False]
    assert not is_score(track)


def test_without_ticks_a_track_is_refused_in_a_sentence():
    track = track_of(NOTES, 480)
    for refusing in (Scorer('Bass'), instrument_likelihood, one_part):
        with pytest.raises(NoteError, match=f'^{REFUSED}'):
            refusing(track)
    with pytest.raises(NoteError, match=f'^candidate 1: {REFUSED}'):
        Scorer('Bass')([NOTES, track])
    first, last = rank([track, NOTES], 'bass')
    assert (first.status, last.status) == ('ok', 'unreadable')
    assert last.error.startswith('MidiTrack: its times are ticks')


def test_a_track_with_ticks_is_answered_as_its_notes_are():
    track = track_of(NOTES, 480)
    scorer, score = Scorer('Bass', ticks=480), Scorer('Bass')(NOTES).score
    assert scorer(track).score == pytest.approx(score, abs=1e-6)
    assert [one.score for one in scorer([track, track])] == pytest.approx([score] * 2, abs=1e-4)
    assert instrument_likelihood(track, ticks=480)['Bass'] == pytest.approx(instrument_likelihood(NOTES)['Bass'])
    for given in (track, [track], mido.MidiFile(tracks=[track], ticks_per_beat=480).tracks):
        (row,) = rank(given, 'bass', ticks=480)
        assert (row.name, row.score) == ('Tune', pytest.approx(score, abs=1e-6))
        assert row.stream is track


def test_a_track_without_notes():
    empty = mido.MidiTrack()
    assert Scorer('Bass', ticks=480)(empty).status == instrument_likelihood(empty, ticks=480).status == 'empty'
    for given in (empty, [empty]):
        (row,) = rank(given, 'bass', ticks=480)
        assert (row.status, row.stream) == ('empty', empty)


def test_what_mido_cannot_write():
    track = track_of(NOTES, 480)
    for wrong, ticks in ((mido.MidiTrack([*track, 7]), 480), (track, 40_000), (track, 480.5)):
        with pytest.raises(NoteError, match=r'^a mido MidiTrack: mido cannot write it as MIDI'):
            one_part(wrong, Assumed(ticks=ticks))
