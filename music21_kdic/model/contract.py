"""What a model file says of itself in its metadata, under the keys ``kdic.*``.

``export/release/onnx_model.py`` writes it.

* ``kdic.contract``: the version of this list; this package understands CONTRACT.
* ``kdic.classes``: the names of the eight outputs, in order.
* ``kdic.grid``: the window it reads, see :class:`~music21_kdic.features.windows.WindowGrid`.
* ``kdic.priors``: how frequent each class was in the training windows.
* ``kdic.spread``: for each class, how much its log-odds differ from one window of a part to the next, as the head sees
  them (standard deviation, on validation parts), see :mod:`music21_kdic.answers.likeness`.
* ``kdic.head``: the layers that judge a part, see :mod:`music21_kdic.model.part_head`.
* ``kdic.temperature``: ``windows`` and ``parts``, by which the logits of each were divided (Guo et al. 2017, fitted on
  validation data). It is done already, as is the division by the priors: a fact.
* ``kdic.sure_confidence``: of the answers that are at least so sure, under equal priors, nine in ten were right (of
  validation parts).
* ``kdic.least_confidence``: a part whose likeliest class is less probable than this, under equal priors, says nothing
  (fitted on validation parts and on windows that are no music, see ``export/data/noise.py``).
* ``kdic.facts``: recipe, data, hashes and figures, for people to read.
"""

import json
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError
from music21_kdic.features.windows import WindowGrid
from music21_kdic.model.part_head import PartHead, read_head

CONTRACT = '4'


@dataclass(frozen=True, eq=False)
class Contract:
    """What a model says of itself; the attributes are those of the module's list, arrays of shape (8,)."""

    classes: tuple[str, ...]
    grid: WindowGrid
    priors: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    head: PartHead
    temperature: dict[str, float]
    sure_confidence: float
    least_confidence: float
    facts: dict[str, Any]


def read_contract(metadata: Mapping[str, str], path: Path) -> Contract:
    """Read and check the contract of the model at ``path``, which is what errors call it.

    Raises:
        ModelError: where it is another version's, or a value is not what it should be.
    """
    version = metadata.get('kdic.contract')
    if version != CONTRACT:
        raise ModelError(f'{path}: contract {version!r}, wanted {CONTRACT!r}: another version wrote it')
    try:
        grid = json.loads(metadata['kdic.grid'])
        temperature = json.loads(metadata['kdic.temperature'])
        contract = Contract(
            classes=tuple(json.loads(metadata['kdic.classes'])),
            grid=WindowGrid(columns=operator.index(grid['columns']), planes=tuple(grid['planes'])),
            priors=np.array(json.loads(metadata['kdic.priors']), dtype=np.float64),
            spread=np.array(json.loads(metadata['kdic.spread']), dtype=np.float64),
            head=read_head(metadata['kdic.head']),
            temperature={level: float(temperature[level]) for level in ('windows', 'parts')},
            sure_confidence=float(json.loads(metadata['kdic.sure_confidence'])),
            least_confidence=float(json.loads(metadata['kdic.least_confidence'])),
            facts=dict(json.loads(metadata['kdic.facts'])),
        )
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ModelError(f'{path}: its contract cannot be read ({error!r})') from error
    if contract.classes != CLASSES:
        raise ModelError(f'{path}: classes {contract.classes}, wanted {CLASSES}')
    priors, spread = contract.priors, contract.spread
    for values in (priors, spread):
        values.setflags(write=False)
    if priors.shape != (len(CLASSES),) or not (priors > 0).all() or abs(priors.sum() - 1) > 1e-6:
        raise ModelError(f'{path}: priors {priors}, wanted eight positive numbers that sum to 1')
    if spread.shape != (len(CLASSES),) or not (np.isfinite(spread) & (spread > 0)).all():
        raise ModelError(f'{path}: spread {spread}, wanted eight positive numbers')
    if not all(0 < value < np.inf for value in contract.temperature.values()):
        raise ModelError(f'{path}: temperatures {contract.temperature}, wanted positive numbers')
    if not 0 <= contract.sure_confidence <= 1:
        raise ModelError(f'{path}: sure confidence {contract.sure_confidence}, wanted 0 to 1')
    if not 0 <= contract.least_confidence < 1:
        raise ModelError(f'{path}: least confidence {contract.least_confidence}, wanted 0 to below 1')
    return contract
