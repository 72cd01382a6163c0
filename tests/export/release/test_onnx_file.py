import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('onnx', reason='export needs the extra `train`')
import onnxruntime  # noqa: E402
from scipy.special import log_softmax  # noqa: E402

from export.networks.part_student import PartStudent  # noqa: E402
from export.recipe import ShapeSettings  # noqa: E402
from export.release.onnx_file import INPUTS, Exported, ParityError, _examples, check_parity, write_onnx  # noqa: E402
from export.training.part_students import Trained  # noqa: E402
from tests.export.evaluation.worlds import SKEWED  # noqa: E402


@pytest.fixture(scope='module')
def trained():
    torch.manual_seed(0)
    edges = np.sort(np.random.default_rng(0).normal(30, 20, size=(20, 5)).astype(np.float32), axis=1)
    shape = ShapeSettings(hidden=64, bins=4, context_bins=4)
    return Trained(PartStudent(edges, edges[:6], shape).eval(), np.stack([SKEWED, SKEWED[::-1]]))


def test_the_file_gives_equal_priors_alone_and_in_a_score(trained, tmp_path):
    """By hand: what torch's network says, less the log of the frequencies that it learnt, over the temperature."""
    path = tmp_path / 'a.onnx'
    write_onnx(trained, (0.8, 1.3), path)
    numbers, context = np.random.default_rng(1).uniform(0, 60, (2, 20)), np.random.default_rng(2).uniform(0, 60, (2, 6))
    fed = [each.astype(np.float32) for each in (numbers, context, np.array([[0.0], [1.0]]))]
    logits = onnxruntime.InferenceSession(str(path)).run(['logits'], dict(zip(INPUTS, fed, strict=True)))[0]
    with torch.no_grad():
        classes = trained.student(*map(torch.from_numpy, fed))[0].numpy()
    wanted = [(classes[0] - np.log(SKEWED)) / 0.8, (classes[1] - np.log(SKEWED[::-1])) / 1.3]
    assert logits == pytest.approx(log_softmax(wanted, axis=1), abs=1e-3)


def test_a_file_that_answers_otherwise_is_found(trained, tmp_path):
    path = tmp_path / 'a.onnx'
    write_onnx(trained, (1.0, 1.0), path)
    with pytest.raises(ParityError, match='apart'):
        check_parity(path, Exported(trained, (1.1, 1.0)).eval(), _examples(trained.student))
