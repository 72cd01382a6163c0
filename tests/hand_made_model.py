"""A model of five operators, made by hand, for tests of what is run and what is refused."""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from music21_kdic import CLASSES

CONTRACT = {
    'kdic.contract': '3',
    'kdic.classes': json.dumps(CLASSES),
    'kdic.grid': json.dumps({'columns': 16, 'planes': ['sounding']}),
    'kdic.priors': json.dumps([1 / 8] * 8),
    'kdic.spread': json.dumps([1.0] * 8),
    'kdic.least_confidence': '0.25',
    'kdic.facts': '{}',
}


def make_model(
    path,
    contract=(),
    logits=tuple(range(8)),
    input_shape=('n', 1, 128, 16),
    input_type=TensorProto.UINT8,
    more_nodes=(),
    more_constants=(),
    change=lambda model: None,
):
    """A model that gives the same logits for every window: the mean of the roll times 0, plus the logits.

    Args:
        more_nodes, more_constants: nodes whose answers nobody needs, and arrays for them.
        change: is given the model before it is written.
    """
    nodes = [
        helper.make_node('Cast', ['piano_roll'], ['x'], to=TensorProto.FLOAT),
        helper.make_node('ReduceMean', ['x', 'axes'], ['mean'], keepdims=0),
        helper.make_node('Mul', ['mean', 'zero'], ['nothing']),
        helper.make_node('Unsqueeze', ['nothing', 'last'], ['column']),
        helper.make_node('Add', ['column', 'wanted'], ['logits']),
    ]
    constants = {
        'axes': np.array([1, 2, 3]),
        'zero': np.array(0.0, dtype=np.float32),
        'last': np.array([1]),
        'wanted': np.array(logits, dtype=np.float32),
        **dict(more_constants),
    }
    graph = helper.make_graph(
        [*nodes, *more_nodes],
        'hand-made',
        [helper.make_tensor_value_info('piano_roll', input_type, input_shape)],
        [helper.make_tensor_value_info('logits', TensorProto.FLOAT, ['n', len(logits)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    helper.set_model_props(model, {**CONTRACT, **dict(contract)})
    change(model)
    path.write_bytes(model.SerializeToString())
    return path
