"""``part.instrumentLikelihood()``: adding the method to music21's streams, at the moment music21 is there.

music21 takes half a second to import. Whoever imports this package to use it on streams has imported music21, or is
about to; the command line and its workers, which read MIDI files, need not wait for it. So nothing here imports
music21 before somebody else does, and what the method needs is imported when it is called.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from music21_kdic.errors import RegistrationError, UnsupportedVersionError

if TYPE_CHECKING:
    from music21_kdic.answers.likelihood import InstrumentLikelihood
    from music21_kdic.answers.score_likelihood import ScoreLikelihood
    from music21_kdic.priors import Priors
    from music21_kdic.reading.nested import AnyStream

METHOD = 'instrumentLikelihood'
OLDEST, TOO_NEW = (9, 1), (11,)


def _instrument_likelihood_method(
    self: 'AnyStream', *, priors: 'Priors' = None, model: str | Path | None = None, together: bool = True
) -> 'InstrumentLikelihood | ScoreLikelihood':
    """Say which instrument class this stream was written for, from its notes alone.

    Args:
        priors: how likely each class is beforehand, as a mapping or as eight numbers; ``'training'``: as frequent as
            in the model's training. Equal where left out.
        model: the folder of another model than the shipped one.
        together: the parts of a Score are classified together, each with the others in view.

    Returns:
        What :func:`music21_kdic.instrument_likelihood` does, which says more.
    """
    from music21_kdic.plugin.method import instrument_likelihood

    return instrument_likelihood(self, priors=priors, model=model, together=together)


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
    import music21

    version = tuple(int(number) for number in music21.__version__.split('.')[:2])
    if not OLDEST <= version < TOO_NEW:
        raise UnsupportedVersionError(
            f'music21 {music21.__version__}: wanted {OLDEST[0]}.{OLDEST[1]} or newer, below {TOO_NEW[0]}'
        )
    kind = music21.stream.Stream
    if hasattr(kind, METHOD) and not is_registered():
        raise RegistrationError(
            f'music21.stream.Stream.{METHOD} is there already and is not ours: {getattr(kind, METHOD)!r}; '
            'call music21_kdic.instrument_likelihood(stream) instead'
        )
    setattr(kind, METHOD, _instrument_likelihood_method)


def unregister() -> None:
    """Take ``instrumentLikelihood`` back from music21's Stream, if it is ours."""
    import music21

    if is_registered():
        delattr(music21.stream.Stream, METHOD)


def is_registered() -> bool:
    """Is music21's ``Stream.instrumentLikelihood`` ours?"""
    import music21

    return hasattr(music21.stream.Stream.__dict__.get(METHOD), '_music21_kdic')


def register_with_music21() -> None:
    """Register now where music21 is there already, else as soon as it has been imported."""
    if hasattr(sys.modules.get('music21'), 'stream'):
        register_or_warn()
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def register_or_warn() -> None:
    """Register; the plain function works without the method, so nothing must keep anyone from an import."""
    try:
        register()
    except (RegistrationError, UnsupportedVersionError) as error:
        warnings.warn(f'{METHOD}() was not added to music21: {error}', stacklevel=2)


class _Finder(importlib.abc.MetaPathFinder):
    """Lets music21 be found as ever, and registers when it has run (a post-import hook, as PEP 369 proposed)."""

    _asking = False  # the other finders are being asked

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find music21 by the other finders, and have its loader register; nothing else is found here."""
        if fullname != 'music21' or self._asking:
            return None
        self._asking = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._asking = False
        if spec is None or spec.loader is None:
            return None
        spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """music21's own loader, and then the registration."""

    def __init__(self, own: importlib.abc.Loader) -> None:
        self._own = own

    def __getattr__(self, name: str) -> Any:
        """What else loaders have (``get_source``, ``get_data``) is its own loader's."""
        return getattr(vars(self).get('_own'), name)  # get: while a copy is made, there is none

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        """Create the module as its own loader does."""
        return self._own.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run music21, then register; afterwards the module is as if nothing had stood between."""
        self._own.exec_module(module)
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        register_or_warn()
