"""A score can be pickled after a stream of it was asked: music21 cannot pickle the trees that it keeps of a stream."""

import pickle

import pytest
from music21 import corpus


def a_voice(part):
    return next(voice for measure in part.getElementsByClass('Measure') for voice in measure.voices)


@pytest.mark.parametrize(
    'asked',
    [
        lambda part: part,
        lambda part: part.measure(2),
        lambda part: part.flatten().notes.stream(),
        a_voice,
    ],
)
def test_a_score_can_be_pickled_once_a_stream_of_it_was_asked(asked):
    score = corpus.parse('schoenberg/opus19/movement2')
    asked(score.parts[0]).instrumentLikelihood()
    assert len(pickle.loads(pickle.dumps(score)).parts) == len(score.parts)
