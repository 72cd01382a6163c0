"""Which networks are run on recordings, and what is refused."""

import json
import shutil

import numpy as np
import onnx
import pytest

from music21_kdic import ModelError
from music21_kdic.model import checks
from music21_kdic.sound.networks import SoundModel, load_sound_model
from music21_kdic.sound.spectra import BINS, FRAMES
from tests.sound.hand_made_sound import EVEN, make_sound_model


def pinned(folder, monkeypatch):
    """Take a model for the shipped one."""
    hashes = {name: checks.digest({name: (folder / name).read_bytes()}) for name in checks.SOUND_SHA256}
    monkeypatch.setattr(checks, 'SOUND', folder)
    monkeypatch.setattr(checks, 'SOUND_SHA256', hashes)


def test_the_shipped_files_are_known_by_their_hashes(sound_model, tmp_path, monkeypatch):
    pinned(shutil.copytree(sound_model, tmp_path / 'sound'), monkeypatch)
    monkeypatch.setattr(checks, 'examine_network', None)  # it is not called
    SoundModel(tmp_path / 'sound')
    for name in checks.SOUND_SHA256:
        path = tmp_path / 'sound' / name
        content = path.read_bytes()
        path.write_bytes(content + b' ')
        with pytest.raises(ModelError, match=f'{name}: SHA-256 .* damaged, install music21-kdic again'):
            SoundModel(tmp_path / 'sound')
        path.write_bytes(content)


def test_another_model_is_examined(tmp_path):
    folder = make_sound_model(tmp_path / 'model')
    network = onnx.load(folder / 'stems.onnx')
    network.graph.node.append(onnx.helper.make_node('Loop', ['zero'], ['again'], body=network.graph))
    onnx.save(network, folder / 'stems.onnx')
    with pytest.raises(ModelError, match=r"stems.onnx: has the operator 'Loop', which no model here needs"):
        SoundModel(folder)
    folder = make_sound_model(tmp_path / 'other', inputs=(9, 512, 128))
    with pytest.raises(ModelError, match=r"listen.onnx: inputs stems float \['n', 9, 512, 128\], wanted stems float"):
        SoundModel(folder)
    (folder / 'listen.onnx').unlink()
    with pytest.raises(ModelError, match=r'listen.onnx: cannot be opened'):
        SoundModel(folder)


def test_a_network_that_makes_too_much_is_refused(tmp_path):
    folder = make_sound_model(tmp_path / 'model')
    network = onnx.load(folder / 'stems.onnx')
    network.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1, 10, 1, 1]), 'often'))
    network.graph.node.append(onnx.helper.make_node('Tile', ['masks', 'often'], ['vast']))
    onnx.save(network, folder / 'stems.onnx')
    with pytest.raises(ModelError, match=r"Tile makes 'vast' of shape \(4, 100, 512, 128\) for 4 parts, too large"):
        SoundModel(folder)


@pytest.mark.parametrize(
    ('changed', 'reason'),
    [
        ({'version': 2}, 'contract 2, wanted 1: another version wrote it'),
        ({'targets': ['Drums']}, r"targets \('Drums',\), wanted \('Drums', 'Guitar', "),
        ({'hop': 512}, "reads .*'hop': 512.* wanted .*'hop': 768"),
        ({'sure': [0.9] * 7}, 'sure .*, wanted eight numbers of at least 0'),
        ({'sure': [-0.1] * 8}, 'sure .*, wanted eight numbers of at least 0'),
        ({'sure': None}, r"its contract cannot be read \(KeyError\('sure'\)\)"),
        ({'facts': 1}, 'its contract cannot be read'),
    ],
)
def test_a_contract_that_is_not_understood(changed, reason, tmp_path):
    with pytest.raises(ModelError, match=rf'contract.json: {reason}'):
        SoundModel(make_sound_model(tmp_path / 'model', contract=changed))


def test_a_contract_that_is_no_json(tmp_path):
    folder = make_sound_model(tmp_path / 'model')
    for text in ('', '[]', '{"version": 1', json.dumps(1)):
        (folder / 'contract.json').write_text(text)
        with pytest.raises(ModelError, match='its contract cannot be read'):
            SoundModel(folder)


def test_a_network_that_gives_no_number(tmp_path):
    masks = EVEN.copy()
    masks[0, 0] = np.nan
    model = SoundModel(make_sound_model(tmp_path / 'model', masks=masks))
    with pytest.raises(ModelError, match=r'stems.onnx: the network gave what is no number, wanted finite masks'):
        model.masks(np.zeros((1, 1, 512, 128), np.float32))
    with pytest.raises(ModelError, match=r'listen.onnx: fails on 1 patches'):
        model.log_odds(np.zeros((1, 9, 512, 128), np.float32))


def test_a_folder_is_loaded_once(sound_model, tmp_path):
    assert load_sound_model(sound_model) is load_sound_model(str(sound_model))
    with pytest.raises(ModelError, match='cannot be opened'):
        load_sound_model('a\0')
    with pytest.raises(ModelError, match='cannot be opened'):
        load_sound_model(tmp_path / 'none')


def test_a_time_limit_is_no_fault_of_the_model(sound_model, monkeypatch, time_limit):
    error, strike = time_limit
    model = SoundModel(sound_model)
    monkeypatch.setattr(model._sessions['stems.onnx'], 'run', strike)
    with pytest.raises(error):
        model.masks(np.zeros((1, 1, BINS, FRAMES), np.float32))
