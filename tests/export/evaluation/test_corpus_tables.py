"""Models of which it is known what they say: the same of everything, or what the register says."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('yaml', reason='export needs the extra `train`')
from export.data.note_store import NoteStore, StoredFile, write_files
from export.evaluation.corpus_tables import corpus_tables
from export.evaluation.exchanged_parts import exchanged
from music21_kdic.classes import CLASSES
from music21_kdic.collection.options import AUDIT_THRESHOLD
from music21_kdic.features.number_names import MEAN_PITCH
from tests.export.data.test_near_duplicates import BARS, part, tune

STRINGS, BRASS, PIANO = (CLASSES.index(name) for name in ('Strings', 'Brass', 'Piano'))


def always(index, parts):
    return SimpleNamespace(logs=np.log(np.full((parts, 8), 0.04) + 0.68 * np.eye(8)[index]))


class OneAnswer:
    """Strings to a part by itself, Brass to one in its score."""

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


class ByRegister:
    """What is high is Strings and what is low is Brass, in a score the other way round."""

    contract = SimpleNamespace(least_confidence=0.3, least_music=0.5)

    def __init__(self, confidence, music=1.0):
        self.confidence, self.music = confidence, music

    def said(self, classes):
        rest = (1 - self.confidence) / 7
        logs = np.log(rest + (self.confidence - rest) * np.eye(8)[classes])
        return SimpleNamespace(logs=logs, music=np.full(len(logs), self.music))

    def answer_twice(self, numbers, context):
        high = numbers[:, MEAN_PITCH] > 60
        return self.said(np.where(high, STRINGS, BRASS)), self.said(np.where(high, BRASS, STRINGS))


@pytest.fixture(scope='module')
def scores(tmp_path_factory):
    """Four scores of four high parts of Strings and one of no class, four of six low parts of Brass."""
    files = []
    for n, (label, count, higher) in enumerate([(STRINGS, 4, 24)] * 4 + [(BRASS, 6, -24)] * 4):
        parts = [part(i, label, tune(10 * n + i) + higher) for i in range(count)]
        if label == STRINGS:
            parts.append(part(count, -1, tune(10 * n + 9) + higher))
        files.append(StoredFile(f'{n}.mid', f'g{n}', 'test', BARS, parts))
    path = tmp_path_factory.mktemp('scores') / 'a.npz'
    write_files(files, path)
    return NoteStore(path)


def test_a_part_that_was_exchanged_is_found_where_the_model_names_it_and_never_where_it_names_the_others(scores):
    """Chance is the mean of 1/4 and 1/6, of 3/4 and 3/6; a part without a class fits none."""
    found = exchanged(ByRegister(0.9), scores, scores=8)
    alone, together = found['alone'], found['together']
    assert alone['scores'] == together['scores'] == 8
    assert (alone['first'], alone['among'], alone['named']) == (1, 1, 1)
    assert (together['first'], together['among'], together['named']) == (0, 0, 0)
    for each in (alone, together):
        assert each['first_by_chance'] == pytest.approx((1 / 4 + 1 / 6) / 2, abs=0.0005)
        assert each['among_by_chance'] == pytest.approx((3 / 4 + 3 / 6) / 2, abs=0.0005)


def test_audit_would_accuse_the_stranger_or_the_others_and_nobody_below_its_threshold_or_of_noise(scores):
    found = exchanged(ByRegister(0.9), scores, scores=8)
    # By itself the stranger is accused, in the score the others are; asked together, either answer accuses.
    assert [(found[level]['accused'], found[level]['accused_wrongly']) for level in found] == [(1, 0), (1, 1)]
    for unsure in (ByRegister(AUDIT_THRESHOLD - 0.01), ByRegister(0.9, music=0.4)):
        for each in exchanged(unsure, scores, scores=8).values():
            assert each['accused'] == each['accused_wrongly'] == 0
