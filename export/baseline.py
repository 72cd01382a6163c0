"""``baseline``: gradient boosting on hand-made features, the rival that a network has to beat.

The features are those of :mod:`export.features`, from the piano-roll on a sixteenth grid with onsets; the classifier
is scikit-learn's histogram gradient boosting. It is fitted to at most TRAINING_WINDOWS windows.
"""

from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from tqdm import tqdm

from export.features import hand_made_features
from export.recipe import Recipe
from export.shards import WindowTable, load_windows, write_npz
from music21_kdic.windows import WindowGrid

GRID = WindowGrid(columns=32, planes=('sounding', 'onset'))
TRAINING_WINDOWS = 60_000
CHUNK = 4096


@torch.inference_mode()
def _features(table: WindowTable, rows: np.ndarray) -> np.ndarray:
    chunks = [rows[start : start + CHUNK] for start in range(0, rows.size, CHUNK)]
    return np.concatenate(
        [
            hand_made_features(torch.from_numpy(table.rolls(GRID, chunk)).float()).numpy()
            for chunk in tqdm(chunks, desc='features', unit='chunk')
        ]
    )


def baseline(recipe: Recipe, work: Path, shards: int = 0) -> Path:
    """Fit two classifiers, on pitch range alone and on all features; write log probabilities of every window."""
    table = load_windows(work, shards)
    features = _features(table, np.arange(table.label.size))
    rng = np.random.default_rng(recipe.seed)
    train = table.rows('train')
    train = np.sort(rng.choice(train, min(TRAINING_WINDOWS, train.size), replace=False))
    lowest_and_highest = [3, 9]  # the 0.1 % and 99.9 % quantiles of the sounding pitches
    path = work / recipe.name
    for name, columns in (('range', lowest_and_highest), ('boosting', list(range(features.shape[1])))):
        model = HistGradientBoostingClassifier(
            max_iter=400, learning_rate=0.08, max_leaf_nodes=31, l2_regularization=1.0,
            early_stopping=True, validation_fraction=0.1, n_iter_no_change=15, random_state=recipe.seed,
        )  # fmt: skip
        model.fit(features[train][:, columns], table.label[train])
        logits = np.log(np.maximum(model.predict_proba(features[:, columns]), 1e-9)).astype(np.float32)
        write_npz(path / f'{name}_logits.npz', {'logits': logits, 'trained_on': train})
        print(f'{name}: {len(columns)} features, {model.n_iter_} iterations')
    return path / 'boosting_logits.npz'
