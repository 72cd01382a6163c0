import copy
import math

import mido
import pretty_midi
import pytest
from music21 import converter, corpus, meter, note, stream

from music21_kdic import ClassNameError, LimitError, NoteError, NoteSequence, Scorer, label, rank
from music21_kdic.collection.engine.tables import read_table
from music21_kdic.collection.rank import RankRow, _ranked
from music21_kdic.statuses import Status
from tests.collection.conftest import table_of
from tests.conftest import track_in_seconds

BASS = 'tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB'
HIGH = "tinynotation: 4/4 c''8 d'' e'' f'' g'' a'' b'' c''' b''1"


def test_files_by_how_bass_like_they_are(collection):
    batch = rank(collection, like='bass', jobs=1)
    assert (batch.files, batch.failed, len(batch)) == (12, 0, 36)
    scores = [row['score'] for row in batch]
    assert scores == sorted(scores, reverse=True)
    assert [row['rank'] for row in batch] == list(range(1, 37))
    assert all(row['low'] <= row['score'] <= row['high'] for row in batch)
    assert {row['name'] for row in batch[:12]} == {'Bass'}


def test_streams_straight_from_a_generator():
    made = []

    def melodies():
        for notation in (HIGH, BASS, HIGH):
            made.append(converter.parse(notation))
            yield made[-1]

    batch = rank(melodies(), like='Bass')
    assert [row['stream'] for row in batch] == [made[1], made[0], made[2]]
    assert batch[0]['score'] == pytest.approx(Scorer('Bass')(made[1]).score, abs=1e-6)
    assert batch[1]['score'] == batch[2]['score']


def test_a_score_is_some_melodies_and_may_stand_by_itself():
    batch = rank(corpus.parse('bwv66.6'), like='Strings')
    assert sorted(row['name'] for row in batch) == ['Alto', 'Bass', 'Soprano', 'Tenor']
    assert len(rank(converter.parse(BASS), like='Strings')) == 1


def test_the_staves_of_a_piano_are_one_instrument_in_a_score_as_in_its_file():
    name = 'schumann_clara/opus17/movement3'
    score = corpus.parse(name)
    of_file = rank(f'corpus:{name}', like='Piano', jobs=1)
    assert {row.name: row.score for row in rank(score, like='Piano')} == {row.name: row.score for row in of_file}
    assert len({row.score for row in of_file if row.name == 'Piano'}) == 1


def test_they_are_in_the_order_of_their_likenesses():
    """By log-odds: the scores of the second and the third differ in no digit that a row has."""
    rows = [RankRow(status=Status.OK, score=score, log_odds=odds) for score, odds in ((0.5, 0), (1, 15), (1, 20))]
    assert [row.log_odds for row in _ranked(rows, None)] == [20, 15, 0]


def test_streams_and_files_together(collection):
    batch = rank([converter.parse(BASS), collection / 'a' / '00.mid'], like='Bass', jobs=1)
    assert len(batch) == 4
    assert sum('stream' in row for row in batch) == 1


def test_two_bars_repeated_are_no_surer():
    """The same two bars once and a hundred times are one window: as wide an interval, in log-odds."""
    two = converter.parse(BASS)
    two_hundred = stream.Part()
    for _ in range(100):
        for measure in two.getElementsByClass(stream.Measure):
            two_hundred.append(copy.deepcopy(measure))
    found = [Scorer('Bass')(part) for part in (two, two_hundred)]
    assert [one.windows for one in found] == [1, 1]
    short, long = (math.log(one.high / (1 - one.high) * (1 - one.low) / one.low) for one in found)
    assert short == pytest.approx(long, abs=1e-6)


def test_what_cannot_be_scored_comes_last_without_a_score(collection, tmp_path):
    (collection / 'bad.mid').write_bytes(b'none')
    batch = rank([stream.Part(), collection], like='Bass', top=5, jobs=1)
    assert [row['rank'] for row in batch] == [1, 2, 3, 4, 5, None]
    assert batch.failed == 1
    assert (batch[-1]['status'], batch[-1]['score']) == ('unreadable', None)
    nothing = [stream.Part(), pretty_midi.Instrument(0), pretty_midi.PrettyMIDI(), mido.MidiFile()]
    assert [(row['status'], row['stream']) for row in rank(nothing)] == [('empty', each) for each in nothing]


def test_a_table(collection, tmp_path, run):
    status, out, _ = run('rank', '--like', 'bass', '--top', '3', '--jobs', '1', collection)
    assert (status, len(out.splitlines())) == (0, 5)
    assert out.splitlines()[1].split()[0] == '1'
    assert run('rank', '--like', 'bass', '-o', tmp_path / 'r.jsonl', '--jobs', '1', collection)[:2] == (0, '')
    ranking = rank(collection, like='bass', jobs=1)
    assert list(ranking.columns) == [name for name in RankRow.columns() if name != 'why']
    assert list(read_table(tmp_path / 'r.jsonl', ranking.columns)) == table_of(ranking)


def test_what_else_is_plausible_is_what_the_part_by_itself_says(collection):
    by_itself = {(row.path, row.track): row.plausible for row in label(collection, alone=True, jobs=1)}
    ranking = rank(collection, like='bass', jobs=1)
    assert any(row.plausible for row in ranking)
    assert all(row.plausible == by_itself[row.path, row.track] for row in ranking)


def test_priors_count_for_streams_as_for_files(collection, tmp_path):
    priors = [100, 1, 1, 1, 1, 1, 1, 1]
    part = converter.parse(BASS)
    (by_stream,) = rank([part], priors=priors)
    assert by_stream['score'] == pytest.approx(Scorer('Guitar', priors=priors)(part).score, abs=1e-6)
    assert by_stream['score'] > Scorer('Guitar')(part).score
    (by_file,) = rank(part.write('midi', tmp_path / 'bass.mid'), priors=priors, jobs=1)
    assert by_file['score'] == pytest.approx(by_stream['score'], abs=1e-5)


def test_only_the_best_of_a_long_generator_are_kept():
    short = NoteSequence([0, 1], [1, 2], [40, 41], [0, 4, 8])
    melodies = (NoteSequence([0, 1], [1, 2], [40 + i % 40, 52], [0, 4, 8]) for i in range(80))
    every = rank([NoteSequence([0, 1], [1, 2], [40 + i % 40, 52], [0, 4, 8]) for i in range(80)], like='Bass')
    best = rank(melodies, like='Bass', top=10)
    assert [row['score'] for row in best] == [row['score'] for row in every[:10]]
    assert len(rank([short], top=1)) == 1
    for top in (0, 1.5, '3'):
        with pytest.raises(LimitError, match=f'top = {top!r}: wanted a whole number, at least 1'):
            rank([short], top=top)


def test_an_object_that_cannot_be_read_costs_its_row():
    no_ticks = mido.MidiFile()
    no_ticks.ticks_per_beat = 0
    first, last = rank([converter.parse(BASS), no_ticks], like='Bass')
    assert (first.status, last.status) == ('ok', 'unreadable')
    assert '0 ticks a quarter note' in last.error


@pytest.mark.parametrize('nothing', [[], (), iter([])], ids=repr)
def test_no_melodies_are_no_rows(nothing):
    assert rank(nothing, like='Bass').rows == []


def test_a_melody_that_is_no_music_is_a_row():
    part = stream.Part()
    part.append(meter.TimeSignature('4/4'))
    part.insert(4.0 * 200_000, note.Note())
    batch = rank([part, converter.parse(BASS)], like='Bass')
    assert [row['status'] for row in batch] == ['ok', 'unreadable']
    assert 'more than 100000 bars' in batch[1]['error']


def test_a_wrong_class(run, collection):
    with pytest.raises(ClassNameError):
        rank([], like='xyzzy')
    status, out, err = run('rank', '--like', 'guittar', collection)
    assert (status, out) == (2, '')
    assert "'guittar' is no class (nearest: Guitar" in err


@pytest.mark.parametrize('thing', [[3], [None], [['a.mid']]])
def test_only_what_is_read(thing):
    with pytest.raises(TypeError, match='wanted a music21 Stream, a NoteSequence, notes as'):
        rank(thing)


def test_a_wrong_candidate_is_named_by_its_place():
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 3) for eighth in range(16)]
    with pytest.raises(TypeError, match=r'^candidate 2: NoneType None: wanted a music21 Stream'):
        rank((one for one in [notes, notes, None, notes]), 'bass')
    with pytest.raises(TypeError, match=r'^candidate 1: int 3: wanted a music21 Stream'):
        rank(['nowhere.mid', 3], 'bass')
    assert [row.status for row in rank([notes, [(0, 1, 'x')], notes], 'bass')] == ['ok', 'ok', 'unreadable']


@pytest.mark.parametrize(('nothing', 'found'), [(None, 'NoneType None'), (3, 'int 3'), (print, 'builtin_function')])
def test_what_is_neither_melodies_nor_paths(nothing, found):
    with pytest.raises(TypeError, match=f'^{found}.*: wanted a music21 Stream, .*, or several of them, or paths$'):
        rank(nothing)


@pytest.mark.parametrize('tempo', [90, 120, 160])
def test_the_tempo_of_a_track_whose_times_are_seconds(tempo):
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 3) for eighth in range(16)]
    track = track_in_seconds(notes, tempo)
    (row,), (wanted,) = rank([track], 'bass', tempo=tempo), rank([notes], 'bass')
    assert (row.status, row.windows, row.score) == ('ok', 1, pytest.approx(wanted.score, abs=1e-5))
    if tempo != 120:
        assert rank([track], 'bass')[0].score != pytest.approx(wanted.score, abs=1e-5)


def test_what_is_assumed_of_melodies_that_do_not_say():
    import miditoolkit

    notes = [(0.5 * eighth, 0.5, 40 + eighth % 5) for eighth in range(24)]
    (row,) = rank([notes], 'bass', meter='3/4')
    assert row.score == pytest.approx(Scorer('Bass', meter='3/4')(notes).score, abs=1e-6)
    track = miditoolkit.Instrument(33)
    track.notes = [miditoolkit.Note(64, pitch, int(480 * on), int(480 * (on + length))) for on, length, pitch in notes]
    (row,) = rank([track], 'bass', ticks=480)
    assert row.score == pytest.approx(Scorer('Bass')(notes).score, abs=1e-6)
    (row,) = rank([track], 'bass')
    assert (row.status, 'ticks=480' in row.error) == ('unreadable', True)
    for wrong, wanted in (({'meter': 'waltz'}, 'meter'), ({'tempo': 0}, 'tempo'), ({'ticks': 0}, 'ticks')):
        with pytest.raises(NoteError, match=f'^{wanted} .*: wanted '):
            rank([notes], 'bass', **wrong)


def test_files_say_their_own_tempo_and_meter(collection):
    path = collection / 'a' / '00.mid'
    told = [row.score for row in rank(path, 'bass', meter='3/4', tempo=60, jobs=1)]
    assert told == [row.score for row in rank(path, 'bass', jobs=1)]


def test_the_channel_of_a_melody(one_track, run):
    assert {(row.track, row.channel) for row in rank(one_track, 'bass', jobs=1)} == {(0, 0), (0, 1), (0, 2)}
    assert list(RankRow.columns())[6:10] == ['path', 'track', 'channel', 'name']
    assert 'track 0 channel 0' in run('rank', '--like', 'bass', one_track)[1]


def test_notes_of_every_kind_are_melodies(collection):
    """A MIDI file as a mido object has the rows of the file; notes as numbers one row."""
    path = collection / 'a' / '00.mid'
    of_file = rank(path, like='Bass', jobs=1)
    of_object = rank(mido.MidiFile(path), like='Bass')
    assert [(row['name'], row['score']) for row in of_object] == [(row['name'], row['score']) for row in of_file]
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 3) for eighth in range(16)]
    (row,) = rank([notes], like='Bass')
    assert row['score'] == rank(notes, like='Bass')[0]['score'] == pytest.approx(Scorer('Bass')(notes).score, abs=1e-6)
    assert row['stream'] is notes
    (row,) = rank([[(0, -1, 60)]])
    assert (row['status'], row['score']) == ('unreadable', None)
    assert 'a duration of at least 0' in row['error']


def test_why(collection, run):
    """Notes of the 'Bass' parts lie far below every flute: their lowest pitch is what is unusual."""
    path = collection / 'a' / '00.mid'
    (row,) = [row for row in rank(path, like='Pipe', why=True, jobs=1) if row['name'] == 'Bass']
    assert 'lower than in' in row['why']
    assert {row['why'] for row in rank(path, like='Pipe', jobs=1)} == {None}
    status, out, _ = run('rank', '--like', 'pipe', '--why', path)
    assert status == 0
    assert 'lower than in' in out
    assert 'why' not in run('rank', '--like', 'pipe', path)[1].split('\n')[0]
    assert 'why' in run('label', '--why', collection / 'a', '--jobs', '1')[1].split('\n')[0]


def test_which_tune_of_a_file_a_melody_is(tmp_path, run):
    path = tmp_path / 'book.abc'
    tune = 'X:1\nT:{}\nM:4/4\nL:1/8\nK:C\n{}\n'
    path.write_text(
        '\n'.join([tune.format('High', "c'd'e'f' g'a'b'c'|" * 4), tune.format('Low', 'C,,D,,E,,F,, G,,A,,B,,C,|' * 4)])
    )
    low, high = rank(path, like='Bass', jobs=1)
    assert (low.remark, high.remark) == ('of the tune "Low"', 'of the tune "High"')
    assert 'of the tune "Low"' in run('rank', '--like', 'bass', path)[1]


def test_candidates_by_name_are_refused_in_a_sentence():
    with pytest.raises(TypeError, match=r'dict .*: wanted its candidates without their names: `list\(\.\.\.\.values'):
        rank({'a': [(0, 1, 40)]}, like='Bass')


def test_a_table_is_one_melody():
    pandas = pytest.importorskip('pandas')
    one = [(0.5 * i, 0.5, 40 + i % 5) for i in range(16)]
    table = pandas.DataFrame(one, columns=['onset', 'duration', 'pitch'])
    (row,) = rank(table, like='Bass')
    assert row.stream is table
    assert row.score == pytest.approx(rank(one, like='Bass')[0].score)
