"""Answers of which it is known how right they are."""

import numpy as np

SKEWED = np.array([0.4, 0.2, 0.1, 0.1, 0.08, 0.06, 0.04, 0.02])


def world(count, frequencies, seed, sharpness=3.0):
    """Parts of a world in which evidence is right: (log-likelihoods, labels), classes as frequent as said.

    Eight numbers are drawn for each part, normal around ``sharpness`` for its class and around 0 for the others, with
    deviations of sqrt(sharpness): their log-likelihood ratios are the numbers' differences.
    """
    rng = np.random.default_rng(seed)
    labels = rng.choice(8, count, p=frequencies)
    evidence = rng.normal(scale=np.sqrt(sharpness), size=(count, 8))
    evidence[np.arange(count), labels] += sharpness
    return evidence, labels


def with_confidence(top):
    """Log probabilities whose likeliest class, the first, has so much, the others the rest in equal shares."""
    top = np.asarray(top)
    return np.log(np.column_stack([top, np.tile((1 - top[:, None]) / 7, 7)]))
