import json

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxscript', reason='export needs onnxscript (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from export.calibration import Calibration, Scaling  # noqa: E402
from export.networks import STUDENTS  # noqa: E402
from export.onnx_export import Exported, ParityError, check_parity, write_onnx  # noqa: E402
from export.recipe import Recipe, TrainSettings  # noqa: E402
from music21_kdic.likelihood import judge  # noqa: E402
from music21_kdic.model import Model  # noqa: E402
from music21_kdic.notes import NoteSequence  # noqa: E402
from music21_kdic.windows import cut_windows, piano_roll  # noqa: E402

PRIORS = np.array([0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
RECIPES = {
    'table1': Recipe('table1'),
    'compact': Recipe('compact', columns=32, planes=('sounding', 'onset'), student=TrainSettings(network='compact')),
    'fast': Recipe('fast', columns=32, planes=('sounding', 'onset'), student=TrainSettings(network='fast')),
}


@pytest.fixture(scope='module', params=RECIPES, ids=str)
def exported(request, tmp_path_factory):
    recipe = RECIPES[request.param]
    torch.manual_seed(0)
    model = Exported(STUDENTS[recipe.student.network](recipe.grid).eval(), Scaling(1.5, PRIORS))
    path = tmp_path_factory.mktemp('onnx') / f'{request.param}.onnx'
    write_onnx(model, recipe, Calibration(Scaling(1.5, PRIORS), np.ones(8), 0.25), {'model': 'kdic'}, path)
    rolls = (np.random.default_rng(0).random((256, *recipe.grid.shape)) < 0.03).astype(np.uint8)
    return path, model, rolls, recipe


def test_the_file_answers_like_torch_at_every_batch_size(exported):
    path, model, rolls, _ = exported
    assert check_parity(path, model, rolls) < 1e-4


def test_a_file_that_answers_otherwise_is_found_out(exported):
    path, _, rolls, recipe = exported
    other = Exported(STUDENTS[recipe.student.network](recipe.grid).eval(), Scaling(1.5, PRIORS))
    with pytest.raises(ParityError, match='differs from torch'):
        check_parity(path, other, rolls)


def test_the_runtime_reads_the_contract(exported):
    path, _, _, recipe = exported
    model = Model(path)
    assert model.contract.grid == recipe.grid
    assert model.contract.priors.tolist() == PRIORS.tolist()
    assert model.contract.least_confidence == 0.25
    assert model.contract.facts == {'model': 'kdic'}


def test_one_file_with_nothing_of_this_machine_in_it(exported):
    path, *_ = exported
    proto = onnx.load(path, load_external_data=False)
    assert not any(tensor.HasField('data_location') and tensor.data_location for tensor in proto.graph.initializer)
    assert [p.name for p in path.parent.iterdir() if p.suffix == '.data'] == []
    assert b'export/networks.py' not in path.read_bytes()
    keys = {entry.key for entry in proto.metadata_props}
    assert keys == {
        f'kdic.{name}' for name in ('contract', 'classes', 'grid', 'priors', 'spread', 'least_confidence', 'facts')
    }
    assert json.loads(next(e.value for e in proto.metadata_props if e.key == 'kdic.classes'))[0] == 'Guitar'


def test_a_part_is_answered_as_it_was_calibrated(tmp_path):
    """The mean over windows of logits / T - log priors, divided by the parts' temperature, worked out in float64."""
    recipe = RECIPES['fast']
    torch.manual_seed(1)
    student = STUDENTS['fast'](recipe.grid).eval()
    calibration = Calibration(Scaling(1.5, PRIORS), np.ones(8), 0.0, part_temperature=0.6)
    path = tmp_path / 'fast.onnx'
    write_onnx(Exported(student, calibration.scaling, 0.6), recipe, calibration, {}, path)
    rng = np.random.default_rng(2)
    part = NoteSequence(np.arange(64.0), np.arange(64.0) + 1, rng.integers(40, 80, 64), 4.0 * np.arange(17))
    with torch.inference_mode():
        logits = student(torch.from_numpy(piano_roll(cut_windows(part), recipe.grid)).float()).numpy().astype(float)
    wanted = (logits.mean(axis=0) / 1.5 - np.log(PRIORS)) / 0.6
    (found,) = judge([part], Model(path))
    assert found.probabilities == pytest.approx(np.exp(wanted) / np.exp(wanted).sum(), abs=1e-5)
    evidence = calibration.evidence(logits).mean(axis=0)
    odds = np.log(found.probabilities)
    assert odds - odds[0] == pytest.approx(evidence - evidence[0], abs=1e-4)
