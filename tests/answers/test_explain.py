"""Explanations, held against the scorer on parts that are changed by hand."""

import copy
import re
from dataclasses import replace

import numpy as np
import pytest
from music21 import chord, converter, corpus, instrument, layout, note, percussion, stream, tie

from music21_kdic import ClassNameError, NoteError, Scorer, instrument_likelihood
from music21_kdic.answers import attribution as module
from music21_kdic.answers.classify import classify
from music21_kdic.answers.coloring import AGAINST, FOR
from music21_kdic.answers.unusual import FeatureValue, why
from music21_kdic.classes import CLASSES
from music21_kdic.features.musical import MusicalFeature
from music21_kdic.model.session import Model, load_model
from music21_kdic.reading.notes import NoteSequence
from tests.hand_made_model import make_model

LINE = [(0.5 * eighth, 0.5, 40 + (3 * eighth) % 11) for eighth in range(16)]


def part_of(notes, bars):
    onsets, lengths, pitches = np.array(notes, dtype=float).T
    return NoteSequence(onsets, onsets + lengths, pitches, 4.0 * np.arange(bars + 1))


def answer_to(notes, bars=2):
    return classify([part_of(notes, bars)], load_model())[0]


def odds(notes, like='Bass', bars=2):
    return Scorer(like)(part_of(notes, bars)).log_odds


def said(notes, bars=2):
    """How much likelier a bass is with these notes than with none; of noise it has an eighth."""
    bass = answer_to(notes, bars)['Bass']
    return np.log(bass / (1 - bass)) - np.log(1 / 7)


def test_the_evidence_of_a_note_is_what_the_scorer_says_without_it():
    found = answer_to(LINE).explain('Bass')
    for row in (0, 7, 15):
        assert found.notes[row] == pytest.approx(odds(LINE) - odds(LINE[:row] + LINE[row + 1 :]), abs=1e-4)
    assert (found.measure_error, found.note_error, found.notes.shape) == (0.0, 0.0, (16,))
    assert found.likeness == Scorer('Bass')(part_of(LINE, 2))


def test_the_notes_of_a_long_part_share_what_their_group_adds(monkeypatch):
    monkeypatch.setattr(module, 'EXACT', 128)  # 16 notes by 8 groups of two
    monkeypatch.setattr(module, 'CHECKED', 16)
    found = answer_to(LINE).explain('Bass')
    exact = np.array([odds(LINE) - odds(LINE[:row] + LINE[row + 1 :]) for row in range(16)])
    assert found.notes[2] == found.notes[3] == pytest.approx((odds(LINE) - odds(LINE[:2] + LINE[4:])) / 2, abs=1e-4)
    assert found.note_error == pytest.approx(np.sqrt(((found.notes - exact) ** 2).mean()), abs=1e-3)


def test_the_evidence_of_two_measures():
    """Passages: the first, the second, both. The normal equations of the fit, solved by hand, have this solution. What
    is lost without a measure is added; without both there is nothing left."""
    found = answer_to(LINE).explain('Bass')
    first, second = LINE[:8], [(onset - 4, length, pitch) for onset, length, pitch in LINE[8:]]
    mean = (said(first, bars=1) + said(second, bars=1) + said(LINE)) / 3
    half = (said(first, bars=1) - said(second, bars=1)) / 2.6
    both, one, other = odds(LINE), odds(first, bars=1), odds(second, bars=1)
    wanted = [mean + half + both - other, mean - half + both - one]
    assert [measure.evidence for measure in found.measures] == pytest.approx(wanted, abs=1e-3)
    assert [measure.left_out for measure in found.measures] == pytest.approx([both - other, both - one], abs=1e-3)
    assert [(measure.measure, measure.start, measure.end) for measure in found.measures] == [(1, 0, 4), (2, 4, 8)]


def test_the_evidence_of_three_measures_counts_what_is_lost_with_two(monkeypatch):
    """What is lost with the middle one: with it alone, and the less of what is lost with it and either neighbour."""
    monkeypatch.setattr(module, 'DRAWN', 1e9)  # of each measure passages say the mean of all
    measures = [LINE[:8], LINE[8:], [(8 + 0.25 * k, 0.25, 60 + k % 5) for k in range(16)]]

    def notes(*some):
        return [(onset % 4 + 4 * place, *rest) for place, bar in enumerate(some) for onset, *rest in measures[bar]]

    found = answer_to([one for bar in measures for one in bar], bars=3).explain('Bass')
    mean = np.mean([said(notes(*some), bars=len(some)) for some in ((0,), (1,), (2,), (0, 1), (1, 2))])
    whole = odds(notes(0, 1, 2), bars=3)
    alone, after, before = (whole - odds(notes(*rest), bars=len(rest)) for rest in ((0, 2), (0,), (2,)))
    wanted = mean + (alone + min(after, before)) / 2
    assert found.measures[1].evidence == pytest.approx(wanted, abs=1e-3)


def test_priors_say_nothing_of_measures():
    plain, bass = (
        classify([part_of(LINE, 2)], load_model(), priors)[0].explain('Bass').measures
        for priors in (None, [1, 1, 100, 1, 1, 1, 1, 1])
    )
    apart = [one.evidence - other.evidence for one, other in zip(plain, bass, strict=True)]
    lost = [one.left_out - other.left_out for one, other in zip(plain, bass, strict=True)]
    assert apart == pytest.approx(lost)  # what is lost of the score depends on them; what is said does not


def test_the_measures_of_a_long_part_share_what_their_group_adds(monkeypatch):
    monkeypatch.setattr(module, 'EXACT', 64)  # 32 notes by 2 groups of two measures
    monkeypatch.setattr(module, 'CHECKED', 16)
    line = [*LINE, *((8 + onset, length, pitch + 5) for onset, length, pitch in LINE)]
    found = answer_to(line, bars=4).explain('Bass')
    halves = odds(LINE), odds([(onset, length, pitch + 5) for onset, length, pitch in LINE])
    shares = [(odds(line, bars=4) - half) / 2 for half in halves[::-1]]
    assert [one.left_out for one in found.measures] == pytest.approx(np.repeat(shares, 2), abs=1e-4)
    measures = [[(onset % 4, *rest) for onset, *rest in line[8 * bar : 8 * bar + 8]] for bar in range(4)]
    exact = []
    for missing in range(4):
        others = [measure for bar, measure in enumerate(measures) if bar != missing]
        joined = [(onset + 4 * bar, *rest) for bar, measure in enumerate(others) for onset, *rest in measure]
        exact.append(odds(line, bars=4) - odds(joined, bars=3))
    error = np.sqrt(((np.repeat(shares, 2) - exact) ** 2).mean())
    assert found.measure_error == pytest.approx(error, abs=1e-3)


def test_what_passages_say_is_fitted_as_by_plain_least_squares():
    """Solved here as dense normal equations by numpy; some passages are not known, and of one measure none is."""
    rng = np.random.default_rng(4)
    alone, pairs = rng.normal(size=9), rng.normal(size=8)
    alone[[2, 5, 6]] = pairs[[4, 5, 6]] = np.nan  # of measure 5 neither it nor its pairs are known
    passages = np.concatenate([np.eye(9), (np.eye(9)[:-1] + np.eye(9)[1:]) / 2])
    odds = np.concatenate([alone, pairs])
    known = ~np.isnan(odds)
    share, mean = passages[known], odds[known].mean()
    apart = np.linalg.solve(share.T @ share + module.DRAWN * np.eye(9), share.T @ (odds[known] - mean))
    wanted = np.where(share.any(axis=0), mean + apart, np.nan)
    np.testing.assert_allclose(module._said_by_passages(alone, pairs), wanted)
    assert np.isnan(wanted).nonzero()[0].tolist() == [5, 6]


def test_a_measure_of_another_kind_speaks_most_against():
    low = [(0.5 * eighth, 0.5, (28, 31, 33, 35)[eighth % 4]) for eighth in range(96)]
    high = [(40 + 0.125 * k, 0.125, 90 + k % 9) for k in range(32)]
    planted = [one for one in low if not 40 <= one[0] < 44] + high
    found = answer_to(planted, bars=12).explain('Bass')
    assert found.against()[0].measure == 11
    assert 'without measure 11' in [one.change for one in found.counterfactuals]
    told = str(replace(found, measures=tuple(found.against()[:1] + found.against()[-1:])))
    assert found.against()[-1].evidence > 0
    assert re.search(r'Measures that speak most against it \(log-odds\): 11 \(-\d+\.\d+\)\.', told)


def test_counterfactuals_are_tried_for_real():
    notes = [*LINE, *((onset, length, pitch + 4) for onset, length, pitch in LINE), (0, 0.5, 70)]
    found = {one.change: one.likeness for one in answer_to(notes).explain('Bass').counterfactuals}
    octave = [(onset, length, pitch + 12) for onset, length, pitch in notes]
    half = [(onset, length / 2, pitch) for onset, length, pitch in notes]
    assert found['an octave higher'].log_odds == pytest.approx(odds(octave), abs=1e-4)
    assert found['notes half as long'].log_odds == pytest.approx(odds(half), abs=1e-4)
    twice = [(onset, 2 * length, pitch) for onset, length, pitch in notes]
    assert found['notes twice as long'].log_odds == pytest.approx(odds(twice), abs=1e-4)
    thinner = [one for one in notes if one != (0, 0.5, 44)]  # between 40 and 70, the only inner note
    assert found['with only the lowest and the highest note of each chord'].log_odds == pytest.approx(
        odds(thinner), abs=1e-4
    )
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize('behind', [11 / 120, 12 / 120])
def test_what_the_features_take_for_one_chord_is_one(behind):
    """Two notes and a third a tenth of a quarter behind them: floating point makes it more in some beats."""
    chords = [(beat, 0.5, pitch) for beat in range(8) for pitch in (40, 60)]
    found = answer_to([*chords, *((beat + behind, 0.4, 50) for beat in range(8))]).explain('Bass')
    (largest,) = (one.value for one in found.features if one.feature.name == 'notes in the largest chord')
    tried = 'with only the lowest and the highest note of each chord' in [one.change for one in found.counterfactuals]
    assert tried == (largest == 3)
    assert tried or behind == 12 / 120


def test_a_fast_run_has_no_inner_notes():
    """In 64ths; a chord reaches no farther than a tenth of a quarter from its first note, so it has two of them."""
    run = [(k / 16, 1 / 16, 48 + k % 24) for k in range(128)]
    found = answer_to(run).explain('Piano')
    assert not [one.change for one in found.counterfactuals if 'of each chord' in one.change]
    assert {one.feature.name: one.value for one in found.features}['notes in the largest chord'] == 2


def test_what_would_leave_midi_is_not_tried():
    high = [*LINE, (0, 0.5, 120)]
    assert 'an octave higher' not in [one.change for one in answer_to(high).explain('Bass').counterfactuals]


def test_a_feature_says_where_it_lies():
    widest = MusicalFeature('widest chord', 'semitones', 'wider', 'narrower')

    def sentence(less, more):
        return FeatureValue(widest, 31.0, {'Guitar': less}, {'Guitar': more}).sentence('Guitar')

    assert sentence(0.98, 0.01) == 'widest chord 31 semitones: wider than in 98 % of Guitar parts'
    assert sentence(0.02, 0.95) == 'widest chord 31 semitones: narrower than in 95 % of Guitar parts'
    assert sentence(0.5, 0.5) == 'widest chord 31 semitones: usual in Guitar parts'
    low = FeatureValue(MusicalFeature('lowest pitch', 'MIDI pitch', 'higher', 'lower'), 40.0, {'Pipe': 0}, {'Pipe': 1})
    assert low.sentence('Pipe') == 'lowest pitch E2: lower than in 100 % of Pipe parts'
    share = FeatureValue(MusicalFeature('leaps', 'share'), 0.25, {'Pipe': 0.5}, {'Pipe': 0.5})
    assert share.sentence('Pipe').startswith('leaps 25 %')


def test_what_is_unusual_of_a_line_below_every_flute():
    found = answer_to(LINE)
    assert 'lower than in' in why(found, 'Pipe')
    features = {one.feature.name: one for one in found.explain('Pipe').features}
    assert features['lowest pitch'].value == 40
    assert features['lowest pitch'].more['Pipe'] >= 0.9
    assert features['lowest pitch'] in found.explain('Pipe').unusual
    assert set(features['steps'].less) == set(CLASSES)


def test_the_range_of_an_instrument_is_a_fact():
    """music21: a violin's strings are G3, D4, A4 and E5; all notes of the line but those from 55 on are lower."""
    lower = sum(pitch < 55 for _, _, pitch in LINE)
    found = answer_to(LINE)
    told = f'Violin: lowest note G3, strings G3 D4 A4 E5; {lower} of 16 notes are lower.'
    assert found.explain(player='Violin').range == told
    assert found.explain(player=instrument.Violin()).range == told
    assert found.explain(player=instrument.Vocalist()).range.endswith('music21 knows no range of it.')
    assert found.explain().range == ''
    assert told in str(found.explain(player='Violin'))


@pytest.mark.parametrize(
    ('player', 'told'),
    [
        # written E3; a clarinet in B flat sounds a whole tone lower
        ('Clarinet', 'Clarinet: lowest sounding note D3; 2 of 4 notes are lower.'),
        ('Contrabass', 'Contrabass: lowest sounding note E1, strings E1 A1 D2 G2; 0 of 4 notes are lower.'),
        ('Piccolo', 'Piccolo: lowest sounding note D5; 4 of 4 notes are lower.'),
    ],
)
def test_the_range_of_an_instrument_is_as_it_sounds(player, told):
    found = instrument_likelihood([(0, 1, 28), (1, 1, 49), (2, 1, 50), (3, 9, 73)])
    assert found.explain(player=player).range == told


def test_what_is_no_instrument_has_no_range():
    with pytest.raises(ClassNameError, match=r"'xyz': wanted an instrument that music21 knows"):
        answer_to(LINE).explain(player='xyz')
    for player in (3, instrument.Violin):
        with pytest.raises(TypeError, match='wanted a music21 Instrument or the name of one'):
            answer_to(LINE).explain(player=player)


def test_nothing_to_explain():
    with pytest.raises(NoteError, match='nothing to explain: the part is empty'):
        instrument_likelihood(stream.Part()).explain()
    assert why(instrument_likelihood(stream.Part())) == ''
    with pytest.raises(ClassNameError):
        answer_to(LINE).explain('xyzzy')


def test_without_a_reference_nothing_is_unusual(tmp_path):
    (answer,) = classify([part_of(LINE, 2)], Model(make_model(tmp_path / 'model')))
    assert answer.explain().features == ()


def test_a_part_of_one_measure():
    found = answer_to(LINE[:8], bars=1).explain('Bass')
    assert len(found.measures) == 1
    assert np.isnan(found.measures[0].left_out)
    assert str(found)


def colored_notes(s):
    found = []
    for element in s.recurse().notes:
        found += (
            [(one.pitch.midi, one.style.color) for one in element.notes]
            if element.isChord
            else [(element.pitch.midi, element.style.color)]
        )
    return found


def test_notes_are_coloured_for_and_against():
    part = stream.Part()
    part.append(instrument.Clarinet())  # sounds a whole tone lower
    for onset, length, pitch in LINE:
        part.insert(onset, note.Note(pitch, quarterLength=length))
    part.insert(8, chord.Chord([45, 52], quarterLength=4))
    for onset, kind in ((12, 'start'), (14, 'stop')):
        part.insert(onset, note.Note(45, quarterLength=2))
        part.notes.last().tie = tie.Tie(kind)
    part = part.makeNotation()
    before = colored_notes(part)
    answer = instrument_likelihood(part)
    evidence = answer.explain('Bass').notes
    painted = answer.colored(part, 'Bass')
    assert colored_notes(part) == before == [(pitch, None) for pitch, _ in before]
    colors = [color for _, color in colored_notes(painted)]
    strongest = int(np.abs(evidence).argmax())
    wanted = FOR if evidence[strongest] > 0 else AGAINST
    assert colors[strongest] == wanted.upper()
    assert colors[-2:] == [colors[-1]] * 2  # tied notes are one note
    assert [pitch for pitch, _ in colored_notes(painted)] == [pitch for pitch, _ in before]


def test_a_painted_copy_is_painted_anew_for_another_class():
    part = stream.Part()
    for onset, length, pitch in LINE:
        part.insert(onset, note.Note(pitch, quarterLength=length))
    answer = instrument_likelihood(part)
    anew = answer.colored(answer.colored(part, 'Bass'), 'Strings')
    assert colored_notes(anew) == colored_notes(answer.colored(part, 'Strings'))


def test_pitches_beside_strokes_are_coloured_as_those_alone():
    alone, beside = stream.Part(), stream.Part()
    for onset, length, pitch in LINE:
        alone.insert(onset, note.Note(pitch, quarterLength=length))
        members = [note.Unpitched(), note.Note(pitch)]
        beside.insert(onset, percussion.PercussionChord(members, quarterLength=length))
    plain, mixed = (instrument_likelihood(part).colored(part, 'Bass') for part in (alone, beside))
    colors = [color for _, color in colored_notes(plain)]
    assert any(colors)
    assert [each.notes[1].style.color for each in mixed.notes] == colors
    assert not any(each.notes[0].style.color for each in mixed.notes)


def test_an_explanation_says_how_far_off_it_is():
    answer = instrument_likelihood(LINE)
    assert 'groups' not in str(answer.explain('Bass'))
    approximate = str(replace(answer.explain('Bass'), measure_error=0.134, note_error=0.0512))
    assert 'Measures were left out in groups: what one adds is off by about 0.13 (log-odds).' in approximate
    assert 'Notes were left out in groups: what one adds is off by about 0.05 (log-odds).' in approximate


def test_slashes_are_neither_explained_nor_coloured():
    part = stream.Part()
    for onset, length, pitch in LINE:
        for place, head in ((onset, 'normal'), (32 + onset, 'slash')):
            each = note.Note(pitch, quarterLength=length)
            each.notehead = head
            part.insert(place, each)
    answer = instrument_likelihood(part)
    assert len(answer.explain('Bass').notes) == len(LINE)
    colors = [color for _, color in colored_notes(answer.colored(part, 'Bass'))]
    assert any(colors[: len(LINE)])
    assert colors[len(LINE) :] == [None] * len(LINE)


def test_colours_reach_musicxml(tmp_path):
    part = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    painted = instrument_likelihood(part).colored(part, 'Bass')
    text = (painted.write('musicxml', tmp_path / 'colored.musicxml')).read_text()
    assert 'color="#' in text


def test_a_chord_that_was_coloured_as_a_whole_is_painted_anew(tmp_path):
    part = stream.Part()
    for onset, length, pitch in LINE:
        part.insert(onset, chord.Chord([pitch, pitch + 7], quarterLength=length))
    part = part.makeNotation()
    for each in part.recurse().notes:
        each.style.color = 'red'
    painted = instrument_likelihood(part).colored(part, 'Bass')
    text = painted.write('musicxml', tmp_path / 'colored.musicxml').read_text()
    assert 'color="#' in text
    assert '#FF0000' not in text  # as music21 writes red
    assert {each.style.color for each in part.recurse().notes} == {'red'}


def test_one_staff_of_a_keyboard_is_coloured_by_the_evidence_in_both():
    staves = [stream.PartStaff(id=hand) for hand in ('right', 'left')]
    for staff, octave in zip(staves, (60, 36), strict=True):
        staff.insert(0, instrument.Piano())
        for onset in range(16):
            staff.insert(onset, note.Note(octave + onset % 5))
        staff.makeNotation(inPlace=True)
    score = stream.Score()
    for element in (*staves, layout.StaffGroup(staves, symbol='brace')):
        score.insert(0, element)
    answer = instrument_likelihood(score)[1]
    assert answer.joined == (0, 1)
    both = [color for _, color in colored_notes(answer.colored(score, 'Piano'))]
    each = [[color for _, color in colored_notes(answer.colored(staff, 'Piano'))] for staff in staves]
    assert each[0] + each[1] == both
    assert any(each[0])
    assert any(each[1])
    with pytest.raises(NoteError, match='Part of 1 notes: wanted one of the 2 staves that were classified'):
        answer.colored(stream.Part([note.Note(20)]))


def test_another_stream_is_not_coloured():
    part = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    other = copy.deepcopy(part)
    other.recurse().notes.first().transpose(1, inPlace=True)
    with pytest.raises(NoteError, match='Part of 16 notes: wanted the stream that was classified'):
        instrument_likelihood(part).colored(other)


def test_an_instrument_whose_strings_music21_does_not_know():
    assert answer_to(LINE).explain(player='Harp').range.startswith('Harp: lowest note C1; ')
    assert answer_to(LINE).explain(player='Lute').range == 'Lute: music21 knows no range of it.'


@pytest.mark.parametrize('name', ['Bass Guitar', 'E-Bass', 'Slap Bass', 'Electric Bass'])
def test_a_bass_guitar_has_the_strings_of_one(name):
    assert 'lowest note E1, strings E1 A1 D2 G2;' in answer_to(LINE).explain(player=name).range


def test_the_class_that_was_answered_is_explained_also_where_the_part_by_itself_is_another():
    bass = instrument_likelihood(corpus.parse('bwv66.6'))['Bass']
    assert bass.best != bass.alone.ranked()[0][0]
    assert bass.explain().like == bass.best


def test_staves_that_strike_a_key_at_once_for_different_times_are_coloured():
    """Both hands begin on C4; the right one holds it, and the left one does not."""
    right, left = stream.PartStaff(), stream.PartStaff()
    for beat in range(16):
        right.append(note.Note(60 if beat == 0 else 72 + beat % 5, quarterLength=1))
        left.append(note.Note(60 if beat == 0 else 40 + beat % 5, quarterLength=0.5))
        left.append(note.Rest(quarterLength=0.5))
    for staff in (right, left):
        staff.insert(0, instrument.Piano())
        staff.makeNotation(inPlace=True)
    score = stream.Score()
    for element in (right, left, layout.StaffGroup([right, left], symbol='brace')):
        score.insert(0, element)
    answer = instrument_likelihood(score)[0]
    assert (answer.joined, answer.notes) == ((0, 1), 31)
    both = [color for _, color in colored_notes(answer.colored(score, 'Piano'))]
    assert len(both) == 32
    assert both == [color for staff in (right, left) for _, color in colored_notes(answer.colored(staff, 'Piano'))]
