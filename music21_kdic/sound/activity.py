"""What is heard in a recording: which classes sound, when, and how sure that is."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from music21_kdic.classes import CLASSES
from music21_kdic.errors import UnreadableError, needs, shown
from music21_kdic.reading.notes import FloatArray
from music21_kdic.sound.audio import Recording, open_recording
from music21_kdic.sound.hearing import hear
from music21_kdic.sound.networks import SoundModel, load_sound_model
from music21_kdic.sound.spectra import RATE, STEP_SECONDS, WINDOW
from music21_kdic.sound.stems import StemWriter, check_stems, identities, stem_file, stems_in
from music21_kdic.sound.transcription import by_notes, load_transcriber
from music21_kdic.statuses import Status

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

    from music21_kdic.answers.likelihood import InstrumentLikelihood

SOUNDS = 0.5  # from this probability on a class is said to sound in a step


@dataclass(frozen=True)
class Span:
    """A stretch of time in which a class sounds.

    Attributes:
        begin, end: in seconds.
        probability: the mean of its steps.
        sure: whether one of its steps is.
    """

    begin: float
    end: float
    probability: float
    sure: bool


@dataclass(frozen=True, eq=False, repr=False)
class InstrumentActivity(Mapping[str, float]):
    """Which classes sound in a recording, and when.

    A mapping from class to the highest probability, of all steps, that it sounds. More than one class can sound at a
    time, so the eight do not sum to 1.

    Attributes:
        path: the recording, as it was named.
        seconds: how long it is.
        status: 'ok' where a class sounds; 'unclear' where none does; 'empty' for silence; 'too-short' for less than
            an eighth of a second.
        times: begin and end of each step, in seconds, shape (steps, 2).
        probabilities: that each class sounds in each step, shape (steps, 8), in the order of CLASSES.
        sure_from: for each class, the probability from which nine in ten steps were right on validation mixtures,
            shape (8,).
        model: what heard it.
        by_notes: where it was asked for, the second opinion on each class that sounds: what the student answers for
            the notes of its stem, see :mod:`music21_kdic.sound.transcription`.
    """

    path: str
    seconds: float
    status: Status
    times: FloatArray
    probabilities: FloatArray
    sure_from: FloatArray
    model: str
    by_notes: 'Mapping[str, InstrumentLikelihood]' = field(default_factory=dict)

    def __post_init__(self) -> None:
        for values in (self.times, self.probabilities, self.sure_from):
            values.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy through the constructor: arrays come back from a pickle writeable."""
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __getitem__(self, name: str) -> float:
        column = self.probabilities[:, self._place(name)]
        return float(column.max(initial=0.0))

    def __iter__(self) -> Iterator[str]:
        return iter(CLASSES)

    def __len__(self) -> int:
        return len(CLASSES)

    def _place(self, name: str) -> int:
        if name not in CLASSES:
            raise KeyError(f'{shown(name)} is no class, wanted one of {", ".join(CLASSES)}')
        return CLASSES.index(name)

    def spans(self, name: str) -> list[Span]:
        """When a class sounds: steps after one another, in each of which it is likelier than not."""
        place = self._place(name)
        values = self.probabilities[:, place]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], values >= SOUNDS, [False]]).astype(np.int8)))
        return [
            Span(
                float(self.times[first, 0]),
                float(self.times[last - 1, 1]),
                float(values[first:last].mean()),
                bool((values[first:last] >= self.sure_from[place]).any()),
            )
            for first, last in edges.reshape(-1, 2).tolist()
        ]

    def share(self, name: str) -> float:
        """The share of the time in which a class sounds, 0 to 1."""
        return self.sounds_for(name) / self.seconds if self.seconds else 0.0

    def sounds_for(self, name: str) -> float:
        """For how many seconds a class sounds."""
        return sum((span.end - span.begin for span in self.spans(name)), 0.0)

    def sure_for(self, name: str) -> float:
        """For how many seconds it is sure that a class sounds: nine in ten of such steps were right."""
        place = self._place(name)
        sure = self.probabilities[:, place] >= max(SOUNDS, self.sure_from[place])
        return float(np.diff(self.times[sure], axis=1).sum())

    @property
    def sounding(self) -> tuple[str, ...]:
        """The classes that sound, the one that sounds longest first."""
        lasting = {name: self.sounds_for(name) for name in CLASSES}
        return tuple(sorted((name for name in CLASSES if lasting[name] > 0), key=lambda name: -lasting[name]))

    def agrees(self, name: str) -> bool | None:
        """Whether the notes of a class's stem say the same class; None where they say nothing, or were not asked."""
        said = self.by_notes[name].best if name in self.by_notes else None
        return None if said is None else said == name

    def write_stems(self, folder: str | os.PathLike[str], *, force: bool = False) -> None:
        """Take the recording apart again, and write its stems into a folder; see :func:`listen`.

        Args:
            folder: is made where it is not there.
            force: replace stems that are there.

        Raises:
            OutputError, UnreadableError: as :func:`listen`.
        """
        listen(self.path, stems=folder, model=self.model, force=force)

    def to_pandas(self) -> 'pandas.DataFrame':
        """One row a step, one column a class; the index is the begin and the end of each step, in seconds.

        Raises:
            MissingExtraError: where pandas is not installed.
        """
        with needs('pandas', 'a table of pandas'):
            import pandas

        index = pandas.MultiIndex.from_arrays(list(self.times.T), names=['begin', 'end'])
        return pandas.DataFrame(self.probabilities.copy(), columns=list(CLASSES), index=index)

    def plot(self, ax: 'Axes | None' = None) -> 'Axes':
        """Draw time against classes, the brighter the likelier; return matplotlib's Axes.

        Args:
            ax: where to draw; a new figure where it is left out.

        Raises:
            MissingExtraError: where matplotlib is not installed.
        """
        from music21_kdic.sound.picture import plot_activity

        return plot_activity(self, ax)

    def __repr__(self) -> str:
        said = ', '.join(f'{name} {self.sounds_for(name):.0f} s' for name in self.sounding) or self.status
        return f'<InstrumentActivity {self.path!r}, {self.seconds:.0f} s: {said}>'


def clock(seconds: float) -> str:
    """A moment as people write it.

    >>> clock(7.5), clock(3725)
    ('0:07', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02}:{rest:02}' if hours else f'{minutes}:{rest:02}'


def listen(
    path: str | os.PathLike[str],
    *,
    stems: str | os.PathLike[str] | None = None,
    notes: bool = False,
    model: str | os.PathLike[str] | None = None,
    force: bool = False,
) -> InstrumentActivity:
    """Listen to a recording: which of the eight classes sound in it, and when.

    The networks have heard synthesizers only. The recording is read piece by piece, so that a long one needs no more
    memory than a short one.

    Args:
        path: a WAV, FLAC or Ogg file; several, or a folder of them: :func:`music21_kdic.listen_to`.
        stems: a folder, into which one WAV file for each class is written, and two for drums and for what is neither.
            Files that are there are left alone, unless ``force`` is set.
        notes: also ask for a second opinion on each class that sounds: the notes of its stem, as a transcriber hears
            them, and what the student answers for those. That does need more memory for a longer recording.
        model: the folder of another model that hears than the shipped one.
        force: replace stems that are there; never the recording itself.

    Raises:
        UnreadableError: where the file cannot be read.
        MissingExtraError: where soundfile or soxr is not installed (the extra ``audio``), or for notes the transcriber.
        OutputError: where a stem is there already, would take the place of the recording, or cannot be written.
        ModelError: see :mod:`music21_kdic.errors`.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        raise UnreadableError(f'{name}: a folder, wanted one recording; music21_kdic.listen_to takes folders')
    networks = load_sound_model(model)
    recording = open_recording(name)
    if notes:
        load_transcriber()
    if stems is not None:
        check_stems(Path(stems), identities([name]), force)
    with ExitStack() as opened:
        opened.enter_context(np.errstate(under='ignore'))  # what is too small for a float is silence
        folder = None if stems is None else Path(stems)
        if folder is None and notes:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix='kdic-')))
        if folder is None:
            return _heard(recording, networks, None)
        with stems_in(folder, round(recording.seconds * RATE), replace=force) as writer:
            activity = _heard(recording, networks, writer)
        if not notes:
            return activity
        return replace(activity, by_notes=by_notes({name: stem_file(folder, name) for name in activity.sounding}))


def _heard(recording: Recording, networks: SoundModel, writer: StemWriter | None) -> InstrumentActivity:
    heard = list(hear(recording.blocks(), networks, writer.take if writer else None))
    probabilities = np.concatenate([np.zeros((0, len(CLASSES))), *(one.probabilities for one in heard)])
    begins = STEP_SECONDS * np.arange(len(probabilities) + 1)
    times = np.column_stack([begins[:-1], np.minimum(begins[1:], recording.seconds)])
    status = Status.OK if (probabilities >= SOUNDS).any() else Status.UNCLEAR
    if all(one.silent.all() for one in heard):
        status = Status.EMPTY
    elif recording.seconds < WINDOW / RATE:
        status = Status.TOO_SHORT
    if status in (Status.EMPTY, Status.TOO_SHORT):
        times, probabilities = times[:0], probabilities[:0]
    return InstrumentActivity(
        path=recording.path,
        seconds=recording.seconds,
        status=status,
        times=times,
        probabilities=probabilities,
        sure_from=networks.contract.sure,
        model=str(networks.path),
    )
