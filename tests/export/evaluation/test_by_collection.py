"""Answers that are known, to parts of which it is known whether they are tested on."""

import numpy as np
import pytest

pytest.importorskip('sklearn', reason='export needs scikit-learn (extra `train`)')
pytest.importorskip('torch', reason='export needs torch (extra `train`)')
from export.data.sources import COLLECTIONS
from export.evaluation import by_collection
from export.evaluation.by_collection import in_short, of_collections, of_left_out
from export.evaluation.evaluate import _fit
from export.evaluation.said import Said
from tests.export.data.test_part_table import table

POP, LAKH, JAZZ = (COLLECTIONS.index(name) for name in ('pop', 'lakh', 'jazz'))
SPLITS = ['train', 'train', 'val', 'test', 'test', 'lakh', 'test']
PARTS = table(7, split=SPLITS, collection=[POP, POP, POP, POP, POP, LAKH, JAZZ])


def naming(classes):
    """Log probabilities that name these classes."""
    return np.log(np.eye(8)[list(classes)] * 0.92 + 0.01)


def said(of_table, logs):
    return Said(of_table, (1.0, 1.0), (logs, logs), (None, None))


@pytest.fixture
def asked(monkeypatch):
    """Students that name Guitar, which is right, to what is tested on, and Piano to the others."""

    def ask(_, of_table, left_out):
        return said(of_table, naming(np.where(of_table.tested, 0, 1)))

    monkeypatch.setattr(by_collection, 'ask', ask)


def test_thresholds_are_not_fitted_to_what_is_tested_on_but_figures_are_of_all_parts(asked):
    figures, sets = of_left_out({'pop': None}, PARTS)
    for level, of_level in zip(('alone', 'together'), sets, strict=True):
        assert figures['pop'][level][1] == pytest.approx(2 / 5)  # two of five parts are tested on, and right
        assert list(of_level) == ['pop, left out']
        assert of_level['pop, left out'].logs.argmax(axis=1).tolist() == [1, 1, 1]


def test_of_collections_of_which_all_is_tested_there_are_figures_and_nothing_to_fit_to(asked):
    figures, sets = of_left_out({'lakh jazz': None, 'pop': None}, PARTS)
    assert list(figures) == ['lakh', 'jazz', 'pop']
    assert [list(of_level) for of_level in sets] == [['pop, left out']] * 2


def test_where_nothing_is_left_to_fit_to_it_is_said_what_was_wanted(asked):
    some = PARTS.select(PARTS.collection == LAKH)
    _, sets = of_left_out({'lakh': None}, some)
    with pytest.raises(
        ValueError, match='0 parts to fit `sure` and `plausible` to, wanted parts of left-out collectio'
    ):
        _fit(1, said(some, naming([0])), sets)


def test_the_deviation_over_seeds_is_the_unbiased_one_of_their_figures():
    """Of two tested Guitars of pop one seed names both and one names one: accuracies 1 and 0.5, (0.5 ** 2 / 2) ** 0.5.

    Macro-F1 is that of Guitar: 1, and 2 / 3.
    """
    both, one = (said(PARTS, naming([0, 0, 0, 0, second, 0, 0])) for second in (0, 1))
    macro, accuracy = (1 / 3) / 2**0.5, 0.5 / 2**0.5
    found = of_collections([both, one], 0, naming([0] * 7))['pop']['deviation_over_seeds']
    assert found[:2] == pytest.approx([macro, accuracy], abs=1e-4)
    assert in_short([both, one])['pop']['alone'] == pytest.approx([5 / 6, 0.75, macro], abs=1e-4)
    assert in_short([both])['pop']['alone'][2] == 0
