import matplotlib as mpl
import numpy as np
import pandas
import pytest
from matplotlib.figure import Figure
from music21 import converter, corpus, instrument, note, stream

from music21_kdic import CLASSES, ClassNameError, ScoreLikelihood, StatementError, label, plot_confusion
from music21_kdic.answers.confusion import count, instruments_in, plot_confusion_of
from music21_kdic.reading.general_midi import INSTRUMENTS
from music21_kdic.reading.staves import name_and_program
from tests.hand_made_answers import answer, eight, kit, piano, violin

mpl.use('Agg')
NO_CLASS = 'no class'
COLUMNS = [*CLASSES, NO_CLASS]


def drawn(stated, answered):
    axes = Figure(figsize=(6, 5)).subplots()
    plot_confusion(stated, answered, axes)
    return axes


def counts(axes):
    """(stated class, answer): the number that is written there."""
    assert [label.get_text() for label in axes.get_xticklabels()] == COLUMNS
    found = {}
    for text in axes.texts:
        column, row = text.get_position()
        found[CLASSES[row], COLUMNS[column]] = int(text.get_text())
    return found


def left_out(axes):
    return ' '.join(axes.get_xlabel().split('\n')[1:])


def test_stated_classes_stand_against_answers():
    """Programs, counted from 0: 40 is a violin, 73 a flute, 24 a guitar."""
    axes = drawn([40, 41, 'Strings', 73, instrument.Guitar()], ['Strings', 'Strings', 'Reed', None, 'Guitar'])
    assert counts(axes) == {
        ('Strings', 'Strings'): 2,
        ('Strings', 'Reed'): 1,
        ('Pipe', NO_CLASS): 1,
        ('Guitar', 'Guitar'): 1,
    }
    assert axes.get_title('left') == '3 of 5 parts are answered as stated'
    assert (axes.get_ylabel(), axes.get_xlabel()) == ('stated', 'answer')
    rows = {label.get_text() for label in axes.get_yticklabels()}
    assert {'Strings (3)', 'Pipe (1)', 'Guitar (1)', 'Reed (0)'} < rows


def test_colours_are_shares_of_the_stated_class_and_a_class_that_nobody_states_has_none():
    (mesh,) = drawn([40, 41, 42, 43], ['Strings', 'Strings', 'Strings', 'unknown']).collections
    shares = mesh.get_array()
    strings = CLASSES.index('Strings')
    assert shares[strings].tolist() == [0, 0, 0, 0.75, 0, 0, 0, 0, 0.25]
    assert shares.mask.all(axis=1).tolist() == [name != 'Strings' for name in CLASSES]


def test_parts_of_no_class_are_left_out_and_the_picture_says_so():
    stated = [instrument.Timpani(), instrument.Soprano(), instrument.Soprano(), None, instrument.Instrument(), 40]
    axes = drawn(stated, ['Bass', 'Reed', 'Pipe', 'Reed', 'Reed', 'Strings'])
    assert counts(axes) == {('Strings', 'Strings'): 1}
    assert left_out(axes) == (
        'Parts that state none of the eight are left out, 5 in all: Soprano (2), nothing stated (2), Timpani'
    )


@pytest.mark.filterwarnings('ignore:.* is taken for its class')
def test_names_of_general_midi_state_what_their_programs_do():
    """Of the 128, 89 have a class: eight each of eight families, all but timpani of the strings, four of the ensembles.

    The last four of the ensembles are voices and orchestra hit, and Slakh's classes have no other families.
    """
    answers = ['Reed'] * 128
    by_name, no_class = count(INSTRUMENTS, answers)
    by_program, left_out = count(range(128), answers)
    assert by_name.tolist() == by_program.tolist()
    assert [sum(row) for row in by_name.tolist()] == [8, 8, 8, 11, 8, 8, 8, 8]
    assert [INSTRUMENTS.index(name) for name in no_class] == [int(name.split()[1]) for name in left_out]


def test_names_of_instruments_of_no_class_are_left_out_and_named():
    counted, left_out = count(['Choir Aahs', 'Soprano 2', 'drums', 'Reed'], ['Reed'] * 4)
    assert (counted.sum(), left_out) == (1, {'Choir Aahs': 1, 'Soprano 2': 1, 'drums': 1})


def test_an_instrument_without_a_program_that_general_midi_names():
    players = [instrument.Instrument(name) for name in ('Synth Strings 1', 'Guitar Fret Noise')]
    counted, left_out = count(players, ['Strings', 'Guitar'])
    assert (counted[CLASSES.index('Strings')].sum(), counted.sum(), left_out) == (1, 1, {'Guitar Fret Noise': 1})


def test_of_many_instruments_that_are_left_out_some_are_named():
    axes = drawn(list(range(112, 122)), ['Reed'] * 10)  # sound effects, bells and drums
    assert left_out(axes).endswith(
        ', 10 in all: program 112, program 113, program 114, program 115, program 116, program 117, 4 others'
    )
    assert [text.get_text() for text in axes.texts] == ['no part states an instrument of the eight classes']


def test_an_instrument_without_a_program_is_what_its_name_says():
    named = instrument.Instrument()
    named.midiProgram, named.instrumentName = None, 'Violoncello'
    of_a_part = instrument.Instrument()
    of_a_part.midiProgram, of_a_part.partName = None, 'Flute 2'
    assert counts(drawn([named, of_a_part], ['Reed', 'Reed'])) == {('Strings', 'Reed'): 1, ('Pipe', 'Reed'): 1}


def score_of(*instruments):
    return stream.Score([stream.Part([each] if each else []) for each in instruments])


def test_a_score_states_the_instruments_of_its_parts_and_staves_count_once():
    score = score_of(instrument.Viola(), instrument.Piano(), None, instrument.Vibraphone())
    answers = ScoreLikelihood([violin(), *piano(), kit()])
    axes = Figure().subplots()
    assert answers.plot_confusion(score, axes) is axes
    assert counts(axes) == {('Strings', 'Strings'): 1, ('Piano', 'Piano'): 1}
    assert left_out(axes).endswith('1 in all: Vibraphone')


def test_an_answer_that_favours_no_class_is_no_class():
    unclear = answer(violin().asked.part, whole=eight(Reed=0.2), status='unclear')
    axes = Figure().subplots()
    ScoreLikelihood([unclear]).plot_confusion(['Reed'], axes)
    assert counts(axes) == {('Reed', NO_CLASS): 1}


def test_what_does_not_fit_is_refused():
    with pytest.raises(StatementError, match='2 instruments are stated of 1 parts: wanted one each'):
        ScoreLikelihood([violin()]).plot_confusion(['Reed', 'Reed'])
    with pytest.raises(StatementError, match='3 instruments are stated of 1 parts'):
        ScoreLikelihood([violin()]).plot_confusion(score_of(None, None, None))
    with pytest.raises(ClassNameError, match="'Kazoo' is no class"):
        plot_confusion(['Kazoo'], ['Reed'])
    with pytest.raises(ClassNameError, match="'Kazoo' is no class"):
        plot_confusion(['Reed'], ['Kazoo'])
    for program in (40.5, 128, -1, np.float32(0.5)):
        with pytest.raises(StatementError, match=f'program {program}: wanted a whole number, 0 to 127'):
            plot_confusion([program], ['Reed'])
    with pytest.raises(TypeError, match=r"bytes b'Reed': wanted a class, a program, or an Instrument"):
        plot_confusion([b'Reed'], ['Reed'])


def test_programs_as_numpy_and_pandas_have_them():
    """General MIDI: 40 is a violin, 68 an oboe; NaN is what is missing in a column of pandas."""
    axes = Figure().subplots()
    plot_confusion(np.array([40.0, np.nan, 68.0]), ['Strings'] * 3, ax=axes)
    assert counts(axes) == {('Strings', 'Strings'): 1, ('Reed', 'Strings'): 1}
    axes = Figure().subplots()
    plot_confusion([pandas.NA, pandas.NaT, np.float32('nan')], ['Strings'] * 3, ax=axes)
    assert [text.get_text() for text in axes.texts] == ['no part states an instrument of the eight classes']
    axes = Figure().subplots()
    plot_confusion(np.array([40, 41]), ['Strings'] * 2, ax=axes)
    assert counts(axes) == {('Strings', 'Strings'): 2}
    for stated in (np.array([40]), pandas.Series([40])):
        assert counts(ScoreLikelihood([violin()]).plot_confusion(stated, Figure().subplots())) == {
            ('Strings', 'Strings'): 1
        }


def test_nothing_at_all():
    axes = drawn([], [])
    assert axes.get_title('left') == '0 of 0 parts are answered as stated'
    assert [text.get_text() for text in axes.texts] == ['no part states an instrument of the eight classes']


def test_percussion_states_no_class_whatever_its_name():
    drum = instrument.UnpitchedPercussion()
    drum.instrumentName = 'Acoustic Bass'  # music21 gives percussion MIDI channel 10
    counted, left_out = count([drum, 'Bass'], ['Bass', 'Bass'])
    assert (counted.sum(), left_out) == (1, {'Acoustic Bass': 1})


def test_the_bass_of_a_choir_states_no_class():
    chorale = corpus.parse('bwv66.6')
    assert plot_confusion_of(chorale.instrumentLikelihood(), chorale).get_title('left') == (
        '0 of 0 parts are answered as stated'
    )


def test_instruments_that_music21_puts_into_the_first_measure_are_stated(tmp_path):
    score = stream.Score()
    for player in (instrument.Violin(), instrument.ElectricBass()):
        part = stream.Part([player])
        part.append([note.Note(64 + k % 5, quarterLength=0.5) for k in range(32)])
        score.insert(0, part)
    again = converter.parse(score.write('midi', tmp_path / 'two.mid'))
    counts, left_out = count(instruments_in(again), ['Strings', 'Bass'])
    assert (counts[CLASSES.index('Strings')].sum(), counts[CLASSES.index('Bass')].sum()) == (1, 1)
    assert not left_out


def test_an_instrument_that_is_stated_late_is_that_of_the_part_here_and_in_a_table(tmp_path):
    """After 29 measures of a spine that says nothing. General MIDI's flute is program 73, counted from 0."""
    measures = [f'={number}\n4c\n4d\n4e\n4f\n' for number in range(1, 31)]
    path = tmp_path / 'late.krn'
    path.write_text('**kern\n*M4/4\n' + ''.join(measures[:29]) + '*Iflt\n' + measures[29] + '==\n*-\n')
    (stated,) = instruments_in(converter.parse(path))
    (row,) = label(path, jobs=1)
    assert stated.midiProgram == row.program == 73


def test_of_two_instruments_the_earlier_one_is_stated_whichever_is_found_first():
    """The voices of a measure begin together, and are found one after the other."""
    voices = [stream.Voice([note.Note(), note.Note()]) for _ in range(2)]
    voices[0].insert(1.0, instrument.Oboe())
    voices[1].insert(0.0, instrument.Flute())
    measure = stream.Measure()
    for voice in voices:
        measure.insert(0.0, voice)
    part = stream.Part([measure])
    assert name_and_program(part)[1] == 73
    (stated,) = instruments_in(stream.Score([part]))
    assert isinstance(stated, instrument.Flute)
