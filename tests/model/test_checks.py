"""What is examined before a model is run. The models are made by hand, each with one thing that no model needs."""

import shutil
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from music21_kdic import ModelError
from music21_kdic.features.number_names import PART_NUMBERS
from music21_kdic.model import checks
from music21_kdic.model.checks import MOST_ELEMENTS, SHIPPED, SHIPPED_SHA256
from music21_kdic.model.session import Model
from music21_kdic.reading.content import MAX_BYTES
from tests.hand_made_model import make_model


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'model'


@pytest.fixture
def no_session(monkeypatch):
    """onnxruntime must not be given any bytes."""

    def refuse(*_args, **_keywords):
        raise AssertionError('a session was made')

    monkeypatch.setattr(onnxruntime, 'InferenceSession', refuse)


def body(*nodes):
    """A graph inside an operator."""
    out = [helper.make_tensor_value_info('out', TensorProto.FLOAT, None)]
    return helper.make_graph(list(nodes), 'body', [], out)


@pytest.mark.parametrize('name', SHIPPED_SHA256)
def test_a_shipped_file_is_the_pinned_one_and_changed_it_is_refused(path, monkeypatch, no_session, name):
    shutil.copytree(SHIPPED, path)
    content = bytearray((path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (path / name).write_bytes(content)
    monkeypatch.setattr(checks, 'SHIPPED', path)
    with pytest.raises(ModelError, match=f'SHA-256 [0-9a-f]{{64}}, wanted {SHIPPED_SHA256[name]}: damaged, install'):
        Model(path)


def test_the_shipped_model_needs_no_package_to_examine_it_wherever_it_lies(path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnx', None)
    shutil.copytree(SHIPPED, path)
    assert Model(path).contract.facts == Model().contract.facts


def test_another_model_is_not_run_unexamined(path, monkeypatch, no_session):
    monkeypatch.setitem(sys.modules, 'onnx', None)
    with pytest.raises(ModelError, match=r'examined with onnx first, pip install "music21-kdic\[models\]"'):
        Model(make_model(path))


@pytest.mark.parametrize(
    ('nodes', 'constants', 'message'),
    [
        (
            [helper.make_node('Loop', ['trips', 'again', 'zero'], ['round'], body=body())],
            {'trips': np.array(2**62), 'again': np.array(True)},
            "has the operator 'Loop', which no model here needs",
        ),
        ([helper.make_node('RandomNormal', [], ['noise'], shape=[8])], {}, "has the operator 'RandomNormal'"),
        ([helper.make_node('Neg', ['numbers'], ['y'], domain='com.microsoft')], {}, "has the operator 'Neg'"),
        (
            [helper.make_node('Mul', ['zero', 'zero'], ['y'], then=body())],
            {},
            'Mul holds a graph of its own, wanted a plain network',
        ),
        (
            [helper.make_node('Expand', ['zero', 'sides'], ['vast'])],
            {'sides': np.array([1000, 1000, 1000])},
            r"Expand makes 'vast' of shape \(1000, 1000, 1000\) for 256 parts, too large",
        ),
        (
            # Each array is small, their product is not.
            [helper.make_node('Mul', ['tall', 'wide'], ['vast'])],
            {'tall': np.zeros((MOST_ELEMENTS // 4, 1), np.float32), 'wide': np.zeros((1, 2048), np.float32)},
            "Mul makes 'vast' of shape .* too large",
        ),
        (
            [
                helper.make_node('ReduceSum', ['numbers'], ['sum'], keepdims=0),
                helper.make_node('Cast', ['sum'], ['number'], to=TensorProto.INT64),
                helper.make_node('Unsqueeze', ['number', 'first'], ['sides']),
                helper.make_node('Expand', ['zero', 'sides'], ['some']),
                helper.make_node('Unsqueeze', ['some', 'first'], ['open']),
            ],
            {'first': np.array([0])},
            'of a shape that cannot be told beforehand',
        ),
        (
            [helper.make_node('MatMul', ['numbers', 'wanted'], ['y'])],
            {},
            'its operators do not fit together',
        ),
        (
            [helper.make_node('Div', ['smallest', 'minus_one'], ['crash'])],
            {'smallest': np.array([-(2**63)]), 'minus_one': np.array([-1])},
            'Div of integers, wanted floating-point numbers',
        ),
        (
            [helper.make_node('MaxPool', ['image'], ['y'], kernel_shape=[2**40, 1])],
            {'image': np.zeros((1, 1, 4, 4), np.float32)},
            'MaxPool with kernel_shape of 1099511627776, wanted at most 4096',
        ),
        (
            [helper.make_node('MaxPool', ['image'], ['y', 'where'], kernel_shape=[2, 2])],
            {'image': np.zeros((1, 1, 4, 4), np.float32)},
            'MaxPool with 2 outputs, wanted one',
        ),
        (
            [helper.make_node('Cast', ['zero'], ['text'], to=TensorProto.STRING)],
            {},
            'Cast to type 8, wanted float',
        ),
        ([helper.make_node('Cast', ['zero'], ['something'])], {}, 'Cast to type None, wanted float'),
        (
            [helper.make_node('Neg', ['deep'], ['y'])],
            {'deep': np.zeros([1] * 9, dtype=np.float32)},
            'wanted at most 10000 of 8 dimensions',
        ),
    ],
    ids=[
        'loop',
        'random',
        'other domain',
        'subgraph',
        'vast',
        'vast by broadcast',
        'open',
        'unfit',
        'smallest by -1',
        'vast kernel',
        'indices',
        'text',
        'nothing',
        'deep',
    ],
)
def test_an_operator_that_no_model_needs_is_refused_before_a_session_is_made(
    path, no_session, nodes, constants, message
):
    with pytest.raises(ModelError, match=message):
        Model(make_model(path, more_nodes=nodes, more_constants=constants))


def makes(*nodes):
    """Have the last of some nodes make the logits, from what made them before."""

    def change(model):
        model.graph.node[-1].output[0] = 'before'
        model.graph.node.extend(nodes)

    return change


@pytest.mark.parametrize(
    ('change', 'constants', 'message'),
    [
        (
            makes(helper.make_node('Concat', ['before', 'before'], ['logits'], axis=0)),
            {},
            r'logits of shape \(512, 8\) for 256 parts, wanted 8 for each',
        ),
        (
            makes(helper.make_node('ReduceMean', ['before', 'first'], ['logits'], keepdims=1)),
            {'first': np.array([0])},
            r'logits of shape \(1, 8\) for 256 parts',
        ),
        (
            makes(
                helper.make_node('Tile', ['before', 'times'], ['many']),
                helper.make_node('Slice', ['many', 'from', 'to'], ['logits']),
            ),
            {'times': np.array([10**8, 1]), 'from': np.array([0]), 'to': np.array([256])},
            r"Tile makes 'many' of shape \(25600000000, 8\) for 256 parts, too large",
        ),
        (
            makes(
                *(helper.make_node('Expand', ['before', 'sides'], [f'large{i}']) for i in range(40)),
                helper.make_node('Identity', ['before'], ['logits']),
            ),
            {'sides': np.array([2**13, 256, 8])},
            "makes 'large15' of shape .* too large",
        ),
    ],
    ids=['twice the parts', 'one for all', 'vast for a moment', 'many large ones'],
)
def test_what_becomes_of_the_parts_is_worked_out_before_a_session_is_made(path, no_session, change, constants, message):
    with pytest.raises(ModelError, match=message):
        Model(make_model(path, more_constants=constants, change=change))


def add_a_function(model):
    model.functions.append(
        helper.make_function(
            'local', 'F', ['a'], ['b'], [helper.make_node('Neg', ['a'], ['b'])], [helper.make_opsetid('', 18)]
        )
    )


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (add_a_function, 'holds functions, training or sparse weights'),
        (lambda model: model.training_info.add(), 'holds functions, training or sparse weights'),
        (lambda model: model.graph.sparse_initializer.add(), 'holds functions, training or sparse weights'),
        (lambda model: model.opset_import.append(helper.make_opsetid('evil', 1)), "of the domain 'evil'"),
        (
            lambda model: model.graph.node.extend(
                [helper.make_node('Neg', ['zero'], [f'n{i}']) for i in range(10_001)]
            ),
            '10008 operators, wanted at most 10000',
        ),
    ],
    ids=['function', 'training', 'sparse', 'domain', 'many'],
)
def test_what_is_no_plain_network_is_refused_before_a_session_is_made(path, no_session, change, message):
    with pytest.raises(ModelError, match=message):
        Model(make_model(path, change=change))


@pytest.mark.parametrize(('said', 'named'), [(True, True), (True, False), (False, True)])
def test_weights_of_an_attribute_in_another_file_are_refused(path, no_session, said, named):
    value = onnx.TensorProto(data_type=TensorProto.FLOAT, dims=[1], name='secret')
    if said:
        value.data_location = onnx.TensorProto.EXTERNAL
    if named:
        value.external_data.add(key='location', value='/etc/passwd')
    with pytest.raises(ModelError, match="'secret' lies in another file"):
        Model(make_model(path, more_nodes=[helper.make_node('Constant', [], ['c'], value=value)]))


def test_what_a_file_says_of_its_shapes_is_not_believed(path, no_session):
    def lie(model):
        model.graph.value_info.append(helper.make_tensor_value_info('vast', TensorProto.FLOAT, [1]))

    nodes = [helper.make_node('Expand', ['zero', 'sides'], ['vast'])]
    # Refused by ONNX, to which the two contradict each other, or by the size that is worked out.
    with pytest.raises(ModelError, match=r"do not fit together|makes 'vast' of shape"):
        Model(make_model(path, more_nodes=nodes, more_constants={'sides': np.array([8000, 8000])}, change=lie))


def test_an_attribute_that_is_there_twice_is_refused(path, no_session):
    """onnx takes the last for what is meant, onnxruntime the first."""

    def twice(model):
        gather = model.graph.node[1]
        gather.attribute.add().CopyFrom(gather.attribute[0])

    with pytest.raises(ModelError, match='Gather has an attribute twice'):
        Model(make_model(path, change=twice))


@pytest.mark.parametrize(
    'nodes',
    [
        [
            helper.make_node('Shape', ['before'], ['sides']),
            helper.make_node('Reshape', ['before', 'sides'], ['logits']),
        ],
        [
            helper.make_node('Unsqueeze', ['before', 'first'], ['image']),
            helper.make_node('MaxPool', ['image'], ['pooled'], kernel_shape=[1]),
            helper.make_node('Squeeze', ['pooled', 'first'], ['logits']),
        ],
    ],
    ids=['its own shape', 'MaxPool'],
)
def test_what_a_network_may_do(path, nodes):
    model = Model(make_model(path, more_constants={'first': np.array([0])}, change=makes(*nodes)))
    answers = model.answer(np.zeros((2, len(PART_NUMBERS)), np.float32))
    assert answers.logs.argmax(axis=1).tolist() == [7, 7]


def test_a_message_does_not_repeat_megabytes(path, no_session):
    with pytest.raises(ModelError, match='has the operator') as refused:
        Model(make_model(path, more_nodes=[helper.make_node('x' * 10**6, [], ['y'])]))
    assert len(str(refused.value)) == 1000


def test_a_file_too_large_is_not_read(path, no_session):
    with (make_model(path) / 'part.onnx').open('wb') as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ModelError, match=f'{MAX_BYTES + 1} bytes, at most {MAX_BYTES} are read'):
        Model(path)
