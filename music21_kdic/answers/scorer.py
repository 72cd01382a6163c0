"""A scorer for a loop that generates: made once, called with one candidate after another, or with many at once."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, overload

from music21_kdic.answers.batches import batches, sounding
from music21_kdic.answers.classify import classify
from music21_kdic.answers.likeness import Like, Likeness, likeness_by, weights_of
from music21_kdic.errors import NoteError, UnreadableError, shown
from music21_kdic.features.windows import WINDOW_QUARTERS
from music21_kdic.model.session import load_model
from music21_kdic.priors import Array, Priors, plain_priors
from music21_kdic.reading.generated import WANTED, WANTED_VALUES, is_one, one_part
from music21_kdic.reading.note_rows import Assumed, Rows
from music21_kdic.reading.notes import NoteSequence

if TYPE_CHECKING:
    from music21_kdic.reading.nested import AnyStream

    One = AnyStream | NoteSequence | Rows | str | os.PathLike[str]


class Scorer:
    """Scores candidates: one after another, or many at once, which is faster.

    Args:
        like: a class, as people write it (``guitar``, ``e-guitar``), or an instrument, which stands for its class, with
            a warning (``violin``); or several with their weights (``{'Guitar': 1.0, 'Piano': -0.5}``), which may be
            negative.
        model: folder of another model than the shipped one.
        priors: see :func:`music21_kdic.instrument_likelihood`.
        meter, tempo, ticks: what is assumed of notes that do not say, see
            :class:`~music21_kdic.reading.note_rows.Assumed`.

    Raises:
        ClassNameError, ModelError, NoteError, PriorError, WishError: see :mod:`music21_kdic.errors`.

    >>> scorer = Scorer(like='bass')
    >>> line = [(0.5 * eighth, 0.5, pitch) for eighth, pitch in enumerate([40, 40, 43, 43, 45, 45, 47, 47] * 2)]
    >>> found = scorer(line)
    >>> found.low < found.score < found.high
    True
    >>> [one.status for one in scorer([line, line[:1], []])]
    ['ok', 'too-short', 'empty']
    """

    def __init__(
        self,
        like: Like = 'Guitar',
        model: str | os.PathLike[str] | None = None,
        priors: Priors = None,
        *,
        meter: str = Assumed.meter,
        tempo: float = Assumed.tempo,
        ticks: int | None = Assumed.ticks,
    ) -> None:
        self._weights = weights_of(like)
        self._model = load_model(model)
        self._priors = plain_priors(priors)
        self._assumed = Assumed(meter, tempo, ticks)

    if TYPE_CHECKING:
        # A text is an iterable of texts.
        @overload
        def __call__(self, candidates: One) -> Likeness: ...  # type: ignore[overload-overlap]
        @overload
        def __call__(self, candidates: Array) -> Likeness | list[Likeness]: ...
        @overload
        def __call__(self, candidates: Iterable[One | Array]) -> list[Likeness]: ...
        @overload
        def __call__(self, candidates: Any) -> Likeness | list[Likeness]: ...

    def __call__(self, candidates: Any) -> Likeness | list[Likeness]:
        """Score one candidate, or several.

        Args:
            candidates: one thing with notes (see :mod:`music21_kdic.reading.generated`), of one instrument; or an
                iterable of such. A list of (onset, duration, pitch), and an empty one, is one candidate.

        Returns:
            One :class:`~music21_kdic.answers.likeness.Likeness`, or a list of them in the order of the candidates. The
            numbers do not depend on what else is in the batch, but for the rounding of 32-bit floats.

        Raises:
            TypeError: where it is nothing that is read.
            NoteError: where it has several instruments, or notes that are none, or more of them than are read; in a
                batch it says of which candidate, counted from 0.
            UnreadableError: where it is a file that cannot be read; in a batch likewise.
        """
        if is_one(candidates):
            (alone,) = self.likenesses([one_part(candidates, self._assumed)])
            return alone
        if isinstance(candidates, Mapping):
            raise TypeError(f'{type(candidates).__name__} {shown(candidates)}: wanted {WANTED_VALUES}')
        if isinstance(candidates, bytes) or not isinstance(candidates, Iterable):
            raise TypeError(f'{type(candidates).__name__} {shown(candidates)}: wanted {WANTED}, or several of them')
        found: list[Likeness] = []
        for some in batches(self._notes(candidates), sounding):
            try:
                found += self.likenesses(some)
            except NoteError as error:
                which = f'candidate {len(found)}' + (f' to {len(found) + len(some) - 1}' if len(some) > 1 else '')
                raise NoteError(f'{which}: {error}') from error
        return found

    def likenesses(self, parts: list[NoteSequence]) -> list[Likeness]:
        """Score some parts at once."""
        # Of a single window the part's own answer is enough.
        several = any(part.bars.size > 3 or part.bars[-1] - part.bars[0] > WINDOW_QUARTERS for part in parts)
        answers = classify(parts, self._model, self._priors, each_window=several)
        return [likeness_by(answer, self._weights, self._model.contract) for answer in answers]

    def _notes(self, candidates: Iterable[Any]) -> Iterator[NoteSequence]:
        for place, candidate in enumerate(candidates):
            try:
                yield one_part(candidate, self._assumed)
            except (NoteError, UnreadableError) as error:
                raise type(error)(f'candidate {place}: {error}') from error
            except TypeError as error:
                raise TypeError(f'candidate {place}: {error}') from error
