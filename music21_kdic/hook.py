"""Adding ``instrumentLikelihood`` to music21's streams at the moment music21 is there, without importing it.

music21 takes half a second to import. Whoever imports this package to use it on streams has imported music21, or is
about to; the command line and its workers, which read MIDI files, need not wait for it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
import warnings
from collections.abc import Sequence

from music21_kdic.errors import RegistrationError


def register_with_music21() -> None:
    """Register now where music21 is there already, else as soon as it has been imported."""
    if 'music21.stream' in sys.modules:
        _register()
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _register() -> None:
    try:
        from music21_kdic.plugin import register

        register()
    except (RegistrationError, ImportError) as error:  # an unsupported version is an ImportError too
        # The plain function works without the method, so this must not keep anyone from importing music21.
        warnings.warn(f'instrumentLikelihood() was not added to music21: {error}', stacklevel=2)


class _Finder(importlib.abc.MetaPathFinder):
    """Lets music21 be found as ever, and registers when it has run (the post-import hook of PEP 369)."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find music21 by the other finders, and have its loader register; nothing else is found here."""
        if fullname != 'music21':
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return None
        spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """music21's own loader, and then the registration."""

    def __init__(self, own: importlib.abc.Loader) -> None:
        self._own = own

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        """Create the module as its own loader does."""
        return self._own.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run music21, then register; afterwards the module is as if nothing had stood between."""
        self._own.exec_module(module)
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        _register()
