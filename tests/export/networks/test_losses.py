import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')

from export.networks.losses import HardTargets, SoftTargets  # noqa: E402

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
