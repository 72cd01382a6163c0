import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from dataclasses import replace

from export.data.part_table import PartTable, balanced_weights, class_priors, read_tables, write_table


def table(count, **columns):
    """Parts of pop, all labelled Guitar and of the training split, but for what is said."""
    plain = PartTable(
        numbers=np.zeros((count, 3), np.float32), context=np.zeros((count, 2), np.float32),
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
