import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.recipe import TrainSettings  # noqa: E402
from export.training.loop import HardTargets, PartTargets, SoftTargets, predict, train  # noqa: E402
from export.training.window_networks import PackedRolls  # noqa: E402
from music21_kdic.features.windows import WindowGrid, piano_roll  # noqa: E402

RNG = np.random.default_rng(3)
TEACHER = RNG.normal(size=(6, 8)).astype(np.float32)
STUDENT = torch.tensor(RNG.normal(size=(6, 8)).astype(np.float32))
LABELS = np.array([0, 1, 2, 3, 4, 5])
ALL = np.arange(6)


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


@pytest.mark.parametrize('temperature', [1.0, 2.0, 5.0])
def test_soft_targets_are_the_kl_divergence_of_hinton(temperature):
    p, q = softmax(TEACHER / temperature), softmax(STUDENT.numpy() / temperature)
    wanted = temperature**2 * (p * np.log(p / q)).sum(axis=1).mean()
    assert SoftTargets(TEACHER, LABELS, temperature, 0.0)(STUDENT, ALL).item() == pytest.approx(wanted, rel=1e-5)


def test_a_student_that_answers_like_its_teacher_has_no_loss():
    assert SoftTargets(TEACHER, LABELS, 3.0, 0.0)(torch.tensor(TEACHER), ALL).item() == pytest.approx(0, abs=1e-6)


def test_hard_targets_are_the_cross_entropy():
    wanted = -np.log(softmax(STUDENT.numpy())[ALL, LABELS]).mean()
    assert HardTargets(LABELS)(STUDENT, ALL).item() == pytest.approx(wanted, rel=1e-5)


def test_hard_and_soft_are_mixed_by_weight():
    soft, hard = SoftTargets(TEACHER, LABELS, 2.0, 0.0)(STUDENT, ALL), HardTargets(LABELS)(STUDENT, ALL)
    assert SoftTargets(TEACHER, LABELS, 2.0, 0.25)(STUDENT, ALL).item() == pytest.approx(
        0.75 * soft.item() + 0.25 * hard.item(), rel=1e-5
    )


def test_smoothed_labels_are_the_cross_entropy_to_them():
    """Szegedy et al. 2016: a tenth of the label is spread over all eight classes."""
    smoothed = 0.9 * np.eye(8)[LABELS] + 0.1 / 8
    wanted = -(smoothed * np.log(softmax(STUDENT.numpy()))).sum(axis=1).mean()
    assert HardTargets(LABELS, 0.1)(STUDENT, ALL).item() == pytest.approx(wanted, rel=1e-5)


def test_parts_and_their_windows_are_held_against_the_same_targets():
    """Two parts, the first of two windows, the second of one: by hand, windows count one by one."""
    targets = softmax(TEACHER)
    logits = torch.full((2, 3, 8), torch.nan)
    logits[0], logits[1, :2] = STUDENT[:3], STUDENT[3:5]
    q = softmax(STUDENT.numpy())

    def kl(target, answer):
        return (targets[target] * np.log(targets[target] / q[answer])).sum()

    parts = (kl(4, 0) + kl(1, 3)) / 2
    windows = (kl(4, 1) + kl(4, 2) + kl(1, 4)) / 3
    loss = PartTargets(targets, 0.5)(logits, np.array([4, 1]))
    assert loss.item() == pytest.approx(parts + 0.5 * windows, rel=1e-5)


@pytest.fixture
def problem():
    """64 windows that a dense layer can tell apart: the class is where the ones are."""
    labels = np.arange(64) % 8
    images = np.zeros((64, 1, 8, 4), dtype=np.float32)
    images[np.arange(64), 0, labels] = 1
    return images, labels, lambda rows, rng: (torch.from_numpy(images[rows]),)


def fit(problem, checkpoint, epochs=4):
    _, labels, inputs = problem
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.1), torch.nn.Linear(32, 8))
    settings = TrainSettings(epochs=epochs, batch_size=16, learning_rate=0.1)
    return train(
        model, np.arange(64), inputs, HardTargets(labels), settings, 1, checkpoint, repr(settings), lambda model: 0.0
    )


def test_it_learns(problem, tmp_path):
    _, labels, inputs = problem
    model = fit(problem, tmp_path / 'a.pt', epochs=10)
    assert (predict(model, np.arange(64), inputs).argmax(axis=1) == labels).all()


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(problem, tmp_path):
    whole = fit(problem, tmp_path / 'whole.pt')

    class StoppedError(Exception):
        pass

    epochs_seen = []

    def stop_in_the_second_epoch(model):
        epochs_seen.append(1)
        if len(epochs_seen) == 2:
            raise StoppedError
        return 0.0

    _, labels, inputs = problem
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.1), torch.nn.Linear(32, 8))
    settings = TrainSettings(epochs=4, batch_size=16, learning_rate=0.1)
    with pytest.raises(StoppedError):
        train(
            model,
            np.arange(64),
            inputs,
            HardTargets(labels),
            settings,
            1,
            tmp_path / 'cut.pt',
            repr(settings),
            stop_in_the_second_epoch,
        )
    resumed = fit(problem, tmp_path / 'cut.pt')
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, resumed.state_dict()[name]), name


def test_a_finished_run_is_not_trained_again(problem, tmp_path):
    first = fit(problem, tmp_path / 'a.pt')
    before = (tmp_path / 'a.pt').stat().st_mtime_ns
    again = fit(problem, tmp_path / 'a.pt')
    assert (tmp_path / 'a.pt').stat().st_mtime_ns == before
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_a_checkpoint_of_other_settings_is_refused(problem, tmp_path):
    fit(problem, tmp_path / 'a.pt', epochs=2)
    with pytest.raises(ValueError, match='made with other settings or data'):
        fit(problem, tmp_path / 'a.pt', epochs=3)


class OnePart:
    """As much of a WindowTable as roll_inputs needs."""

    def __init__(self, windows):
        self.windows, self.label = windows, np.zeros(len(windows))

    def rolls(self, grid, rows):
        return piano_roll(self.windows.select(rows), grid)


@pytest.fixture
def table():
    from music21_kdic.features.windows import cut_windows
    from music21_kdic.reading.notes import NoteSequence

    onsets = np.arange(64) / 2
    pitches = 40 + np.arange(64) % 30
    return OnePart(cut_windows(NoteSequence(onsets, onsets + 0.5, pitches, np.arange(0, 33, 4.0))))


def test_rolls_survive_their_packing(table):
    grid = WindowGrid(32, ('sounding', 'onset'))
    rows = np.array([2, 0, 3])
    (rolls,) = PackedRolls(table, grid).inputs(rows, None)
    assert np.array_equal(rolls.numpy(), table.rolls(grid, rows))
