"""One run over a collection: from paths to the rows of every file, with a journal, progress and a table at the end."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, overload

from music21_kdic.collection.engine.inputs import find_inputs, listed
from music21_kdic.collection.engine.journal import Journal, journal_path
from music21_kdic.collection.engine.pool import answer_files, available_cores
from music21_kdic.collection.engine.publish import leftovers
from music21_kdic.collection.engine.query import Query, Task
from music21_kdic.collection.engine.rows import R, Row
from music21_kdic.collection.engine.tables import Writer, check_output, write_table
from music21_kdic.collection.options import Options
from music21_kdic.errors import LimitError, OutputError, needs, shown
from music21_kdic.priors import Priors, plain_priors
from music21_kdic.reading.endings import CORPUS, WITH_NOTES
from music21_kdic.statuses import FAILED

if TYPE_CHECKING:
    import pandas

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
Out = TypeVar('Out', bound=Row)


@dataclass
class Counts:
    """What was counted in a run.

    Attributes:
        files: the files that were to be read.
        failed: those that could not be read, or took too long.
        parts: in the others.
        labels: of the parts, how many have each label.
        skipped: files in folders that were passed over, by their endings, and links to folders.
        there: files that were left out, since their copies were there already (``tag``).
        gone: files that a run before this one answered, and that are there no more: they have no rows.
    """

    files: int = 0
    failed: int = 0
    parts: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    there: int = 0
    gone: int = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Count the rows of some files; one that failed, or has no parts, is one row."""
        for row in rows:
            if row.status in FAILED:
                self.failed += 1
            elif (label := row.counted_as) is not None:
                self.parts += 1
                self.labels[label] += 1

    def merge(self, other: 'Counts') -> None:
        """Add what was counted elsewhere."""
        self.failed += other.failed
        self.parts += other.parts
        self.labels += other.labels


class Batch(Sequence[R]):
    """What became of a collection: a sequence of rows.

    Attributes:
        counts: what was counted.
        columns: those of its table, each with its type.
        rows: empty where they were written to a file.
    """

    def __init__(self, counts: Counts, columns: dict[str, type], rows: Iterable[R] = ()) -> None:
        self.counts = counts
        self.columns = columns
        self.rows = list(rows)

    @property
    def files(self) -> int:
        """How many files there were."""
        return self.counts.files

    @property
    def failed(self) -> int:
        """How many of them could not be read, or took too long."""
        return self.counts.failed

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
        """The rows as a table; integers and truth values stay such where some are missing (``Int64``, ``boolean``).

        Raises:
            MissingExtraError: where pandas is not installed (the extra ``pandas``).
        """
        with needs('pandas', 'a table of pandas'):
            import pandas

        kinds = {int: 'Int64', bool: 'boolean', float: 'float64', str: 'object'}
        types = {name: kinds[kind] for name, kind in self.columns.items()}
        return pandas.DataFrame([dict(row) for row in self.rows], columns=list(types)).astype(types)


@dataclass(frozen=True)
class Arranged(Generic[R, Out]):
    """What a verb makes of the rows of the parts: its own rows, in its own order.

    Attributes:
        columns: those of its table, each with its type.
        arrange: from the rows of the parts to those.
        wanted: what they depend on besides the query, as plain values: a run of others is not resumed.
        writers: what writes them, by the ending of the output; those of tables where left out.
    """

    columns: dict[str, type]
    arrange: Callable[[Iterator[R]], Iterable[Out]]
    wanted: Mapping[str, Any]
    writers: Mapping[str, Writer] | None = None


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
        skipped: Counter[str] = Counter()
        names = inputs_of(paths, skipped)
        return self.over_files(names, skipped, output, arranged or Arranged(self.query.columns, iter, {}))

    def over_files(
        self,
        names: list[str],
        skipped: Counter[str],
        output: str | os.PathLike[str] | None,
        arranged: Arranged[R, Out],
    ) -> Batch[Out]:
        """Answer for some files, which were listed, and others passed over, by :func:`inputs_of`; see :meth:`over`."""
        counts = Counts(files=len(names), skipped=skipped)
        if output is None:
            if self.options.resume:
                raise OutputError('nothing to resume: answers are kept only beside an output')
            answers = dict(self.answers([(name, None) for name in names]))
            rows = [row for name in names for row in answers[name]]
            counts.add(rows)
            return Batch(counts, arranged.columns, arranged.arrange(iter(rows)))
        return self._write(names, Path(output), arranged, counts)

    def _write(self, names: list[str], target: Path, arranged: Arranged[R, Any], counts: Counts) -> Batch[Any]:
        resume, force = self.options.resume, self.options.force
        check_output(target, writers=arranged.writers)
        taken = OutputError(f'{target}: is there already, and is left as it is; --force replaces it')
        if os.path.lexists(target) and not force and not (resume and journal_path(target).exists()):
            raise taken
        made_with = {**self.made_with(), 'wanted': dict(arranged.wanted)}
        with Journal(journal_path(target), made_with, resume, force) as journal:
            written = os.path.lexists(target) and journal.has_written(target, names)
            if os.path.lexists(target) and not written and not force:
                raise taken
            left: list[Task] = [] if written else [(name, None) for name in names if name not in journal]
            others = journal.others(names)
            if wanted := [name for name in others if name.startswith(CORPUS) or os.path.lexists(name)]:
                raise OutputError(
                    f'{journal.path}: has answers for {len(wanted)} files that are not to be read now '
                    f'({wanted[0]}); name them too, or choose another output'
                )
            if others and others == journal.others([]):  # a disk that is not mounted, say
                raise OutputError(
                    f'{journal.path}: none of the {len(others)} files that it has answers for is there any more '
                    f'({others[0]}); --force in place of --resume begins anew'
                )
            counts.gone = len(others)
            for name, found in self.answers(left, done=len(names) - len(left)):
                journal.add(name, found)
            if not written:
                rows = arranged.arrange(journal.rows(names, self.query.row))
                write_table(target, arranged.columns, rows, journal.note_table, force, arranged.writers)
            counts.add(journal.rows(names, self.query.row))
            for part in leftovers([target]):
                part.unlink(missing_ok=True)
            journal.remove()
        return Batch(counts, arranged.columns)

    def made_with(self) -> dict[str, Any]:
        """What the answers depend on, as plain values."""
        from music21_kdic import __version__

        return {'version': __version__, **self.query.depends_on()}

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
                disable=self.options.quiet or not is_terminal(sys.stderr),
            ) as bar,
        ):
            for name, rows in arriving:
                yield name, rows
                failed += sum(row.status in FAILED for row in rows)
                bar.set_postfix(failed=failed, refresh=False)
                bar.update()


def is_terminal(stream: Any) -> bool:
    """Is this a terminal? What a program puts in the place of standard error may be closed, or not say."""
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


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


def inputs_of(paths: Paths, skipped: Counter[str] | None = None, endings: Collection[str] = WITH_NOTES) -> list[str]:
    """See :func:`music21_kdic.collection.engine.inputs.find_inputs`; a single path may stand by itself.

    Raises:
        TypeError: where there is anything else than paths.
    """
    return find_inputs(listed(paths), skipped, endings)


def check_top(top: int | None) -> int | None:
    """Return how many rows are wanted, None for all.

    Raises:
        LimitError: for less than one row, or what is no whole number.
    """
    if top is not None and not (isinstance(top, Integral) and top >= 1):
        raise LimitError(f'top = {shown(top)}: wanted a whole number, at least 1')
    return None if top is None else int(top)


def check_share(what: str, share: float) -> float:
    """Return a share, or a probability, as a plain number.

    Raises:
        LimitError: where it is not.
    """
    if not (isinstance(share, Real) and 0 <= share <= 1):
        raise LimitError(f'{what} = {shown(share)}: wanted a number from 0 to 1')
    return float(share)
