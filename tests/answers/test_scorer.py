"""The scorer for a loop that generates."""

from pathlib import Path

import mido
import numpy as np
import pytest
from music21 import converter, corpus, layout, note, stream

from music21_kdic import ClassNameError, NoteError, NoteSequence, Scorer, UnreadableError, instrument_likelihood, rank
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likeness import Likeness
from music21_kdic.model.session import load_model
from music21_kdic.reading.generated import one_part
from music21_kdic.reading.midi import read_midi
from music21_kdic.reading.note_rows import Assumed

BASS = 'tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB'


def candidates(count, seed=0, bars=2):
    rng = np.random.default_rng(seed)
    onsets = 0.5 * np.arange(8 * bars)
    return [
        np.column_stack([onsets, np.full_like(onsets, 0.5), rng.integers(36, 72, onsets.size)]) for _ in range(count)
    ]


def test_it_is_the_likelihood_of_music_of_the_class():
    """What is no music has an eighth of each class."""
    part = converter.parse(BASS)
    found, answer = Scorer(like='bass')(part), instrument_likelihood(part)
    assert found.score == pytest.approx(answer['Bass'] - (1 - answer.music) / 8)
    assert found.log_odds == pytest.approx(np.log(found.score / (1 - found.score)))
    assert (found.best, found.status, found.windows) == (answer.best, answer.status, 1)


def test_numbers_streams_and_notes_are_one():
    notes = [(0.5 * eighth, 0.5, pitch) for eighth, pitch in enumerate([40, 40, 43, 43, 45, 45, 47, 47] * 2)]
    onsets = 0.5 * np.arange(16)
    sequence = NoteSequence(onsets, onsets + 0.5, [note[2] for note in notes], [0, 4, 8])
    scorer = Scorer('Bass')
    assert scorer(notes) == scorer(np.array(notes)) == scorer(sequence) == scorer(converter.parse(BASS))


@pytest.mark.parametrize('kind', [list, np.array, iter])
def test_a_batch_has_the_numbers_of_its_candidates(kind):
    given = [*candidates(300), *candidates(5, bars=2)]
    scorer = Scorer('Guitar')
    found = scorer(kind(given))
    assert len(found) == len(given)
    for place in (0, 1, 255, 256, 304):
        alone = scorer(given[place])
        assert found[place].log_odds == pytest.approx(alone.log_odds, abs=1e-4)
        assert (found[place].low, found[place].high) == pytest.approx((alone.low, alone.high), abs=1e-4)
        assert (found[place].status, found[place].windows) == (alone.status, alone.windows)


def test_a_batch_may_hold_anything(tmp_path):
    part = converter.parse(BASS)
    file = mido.MidiFile(part.write('midi', tmp_path / 'bass.mid'))
    scorer = Scorer('Bass')
    found = scorer([part, file, [], part, [(0, 1, 60)]])
    assert [one.status for one in found] == ['ok', 'ok', 'empty', 'ok', 'too-short']
    assert found[0].log_odds == pytest.approx(found[1].log_odds, abs=1e-4)
    assert scorer(iter([])) == []


@pytest.mark.parametrize('count', [0, 1, 5])
def test_a_batch_of_candidates_without_notes(count):
    assert Scorer('Bass')(np.zeros((count, 0, 3))) == [Likeness(status='empty')] * count


def test_an_empty_candidate_has_no_score_and_comes_last():
    scorer = Scorer('Bass')
    nothing = scorer([])
    assert nothing == scorer(stream.Part()) == Likeness(status='empty')
    assert sorted([nothing, *scorer(candidates(5))])[0] is nothing


@pytest.mark.parametrize('moved', [lambda x: x.astype(np.float32), lambda x: np.float32(x * 60 / 95) * 95.0 / 60])
def test_a_loop_counts_once_whatever_32_bit_times_make_of_it(moved):
    pitches = [40, 43, 45, 47, 45, 43, 40, 47, 50, 52, 50, 47] * 2
    loop = np.array([(8 * bar + k / 3, 1 / 3, pitch) for bar in range(40) for k, pitch in enumerate(pitches)])
    scorer, other = Scorer('Bass'), loop.copy()
    noisy = np.column_stack([moved(loop[:, 0]), moved(loop[:, 1]), loop[:, 2]])
    assert [one.windows for one in scorer([loop, noisy])] == [1, 1]
    other[loop[:, 0] >= 160, 2] += 1
    assert scorer(other).windows == 2


def test_longer_candidates_are_sums_of_windows():
    assert [Scorer('Bass')(one).windows for one in candidates(1, bars=8)] == [4]


def test_a_candidate_of_short_bars_has_its_windows():
    """Four bars of 2/4 last as long as two of 4/4."""
    assert Scorer('Bass', meter='2/4')([(0.5 * i, 0.5, 40 + i) for i in range(16)]).windows == 2


def test_the_meter_that_is_assumed():
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 5) for eighth in range(24)]
    assert [Scorer('Bass', meter=meter)(notes).windows for meter in ('4/4', '3/4', '6/4')] == [2, 2, 2]
    assert Scorer('Bass', meter='3/4')(notes).log_odds != Scorer('Bass', meter='4/4')(notes).log_odds
    with pytest.raises(NoteError, match="meter 'waltz': wanted one such as 3/4"):
        Scorer('Bass', meter='waltz')


def test_several_parts_are_refused_in_a_sentence():
    score = corpus.parse('bwv66.6')
    with pytest.raises(NoteError, match='Score with 4 parts: wanted one part; give each part by itself'):
        Scorer('Strings')(score)
    with pytest.raises(NoteError, match='candidate 1: Score with 4 parts'):
        Scorer('Strings')([[], score])
    assert len(Scorer('Strings')(score.parts)) == 4


def test_wishes():
    one = candidates(1)[0]
    guitar, no_piano = (Scorer(like)(one).log_odds for like in ('Guitar', {'Piano': -0.5}))
    (answer,) = classify([one_part(one, Assumed())], load_model())
    other_music = answer.music - Scorer('Piano')(one).score
    assert no_piano == pytest.approx(0.5 * np.log(other_music / (1 - other_music)))
    assert Scorer({'Guitar': 1.0, 'Piano': -0.5})(one).log_odds == pytest.approx(guitar + no_piano)
    with pytest.raises(ClassNameError, match='nearest: Guitar'):
        Scorer({'Guittar': 1.0})


def test_files_are_scored_as_what_they_hold(write_midi, midi_note, tmp_path):
    """A path is one candidate; a file of several parts is refused as a Score is."""
    line = [event for beat, pitch in enumerate([40, 40, 43, 43, 45, 45, 47, 47] * 2) for event in midi_note(
        48 * beat, 48 * beat + 48, pitch)]  # fmt: skip
    path = Path(write_midi([line]))
    wanted = Scorer('Bass')(read_midi(path)[0].notes)
    assert Scorer('Bass')(path) == Scorer('Bass')(str(path)) == wanted
    assert Scorer('Bass')([path, [(0, 1, 40)]])[0].score == pytest.approx(wanted.score)
    with pytest.raises(NoteError, match=r'corpus:bwv66\.6 with 4 parts: wanted one part'):
        Scorer('Bass')('corpus:bwv66.6')
    with pytest.raises(UnreadableError, match=r'candidate 1: .*nothing\.mid'):
        Scorer('Bass')([path, tmp_path / 'nothing.mid'])


@pytest.mark.parametrize('thing', [b'a.mid', 3, None])
def test_what_is_no_candidate(thing):
    with pytest.raises(TypeError, match='wanted a music21 Stream, a NoteSequence, notes as'):
        Scorer('Bass')(thing)
    with pytest.raises(TypeError, match=r'candidate 0: .*wanted a music21 Stream'):
        Scorer('Bass')([thing])


def test_a_piano_on_two_staves_is_scored_as_it_is_ranked():
    right, left = (stream.PartStaff([note.Note(pitch + step) for step in (0, 4, 7, 12) * 8]) for pitch in (60, 40))
    braced = stream.Score()
    for each in (right, left, layout.StaffGroup([right, left], symbol='brace')):
        braced.insert(0, each)
    (score,) = {row.score for row in rank([braced], 'piano')}
    assert round(Scorer('piano')(braced).score, 6) == score  # as rows are rounded


def test_candidates_by_name_are_refused_in_a_sentence():
    with pytest.raises(TypeError, match=r'dict .*: wanted its candidates without their names: `list\(\.\.\.\.values'):
        Scorer('Bass')({'a': [(0, 1, 40)]})


def test_a_table_is_one_candidate():
    pandas = pytest.importorskip('pandas')
    one = [(0.5 * i, 0.5, 40 + i % 5) for i in range(16)]
    table = pandas.DataFrame(one, columns=['onset', 'duration', 'pitch'])
    assert Scorer('Bass')(table) == Scorer('Bass')(one) == Scorer('Bass')([table])[0]


def test_what_is_too_unlikely_for_a_float_is_impossible_whatever_numpy_is_told_to_raise():
    (line,) = candidates(1)
    priors = [1.0, *[1e-307] * 7]
    usual = Scorer({'Guitar': 1e-300, 'Piano': -1e-300}, priors=priors)(line)
    with np.errstate(all='raise'):
        assert Scorer({'Guitar': 1e-300, 'Piano': -1e-300}, priors=priors)(line) == usual
