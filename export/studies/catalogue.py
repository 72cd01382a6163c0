"""The studies that ``controls`` trains: which rows each has, and which of them are compared."""

from dataclasses import dataclass

from export.studies.control_targets import CONTROLS

REFERENCES = ('range', 'boosting', 'aic')  # rows of other kinds


@dataclass(frozen=True)
class ControlStudy:
    """A study: rows that are trained alike, and which of them are compared.

    Attributes:
        name: of its folders.
        question: that it answers.
        recipe: network, windows and epochs of all rows, and the mixture that is distilled: a name.
        rows: of CONTROLS; others may learn from the first.
        seeds: each row is trained with each.
        differences: pairs of rows, the first held against the second.
        references: of REFERENCES, rows of other kinds, for comparison.
        tested: the share of the songs outside training that are tested (and validated) on.
        by_windows: windows are split at random instead of songs; answers are then stored for windows only, a part
            having some on both sides.
    """

    name: str
    question: str
    recipe: str
    rows: tuple[str, ...]
    differences: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...] = (20, 21, 22)
    references: tuple[str, ...] = ()
    tested: float = 1.0
    by_windows: bool = False


# KDIC against NIC, as in the paper; everything else asks whether it is sound that helps.
CLAIMED = (('kdic-paper', 'nic'), ('kdic', 'nic'))

CONTROL_STUDIES = {
    study.name: study
    for study in (
        ControlStudy(
            'songs',
            'What does the audio teacher bring to a student of notes?',
            'controls',
            tuple(CONTROLS),
            (
                *CLAIMED,
                *(('kdic', row) for row in CONTROLS if row not in ('nic', 'kdic-paper', 'kdic')),
                *((row, 'nic') for row in ('smoothing', 'born-again', 'ensemble')),
            ),
            references=REFERENCES,
        ),
        ControlStudy(
            'windows',
            'What if windows were split at random, and not songs?',
            'controls',
            ('nic', 'kdic-paper'),
            (('kdic-paper', 'nic'),),
            by_windows=True,
        ),
        ControlStudy(
            'table1',
            "And with the paper's own student?",
            'paper',
            ('nic', 'kdic-paper', 'kdic'),
            CLAIMED,
            tested=0.25,  # it takes 1.5 ms a window
        ),
        ControlStudy(
            'table1-fast',
            "And with the fast student on the windows and piano-rolls of the paper's?",
            'paper-fast',
            ('nic', 'kdic-paper', 'kdic'),
            CLAIMED,
            tested=0.25,
        ),
    )
}
