"""The studies that ``experiment`` runs."""

from export.experiment.controls import CONTROLS, ControlStudy

STUDIES = {
    study.name: study
    for study in (
        ControlStudy('songs', 'What does the audio teacher bring to a student of notes?', 'controls', tuple(CONTROLS)),
        ControlStudy(
            'windows',
            'What if windows were split at random, and not songs?',
            'controls',
            ('nic', 'kdic-paper', 'kdic'),
            by_windows=True,
        ),
        ControlStudy(
            'table1',
            "And with the paper's own student?",
            'paper',
            ('nic', 'kdic-paper', 'kdic'),
        ),
    )
}
