"""Write the folder of the sound model: the separator and the listener as ONNX in half precision, and their contract."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from scipy.special import expit
from torch import Tensor, nn

from export.arguments import add_work
from export.data.files import write_atomically, write_json
from export.data.mixes import SOUNDFONTS, STRANGE, UNHEARD
from export.evaluation.evaluate_sound import BATCH
from export.networks.separators import patches
from export.release.onnx import sha256
from export.release.onnx_file import OPSET, ParityError
from export.training.stem_bank import StemBank
from export.training.train_sound import LISTENERS, SHIPPED, Listening, heard, load_listener, load_separator
from music21_kdic.classes import CLASSES
from music21_kdic.model.checks import CONTRACT, LISTEN, SOUND, STEMS
from music21_kdic.sound.networks import READS, TARGETS, VERSION
from music21_kdic.sound.spectra import RATE

LISTENER = 'listener'
LARGE = 256  # numbers of a weight that is kept in 16 bits
CLOSE = {STEMS: 0.02, LISTEN: 0.2}  # a share, and log-odds: what half precision may move
RIGHT = 0.9  # of what is sure
NEVER = 1.01  # a probability that is not reached
LEAST = 0.5


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``sound-onnx``."""
    add_work(parser)
    parser.add_argument('--out', type=Path, default=SOUND, help='folder (default: the shipped model)')


def run(args: Namespace) -> None:
    """Run ``sound-onnx``; print the hashes that ``music21_kdic/model/checks.py`` wants."""
    write_sound_model(args.work, args.out)
    for name in (CONTRACT, STEMS, LISTEN):
        print(f'{sha256(args.out / name)}  {args.out / name}')


def write_sound_model(work: Path, folder: Path) -> None:
    """Write the model that a working folder holds.

    Raises:
        FileNotFoundError: where a network is not trained, or there are no validation mixes.
        ParityError: where a file answers otherwise than torch, by more than CLOSE.
    """
    separator, listener = load_separator(SHIPPED, work).cpu(), load_listener(LISTENER, work).cpu()
    bank = StemBank(work, 'val', RATE)
    mixture, _ = patches(bank.batch(np.arange(4), None).cpu())
    with torch.no_grad():
        stems = separator(mixture) * mixture
    write_network(separator, mixture, 'mixture', 'masks', folder / STEMS)
    write_network(listener, stems, 'stems', 'log_odds', folder / LISTEN)
    listening = Listening(load_separator(LISTENERS[LISTENER], work), load_listener(LISTENER, work))
    found = []
    for split in ('val', 'strange'):
        bank = StemBank(work, split, RATE)
        said, truth = heard(listening, bank, BATCH)
        found.append((expit(said), truth > 0.5))
    write_json(folder / CONTRACT, contract_of(found, len(bank)))


def contract_of(found: Sequence[tuple[np.ndarray, np.ndarray]], songs: int) -> dict[str, Any]:
    """What the model says of itself.

    Args:
        found: probabilities and truth of validation mixtures, shape (patches, 8, 16), in the soundfonts of training and
            in a strange one: what is sure is right often enough in both.
        songs: how many those are.
    """
    sure = [
        max(sure_from(probabilities[:, i].ravel(), truth[:, i].ravel()) for probabilities, truth in found)
        for i in range(len(CLASSES))
    ]
    facts = {
        'trained on': 'mixtures of parts that FluidSynth played, of songs of the collections pop, classical, orchestra '
        'and scores; no recording of an instrument',
        'licences': 'those of the songs differ, and `pop` states none; no song is redistributed',
        'soundfonts': list(SOUNDFONTS),
        'soundfonts kept for validation and for the test': [STRANGE, UNHEARD],
        'validation songs': songs,
    }
    return {'version': VERSION, 'targets': TARGETS, **READS, 'sure': sure, 'facts': facts}


def sure_from(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """The lowest probability from which on nine in ten are right, NEVER where there is none; both shape (steps,).

    >>> sure_from(np.array([0.6, 0.7, 0.8, 0.9]), np.array([False, True, True, True]))
    0.7
    """
    order = np.argsort(-probabilities, kind='stable')
    right = np.cumsum(truth[order]) / np.arange(1, order.size + 1)
    enough = np.flatnonzero((right >= RIGHT) & (probabilities[order] >= LEAST))
    return float(probabilities[order][enough[-1]]) if enough.size else NEVER


def write_network(network: nn.Module, example: Tensor, given: str, output: str, path: Path) -> None:
    """Write a network with its large weights in 16 bits, and hold its answers against torch's.

    Raises:
        ParityError: where they differ by more than CLOSE.
    """
    network.eval()
    write_atomically(path, partial(_write, network, example, given, output))
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    said = session.run([output], {given: example.numpy()})[0]
    with torch.no_grad():
        apart = float(np.abs(said - network(example).numpy()).max())
    if apart > CLOSE[path.name]:
        raise ParityError(f'{path}: its answers and those of torch are {apart:g} apart, wanted {CLOSE[path.name]:g}')


def _write(network: nn.Module, example: Tensor, given: str, output: str, path: Path) -> None:
    torch.onnx.export(
        network,
        (example,),
        str(path),
        input_names=[given],
        output_names=[output],
        dynamic_axes={name: {0: 'patches'} for name in (given, output)},
        opset_version=OPSET,
        dynamo=False,
    )
    model = _halved(onnx.load(path))
    with torch.no_grad():
        shape = network(example).shape[1:]
    for dimension, size in zip(model.graph.output[0].type.tensor_type.shape.dim[1:], shape, strict=True):
        dimension.dim_value = size  # the exporter does not find all of them
    onnx.save(model, path)


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with its large weights in 16 bits, each followed by what makes 32 of them."""
    nodes = []
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= LARGE:
            name = weight.name
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f'{name}.half'))
            nodes.append(onnx.helper.make_node('Cast', [f'{name}.half'], [name], to=onnx.TensorProto.FLOAT))
    nodes += model.graph.node
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model
