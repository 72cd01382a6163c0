import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from dataclasses import replace

from export.data.part_table import (
    OtherTableError,
    PartTable,
    balanced_weights,
    class_priors,
    fold_of,
    read_tables,
    write_table,
)
from music21_kdic.features.number_names import CONTEXT_NUMBERS, MEAN_PITCH, PART_NUMBERS


def table(count, **columns):
    """Parts of pop, all labelled Guitar and of the training split, but for what is said."""
    plain = PartTable(
        numbers=np.zeros((count, len(PART_NUMBERS)), np.float32),
        context=np.zeros((count, len(CONTEXT_NUMBERS)), np.float32), piece=np.zeros(count, int),
        known=np.ones(count, bool), label=np.zeros(count, int), outside=np.zeros(count, bool),
        program=np.full(count, 24), collection=np.zeros(count, int), group=np.arange(count).astype(str),
        split=np.full(count, 'train'), doubled=np.zeros(count, bool), near_corpus=np.zeros(count, bool),
        row=np.arange(count),
    )  # fmt: skip
    return replace(plain, **{name: np.array(values) for name, values in columns.items()})


def test_only_sound_parts_of_the_training_split_are_taught():
    some = table(
        7,
        split=['train', 'test', 'train', 'train', 'train', 'train', 'train'],
        doubled=[False, False, True, False, False, False, False],
        near_corpus=[False, False, False, True, False, False, False],
        label=[0, 0, 0, 0, -1, -1, 0],
        outside=[False, False, False, False, True, False, False],
        collection=[0, 0, 0, 0, 0, 0, 3],
    )
    assert some.taught().row.tolist() == [0, 4, 6]
    assert some.taught(('classical',)).row.tolist() == [0, 4]


def test_a_table_comes_back_from_its_files(tmp_path):
    write_table(table(2), tmp_path / 'a.npz')
    write_table(table(3, label=[1, 2, 3]), tmp_path / 'b.npz')
    both = read_tables([tmp_path / 'a.npz', tmp_path / 'b.npz'])
    assert both.label.tolist() == [0, 0, 1, 2, 3]
    with pytest.raises(FileNotFoundError, match='export views'):
        read_tables([tmp_path / 'c.npz'])


def test_a_part_is_told_of_the_others_of_its_piece_and_of_no_other_piece():
    some = table(5, piece=[0, 0, 1, 1, 1])
    some.numbers[:, MEAN_PITCH] = [40, 60, 70, 50, 60]
    likelihoods = np.eye(8)[[2, 0, 3, 4, 5]]
    told = some.told(likelihoods).context[:, -32:].reshape(5, 4, 8)
    assert told[0].tolist() == [*likelihoods[[1, 1]].tolist(), [0.0] * 8, likelihoods[1].tolist()]
    assert told[3].tolist() == [
        [0, 0, 0, 0.5, 0, 0.5, 0, 0],
        [0, 0, 0, 1, 0, 1, 0, 0],
        [0] * 8,
        likelihoods[4].tolist(),
    ]
    both = PartTable.joined([some, some]).told(np.concatenate([likelihoods, likelihoods])).context
    assert both.tolist() == np.tile(some.told(likelihoods).context, (2, 1)).tolist()


@pytest.mark.parametrize('count', [4, 6])
def test_what_is_likely_of_another_table_is_refused(count):
    with pytest.raises(OtherTableError, match=f'of {count} parts, wanted 5, .*export train-assistants'):
        table(5, piece=[0, 0, 1, 1, 1]).told(np.eye(8)[:count])


def test_the_files_of_a_cluster_are_in_one_fold_and_each_fold_has_some():
    some = table(300, group=np.repeat(np.arange(100), 3).astype(str))
    folds = fold_of(some, 3)
    assert (folds.reshape(100, 3) == folds[::3, None]).all()
    assert np.bincount(folds).tolist() == pytest.approx([100, 100, 100], abs=40)


def test_a_collection_ten_thousand_times_as_large_counts_as_the_root_of_that_and_some_more():
    """10 parts of one class beside 1,000, each of a group of its own: 1,000 ** 0.6 to 10 ** 0.6 is 100 ** 0.6."""
    collection = np.repeat([0, 1], [1000, 10])
    weight = balanced_weights(collection, np.zeros(1010, int), np.arange(1010).astype(str))
    assert weight[:1000].sum() / weight[1000:].sum() == pytest.approx(100**0.6)
    assert weight.mean() == pytest.approx(1)


def test_of_a_rare_class_a_part_counts_more_but_no_more_than_ten_times_the_median():
    label = np.repeat([0, 1, 2], [900, 99, 1])
    weight = balanced_weights(np.zeros(1000, int), label, np.arange(1000).astype(str))
    assert weight[900] / weight[0] == pytest.approx((900 / 99) ** 0.5)
    assert weight[999] / weight[0] == pytest.approx(10)
    assert class_priors(label, weight)[:3].sum() == pytest.approx(1)
