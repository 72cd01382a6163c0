"""One run over a collection: from paths to the rows of every file, with a journal, progress and a table at the end."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, overload

from music21_kdic.collection.engine.inputs import find_inputs
from music21_kdic.collection.engine.journal import Journal, journal_path
from music21_kdic.collection.engine.pool import Task, answer_files, available_cores
from music21_kdic.collection.engine.publish import leftovers
from music21_kdic.collection.engine.query import Query
from music21_kdic.collection.engine.rows import R, Row
from music21_kdic.collection.engine.tables import check_output, write_table
from music21_kdic.collection.options import Options
from music21_kdic.errors import LimitError, OutputError
from music21_kdic.model.checks import SHIPPED, read_model
from music21_kdic.priors import Priors, plain_priors
from music21_kdic.statuses import FAILED

if TYPE_CHECKING:
    import pandas

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
Out = TypeVar('Out', bound=Row)


class Batch(Sequence[R]):
    """What became of a collection: a sequence of rows.

    Attributes:
        files: how many files there were.
        failed: how many of them could not be read, or took too long.
        rows: empty where they were written to a file.
    """

    def __init__(self, files: int, failed: int, rows: Iterable[R] = ()) -> None:
        self.files = files
        self.failed = failed
        self.rows = list(rows)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> list[R]: ...
    def __getitem__(self, index: int | slice) -> R | list[R]:
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

        return pandas.DataFrame([dict(row) for row in self.rows])


@dataclass(frozen=True)
class Arranged(Generic[R, Out]):
    """What a verb makes of the rows of the parts: its own rows, in its own order.

    Attributes:
        row: the dataclass of its rows.
        arrange: from the rows of the parts to those.
        wanted: what they depend on besides the query, as plain values: a run of others is not resumed.
    """

    row: type[Out]
    arrange: Callable[[Iterator[R]], Iterable[Out]]
    wanted: Mapping[str, Any]


@dataclass(frozen=True)
class Run(Generic[R]):
    """A query and the options that it is asked with."""

    query: Query[R]
    options: Options = field(default_factory=Options)

    @overload
    def over(self, paths: Paths, output: str | os.PathLike[str] | None) -> Batch[R]: ...
    @overload
    def over(self, paths: Paths, output: str | os.PathLike[str] | None, arranged: Arranged[R, Out]) -> Batch[Out]: ...
    def over(
        self, paths: Paths, output: str | os.PathLike[str] | None, arranged: Arranged[R, Any] | None = None
    ) -> Batch[Any]:
        """Answer for some files.

        Args:
            paths: see :func:`music21_kdic.collection.engine.inputs.find_inputs`.
            output: a table to write; the rows are returned where there is none.
            arranged: what is made of the rows of the parts; they stay as they are where it is left out.

        Raises:
            OutputError: where the output is there already, or cannot be written.
        """
        arranged = arranged or Arranged(self.query.row, iter, {})
        names = inputs_of(paths)
        if output is None:
            if self.options.resume:
                raise OutputError('nothing to resume: answers are kept only beside an output')
            answers = dict(self.answers([(name, None) for name in names]))
            rows = [row for name in names for row in answers[name]]
            return Batch(len(names), count_failed(rows), arranged.arrange(iter(rows)))
        return self._write(names, Path(output), arranged)

    def _write(self, names: list[str], target: Path, arranged: Arranged[R, Any]) -> Batch[Any]:
        resume = self.options.resume
        check_output(target)
        taken = OutputError(f'{target}: is there already, and is left as it is')
        if os.path.lexists(target) and not (resume and journal_path(target).exists()):
            raise taken
        with Journal(journal_path(target), {**self.made_with(), 'wanted': dict(arranged.wanted)}, resume) as journal:
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
                rows = arranged.arrange(journal.rows(names, self.query.row))
                write_table(target, arranged.row.columns(), rows, journal.note_table)
            failed = count_failed(journal.rows(names, self.query.row))
            for part in leftovers([target]):
                part.unlink(missing_ok=True)
            journal.remove()
        return Batch(len(names), failed)

    def made_with(self) -> dict[str, Any]:
        """What the answers depend on, as plain values."""
        from music21_kdic import __version__

        return {
            'version': __version__,
            'model': model_digest(self.query.model),
            'query': {'asked': type(self.query).__name__, **asdict(self.query), 'model': None},
        }

    def answers(self, tasks: Sequence[Task], done: int = 0) -> Iterator[tuple[str, list[R]]]:
        """The rows of each file as they arrive; progress is shown where standard error is a terminal."""
        from tqdm import tqdm

        jobs = min(self.options.jobs or available_cores(), max(1, len(tasks)))
        failed = 0
        with (
            closing(answer_files(tasks, self.query, self.options, jobs)) as arriving,
            tqdm(
                total=done + len(tasks),
                initial=done,
                unit='file',
                file=sys.stderr,
                # None: no bar where standard error is no terminal.
                disable=self.options.quiet or sys.stderr is None or None,
            ) as bar,
        ):
            for name, rows in arriving:
                yield name, rows
                failed += count_failed(rows)
                bar.set_postfix(failed=failed, refresh=False)
                bar.update()


class Common(TypedDict):
    """The fields that every query has."""

    model: str | None
    priors: Priors


def common(options: Options) -> Common:
    """What every query takes from the options, as plain values.

    Raises:
        PriorError: where the priors are no such thing.
    """
    # Absolute, since workers of a cluster may be in other folders.
    model = None if options.model is None else os.path.abspath(options.model)
    return {'model': model, 'priors': plain_priors(options.priors)}


def count_failed(rows: Iterable[Mapping[str, Any]]) -> int:
    """How many of the files in a table could not be read; each of them has one row."""
    return sum(row['status'] in FAILED for row in rows)


def model_digest(path: str | None) -> str:
    """SHA-256 of a model's files, the shipped one where no other is named.

    Raises:
        ModelError: where they cannot be opened.
    """
    return hashlib.sha256(b''.join(read_model(Path(path) if path else SHIPPED).values())).hexdigest()


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
