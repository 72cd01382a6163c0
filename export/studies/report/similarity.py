"""Which instruments are alike to the networks, as Markdown."""

from typing import Any

from export.studies.report.tables import NOT_MEASURED, image, table

SIMILARITY = 'similarity-instruments'


def similarity(found: dict[str, Any]) -> str:
    """Which instruments are alike to each network, and what that follows."""
    if not found['similarity']:
        return NOT_MEASURED
    note = (
        'Two instruments are alike to a network if it gives their parts, each by itself, the same probabilities of the '
        'classes (Jensen-Shannon distance of the means, from 0 to 1). The student and that of labels alone are asked '
        'about test parts, the audio teacher about all parts that it heard, most of them in training. '
        '*Cophenetic*: how well the dendrogram (average linkage) shows the distances. The others: how the distances '
        'go with being of two families, with the distance of mean pitches, and with the distance in role (notes at '
        'once, notes a quarter, silence, length, steps, repetitions): r, and p by permutation (Mantel 1967).'
    )
    rows = [
        [
            title,
            len(each['means']),
            f'{each["cophenetic"]:.3f}',
            *(f'{each[key][0]:.3f} (p {each[key][1]:.4f})' for key in ('families', 'register', 'role')),
        ]
        for title, each in alike(found).items()
    ]
    picture = image(SIMILARITY, 'Dendrograms of the instruments as each network confuses them')
    headings = ('network', 'instruments', 'cophenetic', 'families', 'register', 'role')
    return '\n\n'.join([note, table(rows, headings), picture])


def alike(found: dict[str, Any]) -> dict[str, Any]:
    """What was measured of each network whose dendrogram is shown, by its title."""
    titles = {'kdic': 'student (KDIC)', 'nic': 'labels alone (NIC)', 'audio': 'audio teacher (AIC)'}
    return {title: found['similarity'][name] for name, title in titles.items() if name in found['similarity']}
