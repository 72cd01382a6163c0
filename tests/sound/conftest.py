"""A model that stands in for the one that hears, and a recording whose classes are known; each is made once."""

import numpy as np
import pytest
import soundfile

from tests.sound.hand_made_sound import make_sound_model, pitch_of, sine


@pytest.fixture(scope='session')
def sound_model(tmp_path_factory):
    """It hears a class in each band of the spectrum."""
    return make_sound_model(tmp_path_factory.mktemp('sound') / 'model')


@pytest.fixture(scope='session')
def tune(tmp_path_factory):
    """Six seconds of Bass, six of Pipe, six of silence, three of Guitar and Bass together."""
    parts = [
        sine(pitch_of('Bass'), 6),
        sine(pitch_of('Pipe'), 6),
        np.zeros(6 * 8192, np.float32),
        sine(pitch_of('Guitar'), 3, loud=0.4) + sine(pitch_of('Bass'), 3, loud=0.4),
    ]
    path = tmp_path_factory.mktemp('tune') / 'tune.wav'
    soundfile.write(path, np.concatenate(parts), 8192)
    return path
