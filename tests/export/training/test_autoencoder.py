import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.data.window_table import load_windows
from export.recipe import TrainSettings, load_recipe
from export.training import autoencoder
from export.training.fit import predict
from export.training.window_inputs import PackedRolls


def test_it_learns_to_draw(prepared, tmp_path, monkeypatch):
    """After some epochs it is off by less than one that draws every window empty and knows how few cells sound."""
    table, recipe = load_windows(prepared), load_recipe('whole')
    inputs = PackedRolls(table, recipe.grid).inputs
    sounding = float(inputs(np.arange(table.label.size), None)[0].mean())
    entropy = -sounding * np.log(sounding) - (1 - sounding) * np.log(1 - sounding)
    monkeypatch.setattr(autoencoder, 'SETTINGS', TrainSettings(epochs=8, batch_size=16, learning_rate=3e-3))
    model = autoencoder.train_autoencoder(recipe, tmp_path, table)
    assert predict(model, table.rows('train'), inputs)[:, 0].mean() < entropy
