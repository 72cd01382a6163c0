"""``listen``: recordings made of sines, networks of which it is known what they hear."""

import copy
import os
import pickle

import numpy as np
import pytest
import soundfile

import music21_kdic
from music21_kdic import CLASSES, OutputError, UnreadableError, WriteError, listen
from music21_kdic.sound.activity import Span
from music21_kdic.sound.networks import TARGETS
from tests.sound.hand_made_sound import BANDS, EVEN, make_sound_model, pitch_of, sine, without_the_lowest

CERTAIN = pytest.approx(1 / (1 + np.exp(-10)))  # the model's log-odds are 10 and -10


def write(path, sound, rate=8192, subtype='FLOAT'):
    soundfile.write(path, sound, rate, subtype=subtype)
    return path


def stems_of(folder):
    found = [soundfile.read(folder / f'{target}.wav', dtype='float32') for target in TARGETS]
    assert {rate for _, rate in found} == {8192}
    return np.stack([sound for sound, _ in found])


def noise(samples):
    return without_the_lowest(np.random.default_rng(samples).standard_normal(samples))


def test_a_folder_is_no_recording_and_the_error_names_what_takes_folders(tune, sound_model):
    with pytest.raises(UnreadableError, match=r': a folder, wanted one .*; music21_kdic\.listen_to takes folders$'):
        listen(tune.parent, model=sound_model)
    batch = music21_kdic.listen_to(tune.parent, model=sound_model, jobs=1, quiet=True)
    assert {row.path for row in batch} == {str(tune)}


def test_what_sounds_and_when(tune, sound_model):
    activity = listen(tune, model=sound_model)
    assert isinstance(activity, music21_kdic.InstrumentActivity)
    assert (activity.status, activity.seconds, activity.path) == ('ok', 21.0, str(tune))
    assert activity.sounding == ('Bass', 'Pipe', 'Guitar')
    assert activity.spans('Bass') == [Span(0.0, 6.0, CERTAIN, True), Span(18.0, 21.0, CERTAIN, True)]
    assert activity.spans('Pipe') == [Span(6.0, 12.0, CERTAIN, True)]
    assert activity.spans('Reed') == []
    assert (activity.sounds_for('Bass'), activity.sure_for('Bass'), activity.share('Bass')) == (9, 9, 9 / 21)
    assert (activity['Bass'], activity['Reed']) == (CERTAIN, pytest.approx(1 / (1 + np.exp(10))))
    assert list(activity) == list(CLASSES)
    assert repr(activity) == f"<InstrumentActivity '{tune}', 21 s: Bass 9 s, Pipe 6 s, Guitar 3 s>"
    with pytest.raises(KeyError, match="'Kazoo' is no class"):
        activity.spans('Kazoo')


def test_an_answer_is_pickled_and_copied_and_cannot_be_changed(tune, sound_model):
    activity = listen(tune, model=sound_model)
    for other in (pickle.loads(pickle.dumps(activity)), copy.deepcopy(activity)):
        assert dict(other) == dict(activity)
        assert other.spans('Bass') == activity.spans('Bass')
        with pytest.raises(ValueError, match='read-only'):
            other.probabilities[0, 0] = 1


@pytest.mark.filterwarnings('error')
def test_a_network_may_be_very_sure(tune, tmp_path):
    activity = listen(tune, model=make_sound_model(tmp_path / 'model', certain=5000.0))
    assert (activity['Bass'], activity['Reed']) == (1.0, 0.0)


def test_nothing_sounds_in_silence(tune, sound_model):
    activity = listen(tune, model=sound_model)
    silent = (activity.times[:, 0] > 12) & (activity.times[:, 1] < 18)  # whose windows reach nothing else
    assert silent.sum() == 6
    assert activity.probabilities[silent].max() == 0
    assert activity.probabilities[~silent].min() > 0


@pytest.mark.parametrize('loud', [1e-42, 1e-38, 1e-30])
def test_what_is_all_but_silent_is_silence_whatever_numpy_is_told_to_raise(loud, sound_model, tmp_path):
    recording = write(tmp_path / 'quiet.wav', np.full(2 * 8192, loud))
    with np.errstate(all='raise'):
        assert listen(recording, model=sound_model, stems=tmp_path / 'stems').status == 'empty'


def test_it_is_sure_from_the_probability_in_the_contract_on(tune, tmp_path):
    odds = float(np.log(0.7 / 0.3))
    model = make_sound_model(tmp_path / 'model', certain=odds, contract={'sure': [0.6] * 2 + [0.8] * 6})
    activity = listen(tune, model=model)
    assert (activity.sounds_for('Guitar'), activity.sure_for('Guitar')) == (3, 3)
    assert (activity.sounds_for('Bass'), activity.sure_for('Bass')) == (9, 0)
    assert [span.sure for span in activity.spans('Bass')] == [False, False]


@pytest.mark.parametrize('rate', [8192, 44100])
@pytest.mark.parametrize('seconds', [0.2, 0.75, 1.0, 9.0, 9.1, 40.3])
def test_steps_go_from_begin_to_end(seconds, rate, sound_model, tmp_path):
    path = write(tmp_path / 'a.wav', sine(pitch_of('Organ'), seconds, rate), rate)
    activity = listen(path, model=sound_model)
    assert activity.times[0, 0] == 0
    assert activity.times[-1, 1] == pytest.approx(seconds, abs=1e-3)
    np.testing.assert_allclose(activity.times[1:, 0], activity.times[:-1, 1])
    assert len(activity.times) == len(activity.probabilities) == np.ceil(seconds / 0.75)
    assert [(span.begin, span.end) for span in activity.spans('Organ')] == [(0.0, pytest.approx(seconds, abs=1e-3))]
    table = activity.to_pandas()
    assert list(table.columns) == list(CLASSES)
    assert table.index[-1] == tuple(activity.times[-1])


def test_what_has_no_answer(tmp_path, sound_model):
    for name, sound, status in (
        ('none', np.zeros(0), 'empty'),
        ('silence', np.zeros(30_000), 'empty'),
        ('hardly more', np.full(30_000, 2.0**-17), 'empty'),
        ('one sample', np.ones(1), 'too-short'),
        ('an instant', sine(pitch_of('Bass'), 0.1), 'too-short'),
        ('of no class', sine(pitch_of('Other'), 2), 'unclear'),
    ):
        activity = listen(write(tmp_path / f'{name}.wav', sound), model=sound_model)
        assert (activity.status, activity.sounding) == (status, ())
        assert len(activity.times) == (3 if status == 'unclear' else 0)
        assert repr(activity).endswith(f': {status}>')
        assert max(activity.values()) < 0.5


def test_how_loud_it_is_does_not_matter(tmp_path, sound_model):
    sound = sine(pitch_of('Piano'), 2)
    found = [listen(write(tmp_path / 'a.wav', sound * loud), model=sound_model) for loud in (1, 1e-3, 1e5)]
    assert [activity.sounding for activity in found] == [('Piano',)] * 3


def test_a_clipped_recording_has_an_answer(tmp_path, sound_model):
    sound = sine(pitch_of('Bass'), 2, loud=5.0).clip(-1, 1)
    activity = listen(write(tmp_path / 'a.wav', sound, subtype='PCM_16'), model=sound_model)
    assert [(span.begin, span.end) for span in activity.spans('Bass')] == [(0.0, 2.0)]


def test_masks_of_a_tenth_give_stems_whose_sum_is_the_mixture(tmp_path):
    model = make_sound_model(tmp_path / 'model', masks=EVEN)
    sound = noise(100_000)
    listen(write(tmp_path / 'a.wav', sound), stems=tmp_path / 'stems', model=model)
    stems = stems_of(tmp_path / 'stems')
    assert stems.shape == (10, len(sound))
    np.testing.assert_allclose(stems.sum(axis=0), sound, atol=1e-3)
    np.testing.assert_allclose(stems[0], sound / 10, atol=1e-4)


def test_a_mask_of_one_gives_back_the_mixture(tmp_path):
    masks = np.full((10, 512), -100.0)
    masks[TARGETS.index('Brass')] = 100
    model = make_sound_model(tmp_path / 'model', masks=masks)
    sound = noise(50_000)
    listen(write(tmp_path / 'a.wav', sound), stems=tmp_path / 'stems', model=model)
    for target, stem in zip(TARGETS, stems_of(tmp_path / 'stems'), strict=True):
        np.testing.assert_allclose(stem, sound if target == 'Brass' else 0 * sound, atol=1e-3)


def test_stems_are_what_their_masks_let_through(tune, sound_model, tmp_path):
    listen(tune, model=sound_model).write_stems(tmp_path)
    stems = dict(zip(TARGETS, stems_of(tmp_path), strict=True))
    middle = slice(19 * 8192, 20 * 8192)
    for name in ('Guitar', 'Bass'):
        np.testing.assert_allclose(stems[name][middle], sine(pitch_of(name), 3, loud=0.4)[8192:16384], atol=2e-2)
    assert max(np.abs(stem[middle]).max() for name, stem in stems.items() if name not in ('Guitar', 'Bass')) < 1e-2


def test_stems_of_a_loud_recording_are_clipped(tmp_path):
    model = make_sound_model(tmp_path / 'model', masks=BANDS)
    listen(write(tmp_path / 'a.wav', sine(pitch_of('Bass'), 2, loud=3.0)), stems=tmp_path / 's', model=model)
    stem = stems_of(tmp_path / 's')[TARGETS.index('Bass')]
    wanted = sine(pitch_of('Bass'), 2, loud=3.0).clip(-1, 1)
    np.testing.assert_allclose(stem[2000:-2000], wanted[2000:-2000], atol=0.02)


def test_the_folder_of_stems_may_have_an_odd_name(tune, sound_model, tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path) + b'/odd-\xff')
    listen(tune, stems=folder, model=sound_model)
    assert len(os.listdir(folder)) == len(TARGETS)


def test_stems_of_nothing_are_empty_files(tmp_path, sound_model):
    listen(write(tmp_path / 'a.wav', np.zeros(0)), stems=tmp_path / 's', model=sound_model)
    assert stems_of(tmp_path / 's').shape == (10, 0)


def test_stems_that_are_there_are_left_alone(tune, sound_model, tmp_path):
    (tmp_path / 'Reed.wav').write_bytes(b'mine')
    with pytest.raises(OutputError, match=r'Reed.wav: is there already, and is left as it is'):
        listen(tune, stems=tmp_path, model=sound_model)
    assert [path.name for path in tmp_path.iterdir()] == ['Reed.wav']
    assert (tmp_path / 'Reed.wav').read_bytes() == b'mine'
    listen(tune, stems=tmp_path, model=sound_model, force=True)
    assert stems_of(tmp_path).shape == (10, 21 * 8192)
    activity = listen(tune, model=sound_model)
    (tmp_path / 'Reed.wav').write_bytes(b'mine')
    with pytest.raises(OutputError, match=r'--force replaces it \(force=True in Python\)'):
        activity.write_stems(tmp_path)
    assert (tmp_path / 'Reed.wav').read_bytes() == b'mine'
    activity.write_stems(tmp_path, force=True)
    assert stems_of(tmp_path).shape == (10, 21 * 8192)


@pytest.mark.parametrize('linked', [False, True])
def test_stems_do_not_take_the_place_of_their_recording(linked, tune, sound_model, tmp_path):
    path = tmp_path / 'Bass.wav'
    path.write_bytes(tune.read_bytes())
    read = path
    if linked:
        read = tmp_path / 'other.wav'
        os.link(path, read)
    activity = listen(read, model=sound_model)
    for write in (
        lambda: activity.write_stems(tmp_path, force=True),
        lambda: listen(read, stems=tmp_path, model=sound_model, force=True),
    ):
        with pytest.raises(OutputError, match=r'Bass\.wav: is a recording that is read, and is left as it is'):
            write()
    assert path.read_bytes() == tune.read_bytes()
    assert {each.name for each in tmp_path.iterdir()} == {path.name, read.name}


def test_a_recording_that_turns_out_damaged_leaves_no_stems(tmp_path, sound_model):
    path = tmp_path / 'a.flac'
    soundfile.write(path, noise(400_000), 8192)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UnreadableError, match='it is damaged'):
        listen(path, stems=tmp_path / 'stems', model=sound_model)
    assert list((tmp_path / 'stems').iterdir()) == []


def test_stems_that_cannot_be_written(tune, sound_model, tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    with pytest.raises(WriteError, match='cannot be written'):
        listen(tune, stems=tmp_path / 'file' / 'stems', model=sound_model)
