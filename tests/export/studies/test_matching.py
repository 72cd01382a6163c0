import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.cli import main  # noqa: E402
from export.data.files import read_json, write_npz  # noqa: E402
from export.data.window_table import load_windows  # noqa: E402
from export.networks.losses import HardTargets  # noqa: E402
from export.networks.teachers import MatchingTeacher  # noqa: E402
from export.recipe import TrainSettings  # noqa: E402
from export.studies import matching, matching_students  # noqa: E402
from export.studies.matching import MatchingSettings, draw_sample, on_every_class, rendered_rows  # noqa: E402
from export.studies.store import read_runs, read_study, read_test_set  # noqa: E402
from export.training.fit import fit, predict  # noqa: E402
from music21_kdic.classes import CLASSES, class_of_program  # noqa: E402
from tests.export.data.test_render import SOUNDFONT, needs_fluidsynth  # noqa: E402

SMALL = MatchingSettings(windows=12, validation_windows=4, rendered=2, test_parts=2, seed=3)


def world(windows, rng, told=True):
    """Windows in which the register decides: a note in the n-th eighth of the range suits class n alone.

    A rendering is a row of pixels at the note's pitch, and one at the top whose length names the class it is played
    on, whatever the note. Where not ``told``, labels have nothing to do with the notes.
    """
    register = rng.permutation(np.arange(windows) % 8)
    images = np.zeros((windows, 8, 128, 16), dtype=np.float32)
    for number in range(8):
        images[np.arange(windows), number, 16 * register + rng.integers(16, size=windows)] = 1.0
        images[:, number, 16 * number : 16 * number + 16, ::2] += 0.5
    return images, register if told else rng.permutation(register)


def share_right(told, tmp_path):
    """How often a teacher is right about windows of a world that it was not trained on."""
    images, labels = world(192, np.random.default_rng(1), told)
    rows = np.arange(128)

    def inputs(rows, rng):
        return (torch.from_numpy(images[rows]),)

    settings = TrainSettings(epochs=6, batch_size=8, learning_rate=4e-3)
    targets = HardTargets(labels[rows])
    model = fit(MatchingTeacher, rows, inputs, targets, settings, 1, tmp_path / 'w.pt', lambda model: 0.0)
    unseen = np.arange(128, 192)
    return (predict(model, unseen, inputs).argmax(axis=1) == labels[unseen]).mean()


def test_where_the_register_decides_the_teacher_finds_it(tmp_path):
    assert share_right(True, tmp_path) > 0.8


def test_the_timbres_alone_give_nothing_away(tmp_path):
    """Chance is 1/8; of 64 windows, 20 right or more come about once in 10,000 tries."""
    assert share_right(False, tmp_path) < 20 / 64


def test_the_loss_is_over_the_renderings_of_one_window():
    """By hand: each is scored alone, for the class it is on; softmax over the eight; -log of the true one."""
    torch.manual_seed(2)
    model = MatchingTeacher().eval()
    renderings = torch.rand(3, 8, 128, 40)
    labels = np.array([4, 0, 7])
    with torch.inference_mode():
        scores = np.array(
            [[model.scorer(renderings[w, c][None, None])[0, c].item() for c in range(8)] for w in range(3)]
        )
        found = HardTargets(labels)(model(renderings), np.arange(3)).item()
    wanted = np.mean([np.log(np.exp(scores[w]).sum()) - scores[w, label] for w, label in enumerate(labels)])
    assert found == pytest.approx(wanted, rel=1e-5)


def test_classes_are_balanced_and_songs_stay_in_their_split(prepared):
    table = load_windows(prepared)
    sample, rows = draw_sample(table, SMALL)
    assert (np.diff(rows) > 0).all()
    assert (sample.group == table.group[rows]).all()
    train, val, test = (sample.rows(split) for split in ('train', 'val', 'test'))
    assert np.bincount(sample.label[train]).tolist() == [12] * 8
    assert np.bincount(sample.label[val]).tolist() == [4] * 8
    assert max(np.bincount(sample.part[train])) <= 2
    for part in np.unique(sample.part[test]):  # whole parts
        assert (sample.part[test] == part).sum() == (table.part == part).sum()
    assert len(np.unique(sample.part[test])) == 16
    rendered = rendered_rows(sample, SMALL)
    assert np.bincount(sample.label[np.intersect1d(rendered, val)]).tolist() == [2] * 8
    assert np.isin(np.concatenate([train, test]), rendered).all()


def test_a_class_of_too_few_windows_is_named(prepared):
    with pytest.raises(ValueError, match='Guitar: 16 train windows of pop, wanted 1000'):
        draw_sample(load_windows(prepared), MatchingSettings())


def test_a_window_is_played_on_every_class_in_one_soundfont():
    plan = on_every_class(np.array([3, 5, 9]), seed=1)
    assert plan.window.tolist() == [3] * 8 + [5] * 8 + [9] * 8
    assert [class_of_program(int(program)) for program in plan.program] == list(CLASSES) * 3
    assert [len(set(plan.soundfont[i : i + 8])) for i in (0, 8, 16)] == [1, 1, 1]
    many = on_every_class(np.arange(400), seed=1)
    assert set(many.soundfont) == set(matching.SOUNDFONTS)
    assert len(set(many.program)) == 67  # all of the classes' programs; strings have eleven, the others eight


@needs_fluidsynth
def test_the_whole_study_once_and_not_twice(prepared, tmp_path, monkeypatch):
    work = tmp_path / 'work'
    work.mkdir()
    (work / 'shards').symlink_to(prepared / 'shards')
    monkeypatch.setattr(matching, 'SOUNDFONTS', (SOUNDFONT,))
    monkeypatch.setattr(matching, 'TEACHER_EPOCHS', 1)
    monkeypatch.setattr(matching_students, 'EPOCHS', (1,))
    table = load_windows(work)
    answers = {'logits': np.eye(8, dtype=np.float32)[table.label], 'trained_on': table.rows('train')}
    write_npz(work / 'controls' / 'teacher_logits.npz', answers)
    verb = ['matching', '--work', str(work), '--windows', '4', '--validation-windows', '2', '--rendered', '1']
    main([*verb, '--test-parts', '1', '--seeds', '2', '--jobs', '1'])
    out = work / 'experiment' / 'matching'
    study, test_set = read_study(out), read_test_set(out)
    assert [row.name for row in study.rows][:3] == ['nic', 'smoothing', 'born-again']
    assert np.bincount(test_set.label).tolist() == [1] * 8
    for row in study.rows:
        runs = read_runs(out, row.name)
        assert sorted(runs) == [0, 1]
        assert runs[0]['equal']['windows'].shape == test_set.part.shape
    assert set(read_json(out / 'teacher.json')['silent_renderings']) == set(CLASSES)
    assert {len(tried) for tried in read_json(out / 'tuning.json').values()} == {2}

    def refuse(*_):
        raise AssertionError('trained again')

    monkeypatch.setattr('export.studies.matching_students.store_answers', refuse)
    monkeypatch.setattr('export.studies.matching.fit', refuse)
    main([*verb, '--test-parts', '1', '--seeds', '2', '--jobs', '1'])
    with pytest.raises(SystemExit):
        main([*verb, '--test-parts', '2', '--jobs', '1'])
