"""A trained student of parts becomes one ONNX file, whose logits are log probabilities under equal priors.

Large weights are kept in 16 bits, which halves the file, and are cast to 32 when it is opened: as fast, and no answer
moves by more than a thousandth or so.
"""

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

INPUTS = ('numbers', 'context', 'known')
OUTPUTS = ('logits', 'instruments', 'music', 'other', 'embedding')
CLOSE = 1e-4
LARGE = 4096  # numbers of a weight that is kept in 16 bits
OPSET = 17


class ParityError(ValueError):
    """A file that does not answer as the network that it was made from."""


class Exported(nn.Module):
    """A student with temperatures and priors taken in, both of which differ between parts alone and in a score.

    Outputs: ``logits`` (parts, 8): log probabilities under equal priors; ``instruments`` (parts, INSTRUMENTS): logits,
    to be compared within a family; ``music``, ``other`` (parts, 1): log-odds of being music, and of an instrument
    outside the classes; ``embedding`` (parts, EMBEDDING).
    """

    alone: Tensor
    difference: Tensor

    def __init__(self, trained: Trained, temperatures: tuple[float, float]) -> None:
        super().__init__()
        self.student: PartStudent = trained.student
        logs = torch.from_numpy(np.log(trained.priors).astype(np.float32))
        self.register_buffer('alone', logs[ALONE : ALONE + 1])
        self.register_buffer('difference', logs[TOGETHER : TOGETHER + 1] - logs[ALONE : ALONE + 1])
        self.inverse = 1 / temperatures[ALONE]
        self.inverse_difference = 1 / temperatures[TOGETHER] - self.inverse

    def forward(self, numbers: Tensor, context: Tensor, known: Tensor) -> tuple[Tensor, ...]:
        """See the class."""
        classes, instruments, kinds, embedding = self.student(numbers, context, known)
        shifted = classes - self.alone - known * self.difference
        logits = shifted * (self.inverse + known * self.inverse_difference)
        return torch.log_softmax(logits, 1), instruments, kinds[:, :1], -kinds[:, 1:], embedding


def write_onnx(trained: Trained, temperatures: tuple[float, float], path: Path) -> None:
    """Write the file, and hold its answers against torch's.

    Raises:
        ParityError: where they differ by more than CLOSE.
    """
    exported = Exported(trained, temperatures).eval()
    with torch.no_grad():
        for weight in exported.parameters():
            if weight.numel() >= LARGE:
                weight.copy_(weight.half().float())
    inputs = _examples(exported.student)

    def write(part: Path) -> None:
        torch.onnx.export(
            exported,
            tuple(each[:3] for each in inputs),
            str(part),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: 'parts'} for name in (*INPUTS, *OUTPUTS)},
            opset_version=OPSET,
            dynamo=False,
        )
        onnx.save(_halved(onnx.load(part)), part)

    write_atomically(path, write)
    check_parity(path, exported, inputs)


def check_parity(path: Path, exported: Exported, inputs: list[Tensor]) -> None:
    """Hold a file's answers against torch's.

    Raises:
        ParityError: where they differ by more than CLOSE.
    """
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    fed: dict[str, npt.NDArray[np.float32]] = {name: each.numpy() for name, each in zip(INPUTS, inputs, strict=True)}
    said = session.run(list(OUTPUTS), fed)
    with torch.no_grad():
        wanted = exported(*inputs)
    apart = max(float(np.abs(one - other.numpy()).max()) for one, other in zip(said, wanted, strict=True))
    if apart > CLOSE:
        raise ParityError(f'{path}: its answers and those of torch are {apart:g} apart, wanted at most {CLOSE:g}')


def _examples(student: PartStudent) -> list[Tensor]:
    """Inputs of five parts, two of which are alone."""
    generator = torch.Generator().manual_seed(0)
    sizes = student.encode.numbers, student.encode_context.numbers
    numbers, context = (torch.rand((5, size), generator=generator) * 64 for size in sizes)
    return [numbers, context, torch.tensor([[0.0], [1.0], [0.0], [1.0], [1.0]])]


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with its large weights in 16 bits, each followed by a cast to 32."""
    casts = []
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= LARGE:
            name = weight.name
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f'{name}.half'))
            casts.append(onnx.helper.make_node('Cast', [f'{name}.half'], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model
