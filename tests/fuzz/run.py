"""Many mutants, each in a process that may crash, hang or run out of memory without harm to the others."""

import concurrent.futures
import multiprocessing
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import psutil
from pebble import ProcessExpired, ProcessPool

from music21_kdic.collection.engine.rows import UNKNOWN
from music21_kdic.collection.options import Options
from tests.fuzz.mutants import Mutant, make_mutant
from tests.fuzz.oracle import LABEL, outcome

SECONDS = 60.0  # as long as a file may take by default
TIMEOUT, CRASH, MEMORY, UNTYPED = 'timeout', 'crash', 'memory', 'untyped'
MISFITS = (TIMEOUT, CRASH, MEMORY, UNTYPED)


@dataclass(frozen=True)
class Found:
    """What became of a mutant.

    Attributes:
        number: of the mutant.
        outcome: 'label', 'unknown', the name of a typed error, or one of MISFITS.
        error: of an untyped one, what it was.
        seconds: how long it took.
        peak: the most bytes that its process had had in memory by then.
    """

    number: int
    outcome: str
    error: str = ''
    seconds: float = 0.0
    peak: int = 0


@dataclass
class Tally:
    """What became of all mutants of a reader."""

    reader: str
    outcomes: Counter[str] = field(default_factory=Counter)
    misfits: list[Found] = field(default_factory=list)
    slowest: Found = Found(-1, '')
    peak: int = 0

    def add(self, found: Found) -> None:
        """Count one."""
        self.outcomes[found.outcome] += 1
        self.slowest = max(self.slowest, found, key=lambda one: one.seconds)
        self.peak = max(self.peak, found.peak)
        if found.outcome in MISFITS:
            self.misfits.append(found)

    def row(self) -> dict[str, str | int]:
        """A row of the table in the docs."""
        typed = {kind: n for kind, n in self.outcomes.most_common() if kind not in (LABEL, UNKNOWN, *MISFITS)}
        return {
            'reader': self.reader,
            'mutants': self.outcomes.total(),
            'label': self.outcomes[LABEL],
            'unknown': self.outcomes[UNKNOWN],
            'typed errors': ', '.join(f'{kind} {n}' for kind, n in typed.items()),
            'timeouts': self.outcomes[TIMEOUT],
            'crashes': self.outcomes[CRASH],
            'out of memory': self.outcomes[MEMORY],
            'untyped': self.outcomes[UNTYPED],
            'slowest (s)': f'{self.slowest.seconds:.1f} (number {self.slowest.number})',
            'peak (MiB)': self.peak // 2**20,
        }


def fuzz(
    reader: str,
    numbers: Iterable[int],
    seed: int = 0,
    jobs: int = 1,
    give: Callable[[str, str, bytes], str] = outcome,
    seconds: float = SECONDS,
) -> Iterator[tuple[Mutant, Found]]:
    """Give mutants to a reader.

    Args:
        reader: 'midi', 'score', 'model' or 'audio'.
        numbers: of the mutants, which are the same for the same reader, seed and number.
        seed: of the run.
        jobs: worker processes.
        give: what gives the reader the content of a file, and says what became of it.
        seconds: how long one may take.
    """
    context = multiprocessing.get_context('spawn')
    with ProcessPool(jobs, initializer=_prepare, initargs=(reader, give), context=context) as pool:
        waiting: deque[tuple[int, Mutant, concurrent.futures.Future[Found]]] = deque()
        for number in numbers:
            mutant = make_mutant(reader, seed, number)
            call = partial(_try_out, give, number, reader, mutant)
            waiting.append((number, mutant, pool.schedule(call, timeout=seconds)))
            if len(waiting) >= 4 * jobs:
                yield _await(*waiting.popleft())
        while waiting:
            yield _await(*waiting.popleft())


def _await(number: int, mutant: Mutant, future: 'concurrent.futures.Future[Found]') -> tuple[Mutant, Found]:
    try:
        return mutant, future.result()
    except TimeoutError:
        return mutant, Found(number, TIMEOUT)
    except ProcessExpired as error:
        return mutant, Found(number, CRASH, f'exit status {error.exitcode}')


def _prepare(reader: str, give: Callable[[str, str, bytes], str]) -> None:
    """Load what every mutant needs, then let this process grow by as much as a worker of a collection may."""
    if give is outcome:
        healthy = make_mutant(reader, 0, 0)
        give(reader, healthy.suffix, healthy.content)
    warnings.simplefilter('ignore')  # music21 has something to say about most mutants
    process = psutil.Process()
    most = process.memory_info().vms + Options.memory
    process.rlimit(psutil.RLIMIT_AS, (most, most))


def _try_out(give: Callable[[str, str, bytes], str], number: int, reader: str, mutant: Mutant) -> Found:
    began = time.perf_counter()
    error = ''
    try:
        what = give(reader, mutant.suffix, mutant.content)
    except MemoryError:
        what = MEMORY
    except Exception as broken:  # whatever it is, it is what this looks for
        what, error = UNTYPED, f'{type(broken).__name__}: {broken}'[:300]
    seconds = time.perf_counter() - began
    return Found(number, what, error, seconds, psutil.Process().memory_info().rss)
