import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from music21_kdic.features.timing import timing

from export.data.window_table import NO_CLASS
from export.training.part_inputs import PartInputs, engraved
from music21_kdic.features.windows import cut_windows, piano_roll
from music21_kdic.reading.notes import NoteSequence
from tests.export.training.made_up import RECIPE, a_table, windows_of


def test_windows_are_drawn_beside_their_timing():
    rng = np.random.default_rng(1)
    windows = [windows_of(40, 2 * count, rng) for count in (3, 1)]
    table = a_table(windows, [0, 1], ['train', 'train'], ['a', 'b'])
    rolls, numbers = PartInputs(table, RECIPE.grid).inputs(2, np.array([1, 0]), None)
    joined = table.windows
    wanted = piano_roll(joined, RECIPE.grid)[[3, 0, 1]]
    assert np.array_equal(rolls.numpy()[[0, 1, 1], [0, 0, 1]], wanted)
    assert np.array_equal(numbers.numpy()[[0, 1, 1], [0, 0, 1]], timing(joined)[[3, 0, 1]])
    assert rolls[0, 1].sum() == 0, 'the second part has but one window'


def test_as_a_score_would_have_them():
    """Played early and short, late and long, staccato; and a strum, which a score has as a chord."""
    played = cut_windows(
        NoteSequence(
            [0.02, 0.97, 2.0, 3.0, 3.03, 3.06], [0.95, 2.03, 2.2, 4.0, 4.0, 4.0], [60] * 3 + [40, 45, 50], [0, 4]
        )
    )
    found = engraved(played)
    assert found.onsets.tolist() == [0, 1, 2, 3, 3, 3]
    assert found.ends_in_window.tolist() == [1, 2, 2.25, 4, 4, 4]
    assert np.array_equal(found.pitches, played.pitches)


def test_while_training_some_parts_are_timed_as_scores_and_some_noise_as_music():
    """Music lasts nine tenths of its beats, noise a half; the shares of shorter notes tell which timing is given."""
    rng = np.random.default_rng(0)
    onsets = np.arange(32.0)

    def part(length):
        return cut_windows(NoteSequence(onsets, onsets + length, rng.integers(40, 52, 32), np.arange(0, 33, 4.0)))

    table = a_table([part(0.9), part(0.5)], [3, NO_CLASS], ['train'] * 2, ['a', ''])
    parts = PartInputs(table, RECIPE.grid)
    music, of_score, noise = (timing(windows)[0] for windows in (part(0.9), part(1.0), part(0.5)))
    drawn = [parts.inputs(1, np.array([0, 1]), rng)[1].numpy()[:, 0] for _ in range(400)]
    shares = [
        [np.mean([np.allclose(s[which], wanted) for s in drawn]) for wanted in (music, of_score, noise)]
        for which in (0, 1)
    ]
    assert shares[0] == pytest.approx([0.7, 0.3, 0], abs=0.08)
    assert shares[1] == pytest.approx([0.5, 0, 0.5], abs=0.08)


def test_while_training_other_windows_are_drawn_each_time():
    rng = np.random.default_rng(1)
    parts = PartInputs(a_table([windows_of(40, 20, rng)], [0], ['train'], ['a']), RECIPE.grid)
    draws = {parts.inputs(3, np.array([0]), rng)[0].numpy().tobytes() for _ in range(5)}
    assert len(draws) >= 4, 'of one window two draws in a row may be the same'
