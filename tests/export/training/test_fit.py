import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.networks.losses import HardTargets  # noqa: E402
from export.recipe import TrainSettings  # noqa: E402
from export.training.fit import fit, predict  # noqa: E402


@pytest.fixture
def problem():
    """64 windows that a dense layer can tell apart: the class is where the ones are."""
    labels = np.arange(64) % 8
    images = np.zeros((64, 1, 8, 4), dtype=np.float32)
    images[np.arange(64), 0, labels] = 1
    return images, labels, lambda rows, rng: (torch.from_numpy(images[rows]),)


def dense():
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.1), torch.nn.Linear(32, 8))


def fitted(problem, checkpoint, epochs=4, validate=lambda model: 0.0):
    _, labels, inputs = problem
    settings = TrainSettings(epochs=epochs, batch_size=16, learning_rate=0.1)
    return fit(dense, np.arange(64), inputs, HardTargets(labels), settings, 1, checkpoint, validate)


def test_it_learns(problem, tmp_path):
    _, labels, inputs = problem
    model = fitted(problem, tmp_path / 'a.pt', epochs=10)
    assert (predict(model, np.arange(64), inputs).argmax(axis=1) == labels).all()


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(problem, tmp_path):
    whole = fitted(problem, tmp_path / 'whole.pt')

    class StoppedError(Exception):
        pass

    epochs_done = []

    def stop_in_the_second_epoch(model):
        epochs_done.append(1)
        if len(epochs_done) == 2:
            raise StoppedError
        return 0.0

    with pytest.raises(StoppedError):
        fitted(problem, tmp_path / 'cut.pt', validate=stop_in_the_second_epoch)
    resumed = fitted(problem, tmp_path / 'cut.pt')
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, resumed.state_dict()[name]), name


def test_a_finished_run_is_not_trained_again(problem, tmp_path):
    first = fitted(problem, tmp_path / 'a.pt')
    before = (tmp_path / 'a.pt').stat().st_mtime_ns
    again = fitted(problem, tmp_path / 'a.pt')
    assert (tmp_path / 'a.pt').stat().st_mtime_ns == before
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_a_checkpoint_of_other_settings_is_refused(problem, tmp_path):
    fitted(problem, tmp_path / 'a.pt', epochs=2)
    with pytest.raises(ValueError, match='made with other settings or data'):
        fitted(problem, tmp_path / 'a.pt', epochs=3)


def test_a_checkpoint_of_another_grid_is_refused(problem, tmp_path):
    """What else the weights depend on is part of what a checkpoint is known by."""
    _, labels, inputs = problem
    settings = TrainSettings(epochs=1, batch_size=16, learning_rate=0.1)

    def with_grid(grid):
        loss = HardTargets(labels)
        fit(dense, np.arange(64), inputs, loss, settings, 1, tmp_path / 'a.pt', lambda model: 0.0, depends_on=(grid,))

    with_grid('fine')
    with pytest.raises(ValueError, match='made with other settings or data'):
        with_grid('coarse')
