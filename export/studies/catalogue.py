"""The studies that ``experiment`` runs."""

from export.studies.controls import CONTROLS, REFERENCES, ControlStudy

# KDIC against NIC, as in the paper; everything else asks whether it is sound that helps.
CLAIMED = (('kdic-paper', 'nic'), ('kdic', 'nic'))

STUDIES = {
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
