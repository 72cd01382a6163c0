"""How likely each class is held to be before the notes are seen."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from music21_kdic.classes import CLASSES
from music21_kdic.errors import PriorError, shown

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Array(Protocol):
    """What NumPy makes an array of: one of its own, a Series of pandas."""

    def __array__(self) -> Any: ...


# Eight numbers, a mapping, 'training' for how frequent the classes were in the model's training; 'equal' or None.
Priors = Mapping[str, float] | Sequence[float] | Array | Literal['training', 'equal'] | None


def check_priors(priors: Priors) -> 'npt.NDArray[np.float64]':
    """Return priors as eight probabilities in the order of CLASSES, shape (8,).

    Raises:
        PriorError: where they are no eight positive numbers, one for each class.

    >>> check_priors([2, 1, 1, 1, 1, 1, 1, 2]).tolist()
    [0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2]
    """
    import numpy as np

    if priors is None or (isinstance(priors, str) and priors == 'equal'):
        return np.full(len(CLASSES), 1.0 / len(CLASSES))
    keyed: Any = priors
    names = list(keyed.keys()) if hasattr(keyed, 'keys') else []
    if names and names != list(range(len(names))):  # a Series of pandas is no Mapping; one without names has an order
        priors = {name: keyed[name] for name in names}
    if isinstance(priors, Mapping):
        if set(priors) != set(CLASSES):
            raise PriorError(f'priors for {shown(list(priors))}: wanted one for each of {", ".join(CLASSES)}')
        priors = [priors[name] for name in CLASSES]
    try:
        values = np.array(priors, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise PriorError(f"priors {shown(priors)}: wanted eight numbers, 'equal' or 'training'") from error
    if values.shape != (len(CLASSES),) or not np.isfinite(values).all() or not (values > 0).all():
        raise PriorError(f'priors {shown(priors)}: wanted eight finite numbers above 0')
    values /= values.max()  # first, lest the sum overflow
    result: npt.NDArray[np.float64] = values / values.sum()
    if not (result > 0).all():
        raise PriorError(f'priors {shown(priors)}: wanted eight numbers that can be compared, one is 0 beside another')
    return result


def plain_priors(priors: Priors) -> list[float] | Literal['training'] | None:
    """Check priors and return them as plain values, which can be sent to another process.

    Raises:
        PriorError: see :func:`check_priors`.
    """
    if priors is None or (isinstance(priors, str) and priors in ('training', 'equal')):
        return 'training' if priors == 'training' else None
    values: list[float] = check_priors(priors).tolist()
    return values
