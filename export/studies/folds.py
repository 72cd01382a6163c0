"""Teachers whose soft targets are out of sample: the songs are in two folds, each classified by the other's teacher."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import softmax

from export.data.window_table import WindowTable
from export.training.fit import macro_f1
from music21_kdic.classes import CLASSES


def folds_by_song(sample: WindowTable, seed: int) -> np.ndarray:
    """The fold of each window, 0 or 1: songs are in one or the other, as many in each."""
    songs, song = np.unique(sample.group, return_inverse=True)
    fold: np.ndarray = (np.random.default_rng([seed, 2]).permutation(songs.size) % 2)[song]
    return fold


def cross_fitted(
    train_on: Callable[[int, np.ndarray], np.ndarray], sample: WindowTable, fold: np.ndarray
) -> np.ndarray:
    """Train a network on each fold of the training windows.

    Args:
        train_on: given the number of the fold and its rows of the sample, gives logits of all windows of the sample,
            shape (windows, 8).
        sample: the windows of the study.
        fold: of each window.

    Returns:
        Each network's logits, freed from how frequent the classes happen to be in its fold: shape (2, windows, 8).
    """
    train = sample.rows('train')
    both = []
    for number in range(2):
        rows = train[fold[train] == number]
        counts = np.bincount(sample.label[rows], minlength=len(CLASSES)) + 1.0
        both.append(train_on(number, rows) - np.log(counts / counts.sum()))
    return np.stack(both)


def out_of_sample(both: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """For each window the logits of the network that was not trained on its fold: shape (windows, 8)."""
    answers: np.ndarray = both[1 - fold, np.arange(fold.size)]
    return answers


def teacher_facts(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Figures of a teacher: how right, how sure and how particular its answers to windows are.

    Args:
        logits: shape (windows, 8).
        labels: the class of each window.

    Returns:
        The share of windows whose true class is the likeliest; macro-F1; the mean of the highest probability; the
        correlation of probabilities with the labels (one-hot); the mean probability of each class; and how much of
        the variance of the probabilities lies within the classes, which is what they say about single windows.
    """
    probabilities = softmax(logits.astype(np.float64), axis=1)
    within = sum(
        ((probabilities[labels == label] - probabilities[labels == label].mean(axis=0)) ** 2).sum()
        for label in np.unique(labels)
    )
    whole = ((probabilities - probabilities.mean(axis=0)) ** 2).sum()
    correlation = np.corrcoef(probabilities.ravel(), np.eye(len(CLASSES))[labels].ravel())[0, 1]
    return {
        'windows': int(labels.size),
        'accuracy': round(float((logits.argmax(axis=1) == labels).mean()), 4),
        'macro_f1': round(macro_f1(logits, labels), 4),
        'top_probability': round(float(probabilities.max(axis=1).mean()), 4),
        'correlation_with_label': round(float(correlation), 4),
        'mean_probability': dict(zip(CLASSES, probabilities.mean(axis=0).round(4).tolist(), strict=True)),
        'variance_within_classes': round(float(within / whole), 4),
    }
