"""Networks of a few operators that stand in for those that hear, and recordings made of sines."""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from music21_kdic.sound.networks import READS, TARGETS

CONTRACT = {'version': 1, 'targets': TARGETS, **READS, 'sure': [0.9] * 8, 'facts': {}}
# Each target has a band of the spectrum of its own, 40 bins of 8 Hz: Drums the lowest, and so on; Other has the rest.
BAND = 40
EVEN = np.zeros((10, 512))
BANDS = np.full((10, 512), -50.0)
for _place in range(10):
    BANDS[_place, BAND * _place : 512 if _place == 9 else BAND * (_place + 1)] = 50.0


def pitch_of(target):
    """The middle of a target's band, in hertz."""
    return 8.0 * (BAND * TARGETS.index(target) + BAND / 2)


def sine(hertz, seconds, rate=8192, loud=0.5):
    """A sine, float32."""
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def without_the_lowest(sound):
    """A sound, 8192 samples a second, without what is below 60 Hz, at half of full scale: stems leave the mean out."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / 8192) < 60] = 0
    found = np.fft.irfft(spectrum, len(sound))
    return (0.5 * found / np.abs(found).max()).astype(np.float32)


def make_sound_model(folder, masks=BANDS, contract=(), inputs=(10, 512, 128), certain=10.0):
    """A folder with a model whose masks are the same for any mixture; a class sounds where its stem is not silent.

    Args:
        folder: is made.
        masks: log of the share of each target in each bin, up to a constant a bin, shape (10, 512).
        contract: keys and values in place of CONTRACT's; a value of None leaves the key out.
        inputs: of the network that hears, of a patch.
        certain: the log-odds of a class that sounds; minus that, of one that does not.
    """
    folder.mkdir(exist_ok=True)
    mixture = helper.make_tensor_value_info('mixture', TensorProto.FLOAT, ['n', 1, 512, 128])
    nodes = [
        helper.make_node('Mul', ['mixture', 'zero'], ['nothing']),
        helper.make_node('Add', ['nothing', 'shares'], ['logs']),
        helper.make_node('Softmax', ['logs'], ['masks'], axis=1),
    ]
    constants = {'zero': np.float32(0), 'shares': masks.astype(np.float32)[None, :, :, None]}
    _write(folder / 'stems.onnx', nodes, constants, mixture, ('masks', ['n', 10, 512, 128]))
    stems = helper.make_tensor_value_info('stems', TensorProto.FLOAT, ['n', *inputs])
    nodes = [
        helper.make_node('MaxPool', ['stems'], ['loudest'], kernel_shape=[512, 8], strides=[512, 8]),
        helper.make_node('Squeeze', ['loudest', 'two'], ['each']),
        helper.make_node('Gather', ['each', 'classes'], ['of_classes'], axis=1),
        # Above a tenth of the loudest of the patch it sounds, below it does not.
        helper.make_node('Sub', ['of_classes', 'tenth'], ['more']),
        helper.make_node('Sign', ['more'], ['signs']),
        helper.make_node('Mul', ['signs', 'certain'], ['log_odds']),
    ]
    constants = {
        'two': np.array([2]),
        'classes': np.arange(1, 9),
        'tenth': np.float32(0.1),
        'certain': np.float32(certain),
    }
    _write(folder / 'listen.onnx', nodes, constants, stems, ('log_odds', ['n', 8, 16]))
    told = {key: value for key, value in {**CONTRACT, **dict(contract)}.items() if value is not None}
    (folder / 'contract.json').write_text(json.dumps(told), encoding='utf-8')
    return folder


def _write(path, nodes, constants, given, output):
    name, shape = output
    graph = helper.make_graph(
        nodes,
        'hand-made',
        [given],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    path.write_bytes(model.SerializeToString())
