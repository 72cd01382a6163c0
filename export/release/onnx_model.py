"""Write a student as one ONNX file with its contract inside, proven equal to the torch network.

The contract is described, and checked again at load, in :mod:`music21_kdic.model.contract`.
"""

import base64
import hashlib
import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from music21_kdic.features.timing import NUMBERS, timing
from music21_kdic.model.part_head import PartHead
from torch import Tensor, nn

from export.arguments import add_training
from export.data.files import write_atomically
from export.data.noise import load_noise
from export.data.window_table import load_windows, shard_paths
from export.evaluation.calibration import Calibration, Scaling, calibrate
from export.networks.heads import PartStudent, pool
from export.recipe import Recipe, load_recipe
from export.training.part_students import load_student
from export.training.stored_logits import read_logits
from music21_kdic.classes import CLASSES
from music21_kdic.features.windows import WindowGrid, Windows, piano_roll
from music21_kdic.model.checks import SHIPPED
from music21_kdic.model.contract import CONTRACT
from music21_kdic.model.session import Model, log_softmax

OPSET = 18
PARITY_BATCHES = (1, 7, 256)
PARITY_PARTS = (1, 7, 32)  # windows of a part
PARITY_TOLERANCE = 1e-4  # in log probability; float32 sums in another order


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``onnx-model``."""
    add_training(parser)
    parser.add_argument('--student', choices=['kdic', 'nic'], default='kdic', help='(default: kdic)')
    parser.add_argument('--out', type=Path, default=SHIPPED, help='file (default: the shipped model)')


def run(args: Namespace) -> None:
    """Run ``onnx-model``."""
    path = export_student(args.student, load_recipe(args.recipe), args.work, args.out, args.shards)
    print(f'wrote {path}, SHA-256 {_sha256(path)}')


class ParityError(AssertionError):
    """The exported graph does not answer what the torch network answers."""


class Exported(nn.Module):
    """The student with the model's ends fixed to it: uint8 rolls in, equal-prior logits and embeddings out."""

    def __init__(self, student: PartStudent, scaling: Scaling) -> None:
        super().__init__()
        self.student = student
        self.temperature = scaling.temperature
        self.register_buffer('log_priors', torch.tensor(np.log(scaling.priors), dtype=torch.float32))

    def forward(self, piano_roll: Tensor, timing: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and embeddings of windows, shape (windows, 8) and (windows, numbers).

        Args:
            piano_roll: shape (windows, planes, 128, columns).
            timing: shape (windows, 38).
        """
        embedding = self.student.windows.embed(piano_roll.float(), timing)
        return self.student.windows.classes(embedding) / self.temperature - self.log_priors, embedding


def head_of(student: PartStudent, scaling: Scaling) -> PartHead:
    """The part head of a student, normalisation, temperature and priors folded in.

    Args:
        student: in evaluation mode.
        scaling: of parts, see :class:`~export.evaluation.calibration.Calibration`.
    """
    layers = _dense_layers(student.head)
    weight, bias = layers[-1]
    layers[-1] = (weight / scaling.temperature, bias / scaling.temperature - np.log(scaling.priors))
    # As they will be read: in single precision.
    rounded = [(w.astype(np.float32).astype(np.float64), b.astype(np.float32).astype(np.float64)) for w, b in layers]
    return PartHead(*map(tuple, zip(*rounded, strict=True)))


def _dense_layers(head: nn.Sequential) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (numbers in, numbers out) and biases of dense layers, what normalises their input folded in, in float64.

    Raises:
        TypeError: where there is anything else than dense layers with rectifiers between them.
    """
    layers: list[tuple[np.ndarray, np.ndarray]] = []
    scale, shift = np.array(1.0), np.array(0.0)
    rectified = True
    for module in head:
        if isinstance(module, nn.Dropout):
            continue
        if isinstance(module, nn.BatchNorm1d) and rectified and not scale.shape:
            state = {name: value.double().numpy() for name, value in module.state_dict().items()}
            mean, variance = state['running_mean'], state['running_var']
            gamma, beta = state['weight'], state['bias']
            scale = gamma / np.sqrt(variance + module.eps)
            shift = beta - mean * scale
        elif isinstance(module, nn.Linear) and rectified:
            weight, bias = module.weight.detach().double().numpy(), module.bias.detach().double().numpy()
            layers.append(((weight * scale).T, bias + (weight * shift).sum(axis=1)))
            scale, shift, rectified = np.array(1.0), np.array(0.0), False
        elif isinstance(module, nn.ReLU) and not rectified:
            rectified = True
        else:
            raise TypeError(f'{module} in a part head: wanted dense layers with rectifiers between them')
    return layers


def export_student(name: str, recipe: Recipe, work: Path, out: Path, shards: int = 0) -> Path:
    """Write the trained student ('kdic' or 'nic') of a recipe to ``out``, and prove it."""
    table = load_windows(work, shards)
    stored = read_logits(work / recipe.name / f'{name}_logits.npz', table, f'train-{name} --recipe {recipe.name}')
    calibration = calibrate(stored, table, load_noise(work))
    facts = {
        'model': name,
        'recipe': recipe.as_dict(),
        'training_windows': int(stored.trained_on.size),
        'torch': torch.__version__,
        'sha256': {
            'windows': _sha256(*shard_paths(work)[: shards or None]),
            'noise': _sha256(work / 'noise.npz'),
            'weights': _sha256(work / recipe.name / f'{name}.pt'),
            **(_teachers(recipe, work) if name == 'kdic' else {}),
        },
    }
    rows = np.random.default_rng(recipe.seed).permutation(table.label.size)[: max(PARITY_BATCHES)]
    windows = table.windows.select(np.sort(rows))
    return export_network(load_student(name, recipe, work), recipe.grid, calibration, facts, windows, out)


def export_network(
    student: PartStudent, grid: WindowGrid, fitted: Calibration, facts: dict[str, Any], windows: Windows, out: Path
) -> Path:
    """Write a trained network to ``out``, and prove it.

    Args:
        student: trained.
        grid: the piano-rolls that it reads.
        fitted: what goes into the file beside its weights.
        facts: for people to read, anything that JSON holds.
        windows: some music to prove it on, at least one window.
        out: the file; one that is there stays until the new one is known to be right.

    Raises:
        ParityError: where the file does not answer what the network answers.
    """
    student.eval()

    def write_and_prove(part: Path) -> None:
        write_onnx(student, grid, fitted, facts, part)
        check_parity(part, student, fitted, piano_roll(windows, grid), timing(windows))

    write_atomically(out, write_and_prove)
    return out


def write_onnx(student: PartStudent, grid: WindowGrid, fitted: Calibration, facts: dict[str, Any], out: Path) -> None:
    """Export a network with its contract as metadata, all weights inside the file; see :func:`export_network`."""
    example = (torch.zeros((2, *grid.shape), dtype=torch.uint8), torch.zeros((2, NUMBERS)))
    windows = torch.export.Dim('windows')
    program = torch.onnx.export(
        Exported(student, fitted.scaling).eval(),
        example,
        input_names=['piano_roll', 'timing'],
        output_names=['logits', 'embedding'],
        dynamic_shapes={'piano_roll': {0: windows}, 'timing': {0: windows}},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise RuntimeError('torch.onnx.export gave no program')
    proto = program.model_proto
    del proto.metadata_props[:]
    contract = {
        'kdic.contract': CONTRACT,
        'kdic.classes': json.dumps(CLASSES),
        'kdic.grid': json.dumps({'columns': grid.columns, 'planes': grid.planes}),
        'kdic.priors': json.dumps(fitted.scaling.priors.tolist()),
        'kdic.spread': json.dumps(fitted.spread.tolist()),
        'kdic.head': _head_json(head_of(student, fitted.part_scaling)),
        'kdic.temperature': json.dumps(
            {'windows': fitted.scaling.temperature, 'parts': fitted.part_scaling.temperature}
        ),
        'kdic.sure_confidence': json.dumps(fitted.sure_confidence),
        'kdic.least_confidence': json.dumps(fitted.least_confidence),
        'kdic.facts': json.dumps(facts, sort_keys=True),
    }
    onnx.helper.set_model_props(proto, contract)
    _forget_the_checkout(proto)
    onnx.checker.check_model(proto, full_check=True)
    out.write_bytes(proto.SerializeToString())


def _head_json(head: PartHead) -> str:
    def text(values: np.ndarray) -> str:
        return base64.b64encode(values.astype('<f4').tobytes()).decode()

    layers = [
        {'shape': weight.shape, 'weights': text(weight), 'bias': text(bias)}
        for weight, bias in zip(head.weights, head.biases, strict=True)
    ]
    return json.dumps({'layers': layers})


def _forget_the_checkout(proto: onnx.ModelProto) -> None:
    """Drop the exporter's notes on nodes (stack traces with this machine's paths)."""
    for item in (*proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        del item.metadata_props[:]
    for node in proto.graph.node:
        node.doc_string = ''


@torch.inference_mode()
def check_parity(path: Path, student: PartStudent, fitted: Calibration, rolls: np.ndarray, times: np.ndarray) -> float:
    """Compare the file with the torch network, window by window and on whole parts; return the largest difference.

    Args:
        path: the file.
        student, fitted: what was written to it.
        rolls: piano-rolls, shape (windows, planes, 128, columns).
        times: their timing, shape (windows, 38).

    Raises:
        ParityError: where a log probability differs by more than PARITY_TOLERANCE.
    """
    model, network = Model(path), Exported(student, fitted.scaling).eval()  # the runtime accepts the contract
    worst = 0.0
    for size in (*PARITY_BATCHES, *PARITY_PARTS):
        roll, time = np.resize(rolls, (size, *rolls.shape[1:])), np.resize(times, (size, times.shape[1]))
        wanted, embedded = network(torch.from_numpy(roll), torch.from_numpy(time))
        logits, embeddings = model.run(roll, time)
        worst = max(worst, _difference(logits, wanted))
        if size in PARITY_PARTS:
            (part,) = student.head(pool(embedded, torch.zeros(size, dtype=torch.int64), 1))
            scaled = part / fitted.part_scaling.temperature - torch.from_numpy(np.log(fitted.part_scaling.priors))
            worst = max(worst, _difference(model.classify_part(embeddings), scaled))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f'{path}: differs from torch by {worst:.2g}, wanted at most {PARITY_TOLERANCE:.0g}')
    return worst


def _difference(found: np.ndarray, wanted: Tensor) -> float:
    """The largest difference of log probabilities."""
    return float(np.abs(log_softmax(found.astype(np.float64)) - log_softmax(wanted.double().numpy())).max())


def _teachers(recipe: Recipe, work: Path) -> dict[str, str]:
    """Hashes of the logits that the student learnt from."""
    return {
        'teacher_logits': _sha256(work / recipe.teacher_recipe / 'teacher_logits.npz'),
        'assistant_logits': _sha256(work / recipe.name / 'assistant_logits.npz'),
    }


def _sha256(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
