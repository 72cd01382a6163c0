"""Part students on made-up windows of which it is known what can be learnt from them."""

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.data.files import write_npz  # noqa: E402
from export.data.window_table import NO_CLASS  # noqa: E402
from export.training import part_students  # noqa: E402
from export.training.part_students import PartTraining, load_student  # noqa: E402
from export.training.train_assistants import train_assistants  # noqa: E402
from export.training.train_kdic import train_kdic  # noqa: E402
from tests.export.training.made_up import RECIPE, a_table, windows_of  # noqa: E402


@pytest.fixture
def training(monkeypatch, tmp_path):
    """Class i plays in the i-th octave: 10 songs of all classes, parts of 1 to 5 windows. Noise lies at the top."""
    rng = np.random.default_rng(0)
    music = [
        (index, song, windows_of(12 + 12 * index, 2 + 2 * int(rng.integers(5)), rng))
        for song in range(10)
        for index in range(8)
    ]
    splits = ['train'] * 6 + ['val'] * 2 + ['test'] * 2
    table = a_table(
        [w for *_, w in music],
        [i for i, *_ in music],
        [splits[s] for _, s, _ in music],
        [f'song {s}' for _, s, _ in music],
    )
    noise = a_table(
        [windows_of(113, 4, rng) for _ in range(12)], [NO_CLASS] * 12, (['train'] * 2 + ['val', 'test']) * 3, [''] * 12
    )
    monkeypatch.setattr(part_students, 'load_windows', lambda work, shards: table)
    monkeypatch.setattr(part_students, 'load_noise', lambda work: noise)
    return PartTraining(RECIPE, tmp_path), table


def test_no_assistant_is_asked_about_a_song_that_it_learnt_from(training):
    made, table = training
    parts = made.of_split('train')
    fold = made.folds(parts)
    songs = table.group[np.unique(table.part, return_index=True)[1]]
    assert set(fold[parts < made.music]) == {0, 1}
    assert set(fold[parts >= made.music]) == {-1}, 'noise is given to all'
    of_song = {song: set(fold[:48][songs[:48] == song]) for song in set(songs[:48])}
    assert all(len(folds) == 1 for folds in of_song.values())


def test_assistants_teacher_and_labels_teach_a_student(training, tmp_path):
    """Register tells the class: assistants find it in new songs, the student in the test songs."""
    made, table = training
    train_assistants(RECIPE, tmp_path)
    with np.load(tmp_path / 'tiny' / 'assistant_logits.npz') as file:
        answers = file['parts']
    train = made.of_split('train')[:48]
    assert (answers[train].argmax(axis=1) == made.label[train]).mean() > 0.9
    assert np.isnan(np.delete(answers, train, axis=0)).all(), 'they are asked about training parts alone'
    # The teacher was given the first window of each part only.
    logits = np.full((table.label.size, 8), np.nan)
    _, first = np.unique(table.part, return_index=True)
    logits[first] = 5 * np.eye(8)[table.label[first]]
    write_npz(tmp_path / 'tiny' / 'teacher_logits.npz', {'logits': logits, 'trained_on': first})
    with np.load(train_kdic(RECIPE, tmp_path)) as file:
        found = dict(file)
    test = made.of_split('test')
    assert (found['parts'][test[test < made.music]].argmax(axis=1) == made.label[test[test < made.music]]).all()
    assert found['logits'].shape == (table.label.size, 8)
    odds = np.exp(found['noise_parts'][[2, 3, 6, 7, 10, 11]])
    assert (odds / odds.sum(axis=1, keepdims=True)).max() < 0.6, 'of noise it is to say nothing'
    assert np.isnan(found['parts'][made.of_split('train')[:48]]).all(), 'what it has learnt is not asked again'
    student = load_student('kdic', RECIPE, tmp_path)
    music = test[test < made.music]
    assert np.allclose(made.predict(student, music)[:, 0], found['parts'][music], atol=1e-5)


def test_distilling_needs_the_assistants(training, tmp_path):
    with pytest.raises(FileNotFoundError, match='run `python -m export train-assistants --recipe tiny` first'):
        train_kdic(RECIPE, tmp_path)


def test_a_student_that_is_not_there_names_the_verb(tmp_path):
    with pytest.raises(FileNotFoundError, match='run `python -m export train-nic --recipe tiny`'):
        load_student('nic', RECIPE, tmp_path)
