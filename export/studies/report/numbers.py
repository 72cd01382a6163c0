"""The page of the named numbers that a part is summed up by, as Markdown: what the code itself says of them."""

from collections.abc import Iterable

from export.studies.report.tables import table
from music21_kdic.features.number_names import (
    CHORD,
    CONTEXT_NUMBERS,
    COURSE_NUMBERS,
    HELD,
    PART_NUMBERS,
    PAUSE,
    WHOLE_NUMBERS,
    WINDOW_NUMBERS,
)


def numbers_page() -> str:
    """All numbers by name, each with its unit."""
    return '\n\n'.join(
        [
            '# The named numbers',
            f'The student reads {len(PART_NUMBERS)} numbers of a part: the mean and the deviation, over its windows, '
            f'of {len(WINDOW_NUMBERS)} numbers of a window, {len(WHOLE_NUMBERS)} numbers of the whole part, and '
            f'{len(COURSE_NUMBERS)} of its course. Asked about the parts of a score together, it also reads '
            f'{len(CONTEXT_NUMBERS)} numbers of the place of a part among the others. '
            '[How it works](how-it-works.md) says how they are used. The code is in `music21_kdic/features/`.',
            'Times are in quarter lengths. Pitches are MIDI pitches. Shares lie between 0 and 1. A *chord* is what '
            f'begins within {CHORD:g} of a quarter of the note before, a single note included. The lowest and the '
            'highest *voice* are the lowest and the highest notes of the chords, one after another.',
            f'## Of a window ({len(WINDOW_NUMBERS)})',
            'A window is two bars. Of each of these the student reads the mean and the deviation over the windows.',
            _numbered(WINDOW_NUMBERS),
            f'## Of the whole part ({len(WHOLE_NUMBERS)})',
            _numbered(WHOLE_NUMBERS),
            f'## Of the course of the part ({len(COURSE_NUMBERS)})',
            'A bar *comes again* if its notes begin in the same places as those of an earlier bar. A note is *held* if '
            f'it sounds on for more than {HELD:g} of a quarter when the next chord begins. A *phrase* ends where '
            f'nothing sounds for more than {PAUSE:g} of a quarter. On the *circle of fifths* each note points to its '
            'pitch class; these numbers tell where all of them together point.',
            _numbered(COURSE_NUMBERS),
            f'## Of the place in the score ({len(CONTEXT_NUMBERS)})',
            'The part below is the next lower one by mean pitch, the part above the next higher one. *Other parts, '
            'least, mean, most* are taken over all other parts of the score. A likelihood *by itself* is what the '
            'student answers to that part without its score.',
            _numbered(CONTEXT_NUMBERS),
        ]
    )


def _numbered(numbers: Iterable[tuple[str, str]]) -> str:
    return table(((str(i), name, unit) for i, (name, unit) in enumerate(numbers, 1)), ('', 'number', 'unit'))
