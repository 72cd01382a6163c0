"""A study of made-up windows, run whole."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.data.files import write_npz  # noqa: E402
from export.data.window_table import SPLITS, WindowTable  # noqa: E402
from export.recipe import DistilSettings, Recipe, TrainSettings  # noqa: E402
from export.studies import controls  # noqa: E402
from export.studies.catalogue import ControlStudy  # noqa: E402
from export.studies.control_targets import (  # noqa: E402
    CONTROLS,
)
from export.studies.controls import run_controls, split_by_windows, with_some_songs  # noqa: E402
from export.studies.statistics import Answered  # noqa: E402
from music21_kdic.features.windows import Windows, cut_windows  # noqa: E402
from music21_kdic.reading.notes import NoteSequence  # noqa: E402

RECIPE = Recipe(
    'tiny',
    columns=16,
    student=TrainSettings(network='fast', epochs=5, batch_size=16, learning_rate=5e-3),
    distil=DistilSettings(temperature=2.0, hard_weight=0.3),
)


def a_table(songs=10):
    """Class i plays quarters in the i-th octave; each song has a part of three windows for each class."""
    rng = np.random.default_rng(0)
    parts = []
    for _ in range(songs):
        for index in range(8):
            onsets = np.arange(24.0)
            pitches = 12 + 12 * index + rng.integers(0, 12, 24)
            parts.append(cut_windows(NoteSequence(onsets, onsets + 0.9, pitches, np.arange(0, 25, 4.0))))
    splits = ['train'] * (songs - 4) + ['val', 'test', 'test', 'lakh']
    split = np.repeat([SPLITS.index(name) for name in splits], 8)
    source = np.repeat(['pop'] * (songs - 1) + ['lakh'], 8)
    columns = (
        np.tile(np.arange(8), songs),
        np.arange(8 * songs),
        split,
        source,
        np.repeat(np.arange(songs).astype(str), 8),
    )
    return WindowTable(Windows.joined(parts), *(np.repeat(column, 3) for column in columns))


def test_windows_are_split_whatever_song_they_are_of():
    table = a_table(100)
    found = split_by_windows(table, 1)
    assert (found.split == SPLITS.index('lakh')).tolist() == (table.split == SPLITS.index('lakh')).tolist()
    shares = np.bincount(found.split[table.source == 'pop'], minlength=3)[:3] / (table.source == 'pop').sum()
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    split_parts = {part for part in np.unique(table.part) if np.unique(found.split[table.part == part]).size > 1}
    assert len(split_parts) > 200, 'of most parts there are windows on both sides'


def test_some_songs_are_tested_on_whole_and_all_trained_on():
    table = a_table(24)
    kept = with_some_songs(table, 0.5, 3)
    left = table.select(kept)
    assert left.rows('train').size == table.rows('train').size
    others = np.setdiff1d(np.unique(table.group), np.unique(table.group[table.rows('train')]))
    tested = np.setdiff1d(np.unique(left.group), np.unique(table.group[table.rows('train')]))
    assert (others.size, tested.size) == (4, 2)
    assert all((left.group == song).sum() == (table.group == song).sum() for song in tested)


@pytest.fixture
def material(monkeypatch, tmp_path):
    table = a_table()
    monkeypatch.setattr(controls, 'load_windows', lambda work: table)
    write_npz(
        tmp_path / 'tiny' / 'teacher_logits.npz',
        {'logits': 4 * np.eye(8)[table.label], 'trained_on': table.rows('train')},
    )
    return table, tmp_path


def test_every_row_is_trained_with_every_seed_once(material):
    table, work = material
    every = ControlStudy('every', 'Why?', 'tiny', tuple(CONTROLS), (('kdic', 'nic'),), (1,))
    study = ControlStudy('small', 'Why?', 'tiny', ('nic', 'ensemble'), (), (1, 2), ('range',))
    for each, rows in ((every, CONTROLS), (study, ('nic', 'ensemble', 'range'))):
        folder = run_controls(each, RECIPE, work)
        answered = Answered(folder)
        for row in rows:
            assert answered.seeds(row) == list(each.seeds)
            assert answered.sample(row, 'pop', 'parts', 'trained').values[:, 2].min() > 0.8, f'{row}: register tells it'
    assert answered.counts('pop') == (2 * 8 * 3, 2 * 8, 2)
    assert answered.counts('lakh') == (8 * 3, 8, 1)
    assert {row.training_windows for row in answered.study.rows} == {table.rows('train').size}
    files = {path: path.stat().st_mtime_ns for path in (*folder.glob('*.[0-9].npz'), *(work / 'small').glob('*/*.pt'))}
    run_controls(study, RECIPE, work)
    assert {path: path.stat().st_mtime_ns for path in files} == files, 'what is stored is not trained again'


def test_a_study_on_other_windows_leaves_what_is_stored_as_it_was(material, monkeypatch):
    table, work = material
    study = ControlStudy('small', 'Why?', 'tiny', ('nic',), (), (1,))
    folder = run_controls(study, RECIPE, work)
    assert folder == work / 'experiment' / 'small'
    stored = {path: path.read_bytes() for path in folder.iterdir()}
    fewer = table.select(np.flatnonzero(table.group != table.group[table.rows('test')][0]))
    monkeypatch.setattr(controls, 'load_windows', lambda work: fewer)
    write_npz(work / 'tiny' / 'teacher_logits.npz', {'logits': np.eye(8)[fewer.label], 'trained_on': np.arange(8)})
    with pytest.raises(FileExistsError, match='small: was begun with'):
        run_controls(study, RECIPE, work)
    assert {path: path.read_bytes() for path in folder.iterdir()} == stored


def test_a_first_row_that_others_learn_from_is_trained_again_where_its_logits_are_gone(material):
    _, work = material
    alone = ControlStudy('small', 'Why?', 'tiny', ('nic',), (), (1,))
    run_controls(alone, RECIPE, work)
    for path in (work / 'small').glob('*/*'):
        path.unlink()
    folder = run_controls(replace(alone, rows=('nic', 'born-again')), RECIPE, work)
    assert Answered(folder).seeds('born-again') == [1]


def test_the_windows_protocol_stores_windows_alone(material):
    _, work = material
    study = ControlStudy('mixed', 'Why?', 'tiny', ('nic',), (), (1,), by_windows=True)
    answered = Answered(run_controls(study, RECIPE, work))
    assert answered.levels == ['windows']
