"""A model of two networks of a few operators, made by hand, for tests of what is run and what is refused."""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from music21_kdic import CLASSES
from music21_kdic.features.number_names import CONTEXT_NUMBERS, PART_NUMBERS

CONTRACT = {
    'version': 7,
    'classes': CLASSES,
    'instruments': [
        {'name': f'a {name.lower()}', 'class': name, 'programs': [number], 'music21': 'Instrument'}
        for number, name in enumerate(CLASSES)
    ],
    'priors': [1 / 8] * 8,
    'numbers': [name for name, _ in PART_NUMBERS],
    'context': [name for name, _ in CONTEXT_NUMBERS],
    'embedding': 1,
    'first_layer': 2,
    'sure': {'alone': [0.6] * 8, 'together': [0.6] * 8},
    'plausible': {level: {'threshold': 0.9, 'penalty': 0.0, 'free': 8} for level in ('alone', 'together')},
    'least_music': 0.25,
    'least_confidence': 0.25,
    'spread': [[1.0] * 8] * 4,
    'facts': {},
}
INPUTS = {'numbers': len(PART_NUMBERS)}  # of the network for parts by themselves


def make_model(
    folder,
    contract=(),
    logits=tuple(range(8)),
    less=7,
    music=100.0,
    inputs=INPUTS,
    input_type=TensorProto.FLOAT,
    batch='n',
    more_nodes=(),
    more_constants=(),
    change=lambda model: None,
):
    """A folder with a model that gives every part the same logits, the last ``less`` less with the others of its score.

    It is of the classes for certain, and is embedded as the first of its numbers. The network for
    parts with their scores reads that number from what the first layer made of it.

    Args:
        folder: is made.
        contract: keys and values in place of CONTRACT's; a value of None leaves the key out.
        music: log-odds that a part is music: for certain where it is left out.
        inputs: of the network for parts by themselves: by name, how many numbers of each part; ``batch`` is how many
            parts, a name for any number.
        more_nodes, more_constants: nodes of that network whose answers nobody needs, and arrays for them.
        change: is given that network, as an ONNX model, before it is written.
    """
    sizes = {'logits': len(logits), 'instruments': 8, 'music': 1, 'other': 1, 'embedding': 1}
    reads = helper.make_node('Gather', ['numbers', 'first_two'], ['first_layer'], axis=1)
    constants = {'first_two': np.array([0, 1]), **dict(more_constants)}
    part = _network(
        [reads], more_nodes, inputs, sizes | {'first_layer': 2}, np.array(logits), music, constants, input_type, batch
    )
    change(part)
    inputs = INPUTS | {'context': len(CONTEXT_NUMBERS), 'first_layer': 2}
    in_score = np.array([*logits[:-1], logits[-1] - less])
    score = _network([], [], inputs, sizes, in_score, music, {}, TensorProto.FLOAT, 'n')
    folder.mkdir(exist_ok=True)
    for name, model in (('part.onnx', part), ('score.onnx', score)):
        (folder / name).write_bytes(model.SerializeToString())
    told = {key: value for key, value in {**CONTRACT, **dict(contract)}.items() if value is not None}
    (folder / 'contract.json').write_text(json.dumps(told), encoding='utf-8')
    return folder


def _network(first_nodes, last_nodes, inputs, outputs, logits, music, constants, input_type, batch):
    nodes = [
        *first_nodes,
        helper.make_node('Gather', ['first_layer', 'first_number'], ['embedding'], axis=1),
        helper.make_node('Mul', ['embedding', 'zero'], ['nothing']),
        helper.make_node('Add', ['nothing', 'as_music'], ['music']),
        helper.make_node('Sub', ['nothing', 'certain'], ['other']),
        helper.make_node('Add', ['nothing', 'even'], ['instruments']),
        helper.make_node('Add', ['nothing', 'wanted'], ['logits']),
        *last_nodes,
    ]
    constants = {
        'zero': np.array(0.0, dtype=np.float32),
        'first_number': np.array([0]),
        'certain': np.array(100.0, dtype=np.float32),
        'as_music': np.array(music, dtype=np.float32),
        'even': np.zeros(8, dtype=np.float32),
        'wanted': logits.astype(np.float32),
        **constants,
    }
    graph = helper.make_graph(
        nodes,
        'hand-made',
        [helper.make_tensor_value_info(name, input_type, [batch, size]) for name, size in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ['n', size]) for name, size in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
