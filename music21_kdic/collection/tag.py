"""``tag``: copies of MIDI files in which unnamed parts have a name and program-less ones a program."""

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from music21_kdic.collection.engine.inputs import files_of, identity, listed, named
from music21_kdic.collection.engine.publish import leftovers, publish
from music21_kdic.collection.engine.query import Query
from music21_kdic.collection.engine.rows import UNKNOWN, Row
from music21_kdic.collection.engine.run import Batch, Counts, Paths, Run, check_share, common
from music21_kdic.collection.label import LabelQuery
from music21_kdic.collection.options import TAG_THRESHOLD, Options
from music21_kdic.collection.splicing import might_be_copy, splice
from music21_kdic.collection.tagging import choose_tags
from music21_kdic.errors import OutputError, UnreadableError, WriteError
from music21_kdic.priors import Priors
from music21_kdic.reading.content import read_content
from music21_kdic.reading.endings import CORPUS, FORMATS, MIDI_SUFFIXES
from music21_kdic.reading.midi import midi_start, parse_midi, sound_midi
from music21_kdic.statuses import Status


@dataclass(frozen=True, eq=False, kw_only=True)
class TagRow(Row):
    """A part of a file that was copied.

    Attributes:
        path, track, channel, name, program, label, confidence, sure: as in :class:`~.label.LabelRow`.
        copy: where the copy lies.
        new_name, new_program: what was added; missing where nothing was.
        remark: why the part got no program: for its name, for a reset later in the file, or for key switches.
    """

    path: str
    copy: str | None = None
    track: int | None = None
    channel: int | None = None
    name: str | None = None
    program: int | None = None
    label: str = UNKNOWN
    confidence: float | None = None
    sure: bool | None = None
    new_name: str | None = None
    new_program: int | None = None
    status: Status
    error: str = ''
    remark: str = ''


@dataclass(frozen=True, kw_only=True)
class TagQuery(Query[TagRow]):
    """A copy of a MIDI file with names and programs where there were none.

    Attributes:
        threshold: a part is tagged only where the answer has at least this confidence.
        dry_run: write nothing, only say what would be added.
        force: replace a copy that is there.
    """

    threshold: float
    dry_run: bool = False
    force: bool = False

    @property
    def row(self) -> type[TagRow]:
        """The dataclass of its rows."""
        return TagRow

    def read(self, name: str, copy: str | None) -> list[TagRow]:
        """Write the tagged copy, unless this is a dry run; return a row for each part."""
        if os.path.isdir(name):
            raise UnreadableError(f'{name}: a folder without MIDI files, or one that cannot be opened')
        if name.startswith(CORPUS) or Path(name).suffix.lower() in FORMATS:
            raise UnreadableError(f'{name}: a score; only MIDI files can be tagged')
        content = read_content(name)
        if midi_start(content) > 0:
            raise UnreadableError(f'{name}: a MIDI file inside another (RIFF, MacBinary), wanted a plain one')
        label = LabelQuery(model=self.model, priors=self.priors, min_confidence=self.threshold)
        parts = parse_midi(content, name)
        rows = label.of_parts(name, parts)
        sound, chunks, wrong = sound_midi(content, name)
        if sound is not content:  # the chunks are not where they lie in the file
            raise UnreadableError(f'{name}: {wrong}; a damaged file can be read, but is not tagged')
        switched = {(part.track, part.channel) for part in parts if part.key_switches}
        tags, edits = choose_tags(content, rows, chunks, switched)
        if copy is not None and not self.dry_run:
            _write(Path(copy), splice(content, chunks, edits), self.force)
        return [
            TagRow(
                path=name,
                track=row.track,
                channel=row.channel,
                name=row.name,
                program=row.program,
                label=row.label,
                confidence=row.confidence,
                sure=row.sure,
                new_name=given.name,
                new_program=given.program,
                status=row.status,
                error=row.error,
                remark=given.remark,
            )
            for row, given in zip(rows, tags, strict=True)
        ]


def _write(copy: Path, content: bytes, force: bool) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        publish(copy, lambda part: part.write_bytes(content), replace=force)
    except OutputError:
        # A worker that was killed as soon as it had written this very copy is no failure.
        if not copy.is_file() or copy.read_bytes() != content:
            raise


def tag(
    paths: Paths,
    output: str | os.PathLike[str],
    *,
    threshold: float = TAG_THRESHOLD,
    dry_run: bool = False,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = Options.timeout,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
) -> Batch[TagRow]:
    """Copy MIDI files, naming unnamed parts and giving program-less ones a program.

    The name is that of the recognised class, the program one of that class
    (:data:`music21_kdic.collection.tagging.PROGRAMS`). What is named or programmed already stays so; see
    :func:`music21_kdic.collection.tagging.choose_tags`.

    Args:
        paths: MIDI files, folders of them, globs, see :func:`music21_kdic.collection.engine.inputs.find_inputs`.
        output: for one file its copy (``tagged.mid``), or a folder, whose name has no ending (``tagged``); else a
            folder for the copies, which lie in it as the originals lie in the folders that were named.
        threshold: a part is tagged only where the answer has at least this confidence.
        dry_run: write nothing, but return what would be added.
        priors, model, jobs, timeout, memory, quiet: see :class:`.options.Options`.
        resume: leave out files whose copies are there already, whole, from a run that was stopped: no older than the
            file, with its notes. Which model or ``threshold`` made a copy is not known.
        force: replace what else is there in the place of a copy; never a file that is to be copied.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`TagRow`.

    Raises:
        OutputError: where ``output`` is '-', or for one file neither a folder nor the name of a MIDI file; where a copy
            would take the place of something that is there, or of another copy, or lie inside a folder that is copied;
            with ``resume``, where what is there is no copy of the file as it is now.
        WriteError: where no copy can be written.
        InputError, LimitError, ModelError, PriorError: see :mod:`music21_kdic.errors`.
    """
    threshold = check_share('threshold', threshold)
    options = Options(priors, model, jobs, timeout, memory, resume, quiet, force)
    run = Run(TagQuery(**common(options), threshold=threshold, dry_run=dry_run, force=force), options)
    if not isinstance(output, str | os.PathLike):
        raise OutputError(f'output = {output!r}: wanted the path of the copy, or of a folder for the copies')
    skipped: Counter[str] = Counter()
    copies = _copies(listed(paths), os.fspath(output), skipped)
    originals = set(map(_on_disk, copies))
    for copy in copies.values():
        if os.path.exists(copy) and _on_disk(copy) in originals:
            raise OutputError(f'{copy}: is the input, and is left as it is')
    left = {name: copy for name, copy in copies.items() if not (resume and _is_done(name, copy))}
    if not dry_run:
        for name, copy in left.items():
            if os.path.lexists(copy) and not force:
                found = f'is older than {name}, or no copy of it' if resume else 'is there already'
                raise OutputError(f'{copy}: {found}, and is left as it is; --force replaces it')
        for part in leftovers(copies.values()) if resume else ():
            part.unlink(missing_ok=True)
    if left and not dry_run:
        run.query.digest()  # a model that is not there is said before anything is written
        _check_takes_files(Path(output) if Path(output) not in left.values() else Path(output).parent)
    answers = dict(run.answers([(name, str(copy)) for name, copy in left.items()]))
    rows = [replace(row, copy=str(copy)) for name, copy in left.items() for row in answers[name]]
    counts = Counts(files=len(left), skipped=skipped, there=len(copies) - len(left))
    counts.add(rows)
    return Batch(counts, TagRow.columns(), rows)


def _copies(written: Sequence[str], output: str, skipped: Counter[str]) -> dict[str, Path]:
    """The files to be copied, each with the path of its copy."""
    if output == '-':
        raise OutputError('-: no copy is written to standard output; wanted a .mid file, or a folder: tagged/')
    one_file = len(written) == 1 and os.path.isfile(written[0])
    # A new folder has no ending; a Path has lost its slash.
    is_folder = os.path.isdir(output) or output.endswith(('/', os.sep)) or not Path(output).suffix
    if one_file and not is_folder:
        if not output.lower().endswith(MIDI_SUFFIXES):
            raise OutputError(f'{output}: wanted a .mid file, or a folder: tagged/')
        return {written[0]: Path(output)}
    if os.path.lexists(output) and not os.path.isdir(output):
        raise OutputError(f'{output}: is a file, wanted a folder for the copies')
    copies: dict[str, Path] = {}
    taken: dict[Path, str] = {}
    known: set[str] = set()  # each file is copied once, as it is first named
    for path in chain.from_iterable(map(named, written)):
        folder = os.path.isdir(path)
        if folder and Path(os.path.realpath(output)).is_relative_to(os.path.realpath(path)):
            raise OutputError(f'{output}: lies inside {path}, whose copies it is to hold')
        for name in files_of(path, skipped):
            if identity(name) in known:
                continue
            known.add(identity(name))
            if folder and name != path and not name.lower().endswith(MIDI_SUFFIXES):
                skipped[Path(name).suffix.lower()] += 1
                continue
            # A folder without MIDI files is its own only input: it fails as a row.
            copy = Path(output) / (Path(name).relative_to(path) if folder else Path(name).name)
            if copy in taken:
                raise OutputError(f'{copy}: would be the copy of {taken[copy]} and of {name}')
            copies[name], taken[copy] = copy, name
    return copies


def _is_done(name: str, copy: Path) -> bool:
    """Whether a copy is there that can have been made from the file as it is now."""
    try:
        newer = copy.stat().st_mtime_ns >= os.stat(name).st_mtime_ns
        return newer and might_be_copy(read_content(copy), read_content(name))
    except (OSError, ValueError, UnreadableError):
        return False


def _check_takes_files(folder: Path) -> None:
    """Make the folder for the copies, where it is not there.

    Raises:
        WriteError: where no file can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise WriteError(f'{folder}: cannot be written ({error.strerror or error})') from error


def _on_disk(path: str | Path) -> tuple[int, int] | None:
    """What two names of one file have in common, be they links."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
