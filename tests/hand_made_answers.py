"""Answers made by hand, for pictures of them: nothing in them comes from a model."""

from dataclasses import replace

import numpy as np

from music21_kdic import CLASSES, InstrumentLikelihood, NoteSequence
from music21_kdic.answers.likelihood import Asked

EVEN = np.full(8, 1 / 8)


def eight(**likely):
    """Probabilities of the eight classes: those that are named, and the rest evenly over the others."""
    rest = (1 - sum(likely.values())) / (8 - len(likely))
    return np.array([likely.get(name, rest) for name in CLASSES])


def notes(*triples, bars, numbers=(), unpitched=0):
    """A part of (onset, end, pitch)."""
    onsets, ends, pitches = zip(*triples, strict=True) if triples else ((), (), ())
    return NoteSequence(onsets, ends, pitches, bars, numbers, unpitched)


def answer(part, windows=(), whole=EVEN, **fields):
    """The answer to a part.

    Args:
        part: its notes; None where the answer does not hold them.
        windows: first and last moment, and the eight probabilities of each.
        whole: the eight of the part.
        fields: others, where they are not those of an unsure 'ok'.
    """
    starts, ends, matrix = zip(*windows, strict=True) if windows else ((), (), ())
    plain = {
        'probabilities': whole,
        'kinds': (),
        'within': np.zeros(0),
        'plausible': (),
        'matrix': np.array(matrix).reshape(-1, 8),
        'offsets': np.array([starts, ends], dtype=float).T,
        'measures': tuple((number, number) for number in range(1, len(windows) + 1)),
        'windows': len(windows),
        'name': 'Viola',
        'notes': len(part or ()),
        'status': 'ok',
        'sure': False,
        'music': 1.0,
        'other': 0.0,
        'asked': None if part is None else Asked(part, None, EVEN),
    }
    return InstrumentLikelihood(**plain | fields)


FOUR_BARS_AND_A_REST = notes(
    *[(float(beat), beat + 1.0, 60 + beat % 5) for beat in (*range(8), *range(16, 24))],
    bars=[0, 4, 8, 12, 16, 20, 24],
)


def violin():
    """Two bars, two bars of rest, two bars; the windows say Reed and Guitar, the whole part Strings."""
    said = [(0, 8, eight(Reed=0.72)), (16, 24, eight(Guitar=0.44, Strings=0.3))]
    return answer(FOUR_BARS_AND_A_REST, said, eight(Strings=0.86), name='Violin', sure=True)


def piano():
    """Two staves of one instrument."""
    part = notes((0, 12, 40), (2, 4, 52), (9, 10, 67), (16, 20, 70), bars=[0, 4, 8, 12, 16, 20, 24])
    staves = answer(part, [(0, 8, eight(Piano=0.9)), (8, 16, eight(Organ=0.6))], eight(Piano=0.7), joined=(1, 2))
    return [replace(staves, name=name) for name in ('Piano', 'Piano left')]


def kit():
    """Drums."""
    return answer(notes(bars=[0, 4, 8, 12, 16, 20, 24], unpitched=3), name='Kit', status='drums')
