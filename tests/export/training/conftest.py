"""Mixtures that networks of sound are trained on in a moment."""

import numpy as np
import pytest


@pytest.fixture(scope='package')
def mixes(tmp_path_factory):
    """Mixes of three songs a split: constant stems, so that what is drawn can be told apart. Song 2 has no lead."""
    from export.data.files import write_npz
    from export.networks.separators import SAMPLES

    work = tmp_path_factory.mktemp('sound')
    for split in ('train', 'val'):
        for song in range(3):
            targets = np.array([0, 3, 8, 8]) if song < 2 else np.array([1, 3])
            levels = 100 * (song + 1) + np.arange(targets.size)
            lead = np.array([False, False, False, True]) if song < 2 else np.zeros(2, bool)
            stems = {
                str(rate): np.repeat(levels[:, None], 2 * SAMPLES, axis=1).astype(np.int16) for rate in (8192, 16000)
            }
            write_npz(work / 'mixes' / split / f'{song}.npz', {'targets': targets, 'lead': lead, **stems})
    return work
