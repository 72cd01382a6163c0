"""The options that verbs share, and defaults of others; the command line need not import the verbs for them."""

import os
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING

from music21_kdic.errors import LimitError, shown

if TYPE_CHECKING:
    from music21_kdic.priors import Priors

AUDIT_THRESHOLD = 0.8
TAG_THRESHOLD = 0.5
PORT = 8021  # of serve
LISTEN_SECONDS = 600.0  # that a recording may take: an hour of it takes minutes
# More means no limit; the system's own functions take no larger numbers.
LONGEST_SECONDS, MOST_BYTES = 1e8, 2**48
LEAST_BYTES = 2**20  # who asks for less means MiB


@dataclass(frozen=True)
class Options:
    """How to go through a collection, whichever verb it is.

    Attributes:
        priors: how frequent the classes are held to be, see :func:`music21_kdic.instrument_likelihood`.
        model: folder of another model than the shipped one.
        jobs: worker processes, one a core where left out. The answers do not depend on it.
        timeout: seconds that one file may take.
        memory: bytes (on the command line MiB) that a worker may grow by over one file (enforced on Linux).
        resume: go on where a run that was killed left off; the table is that of a run undisturbed.
        quiet: show no progress, even on a terminal.
        force: replace what is there; it stays until the new one is whole.

    Raises:
        LimitError: for less than one job, or what is no whole number; no time or no memory.
    """

    priors: 'Priors' = None
    model: str | os.PathLike[str] | None = None
    jobs: int | None = None
    timeout: float = 60.0
    memory: int = 2**30
    resume: bool = False
    quiet: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        for what, number, kind, least, wanted in (
            ('jobs', 1 if self.jobs is None else self.jobs, Integral, 1, 'a whole number, at least 1'),
            ('timeout', self.timeout, Real, 0, 'more than 0'),
            ('memory', self.memory, Real, LEAST_BYTES, f'at least {LEAST_BYTES} bytes'),
        ):
            if not (isinstance(number, kind) and number > 0 and number >= least):
                raise LimitError(f'{what} = {shown(number)}: wanted {wanted}')
        object.__setattr__(self, 'jobs', None if self.jobs is None else int(self.jobs))
        object.__setattr__(self, 'timeout', float(min(self.timeout, LONGEST_SECONDS)))
        object.__setattr__(self, 'memory', int(min(self.memory, MOST_BYTES)))
