import copy
import importlib
import subprocess
import sys
from fractions import Fraction

import miditoolkit
import mido
import music21
import pytest
from music21 import converter, corpus, layout, note, stream

import music21_kdic
from music21_kdic import (
    InstrumentLikelihood,
    NoteError,
    RegistrationError,
    ScoreLikelihood,
    UnreadableError,
    UnsupportedVersionError,
    instrument_likelihood,
)
from music21_kdic.plugin import registration
from tests.conftest import track_in_seconds


@pytest.fixture
def restored():
    """Whatever a test does to music21's Stream, the method is there again afterwards."""
    yield
    if 'instrumentLikelihood' in stream.Stream.__dict__ and not music21_kdic.is_registered():
        del stream.Stream.instrumentLikelihood
    music21_kdic.register()


def test_every_kind_of_stream_has_the_method():
    score = corpus.parse('bwv66.6')
    part = score.parts[0]
    voice = stream.Voice(copy.deepcopy(list(part.flatten().notes)))
    for single in (part, part.flatten(), part.measure(2), voice):
        assert isinstance(single.instrumentLikelihood(), InstrumentLikelihood)
    assert isinstance(score.instrumentLikelihood(), ScoreLikelihood)
    assert [p.name for p in score.instrumentLikelihood()] == ['Soprano', 'Alto', 'Tenor', 'Bass']


def test_the_method_is_the_function():
    part = corpus.parse('bwv66.6').parts[2]
    assert part.instrumentLikelihood().to_dict() == music21_kdic.instrument_likelihood(part).to_dict()
    assert 'music21_kdic.instrument_likelihood' in stream.Stream.instrumentLikelihood.__doc__


def test_registering_again_is_harmless(restored):
    before = stream.Stream.instrumentLikelihood
    music21_kdic.register()
    music21_kdic.register()
    assert stream.Stream.instrumentLikelihood is before
    assert music21_kdic.is_registered()


def test_a_reloaded_plugin_is_still_ours(restored):
    importlib.reload(registration).register()
    assert music21_kdic.is_registered()


def test_unregistering_takes_the_method_back(restored):
    names = set(dir(stream.Stream))
    music21_kdic.unregister()
    music21_kdic.unregister()
    assert names - set(dir(stream.Stream)) == {'instrumentLikelihood'}
    assert not music21_kdic.is_registered()


def test_what_someone_else_put_there_stays(restored):
    music21_kdic.unregister()
    theirs = stream.Stream.instrumentLikelihood = lambda self: 'theirs'
    with pytest.raises(RegistrationError, match='is there already and is not ours'):
        music21_kdic.register()
    music21_kdic.unregister()
    assert stream.Stream.__dict__['instrumentLikelihood'] is theirs


def test_an_import_reports_what_someone_else_put_there():
    script = """
import warnings
from music21 import stream
stream.Stream.instrumentLikelihood = lambda self: 'theirs'
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    import music21_kdic
print([str(w.message) for w in caught if 'instrumentLikelihood' in str(w.message)])
print(stream.Stream().instrumentLikelihood())
"""
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert 'is not ours' in done.stdout
    assert done.stdout.splitlines()[-1] == 'theirs'


@pytest.mark.parametrize('version', ['8.3.0', '11.0.0', '12.1'])
def test_an_unsupported_music21_is_named(version, restored, monkeypatch):
    music21_kdic.unregister()
    monkeypatch.setattr(music21, '__version__', version)
    with pytest.raises(UnsupportedVersionError, match=rf'music21 {version}: wanted 9\.'):
        music21_kdic.register()


@pytest.mark.parametrize('thing', [None, b'corpus:bwv66.6', note.Note()])
def test_only_streams_are_judged(thing):
    with pytest.raises(TypeError, match='wanted a music21 Stream'):
        music21_kdic.instrument_likelihood(thing)


def test_a_program_or_a_name_does_not_change_the_answer():
    from music21 import instrument

    part = converter.parse('tinynotation: 4/4 c4 d e f g a b c')
    plain = part.instrumentLikelihood().probabilities.tolist()
    part.insert(0, instrument.Tuba())
    part.partName = 'Tuba'
    assert part.instrumentLikelihood().probabilities.tolist() == plain


def test_other_notes_than_music21_s(tmp_path):
    """A MIDI file as a mido object is a score of its tracks; notes as numbers are one part."""
    line = [(0.5 * eighth, 0.5, pitch) for eighth, pitch in enumerate([40, 40, 43, 43, 45, 45, 47, 47] * 2)]
    part = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    file = mido.MidiFile(part.write('midi', tmp_path / 'bass.mid'))
    found, of_file = instrument_likelihood(line), instrument_likelihood(file)
    assert found.probabilities == pytest.approx(instrument_likelihood(part).probabilities, abs=1e-5)
    assert len(of_file) == 1
    assert of_file[0].probabilities == pytest.approx(found.probabilities, abs=1e-5)
    with pytest.raises(TypeError, match='wanted a music21 Stream, a NoteSequence, notes as'):
        instrument_likelihood(b'a.mid')


def test_a_file_is_answered_as_what_music21_reads_from_it(tmp_path):
    """One answer a part; the tunes of an ABC file are pieces of their own, as in `label`."""
    score = corpus.parse('bwv66.6')
    of_file, of_score = instrument_likelihood('corpus:bwv66.6'), score.instrumentLikelihood()
    assert [one.name for one in of_file] == ['Soprano', 'Alto', 'Tenor', 'Bass']
    for one, other in zip(of_file, of_score, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)
    tune = 'X:{}\nT:t\nM:4/4\nL:1/4\nK:C\n' + 'CDEF|GABc|' * 8 + '\n\n'
    path = tmp_path / 'tunes.abc'
    path.write_text(tune.format(1) + tune.format(2), encoding='utf-8')
    both = instrument_likelihood(path)
    assert [one.by_itself for one in both] == [None, None]
    assert [one.piece for one in both] == [0, 1]
    with pytest.raises(UnreadableError, match=r'nothing\.mid'):
        instrument_likelihood(tmp_path / 'nothing.mid')


def test_answers_to_several_pieces_say_which_they_are_of():
    pytest.importorskip('pandas')
    duet, solo = (
        stream.Score([stream.Part([note.Note(60 + k % 7) for k in range(16)]) for _ in range(parts)])
        for parts in (2, 1)
    )
    answers = stream.Opus([duet, solo]).instrumentLikelihood()
    assert [answer.piece for answer in answers] == [answer.alone.piece for answer in answers] == [0, 0, 1]
    assert [part['piece'] for part in answers.to_dict()['parts']] == [0, 0, 1]
    table = answers.to_pandas()
    assert list(table.columns[:2]) == ['piece', 'best']
    assert table['piece'].tolist() == [0, 0, 1]
    assert answers[2:].to_pandas()['piece'].tolist() == [1]
    for one in (duet, stream.Opus([duet])):
        assert [answer.piece for answer in one.instrumentLikelihood()] == [None, None]
        assert 'piece' not in one.instrumentLikelihood().to_pandas()


def test_an_instrument_of_another_library_without_notes_is_empty():
    pretty_midi = pytest.importorskip('pretty_midi')
    assert instrument_likelihood(pretty_midi.Instrument(0)).status == 'empty'


def test_a_part_that_begins_later_is_classified_and_explained_where_it_stands():
    """Two ways to write the same music: rests at first, or a Part that is inserted later."""
    chorale = corpus.parse('bwv66.6')
    written, inserted = stream.Score(), stream.Score()
    for score in (written, inserted):
        for part in chorale.parts[1:]:
            score.insert(0, part)
    late = chorale.parts[0]
    inserted.insert(8, late)
    rests = copy.deepcopy(late)
    rests.shiftElements(8)
    for at in (0, 4):
        rests.insert(at, stream.Measure([note.Rest(quarterLength=4)]))
    written.insert(0, rests)
    expected, found = written.instrumentLikelihood(), inserted.instrumentLikelihood()
    for one, other in zip(found, expected, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)
    soprano = found[3]
    assert soprano.explain().measures[0].start == 8
    for again in (late, inserted.parts[3]):
        assert len(soprano.colored(again).flatten().notes) == len(late.flatten().notes)
    wrong = late.transpose(1)
    with pytest.raises(NoteError, match='wanted the stream that was classified'):
        soprano.colored(wrong)


def test_a_staff_that_begins_later_is_in_the_windows_and_is_coloured():
    right, left = (stream.PartStaff([note.Note(low + k % 7, quarterLength=0.5) for k in range(32)]) for low in (64, 40))
    score = stream.Score([right])
    score.insert(8, left)
    score.insert(0, layout.StaffGroup([right, left], symbol='brace'))
    answer = score.instrumentLikelihood()[1]
    assert answer.joined == (0, 1)
    assert answer.offsets.tolist() == [[0, 8], [8, 16], [16, 24]]
    assert answer.measures == ((1, 2), (3, 4), (5, 6))
    for staff in (right, left):
        assert len(answer.colored(staff).recurse().notes) == 32
    with pytest.raises(NoteError, match='wanted one of the 2 staves'):
        answer.colored(left.transpose(1))


def test_a_part_that_begins_at_a_fraction_is_coloured():
    first, late = (
        stream.Part([note.Note(low + k % 5, quarterLength=Fraction(1, 3)) for k in range(48)]) for low in (40, 60)
    )
    score = stream.Score([first])
    score.insert(Fraction(8, 3), late)
    assert len(score.instrumentLikelihood()[1].colored(late).recurse().notes) == 48


def test_a_staff_that_repeats_another_has_its_own_colours():
    def tune():
        return [note.Note(64 + k * k % 9, quarterLength=0.5) for k in range(32)]

    right, left = stream.PartStaff(tune()), stream.PartStaff(tune())
    score = stream.Score([right])
    score.insert(24, left)
    score.insert(0, layout.StaffGroup([right, left], symbol='brace'))
    answer = score.instrumentLikelihood()[1]
    both = answer.colored(score)
    for staff, twin in zip((right, left), both.getElementsByClass(stream.PartStaff), strict=True):
        own, expected = ([each.style.color for each in s.recurse().notes] for s in (answer.colored(staff), twin))
        assert own == expected


@pytest.mark.parametrize('tempo', [90, 120, 160])
def test_the_tempo_of_a_track_whose_times_are_seconds(tempo):
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 3) for eighth in range(16)]
    track = track_in_seconds(notes, tempo)
    wanted = instrument_likelihood(notes)
    found = instrument_likelihood(track, tempo=tempo)
    assert found.probabilities == pytest.approx(wanted.probabilities, abs=1e-5)
    assert (found.windows, found.offsets.tolist()) == (1, wanted.offsets.tolist())
    if tempo != 120:
        assert instrument_likelihood(track).probabilities != pytest.approx(wanted.probabilities, abs=1e-5)


def test_the_meter_and_the_ticks_that_are_assumed():
    """Six bars of 3/4 are three windows of two bars, 6 quarter lengths each."""
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 5) for eighth in range(36)]
    part = stream.Part()
    for onset, length, pitch in notes:
        part.insert(onset, note.Note(pitch, quarterLength=length))
    track = miditoolkit.Instrument(33)
    track.notes = [miditoolkit.Note(64, pitch, int(480 * on), int(480 * (on + length))) for on, length, pitch in notes]
    (in_score,) = instrument_likelihood(stream.Score([part]), meter='3/4')
    of_ticks = instrument_likelihood(track, meter='3/4', ticks=480)
    for found in (
        instrument_likelihood(notes, meter='3/4'),
        instrument_likelihood(part, meter='3/4'),
        in_score,
        of_ticks,
    ):
        assert found.offsets.tolist() == [[0, 6], [6, 12], [12, 18]]
    assert instrument_likelihood(part).offsets.tolist() == part.instrumentLikelihood().offsets.tolist()
    assert instrument_likelihood([], meter='3/4').status == 'empty'


@pytest.mark.parametrize(('word', 'wrong'), [('meter', 'waltz'), ('tempo', 0), ('tempo', 'fast'), ('ticks', 0)])
def test_nothing_that_cannot_be_assumed(word, wrong):
    for given in ([(0, 1, 60)], stream.Part()):
        with pytest.raises(NoteError, match=f'^{word} {wrong!r}: wanted '):
            instrument_likelihood(given, **{word: wrong})


def test_a_list_is_no_stream_to_be_coloured():
    notes = [(0.5 * eighth, 0.5, 40 + eighth % 3) for eighth in range(5000)]
    with pytest.raises(TypeError, match=r'^list \[\(0.0, 0.5, 40\).*\.\.\.: wanted a music21 Stream$') as raised:
        instrument_likelihood(notes).colored(notes)
    assert len(str(raised.value)) < 200
