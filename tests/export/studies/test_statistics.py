import numpy as np
import pytest

pytest.importorskip('scipy', reason='export needs scipy (extra `train`)')
pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')

from sklearn.metrics import f1_score

from export.studies import store
from export.studies.statistics import METRICS, Answered, Sample, draw_songs, f1, f1_by_class, sample, song_confusions
from export.studies.store import Study, StudyRow, TestSet


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


@pytest.fixture
def study(tmp_path):
    """Four parts of two songs, a window each but for the first, which has two; one row, two seeds."""
    test_set = TestSet(
        np.array([0, 0, 1, 2, 3]), np.array([0, 1, 2, 2]), np.array([5, 5, 7, 7]),
        np.array(['pop', 'pop', 'mutopia', 'lakh']),
    )  # fmt: skip
    store.write_test_set(tmp_path, test_set)
    rows = (StudyRow('nic', 'NIC', 100, 2, 'compact'), StudyRow('kdic', 'KDIC', 100, 2, 'compact'))
    store.write_study(tmp_path, Study('songs', 'Does it?', rows, (('kdic', 'nic'),)))
    for seed, parts in enumerate([[0, 1, 2, 2], [0, 2, 2, 2]]):
        levels = {'windows': np.array(parts, np.uint8)[test_set.part], 'parts': np.array(parts, np.uint8)}
        store.write_run(tmp_path, 'nic', seed, {'trained': levels, 'equal': levels})
    return tmp_path


def test_a_study_is_counted_by_place(study):
    answered = Answered(study)
    assert answered.study.differences == (('kdic', 'nic'),)
    assert (answered.places, answered.levels) == (['pop', 'scores', 'lakh'], ['windows', 'parts'])
    assert answered.sources == ['lakh', 'mutopia', 'pop']
    assert [answered.counts(place) for place in answered.places] == [(3, 2, 1), (1, 1, 1), (1, 1, 1)]
    assert answered.sample('nic', 'pop', 'windows', 'trained').values[:, 2] == pytest.approx([1, 2 / 3])
    assert answered.sample('nic', 'pop', 'parts', 'trained').values[:, 2] == pytest.approx([1, 1 / 2])
    assert answered.sample('nic', 'mutopia', 'parts', 'equal').values[:, 0] == pytest.approx([1, 1])


def test_a_row_that_was_not_trained_has_no_figure(study):
    answered = Answered(study)
    assert answered.seeds('kdic') == []
    assert answered.sample('kdic', 'pop', 'parts', 'trained') is None


def test_the_same_draws_in_every_run(study):
    first, second = (Answered(study).sample('nic', 'pop', 'parts', 'trained') for _ in range(2))
    assert np.array_equal(first.replicates, second.replicates)


def test_answers_to_another_test_set_are_refused(study):
    levels = {'windows': np.zeros(5, np.uint8), 'parts': np.zeros(3, np.uint8)}
    store.write_run(study, 'nic', 7, {'trained': levels, 'equal': levels})
    with pytest.raises(ValueError, match=r"row 'nic', seed 7, answers to 3 parts, wanted 4"):
        Answered(study)
