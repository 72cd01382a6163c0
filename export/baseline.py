"""``baseline``: gradient boosting on hand-made features, the rival that a network has to beat.

The features are those that people reach for: where the notes lie, how many sound together and how they are spaced,
how long they last, when they begin. All come from the piano-roll on a sixteenth grid with onsets, the same two
bars that the students read. The classifier is scikit-learn's histogram gradient boosting.
"""

from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from export.recipe import Recipe
from export.shards import WindowTable, load_windows, write_npz
from music21_kdic.windows import WindowGrid

GRID = WindowGrid(columns=32, planes=('sounding', 'onset'))
TRAINING_WINDOWS = 60_000
CHUNK = 4096


def hand_made_features(rolls: np.ndarray) -> np.ndarray:
    """Describe windows by numbers.

    Args:
        rolls: uint8, shape (windows, 2, 128, 32): sounding and onset planes.

    Returns:
        float32, shape (windows, 119).
    """
    sounding, onset = rolls[:, 0].astype(np.float32), rolls[:, 1].astype(np.float32)
    _, pitches, columns = sounding.shape
    height = np.arange(pitches, dtype=np.float32)
    features: list[np.ndarray] = []

    for plane in (sounding, onset):
        weight = plane.sum(axis=2)  # how often each pitch
        total = np.maximum(weight.sum(axis=1), 1.0)
        mean = weight @ height / total
        deviation = np.sqrt(np.maximum(weight @ height**2 / total - mean**2, 0.0))
        cumulative = np.cumsum(weight, axis=1) / total[:, None]
        quantiles = [(cumulative < q).sum(axis=1) for q in (0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999)]
        features += [weight.sum(axis=1), mean, deviation, *quantiles, (weight > 0).sum(axis=1)]

    for plane in (sounding, onset):
        voices = plane.sum(axis=1)  # how many at a time
        active = np.maximum((voices > 0).sum(axis=1), 1)
        features += [voices.max(axis=1), voices.sum(axis=1) / active, voices.std(axis=1)]
        features += [(voices == count).mean(axis=1) for count in range(7)]

    both = np.concatenate([sounding[:, :1] * 0, sounding], axis=1)
    features += [(both[:, lag:] * both[:, :-lag]).sum(axis=(1, 2)) for lag in range(1, 25)]  # intervals that sound

    lowest = np.where(onset.any(axis=1), onset.argmax(axis=1), -1)
    highest = np.where(onset.any(axis=1), pitches - 1 - onset[:, ::-1].argmax(axis=1), -1)
    for line in (lowest, highest):
        steps = _steps(line)
        size = np.maximum((~np.isnan(steps)).sum(axis=1), 1)
        absolute = np.abs(steps)
        features += [np.nansum(absolute, axis=1) / size, np.nansum(steps, axis=1) / size]
        features += [np.nansum(absolute == step, axis=1) / size for step in (0, 1, 2, 3, 4, 5, 7, 12)]
    features += [np.where(lowest >= 0, highest - lowest, 0).max(axis=1)]

    begins = onset.sum(axis=1) > 0
    features += [begins.mean(axis=1), *(begins[:, i::8].mean(axis=1) for i in range(8))]
    length = sounding.sum(axis=(1, 2)) / np.maximum(onset.sum(axis=(1, 2)), 1.0)
    gaps = 1.0 - (sounding.sum(axis=1) > 0).mean(axis=1)
    held = (sounding[:, :, 1:] * sounding[:, :, :-1] * (1 - onset[:, :, 1:])).sum(axis=(1, 2))
    features += [length, gaps, held, held / np.maximum(sounding.sum(axis=(1, 2)), 1.0)]

    halves = np.abs(sounding[:, :, : columns // 2] - sounding[:, :, columns // 2 :]).sum(axis=(1, 2))
    features += [halves / np.maximum(sounding.sum(axis=(1, 2)), 1.0)]
    classes = np.stack([onset[:, c::12].sum(axis=(1, 2)) for c in range(12)], axis=1)
    features += [(classes > 0).sum(axis=1), classes.max(axis=1) / np.maximum(classes.sum(axis=1), 1.0)]
    registers = np.add.reduceat(sounding.sum(axis=2), np.arange(0, pitches, 8), axis=1)
    features += list((registers / np.maximum(registers.sum(axis=1, keepdims=True), 1.0)).T)
    return np.stack(features, axis=1).astype(np.float32)


def _steps(line: np.ndarray) -> np.ndarray:
    """Melodic steps in semitones between successive onsets of a line, NaN where none begins; -1 marks no onset."""
    steps = np.full(line.shape, np.nan, dtype=np.float32)
    before = line[:, 0].astype(np.float32)
    for column in range(1, line.shape[1]):
        here = line[:, column]
        moves = (here >= 0) & (before >= 0)
        steps[moves, column] = here[moves] - before[moves]
        before = np.where(here >= 0, here, before)
    return steps


def _features(table: WindowTable, rows: np.ndarray) -> np.ndarray:
    chunks = [rows[start : start + CHUNK] for start in range(0, rows.size, CHUNK)]
    return np.concatenate([hand_made_features(table.rolls(GRID, chunk)) for chunk in chunks])


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
