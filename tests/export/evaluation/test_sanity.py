"""What is done to a few notes by hand, and a model whose answer is known from them."""

import json

import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')

from export.cli import main
from export.data.sources import ManifestFile, manifest_files
from export.evaluation import sanity as verb
from export.evaluation import whole_parts as whole
from export.evaluation.sanity import (
    CONTROLS,
    TRANSFORMS,
    all_shuffled,
    chords,
    compare,
    draw_parts,
    into_range,
    later,
    mean_interval,
    onsets_shuffled,
    opened,
    pitches_shuffled,
    repeated,
    spread,
    thickened,
    tones,
    transposed,
)
from export.evaluation.whole_parts import begin, whole_parts
from music21_kdic.features.windows import cut_windows, piano_roll
from music21_kdic.model.session import Model
from music21_kdic.reading.notes import NoteSequence

RNG = np.random.default_rng(0)
# An E major chord on a guitar, strummed within a 64th note, a G and a C together, and a B alone; then an empty bar.
STRUM = NoteSequence(
    onsets=[0, 0.01, 0.02, 0.03, 0.04, 0.05, 1, 1, 2.5],
    ends=[1, 1, 1, 1, 1, 1, 2, 2, 4],
    pitches=[40, 47, 52, 56, 59, 64, 55, 60, 59],
    bars=[0, 4, 8],
)


def notes_of(part):
    return list(zip(part.onsets.tolist(), part.ends.tolist(), part.pitches.tolist(), strict=True))


def chord_of(part, onset=0.0):
    return sorted(part.pitches[(part.onsets >= onset) & (part.onsets < onset + 0.1)].tolist())


def test_tones_that_are_struck_together_are_a_chord():
    rank, sizes = tones(STRUM)
    assert rank.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 0]
    assert sizes.tolist() == [6] * 6 + [2, 2, 1]
    assert chords(STRUM) == pytest.approx(1 / 3)


def test_a_strum_downwards_is_ranked_by_pitch():
    upstroke = NoteSequence([0, 0.02, 0.04], [1, 1, 1], [64, 59, 40], [0, 4])
    assert tones(upstroke)[0].tolist() == [2, 1, 0]


def test_transposition_leaves_the_rhythm():
    up = transposed(STRUM, RNG, 12)
    assert up.pitches.tolist() == (STRUM.pitches + 12).tolist()
    assert up.onsets.tolist() == STRUM.onsets.tolist()


def test_what_midi_cannot_hold_comes_in_by_octaves():
    assert into_range(np.array([-1, -13, 0, 127, 128, 140])).tolist() == [11, 11, 0, 127, 116, 116]


def test_opened_chords_have_a_hole_of_two_octaves():
    part = opened(STRUM, RNG)
    assert chord_of(part) == [28, 35, 40, 68, 71, 76]
    assert chord_of(part, 1.0) == [43, 72]
    assert chord_of(part, 2.5) == [59]  # no chord
    triad = opened(NoteSequence([0, 0, 0], [1, 1, 1], [60, 64, 67], [0, 4]), RNG)
    assert triad.pitches.tolist() == [48, 64, 79]


def test_spread_chords_have_more_than_an_octave_between_any_two_tones():
    part = spread(STRUM, RNG)
    assert chord_of(part) == [16, 35, 52, 68, 83, 100]
    assert np.diff(chord_of(part)).min() > 12
    assert chord_of(part, 2.5) == [59]


def test_thickened_chords_are_doubled_two_octaves_away():
    part = thickened(STRUM, RNG)
    six = [40, 47, 52, 56, 59, 64]
    assert chord_of(part) == sorted([*six, *(p - 24 for p in six), *(p + 24 for p in six)])
    assert chord_of(part, 1.0) == [55, 60]  # two tones are no chord
    assert notes_of(part)[-1] == (2.5, 4.0, 59)


def test_shuffled_pitches_keep_the_rhythm_and_all_pitches():
    part = pitches_shuffled(STRUM, np.random.default_rng(1))
    assert sorted(part.pitches.tolist()) == sorted(STRUM.pitches.tolist())
    assert part.onsets.tolist() == STRUM.onsets.tolist()
    assert part.pitches.tolist() != STRUM.pitches.tolist()


def test_shuffled_onsets_stay_in_their_bar_with_their_lengths_and_pitches():
    two = NoteSequence([0, 1, 2, 5, 6], [1, 1.5, 4, 6, 8], [60, 62, 64, 65, 67], [0, 4, 7, 10])
    for seed in range(20):
        part = onsets_shuffled(two, np.random.default_rng(seed))
        of_pitch = {pitch: (onset, end) for onset, end, pitch in notes_of(part)}
        assert {pitch: end - onset for pitch, (onset, end) in of_pitch.items()} == {60: 1, 62: 0.5, 64: 2, 65: 1, 67: 2}
        assert all(0 <= of_pitch[p][0] < 4 and of_pitch[p][0] % 0.25 == 0 for p in (60, 62, 64))
        assert all(4 <= of_pitch[p][0] < 7 for p in (65, 67))


def test_all_shuffled_keeps_pitches_and_number():
    part = all_shuffled(STRUM, np.random.default_rng(2))
    assert sorted(part.pitches.tolist()) == sorted(STRUM.pitches.tolist())


def test_later_is_the_same_music_after_empty_bars():
    part = later(STRUM, RNG, 1)
    assert part.bars.tolist() == [0, 4, 8, 12]
    assert part.onsets - STRUM.onsets == pytest.approx(np.full(9, 4.0))
    waltz = later(NoteSequence([0], [1], [60], [0, 3, 6]), RNG, 2)
    assert waltz.bars.tolist() == [0, 3, 6, 9, 12]


def test_played_twice_has_twice_the_bars():
    part = repeated(STRUM, RNG)
    assert part.bars.tolist() == [0, 4, 8, 12, 16]
    assert notes_of(part)[9:] == [(on + 8, end + 8, pitch) for on, end, pitch in notes_of(STRUM)]


def test_two_bars_later_and_twice_are_the_same_windows():
    song = NoteSequence(np.arange(32.0), np.arange(32.0) + 1, 40 + np.arange(32) % 13, 4.0 * np.arange(9))
    rolls = piano_roll(cut_windows(song))
    assert len(rolls) == 4
    assert np.array_equal(piano_roll(cut_windows(CONTROLS['two bars later'](song, RNG))), rolls)
    assert np.array_equal(piano_roll(cut_windows(CONTROLS['played twice'](song, RNG))), np.tile(rolls, (2, 1, 1, 1)))
    assert not np.array_equal(piano_roll(cut_windows(CONTROLS['a bar later'](song, RNG)))[1:], rolls)


def test_every_transformation_gives_a_part():
    for transform in TRANSFORMS.values():
        assert len(transform(STRUM, np.random.default_rng(0))) >= len(STRUM)


class Answer(dict):
    """An answer of a certain likeness to Guitar."""

    def __init__(self, likeness, best='Guitar', windows=1):
        super().__init__(Guitar=likeness)
        self.best, self.matrix = best, np.zeros((windows, 8))


def test_comparison_counted_by_hand():
    """Of three parts one falls from 0.8 to 0.2, one rises from 0.4 to 0.5, one is not judged any more."""
    before = [Answer(0.8), Answer(0.4, 'Piano'), Answer(0.6)]
    after = [Answer(0.2, 'Bass'), Answer(0.5), Answer(0.125, None, windows=0)]
    found = compare(before, after, 'Guitar', np.array(['a', 'a', 'b']), seed=0)
    assert (found['parts'], found['songs']) == (3, 2)
    assert (found['before'], found['after']) == (0.6, 0.275)
    assert found['change'] == pytest.approx(-0.325)
    assert (found['fell'], found['unclassified']) == (pytest.approx(2 / 3, abs=1e-4), pytest.approx(1 / 3, abs=1e-4))
    assert (found['named_before'], found['named_after']) == (
        pytest.approx(2 / 3, abs=1e-4),
        pytest.approx(1 / 3, abs=1e-4),
    )
    assert found['fell_of_named'] == 1.0


def test_the_interval_is_that_of_songs_and_not_of_parts():
    """A hundred songs of ten equal parts: as sure as a hundred numbers are, 1.96 * 1 / sqrt(100) to either side."""
    values = np.random.default_rng(0).normal(size=100)
    values = (values - values.mean()) / values.std()
    low, high = mean_interval(np.repeat(values, 10), np.repeat(np.arange(100), 10), np.random.default_rng(1))
    assert (low, high) == (pytest.approx(-0.196, abs=0.03), pytest.approx(0.196, abs=0.03))


def test_parts_are_drawn_by_class_and_no_more_than_asked_for(collection):
    folder, manifest = collection
    files = manifest_files(folder, manifest, ('pop',))
    found = draw_parts(files, 5, seed=1)
    assert {name: len(parts) for name, parts in found.items()} == dict.fromkeys(
        ('Guitar', 'Piano', 'Bass', 'Strings', 'Organ', 'Brass', 'Pipe', 'Reed'), 5
    )
    assert len({song for song, _ in found['Guitar']}) == 5
    again = draw_parts(files[::-1], 5, seed=1)
    assert [song for song, _ in again['Guitar']] == [song for song, _ in found['Guitar']]


@pytest.fixture
def sure_of_guitar(tmp_path):
    """A model that gives Guitar odds of 7 to 1 to each of the others, a half in all, whatever it hears."""

    def make(sure):
        pytest.importorskip('onnx')
        from tests.hand_made_model import head, make_model

        odds = np.log([7.0, 1, 1, 1, 1, 1, 1, 1])
        contract = {'kdic.head': head((np.zeros((3, 8)), odds)), 'kdic.sure_confidence': str(sure)}
        return make_model(tmp_path / 'guitar.onnx', contract)

    return make


def test_the_verb_writes_a_table(collection, tmp_path, monkeypatch, sure_of_guitar):
    monkeypatch.setattr(verb, 'RESAMPLES', 20)
    model = sure_of_guitar(0.4)
    main(['sanity', '--data', str(collection[0]), '--work', str(tmp_path), '--model', str(model), '--most', '2'])
    found = json.loads((tmp_path / 'whole' / 'sanity.json').read_text())
    assert found['model']['name'] == 'guitar'
    assert set(found['classes']['Pipe']) == {'an octave down', 'an octave up'}
    # The songs here have no chords.
    assert set(found['classes']['Guitar']) == set(TRANSFORMS) - {'chords opened', 'chords spread', 'chords thickened'}
    up = found['classes']['Guitar']['an octave up']
    assert (up['parts'], up['before'], up['after'], up['fell'], up['named_after']) == (2, 0.5, 0.5, 0.0, 1.0)
    # All parts of the two songs of the test split, not only those of many windows.
    assert found['whole_parts']['parts'] == 16


def test_whole_parts_are_held_against_the_frequencies_of_their_collection(collection, sure_of_guitar):
    """Each class is an eighth of all; the first is given 1/2, and an eighth of the answers are right."""
    folder, manifest = collection
    files = manifest_files(folder, manifest, ('pop',))
    found = whole_parts(files, Model(sure_of_guitar(0.4)))
    assert found['parts'] == 16
    assert found['calibration']['ece'] == pytest.approx(1 / 2 - 1 / 8)
    assert found['answered'] == {'share': 1.0, 'right': 0.125}
    assert whole_parts(files, Model(sure_of_guitar(0.6)))['answered']['share'] == 0.0
    assert found['short']['parts'] == 0  # all have eight bars


def test_a_part_and_its_beginning_are_both_judged(tmp_path, song, sure_of_guitar, monkeypatch):
    monkeypatch.setattr(whole, 'SHORT', 4)
    song(tmp_path / 'song.mid', [24, 0], seed=1)
    files = [ManifestFile(str(tmp_path / 'song.mid'), 'song', 'pop', 'g', 'test', '')]
    same = {'unclear': 0.0, 'right': 0.5}
    assert whole_parts(files, Model(sure_of_guitar(0.4)))['short'] == {'parts': 2, 'whole': same, 'begun': same}


def test_the_first_bars_of_a_part_begin_with_its_first_note():
    """Bars 0-4, 4-7, 7-10, 10-13; the first note is in the second, one is held beyond the third."""
    part = begin(NoteSequence([5, 6, 9, 11], [6, 7, 12, 12], [60, 62, 64, 65], [0, 4, 7, 10, 13]), 2)
    assert part.bars.tolist() == [4, 7, 10]
    assert notes_of(part) == [(5, 6, 60), (6, 7, 62), (9, 10, 64)]


def test_without_a_test_split_there_is_nothing_to_hold(collection, sure_of_guitar):
    folder, manifest = collection
    assert whole_parts(manifest_files(folder, manifest, ('lakh',)), Model(sure_of_guitar(0.4))) == {}
