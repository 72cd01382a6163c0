"""``onnx``: the student becomes one ONNX file with its contract inside, proven equal to the torch network.

The contract is described, and checked again at load, in :mod:`music21_kdic.contract`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from export.calibration import Calibration, Scaling, calibrate, read_answers
from export.nonsense import load_nonsense
from export.recipe import Recipe
from export.shards import WindowTable, load_windows, shard_paths, write_atomically
from export.steps import checkpoint_of, load_student
from music21_kdic.classes import CLASSES
from music21_kdic.contract import CONTRACT
from music21_kdic.model import Model, log_softmax

OPSET = 18
PARITY_BATCHES = (1, 7, 256)
PARITY_TOLERANCE = 1e-4  # in log probability; float32 sums in another order


class ParityError(AssertionError):
    """The exported graph does not answer what the torch network answers."""


class Exported(nn.Module):
    """The student with the model's ends fixed to it: uint8 rolls in, equal-prior logits out.

    They are what each window says for its part (:meth:`export.calibration.Calibration.evidence`): of the part, the mean
    is calibrated; each by itself is surer than it should be.
    """

    def __init__(self, student: nn.Module, scaling: Scaling, part_temperature: float = 1.0) -> None:
        super().__init__()
        self.student = student
        self.temperature = scaling.temperature
        self.part_temperature = part_temperature
        self.register_buffer('log_priors', torch.tensor(np.log(scaling.priors), dtype=torch.float32))

    def forward(self, piano_roll: Tensor) -> Tensor:
        """Logits of piano-rolls, shape (windows, planes, 128, columns)."""
        logits: Tensor = self.student(piano_roll.float()) / self.temperature - self.log_priors
        return logits / self.part_temperature


def export_student(name: str, recipe: Recipe, work: Path, out: Path, shards: int = 0) -> Path:
    """Write the trained student ('kdic' or 'nic') of a recipe to ``out``, and prove it."""
    table = load_windows(work, shards)
    verb = f'{"distil" if name == "kdic" else "student"} --recipe {recipe.name}'
    answers = read_answers(work / recipe.name / f'{name}_logits.npz', table, verb)
    calibration = calibrate(answers, table, load_nonsense(work) if recipe.nonsense else None)
    student = load_student(name, recipe, work)
    facts = {
        'model': name,
        'recipe': recipe.as_dict(),
        'training_windows': int(answers.trained_on.size),
        'temperature': calibration.scaling.temperature,
        'part_temperature': calibration.part_temperature,
        'sure_confidence': calibration.sure_confidence,
        'torch': torch.__version__,
        'sha256': {
            'windows': _sha256(*shard_paths(work)[: shards or None]),
            'weights': _sha256(checkpoint_of(name, recipe, work)),
            **({'nonsense': _sha256(work / 'nonsense.npz')} if recipe.nonsense else {}),
            **(_teachers(recipe, work) if name == 'kdic' else {}),
        },
    }
    model = Exported(student, calibration.scaling, calibration.part_temperature)

    def write_and_prove(part: Path) -> None:
        write_onnx(model, recipe, calibration, facts, part)
        check_parity(part, model, _parity_rolls(table, recipe))

    # The model that is there stays until this one is known to be right.
    write_atomically(out, write_and_prove)
    return out


def write_onnx(model: nn.Module, recipe: Recipe, calibration: Calibration, facts: dict[str, Any], out: Path) -> None:
    """Export a network with its contract as metadata, all weights inside the file."""
    example = torch.zeros((2, *recipe.grid.shape), dtype=torch.uint8)
    program = torch.onnx.export(
        model.eval(),
        (example,),
        input_names=['piano_roll'],
        output_names=['logits'],
        dynamic_shapes={'piano_roll': {0: torch.export.Dim('windows')}},
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
        'kdic.grid': json.dumps({'columns': recipe.grid.columns, 'planes': recipe.grid.planes}),
        'kdic.priors': json.dumps(calibration.scaling.priors.tolist()),
        'kdic.spread': json.dumps(calibration.spread.tolist()),
        'kdic.least_confidence': json.dumps(calibration.least_confidence),
        'kdic.facts': json.dumps(facts, sort_keys=True),
    }
    onnx.helper.set_model_props(proto, contract)
    _forget_the_checkout(proto)
    onnx.checker.check_model(proto, full_check=True)
    out.write_bytes(proto.SerializeToString())


def _forget_the_checkout(proto: onnx.ModelProto) -> None:
    """Drop the exporter's notes on nodes (stack traces with this machine's paths)."""
    for item in (*proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        del item.metadata_props[:]
    for node in proto.graph.node:
        node.doc_string = ''


def _parity_rolls(table: WindowTable, recipe: Recipe) -> np.ndarray:
    rows = np.random.default_rng(recipe.seed).permutation(table.label.size)[: max(PARITY_BATCHES)]
    return table.rolls(recipe.grid, np.sort(rows))


@torch.inference_mode()
def check_parity(path: Path, model: nn.Module, rolls: np.ndarray) -> float:
    """Compare the file with the torch network at batches of 1, 7 and 256; return the largest difference.

    Raises:
        ParityError: where a log probability differs by more than PARITY_TOLERANCE.
    """
    Model(path)  # the runtime accepts the contract
    import onnxruntime

    session = onnxruntime.InferenceSession(path.read_bytes(), providers=['CPUExecutionProvider'])
    worst = 0.0
    for size in PARITY_BATCHES:
        batch = np.resize(rolls, (size, *rolls.shape[1:]))
        wanted = log_softmax(model(torch.from_numpy(batch)).numpy().astype(np.float64))
        (found,) = session.run(['logits'], {'piano_roll': batch})
        worst = max(worst, float(np.abs(log_softmax(found.astype(np.float64)) - wanted).max()))
    if not worst <= PARITY_TOLERANCE:
        raise ParityError(f'{path}: differs from torch by {worst:.2g}, wanted at most {PARITY_TOLERANCE:.0g}')
    return worst


def _teachers(recipe: Recipe, work: Path) -> dict[str, str]:
    """Hashes of the logits that the student learnt from."""
    hashes = {'teacher_logits': _sha256(work / recipe.teacher_recipe / 'teacher_logits.npz')}
    if recipe.distil.assistant:
        hashes['assistant_logits'] = _sha256(work / recipe.distil.assistant / 'kdic_logits.npz')
    return hashes


def _sha256(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
