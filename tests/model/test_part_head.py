"""How a part is judged by its windows: sums worked by hand, and heads that are refused."""

import base64
import json
import math

import numpy as np
import pytest

from music21_kdic import ModelError
from music21_kdic.answers.likelihood import classify
from music21_kdic.model.part_head import PartHead, read_head
from music21_kdic.model.session import Model, load_model, log_softmax
from music21_kdic.reading.notes import NoteSequence
from tests.hand_made_model import head, make_model

# Eight bars of 4/4 and two of 3/4: windows of 8, 8, 8, 8 and 6 quarter lengths, the first two alike.
ONSETS = np.array([0.0, 2, 8, 10, 16, 19, 24, 26, 32, 34])
PITCHES = [60, 62, 60, 62, 64, 65, 67, 69, 70, 72]
PART = NoteSequence(ONSETS, ONSETS + 1, PITCHES, bars=[0, 4, 8, 12, 16, 20, 24, 28, 32, 35, 38])


def test_windows_are_summed_up_as_by_hand():
    """Of 1, 3 and 5: mean 3, variance 8/3; of three times 2: variance 0."""
    pooled = PartHead.pool([[1.0, 2.0], [3.0, 2.0], [5.0, 2.0]])
    assert pooled == pytest.approx([3, 2, math.sqrt(8 / 3 + 1e-4), 0.01, 5, 2])


def test_dense_layers_by_hand():
    """One window embedded as 3: pooled 3, 0.01, 3; the first layer gives 3 + 1 and -3, of which 0 is left."""
    first = np.array([[1.0, -1.0], [0, 0], [0, 0]])
    last = np.array([np.arange(8.0), np.ones(8)])
    found = PartHead((first, last), (np.array([1.0, 0.0]), np.full(8, 0.5)))([[3.0]])
    assert found == pytest.approx(4 * np.arange(8) + 0.5)


def test_the_head_reads_the_different_windows_of_a_part_only(tmp_path):
    """A window is embedded as its length: of 8, 8, 8 and 6, mean 7.5, deviation 0.866, maximum 8."""
    weights = np.eye(3, 8)
    weights[0, 0], weights[2, 2] = 0.1, 0.1
    model = Model(make_model(tmp_path / 'model.onnx', {'kdic.head': head((weights, np.zeros(8)))}))
    (answer,) = classify([PART], model)
    assert len(answer.matrix) == 5
    deviation = math.sqrt((3 * 0.5**2 + 1.5**2) / 4 + 1e-4)
    wanted = log_softmax(np.array([0.75, deviation, 0.8, 0, 0, 0, 0, 0]))
    assert np.log(answer.probabilities) == pytest.approx(wanted, abs=1e-6)
    assert np.log(answer.matrix) == pytest.approx(np.tile(log_softmax(np.arange(8.0)), (5, 1)), abs=1e-6)


def test_parts_that_share_windows_are_judged_each_by_itself():
    other = NoteSequence(ONSETS[:4], ONSETS[:4] + 1, PITCHES[:4], bars=[0, 4, 8, 12, 16])
    together = classify([PART, other, PART], load_model())
    for part, found in zip((PART, other, PART), together, strict=True):
        (alone,) = classify([part], load_model())
        assert found.probabilities == pytest.approx(alone.probabilities, abs=1e-5)


def test_the_order_of_windows_does_not_matter():
    """Windows of four bars each, played backwards."""
    windows = np.repeat(np.arange(5)[::-1], 2) * 8 + np.tile([0.0, 1.0], 5)
    forwards = NoteSequence(np.sort(windows), np.sort(windows) + 0.5, np.arange(50, 60), bars=np.arange(0.0, 41, 4))
    backwards = NoteSequence(windows, windows + 0.5, np.arange(50, 60), bars=np.arange(0.0, 41, 4))
    one, other = classify([forwards, backwards], load_model())
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    assert one.matrix == pytest.approx(other.matrix[::-1], abs=1e-5)


def test_answers_are_sure_from_the_contract_s_confidence_on(tmp_path):
    """Odds of 3 to 7 times 1: 0.3 for Guitar; unclear parts are not sure, and priors make no answer so."""
    logits = np.log([3.0, 1, 1, 1, 1, 1, 1, 1])

    def answer(sure, least=0.0, priors=None):
        contract = {
            'kdic.head': head((np.zeros((3, 8)), logits)),
            'kdic.sure_confidence': str(sure),
            'kdic.least_confidence': str(least),
        }
        (found,) = classify([PART], Model(make_model(tmp_path / 'model.onnx', contract)), priors)
        return found.status, found.ranked()[0][0], found.sure

    assert answer(0.29) == ('ok', 'Guitar', True)
    assert answer(0.31) == ('ok', 'Guitar', False)
    assert answer(0.29, least=0.31) == ('unclear', 'Guitar', False)
    assert answer(0.29, priors=[1, 99, 1, 1, 1, 1, 1, 1]) == ('ok', 'Piano', False)
    assert answer(0.31, priors=[99, 1, 1, 1, 1, 1, 1, 1]) == ('ok', 'Guitar', False)
    assert answer(0.29, priors=[99, 1, 1, 1, 1, 1, 1, 1]) == ('ok', 'Guitar', True)


def test_a_head_that_outgrows_floating_point_is_a_model_error(tmp_path):
    layers = [(np.full((3, 8), 3e38), np.zeros(8)), *[(np.full((8, 8), 3e38), np.zeros(8))] * 7]
    model = Model(make_model(tmp_path / 'model.onnx', {'kdic.head': head(*layers)}))
    with pytest.raises(ModelError, match='the network gave inf, wanted finite logits of a part'):
        classify([PART], model)


FINE = (np.zeros((3, 8)), np.zeros(8))


def layer(**changes):
    return json.dumps({'layers': [json.loads(head(FINE))['layers'][0] | changes]})


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (head(), 'wanted a list of 1 to 8 layers'),
        (head((np.zeros((3, 8)), np.zeros(8)), *[(np.zeros((8, 8)), np.zeros(8))] * 8), 'a list of 1 to 8 layers'),
        ('{"layers": {}}', 'wanted a list of 1 to 8 layers'),
        ('{}', 'cannot be read .*layers'),
        ('[', 'cannot be read'),
        ('[' * 100_000, 'cannot be read'),
        (head((np.zeros((5, 8)), np.zeros(8))), 'wanted some that fit together, from 3 times 1 to 512'),
        (head((np.zeros((1, 8)), np.zeros(8))), 'wanted some that fit together'),
        (head((np.zeros((3 * 513, 8)), np.zeros(8))), 'wanted some that fit together'),
        (head((np.zeros((3, 7)), np.zeros(7))), 'wanted some that fit together, .* to 8'),
        (head((np.zeros((3, 5)), np.zeros(5)), (np.zeros((6, 8)), np.zeros(8))), 'wanted some that fit together'),
        (head((np.zeros((3, 4097)), np.zeros(4097)), (np.zeros((4097, 8)), np.zeros(8))), 'wanted 1 to 4096 numbers'),
        (head((np.full((3, 8), np.nan), np.zeros(8))), 'wanted finite numbers'),
        (head((np.zeros((3, 8)), np.full(8, np.inf))), 'wanted finite numbers'),
        (layer(shape=[4, 0]), 'wanted 1 to 4096 numbers'),
        (layer(shape=[4, -8]), 'wanted 1 to 4096 numbers'),
        (layer(shape=[4, 10**30]), 'wanted 1 to 4096 numbers'),
        (layer(shape=[4]), 'cannot be read'),
        (layer(shape=[4.0, 8]), 'cannot be read'),
        (layer(shape=[7, 8]), 'head with 24 numbers for a layer of'),
        (layer(bias=base64.b64encode(bytes(28)).decode()), 'head with 7 numbers for a layer of'),
        (layer(bias=base64.b64encode(bytes(33)).decode()), 'cannot be read'),
        (layer(weights='no base64'), 'cannot be read'),
        (layer(weights=None), 'cannot be read'),
    ],
)
def test_a_head_that_is_none_is_a_model_error(tmp_path, text, message):
    with pytest.raises(ModelError, match=message):
        Model(make_model(tmp_path / 'model.onnx', {'kdic.head': text}))


def test_what_is_read_is_what_was_written():
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in ((6, 5), (5, 8))]
    found = read_head(head(*layers))
    assert found.embedding == 2
    for (weight, bias), read_weight, read_bias in zip(layers, found.weights, found.biases, strict=True):
        assert (read_weight == weight.astype(np.float32)).all()
        assert (read_bias == bias.astype(np.float32)).all()
