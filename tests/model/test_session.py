"""What the runtime refuses to load, and why. The models are made here, by hand."""

import os
import re
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from music21 import corpus
from onnx import TensorProto
from scipy.special import log_softmax

from music21_kdic import CLASSES, ModelError
from music21_kdic.features.number_names import CONTEXT_NUMBERS, PART_NUMBERS, PLACE_NUMBERS
from music21_kdic.features.part_numbers import part_numbers
from music21_kdic.features.windows import cut_windows
from music21_kdic.model.session import SHIPPED, Model, class_logs, load_model
from music21_kdic.reading.streams import note_sequence
from tests.hand_made_model import INPUTS, make_model

NUMBERS = np.arange(2.0 * len(PART_NUMBERS), dtype=np.float32).reshape(2, -1)
PLACE = np.zeros((2, len(PLACE_NUMBERS)), dtype=np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'model'


def test_a_hand_made_model_is_understood(path):
    answers = Model(make_model(path)).answer(NUMBERS)
    assert answers.logs == pytest.approx(np.tile(log_softmax(np.arange(8.0)), (2, 1)), abs=1e-6)
    assert answers.embedding.tolist() == [[0.0], [float(len(PART_NUMBERS))]]
    assert answers.instruments.tolist() == [[0.0] * 8] * 2  # the only one of its class, each
    assert answers.music.round(3).tolist() == [1.0, 1.0]
    assert answers.other.round(3).tolist() == [0.0, 0.0]


def test_what_is_no_music_is_of_any_class_alike(path):
    """By hand: of two parts with the same logits, one is as likely music as not, the other all but certainly none."""
    eight_to_one = np.log([[8.0, 1, 1, 1, 1, 1, 1, 1]] * 4)
    found = np.exp(class_logs(eight_to_one, np.array([0.0, -300, 300, -3000])))
    assert found[0] == pytest.approx([(8 / 15 + 1 / 8) / 2] + [(1 / 15 + 1 / 8) / 2] * 7)
    assert found[[1, 3]] == pytest.approx(np.full((2, 8), 1 / 8))
    assert found[2] == pytest.approx([8 / 15] + [1 / 15] * 7)
    answers = Model(make_model(path, music=-100.0)).answer(NUMBERS)
    assert answers.logs == pytest.approx(np.full((2, 8), -np.log(8)))


def test_the_context_counts_only_where_it_is_given(path):
    alone, together = Model(make_model(path)).answer_twice(NUMBERS, PLACE)
    assert alone.logs == pytest.approx(np.tile(log_softmax(np.arange(8.0)), (2, 1)), abs=1e-6)
    assert together.logs == pytest.approx(np.tile(log_softmax(np.array([0.0, 1, 2, 3, 4, 5, 6, 0])), (2, 1)), abs=1e-6)
    assert alone.embedding.tolist() == together.embedding.tolist() == [[0.0], [float(len(PART_NUMBERS))]]


def test_the_parts_of_several_scores_see_those_of_their_own():
    """The last score has one part, which is answered by itself."""
    model = load_model()
    rng = np.random.default_rng(0)
    parts = [note_sequence(part) for name in ('bwv66.6', 'bwv269') for part in corpus.parse(name).parts][:6]
    numbers = part_numbers(parts, [cut_windows(part) for part in parts])
    place = rng.uniform(0, 1, (6, len(PLACE_NUMBERS))).astype(np.float32)
    alone, together = model.answer_twice(numbers, place, [2, 3, 1])
    for score in (slice(0, 2), slice(2, 5)):
        by_itself, in_score = model.answer_twice(numbers[score], place[score])
        np.testing.assert_allclose(alone.logs[score], by_itself.logs, atol=1e-5)
        np.testing.assert_allclose(together.logs[score], in_score.logs, atol=1e-5)
    assert np.abs(together.logs[:5] - alone.logs[:5]).max() > 0.01
    np.testing.assert_allclose(together.logs[5], alone.logs[5], atol=1e-5)


def test_many_parts_are_answered_in_batches_and_none_without_any(path):
    model = Model(make_model(path))
    many = np.repeat(NUMBERS, 300, axis=0)
    assert model.answer(many).embedding[:, 0].tolist() == many[:, 0].tolist()
    assert model.answer(NUMBERS[:0]).logs.shape == (0, 8)


EIGHT = [0.1] * 8
LUTES = [{'name': f'{name} lute', 'class': name, 'programs': [24], 'music21': 'Lute'} for name in CLASSES]


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('version', 6, 'contract 6, wanted 7'),
        ('version', None, 'cannot be read'),
        ('classes', CLASSES[::-1], 'classes'),
        ('classes', 7, 'cannot be read'),
        ('numbers', ['pitch'], f'reads 1 other numbers of a part than the {len(PART_NUMBERS)} here'),
        ('context', ['drums'], f'reads 1 other numbers of its score than the {len(CONTEXT_NUMBERS)} here'),
        ('instruments', [], '0 instruments, wanted .* some of every class'),
        ('instruments', [{'name': 'lute'}], 'cannot be read'),
        (
            'instruments',
            [{**one, 'programs': []} for one in LUTES],
            r'programs \(\) of Guitar lute, wanted some of 0 to 127',
        ),
        ('instruments', [{**one, 'programs': [400]} for one in LUTES], r'programs \(400,\) of Guitar lute'),
        ('instruments', LUTES + LUTES[:1], 'instruments Guitar lute, .*, Guitar lute, wanted a name for each'),
        ('priors', [0.5, 0.5], 'wanted eight positive numbers'),
        ('priors', [1.0] * 8, 'sum to 1'),
        ('priors', [10**400] * 8, 'cannot be read'),
        ('spread', [1.0] * 8, 'spread .* wanted 4 times eight positive numbers'),
        ('spread', [[0.0] * 8] * 4, 'spread .* wanted 4 times eight positive numbers'),
        ('embedding', 0, 'an embedding of 0 numbers'),
        ('first_layer', 5000, 'a first layer of 5000 numbers, wanted 1 to 4096'),
        ('sure', {'alone': EIGHT}, 'cannot be read'),
        ('sure', {'alone': EIGHT, 'together': [0.1]}, 'sure together .* wanted eight numbers'),
        ('sure', {'alone': EIGHT, 'together': [float('nan')] * 8}, 'sure together .* wanted eight numbers'),
        ('plausible', {'alone': {'threshold': 1}}, 'cannot be read'),
        (
            'plausible',
            {level: {'threshold': 0.9, 'penalty': -1, 'free': 1} for level in ('alone', 'together')},
            'plausible alone .* a penalty of at least 0',
        ),
        ('least_confidence', 'high', 'cannot be read'),
        ('least_confidence', 1.0, r'least confidence and least music \(1.0, 0.25\), wanted 0 to below 1'),
        ('least_music', float('nan'), 'wanted 0 to below 1'),
        ('facts', 'nothing', 'cannot be read'),
    ],
)
def test_a_contract_that_is_not_understood(path, key, value, message):
    with pytest.raises(ModelError, match=message):
        Model(make_model(path, {key: value}))


@pytest.mark.parametrize('content', [b'', b'[', b'[]', b'\xff', b'[' * 100_000], ids=repr)
def test_a_contract_that_is_no_json_object(path, content):
    (make_model(path) / 'contract.json').write_bytes(content[:200_000])
    with pytest.raises(ModelError, match='its contract cannot be read'):
        Model(path)


def test_a_model_of_another_shape(path):
    with pytest.raises(ModelError, match=r"outputs logits float \['n', 7\]"):
        Model(make_model(path, logits=range(7)))
    with pytest.raises(ModelError, match=r'inputs numbers double .* wanted numbers float'):
        Model(make_model(path, input_type=TensorProto.DOUBLE))
    with pytest.raises(ModelError, match=r'inputs numbers float \[7, '):
        Model(make_model(path, batch=7))
    with pytest.raises(ModelError, match=r"inputs .*, known float \['n', 1\], wanted numbers float"):
        Model(make_model(path, inputs={**INPUTS, 'known': 1}))
    with pytest.raises(ModelError, match=r"wanted logits .*, embedding float \['parts', 2\]"):
        Model(make_model(path, {'embedding': 2}))

    def the_other_way_round(model):
        outputs = list(model.graph.output)[::-1]
        del model.graph.output[:]
        model.graph.output.extend(outputs)

    with pytest.raises(ModelError, match='outputs first_layer'):
        Model(make_model(path, change=the_other_way_round))

    def of_no_type(model):  # as the fuzzer's model mutant 1124 of seed 0
        model.graph.input[0].type.tensor_type.elem_type = -8

    with pytest.raises(ModelError, match='inputs numbers -8 '):
        Model(make_model(path, change=of_no_type))


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_an_answer_that_is_no_number(path, bad):
    model = Model(make_model(path, logits=[bad] * 8))
    with pytest.raises(ModelError, match='wanted finite logits'):
        model.answer(NUMBERS)


def test_a_truncated_model(path):
    shutil.copytree(SHIPPED, path)
    for name in ('part.onnx', 'score.onnx'):
        content = (SHIPPED / name).read_bytes()
        for length in (0, 1, 100, len(content) // 2, len(content) - 1):
            (path / name).write_bytes(content[:length])
            with pytest.raises(ModelError, match=re.escape(name)):
                Model(path)
        (path / name).write_bytes(content)


def test_a_loop_of_links_and_a_pipe(path):
    path.symlink_to(path)
    with pytest.raises(ModelError, match='cannot be opened'):
        load_model(path)
    path.unlink()
    path.mkdir()
    os.mkfifo(path / 'contract.json')
    with pytest.raises(ModelError, match='not a file'):
        load_model(path)


def test_no_folder_and_a_text_file(path):
    with pytest.raises(ModelError, match='cannot be opened'):
        Model(path)
    (make_model(path) / 'part.onnx').write_text('Dear Sir or Madam')
    with pytest.raises(ModelError, match='not a readable ONNX model'):
        Model(path)


def test_weights_in_another_file_are_refused(path):
    shutil.copytree(SHIPPED, path)
    network = path / 'score.onnx'
    onnx.save(
        onnx.load(network), network, save_as_external_data=True, all_tensors_to_one_file=True, location='weights.bin'
    )
    assert (path / 'weights.bin').exists()
    with pytest.raises(ModelError, match='lies in another file, wanted all weights in this one'):
        Model(path)


def test_a_model_is_loaded_once():
    assert load_model() is load_model(SHIPPED)


def test_a_time_limit_is_no_fault_of_the_model(path, monkeypatch, time_limit):
    error, strike = time_limit
    model = Model(make_model(path))
    monkeypatch.setattr(model._sessions['part.onnx'], 'run', strike)
    with pytest.raises(error):
        model.answer(NUMBERS)
    for module, name in (
        (onnxruntime, 'InferenceSession'),
        (np, 'load'),
        (onnx.shape_inference, 'infer_shapes'),
        (onnx, 'load_model_from_string'),
    ):
        monkeypatch.setattr(module, name, strike)
        with pytest.raises(error):
            Model(path if name != 'load' else SHIPPED)


def test_what_onnxruntime_raises_is_a_fault_of_the_model(path):
    model = Model(make_model(path))
    with pytest.raises(ModelError, match='fails on 2 parts'):
        model.answer(NUMBERS[:, 1:])
