from functools import partial

import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.cli import main
from export.data.render import soundfont_path
from export.data.spectrograms import Spectrograms
from export.data.window_table import load_windows
from export.studies import soundfonts
from export.studies.renderings import Renderings, render_all
from export.studies.soundfonts import SoundfontSettings, draw_sample, draw_soundfonts, needed_renderings
from export.studies.store import read_runs, read_study, read_test_set
from tests.export.data.test_render import SOUNDFONT, needs_fluidsynth


def test_parts_are_whole_and_splits_are_kept(prepared):
    table = load_windows(prepared)
    sample, rows = draw_sample(table, SoundfontSettings(train=30, val=8, test=9, seed=2))
    for part in np.unique(sample.part):
        assert (sample.part == part).sum() == (table.part == part).sum()
    assert [sample.rows(split).size for split in ('train', 'val', 'test', 'lakh')] == [32, 8, 12, 0]
    assert (sample.label == table.label[rows]).all()


def test_a_split_of_too_few_windows_is_named(prepared):
    with pytest.raises(ValueError, match='train: 256 windows, wanted 5000'):
        draw_sample(load_windows(prepared), SoundfontSettings())


def test_each_teacher_has_its_soundfonts_equally_often():
    fonts = draw_soundfonts(6000, seed=1)
    shares = [np.bincount(row, minlength=4) / 6000 for row in fonts]
    wanted = [[1, 0, 0, 0], [1 / 2, 1 / 2, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0]]
    assert np.array(shares) == pytest.approx(np.array(wanted), abs=4 * np.sqrt(0.25 / 6000))


def test_only_what_is_needed_is_rendered():
    """Four windows, the last one of the test set; of the others each is needed once where it is the same for all."""
    fonts = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [2, 1, 1, 0]])
    plan, place = needed_renderings(fonts, np.array([3]), np.array([10, 11, 12, 20]), np.array([5, 6, 7, 8]))
    assert plan.window.tolist() == [10, 10, 11, 11, 12, 12, 20, 20, 20, 20]
    assert plan.program.tolist() == [5, 5, 6, 6, 7, 7, 8, 8, 8, 8]
    names = soundfonts.SOUNDFONTS
    assert plan.soundfont.tolist() == [names[i] for i in (0, 2, 0, 1, 0, 1, 0, 1, 2, 3)]
    assert place.tolist() == [[0, -1, 1, -1], [2, 3, -1, -1], [4, 5, -1, -1], [6, 7, 8, 9]]


@needs_fluidsynth
def test_long_windows_are_cut_where_fewer_frames_are_asked_for(prepared, tmp_path):
    render_all(Renderings(np.array([0]), np.array([0]), np.array([SOUNDFONT])), prepared, tmp_path, jobs=1)
    (whole,), (cut,) = (Spectrograms(tmp_path, frames=frames).batch(np.array([0])) for frames in (528, 50))
    assert cut.shape == (1, 128, 50)
    assert (cut == whole[:, :, :50]).all()


def test_a_soundfont_that_is_nowhere():
    with pytest.raises(FileNotFoundError, match=r'none\.sf3: no such soundfont in /usr/share/sounds/sf2 or'):
        soundfont_path('none.sf3')


@needs_fluidsynth
def test_the_whole_study_once_and_not_twice(prepared, tmp_path, monkeypatch):
    work = tmp_path / 'work'
    work.mkdir()
    (work / 'shards').symlink_to(prepared / 'shards')
    monkeypatch.setattr('export.data.render.soundfont_path', lambda name: soundfont_path(SOUNDFONT))
    monkeypatch.setattr(soundfonts, 'SoundfontSettings', partial(SoundfontSettings, epochs=1))
    verb = ['soundfonts', '--work', str(work), '--windows', '30', '--validation-windows', '8', '--test-windows', '9']
    main([*verb, '--seeds', '1', '--jobs', '1'])
    out = work / 'experiment' / 'soundfonts'
    rows = read_study(out).rows
    assert [row.name for row in rows][:2] == ['one-TimGM6mb', 'one-FluidR3_GM']
    assert [row.title.endswith('not in training') for row in rows] == [
        False, True, True, True, False, False, True, True, False, False, False, True,
    ]  # fmt: skip
    for row in rows:
        runs = read_runs(out, row.name)
        assert sorted(runs) == [0]
        assert runs[0]['trained']['windows'].shape == read_test_set(out).part.shape

    def refuse(*_):
        raise AssertionError('trained again')

    monkeypatch.setattr(soundfonts, 'fit', refuse)
    main([*verb, '--seeds', '1', '--jobs', '1'])
