"""``instrument_likelihood(stream)``: the function behind the method on music21's streams."""

from contextlib import suppress
from pathlib import Path

from music21 import stream

from music21_kdic.answers.likelihood import InstrumentLikelihood, ScoreLikelihood, classify_staves
from music21_kdic.model.session import load_model
from music21_kdic.priors import Priors
from music21_kdic.reading.staves import instruments_of
from music21_kdic.reading.streams import AnyStream, measure_number, note_sequence, parts_of


def instrument_likelihood(
    s: AnyStream, *, priors: Priors = None, model: str | Path | None = None
) -> InstrumentLikelihood | ScoreLikelihood:
    """Say which instrument class a stream was written for, from its notes alone.

    Args:
        s: a Part, Measure, Voice or flat Stream, or a Score or Opus.
        priors: how likely each class is beforehand, as a mapping or as eight numbers; ``'training'``: as frequent as
            in the collections that the model learnt from. Equal where left out.
        model: path of another ONNX model than the shipped one.

    Returns:
        One :class:`~music21_kdic.answers.likelihood.InstrumentLikelihood`; for a Score or Opus a
        :class:`~music21_kdic.answers.likelihood.ScoreLikelihood`, one per Part in score order. The staves of one
        instrument (a piano's PartStaffs) share theirs, of all their notes, and say so (``joined``).

    Raises:
        TypeError: where ``s`` is no Stream.
        PriorError, ModelError, NoteError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> bass = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> instrument_likelihood(bass).best
    'Bass'
    """
    parts = parts_of(s)
    notes = [note_sequence(part) for part in parts]
    answers = classify_staves(
        notes, instruments_of(s, parts), load_model(model), priors, [part_name(part) for part in parts]
    )
    if isinstance(s, stream.Score | stream.Opus):
        return ScoreLikelihood(answers)
    return answers[0]


def part_name(s: AnyStream) -> str:
    """The part's name, else the id somebody gave it (music21's own ids are numbers), else what it is."""
    name = None
    if isinstance(s, stream.Measure):
        name = f'Measure {measure_number(s)}'
    elif isinstance(s, stream.Part):
        # music21 asks the instruments inside, and does not find them in streams that are nested too deep for it.
        with suppress(RecursionError):
            name = s.partName
    return str(name or (type(s).__name__ if str(s.id).isdigit() else s.id))
