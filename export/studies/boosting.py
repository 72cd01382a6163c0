"""Gradient boosting on hand-made features, the rival that a network has to beat.

The features are those of :mod:`export.networks.hand_made_features`, from the piano-roll on a sixteenth grid with
onsets; the classifier is scikit-learn's histogram gradient boosting. It is fitted to at most TRAINING_WINDOWS windows.
"""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from tqdm import tqdm

from export.data.window_table import WindowTable
from export.networks.hand_made_features import FEATURES, hand_made_features
from export.training.window_inputs import CHUNK
from music21_kdic.features.windows import WindowGrid

GRID = WindowGrid(columns=32, planes=('sounding', 'onset'))
TRAINING_WINDOWS = 60_000
ALL = tuple(range(FEATURES))
RANGE = (3, 9)  # the 0.1 % and 99.9 % quantiles of the sounding pitches


@torch.inference_mode()
def _features(table: WindowTable, rows: np.ndarray) -> np.ndarray:
    chunks = [rows[start : start + CHUNK] for start in range(0, rows.size, CHUNK)]
    return np.concatenate(
        [
            hand_made_features(torch.from_numpy(table.rolls(GRID, chunk)).float()).numpy()
            for chunk in tqdm(chunks, desc='features', unit='chunk')
        ]
    )


class Baselines:
    """Gradient boosting on hand-made features, fitted to some windows of a table."""

    def __init__(self, table: WindowTable) -> None:
        self._label, self._train = table.label, table.rows('train')
        self._features = _features(table, np.arange(table.label.size))

    def logits(self, columns: Sequence[int], seed: int, asked: np.ndarray) -> np.ndarray:
        """Fit to TRAINING_WINDOWS windows drawn with the seed; log probabilities of some rows, shape (rows, 8)."""
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(self._train, min(TRAINING_WINDOWS, self._train.size), replace=False))
        model = HistGradientBoostingClassifier(
            max_iter=400, learning_rate=0.08, max_leaf_nodes=31, l2_regularization=1.0,
            early_stopping=True, validation_fraction=0.1, n_iter_no_change=15, random_state=seed,
        )  # fmt: skip
        model.fit(self._features[rows][:, columns], self._label[rows])
        probabilities = model.predict_proba(self._features[asked][:, columns])
        logits: np.ndarray = np.log(np.maximum(probabilities, 1e-9)).astype(np.float32)
        return logits
