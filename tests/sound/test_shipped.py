"""The shipped model that hears: what holds of any networks that were trained as they should be."""

import numpy as np
import pytest
import soundfile

from music21_kdic import CLASSES, listen
from music21_kdic.cli import main
from music21_kdic.sound.networks import SoundModel, load_sound_model
from music21_kdic.sound.spectra import HOP, STEP, USED
from tests.sound.hand_made_sound import sine, without_the_lowest

STEPS = USED // STEP  # of a patch


@pytest.fixture(scope='module')
def plucked():
    """Forty seconds of plucked strings, low and high: noise that goes round and is averaged (Karplus and Strong)."""
    rng = np.random.default_rng(0)
    notes = [np.zeros(1024)]
    for pitch in rng.integers(40, 76, 80).tolist():
        length = round(8192 / (440 * 2 ** ((pitch - 69) / 12)))
        rounds = [rng.uniform(-1, 1, length)]
        while len(rounds) * length < 4096:
            rounds.append((rounds[-1] + np.roll(rounds[-1], 1)) / 2)
        notes.append(np.concatenate(rounds)[:4096])
    sound = without_the_lowest(np.concatenate(notes))
    sound[:512] = 0  # no frame before the first reaches into it
    return sound


@pytest.fixture(scope='module')
def recording(plucked, tmp_path_factory):
    path = tmp_path_factory.mktemp('plucked') / 'plucked.wav'
    soundfile.write(path, plucked, 8192)
    return path


@pytest.fixture(scope='module')
def activity(recording):
    return listen(recording)


def test_masks_sum_to_one():
    model = load_sound_model()
    mixture = np.random.default_rng(0).random((2, 1, 512, 128), dtype=np.float32)
    masks = model.masks(mixture)
    np.testing.assert_allclose(masks.sum(axis=1), 1, atol=1e-3)
    assert masks.min() >= 0
    assert model.log_odds(masks * mixture).std() > 0


def test_it_says_what_it_learnt_from():
    contract = SoundModel().contract
    assert contract.facts
    assert (contract.sure > 0).all()


def test_something_is_heard_in_plucked_strings(activity):
    assert activity.status == 'ok'
    assert activity.sounding


def test_what_is_heard_does_not_depend_on_where_patches_begin(activity, plucked, tmp_path):
    """After as much silence as a patch uses, each patch is what it was."""
    soundfile.write(tmp_path / 'a.wav', np.concatenate([np.zeros(USED * HOP, np.float32), plucked]), 8192)
    later = listen(tmp_path / 'a.wav')
    assert later.probabilities[: STEPS - 1].max() == 0
    np.testing.assert_allclose(later.probabilities[STEPS:], activity.probabilities, atol=1e-5)


def test_stems_are_together_the_recording(recording, plucked, tmp_path):
    listen(recording, stems=tmp_path)
    stems = [soundfile.read(path)[0] for path in tmp_path.iterdir()]
    assert len(stems) == len(CLASSES) + 2
    assert np.abs(sum(stems) - plucked).max() < 0.01


def test_the_command_and_a_page_use_it(recording, activity, tmp_path, capsys):
    assert main(['listen', str(recording), '--jobs', '1']) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[0] == activity.sounding[0]
    page = tmp_path / 'page.html'
    assert main(['report', str(recording), '-o', str(page), '--jobs', '1']) == 0
    text = page.read_text(encoding='utf-8')
    assert all(f'sounds for {100 * activity.share(name):.0f} % of 0:40' in text for name in activity.sounding)


def test_a_sine_has_an_answer(tmp_path):
    soundfile.write(tmp_path / 'a.flac', sine(440, 3), 8192)
    assert listen(tmp_path / 'a.flac').status in ('ok', 'unclear')
