"""What a model says of itself: ``contract.json`` in its folder. ``export/release`` writes it.

* ``version``: of this list; this package understands VERSION.
* ``classes``: the names of the eight classes, in the order of all eights here.
* ``instruments``: the instruments within the classes: ``name``, ``class``, ``programs`` (General MIDI, from 0) and
  ``music21`` (the name of a class in :mod:`music21.instrument`).
* ``priors``: how frequent each class was in training, by the weights of the parts there.
* ``name``: of the model, for people to read.
* ``numbers``, ``context``: the names of what the networks read of a part, and of its score: those of
  :data:`~music21_kdic.features.number_names.PART_NUMBERS` and CONTEXT_NUMBERS there.
* ``embedding``: how many numbers a part is embedded as.
* ``first_layer``: how many numbers the first layer makes of a part, which both networks go on from.
* ``sure``: for each class, the probability from which nine in ten answers were right on the worst of the collections
  that were left out of training; for parts ``alone`` and in their score (``together``).
* ``plausible``: how large a conformal set must be to hold the right class in nine of ten parts, ``alone`` and
  ``together``, see :mod:`music21_kdic.answers.conformal`.
* ``least_music``: a part that is less probably music than this is unclear.
* ``least_confidence``: so is one whose likeliest class is less probable than this.
* ``spread``: how far the log-odds of each class's score are from those of the whole part after SPREAD_WINDOWS windows,
  a row each, as standard deviations: what nine tenths of validation parts stay within, over 1.645. See
  :mod:`music21_kdic.answers.likeness`.
* ``facts``: recipe, data and figures, for people to read.

Probabilities in it are those under equal priors.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from music21_kdic.classes import CLASSES
from music21_kdic.errors import ModelError
from music21_kdic.features.number_names import CONTEXT_NUMBERS, PART_NUMBERS
from music21_kdic.reading.notes import FloatArray

VERSION = 7
MOST_INSTRUMENTS, MOST_EMBEDDING, MOST_FIRST_LAYER = 512, 1024, 4096
SPREAD_WINDOWS = (1, 2, 4, 8)
LEVELS = ('alone', 'together')  # how a part is classified: by itself, or with the other parts of its score


@dataclass(frozen=True)
class Instrument:
    """An instrument of a class.

    Attributes:
        name: as people write it.
        class_name: its class.
        programs: its General MIDI programs, from 0.
        music21: the name of its class in :mod:`music21.instrument`.
    """

    name: str
    class_name: str
    programs: tuple[int, ...]
    music21: str


@dataclass(frozen=True)
class Plausible:
    """Parameters of a conformal set, see :mod:`music21_kdic.answers.conformal`."""

    threshold: float
    penalty: float
    free: int


@dataclass(frozen=True, eq=False)
class Contract:
    """What a model says of itself; the attributes are those of the module's list, without ``version``, ``name``,
    ``numbers`` and ``context``.

    Eights are arrays of shape (8,), and ``spread`` is one of shape (4, 8).
    """

    classes: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    priors: FloatArray
    embedding: int
    first_layer: int
    sure: dict[str, FloatArray]
    plausible: dict[str, Plausible]
    least_music: float
    least_confidence: float
    spread: FloatArray
    facts: dict[str, Any]

    def __post_init__(self) -> None:
        for values in (self.priors, self.spread, *self.sure.values()):
            values.setflags(write=False)


def read_contract(content: bytes, path: Path) -> Contract:
    """Read and check the contract of the model in the folder ``path``, which is what errors call it.

    Raises:
        ModelError: where it is another version's, or a value is not what it should be.
    """
    try:
        told = json.loads(content)
        version = told['version']
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f'{path}: its contract cannot be read ({error!r})') from error
    if version != VERSION:
        raise ModelError(f'{path}: contract {version!r}, wanted {VERSION!r}: another version wrote it')
    try:
        contract = Contract(
            classes=tuple(told['classes']),
            instruments=tuple(
                Instrument(str(one['name']), str(one['class']), tuple(map(int, one['programs'])), str(one['music21']))
                for one in told['instruments']
            ),
            priors=np.array(told['priors'], dtype=np.float64),
            embedding=int(told['embedding']),
            first_layer=int(told['first_layer']),
            sure={level: np.array(told['sure'][level], dtype=np.float64) for level in LEVELS},
            plausible={
                level: Plausible(float(one['threshold']), float(one['penalty']), int(one['free']))
                for level in LEVELS
                for one in (told['plausible'][level],)
            },
            least_music=float(told['least_music']),
            least_confidence=float(told['least_confidence']),
            spread=np.array(told['spread'], dtype=np.float64),
            facts=dict(told['facts']),
        )
        numbers, context = tuple(told['numbers']), tuple(told['context'])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(f'{path}: its contract cannot be read ({error!r})') from error
    for what, found, wanted in (('a part', numbers, PART_NUMBERS), ('its score', context, CONTEXT_NUMBERS)):
        if found != tuple(name for name, _ in wanted):
            raise ModelError(f'{path}: reads {len(found)} other numbers of {what} than the {len(wanted)} here')
    _check(contract, path)
    return contract


def _check(contract: Contract, path: Path) -> None:
    if contract.classes != CLASSES:
        raise ModelError(f'{path}: classes {contract.classes}, wanted {CLASSES}')
    _check_instruments(contract.instruments, path)
    if not 1 <= contract.embedding <= MOST_EMBEDDING:
        raise ModelError(f'{path}: an embedding of {contract.embedding} numbers, wanted 1 to {MOST_EMBEDDING}')
    if not 1 <= contract.first_layer <= MOST_FIRST_LAYER:
        raise ModelError(f'{path}: a first layer of {contract.first_layer} numbers, wanted 1 to {MOST_FIRST_LAYER}')
    priors, spread = contract.priors, contract.spread
    if priors.shape != (len(CLASSES),) or not (priors > 0).all() or abs(priors.sum() - 1) > 1e-6:
        raise ModelError(f'{path}: priors {priors}, wanted eight positive numbers that sum to 1')
    if spread.shape != (len(SPREAD_WINDOWS), len(CLASSES)) or not (np.isfinite(spread) & (spread > 0)).all():
        raise ModelError(f'{path}: spread {spread.tolist()}, wanted {len(SPREAD_WINDOWS)} times eight positive numbers')
    for level, sure in contract.sure.items():
        # More than 1 is never reached: a class of which nothing is sure.
        if sure.shape != (len(CLASSES),) or not (np.isfinite(sure) & (sure >= 0)).all():
            raise ModelError(f'{path}: sure {level} {sure}, wanted eight numbers of at least 0')
    for level, one in contract.plausible.items():
        if not (np.isfinite([one.threshold, one.penalty]).all() and one.penalty >= 0 and 0 <= one.free <= len(CLASSES)):
            raise ModelError(f'{path}: plausible {level} {one}, wanted finite numbers, a penalty of at least 0')
    if not 0 <= contract.least_confidence < 1 or not 0 <= contract.least_music < 1:
        found = contract.least_confidence, contract.least_music
        raise ModelError(f'{path}: least confidence and least music {found}, wanted 0 to below 1')


def _check_instruments(instruments: Sequence[Instrument], path: Path) -> None:
    classes = [one.class_name for one in instruments]
    if set(classes) != set(CLASSES) or len(classes) > MOST_INSTRUMENTS:
        raise ModelError(f'{path}: {len(classes)} instruments, wanted at most {MOST_INSTRUMENTS}, some of every class')
    for one in instruments:
        if not one.programs or not 0 <= min(one.programs) <= max(one.programs) <= 127:
            raise ModelError(f'{path}: programs {one.programs} of {one.name}, wanted some of 0 to 127')
    names = [one.name for one in instruments]
    if len(set(names)) < len(names):
        raise ModelError(f'{path}: instruments {", ".join(names)}, wanted a name for each')
