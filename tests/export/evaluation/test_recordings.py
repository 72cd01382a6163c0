import csv

import numpy as np
import pytest

pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.evaluation.recordings import COLUMNS, LIST, hear_all, heard_in
from music21_kdic.classes import CLASSES
from music21_kdic.sound.activity import InstrumentActivity
from music21_kdic.statuses import Status


def activity(probabilities, status=Status.OK):
    steps = len(probabilities)
    times = np.column_stack([np.arange(steps), np.arange(1, steps + 1)]) * 0.75
    return InstrumentActivity(
        path='x.wav',
        seconds=0.75 * steps,
        status=status,
        times=times,
        probabilities=np.array(probabilities).reshape(-1, 8),
        sure_from=np.full(8, 0.9),
        model='hand-made',
    )


def test_the_class_with_the_highest_mean_is_the_best_and_a_single_step_can_be_sure():
    rows = np.zeros((2, 8))
    rows[0, CLASSES.index('Pipe')] = 0.95
    rows[:, CLASSES.index('Reed')] = 0.6
    found = heard_in(activity(rows))
    assert (found['best'], found['second'], found['sure']) == ('Reed', 'Pipe', ['Pipe'])
    assert found['mean']['Pipe'] == 0.475
    assert found['seconds'] == 1.5


def test_silence_has_no_best():
    found = heard_in(activity(np.zeros((0, 8)), Status.EMPTY))
    assert (found['status'], found['best'], found['mean'], found['sure']) == ('empty', None, {}, [])


def test_the_list_names_where_each_recording_comes_from():
    with LIST.open(newline='') as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) > 40
    assert all(set(row) == COLUMNS and all(row.values()) for row in rows)
    assert {row['family'] for row in rows} <= {*CLASSES, 'Drums', 'Other', 'mixed'}


def test_a_list_without_a_column_is_refused(tmp_path):
    (tmp_path / 'list.csv').write_text('path,family\nx.wav,Bass\n')
    with pytest.raises(ValueError, match='no column instrument, licence, package'):
        hear_all(tmp_path, tmp_path / 'list.csv')
