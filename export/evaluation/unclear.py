"""The least values below which a part is `unclear`, fitted to noise and to music of the validation split."""

import numpy as np
from scipy.special import expit

from export.data.made_up import NOISE, MadeUp
from export.data.part_table import PartTable
from export.evaluation.calibration import equal_priors
from export.evaluation.said import Fitted
from export.training.opinions import ALONE
from export.training.part_students import Trained, answers_alone

ACCEPTED, REFUSED = 0.1, 0.02  # of noise that may pass for music, of music that may pass for noise


def noise_thresholds(trained: Trained, fitted: Fitted, validation: PartTable, made_up: MadeUp) -> tuple[float, float]:
    """The least probability of being music, and the least confidence, below which a part is unclear.

    ACCEPTED of the validation parts of noise reach the first, unless more than REFUSED of music would not. ACCEPTED of
    them would reach the second, were they taken for music.
    """
    noise, music = (
        answers_alone(trained.student, each) for each in (made_up.select(NOISE, 'val').numbers, validation.numbers)
    )
    least_music = min(np.quantile(noise.music, 1 - ACCEPTED), np.quantile(music.music, REFUSED))
    certain = np.full(noise.music.shape, np.inf)
    logs = equal_priors(noise.classes, certain, trained.priors[ALONE], fitted.temperatures[ALONE])
    least_confidence = np.quantile(np.exp(logs.max(axis=1)), 1 - ACCEPTED)
    return round(float(expit(least_music)), 6), round(float(least_confidence), 4)
