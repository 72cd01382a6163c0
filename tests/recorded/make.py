"""Record what the shipped model answers: ``python -m tests.recorded.make`` writes ``answers.json`` beside this file.

To be run for each new model, and looked at: a test holds every installation to these answers.
"""

import json
from pathlib import Path

import numpy as np
from music21 import corpus

from music21_kdic.answers.classify import classify
from music21_kdic.answers.likelihood import InstrumentLikelihood
from music21_kdic.classes import CLASSES
from music21_kdic.model.checks import SHIPPED_SHA256
from music21_kdic.model.session import load_model
from music21_kdic.reading.notes import NoteSequence

ANSWERS = Path(__file__).parent / 'answers.json'
SCORES = ('bach/bwv66.6', 'haydn/opus74no1/movement3')
BARS = np.arange(0.0, 33.0, 4.0)


def _in_eight_bars(onsets, lengths, pitches):
    """A figure of one bar of 4/4, eight times."""
    begins = (BARS[:-1, None] + np.asarray(onsets)).ravel()
    return NoteSequence(begins, begins + np.tile(lengths, 8), np.tile(pitches, 8), BARS)


def tunes() -> dict[str, NoteSequence]:
    """Figures that a musician would give to one instrument, from the pitches up."""
    eighths = np.arange(8) / 2
    return {
        'a walking bass': _in_eight_bars(range(4), [0.95] * 4, [40, 43, 45, 47]),
        'an Alberti bass': _in_eight_bars(eighths, [0.5] * 8, [48, 55, 52, 55, 48, 57, 53, 57]),
        'a strummed chord': _in_eight_bars(np.arange(6) * 0.02, 3.9 - np.arange(6) * 0.02, [40, 47, 52, 56, 59, 64]),
        'a fanfare': _in_eight_bars([0, 1, 1.5, 2], [0.9, 0.45, 0.45, 1.8], [58, 62, 65, 70]),
        'a held triad': _in_eight_bars([0, 0, 0, 2, 2, 2], [2.0] * 6, [60, 64, 67, 60, 65, 69]),
        'a high trill': _in_eight_bars(np.arange(16) / 4, [0.25] * 16, [84, 86] * 8),
    }


def answers() -> dict[str, InstrumentLikelihood]:
    """What the shipped model says of every tune, and of every part of the scores: by itself, and in its score."""
    model = load_model()
    named = tunes()
    found = dict(zip(named, classify(list(named.values()), model), strict=True))
    for name in SCORES:
        score = corpus.parse(name)
        for number, (part, in_score) in enumerate(zip(score.parts, score.instrumentLikelihood(), strict=True)):
            found[f'{name} {number}'] = part.instrumentLikelihood()
            found[f'{name} {number} in its score'] = in_score
    return found


def main() -> None:
    """Write the answers."""
    content = {
        'sha256': SHIPPED_SHA256,
        'classes': CLASSES,
        'answers': {
            name: {'status': answer.status, 'likelihoods': answer.probabilities.round(5).tolist()}
            for name, answer in answers().items()
        },
    }
    ANSWERS.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')
    print(f'wrote {ANSWERS}')


if __name__ == '__main__':
    main()
