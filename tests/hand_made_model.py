"""A model of six operators, made by hand, for tests of what is run and what is refused."""

import base64
import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from music21_kdic import CLASSES


def head(*layers):
    """A part head as JSON: dense layers of weights (numbers in, numbers out) and biases."""

    def text(values):
        return base64.b64encode(np.array(values, dtype='<f4').tobytes()).decode()

    found = [{'shape': np.shape(w), 'weights': text(w), 'bias': text(b)} for w, b in layers]
    return json.dumps({'layers': found})


CONTRACT = {
    'kdic.contract': '4',
    'kdic.classes': json.dumps(CLASSES),
    'kdic.grid': json.dumps({'columns': 16, 'planes': ['sounding']}),
    'kdic.priors': json.dumps([1 / 8] * 8),
    'kdic.spread': json.dumps([1.0] * 8),
    'kdic.head': head((np.zeros((3, 8)), range(8))),
    'kdic.temperature': '{"windows": 1.5, "parts": 0.5}',
    'kdic.sure_confidence': '0.6',
    'kdic.least_confidence': '0.25',
    'kdic.facts': '{}',
}


TIMING = helper.make_tensor_value_info('timing', TensorProto.FLOAT, ['n', 38])


def make_model(
    path,
    contract=(),
    logits=tuple(range(8)),
    input_shape=('n', 1, 128, 16),
    input_type=TensorProto.UINT8,
    more_inputs=(TIMING,),
    more_nodes=(),
    more_constants=(),
    change=lambda model: None,
):
    """A model that gives the same logits for every window: the mean of the roll times 0, plus the logits.

    It embeds a window as one number, how long it is (the last of its timing); its part head gives the logits 0 to 7.

    Args:
        more_inputs: after the piano-roll.
        more_nodes, more_constants: nodes whose answers nobody needs, and arrays for them.
        change: is given the model before it is written.
    """
    nodes = [
        helper.make_node('Cast', ['piano_roll'], ['x'], to=TensorProto.FLOAT),
        helper.make_node('ReduceMean', ['x', 'axes'], ['mean'], keepdims=0),
        helper.make_node('Mul', ['mean', 'zero'], ['nothing']),
        helper.make_node('Unsqueeze', ['nothing', 'last'], ['column']),
        helper.make_node('Gather', ['timing', 'length'], ['embedding'], axis=1),
        helper.make_node('Add', ['column', 'wanted'], ['logits']),
    ]
    constants = {
        'axes': np.array([1, 2, 3]),
        'zero': np.array(0.0, dtype=np.float32),
        'last': np.array([1]),
        'length': np.array([37]),
        'wanted': np.array(logits, dtype=np.float32),
        **dict(more_constants),
    }
    graph = helper.make_graph(
        [*nodes, *more_nodes],
        'hand-made',
        [helper.make_tensor_value_info('piano_roll', input_type, input_shape), *more_inputs],
        [
            helper.make_tensor_value_info('logits', TensorProto.FLOAT, ['n', len(logits)]),
            helper.make_tensor_value_info('embedding', TensorProto.FLOAT, ['n', 1]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    helper.set_model_props(model, {**CONTRACT, **dict(contract)})
    change(model)
    path.write_bytes(model.SerializeToString())
    return path
