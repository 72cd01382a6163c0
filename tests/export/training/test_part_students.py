"""Part students on made-up windows of which it is known what can be learnt from them."""

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.data.window_table import NO_CLASS, SPLITS, WindowTable, write_npz  # noqa: E402
from export.recipe import PartSettings, Recipe, TrainSettings  # noqa: E402
from export.training import part_students as road_of_parts  # noqa: E402
from export.training.part_inputs import Parts, engraved  # noqa: E402
from export.training.part_students import PartRoad  # noqa: E402
from music21_kdic.features.timing import timing  # noqa: E402
from music21_kdic.features.windows import Windows, cut_windows, piano_roll  # noqa: E402
from music21_kdic.reading.notes import NoteSequence  # noqa: E402

RECIPE = Recipe(
    'tiny',
    columns=32,
    planes=('sounding', 'onset'),
    student=TrainSettings(network='fast', epochs=25, batch_size=8, learning_rate=3e-3),
    parts=PartSettings(embedding=16, folds=2, label_epochs=25, windows_per_step=3),
)


def windows_of(lowest, bars, rng):
    """Random quarters from an octave's register, one window for every two bars."""
    onsets = np.arange(4.0 * bars)
    return cut_windows(
        NoteSequence(onsets, onsets + 0.9, lowest + rng.integers(0, 12, onsets.size), np.arange(0, 4 * bars + 1, 4.0))
    )


def a_table(parts, label, split, group):
    sizes = [len(windows) for windows in parts]
    return WindowTable(
        Windows.joined(parts),
        *(np.repeat(column, sizes) for column in (label, np.arange(len(parts)), [SPLITS.index(s) for s in split])),
        source=np.repeat(['pop'] * len(parts), sizes),
        group=np.repeat(group, sizes),
    )


@pytest.fixture
def road(monkeypatch, tmp_path):
    """Class i plays in the i-th octave: 10 songs of all classes, parts of 1 to 5 windows. Nonsense lies at the top."""
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
    nonsense = a_table(
        [windows_of(113, 4, rng) for _ in range(12)], [NO_CLASS] * 12, (['train'] * 2 + ['val', 'test']) * 3, [''] * 12
    )
    monkeypatch.setattr(road_of_parts, 'load_windows', lambda work, shards: table)
    monkeypatch.setattr(road_of_parts, 'load_nonsense', lambda work: nonsense)
    return PartRoad(RECIPE, tmp_path), table


def test_windows_are_drawn_beside_their_timing():
    rng = np.random.default_rng(1)
    windows = [windows_of(40, 2 * count, rng) for count in (3, 1)]
    table = a_table(windows, [0, 1], ['train', 'train'], ['a', 'b'])
    rolls, numbers = Parts(table, RECIPE.grid).inputs(2, np.array([1, 0]), None)
    joined = table.windows
    wanted = piano_roll(joined, RECIPE.grid)[[3, 0, 1]]
    assert np.array_equal(rolls.numpy()[[0, 1, 1], [0, 0, 1]], wanted)
    assert np.array_equal(numbers.numpy()[[0, 1, 1], [0, 0, 1]], timing(joined)[[3, 0, 1]])
    assert rolls[0, 1].sum() == 0, 'the second part has but one window'


def test_as_a_score_would_have_them():
    """Played early and short, late and long, staccato; and a strum, which a score has as a chord."""
    played = cut_windows(
        NoteSequence(
            [0.02, 0.97, 2.0, 3.0, 3.03, 3.06], [0.95, 2.03, 2.2, 4.0, 4.0, 4.0], [60] * 3 + [40, 45, 50], [0, 4]
        )
    )
    found = engraved(played)
    assert found.onsets.tolist() == [0, 1, 2, 3, 3, 3]
    assert found.ends_in_window.tolist() == [1, 2, 2.25, 4, 4, 4]
    assert np.array_equal(found.pitches, played.pitches)


def test_while_training_some_parts_are_timed_as_scores_and_some_nonsense_as_music():
    """Music lasts nine tenths of its beats, nonsense a half; the shares of shorter notes tell which timing is shown."""
    rng = np.random.default_rng(0)
    onsets = np.arange(32.0)

    def part(length):
        return cut_windows(NoteSequence(onsets, onsets + length, rng.integers(40, 52, 32), np.arange(0, 33, 4.0)))

    table = a_table([part(0.9), part(0.5)], [3, NO_CLASS], ['train'] * 2, ['a', ''])
    parts = Parts(table, RECIPE.grid)
    music, of_score, nonsense = (timing(windows)[0] for windows in (part(0.9), part(1.0), part(0.5)))
    shown = [parts.inputs(1, np.array([0, 1]), rng)[1].numpy()[:, 0] for _ in range(400)]
    shares = [
        [np.mean([np.allclose(s[which], wanted) for s in shown]) for wanted in (music, of_score, nonsense)]
        for which in (0, 1)
    ]
    assert shares[0] == pytest.approx([0.7, 0.3, 0], abs=0.08)
    assert shares[1] == pytest.approx([0.5, 0, 0.5], abs=0.08)


def test_while_training_other_windows_are_drawn_each_time():
    rng = np.random.default_rng(1)
    parts = Parts(a_table([windows_of(40, 20, rng)], [0], ['train'], ['a']), RECIPE.grid)
    draws = {parts.inputs(3, np.array([0]), rng)[0].numpy().tobytes() for _ in range(5)}
    assert len(draws) >= 4, 'of one window two draws in a row may be the same'


def test_no_assistant_is_asked_about_a_song_that_it_learnt_from(road):
    made, table = road
    parts = made.of_split('train')
    fold = made.folds(parts)
    songs = table.group[np.unique(table.part, return_index=True)[1]]
    assert set(fold[parts < made.music]) == {0, 1}
    assert set(fold[parts >= made.music]) == {-1}, 'nonsense is shown to all'
    of_song = {song: set(fold[:48][songs[:48] == song]) for song in set(songs[:48])}
    assert all(len(folds) == 1 for folds in of_song.values())


def test_assistants_teacher_and_labels_teach_a_student(road, tmp_path):
    """Register tells the class: assistants find it in songs that they have not seen, the student in the test songs."""
    made, table = road
    road_of_parts.assist(RECIPE, tmp_path)
    with np.load(tmp_path / 'tiny' / 'assistant_logits.npz') as file:
        answers = file['parts']
    train = made.of_split('train')[:48]
    assert (answers[train].argmax(axis=1) == made.label[train]).mean() > 0.9
    assert np.isnan(np.delete(answers, train, axis=0)).all(), 'they are asked about training parts alone'
    # The teacher heard the first window of each part only.
    logits = np.full((table.label.size, 8), np.nan)
    _, first = np.unique(table.part, return_index=True)
    logits[first] = 5 * np.eye(8)[table.label[first]]
    write_npz(tmp_path / 'tiny' / 'teacher_logits.npz', {'logits': logits, 'trained_on': first})
    with np.load(road_of_parts.distil(RECIPE, tmp_path)) as file:
        found = dict(file)
    test = made.of_split('test')
    assert (found['parts'][test[test < made.music]].argmax(axis=1) == made.label[test[test < made.music]]).all()
    assert found['logits'].shape == (table.label.size, 8)
    odds = np.exp(found['nonsense_parts'][[2, 3, 6, 7, 10, 11]])
    assert (odds / odds.sum(axis=1, keepdims=True)).max() < 0.6, 'of nonsense it is to say nothing'
    assert np.isnan(found['parts'][made.of_split('train')[:48]]).all(), 'what it has learnt is not asked again'
    student = road_of_parts.load_student('kdic', RECIPE, tmp_path)
    music = test[test < made.music]
    assert np.allclose(made.predict(student, music)[:, 0], found['parts'][music], atol=1e-5)


def test_distilling_needs_the_assistants(road, tmp_path):
    with pytest.raises(FileNotFoundError, match='run `python -m export assist --recipe tiny` first'):
        road_of_parts.distil(RECIPE, tmp_path)


def test_a_student_that_is_not_there_names_the_verb(tmp_path):
    with pytest.raises(FileNotFoundError, match='run `python -m export student --recipe tiny`'):
        road_of_parts.load_student('nic', RECIPE, tmp_path)
