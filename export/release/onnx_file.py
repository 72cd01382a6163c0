"""A trained student of parts becomes two ONNX files, see :mod:`music21_kdic.model.session`.

One is for parts by themselves, the other for parts with their scores; it goes on from what the first layer of the
former says.

Large weights are kept in 8 bits, with a scale for each row, which makes a file a quarter as large; they become 32 bits
when it is opened: as fast, and no answer moves by more than a hundredth or so.
"""

import math
from copy import deepcopy
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from export.data.files import write_atomically
from export.networks.part_student import PartStudent
from export.training.opinions import ALONE, TOGETHER
from export.training.part_students import Trained
from music21_kdic.model.checks import PART, SCORE

# Of the network for parts by themselves, and of that for parts with their scores.
INPUTS = {PART: ('numbers',), SCORE: ('numbers', 'context', 'first_layer')}
OUTPUTS = ('logits', 'instruments', 'music', 'other', 'embedding')
CLOSE = 1e-4
LARGE = 4096  # numbers of a weight that is kept in 8 bits
LEVELS_OF_A_SIGN = 127
TINY = 1e-12
OPSET = 17


class ParityError(ValueError):
    """A file that does not answer as the network that it was made from."""


class Exported(nn.Module):
    """A student, asked about parts at one level: ALONE or TOGETHER. The level's temperature and priors are taken in.

    Outputs: ``logits`` (parts, 8): log probabilities under equal priors, were the part music, up to a constant;
    ``instruments`` (parts, INSTRUMENTS): logits, to be compared within a class; ``music``, ``other`` (parts, 1):
    log-odds of being music, and of an instrument outside the classes; ``embedding`` (parts, EMBEDDING); and, of parts
    alone, ``first_layer`` (parts, hidden), which is an input of the other level.
    """

    priors: Tensor

    def __init__(self, trained: Trained, temperature: float, level: int) -> None:
        super().__init__()
        self.student: PartStudent = trained.student
        self.register_buffer('priors', torch.from_numpy(np.log(trained.priors[level : level + 1]).astype(np.float32)))
        self.temperature, self.level = temperature, level

    def forward(self, numbers: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
        """Of parts alone: ``numbers``; together: ``numbers``, ``context``, ``first_layer``."""
        if self.level == ALONE:
            first = self.student.first_layer(numbers)
            return (*self._outputs(*self.student.alone(numbers, first)), first)
        return self._outputs(*self.student.together(numbers, *more))

    def _outputs(self, classes: Tensor, instruments: Tensor, kinds: Tensor, embedding: Tensor) -> tuple[Tensor, ...]:
        music, ours = torch.split(kinds, 1, dim=1)
        return (classes - self.priors) / self.temperature, instruments, music, -ours, embedding


def write_onnx(trained: Trained, temperatures: tuple[float, float], folder: Path) -> Trained:
    """Write the files PART and SCORE, and hold their answers against torch's.

    Returns:
        The student as it is in the files: its large weights are those of 8 bits.

    Raises:
        ParityError: where they differ by more than CLOSE.
    """
    trained = deepcopy(trained)
    with torch.no_grad():
        for weight in trained.student.parameters():
            if _is_large(weight):
                steps, scale = _in_steps(weight.numpy())
                weight.copy_(torch.from_numpy(steps * scale))
    for level, (name, inputs) in enumerate(INPUTS.items()):
        exported = Exported(trained, temperatures[level], level).eval()
        write_atomically(folder / name, partial(_write, exported, inputs))
        check_parity(folder / name, exported)
    return trained


def _write(exported: Exported, inputs: tuple[str, ...], path: Path) -> None:
    outputs = OUTPUTS if exported.level == TOGETHER else (*OUTPUTS, 'first_layer')
    torch.onnx.export(
        exported,
        tuple(each[:3] for each in _examples(exported)),
        str(path),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={name: {0: 'parts'} for name in (*inputs, *outputs)},
        opset_version=OPSET,
        do_constant_folding=False,  # it would give the leaves of trees rows of another length, and so other steps
        dynamo=False,
    )
    model = _quartered(onnx.load(path))
    there = {one.name for one in model.graph.input}
    for at, (name, example) in enumerate(zip(inputs, _examples(exported), strict=True)):
        if name not in there:  # a student without trees reads no numbers together; it is given them all the same
            shape: list[str | int] = ['parts', example.shape[1]]
            model.graph.input.insert(at, onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
    onnx.save(model, path)


def check_parity(path: Path, exported: Exported) -> None:
    """Hold a file's answers against torch's.

    Raises:
        ParityError: where they differ by more than CLOSE.
    """
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    inputs = _examples(exported)
    said = session.run(None, {one.name: each.numpy() for one, each in zip(session.get_inputs(), inputs, strict=True)})
    with torch.no_grad():
        wanted = exported(*inputs)
    apart = max(float(np.abs(one - other.numpy()).max()) for one, other in zip(said, wanted, strict=True))
    if apart > CLOSE:
        raise ParityError(f'{path}: its answers and those of torch are {apart:g} apart, wanted at most {CLOSE:g}')


def _examples(exported: Exported) -> list[Tensor]:
    """Inputs of five parts."""
    student, generator = exported.student, torch.Generator().manual_seed(0)
    sizes = student.encode.numbers, student.encode_context.numbers
    numbers, context = (torch.rand((5, size), generator=generator) * 64 for size in sizes)
    if exported.level == ALONE:
        return [numbers]
    with torch.no_grad():
        return [numbers, context, student.first_layer(numbers)]


def _is_large(weight: 'Tensor | npt.NDArray[np.float32]') -> bool:
    # A column has a scale for each number: nothing is saved there.
    return weight.ndim == 2 and weight.shape[1] > 1 and math.prod(weight.shape) >= LARGE


def _in_steps(weight: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """A matrix as steps from -127 to 127, and how large a step is in each row."""
    scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True) / LEVELS_OF_A_SIGN, TINY).astype(np.float32)
    return np.round(weight / scale).astype(np.int8), scale


def _quartered(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with its large weights in 8 bits, each followed by what makes 32 of them."""
    nodes, scales = [], []
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and _is_large(values):
            name = weight.name
            steps, scale = _in_steps(values)
            weight.CopyFrom(onnx.numpy_helper.from_array(steps, f'{name}.steps'))
            scales.append(onnx.numpy_helper.from_array(scale, f'{name}.scale'))
            nodes.append(onnx.helper.make_node('Cast', [f'{name}.steps'], [f'{name}.cast'], to=onnx.TensorProto.FLOAT))
            nodes.append(onnx.helper.make_node('Mul', [f'{name}.cast', f'{name}.scale'], [name]))
    nodes += model.graph.node
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(scales)
    onnx.checker.check_model(model)
    return model
