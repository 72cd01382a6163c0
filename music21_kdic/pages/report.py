"""``report``: one page for a file or a collection, to read and to play in a browser."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from music21_kdic.collection.engine.query import Task
from music21_kdic.collection.engine.run import Arranged, Batch, Counts, Paths, Run, inputs_of
from music21_kdic.collection.options import Options
from music21_kdic.errors import OutputError
from music21_kdic.pages.drawing import DrawnRow, drawn_query
from music21_kdic.pages.page import MOST_FILES, Contents, check_pages, render
from music21_kdic.priors import Priors
from music21_kdic.reading.endings import ALL_ENDINGS


@dataclass(frozen=True)
class _PageRun(Run[DrawnRow]):
    """A run of which the files beyond those that are drawn leave nothing to draw in the journal."""

    drawn: frozenset[str] = frozenset()

    def answers(self, tasks: Sequence[Task], done: int = 0) -> Iterator[tuple[str, list[DrawnRow]]]:
        for name, rows in super().answers(tasks, done):
            if name in self.drawn:
                yield name, rows
            else:
                yield name, [replace(row, picture=None, tune=None, explanation=None) for row in rows]


def report(
    paths: Paths,
    output: str | os.PathLike[str],
    *,
    explain: bool = False,
    alone: bool = False,
    join_channels: bool = False,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
) -> Batch[DrawnRow]:
    """Write one page about some files: a table of their parts, a picture of each file, notes to play.

    The page is a single file that needs no network. What it leaves out of a large collection it says;
    :mod:`music21_kdic.pages.page` has the limits.

    Args:
        paths: as for :func:`music21_kdic.label`, and recordings, as for :func:`music21_kdic.listen`.
        output: an ``.html`` file. It appears when it is whole. What is there already is left alone, unless ``force`` is
            set.
        explain: also explain each answer, which takes seconds a part: which measures speak against it, and what some
            changes would do; see :mod:`music21_kdic.answers.explain`.
        alone, join_channels: as for :func:`music21_kdic.label`.
        priors, model, jobs, timeout, memory, resume, quiet, force: see :class:`.options.Options`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` without rows, which says what was counted.

    Raises:
        OutputError: where the output is there already, or cannot be written.
        MissingExtraError: where Jinja is not installed (the extra ``report``).
        InputError, LimitError, ModelError, PriorError: see :mod:`music21_kdic.errors`.
    """
    check_pages()
    if output is None:
        raise OutputError('no output: a page is written to a file')
    options = Options(priors, model, jobs, timeout, memory, resume, quiet, force)
    skipped: Counter[str] = Counter()
    names = inputs_of(paths, skipped, ALL_ENDINGS)

    def write(path: Path, columns: dict[str, type], rows: Iterable[Any]) -> None:
        contents = Contents(Counts(files=len(names), skipped=skipped))
        for _, of_file in groupby(rows, key=attrgetter('path')):
            contents.add_file(list(of_file))
        path.write_bytes(render(contents).encode())

    query = drawn_query(options, alone=alone, join_channels=join_channels, explain=explain)
    run = _PageRun(query, options, frozenset(names[:MOST_FILES]))
    return run.over_files(
        names, skipped, output, Arranged(DrawnRow.columns(), iter, {'verb': 'report'}, {'.html': write})
    )
