"""``part.instrumentLikelihood()``: the method on music21's streams, and the plain function it calls."""

from pathlib import Path

import music21
from music21 import stream

from music21_kdic.errors import RegistrationError, UnsupportedVersionError
from music21_kdic.likelihood import InstrumentLikelihood, Priors, ScoreLikelihood, judge
from music21_kdic.model import load_model
from music21_kdic.streams import AnyStream, note_sequence, parts_of

METHOD = 'instrumentLikelihood'
OLDEST, TOO_NEW = (9, 1), (11,)


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
        One :class:`~music21_kdic.likelihood.InstrumentLikelihood`; for a Score or Opus a
        :class:`~music21_kdic.likelihood.ScoreLikelihood`, one per Part in score order.

    Raises:
        TypeError: where ``s`` is no Stream.
        PriorError, ModelError, NoteError: see :mod:`music21_kdic.errors`.

    >>> from music21 import converter
    >>> bass = converter.parse('tinynotation: 4/4 EE8 EE GG GG AA AA BB BB EE8 EE GG GG AA AA BB BB')
    >>> instrument_likelihood(bass).best
    'Bass'
    """
    parts = parts_of(s)
    answers = judge([note_sequence(part) for part in parts], load_model(model), priors, [part_name(p) for p in parts])
    if isinstance(s, stream.Score | stream.Opus):
        return ScoreLikelihood(answers)
    return answers[0]


def part_name(s: AnyStream) -> str:
    """The part's name, else the id somebody gave it (music21's own ids are numbers), else what it is."""
    name = s.partName if isinstance(s, stream.Part) else None
    if isinstance(s, stream.Measure):
        name = f'Measure {s.measureNumberWithSuffix()}'
    return str(name or (type(s).__name__ if str(s.id).isdigit() else s.id))


def _instrument_likelihood_method(
    self: AnyStream, *, priors: Priors = None, model: str | Path | None = None
) -> InstrumentLikelihood | ScoreLikelihood:
    return instrument_likelihood(self, priors=priors, model=model)


_instrument_likelihood_method.__doc__ = instrument_likelihood.__doc__
_instrument_likelihood_method.__name__ = METHOD
_instrument_likelihood_method.__qualname__ = f'Stream.{METHOD}'
# By this mark, not by identity: after a reload (a notebook's autoreload) an earlier one is still ours.
_instrument_likelihood_method._music21_kdic = True  # type: ignore[attr-defined]


def register() -> None:
    """Add ``instrumentLikelihood`` to music21's Stream; doing so again changes nothing.

    Raises:
        UnsupportedVersionError: for a music21 that is too old or too new.
        RegistrationError: where something else of that name is there already; it is left as it is.
    """
    version = tuple(int(number) for number in music21.__version__.split('.')[:2])
    if not OLDEST <= version < TOO_NEW:
        raise UnsupportedVersionError(
            f'music21 {music21.__version__}: wanted {OLDEST[0]}.{OLDEST[1]} or newer, below {TOO_NEW[0]}'
        )
    if hasattr(stream.Stream, METHOD) and not is_registered():
        raise RegistrationError(
            f'music21.stream.Stream.{METHOD} is there already and is not ours: {getattr(stream.Stream, METHOD)!r}; '
            'call music21_kdic.instrument_likelihood(stream) instead'
        )
    setattr(stream.Stream, METHOD, _instrument_likelihood_method)


def unregister() -> None:
    """Take ``instrumentLikelihood`` back from music21's Stream, if it is ours."""
    if is_registered():
        delattr(stream.Stream, METHOD)


def is_registered() -> bool:
    """Is music21's ``Stream.instrumentLikelihood`` ours?"""
    return hasattr(stream.Stream.__dict__.get(METHOD), '_music21_kdic')
