"""What the runtime refuses to load, and why. The models are made here, by hand."""

import json
import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from music21_kdic import CLASSES, ModelError
from music21_kdic.features.windows import cut_windows, piano_roll
from music21_kdic.model.session import SHIPPED, Model, load_model, log_softmax
from music21_kdic.reading.notes import NoteSequence
from tests.hand_made_model import head, make_model

WINDOWS = cut_windows(NoteSequence([0, 1, 2], [1, 2, 3], [60, 62, 64], [0, 4, 8]))


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'model.onnx'


def test_a_hand_made_model_is_understood(path):
    answers = Model(make_model(path)).read(WINDOWS)
    assert answers.logs == pytest.approx(log_softmax(np.arange(8.0))[None], abs=1e-6)
    assert answers.embeddings.tolist() == [[8.0]]  # two bars of 4/4
    assert answers.which.tolist() == [0]


def test_windows_that_look_the_same_are_scored_once(path, monkeypatch):
    """Three windows, each played five times: three to run, fifteen answers in the order of the music."""
    model = Model(SHIPPED)
    ran = []
    run = model._session.run
    monkeypatch.setattr(
        model, '_session', type('Counting', (), {'run': lambda _, out, feed: ran.append(feed) or run(out, feed)})()
    )
    pitches = np.tile([[60, 62], [40, 43], [72, 79]], (5, 1))
    onsets = 8.0 * np.arange(15)[:, None] + [0.0, 4.0]
    windows = cut_windows(
        NoteSequence(onsets.ravel(), onsets.ravel() + 2, pitches.ravel(), bars=np.arange(0.0, 8 * 15 + 1, 4))
    )
    answers = model.read(windows)
    assert [len(feed['piano_roll']) for feed in ran] == [len(feed['timing']) for feed in ran] == [3]
    assert answers.logs.shape == (3, 8)
    assert answers.embeddings.shape == (3, model.contract.head.embedding)
    assert answers.which.tolist() == [0, 1, 2] * 5
    each = [model.read(windows.select(np.array([row]))) for row in range(3)]
    assert answers.logs == pytest.approx(np.concatenate([one.logs for one in each]), abs=1e-4)
    assert answers.embeddings == pytest.approx(np.concatenate([one.embeddings for one in each]), abs=1e-4)


def test_windows_that_differ_in_timing_alone_are_two():
    """The same columns, one played a hair shorter than written: a piano-roll does not show it."""
    ends = [2, 4, 9.98, 11.98]
    windows = cut_windows(NoteSequence([0, 2, 8, 10], ends, [60, 62, 60, 62], bars=[0, 4, 8, 12, 16]))
    rolls = piano_roll(windows, load_model().contract.grid)
    assert (rolls[0] == rolls[1]).all()
    assert load_model().read(windows).which.tolist() == [0, 1]


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('kdic.contract', '3', "contract '3', wanted '4'"),
        ('kdic.classes', json.dumps(CLASSES[::-1]), 'classes'),
        ('kdic.classes', '[', 'cannot be read'),
        ('kdic.grid', '{"columns": 16, "planes": ["velocity"]}', 'wanted some of'),
        ('kdic.grid', '{"columns": 16}', 'cannot be read'),
        ('kdic.grid', '{"columns": 16.0, "planes": ["sounding"]}', 'cannot be read'),
        ('kdic.grid', '{"columns": 32, "planes": ["sounding"]}', r"inputs piano_roll .* \['windows', 1, 128, 32\]"),
        ('kdic.priors', '[0.5, 0.5]', 'wanted eight positive numbers'),
        ('kdic.priors', json.dumps([1.0] * 8), 'sum to 1'),
        ('kdic.spread', '[1.0]', 'spread .* wanted eight positive numbers'),
        ('kdic.spread', json.dumps([0.0] * 8), 'spread .* wanted eight positive numbers'),
        ('kdic.temperature', '{"windows": 1.5}', 'cannot be read'),
        ('kdic.temperature', '{"windows": 1.5, "parts": 0}', 'temperatures .* wanted positive numbers'),
        ('kdic.temperature', '{"windows": NaN, "parts": 1}', 'temperatures .* wanted positive numbers'),
        ('kdic.temperature', '[1, 1]', 'cannot be read'),
        ('kdic.sure_confidence', '1.01', 'sure confidence 1.01, wanted 0 to 1'),
        ('kdic.sure_confidence', 'NaN', 'sure confidence nan, wanted 0 to 1'),
        ('kdic.least_confidence', '"high"', 'cannot be read'),
        ('kdic.least_confidence', 'NaN', 'least confidence nan, wanted 0 to below 1'),
        ('kdic.least_confidence', '1.0', 'least confidence 1.0, wanted 0 to below 1'),
        ('kdic.least_confidence', '1' + '0' * 400, 'cannot be read'),
        ('kdic.priors', json.dumps([10**400] * 8), 'cannot be read'),
        ('kdic.facts', 'nothing', 'cannot be read'),
        ('kdic.facts', '[' * 100_000, 'cannot be read'),
    ],
)
def test_a_contract_that_is_not_understood(path, key, value, message):
    with pytest.raises(ModelError, match=message):
        Model(make_model(path, {key: value}))


def test_a_model_without_a_contract(path):
    proto = onnx.load(make_model(path))
    del proto.metadata_props[:]
    onnx.save(proto, path)
    with pytest.raises(ModelError, match="contract None, wanted '4'"):
        Model(path)


def test_a_model_of_another_shape(path):
    with pytest.raises(ModelError, match='outputs logits'):
        Model(make_model(path, logits=range(7)))
    with pytest.raises(ModelError, match=r'inputs piano_roll float .* wanted piano_roll uint8'):
        Model(make_model(path, input_type=TensorProto.FLOAT))
    with pytest.raises(ModelError, match='inputs piano_roll'):
        Model(make_model(path, input_shape=(7, 1, 128, 16)))
    with pytest.raises(ModelError, match=r"wanted piano_roll .*, timing float \['windows', 38\]"):
        Model(make_model(path, more_inputs=()))
    for bad in (['n', 37], [5, 38]):
        timing = helper.make_tensor_value_info('timing', TensorProto.FLOAT, bad)
        with pytest.raises(ModelError, match=r'inputs piano_roll .* timing float'):
            Model(make_model(path, more_inputs=[timing]))
    with pytest.raises(ModelError, match=r"wanted logits .*, embedding float \['windows', 2\]"):
        Model(make_model(path, {'kdic.head': head((np.zeros((6, 8)), np.zeros(8)))}))

    def the_other_way_round(model):
        model.graph.output.reverse()

    with pytest.raises(ModelError, match='outputs embedding'):
        Model(make_model(path, change=the_other_way_round))

    def of_no_type(model):  # as the fuzzer's model mutant 1124 of seed 0
        model.graph.input[0].type.tensor_type.elem_type = -8

    with pytest.raises(ModelError, match='inputs piano_roll -8 '):
        Model(make_model(path, change=of_no_type))


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_an_answer_that_is_no_number(path, bad):
    model = Model(make_model(path, logits=[bad] * 8))
    with pytest.raises(ModelError, match='wanted finite logits'):
        model.read(WINDOWS)


def test_a_truncated_model(path):
    content = SHIPPED.read_bytes()
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ModelError, match=r'model\.onnx'):
            Model(path)


def test_a_loop_of_links_and_a_pipe(path):
    path.symlink_to(path)
    with pytest.raises(ModelError, match='cannot be opened'):
        load_model(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ModelError, match='not a file'):
        load_model(path)


def test_a_text_file_and_no_file(path):
    with pytest.raises(ModelError, match='cannot be opened'):
        Model(path)
    path.write_text('Dear Sir or Madam')
    with pytest.raises(ModelError, match='not a readable ONNX model'):
        Model(path)


def test_weights_in_another_file_are_refused(path):
    onnx.save(
        onnx.load(SHIPPED), path, save_as_external_data=True, all_tensors_to_one_file=True, location='weights.bin'
    )
    assert (path.parent / 'weights.bin').exists()
    with pytest.raises(ModelError, match='lies in another file, wanted all weights in this one'):
        Model(path)


def test_a_model_is_loaded_once():
    assert load_model() is load_model(SHIPPED)


def test_the_shipped_model_was_distilled_from_an_audio_teacher():
    facts = load_model().contract.facts
    assert facts['model'] == 'kdic'
    assert len(facts['sha256']['teacher_logits']) == 64
    assert facts['recipe']['parts']['teacher_weight'] > 0
