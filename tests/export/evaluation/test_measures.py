import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
from sklearn.metrics import f1_score

from export.evaluation.measures import (
    METRICS,
    Sample,
    calibration_error,
    deviation,
    draw_songs,
    f1,
    f1_by_class,
    intervals,
    lower_bound,
    ranking,
    right,
    sample,
    song_confusions,
)
from tests.export.evaluation.worlds import with_confidence, world


def answered(*classes):
    """Log probabilities that name these classes."""
    return np.log(np.eye(8)[list(classes)] * 0.93 + 0.01)


def test_right_by_hand():
    """Of two Guitars one is called Piano; the Piano is right. F1: Guitar 2/3, Piano 2/3; two of three parts."""
    macro, accuracy, weighted = right(answered(0, 1, 1), np.array([0, 0, 1]))
    assert (macro, accuracy, weighted) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_ranking_is_the_share_of_pairs_in_the_right_order():
    """Six Guitars and six Pianos; one Guitar is held for a Piano: 30 of 36 pairs, and half of six that tie."""
    logs = answered(*[0] * 5, 1, *[1] * 6)
    assert ranking(logs, np.repeat([0, 1], 6)) == pytest.approx((30 + 3) / 36)


def test_answers_of_a_true_world_are_calibrated_and_exaggerated_ones_are_not():
    logs, label = world(20000, np.full(8, 1 / 8), seed=4)
    plain = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    assert calibration_error(plain, label) < 0.015
    much = plain**3 / (plain**3).sum(axis=1, keepdims=True)
    assert calibration_error(much, label) > 0.05


def test_calibration_error_by_hand():
    """Four answers of 0.8, of which three are right."""
    assert calibration_error(np.exp(with_confidence([0.8] * 4)), np.array([0, 0, 0, 1])) == pytest.approx(0.05)


def test_the_deviation_over_seeds_is_the_unbiased_one():
    """Of 1, 2 and 6 the mean is 3, the squares are 4, 1 and 9, and half of 14 is 7; of two, half the squared gap."""
    assert deviation([[1, 0.2], [2, 0.2], [6, 0.2]]) == pytest.approx([7**0.5, 0])
    assert deviation([[0.5, 1.0], [0.7, 0.6]]) == pytest.approx([0.02**0.5, 0.08**0.5])
    assert deviation([[0.5, 0.7]]).tolist() == [0, 0]  # one seed


def test_an_interval_knows_that_parts_of_a_group_are_alike():
    """100 parts of 10 groups, each wholly right or wrong: as uncertain as ten parts, not as a hundred."""
    label = np.repeat([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], 10)
    answer = np.where(np.repeat(np.arange(10) < 7, 10), label, 1 - label)
    (_, _), (low, high) = intervals([answered(*answer)], label, np.repeat(np.arange(10), 10).astype(str))
    assert 0.3 <= low <= 0.5
    assert 0.9 <= high <= 1.0


def test_an_interval_is_that_of_the_mean_over_seeds():
    """One seed is always right, one never. Two seeds are drawn again one at a time (n - 1 of n): 0 or 1."""
    label, group = np.zeros(40, int), np.arange(40).astype(str)
    all_right, all_wrong = answered(*[0] * 40), answered(*[1] * 40)
    assert intervals([all_right], label, group) == [[1, 1], [1, 1]]
    assert intervals([all_right, all_wrong], label, group) == [[0, 1], [0, 1]]


def test_the_lower_bound_of_all_right():
    """Wilson's of n right ones of n is n / (n + z * z)."""
    assert lower_bound(25, 25) == pytest.approx(25 / (25 + 1.644854**2))
    assert lower_bound(0, 0) == 0


def sklearn_f1(label, guess):
    present = np.unique(label)
    return [
        f1_score(label, guess, labels=present, average='macro', zero_division=0),
        f1_score(label, guess, labels=present, average='weighted', zero_division=0),
        f1_score(label, guess, average='micro', zero_division=0),
    ]


@pytest.mark.parametrize('classes', [8, 5], ids=['all classes occur', 'five of them do'])
def test_f1_is_that_of_scikit_learn(classes):
    rng = np.random.default_rng(classes)
    song, label = rng.integers(0, 40, 500), rng.integers(0, classes, 500)
    guess = np.where(rng.random(500) < 0.5, label, rng.integers(0, 8, 500))
    counts = song_confusions(song, label, guess)
    assert f1(counts.sum(axis=0)) == pytest.approx(sklearn_f1(label, guess))
    expected = f1_score(label, guess, labels=range(8), average=None, zero_division=0)
    assert f1_by_class(counts.sum(axis=0)) == pytest.approx(expected)


def test_f1_counted_by_hand():
    """True 0 0 0 1 1 5, guessed 0 0 1 1 1 1: F1 of 0 is 4/5, of 1 it is 4/6, of 5 it is 0; 4 of 6 are right."""
    counts = song_confusions(np.zeros(6, int), np.array([0, 0, 0, 1, 1, 5]), np.array([0, 0, 1, 1, 1, 1]))
    macro, weighted = (4 / 5 + 4 / 6) / 3, (3 * 4 / 5 + 2 * 4 / 6) / 6
    assert f1(counts)[0] == pytest.approx([macro, weighted, 4 / 6])


def test_a_draw_is_the_f1_of_the_songs_drawn():
    """Each replicate, worked out anew by scikit-learn from the parts of the songs that were drawn."""
    rng = np.random.default_rng(1)
    song, label = rng.integers(0, 12, 200), rng.integers(0, 8, 200)
    guess = np.where(rng.random(200) < 0.6, label, rng.integers(0, 8, 200))
    draws = draw_songs(12, rng)
    found = sample([song_confusions(song, label, guess)], draws, rng)
    assert draws.sum(axis=1).tolist() == [12] * len(draws)
    for draw, replicate in list(zip(draws, found.replicates, strict=True))[:20]:
        items = np.concatenate([np.repeat(np.flatnonzero(song == number), int(n)) for number, n in enumerate(draw)])
        assert replicate == pytest.approx(sklearn_f1(label[items], guess[items]))


def test_the_figure_is_the_mean_over_seeds_and_its_deviation_theirs():
    """Two songs of one part each; one seed has both right, one has one, one has none: accuracies 1, 1/2 and 0."""
    song, label = np.array([0, 1]), np.array([2, 2])
    counts = [song_confusions(song, label, np.array(guess)) for guess in ([2, 2], [2, 3], [3, 3])]
    rng = np.random.default_rng(0)
    found = sample(counts, draw_songs(2, rng), rng).estimate('micro')
    assert (found.value, found.deviation) == (0.5, 0.5)
    assert 0 <= found.low < 0.5 < found.high <= 1


def test_one_seed_has_no_deviation():
    rng = np.random.default_rng(0)
    counts = song_confusions(np.arange(4), np.arange(4), np.arange(4))
    assert sample([counts], draw_songs(4, rng), rng).estimate('macro').deviation is None


def worlds(count, songs, seeds, rng):
    """Test sets drawn from a world in which 0.6 of the parts are right, give or take by song and by training run."""
    for _ in range(count):
        of_song = rng.normal(scale=0.15, size=songs)  # what the ten parts of a song have in common
        song = np.repeat(np.arange(songs), 10)
        label = np.zeros(song.size, int)
        counts = []
        for of_run in rng.normal(scale=0.03, size=seeds):
            right = rng.random(song.size) < np.clip(0.6 + of_run + of_song[song], 0, 1)
            counts.append(song_confusions(song, label, np.where(right, 0, 1)))
        yield counts


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Of 300 intervals 285 should hold 0.6, give or take 4; those of parts drawn singly hold it far too seldom."""
    rng = np.random.default_rng(5)
    inside = alone = 0
    for counts in worlds(300, songs=60, seeds=8, rng=rng):
        found = sample(counts, draw_songs(60, rng)[:400], rng).estimate('micro')
        inside += found.low <= 0.6 <= found.high
        error = 1.96 * np.sqrt(found.value * (1 - found.value) / (600 * 8))
        alone += abs(found.value - 0.6) <= error
    assert 0.90 <= inside / 300 <= 0.985
    assert alone / 300 < 0.75


def test_a_paired_difference_is_surer_than_the_rows_that_it_is_of():
    """The second row answers as the first but for one part in twenty: songs differ far more than the rows do."""
    rng = np.random.default_rng(2)
    (counts,) = next(worlds(1, songs=60, seeds=1, rng=rng))
    worse = counts.copy()
    worse[::2, 0, 0] -= 1
    worse[::2, 0, 1] += 1
    draws = draw_songs(60, rng)
    first, second = (sample([each], draws, rng) for each in (counts, worse))
    difference = first.minus(second, 'micro')
    assert difference.value == pytest.approx(30 / 600)
    assert difference.verdict == 'better'
    assert second.minus(first, 'micro').verdict == 'worse'
    assert first.minus(first, 'micro').verdict == ''
    whole = first.estimate('micro')
    assert difference.high - difference.low < (whole.high - whole.low) / 2


def test_macro_weighted_and_micro_are_told_apart():
    found = Sample(np.array([[0.1, 0.2, 0.3]]), np.tile([0.1, 0.2, 0.3], (10, 1)))
    assert [found.estimate(metric).value for metric in METRICS] == [0.1, 0.2, 0.3]
