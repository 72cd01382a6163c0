"""``instrument_likelihood(stream)``: the function behind the method on music21's streams."""

import os
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

from music21_kdic.answers.classify import classify_staves
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.answers.score_likelihood import ScoreLikelihood
from music21_kdic.model.session import load_model
from music21_kdic.priors import Array, Priors
from music21_kdic.reading.generated import is_score, one_part, parts_in
from music21_kdic.reading.instruments import instruments_among
from music21_kdic.reading.note_rows import Assumed, Rows
from music21_kdic.reading.notes import NoteSequence
from music21_kdic.reading.parts import GeneratedPart

if TYPE_CHECKING:
    from music21 import stream


class Arguments(TypedDict, total=False):
    """The arguments of :func:`instrument_likelihood` by name."""

    priors: Priors
    model: str | os.PathLike[str] | None
    together: bool
    meter: str
    tempo: float
    ticks: int | None


@overload
def instrument_likelihood(
    s: 'str | os.PathLike[str] | stream.Score | stream.Opus', **arguments: Unpack[Arguments]
) -> ScoreLikelihood: ...
@overload
def instrument_likelihood(
    s: 'stream.Part | stream.Measure | stream.Voice | NoteSequence | Rows | Array', **arguments: Unpack[Arguments]
) -> InstrumentLikelihood: ...
@overload
def instrument_likelihood(s: Any, **arguments: Unpack[Arguments]) -> InstrumentLikelihood | ScoreLikelihood: ...
def instrument_likelihood(
    s: Any,
    *,
    priors: Priors = None,
    model: str | os.PathLike[str] | None = None,
    together: bool = True,
    meter: str = Assumed.meter,
    tempo: float = Assumed.tempo,
    ticks: int | None = Assumed.ticks,
) -> InstrumentLikelihood | ScoreLikelihood:
    """Say which instrument class something was written for, from its notes alone.

    Args:
        s: a Part, Measure, Voice or flat Stream, or a Score, an Opus or another Stream of several Parts; or other notes
            than music21's, or the path of a file, see :mod:`music21_kdic.reading.generated`.
        priors: how likely each class is beforehand, as a mapping or as eight numbers; ``'training'``: as frequent as
            in the model's training. Equal where left out.
        model: the folder of another model than the shipped one.
        together: the parts of a Score are classified together, each with the others in view; otherwise each by itself.
            A single Part is always classified by itself. See :attr:`.InstrumentLikelihood.alone`.
        meter, tempo, ticks: what is assumed of notes that do not say, see
            :class:`~music21_kdic.reading.note_rows.Assumed`. A track by itself whose times are seconds is read at 120
            quarter notes a minute unless ``tempo`` says otherwise.

    Returns:
        One :class:`~music21_kdic.answers.likelihood.InstrumentLikelihood`; for a Score or Opus a
        :class:`~music21_kdic.answers.score_likelihood.ScoreLikelihood`, one per Part in score order. The staves of one
        instrument (a piano's PartStaffs) share theirs, of all their notes, and say so (``joined``). For a PrettyMIDI, a
        MidiFile, a symusic Score or a file, too, one per track or Part with notes. Of several pieces, as the scores of
        an Opus, each answer says which it is of (``piece``).

    Raises:
        TypeError: where ``s`` is nothing that is read.
        PriorError, ModelError, NoteError, UnreadableError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> bass = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> instrument_likelihood(bass).best
    'Bass'
    """
    assumed = Assumed(meter, tempo, ticks)
    parts, several = parts_in(s, assumed), is_score(s)
    if len(parts) != 1 and not several:  # what is no score is one piece of one part
        parts = [GeneratedPart(one_part(s, assumed), '', s)]
    answers: list[InstrumentLikelihood] = []
    pieces = {part.piece for part in parts}
    for number, of_one in groupby(parts, key=attrgetter('piece')):
        piece = list(of_one)
        notes, names = [part.notes for part in piece], [part.name for part in piece]
        staves, of_several = instruments_among(piece), number if len(pieces) > 1 else None
        answers += classify_staves(
            notes, staves, load_model(model), priors, names, len(answers), of_several, together=together
        )
    return ScoreLikelihood(answers) if several else answers[0]
