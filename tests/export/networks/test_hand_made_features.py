"""Features of hand-made windows, counted by hand."""

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.networks.hand_made_features import FEATURES, hand_made_features  # noqa: E402
from music21_kdic.features.windows import WindowGrid, cut_windows, piano_roll  # noqa: E402
from music21_kdic.reading.notes import NoteSequence  # noqa: E402

GRID = WindowGrid(columns=32, planes=('sounding', 'onset'))
NAMES = (
    *(f'{plane} {name}' for plane in ('sounding', 'onset') for name in (
        'cells', 'mean', 'deviation', 'lowest', 'q10', 'q25', 'median', 'q75', 'q90', 'highest', 'pitches',
    )),
    *(f'{plane} {name}' for plane in ('sounding', 'onset') for name in (
        'most', 'density', 'density deviation', *(f'columns of {i}' for i in range(7)),
    )),
    *(f'interval {i}' for i in range(1, 25)),
    *(f'{line} {name}' for line in ('bottom', 'top') for name in (
        'step size', 'step', *(f'steps of {i}' for i in (0, 1, 2, 3, 4, 5, 7, 12)),
    )),
    'widest', 'begins', *(f'begins {i}' for i in range(8)), 'length', 'silence', 'held', 'held share', 'halves differ',
    'pitch classes', 'commonest pitch class', *(f'register {i}' for i in range(16)),
)  # fmt: skip


def features(notes, bars=(0, 4, 8), grid=GRID):
    onsets, ends, pitches = zip(*notes, strict=True)
    rolls = piano_roll(cut_windows(NoteSequence(onsets, ends, pitches, bars)), grid)
    (values,) = hand_made_features(torch.from_numpy(rolls).float()).numpy()
    return dict(zip(NAMES, values.tolist(), strict=True))


def test_there_are_as_many_as_it_says():
    assert len(NAMES) == FEATURES == 119


def test_a_triad_held_for_a_bar_and_a_note_after_it():
    found = features([(0, 4, 60), (0, 4, 64), (0, 4, 67), (4, 5, 72)])
    wanted = {
        'sounding cells': 3 * 16 + 4,
        'sounding mean': (16 * (60 + 64 + 67) + 4 * 72) / 52,
        'sounding lowest': 60,
        'sounding highest': 72,
        'sounding pitches': 4,
        'onset cells': 4,
        'sounding most': 3,
        'sounding density': 52 / 20,
        'sounding columns of 3': 0.5,
        'sounding columns of 1': 4 / 32,
        'sounding columns of 0': 12 / 32,
        'interval 3': 16,
        'interval 4': 16,
        'interval 7': 16,
        'interval 12': 0,
        'bottom step': 12,
        'bottom steps of 12': 1,
        'top step': 5,
        'top steps of 5': 1,
        'widest': 7,
        'begins': 2 / 32,
        'begins 0': 2 / 4,
        'begins 1': 0,
        'length': 52 / 4,
        'silence': 12 / 32,
        'held': 3 * 15 + 3,
        'halves differ': 1,
        'pitch classes': 3,
        'commonest pitch class': 2 / 4,
        'register 7': 16 / 52,
        'register 8': (32) / 52,
        'register 9': 4 / 52,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


def test_a_scale_steps_by_seconds():
    found = features([(i, i + 1, p) for i, p in enumerate([60, 62, 64, 65, 67, 69, 71, 72])])
    assert found['top steps of 2'] == pytest.approx(5 / 7)
    assert found['top steps of 1'] == pytest.approx(2 / 7)
    assert found['top step size'] == pytest.approx(12 / 7)


def test_without_an_onset_plane_a_note_begins_where_a_pitch_starts_to_sound():
    notes = [(0, 2, 60), (3, 4, 60), (4, 8, 62)]
    with_onsets, without = features(notes), features(notes, grid=WindowGrid(32))
    assert without == with_onsets


def test_every_window_has_finite_features():
    rng = np.random.default_rng(1)
    rolls = torch.from_numpy((rng.random((50, 2, 128, 32)) < rng.random((50, 1, 1, 1))).astype(np.float32))
    assert torch.isfinite(hand_made_features(rolls)).all()
    assert torch.isfinite(hand_made_features(torch.zeros(1, 1, 128, 16))).all()
