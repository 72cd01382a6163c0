"""One run over a collection: from paths to the rows of every file, with a journal, progress and a table at the end."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from music21_kdic.collection.engine.files import COLUMNS, FAILED, LIKENESS_COLUMNS, Settings
from music21_kdic.collection.engine.inputs import find_inputs
from music21_kdic.collection.engine.journal import Journal, journal_path
from music21_kdic.collection.engine.pool import Limits, Task, answer_files, available_cores
from music21_kdic.collection.engine.publish import leftovers
from music21_kdic.collection.engine.tables import Row, check_output, write_table
from music21_kdic.errors import LimitError, OutputError
from music21_kdic.model.checks import SHIPPED, read_model

if TYPE_CHECKING:
    import pandas

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
# More means no limit; the system's own functions take no larger numbers.
LONGEST_SECONDS, MOST_BYTES = 1e8, 2**48
# What a verb makes of the rows of the parts: its own rows, in its own order.
Arrange = Callable[[Iterator[Row]], Iterable[Row]]


class Batch(Sequence[Row]):
    """What became of a collection: a sequence of rows, as dictionaries.

    Attributes:
        files: how many files there were.
        failed: how many of them could not be read, or took too long.
        rows: empty where they were written to a file.
    """

    def __init__(self, files: int, failed: int, rows: Sequence[Row] = ()) -> None:
        self.files = files
        self.failed = failed
        self.rows = list(rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f'<Batch of {self.files} files, {self.failed} failed: {len(self)} rows>'

    def to_pandas(self) -> 'pandas.DataFrame':
        """The rows as a table.

        Raises:
            ImportError: where pandas is not installed (the extra ``pandas``).
        """
        import pandas

        return pandas.DataFrame(self.rows)


@dataclass(frozen=True)
class Run:
    """How to go through a collection, whatever is done with the rows.

    Attributes:
        settings: what the answers depend on.
        limits: what one file may cost.
        jobs: worker processes; None is one a core.
        quiet: show no progress, even on a terminal.
    """

    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    jobs: int | None = None
    quiet: bool = False

    @property
    def columns(self) -> dict[str, type]:
        """The columns of its rows, and their types."""
        return COLUMNS if self.settings.like is None else COLUMNS | LIKENESS_COLUMNS

    def over(
        self,
        paths: Paths,
        output: str | os.PathLike[str] | None = None,
        resume: bool = False,
        arrange: Arrange = iter,
        columns: dict[str, type] | None = None,
        wanted: dict[str, Any] | None = None,
    ) -> Batch:
        """Answer for some files.

        Args:
            paths: see :func:`music21_kdic.collection.engine.inputs.find_inputs`.
            output: a table to write; the rows are returned where there is none.
            resume: go on with a run that was stopped, see :mod:`.journal`.
            arrange: from the rows of the parts to the rows that are wanted.
            columns: of those; the same where left out.
            wanted: what they depend on besides, as plain values: a run of others is not resumed.

        Raises:
            OutputError: where the output is there already, or cannot be written.
        """
        names = inputs_of(paths)
        if output is None:
            if resume:
                raise OutputError('nothing to resume: answers are kept only beside an output')
            answers = dict(self.answers([(name, None) for name in names]))
            rows = [row for name in names for row in answers[name]]
            return Batch(len(names), count_failed(rows), list(arrange(iter(rows))))
        return self._write(names, Path(output), resume, arrange, columns or self.columns, wanted or {})

    def _write(
        self,
        names: list[str],
        target: Path,
        resume: bool,
        arrange: Arrange,
        columns: dict[str, type],
        wanted: dict[str, Any],
    ) -> Batch:
        check_output(target)
        taken = OutputError(f'{target}: is there already, and is left as it is; choose another name')
        if os.path.lexists(target) and not journal_path(target).exists():
            raise taken
        with Journal(journal_path(target), self.made_with() | {'table': wanted}, resume) as journal:
            written = os.path.lexists(target)
            if written and not journal.has_written(target, names):
                raise taken
            left: list[Task] = [] if written else [(name, None) for name in names if name not in journal]
            if others := journal.others(names):
                raise OutputError(
                    f'{journal.path}: has answers for {len(others)} files that are not to be read now '
                    f'({others[0]}); name them too, or choose another output'
                )
            for name, found in self.answers(left, done=len(names) - len(left)):
                journal.add(name, found)
            if not written:
                write_table(target, columns, arrange(journal.rows(names)), journal.note_table)
            failed = count_failed(journal.rows(names))
            for part in leftovers([target]):
                part.unlink(missing_ok=True)
            journal.remove()
        return Batch(len(names), failed)

    def made_with(self) -> dict[str, Any]:
        """What the answers depend on, as plain values."""
        from music21_kdic import __version__

        return {
            'version': __version__,
            'model': model_digest(self.settings.model),
            'settings': asdict(self.settings) | {'model': None},
        }

    def answers(self, tasks: Sequence[Task], done: int = 0) -> Iterator[tuple[str, list[Row]]]:
        """The rows of each file as they arrive; progress is shown where standard error is a terminal."""
        from tqdm import tqdm

        jobs = min(self.jobs or available_cores(), max(1, len(tasks)))
        failed = 0
        with (
            closing(answer_files(tasks, self.settings, self.limits, jobs)) as arriving,
            tqdm(
                total=done + len(tasks),
                initial=done,
                unit='file',
                file=sys.stderr,
                # None: no bar where standard error is no terminal.
                disable=self.quiet or sys.stderr is None or None,
            ) as bar,
        ):
            for name, rows in arriving:
                yield name, rows
                failed += count_failed(rows)
                bar.set_postfix(failed=failed, refresh=False)
                bar.update()


def count_failed(rows: Iterable[Row]) -> int:
    """How many of the files in a table could not be read; each of them has one row."""
    return sum(row['status'] in FAILED for row in rows)


def model_digest(path: str | None) -> str:
    """SHA-256 of a model file, the shipped one where no other is named.

    Raises:
        ModelError: where it cannot be opened.
    """
    return hashlib.sha256(read_model(Path(path) if path else SHIPPED)).hexdigest()


def inputs_of(paths: Paths) -> list[str]:
    """See :func:`music21_kdic.collection.engine.inputs.find_inputs`; a single path may stand by itself."""
    if hasattr(paths, 'isStream'):
        raise TypeError(f'{paths!r}: wanted paths; for streams there are rank() and instrument_likelihood()')
    return find_inputs([paths] if isinstance(paths, str | os.PathLike) else paths)


def check_top(top: int | None) -> None:
    """Make sure that something is wanted at all.

    Raises:
        LimitError: for less than one row.
    """
    if top is not None and top < 1:
        raise LimitError(f'top = {top}: wanted at least 1')


def run_for(
    prior: Any = None,
    model: str | os.PathLike[str] | None = None,
    min_confidence: float = 0.0,
    jobs: int | None = None,
    timeout: float = Limits.timeout,
    memory: int = Limits.memory,
    quiet: bool = False,
    like: str | None = None,
    dry_run: bool = False,
    sure: bool = False,
) -> Run:
    """Make a Run from the words that all verbs share; see :func:`music21_kdic.label` for what they mean.

    Raises:
        PriorError, ClassNameError: where they mean nothing.
        LimitError: for less than one job, or no time or no memory.
    """
    from music21_kdic.priors import plain_priors

    jobs = None if jobs is None else int(jobs)
    for what, number in (('jobs', 1 if jobs is None else jobs), ('timeout', timeout), ('memory', memory)):
        if not number > 0:
            raise LimitError(f'{what} = {number}: wanted more than 0')
    # Absolute, since workers of a cluster may be in other folders.
    path = None if model is None else os.path.abspath(model)
    settings = Settings(path, plain_priors(prior), like, min_confidence, dry_run, sure)
    return Run(settings, Limits(min(timeout, LONGEST_SECONDS), int(min(memory, MOST_BYTES))), jobs, quiet)
