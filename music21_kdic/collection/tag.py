"""``tag``: copies of MIDI files in which unnamed parts have a name and program-less ones a program."""

import os
from dataclasses import replace
from pathlib import Path

from music21_kdic.collection.engine.inputs import MIDI_SUFFIXES
from music21_kdic.collection.engine.publish import leftovers
from music21_kdic.collection.engine.run import Batch, Run, common, count_failed, inputs_of
from music21_kdic.collection.options import TAG_THRESHOLD, Options
from music21_kdic.collection.tagging import TagQuery, TagRow
from music21_kdic.errors import OutputError
from music21_kdic.priors import Priors


def tag(
    path: str | os.PathLike[str],
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
) -> Batch[TagRow]:
    """Copy a MIDI file, or a folder of them, naming unnamed parts and giving program-less ones a program.

    The name is that of the recognised class, the program one of its General MIDI family
    (:data:`music21_kdic.collection.tagging.PROGRAMS`). Every event of the original is in the copy as it was. What is
    named or programmed already stays so; see :func:`music21_kdic.collection.tagging.choose_tags`.

    Args:
        path: one MIDI file (no glob), or a folder, which is searched through.
        output: the copy; for a folder, a folder for the copies. Nothing that is there is overwritten.
        threshold: a part is tagged only where the answer is at least this sure.
        dry_run: write nothing, but return what would be added.
        priors, model, jobs, timeout, memory, quiet: see :class:`~music21_kdic.collection.options.Options`.
        resume: leave out files whose copies are there already, whole, from a run that was stopped.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`~music21_kdic.collection.tagging.TagRow`.

    Raises:
        OutputError: where the copy would take the place of something that is there, or lie inside the folder.
        LimitError, ModelError, PriorError: see :mod:`music21_kdic.errors`.
    """
    options = Options(priors, model, jobs, timeout, memory, resume, quiet)
    run = Run(TagQuery(**common(options), threshold=threshold, dry_run=dry_run), options)
    source, target = Path(path), Path(output)
    if os.path.isdir(source):
        if Path(os.path.realpath(target)).is_relative_to(os.path.realpath(source)):
            raise OutputError(f'{output}: lies inside {path}, whose copies it is to hold')
        # A folder without MIDI files is its own only input: it fails as a row.
        names = [name for name in inputs_of(source) if name.lower().endswith(MIDI_SUFFIXES) or name == str(source)]
        copies = {name: target / Path(name).relative_to(source) for name in names}
    else:
        if os.fspath(output).endswith(os.sep):
            raise OutputError(f'{output}: the name of a folder, wanted that of a file')
        copies = {str(source): target}
    if resume:
        for part in leftovers(copies.values()) if not dry_run else ():
            part.unlink(missing_ok=True)
        copies = {name: copy for name, copy in copies.items() if not os.path.lexists(copy)}
    elif not dry_run:
        for name, copy in copies.items():
            if os.path.lexists(copy):
                found = 'the input' if _same(name, copy) else 'there already'
                raise OutputError(f'{copy}: is {found}, and is left as it is')
    answers = dict(run.answers([(name, str(copy)) for name, copy in copies.items()]))
    rows = [replace(row, copy=str(copy)) for name, copy in copies.items() for row in answers[name]]
    return Batch(len(copies), count_failed(rows), rows)


def _same(name: str, copy: Path) -> bool:
    return os.path.exists(name) and os.path.exists(copy) and os.path.samefile(name, copy)
