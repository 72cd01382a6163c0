import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
pytest.importorskip('onnx', reason='export needs the extra `train`')
import onnxruntime  # noqa: E402
from scipy.special import softmax  # noqa: E402

from export.data.instruments import INSTRUMENTS  # noqa: E402
from export.networks.part_student import EMBEDDING, PartStudent  # noqa: E402
from export.networks.trees import Trees  # noqa: E402
from export.recipe import ShapeSettings  # noqa: E402
from export.release.onnx_file import Exported, ParityError, check_parity, write_onnx  # noqa: E402
from export.training.part_students import Trained  # noqa: E402
from music21_kdic import ModelError  # noqa: E402
from music21_kdic.model.checks import examine_network  # noqa: E402
from tests.export.evaluation.worlds import SKEWED  # noqa: E402


@pytest.fixture(params=[False, True], ids=['layers', 'layers and trees'])
def trained(request):
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    edges = np.sort(rng.normal(30, 20, size=(20, 5)).astype(np.float32), axis=1)
    student = PartStudent(edges, edges[:6], ShapeSettings(hidden=64, bins=4, context_bins=4))
    if request.param:
        border = rng.uniform(0, 60, (40, 3)).astype(np.float32)
        leaves = rng.normal(0, 0.3, (40, 2**3 * 8)).astype(np.float32)
        student.hold(*(Trees(rng.integers(0, size, (40, 3)), border, leaves) for size in (20, 26)))
    return Trained(student.eval(), np.stack([SKEWED, SKEWED[::-1]]))


def test_the_files_give_equal_priors_alone_and_in_a_score(trained, tmp_path):
    """By hand: what torch's network says, less the log of the frequencies that it learnt, over the temperature."""
    write_onnx(trained, (0.8, 1.3), tmp_path)
    numbers, context = np.random.default_rng(1).uniform(0, 60, (2, 20)), np.random.default_rng(2).uniform(0, 60, (2, 6))
    numbers, context = numbers.astype(np.float32), context.astype(np.float32)
    part, score = (onnxruntime.InferenceSession(str(tmp_path / name)) for name in ('part.onnx', 'score.onnx'))
    *alone, first = part.run(['logits', 'music', 'first_layer'], {'numbers': numbers})
    together = score.run(['logits', 'music'], {'numbers': numbers, 'context': context, 'first_layer': first})
    for (logits, music), known, frequencies, temperature in (
        (alone, 0.0, SKEWED, 0.8),
        (together, 1.0, SKEWED[::-1], 1.3),
    ):
        with torch.no_grad():
            asked = torch.from_numpy(numbers), torch.from_numpy(context), torch.full((2, 1), known)
            classes, _, kinds, _ = (each.numpy() for each in trained.student(*asked))
        wanted = softmax((classes - np.log(frequencies)) / temperature, axis=1)
        assert softmax(logits, axis=1) == pytest.approx(wanted, abs=1e-3)
        assert music == pytest.approx(kinds[:, :1], abs=1e-3)


def test_the_files_are_among_those_that_are_run(trained, tmp_path):
    write_onnx(trained, (1.0, 1.0), tmp_path)
    outputs = {'logits': 8, 'instruments': len(INSTRUMENTS), 'music': 1, 'other': 1, 'embedding': EMBEDDING}
    first = {'first_layer': 64}
    for name, inputs, more in (
        ('part.onnx', {'numbers': 20}, first),
        ('score.onnx', {'numbers': 20, 'context': 6} | first, {}),
    ):
        content = (tmp_path / name).read_bytes()
        shapes = {output: (size,) for output, size in (outputs | more).items()}
        of_inputs = {given: (size,) for given, size in inputs.items()}
        examine_network(content, tmp_path / name, of_inputs, shapes)
        with pytest.raises(ModelError, match='inputs'):
            examine_network(content, tmp_path / name, of_inputs | {'numbers': (21,)}, shapes)


def test_eight_bits_move_no_answer_by_much(trained, tmp_path):
    numbers = torch.from_numpy(np.random.default_rng(1).uniform(0, 60, (200, 20)).astype(np.float32))
    written = write_onnx(trained, (1.0, 1.0), tmp_path)
    with torch.no_grad():
        before, after = (
            each.student.alone(numbers, each.student.first_layer(numbers))[0] for each in (trained, written)
        )
    assert 0 < (before - after).abs().max() < 0.05


def test_a_file_that_answers_otherwise_is_found(trained, tmp_path):
    write_onnx(trained, (1.0, 1.0), tmp_path)
    for level, name in enumerate(('part.onnx', 'score.onnx')):
        with pytest.raises(ParityError, match='apart'):
            check_parity(tmp_path / name, Exported(trained, 1.1, level).eval())
