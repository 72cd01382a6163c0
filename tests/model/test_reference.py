"""What real parts are like: places and typicality, held against loops over the parts."""

import io

import numpy as np
import pytest

from music21_kdic import ModelError
from music21_kdic.features.musical import MUSICAL_FEATURES
from music21_kdic.model.reference import Reference, log_odds, read_reference

E, HELD_BACK = 3, 40


def arrays(seed=0, **other):
    """Classes whose embeddings are standard normal around 10 times their number."""
    rng = np.random.default_rng(seed)
    made = {
        'quantiles': np.tile(np.linspace(0, 100, 101), (8, len(MUSICAL_FEATURES), 1)),
        'mean': 10.0 * np.arange(8)[:, None] * np.ones(E),
        'whiten': np.tile(np.eye(E), (8, 1, 1)),
        'distances': np.sort(rng.chisquare(E, (8, HELD_BACK)), axis=1),
        'music': np.sort(rng.normal(size=(8, HELD_BACK)), axis=1),
        'least': np.sort(rng.random((8, HELD_BACK)), axis=1),
        **other,
    }
    return {name: value.astype(np.float32) for name, value in made.items()}


def content(made):
    file = io.BytesIO()
    np.savez(file, **made)
    return file.getvalue()


def test_places_are_shares_of_the_real_parts():
    """Percentiles 0, 1, ... 100: a value of 30.5 has 31 of 101 below it and 70 above."""
    less, more = Reference(**arrays()).place(np.full(len(MUSICAL_FEATURES), 30.5))
    assert less == pytest.approx(31 / 101)
    assert more == pytest.approx(70 / 101)
    less, more = Reference(**arrays()).place(np.full(len(MUSICAL_FEATURES), 30.0))  # which one of them is
    assert less == pytest.approx(30 / 101)
    assert more == pytest.approx(70 / 101)
    less, more = Reference(**arrays()).place(np.full(len(MUSICAL_FEATURES), 200.0))
    assert (less == 1).all()
    assert (more == 0).all()


def test_typicality_by_a_loop():
    made = arrays()
    rng = np.random.default_rng(1)
    embedding, music = rng.normal(size=(5, E)) + 10 * rng.integers(0, 8, (5, 1)), rng.random(5)
    found = Reference(**made).typicality(embedding, music)
    for part in range(5):
        for c in range(8):
            distance = ((embedding[part] - made['mean'][c]) ** 2).sum()
            odds = np.log(music[part] / (1 - music[part]))
            dense = (sum(d >= distance for d in made['distances'][c]) + 1) / (HELD_BACK + 1)
            likely = (sum(m <= odds for m in made['music'][c]) + 1) / (HELD_BACK + 1)
            least = min(dense, likely)
            wanted = (sum(known <= np.float32(least) for known in made['least'][c]) + 1) / (HELD_BACK + 1)
            assert found[part, c] == pytest.approx(wanted)


def test_what_no_real_part_resembles_has_the_least():
    found = Reference(**arrays()).typicality(np.array([[1e6, 0, 0], [0, 0, 0]]), np.array([0.5, 0.0]))
    made = arrays()
    lowest = (np.count_nonzero(made['least'] <= np.float32(1 / (HELD_BACK + 1)), axis=1) + 1) / (HELD_BACK + 1)
    assert found == pytest.approx(np.tile(lowest, (2, 1)))


def test_log_odds_are_finite():
    assert log_odds(np.array([0.5, 0.0, 1.0])) == pytest.approx([0, -27.6, 27.6], abs=0.1)


def test_read_what_was_written(tmp_path):
    made = arrays()
    found = read_reference(content(made), E, tmp_path)
    assert np.array_equal(found.mean, made['mean'])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'mean': np.zeros((8, 2))}, r'mean float32 of shape \(8, 2\), wanted finite float32 of shape \(8, 3\)'),
        ({'quantiles': np.zeros((8, 2, 101))}, 'quantiles float32 of shape'),
        ({'least': np.zeros((7, 4))}, r'least float32 of shape \(7, 4\)'),
        ({'music': np.where(np.eye(8, 4), np.nan, 0)}, 'wanted finite float32'),
        ({'distances': np.tile([2.0, 1.0], (8, 1))}, 'distances that fall, wanted rising ones'),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, change, message):
    with pytest.raises(ModelError, match=message):
        read_reference(content(arrays(**change)), E, tmp_path)


@pytest.mark.parametrize('damaged', [b'', b'PK\x03\x04', content(arrays())[:-200], content({'mean': np.zeros(3)})])
def test_damage_is_refused(tmp_path, damaged):
    with pytest.raises(ModelError, match='cannot be read'):
        read_reference(damaged, E, tmp_path)


def test_objects_are_not_unpickled(tmp_path):
    made = arrays() | {'mean': np.array([print], dtype=object)}
    with pytest.raises(ModelError, match='cannot be read'):
        read_reference(content(made), E, tmp_path)
