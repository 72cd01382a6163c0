"""A worker process: reads some files' names a line from standard input, answers them with a line of JSON.

Started by :mod:`music21_kdic.collection.engine.process` as ``python -m music21_kdic.collection.engine.worker TOLD``,
a process of its own rather than a fork: it can be killed without harm, owes nothing to the threads or the script of
whoever started it, and can be started from where multiprocessing refuses (Dask's daemonic workers). The ONNX session
is made here, one a worker, one thread each.
"""

import gc
import importlib
import json
import math
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic.errors import KdicError

if TYPE_CHECKING:
    from music21_kdic.collection.engine.query import Query

# A worker whose parent was killed ends by itself: at once between files, and this much after a file's time limit.
GRACE_SECONDS = 10


def main() -> None:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    # What libraries print must not come between the answers.
    with open(os.devnull, 'w', encoding='utf-8') as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)

    def answer(content: dict[str, Any]) -> None:
        answers.write(json.dumps(content) + '\n')
        answers.flush()

    told = json.loads(sys.argv[1])
    try:
        query = _prepare(told)
    except Exception as error:
        kind = type(error) if isinstance(error, KdicError) else KdicError
        answer({'failure': [kind.__name__, str(error) or type(error).__name__]})
        return
    answer({'ready': True})
    for line in sys.stdin:
        tasks = json.loads(line)
        if hasattr(signal, 'alarm'):
            signal.alarm(math.ceil(told['timeout']) + GRACE_SECONDS)
        try:
            rows = query.answer_all(tasks)
        except MemoryError:
            # What is left behind would count against the next file: another worker takes over.
            answer({'out_of_memory': True})
            return
        if hasattr(signal, 'alarm'):
            signal.alarm(0)
        answer({'rows': [[dict(row) for row in of_file] for of_file in rows]})


def _prepare(told: dict[str, Any]) -> 'Query[Any]':
    """Load the model, then bound the memory; return what is asked of each file."""
    import music21_kdic.reading.files  # noqa: F401 - the readers must not count against the first file

    module, kind, fields = told['query']
    query: Query[Any] = getattr(importlib.import_module(module), kind)(**fields)
    query.prepare()
    if told['with_music21']:
        import music21  # noqa: F401 - its size must not count against the first score
    _bound_memory(told['memory'])
    gc.freeze()  # what is loaded stays: the collector need not look at it again
    return query


def _bound_memory(most: int) -> None:
    """Let this process grow by no more than ``most`` bytes, where the system can enforce it (Linux)."""
    size = Path('/proc/self/statm')
    if not size.exists():
        return
    import resource

    now = int(size.read_text(encoding='ascii').split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = min(now + most, sys.maxsize)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == '__main__':
    main()
