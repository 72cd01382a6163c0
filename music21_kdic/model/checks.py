"""Which model files are run at all: the shipped ones, known by their hashes, and others that were examined first.

An ONNX file is a program. One that somebody made wrong, or to do harm, can loop for ever, take all memory or read
other files. So before onnxruntime sees the bytes of another model than the shipped one, its parts are examined with
the ``onnx`` package: no external data, no control flow, no functions, no operators of other domains, and by ONNX's own
shape inference no array larger than MOST_ELEMENTS a part, nor more than MOST_IN_ALL in all.

That keeps out what is wrong or careless. It is no prison: who means harm can still make a model that is slow.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from music21_kdic.errors import ModelError, UnreadableError, raised_as
from music21_kdic.reading.content import read_content

if TYPE_CHECKING:
    import onnx

SHIPPED = Path(__file__).resolve().parent / 'shipped' / 'kdic-5'
CONTRACT, REFERENCE = 'contract.json', 'reference.npz'
PART, SCORE = 'part.onnx', 'score.onnx'  # for parts by themselves, and for parts with the others of their score
# Of the shipped files; `python -m export onnx` prints them for the next model.
SHIPPED_SHA256 = {
    CONTRACT: 'b5eca2668abaf2678b4ff5883871ec7ae80e4bb54206844411efee30f3ece0e1',
    PART: '6b3298221e3129575b9417cf988e911acfda5886b92ed922bbf525cc5c25443e',
    SCORE: 'f4ef3066d570f2e25395135250e5e67f36c5b616d0d1b18192202d5fb22b44c4',
    REFERENCE: '194f7b789abe45680d05cb1d89f2107a23b8fbde465e4019e8a57421fc1a4633',
}

# The networks of recordings, which music21_kdic.sound runs; `python -m export sound-onnx` prints the hashes.
STEMS, LISTEN = 'stems.onnx', 'listen.onnx'
SOUND = SHIPPED.with_name('sound-1')
SOUND_SHA256 = {
    CONTRACT: '013a8e58b44e0718aecbaac3a2a487e97d7fd771a0f9fec0e4d83f9c9f5b7906',
    STEMS: 'dd90ba5889b73f7620f694a583c06941ede47568a0da9550ee6e7f7c386e41c4',
    LISTEN: 'cde521f7f815ff96248f677e2de6b8515ca92d013b23b19fde2caf7e215a6dc4',
}

MOST_NODES = 10_000
MOST_STEPS = 4096  # a kernel's size, its stride and so on
MOST_ELEMENTS, MOST_IN_ALL = 2**17, 2**20  # see Limits
BATCH = 256  # parts that are run at a time, and that sizes are worked out for
# Arithmetic on arrays, and what a network without recurrence is made of. Left out are control flow (If, Loop, Scan),
# randomness, text, sequences, and whatever sizes its output by values that are only known as it runs.
OPERATORS = frozenset((
    'Abs', 'Add', 'And', 'ArgMax', 'ArgMin', 'AveragePool', 'BatchNormalization', 'Cast', 'Ceil', 'Clip', 'Concat',
    'Constant', 'ConstantOfShape', 'Conv', 'ConvTranspose', 'Cos', 'CumSum', 'Div', 'Elu', 'Equal', 'Erf', 'Exp',
    'Expand', 'Flatten', 'Floor', 'Gather', 'Gelu', 'Gemm', 'GlobalAveragePool', 'GlobalMaxPool', 'Greater',
    'GreaterOrEqual', 'HardSigmoid', 'HardSwish', 'Identity', 'InstanceNormalization', 'LayerNormalization',
    'LeakyRelu', 'Less', 'LessOrEqual', 'Log', 'LogSoftmax', 'MatMul', 'Max', 'MaxPool', 'Mean', 'Min', 'Mod',
    'Mul', 'Neg', 'Not', 'Or', 'PRelu', 'Pad', 'Pow', 'Reciprocal', 'ReduceL1', 'ReduceL2', 'ReduceLogSumExp',
    'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSum', 'ReduceSumSquare', 'Relu', 'Reshape',
    'Round', 'Selu', 'Shape', 'Sigmoid', 'Sign', 'Sin', 'Slice', 'Softmax', 'Softplus', 'Split', 'Sqrt', 'Squeeze',
    'Sub', 'Sum', 'Tanh', 'Tile', 'TopK', 'Transpose', 'Unsqueeze', 'Where', 'Xor',
))  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Limits on the arrays that a network may make.

    Attributes:
        batch: how many parts are run at a time.
        array: the most numbers of one array, a part.
        in_all: of all arrays together.
    """

    batch: int = BATCH
    array: int = MOST_ELEMENTS
    in_all: int = MOST_IN_ALL


def read_model(folder: Path) -> dict[str, bytes]:
    """The bytes of a student's files, by name; another than the shipped one may be without REFERENCE.

    Raises:
        ModelError: see :func:`read_files`.
    """
    return read_files(folder, SHIPPED, SHIPPED_SHA256, REFERENCE)


def read_files(folder: Path, shipped: Path, hashes: Mapping[str, str], optional: str = '') -> dict[str, bytes]:
    """The bytes of a model's files, by name.

    Args:
        folder: where they lie.
        shipped: where those of the shipped model do.
        hashes: their SHA-256.
        optional: the one that another model may be without.

    Raises:
        ModelError: as :func:`music21_kdic.reading.content.read_content`; where they lie in the place of the shipped
            ones and are not those.
    """
    if folder.is_file():
        raise ModelError(f'{folder}: a file, wanted the folder of a model, with {", ".join(hashes)}')
    try:
        there = [name for name in hashes if name != optional or folder == shipped or (folder / name).exists()]
        files = {name: read_content(folder / name) for name in there}
    except UnreadableError as error:
        raise ModelError(str(error)) from error
    if folder == shipped:
        for name, content in files.items():
            found = hashlib.sha256(content).hexdigest()
            if found != hashes[name]:
                raise ModelError(
                    f'{folder / name}: SHA-256 {found}, wanted {hashes[name]}: damaged, install music21-kdic again'
                )
    return files


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 of a model's files together."""
    return hashlib.sha256(b''.join(files.values())).hexdigest()


def is_shipped(files: Mapping[str, bytes], hashes: Mapping[str, str] = SHIPPED_SHA256) -> bool:
    """Are these the bytes of the shipped model, which has these hashes?"""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} == hashes


Shape = tuple[int, ...]  # of what is of one part


def examine_network(
    content: bytes, path: Path, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], limits: Limits = Limits()
) -> None:
    """Examine a network without running it.

    Args:
        content: of the ONNX file.
        path: what errors call it.
        inputs, outputs: by name, the shape of what each has of every part, all float32.
        limits: on the arrays that it may make.

    Raises:
        ModelError: where it is no ONNX model, has other inputs or outputs, or could do what a network need not; and
            where the package onnx is not there to tell.
    """
    try:
        import onnx
    except ImportError as error:
        raise ModelError(
            f'{path}: another model than the shipped one is examined with onnx first, '
            'pip install "music21-kdic[models]"'
        ) from error
    # protobuf's errors are of one class or another, by its version
    with raised_as(lambda error: ModelError(f'{path}: not a readable ONNX model ({first_line(error)})')):
        proto = onnx.load_model_from_string(content)
    _check_nodes(proto, path)
    _check_ends(proto.graph, inputs, outputs, path)
    _check_sizes(proto, outputs, path, limits)


def _check_nodes(proto: 'onnx.ModelProto', path: Path) -> None:
    graph = proto.graph
    domains = [item.domain for item in proto.opset_import if item.domain not in ('', 'ai.onnx')]
    if domains:
        raise ModelError(f'{path}: operators of the domain {domains[0]!r}, wanted only those of ONNX itself')
    if proto.functions or proto.training_info or graph.sparse_initializer:
        raise ModelError(f'{path}: holds functions, training or sparse weights, wanted a plain network')
    if len(graph.node) > MOST_NODES:
        raise ModelError(f'{path}: {len(graph.node)} operators, wanted at most {MOST_NODES}')
    names = [tensor.name for tensor in graph.initializer]
    if len(names) > MOST_NODES or len(set(names)) < len(names) or any(len(t.dims) > 8 for t in graph.initializer):
        raise ModelError(f'{path}: {len(names)} weights, wanted at most {MOST_NODES} of 8 dimensions, each named once')
    tensors = list(graph.initializer)
    for node in graph.node:
        if node.op_type not in OPERATORS or node.domain not in ('', 'ai.onnx'):
            raise ModelError(f'{path}: has the operator {node.op_type!r}, which no model here needs')
        _check_attributes(node, path)
        for attribute in node.attribute:
            if attribute.graphs or attribute.HasField('g') or attribute.HasField('sparse_tensor'):
                raise ModelError(f'{path}: {node.op_type} holds a graph of its own, wanted a plain network')
            tensors += [*attribute.tensors, *([attribute.t] if attribute.HasField('t') else [])]
    for tensor in tensors:
        if tensor.external_data or tensor.data_location == tensor.EXTERNAL:
            raise ModelError(f'{path}: {tensor.name!r} lies in another file, wanted all weights in this one')


def _check_attributes(node: 'onnx.NodeProto', path: Path) -> None:
    """Refuse what onnx and onnxruntime read differently, or what neither bounds."""
    from onnx import TensorProto

    given = {attribute.name: attribute for attribute in node.attribute}
    if len(given) < len(node.attribute):
        raise ModelError(f'{path}: {node.op_type} has an attribute twice')
    for name in ('kernel_shape', 'strides', 'pads', 'dilations', 'num_outputs', 'output_padding', 'output_shape'):
        numbers = [*given[name].ints, given[name].i] if name in given else []
        if max(map(abs, numbers), default=0) > MOST_STEPS:
            found = max(numbers, key=abs)
            raise ModelError(f'{path}: {node.op_type} with {name} of {found}, wanted at most {MOST_STEPS}')
    plain = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL)
    to = given['to'].i if 'to' in given else None
    if node.op_type == 'Cast' and to not in plain:
        raise ModelError(f'{path}: Cast to type {to}, wanted float, double, int32, int64 or bool')
    if node.op_type == 'MaxPool' and len(node.output) > 1:
        raise ModelError(f'{path}: MaxPool with {len(node.output)} outputs, wanted one')


def _check_ends(
    graph: 'onnx.GraphProto', inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], path: Path
) -> None:
    from onnx import TensorProto

    types = {number: name.lower() for name, number in TensorProto.DataType.items()}
    for side, found, wanted in (('inputs', graph.input, inputs), ('outputs', graph.output, outputs)):
        there = [(item.name, item.type.tensor_type.elem_type, _dimensions(item)) for item in found]
        # A number in the first place would be a batch size that the model insists on.
        fit = [(name, kind, shape[1:]) for name, kind, shape in there] == [
            (name, TensorProto.FLOAT, shape) for name, shape in wanted.items()
        ]
        if not fit or any(isinstance(shape[0], int) for *_, shape in there):
            described = ', '.join(f'{n} {types.get(k, k)} {list(d)}' for n, k, d in there)
            asked = ', '.join(f'{name} float {["parts", *shape]}' for name, shape in wanted.items())
            raise ModelError(f'{path}: {side} {described}, wanted {asked}')


def _dimensions(value: 'onnx.ValueInfoProto') -> tuple[int | str, ...]:
    dimensions = value.type.tensor_type.shape.dim
    return tuple(one.dim_value if one.HasField('dim_value') else one.dim_param or '?' for one in dimensions)


def _check_sizes(proto: 'onnx.ModelProto', outputs: Mapping[str, Shape], path: Path, limits: Limits) -> None:
    """Bound every array that a run makes, by what ONNX infers from the inputs alone."""
    import onnx.shape_inference

    del proto.graph.value_info[:]
    for output in proto.graph.output:
        output.type.tensor_type.ClearField('shape')
    for given in proto.graph.input:
        given.type.tensor_type.shape.dim[0].dim_value = limits.batch
    # onnx's errors share no base class of their own
    with raised_as(lambda error: ModelError(f'{path}: its operators do not fit together ({first_line(error)})')):
        inferred = onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True, data_prop=True)
    values = {value.name: value for value in (*inferred.graph.value_info, *inferred.graph.output)}
    shapes = {name: _dimensions(value) for name, value in values.items()}
    total = 0
    for node in proto.graph.node:
        # Of integers, onnxruntime's division of the smallest by -1 ends the process.
        if node.op_type in ('Div', 'Mod') and not all(_is_floating(values.get(name)) for name in node.output):
            raise ModelError(f'{path}: {node.op_type} of integers, wanted floating-point numbers')
        for name in filter(None, node.output):
            shape = shapes.get(name, ('?',))
            if any(isinstance(one, str) for one in shape):
                raise ModelError(f'{path}: {node.op_type} makes {name!r} of a shape that cannot be told beforehand')
            elements = math.prod(one for one in shape if isinstance(one, int))
            total += elements
            if elements > limits.batch * limits.array or total > limits.batch * limits.in_all:
                raise ModelError(
                    f'{path}: {node.op_type} makes {name!r} of shape {shape} for {limits.batch} parts, too large'
                )
    for name, wanted in outputs.items():
        if shapes[name] != (limits.batch, *wanted):
            each = wanted[0] if len(wanted) == 1 else wanted
            raise ModelError(f'{path}: {name} of shape {shapes[name]} for {limits.batch} parts, wanted {each} for each')


def _is_floating(value: 'onnx.ValueInfoProto | None') -> bool:
    from onnx import TensorProto

    return value is not None and value.type.tensor_type.elem_type in (TensorProto.FLOAT, TensorProto.DOUBLE)


def first_line(error: Exception) -> str:
    """What a library's error says, in one line."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
