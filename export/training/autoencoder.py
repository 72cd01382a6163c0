"""The training of the auto-encoder that ``novelty`` compares with."""

import zlib
from pathlib import Path

import numpy as np
from torch import nn

from export.data.window_table import WindowTable
from export.networks.autoencoder import SQUEEZED, AutoEncoder, MeanError
from export.recipe import Recipe, TrainSettings
from export.training.fit import fit, predict
from export.training.window_inputs import PackedRolls

SETTINGS = TrainSettings(network='autoencoder', epochs=3, batch_size=256, learning_rate=2e-3, max_windows=60_000)
WATCHED = 4000  # validation windows


def train_autoencoder(recipe: Recipe, work: Path, table: WindowTable) -> nn.Module:
    """Train the auto-encoder on training windows of music; what is there already is kept."""
    rng = np.random.default_rng(recipe.seed)
    rows = rng.permutation(table.rows('train'))[: SETTINGS.max_windows or None]
    music = table.select(np.concatenate([np.sort(rows), np.sort(rng.permutation(table.rows('val'))[:WATCHED])]))
    inputs = PackedRolls(music, recipe.grid).inputs
    return fit(
        lambda: AutoEncoder(recipe.grid),
        music.rows('train'),
        inputs,
        MeanError(),
        SETTINGS,
        recipe.seed,
        work / recipe.name / 'autoencoder.pt',
        lambda model: float(predict(model, music.rows('val'), inputs)[:, 0].mean()),
        depends_on=(SQUEEZED, recipe.grid, zlib.crc32(rows.tobytes())),
    )
