import json

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='export needs torch (extra `train`)')
onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxscript', reason='export needs onnxscript (extra `train`)')
pytest.importorskip('librosa', reason='export needs librosa (extra `train`)')

from music21_kdic.features.timing import NUMBERS, timing  # noqa: E402

from export.evaluation.calibration import Calibration, Scaling  # noqa: E402
from export.networks.heads import PartStudent  # noqa: E402
from export.networks.students import FastStudent  # noqa: E402
from export.release.onnx_model import ParityError, check_parity, export_network, head_of  # noqa: E402
from music21_kdic.features.windows import WindowGrid, cut_windows, piano_roll  # noqa: E402
from music21_kdic.model.session import Model  # noqa: E402
from music21_kdic.reading.notes import NoteSequence  # noqa: E402

PRIORS = np.array([0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
FITTED = Calibration(Scaling(1.5, PRIORS), Scaling(0.7, PRIORS[::-1]), np.ones(8), 0.25, 0.6)
FINE = WindowGrid(32, ('sounding', 'onset'))


def random_music():
    """64 windows of five notes each, in any place."""
    rng = np.random.default_rng(0)
    onsets = rng.uniform(0, 64 * 8, 64 * 5)
    return cut_windows(
        NoteSequence(onsets, onsets + rng.uniform(0.1, 3, 320), rng.integers(28, 90, 320), np.arange(0, 513.0, 4))
    )


def part_student():
    """A student with a head whose normalisation is not that of a new one."""
    student = PartStudent(FastStudent(2, 32, embedding=24, timing=NUMBERS), embedding=24)
    windows = random_music().select(np.arange(60))
    rolls, times = torch.from_numpy(piano_roll(windows, FINE)).float(), torch.from_numpy(timing(windows))
    student.train()
    for _ in range(3):
        student(rolls.unflatten(0, (15, 4)), times.unflatten(0, (15, 4)))
    with torch.no_grad():
        for value in (student.head[0].weight, student.head[0].bias):
            value.uniform_(0.5, 1.5)
    return student.eval()


@pytest.fixture(scope='module')
def exported(tmp_path_factory):
    torch.manual_seed(0)
    student = part_student()
    path = tmp_path_factory.mktemp('onnx') / 'part.onnx'
    export_network(student, FINE, FITTED, {'model': 'kdic'}, random_music(), path)
    return path, student


def test_the_file_answers_like_torch_at_every_batch_size(exported):
    path, student = exported
    windows = random_music()
    assert check_parity(path, student, FITTED, piano_roll(windows, FINE), timing(windows)) < 1e-4


@pytest.mark.parametrize(
    'other',
    [
        Calibration(Scaling(1.5, PRIORS[::-1]), FITTED.part_scaling, FITTED.spread, 0.25, 0.6),
        Calibration(FITTED.scaling, Scaling(0.7, PRIORS), FITTED.spread, 0.25, 0.6),
    ],
    ids=['windows', 'parts'],
)
def test_a_file_that_answers_otherwise_is_found_out(exported, other):
    path, student = exported
    windows = random_music()
    with pytest.raises(ParityError, match='differs from torch'):
        check_parity(path, student, other, piano_roll(windows, FINE), timing(windows))


def test_so_is_one_of_other_weights_and_what_was_there_stays(exported, monkeypatch):
    path, _ = exported
    before = path.read_bytes()
    torch.manual_seed(1)
    other = part_student()
    monkeypatch.setattr('export.release.onnx_model.write_onnx', lambda *_: _[-1].write_bytes(before))
    with pytest.raises(ParityError, match='differs from torch'):
        export_network(other, FINE, FITTED, {'model': 'kdic'}, random_music(), path)
    assert path.read_bytes() == before


def test_the_runtime_reads_the_contract(exported):
    path, _ = exported
    contract = Model(path).contract
    assert contract.grid == FINE
    assert contract.priors.tolist() == PRIORS.tolist()
    assert contract.temperature == {'windows': 1.5, 'parts': 0.7}
    assert (contract.least_confidence, contract.sure_confidence) == (0.25, 0.6)
    assert contract.facts == {'model': 'kdic'}


@pytest.mark.parametrize(
    'layers',
    [
        [torch.nn.Linear(24, 8), torch.nn.Sigmoid()],
        [torch.nn.Linear(24, 8), torch.nn.BatchNorm1d(8)],
        [torch.nn.BatchNorm1d(24), torch.nn.ReLU(), torch.nn.Linear(24, 8)],
    ],
)
def test_a_head_of_anything_else_is_not_exported(layers):
    student = PartStudent(FastStudent(2, 32, embedding=8, timing=NUMBERS), embedding=8)
    student.head = torch.nn.Sequential(*layers)
    with pytest.raises(TypeError, match='wanted dense layers with rectifiers'):
        head_of(student.eval(), FITTED.part_scaling)


def test_one_file_with_nothing_of_this_machine_in_it(exported):
    path, *_ = exported
    proto = onnx.load(path, load_external_data=False)
    assert not any(tensor.HasField('data_location') and tensor.data_location for tensor in proto.graph.initializer)
    assert [p.name for p in path.parent.iterdir() if p.suffix == '.data'] == []
    assert b'export/networks/students.py' not in path.read_bytes()
    keys = {entry.key.removeprefix('kdic.') for entry in proto.metadata_props}
    assert keys == {
        'contract', 'classes', 'grid', 'priors', 'spread', 'head', 'temperature', 'sure_confidence', 'least_confidence',
        'facts',
    }  # fmt: skip
    assert json.loads(next(e.value for e in proto.metadata_props if e.key == 'kdic.classes'))[0] == 'Guitar'
