import copy
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from music21 import clef, corpus, instrument, note, stream

from music21_kdic import (
    CLASSES,
    InstrumentLikelihood,
    ModelError,
    NoteError,
    NoteSequence,
    PriorError,
    ScoreLikelihood,
)
from music21_kdic.answers import classify
from music21_kdic.classes import class_of_program
from music21_kdic.features import windows
from music21_kdic.model.session import load_model
from music21_kdic.reading.streams import note_sequence


@pytest.fixture(scope='module')
def viola():
    return corpus.parse('haydn/opus74no1', 3).parts[2]


@pytest.fixture(scope='module')
def answer(viola):
    return viola.instrumentLikelihood()


@pytest.fixture(scope='module')
def quartet():
    return corpus.parse('bwv66.6').instrumentLikelihood()


def test_eight_probabilities(answer):
    assert answer.probabilities.shape == (8,)
    assert ((answer.probabilities >= 0) & (answer.probabilities <= 1)).all()
    assert answer.probabilities.sum() == pytest.approx(1.0)
    assert answer.matrix.sum(axis=1) == pytest.approx(np.ones(len(answer.matrix)))


def test_a_mapping_from_class_to_probability(answer):
    assert tuple(answer) == CLASSES
    assert len(answer) == 8
    assert answer['Guitar'] == answer.probabilities[0]
    assert sum(answer.values()) == pytest.approx(1.0)
    with pytest.raises(KeyError, match='wanted one of Guitar'):
        answer['guitar']


def test_ranked_and_best(answer):
    values = [value for _, value in answer.ranked()]
    assert values == sorted(answer.values(), reverse=True)
    assert [name for name, _ in answer.ranked()[:2]] == ['Strings', 'Reed']
    assert answer.best == 'Strings'


def test_what_too_few_real_parts_resemble_is_not_sure(monkeypatch):
    quartet = corpus.parse('beethoven/opus59no1/movement1')
    before = quartet.instrumentLikelihood()
    assert before.sure == [True] * 4
    typical = [part.typical[CLASSES.index('Strings')] for part in before]
    monkeypatch.setattr(classify, 'LEAST_TYPICAL', sorted(typical)[2])
    assert quartet.instrumentLikelihood().sure == [value >= sorted(typical)[2] for value in typical]


def test_each_window_names_its_measures(viola, answer):
    part = viola.instrumentLikelihood()
    assert len(part.measures) == len(part.offsets) == len(part.matrix)
    by_number = {m.number: m.offset for m in viola.getElementsByClass(stream.Measure)}
    for (first, _), (start, _) in zip(part.measures, part.offsets, strict=True):
        assert by_number[first] == start


def test_priors_follow_bayes(viola, answer):
    prior = np.array([8, 7, 6, 5, 4, 3, 2, 1], dtype=float)
    wanted = answer.probabilities * prior / (answer.probabilities * prior).sum()
    assert viola.instrumentLikelihood(priors=prior).probabilities == pytest.approx(wanted)
    named = dict(zip(reversed(CLASSES), prior[::-1], strict=True))
    assert viola.instrumentLikelihood(priors=named).probabilities == pytest.approx(wanted)
    assert viola.instrumentLikelihood(priors=[3] * 8).probabilities == pytest.approx(answer.probabilities)
    assert viola.instrumentLikelihood(priors=[1e308] * 8).probabilities == pytest.approx(answer.probabilities)


def test_the_training_priors_are_the_models(viola):
    wanted = viola.instrumentLikelihood(priors=load_model().contract.priors)
    assert viola.instrumentLikelihood(priors='training').probabilities == pytest.approx(wanted.probabilities)


@pytest.mark.parametrize(
    'priors',
    [
        [1] * 7,
        [1] * 7 + [0],
        [1] * 7 + [-1],
        [1] * 7 + [np.nan],
        {'Guitar': 1.0},
        'Guitar',
        [None] * 8,
        [10**400] * 8,
        [1e-320] + [1e300] * 7,
    ],
)
def test_what_is_no_prior_is_refused(viola, priors):
    with pytest.raises(PriorError, match='wanted'):
        viola.instrumentLikelihood(priors=priors)


def test_plain_forms(answer):
    plain = json.loads(json.dumps(answer.to_dict()))
    assert plain['likelihoods'] == dict(answer)
    assert (plain['best'], plain['sure']) == (answer.best, answer.sure)
    assert len(plain['windows']) == len(answer.matrix)
    table = answer.to_pandas()
    assert list(table.columns) == list(CLASSES)
    assert np.array_equal(table.to_numpy(), answer.matrix)
    assert tuple(table.index[0]) == answer.measures[0]


def test_readable_forms(answer):
    best, value = answer.ranked()[0]
    assert f'{best} {value:.2f}' in repr(answer)
    assert '<table>' in answer._repr_html_()
    assert f'<td>{answer["Reed"]:.2f}</td>' in answer._repr_html_()


def test_a_score_has_the_same_forms(quartet):
    assert len(quartet) == 4
    assert isinstance(quartet[0], InstrumentLikelihood)
    assert isinstance(quartet[1:3], ScoreLikelihood)
    assert quartet.best == ['Reed', 'Strings', 'Strings', 'Strings']
    assert quartet.sure == [False] * 4
    assert quartet['Tenor'] is quartet[2]
    with pytest.raises(KeyError, match="no part is named 'Viola', wanted one of Soprano, Alto, Tenor, Bass"):
        quartet['Viola']
    assert quartet.ranked()[1] == quartet[1].ranked()
    assert [part['name'] for part in quartet.to_dict()['parts']] == ['Soprano', 'Alto', 'Tenor', 'Bass']
    table = quartet.to_pandas()
    assert list(table.columns) == ['best', 'sure', 'plausible', 'status', *CLASSES]
    assert table['plausible'].tolist() == [' '.join(part.plausible) for part in quartet]
    assert table.loc['Bass', 'Guitar'] == quartet[3]['Guitar']
    assert repr(quartet).count('\n') == 4
    assert quartet._repr_html_().count('<tr>') == 5


def test_a_score_is_asked_for_a_part_by_its_name(quartet):
    assert 'Alto' in quartet
    assert 'Tuba' not in quartet
    assert quartet['Alto'] in quartet
    assert [quartet.index(part) for part in quartet] == [0, 1, 2, 3]


def test_a_score_equals_one_of_the_same_answers(quartet):
    for same in (pickle.loads(pickle.dumps(quartet)), copy.deepcopy(quartet), quartet[:]):
        assert same == quartet
        assert hash(same) == hash(quartet)
    for other in (quartet[1:], quartet[::-1], list(quartet), None):
        assert other != quartet


def test_an_empty_score_has_them_too():
    nothing = stream.Score([stream.Part()]).instrumentLikelihood()
    assert nothing.best == [None]
    assert ScoreLikelihood([]).matrix.shape == (0, 8)


@pytest.mark.parametrize(
    ('elements', 'status'),
    [
        ([], 'empty'),
        ([note.Rest(quarterLength=16)], 'empty'),
        ([clef.PercussionClef(), note.Unpitched(), note.Unpitched()], 'drums'),
        ([note.Note('C4')], 'too-short'),
    ],
)
def test_where_there_is_nothing_to_go_by_the_answer_is_the_prior(elements, status):
    part = stream.Part(elements)
    answer = part.instrumentLikelihood()
    assert (answer.status, answer.best) == (status, None)
    assert answer.probabilities == pytest.approx(np.full(8, 1 / 8))
    assert part.instrumentLikelihood(priors=[9, 1, 1, 1, 1, 1, 1, 1])['Guitar'] == pytest.approx(9 / 16)
    assert answer.matrix.shape == (0, 8)
    assert status in repr(answer)
    assert status in answer._repr_html_()
    assert answer.to_pandas().shape == (0, 8)
    assert list(answer.to_pandas().index.names) == ['first measure', 'last measure']


def test_twenty_thousand_notes():
    part = stream.Stream()
    part.repeatAppend(note.Note('C4', quarterLength=0.25), 20_000)
    answer = part.instrumentLikelihood()
    assert answer.notes == 20_000
    assert len(answer.matrix) == 20_000 * 0.25 / 8


def test_a_window_is_a_part_of_its_own(answer, viola):
    """What a window is given is what a part of these two bars is given."""
    window = len(answer.matrix) // 2
    (first, last), (start, end) = answer.measures[window], answer.offsets[window]
    notes = note_sequence(viola)
    inside = (notes.onsets >= start) & (notes.onsets < end)
    held = (notes.onsets < start) & (notes.ends > start)
    assert not held.any()
    part = NoteSequence(
        notes.onsets[inside] - start, notes.ends[inside] - start, notes.pitches[inside], bars=[0.0, 3.0, 6.0]
    )
    assert (first, last, end - start) == (first, first + 1, 6.0)
    (alone,) = classify.classify([part], load_model())
    assert answer.matrix[window] == pytest.approx(alone.probabilities, abs=1e-5)


def test_the_instruments_of_a_class_sum_to_the_class(answer):
    assert len(answer.instruments) == len(answer.kinds)
    for name in CLASSES:
        members = [answer.instruments[kind.name] for kind in answer.kinds if kind.class_name == name]
        assert sum(members) == pytest.approx(answer[name])


def test_instruments_are_suggested_class_by_class_the_likeliest_first(answer):
    suggested = answer.suggest()
    assert all(isinstance(one, instrument.Instrument) for one in suggested)
    classes = [class_of_program(one.midiProgram) for one in suggested]
    assert list(dict.fromkeys(classes)) == sorted(CLASSES, key=lambda name: -answer[name])
    assert classes[0] == answer.best
    kinds = [kind for name in dict.fromkeys(classes) for kind in answer.kinds if kind.class_name == name]
    likely = sorted(kinds, key=lambda kind: (classes.index(kind.class_name), -answer.instruments[kind.name]))
    assert [type(one).__name__ for one in suggested] == [kind.music21 for kind in likely]
    assert stream.Part().instrumentLikelihood().suggest() == []


@pytest.mark.parametrize('name', ['NoSuch', 'unbundleInstruments', 'InstrumentException'])
def test_an_instrument_that_music21_does_not_have_is_not_suggested(answer, name):
    kinds = (replace(answer.kinds[0], music21=name), *answer.kinds[1:])
    with pytest.raises(ModelError, match=f'{name} for .*: wanted an Instrument of music21'):
        replace(answer, kinds=kinds).suggest()


def test_suggested_instruments_of_one_type_have_names_and_programs_of_their_own(answer):
    """General MIDI: 24 is the nylon guitar, 25 the steel one, 48 a string ensemble."""
    told = {one.instrumentName: one.midiProgram for one in answer.suggest()}
    assert len(told) == len(answer.kinds)
    assert (told['Nylon guitar'], told['Steel guitar'], told['String ensemble'], told['Violin']) == (24, 25, 48, 40)


def test_the_plausible_classes_begin_with_the_likeliest(answer):
    assert answer.plausible == ('Strings', 'Reed', 'Guitar')


def test_the_parts_of_a_score_are_classified_together_and_each_alone():
    """In their score, whatever the order of the parts; by themselves as each Part is when it is asked."""
    notes = [note_sequence(part) for part in corpus.parse('bwv66.6').parts]
    model = load_model()
    together = classify.classify(notes, model, together=True)
    backwards = classify.classify(notes[::-1], model, together=True)[::-1]
    for part, own, other in zip(notes, together, backwards, strict=True):
        (alone,) = classify.classify([part], model)
        assert own.alone.probabilities == pytest.approx(alone.probabilities, abs=1e-6)
        assert own.probabilities == pytest.approx(other.probabilities, abs=1e-5)
        assert own.probabilities != pytest.approx(alone.probabilities, abs=1e-6)
        assert alone.alone is alone
    (single,) = classify.classify(notes[:1], model, together=True)
    assert single.alone is single


@pytest.mark.parametrize('module', [classify, windows])  # of parts cut at once, and of all
def test_parts_that_together_sound_in_too_many_windows_are_refused(monkeypatch, module):
    """Two parts of two windows, two notes in each: eight in all."""
    part = NoteSequence([0, 1, 8, 9], [1, 2, 9, 10], [60, 62, 64, 65], bars=[0, 4, 8, 12, 16])
    monkeypatch.setattr(module, 'MAX_SOUNDING', 8)
    assert len(classify.classify([part, part], load_model())) == 2
    monkeypatch.setattr(module, 'MAX_SOUNDING', 7)
    with pytest.raises(NoteError, match='8 times a note sounds in a window, in 2 parts: at most 7 are read'):
        classify.classify([part, part], load_model())
