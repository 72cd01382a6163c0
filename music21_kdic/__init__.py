"""Which instrument was this written for? music21-kdic answers from the notes alone.

Importing this package adds ``instrumentLikelihood()`` to music21's streams:

    >>> import music21_kdic
    >>> from music21 import corpus
    >>> quartet = corpus.parse('haydn/opus74no1', 3)
    >>> quartet.parts[3].instrumentLikelihood().best
    'Strings'

Collections of files: :func:`label`, :func:`rank`, :func:`audit`, :func:`tag` and :func:`report`, on the command line
``music21-kdic label`` and so on. The class names are CLASSES: Guitar, Piano, Bass, Strings, Organ, Brass, Pipe, Reed.
"""

import lazy_loader

from music21_kdic.plugin.registration import register_with_music21

# The public names stand in __init__.pyi. Each is imported when it is first used, for some cost much: numpy, and most of
# all music21, which the command line and its worker processes often do without.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = '0.5.0'

register_with_music21()
