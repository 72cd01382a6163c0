"""A model that says the same of everything: Strings to a part by itself, Brass to one in its score."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from export.data.note_store import NoteStore, StoredFile, write_files
from export.evaluation.corpus_tables import corpus_tables
from export.evaluation.exchanged_parts import exchanged
from music21_kdic.classes import CLASSES
from tests.export.data.test_near_duplicates import BARS, part, tune

STRINGS, BRASS, PIANO = (CLASSES.index(name) for name in ('Strings', 'Brass', 'Piano'))


def always(index, parts):
    return SimpleNamespace(logs=np.log(np.full((parts, 8), 0.04) + 0.68 * np.eye(8)[index]))


class OneAnswer:
    def answer(self, numbers):
        return always(STRINGS, len(numbers))

    def answer_twice(self, numbers, context):
        return always(STRINGS, len(numbers)), always(BRASS, len(numbers))


def corpus(path, **pieces):
    """A store of pieces, each a list of classes; -1 names no instrument. Each part is a file of its own."""
    files = [
        StoredFile('', f'{name}/1', 'corpus', BARS, [part(0, label, tune(label + 2))])
        for name, labels in pieces.items()
        for label in labels
    ]
    write_files(files, path)
    return NoteStore(path)


def test_parts_are_counted_by_class_composer_and_ensemble(tmp_path):
    store = corpus(
        tmp_path / 'a.npz', haydn=[STRINGS] * 4, gabrieli=[BRASS, BRASS, STRINGS], chopin=[PIANO], bach=[STRINGS, -1]
    )
    found = corpus_tables(OneAnswer(), store)
    assert found['all']['all'] == {'parts': 9, 'alone': round(6 / 9, 3), 'together': round(2 / 9, 3)}
    assert found['class']['Strings'] == {'parts': 6, 'alone': 1.0, 'together': 0.0}
    assert found['composer']['gabrieli'] == {'parts': 3, 'alone': 0.333, 'together': 0.667}
    assert found['ensemble'] == {
        'string quartets': {'parts': 4, 'alone': 1.0, 'together': 0.0},
        'with winds': {'parts': 3, 'alone': 0.333, 'together': 0.667},
        'others': {'parts': 2, 'alone': 0.5, 'together': 0.0},
    }


def test_a_part_that_was_exchanged_is_named_where_the_one_answer_is_its_class(tmp_path):
    """In four scores of Strings the stranger is Brass, in four of Brass it is one of the Strings."""
    files = [
        StoredFile(f'{n}.mid', f'g{n}', 'test', BARS, [part(i, label, tune(3 * n + i)) for i in range(3)])
        for n, label in enumerate([STRINGS] * 4 + [BRASS] * 4)
    ]
    write_files(files, tmp_path / 'a.npz')
    found = exchanged(OneAnswer(), NoteStore(tmp_path / 'a.npz'), scores=8)
    # The label of an exchanged part stays what the score says: always the same answer fits all three alike.
    assert {level: each['scores'] for level, each in found.items()} == {'alone': 8, 'together': 8}
    assert found['alone']['among'] == found['together']['among'] == 1.0
    assert found['alone']['named'] == found['together']['named'] == 0.5
