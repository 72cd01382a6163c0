"""What the checkpoint of an audio teacher is known by."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.recipe import Recipe, TrainSettings  # noqa: E402
from export.training import train_aic  # noqa: E402

RECIPE = Recipe('tiny', frames=40, teacher=TrainSettings('mean', epochs=1))


class Silence:
    """Spectrograms of every window, in which nothing sounds."""

    def __init__(self, work, shards, frames):
        self.rendered, self._frames = np.arange(8 * 13 * 4), frames

    def batch(self, rows):
        return np.zeros((rows.size, 1, 128, self._frames), np.float32)


def mean():
    return torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(1, 8))


def test_a_teacher_that_heard_something_else_is_trained_anew(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(train_aic, 'Spectrograms', Silence)
    monkeypatch.setattr(train_aic, 'TEACHERS', {'mean': mean})
    table = train_aic.load_windows(prepared)
    monkeypatch.setattr(train_aic, 'load_windows', lambda work, shards: table)
    train_aic.train_aic(RECIPE, tmp_path)
    train_aic.train_aic(replace(RECIPE, columns=32), tmp_path)  # it reads no piano-roll
    for other in (replace(RECIPE, frames=80), replace(RECIPE, soundfonts=('FluidR3_GM.sf2',))):
        with pytest.raises(ValueError, match='made with other settings or data'):
            train_aic.train_aic(other, tmp_path)
