"""``python -m music21_kdic`` is the command ``music21-kdic``."""

import sys

from music21_kdic.cli import main

sys.exit(main())
