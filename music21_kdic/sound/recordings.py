"""Many recordings: for each class of each of them one row, by the engine of the collections."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from music21_kdic.classes import CLASSES
from music21_kdic.collection.engine.journal import journal_path
from music21_kdic.collection.engine.publish import leftovers, publish
from music21_kdic.collection.engine.query import Query, have_first_answer
from music21_kdic.collection.engine.rows import DIGITS, UNKNOWN, Row
from music21_kdic.collection.engine.run import Arranged, Batch, Paths, Run, common, inputs_of
from music21_kdic.collection.options import LISTEN_SECONDS, Options
from music21_kdic.errors import OutputError, UnreadableError, needs
from music21_kdic.model.checks import SOUND, digest
from music21_kdic.reading.endings import AUDIO_SUFFIXES
from music21_kdic.statuses import CLASSIFIED, Status

if TYPE_CHECKING:
    from music21_kdic.sound.activity import InstrumentActivity

PICTURES = ('.svg', '.png', '.pdf')


@dataclass(frozen=True, eq=False, kw_only=True)
class HeardRow(Row):
    """What is heard of a class in a recording; one without sound, or that could not be read, is one row without it.

    Attributes:
        label: the class.
        probability: the highest, of all steps, that it sounds.
        share: the share of the time in which it sounds, 0 to 1.
        sounds_for: the same in seconds.
        sure_for: for how many seconds that is sure: nine in ten of such steps were right on validation mixtures.
        spans: when it sounds, in seconds: '0.00-12.75 15.00-20.25'.
        seconds: how long the recording is.
        notes: how many notes a transcriber hears in the stem of the class.
        notes_label: the class that the student answers for those notes; 'unknown' where they say too little.
        notes_confidence: its probability.
        agree: whether that is the class itself; missing where the notes say too little.
        steps: the probability of each step, with spaces between them.

    What is told of the notes, and ``steps``, are columns of a table only where they were asked for. Of a class that
    does not sound, no notes are told.
    """

    path: str
    label: str | None = None
    probability: float | None = None
    share: float | None = None
    sounds_for: float | None = None
    sure_for: float | None = None
    spans: str | None = None
    seconds: float | None = None
    status: Status
    error: str = ''
    notes: int | None = None
    notes_label: str | None = None
    notes_confidence: float | None = None
    agree: bool | None = None
    steps: str | None = None

    @property
    def counted_as(self) -> str | None:
        """A class is counted where it sounds."""
        return self.label if self.sounds_for else None


@dataclass(frozen=True, kw_only=True)
class HeardQuery(Query[HeardRow]):
    """Which classes sound in a recording.

    Attributes:
        stems: a folder, in which the stems of each recording get a folder of its name.
        picture: a file for the picture of the recording.
        replace: take the place of stems and of a picture that are there.
        notes: also ask for the second opinion, of the notes of each stem.
        steps: also tell the probability of each step.
    """

    optional_columns: ClassVar[Mapping[str, Sequence[str]]] = {
        'notes': ('notes', 'notes_label', 'notes_confidence', 'agree'),
        'steps': ('steps',),
    }

    stems: str | None = None
    picture: str | None = None
    replace: bool = False
    notes: bool = False
    steps: bool = False

    @property
    def row(self) -> type[HeardRow]:
        """The dataclass of its rows."""
        return HeardRow

    def depends_on(self) -> dict[str, Any]:
        """What the answers depend on; what they replace is not among it."""
        told = super().depends_on()
        del told['query']['replace']
        return told

    def digest(self) -> str:
        """SHA-256 of the files of the model that hears."""
        from music21_kdic.sound.networks import read_sound_model

        return digest(read_sound_model(Path(self.model) if self.model else SOUND))

    def prepare(self) -> None:
        """Have a first answer from the networks."""
        import numpy as np

        from music21_kdic.sound.hearing import hear
        from music21_kdic.sound.networks import BATCH, load_sound_model
        from music21_kdic.sound.spectra import HOP, USED

        with needs('audio', 'a recording'):
            import soundfile  # noqa: F401
            import soxr  # noqa: F401
        if self.notes:
            from music21_kdic.sound.transcription import load_transcriber

            have_first_answer(None)
            load_transcriber()
        list(hear([np.zeros(BATCH * USED * HOP, np.float32)], load_sound_model(self.model)))

    def clear(self, name: str) -> None:
        """Remove the stems, and the picture, that a worker had begun."""
        from music21_kdic.sound.stems import clear_scratch

        if self.stems is not None:
            clear_scratch(stems_folder(self.stems, name))
        for part in leftovers([] if self.picture is None else [Path(self.picture)]):
            part.unlink(missing_ok=True)

    def needs_music21(self, name: str) -> bool:
        """No recording is read by it."""
        return False

    def read(self, name: str, copy: str | None = None) -> list[HeardRow]:
        """The rows of a recording."""
        from music21_kdic.sound.activity import listen

        if os.path.isdir(name):
            raise UnreadableError(f'{name}: a folder without recordings, or one that cannot be opened')
        stems = None if self.stems is None else stems_folder(self.stems, name)
        activity = listen(name, stems=stems, notes=self.notes, model=self.model, force=self.replace)
        if self.picture is not None:
            from matplotlib.figure import Figure

            path, figure = Path(self.picture), Figure(figsize=(9, 3), layout='constrained')
            activity.plot(figure.subplots())
            publish(path, lambda part: figure.savefig(part, format=path.suffix[1:].lower()), replace=self.replace)
        if not len(activity.probabilities):
            row = HeardRow.without_answer(name, activity.status)
            return [HeardRow(**{**row, 'seconds': round(activity.seconds, DIGITS)})]
        return [
            HeardRow(
                path=name,
                label=label,
                probability=round(activity[label], DIGITS),
                share=round(activity.share(label), DIGITS),
                sounds_for=round(activity.sounds_for(label), DIGITS),
                sure_for=round(activity.sure_for(label), DIGITS),
                spans=' '.join(f'{span.begin:.2f}-{span.end:.2f}' for span in activity.spans(label)),
                seconds=round(activity.seconds, DIGITS),
                status=activity.status,
                **_opinion(activity, label),
                steps=' '.join(f'{value:.3f}' for value in activity.probabilities[:, place]) if self.steps else None,
            )
            for place, label in enumerate(CLASSES)
        ]


def _opinion(activity: 'InstrumentActivity', label: str) -> dict[str, Any]:
    """What the notes of a class's stem say, where they were asked."""
    answer = activity.by_notes.get(label)
    if answer is None:
        return {}
    classified = answer.status in CLASSIFIED
    return {
        'notes': answer.notes,
        'notes_label': answer.best or UNKNOWN,
        'notes_confidence': round(answer.ranked()[0][1], DIGITS) if classified else None,
        'agree': activity.agrees(label),
    }


def stems_folder(stems: str, name: str) -> Path:
    """The folder for the stems of a recording."""
    stem = Path(name).stem
    # `...wav` has the stem `..`, which is the folder above.
    return Path(stems) / (stem if stem.strip('. ') else f'_{stem}')


def listen_to(
    paths: Paths,
    output: str | os.PathLike[str] | None = None,
    *,
    stems: str | os.PathLike[str] | None = None,
    picture: str | os.PathLike[str] | None = None,
    notes: bool = False,
    steps: bool = False,
    model: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    timeout: float = LISTEN_SECONDS,
    memory: int = Options.memory,
    resume: bool = False,
    quiet: bool = False,
    force: bool = False,
) -> Batch[HeardRow]:
    """Listen to recordings, in worker processes: for each of the eight classes whether it sounds, when, and how sure.

    A file that cannot be read, or not in time, is a row with a status, never an exception.

    Args:
        paths: WAV, FLAC and Ogg files, folders, globs, see
            :func:`music21_kdic.collection.engine.inputs.find_inputs`.
        output: a ``.csv``, ``.jsonl`` or ``.parquet`` file. It appears when it is whole. What is there already is left
            alone, unless ``force`` is set.
        stems: a folder, in which the stems of each recording get a folder of its name.
        picture: an ``.svg``, ``.png`` or ``.pdf`` file for the picture of the recording, of which there is one.
        notes: also ask for a second opinion, see :func:`music21_kdic.listen`.
        steps: also tell the probability of each step.
        model: the folder of another model that hears than the shipped one.
        jobs, timeout, memory, resume, quiet, force: see :class:`music21_kdic.collection.options.Options`.

    Returns:
        :class:`~music21_kdic.collection.engine.run.Batch` of :class:`HeardRow`, without rows where there is an
        ``output``.

    Raises:
        OutputError: where the output, the picture or a stem is there already, or cannot be written, or a stem would
            take the place of a recording.
        MissingExtraError: where soundfile or soxr is not installed (the extra ``audio``), or for a picture matplotlib,
            or for notes the transcriber.
        InputError, LimitError, ModelError: see :mod:`music21_kdic.errors`.
    """
    options = Options(None, model, jobs, timeout, memory, resume, quiet, force)
    skipped: Counter[str] = Counter()
    names = inputs_of(paths, skipped, AUDIO_SUFFIXES)
    going_on = resume and output is not None and journal_path(Path(output)).exists()
    replace = force or going_on
    if stems is not None:
        _check_stems(os.fspath(stems), names, replace)
    if picture is not None:
        _check_picture(Path(picture), names, replace)
    query = HeardQuery(
        **common(options),
        stems=None if stems is None else os.path.abspath(stems),
        picture=None if picture is None else os.path.abspath(picture),
        replace=replace,
        notes=notes,
        steps=steps,
    )
    return Run(query, options).over_files(names, skipped, output, Arranged(query.columns, iter, {}))


def _check_stems(stems: str, names: Sequence[str], replace: bool) -> None:
    from music21_kdic.sound.stems import check_stems, identities

    read = identities(names)
    taken: dict[Path, str] = {}
    for name in names:
        folder = stems_folder(stems, name)
        if taken.setdefault(folder, name) != name:
            raise OutputError(f'{folder}: would hold the stems of {taken[folder]} and of {name}')
        check_stems(folder, read, replace)


def _check_picture(path: Path, names: Sequence[str], replace: bool) -> None:
    if len(names) != 1:
        raise OutputError(f'{path}: a picture is of one recording, and here are {len(names)}')
    if path.suffix.lower() not in PICTURES:
        raise OutputError(f'{path}: ends in {path.suffix!r}, wanted one of {", ".join(PICTURES)}')
    if not path.parent.is_dir():
        raise OutputError(f'{path}: there is no folder {path.parent}')
    if os.path.lexists(path) and not replace:
        raise OutputError(f'{path}: is there already, and is left as it is; --force replaces it')
    with needs('plot', 'a picture'):
        import matplotlib  # noqa: F401
